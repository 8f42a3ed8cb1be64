// An IndieAuth provider for one owner, who allows everything at once: it stands in
// for the one that a newcomer has. Plain HTTP; Caddy puts TLS before it.
//
//   node provider.mjs PORT https://provider.example/ https://ada.example/

import { createServer } from 'node:http'
import { randomBytes } from 'node:crypto'

const [port, issuer, me] = process.argv.slice(2)
const codes = new Map()
const tokens = new Map()

const server = createServer(async (request, response) => {
  const url = new URL(request.url, issuer)
  let body = ''
  for await (const chunk of request) body += chunk
  const form = new URLSearchParams(body)
  const json = (status, value) => {
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(value))
  }
  if (url.pathname === '/metadata') {
    return json(200, {
      issuer, authorization_endpoint: `${issuer}auth`, token_endpoint: `${issuer}token`,
      introspection_endpoint: `${issuer}introspect`, code_challenge_methods_supported: ['S256'],
    })
  }
  if (url.pathname === '/auth') {
    const asked = url.searchParams
    const code = randomBytes(16).toString('hex')
    codes.set(code, { client_id: asked.get('client_id'), redirect_uri: asked.get('redirect_uri'), scope: asked.get('scope') })
    const back = new URL(asked.get('redirect_uri'))
    back.searchParams.set('code', code)
    back.searchParams.set('state', asked.get('state'))
    back.searchParams.set('iss', issuer)
    response.writeHead(302, { Location: back.href })
    return response.end()
  }
  if (url.pathname === '/token' && request.method === 'POST') {
    const granted = codes.get(form.get('code'))
    codes.delete(form.get('code'))
    if (!granted || granted.client_id !== form.get('client_id') || granted.redirect_uri !== form.get('redirect_uri')) {
      return json(400, { error: 'invalid_grant' })
    }
    const token = randomBytes(24).toString('hex')
    tokens.set(token, granted)
    return json(200, { access_token: token, token_type: 'Bearer', scope: granted.scope, me })
  }
  if (url.pathname === '/introspect') {
    const known = tokens.get(form.get('token'))
    return json(200, known ? { active: true, me, client_id: known.client_id, scope: known.scope } : { active: false })
  }
  return json(404, { error: 'not_found' })
})
server.listen(Number(port), '127.0.0.1')
