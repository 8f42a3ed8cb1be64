// Posts to a running site as an app would that somebody else wrote: through
// micropub-helper, the library of several Micropub clients.
//
//   npm install
//   STARPUNK_TOKEN=… STARPUNK_TOKEN_WRONG=… node clients.mjs http://127.0.0.1:8080/
//
// The address may also come from STARPUNK_URL. STARPUNK_TOKEN needs the scopes
// create, update and delete; STARPUNK_TOKEN_WRONG is a valid token
// with none that Micropub knows, such as profile. Notes are left on the site.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { randomUUID } from 'node:crypto'

const site = process.argv[2] ?? process.env.STARPUNK_URL
const { STARPUNK_TOKEN: token, STARPUNK_TOKEN_WRONG: wrongToken } = process.env
if (!site || !token || !wrongToken) {
  console.error('clients: give the site as argument or in STARPUNK_URL, and set STARPUNK_TOKEN and STARPUNK_TOKEN_WRONG')
  process.exit(2)
}

// micropub-helper looks for relParser by name. The pinned rel-parser, which
// reads pages with a browser's parser, exports the same function without one.
const require = createRequire(import.meta.url)
const relParser = require('rel-parser')
relParser.relParser ??= relParser
const { Micropub } = require('micropub-helper')

let passed = 0
let failed = 0

async function check(name, run) {
  try {
    await run()
    passed++
    console.log(`ok    ${name}`)
  } catch (error) {
    failed++
    const answer = error.status ? ` (${error.status} ${typeof error.error === 'string' ? error.error : ''})` : ''
    console.log(`FAIL  ${name}: ${error.message}${answer}`.replaceAll(/\s+/g, ' '))
  }
}

// Words that no other note has, and characters that are decoded once only.
const words = () => `note ${randomUUID()}: 50% off and 1+1, für alle`

// The page is there by the time that the client hears of it.
async function assertLive(location, text) {
  assert.ok(location.startsWith(new URL('/', site).href), `Location ${location} is not an address of the site`)
  const response = await fetch(location, { redirect: 'manual' })
  assert.equal(response.status, 200, `GET ${location}: status ${response.status}`)
  const page = await response.text()
  const id = text.match(/[0-9a-f-]{36}/)[0]
  assert.ok(page.includes(id), `${location} does not contain ${id}`)
  return page
}

async function assertSource(app, location, text) {
  const { properties } = await app.querySource(location, ['content', 'category'])
  assert.deepEqual(properties, { content: [text], category: ['clients', 'one two'] })
}

const app = new Micropub()
const category = ['clients', 'one two']
let location // of the note that the later checks work on

await check('the front page names its endpoints', async () => {
  const endpoints = await app.getEndpointsFromUrl(site)
  assert.equal(endpoints.micropub, new URL('/micropub', site).href)
  for (const name of ['auth', 'token']) assert.ok(URL.canParse(endpoints[name]), `${name}: ${endpoints[name]}`)
})

app.options = { token }

await check('the token is accepted', () => app.verifyToken())

await check('a form makes a note, live at once', async () => {
  const content = words()
  const created = await app.create({ h: 'entry', content, category }, 'form')
  await assertLive(created, content)
  await assertSource(app, created, content)
})

await check('JSON makes a note, live at once', async () => {
  const content = words()
  const created = await app.create({ type: ['h-entry'], properties: { content: [content], category } }, 'json')
  await assertLive(created, content)
  await assertSource(app, created, content)
  location = created
})

await check('multipart makes a note, live at once', async () => {
  const content = words()
  const created = await app.create({ h: 'entry', content, category }, 'multipart')
  await assertLive(created, content)
  await assertSource(app, created, content)
})

await check('q=config says whereto', async () => {
  const config = await app.query('config')
  assert.ok(Array.isArray(config['syndicate-to']), 'no syndicate-to')
  assert.ok(config['post-types'].some(({ type }) => type === 'note'), 'no post type note')
})

await check('q=syndicate-to and q=category are lists', async () => {
  assert.ok(Array.isArray((await app.query('syndicate-to'))['syndicate-to']))
  const { categories } = await app.query('category')
  assert.ok(categories.includes('one two'), `categories: ${categories}`)
})

await check('q=source gives the whole note, and lists notes', async () => {
  const source = await app.querySource(location)
  assert.deepEqual(source.type, ['h-entry'])
  assert.ok(source.properties.published?.[0], 'no published')
  const { items } = await app.querySource({ limit: 2 })
  assert.equal(items.length, 2)
  assert.ok(items[0].properties.url?.[0], 'an item has no url')
})

await check('an update is live at once', async () => {
  const content = words()
  await app.update(location, { replace: { content: [content] }, add: { category: ['three'] }, delete: { category: ['one two'] } })
  await assertLive(location, content)
  const { properties } = await app.querySource(location, ['content', 'category'])
  assert.deepEqual(properties, { content: [content], category: ['clients', 'three'] })
  await app.update(location, { delete: ['category'] })
  assert.deepEqual((await app.querySource(location, ['category'])).properties, {})
})

await check('a deleted note is gone at once, and comes back as it was', async () => {
  const page = await (await fetch(location)).text()
  for (let twice = 0; twice < 2; twice++) {
    await app.delete(location)
    assert.equal((await fetch(location)).status, 410)
    await assert.rejects(app.querySource(location), (error) => error.status === 400)
    await app.undelete(location)
    assert.equal(await (await fetch(location)).text(), page)
  }
})

await check('a token without the scope reads nothing', async () => {
  app.options = { token: wrongToken }
  for (const ask of [() => app.query('config'), () => app.querySource(location)]) {
    await assert.rejects(ask(), (error) => {
      assert.equal(error.status, 403)
      assert.equal(JSON.parse(error.error).error, 'insufficient_scope')
      return true
    })
  }
})

await check('a token without the scope writes nothing', async () => {
  app.options = { token: wrongToken }
  await assert.rejects(app.create({ h: 'entry', content: words() }, 'form'))
  // The library does not say with which status it was refused.
  const response = await fetch(app.options.micropubEndpoint, {
    method: 'POST',
    headers: { Authorization: `Bearer ${wrongToken}` },
    body: new URLSearchParams({ h: 'entry', content: words() }),
  })
  assert.equal(response.status, 403)
  assert.equal((await response.json()).error, 'insufficient_scope')
  assert.equal(response.headers.get('location'), null)
})

console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
