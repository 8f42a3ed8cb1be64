// Package provider is an IndieAuth server for one owner: that of "serve --dev", and that of
// a site with provider.enabled.
//
// A [Provider] serves metadata, authorization, token, introspection, revocation and
// userinfo endpoints, as in the [IndieAuth] living standard of 2024-07-11. A
// verifier of tokens uses the same discovery and the same HTTP requests as with any
// other server.
//
//	app ──▶ authorize ──▶ sign in by passkey or code ──▶ consent ──▶ app with a code
//	app with a code ──▶ token: access token and refresh token
//	receiver ──▶ introspect
//
// The owner signs in with a passkey (WebAuthn) or with a code of the command line.
// There is no password. A sign-in is a session of ten minutes. StarPunk
// fetches the page of an app only within a session, and redirects only then: so a
// stranger can make the server neither fetch an address nor redirect to one.
//
// Forms have three protections against other pages: a strict cookie, a token of the
// session, and a check of the page that sent them. No page may be framed, and the
// only script is passkey.js.
//
// Codes, sessions and challenges are in memory. Passkeys and tokens are in a
// [state.File], the secrets as SHA-256 only.
//
// A preview listens on the loopback address, and has neither cookies nor passkeys:
// programs on other ports of the machine would receive the cookies. The owner types
// the code of [Provider.Code] with each decision. A request must name the loopback
// address in its Host header, which a page that rebinds its own name to 127.0.0.1
// cannot do. It fetches no page, and redirects an app only to the scheme, host and
// port of its client_id or to a loopback address.
//
// [IndieAuth]: https://indieauth.spec.indieweb.org/
package provider
