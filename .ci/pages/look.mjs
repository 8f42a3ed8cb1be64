// look.mjs SITES OUT README: pictures of every kind of page, and those of the README.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { browser, serve } from './serve.mjs'

const [sites, out, readme] = process.argv.slice(2)

const kinds = {
  trial: {
    front: '/', page: '/about/', note: '/2026/06/plain/', 'note-of-a-day': '/2026/06/dateonly/', article: '/2026/06/article/',
    photo: '/2026/05/photo/', photos: '/2026/05/photos/', video: '/2026/05/video/', audio: '/2026/05/audio/',
    reply: '/2026/04/reply/', 'reply-context': '/2026/04/reply-context/', like: '/2026/04/like/', repost: '/2026/04/repost/',
    bookmark: '/2026/04/bookmark/', 'rsvp-yes': '/2026/04/rsvp-yes/', 'rsvp-no': '/2026/04/rsvp-no/',
    checkin: '/2026/03/checkin/', read: '/2026/03/read/', event: '/2026/03/event/', place: '/2026/03/geo/',
    'right-to-left': '/2026/02/rtl/', html: '/2026/02/html/', unlisted: '/2026/02/unlisted/', bundle: '/2026/01/ridge/',
    moved: '/old/address/', year: '/2026/', month: '/2026/06/', tag: '/tags/indieweb/', 'tag-year': '/tags/indieweb/2026/',
    tags: '/tags/', type: '/photos/', 'type-year': '/photos/2026/', missing: '/nowhere/'
  },
  sample: { 'sample-front': '/', 'sample-photo': '/2026/09/low-tide/', 'sample-article': '/2026/11/setting-a-barometer/' },
  empty: { 'empty-front': '/', 'empty-tags': '/tags/' }
}

await mkdir(out, { recursive: true })
const chrome = await chromium.launch(browser)
for (const [site, pages] of Object.entries(kinds)) {
  const server = await serve(join(sites, site, 'public'))
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [320, 768, 1280]) {
      const context = await chrome.newContext({ colorScheme, viewport: { width, height: 900 }, javaScriptEnabled: false })
      const page = await context.newPage()
      for (const [name, path] of Object.entries(pages)) {
        // Where a page that moved leads is another server's affair.
        await page.route(url => url.origin !== server.url, route => route.abort())
        await page.goto(server.url + path, { waitUntil: 'load' }).catch(error => console.error(`${path}: ${error.message}`))
        await page.screenshot({ path: join(out, `${name}-${width}-${colorScheme}.png`), fullPage: true })
      }
      await context.close()
    }
  }
  const page = await chrome.newPage()
  for (const [name, path] of Object.entries(pages)) {
    if (!/^(article|photos)$/.test(name)) continue
    await page.goto(server.url + path)
    await writeFile(join(out, `${name}-print.pdf`), await page.pdf({ format: 'A4' }))
  }
  if (site === 'sample') await forReadme(server)
  server.close()
}
await chrome.close()
console.log(`look: the pictures are in ${out}`)

// The README shows a wide and a narrow page side by side. Frames may be narrower
// than a window, and take the colour scheme of their element.
async function forReadme (server) {
  for (const scheme of ['light', 'dark']) {
    const page = await chrome.newPage({ colorScheme: scheme, viewport: { width: 1672, height: 920 } })
    await page.goto(server.url + '/404.html')
    await page.setContent(`<!DOCTYPE html>
<style>
  body { margin: 0; max-width: none; display: flex; gap: 24px; padding: 24px; background: #a79f92 }
  iframe { border: 0; border-radius: 8px; height: 872px; color-scheme: ${scheme} }
</style>
<iframe src="${server.url}/" style="width: 1280px" scrolling="no"></iframe>
<iframe src="${server.url}/2026/09/low-tide/" style="width: 320px" scrolling="no"></iframe>`, { waitUntil: 'load' })
    await page.waitForLoadState('networkidle')
    await page.screenshot({ path: join(readme, `${scheme}.png`) })
    await page.close()
  }
}
