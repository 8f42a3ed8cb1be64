// Signs in to a site and posts to it, as an app does that is built on
// micropub-helper; prints the address of the note. The owner allows the app in
// Chromium, with the passkey in a file. Without the file, an outside provider allows
// it at once.
//
//   node post.mjs https://ada.example/ [passkey.json]

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const [me, passkeys] = process.argv.slice(2)
const require = createRequire(new URL('../clients/', import.meta.url))
const relParser = require('rel-parser')
relParser.relParser ??= relParser // see .ci/clients/clients.mjs
const { Micropub } = require('micropub-helper')

const redirectUri = 'https://app.example/signed-in'
const app = new Micropub({
  me, clientId: 'https://app.example/', redirectUri,
  scope: 'create update delete media', state: 'a-state',
})
const authUrl = await app.getAuthUrl()
const back = new URL(passkeys ? await allowInBrowser() : await allowedAtOnce())
assert.equal(back.searchParams.get('state'), 'a-state')
if (passkeys) assert.equal(back.searchParams.get('iss'), me)
await app.getToken(back.searchParams.get('code'))

const text = 'Posted by a newcomer from an app.'
const location = await app.create({ h: 'entry', content: text, category: ['hello'] }, 'form')
const page = await fetch(location, { redirect: 'error' })
assert.equal(page.status, 200, `GET ${location}: ${page.status}`)
assert.ok((await page.text()).includes(text), `${location} is not the note's page`)
console.log(location)

async function allowedAtOnce () {
  const allowed = await fetch(authUrl, { redirect: 'manual' })
  assert.equal(allowed.status, 302, `GET ${authUrl}: ${allowed.status}`)
  return allowed.headers.get('location')
}

async function allowInBrowser () {
  const { openPhone } = await import('./passkey.mjs')
  const phone = await openPhone(passkeys)
  try {
    const address = await phone.signIn(authUrl, redirectUri)
    assert.match(await phone.apps(`${me}auth/`), /No app has access/)
    return address
  } finally {
    await phone.close()
  }
}
