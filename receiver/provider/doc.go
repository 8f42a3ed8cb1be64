// Package provider is the IndieAuth server of a development site. It lets one
// person at one machine sign an app in to a site that no other machine can
// reach.
//
// A [Provider] serves on the loopback address of the site itself, below
// [Prefix]: metadata, authorization, token, introspection and revocation, as in
// the [IndieAuth] living standard of 2024-07-11. A verifier of tokens uses the
// same discovery and the same HTTP requests as with any other server.
//
// There is no password and no cookie. To approve an app, the owner types the
// code that [Provider.Code] returns and that the terminal shows. So only a
// person at the machine can approve an app. Three checks protect the form from
// other pages in the owner's browser. A request must name the loopback address
// in its Host header, which a page that rebinds its own name to 127.0.0.1 cannot
// do. The form must be sent by the page that shows it. No page may frame it.
//
// Codes and tokens are random, limited in number and short-lived. Only their
// SHA-256 is stored, in memory, until the process ends.
//
// The package reads and writes no file and opens no connection. It therefore
// never fetches the page at a client_id. It redirects an app only to the scheme,
// host and port of its client_id or to a loopback address, and never to a
// redirect_uri that only that page lists.
//
// Do not use it as an identity provider on the Internet. It is constructed only
// when the site runs for development.
//
// [IndieAuth]: https://indieauth.spec.indieweb.org/
package provider
