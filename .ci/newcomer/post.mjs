// Signs in to a site and posts to it, as an app does that is built on
// micropub-helper; prints the address of the note.
//
//   node post.mjs https://ada.example/

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const me = process.argv[2]
const require = createRequire(new URL('../clients/', import.meta.url))
const relParser = require('rel-parser')
relParser.relParser ??= relParser // see .ci/clients/clients.mjs
const { Micropub } = require('micropub-helper')

const app = new Micropub({
  me, clientId: 'https://app.example/', redirectUri: 'https://app.example/signed-in',
  scope: 'create update delete media', state: 'a-state',
})
const authUrl = await app.getAuthUrl()
const allowed = await fetch(authUrl, { redirect: 'manual' })
assert.equal(allowed.status, 302, `GET ${authUrl}: ${allowed.status}`)
const back = new URL(allowed.headers.get('location'))
assert.equal(back.searchParams.get('state'), 'a-state')
await app.getToken(back.searchParams.get('code'))

const text = 'Posted by a newcomer from an app.'
const location = await app.create({ h: 'entry', content: text, category: ['hello'] }, 'form')
const page = await fetch(location, { redirect: 'error' })
assert.equal(page.status, 200, `GET ${location}: ${page.status}`)
assert.ok((await page.text()).includes(text), `${location} is not the note's page`)
console.log(location)
