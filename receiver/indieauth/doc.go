// Package indieauth answers one question: is this access token the owner's?
//
// The owner is a single profile URL. A [Verifier] fetches that page, finds the
// endpoints that it names (IndieAuth §4.1) and asks them about the token, by
// token introspection (RFC 7662) or in the older way, a GET on the token endpoint
// ("Access Token Verification" in the IndieAuth of 2020-01-25). A [Token] is the
// answer: whose it is, which client holds it and what it may do. An [Error] says
// why there is none, in a sentence that may be sent to a stranger.
//
//	v, err := indieauth.New(indieauth.Options{Me: "https://example.org/", TokenCache: true})
//	...
//	tok, err := v.Verify(ctx, token, clientAddr)
//	if err != nil || !tok.Has("create") { ... }
//
// Endpoints are always discovered and never configured. Everything fetched is
// bounded in time, size and redirects, and outside of development only HTTPS to
// public addresses is spoken, checked on the address that is dialled. Whatever
// is not a clear yes is a no. Answers are kept in memory alone, for minutes;
// known endpoints outlive an outage of the profile page by a day at most.
//
// The package issues no tokens, signs nobody in, knows nothing of notes or of
// Micropub's actions, writes nothing to disk, and never lets a token into a
// URL, a log or an error.
package indieauth
