// Signs in to a development site as an app does, and prints the access token.
//
//   node signin.mjs http://127.0.0.1:8080/ K7QF-2MXA "create update"
//
// The code is the one that "starpunk serve --dev" prints. The app does not
// exist: a preview fetches no client's page.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'

const [site, passcode, scope] = process.argv.slice(2)
if (!site || !passcode || !scope) {
  console.error('signin: give the site, the code from its terminal, and the scopes')
  process.exit(2)
}

const client_id = 'https://app.example/'
const redirect_uri = 'https://app.example/signed-in'

// The answer to a form, which is followed nowhere.
async function post(url, fields) {
  const response = await fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) })
  assert.ok(response.status < 400, `POST ${url}: status ${response.status}`)
  return response
}

// IndieAuth §4.1: the owner's page leads to the metadata.
const page = await (await fetch(site)).text()
const link = page.match(/<link rel="indieauth-metadata" href="([^"]+)">/)
assert.ok(link, `${site} has no link to indieauth-metadata`)
const metadata = await (await fetch(link[1])).json()

// IndieAuth §5.2: what the owner's browser would send when the owner allows it.
const state = randomBytes(16).toString('base64url')
const code_verifier = randomBytes(32).toString('base64url')
const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
const fields = new URLSearchParams({
  response_type: 'code', client_id, redirect_uri, state, scope, code_challenge, code_challenge_method: 'S256',
  passcode, decision: 'allow',
})
for (const word of scope.split(' ')) fields.append('grant', word)
const allowed = await post(metadata.authorization_endpoint, fields)
const back = new URL(allowed.headers.get('location'))
assert.equal(back.origin + back.pathname, redirect_uri)
assert.equal(back.searchParams.get('state'), state)
assert.equal(back.searchParams.get('iss'), metadata.issuer) // RFC 9207 §2.4

// IndieAuth §5.3.3: the code is exchanged for a token.
const answer = await (await post(metadata.token_endpoint, {
  grant_type: 'authorization_code', code: back.searchParams.get('code'), client_id, redirect_uri, code_verifier,
})).json()
assert.equal(answer.scope, scope)
console.log(answer.access_token)
