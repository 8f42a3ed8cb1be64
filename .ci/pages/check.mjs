// check.mjs SITES [CHECK…]: what other people's programs say of every built page.
// Prints what is wrong, and exits with 1 if anything is.
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { browser, serve } from './serve.mjs'
import { compare } from './mf2.mjs'

const [sites, ...named] = process.argv.slice(2)
const checks = { html, mf2: microformats, axe, width, lighthouse }
const require = createRequire(import.meta.url)

let wrong = 0
function report (what) {
  wrong++
  console.log(`  ${what}`)
}

for (const name of named.length ? named : Object.keys(checks)) {
  console.log(`== ${name}`)
  await checks[name]()
}
if (wrong) console.log(`${wrong} wrong`)
process.exit(wrong ? 1 : 0)

// pages are the addresses of the HTML pages of a site.
async function pages (site) {
  const files = await readdir(join(sites, site, 'public'), { recursive: true })
  return files.filter(f => f.endsWith('.html')).map(f => '/' + f.replace(/(^|\/)index\.html$/, '$1')).sort()
}

function fileOf (site, path) {
  return join(sites, site, 'public', path.endsWith('/') ? path + 'index.html' : path)
}

// Valid HTML, by the standard and by its rules for accessibility.
async function html () {
  const { HtmlValidate } = await import('html-validate')
  const validator = new HtmlValidate({ root: true, extends: ['html-validate:standard', 'html-validate:a11y'] })
  let count = 0
  for (const site of ['sample', 'trial', 'empty', 'wide']) {
    for (const path of await pages(site)) {
      count++
      const { results } = await validator.validateString(await readFile(fileOf(site, path), 'utf8'))
      for (const m of results.flatMap(r => r.messages)) {
        report(`${site}${path}:${m.line}:${m.column}: ${m.message} (${m.ruleId})`)
      }
    }
  }
  console.log(`  ${count} pages validated`)
}

// The microformats of each note's page are the note that its file holds.
async function microformats () {
  for (const site of ['sample', 'trial']) {
    const count = await compare(join(sites, site), what => report(`${site}: ${what}`))
    console.log(`  ${count} notes of ${site} read back`)
  }
}

// No violation on any page, in either colour scheme.
async function axe () {
  const { chromium } = await import('playwright-core')
  const chrome = await chromium.launch(browser)
  const script = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8')
  for (const site of ['sample', 'trial', 'empty']) {
    const server = await serve(join(sites, site, 'public'))
    let count = 0
    for (const colorScheme of ['light', 'dark']) {
      const context = await chrome.newContext({ colorScheme, viewport: { width: 1280, height: 900 } })
      const page = await context.newPage()
      await page.route(url => url.origin !== server.url, route => route.abort())
      for (const path of await pages(site)) {
        if (/http-equiv="refresh"/.test(await readFile(fileOf(site, path), 'utf8'))) continue // it leads away
        await page.goto(server.url + path)
        await page.evaluate(script)
        const { violations } = await page.evaluate(() => globalThis.axe.run())
        count++
        for (const v of violations) {
          report(`${site}${path} (${colorScheme}): ${v.id}: ${v.help}: ${v.nodes.map(n => n.html).slice(0, 2).join(' ')}`)
        }
      }
      await context.close()
    }
    server.close()
    console.log(`  ${count} views of ${site}`)
  }
  await chrome.close()
}

// No page is wider than the screen of a phone, whatever the words on it.
async function width () {
  const { chromium } = await import('playwright-core')
  const chrome = await chromium.launch(browser)
  for (const site of ['sample', 'trial', 'empty', 'wide']) {
    const server = await serve(join(sites, site, 'public'))
    let count = 0
    for (const screen of [320, 412]) {
      const page = await chrome.newPage({ viewport: { width: screen, height: 800 } })
      await page.route(url => url.origin !== server.url, route => route.abort())
      for (const path of await pages(site)) {
        if (/http-equiv="refresh"/.test(await readFile(fileOf(site, path), 'utf8'))) continue // it leads away
        await page.goto(server.url + path)
        const wide = await page.evaluate(() => {
          const root = document.documentElement
          if (root.scrollWidth <= root.clientWidth) return ''
          const out = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > root.clientWidth)
          return `${root.scrollWidth} px: ${out.slice(-1)[0]?.outerHTML.slice(0, 120)}`
        })
        count++
        if (wide) report(`${site}${path} on ${screen} px is ${wide}`)
      }
      await page.close()
    }
    server.close()
    console.log(`  ${count} views of ${site}`)
  }
  await chrome.close()
}

// 100 of 100 in each category.
async function lighthouse () {
  const { default: run } = await import('lighthouse')
  const { launch } = await import('chrome-launcher')
  const server = await serve(join(sites, 'sample', 'public'), 'https://ida.example/')
  const chrome = await launch({ chromePath: browser.executablePath, chromeFlags: ['--headless', ...browser.args] })
  for (const path of ['/', '/2026/11/setting-a-barometer/', '/2026/09/low-tide/']) {
    const { lhr } = await run(server.url + path, { port: chrome.port, logLevel: 'error', output: 'json' })
    const scores = Object.values(lhr.categories).map(c => `${c.title} ${Math.round(c.score * 100)}`)
    console.log(`  ${path}: ${scores.join(', ')}`)
    for (const category of Object.values(lhr.categories)) {
      if (category.score === 1) continue
      const lost = category.auditRefs.filter(ref => ref.weight > 0 && lhr.audits[ref.id].score < 1)
      report(`${path}: ${category.title}: ${lost.map(ref => `${ref.id} ${lhr.audits[ref.id].displayValue ?? ''}`).join(', ')}`)
    }
  }
  await chrome.kill()
  server.close()
}
