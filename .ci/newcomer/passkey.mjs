// A browser with an authenticator, as a phone has: Chromium with a virtual one.
//
//   const phone = await openPhone('passkey.json')   which has its passkeys, if it exists
//   await phone.register('https://…/auth/register#SECRET')
//   const back = await phone.signIn(authUrl, 'https://app.example/signed-in')

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../clients/', import.meta.url))
const { chromium } = require('playwright-core')

// openPhone starts Chromium (CHROMIUM is the program). It trusts the certificates
// whose key has the hash SPKI: a passkey needs a trusted page.
export async function openPhone (passkeys) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', `--ignore-certificate-errors-spki-list=${process.env.SPKI}`]
  })
  const page = await (await browser.newContext({ viewport: { width: 320, height: 640 } })).newPage()
  page.on('pageerror', error => assert.fail(`a script of the page fails: ${error}`))
  page.on('console', message => { if (message.type() === 'error') console.error(`browser: ${message.text()}`) })
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true,
      hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true
    }
  })
  for (const credential of existsSync(passkeys) ? JSON.parse(readFileSync(passkeys)) : []) {
    await devtools.send('WebAuthn.addCredential', { authenticatorId, credential })
  }
  return {
    // register registers a passkey, and writes it to the file.
    async register (address) {
      await page.goto(address)
      await page.getByLabel('A name for this device').fill('Phone')
      await fits(page)
      assert.ok(!page.url().includes('#'), 'the secret stays in the address')
      await page.getByRole('button', { name: 'Register' }).click()
      await page.getByText('The passkey is registered.').waitFor()
      await fits(page)
      const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId })
      writeFileSync(passkeys, JSON.stringify(credentials))
    },
    // signIn allows an app, and returns the address that the app is called at.
    async signIn (authUrl, redirectUri) {
      await page.route(`${redirectUri}?**`, route => route.fulfill({ body: 'signed in' }))
      await page.goto(authUrl)
      await fits(page)
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await page.getByRole('heading', { name: 'Allow this app?' }).waitFor()
      await fits(page)
      await page.getByRole('button', { name: 'Allow' }).click()
      await page.waitForURL(`${redirectUri}?**`)
      return page.url()
    },
    // apps returns the text of the list of apps.
    async apps (address) {
      await page.goto(address)
      const passkey = page.getByRole('button', { name: 'Use a passkey' })
      if (await passkey.isVisible()) await passkey.click() // not within the session of a sign-in
      await page.getByRole('heading', { name: 'Apps with access' }).waitFor()
      await fits(page)
      return await page.getByRole('main').innerText()
    },
    close: () => browser.close()
  }
}

// fits fails if a page is wider than the screen. With PICTURES, which names a folder,
// it takes a picture in both colour schemes.
async function fits (page) {
  for (const colorScheme of process.env.PICTURES ? ['light', 'dark'] : []) {
    await page.emulateMedia({ colorScheme })
    const name = (await page.title()).replaceAll(/\W+/g, '-')
    await page.screenshot({ path: `${process.env.PICTURES}/${name}-${colorScheme}.png`, fullPage: true })
  }
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  assert.ok(width <= 320, `${page.url()} is ${width} pixels wide on a screen of 320`)
}
