// Posts to a running site as an app would that somebody else wrote: through
// micropub-helper, the library of several Micropub clients.
//
//   npm install
//   STARPUNK_TOKEN=… STARPUNK_TOKEN_WRONG=… node clients.mjs http://127.0.0.1:8080/
//
// The address may also come from STARPUNK_URL. STARPUNK_TOKEN needs the scopes
// create, update, delete and media; STARPUNK_TOKEN_WRONG is a valid token
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
  assert.equal(new URL(config['media-endpoint']).origin, new URL(site).origin)
  app.options = { mediaEndpoint: config['media-endpoint'] }
  assert.ok(Array.isArray(config['syndicate-to']), 'no syndicate-to')
  assert.ok(config['post-types'].some(({ type }) => type === 'note'), 'no post type note')
})

await check('q=syndicate-to and q=category are lists', async () => {
  assert.ok(Array.isArray((await app.query('syndicate-to'))['syndicate-to']))
  const { categories } = await app.query('category')
  assert.ok(categories.includes('one two'), `categories: ${categories}`)
})

await check('q=post-types, q=channel and q=contact are lists', async () => {
  const { 'post-types': types } = await app.query('post-types')
  assert.ok(types.every(({ type, name }) => type && name), `post types: ${JSON.stringify(types)}`)
  assert.ok(Array.isArray((await app.query('channel')).channels))
  assert.ok(Array.isArray((await app.query('contact')).contacts))
  await assert.rejects(app.query('weather'), (error) => error.status === 400)
})

// A picture of one white point, with a comment that is nobody's business.
const secret = 'made at home'
const comment = Buffer.concat([Buffer.from([0x21, 0xfe, secret.length]), Buffer.from(secret), Buffer.from([0])])
const point = Buffer.from('R0lGODlhAQABAIABAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64')
const picture = new File([point.subarray(0, -1), comment, point.subarray(-1)], '../point.html', { type: 'text/html' })

// The file is on the site, as what it is and without its comment.
async function assertPicture(address) {
  const response = await fetch(address, { redirect: 'manual' })
  assert.equal(response.status, 200, `GET ${address}: status ${response.status}`)
  assert.equal(response.headers.get('content-type'), 'image/gif')
  assert.ok(!Buffer.from(await response.arrayBuffer()).includes(secret), `${address} tells where it was made`)
}

let photo // on the site

await check('an upload is live at once, and its text stands with it', async () => {
  photo = await app.postMedia(picture)
  await assertPicture(photo)
  const content = words()
  const created = await app.create({ type: ['h-entry'], properties: { content: [content], photo: [{ value: photo, alt: 'A "point"' }] } })
  const page = await assertLive(created, content)
  assert.ok(page.includes(new URL(photo).pathname), `${created} lacks its photo`)
  assert.deepEqual((await app.querySource(created, ['photo'])).properties, { photo: [{ value: photo, alt: 'A "point"' }] })
})

await check('the same file is uploaded once', async () => {
  assert.equal(await app.postMedia(picture), photo)
})

await check('files inside a note are live with it', async () => {
  const content = words()
  const created = await app.create({ h: 'entry', content, photo: [picture] }, 'multipart')
  await assertLive(created, content)
  const { properties } = await app.querySource(created, ['photo'])
  assert.deepEqual(properties, { photo: [photo] })
})

await check('the media endpoint lists what was uploaded', async () => {
  const asking = new Micropub({ token, micropubEndpoint: app.options.mediaEndpoint })
  const { items } = await asking.query('source')
  assert.ok(items.some(({ url, mime_type: type }) => url === photo && type === 'image/gif'), `items: ${JSON.stringify(items)}`)
})

await check('what is no picture is not uploaded', async () => {
  const page = new File(['<!doctype html><script>alert(1)</script>'], 'point.gif', { type: 'image/gif' })
  await assert.rejects(app.postMedia(page), (error) => error.status === 415)
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
  const read = async () => (await (await fetch(location)).text()).replace(/<script>[^]*?<\/script>/g, '') // the preview's own
  const page = await read()
  for (let twice = 0; twice < 2; twice++) {
    await app.delete(location)
    assert.equal((await fetch(location)).status, 410)
    await assert.rejects(app.querySource(location), (error) => error.status === 400)
    await app.undelete(location)
    assert.equal(await read(), page)
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
  await assert.rejects(app.postMedia(picture))
  await assert.rejects(app.update(location, { delete: ['content'] }))
  await assert.rejects(app.delete(location))
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
