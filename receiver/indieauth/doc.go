// Package indieauth verifies that an access token belongs to the owner of the
// site.
//
// The owner is a single profile URL. A [Verifier] fetches that page, finds the
// endpoints that it names (IndieAuth §4.1) and verifies the token with them, by
// token introspection (RFC 7662) or by the older method, a GET on the token
// endpoint ("Access Token Verification" in the IndieAuth of 2020-01-25). The
// result is a [Token] with its owner, its client and its scopes, or an [Error]
// with the reason, in a sentence that may be sent to a stranger.
//
//	v, err := indieauth.New(indieauth.Options{Me: "https://example.org/", TokenCache: true})
//	...
//	tok, err := v.Verify(ctx, token, clientAddr)
//	if err != nil || !tok.Has("create") { ... }
//
// Endpoints are always discovered and never configured. Every fetch is limited
// in time, size and redirects. Outside of development, only HTTPS to public
// addresses is used; the check is made on the address that is dialled. Any
// response other than a clear confirmation is a rejection. Results are cached in
// memory only, for minutes; known endpoints stay in use for at most a day after
// discovery while the profile page has an outage.
//
// The package issues no tokens, signs no person in, is independent of notes and
// of Micropub's actions, writes nothing to disk, and never puts a token into a
// URL, a log or an error.
package indieauth
