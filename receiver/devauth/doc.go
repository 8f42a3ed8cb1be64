// Package devauth is the IndieAuth server of a development site: it lets one
// person, at one machine, sign an app in to a site that no other machine can
// reach.
//
// A [Provider] answers on the loopback address of the site itself, below
// [Prefix]: metadata, authorization, token, introspection and revocation, as
// in the [IndieAuth] living standard of 2024-07-11. Who verifies a token does
// so through the same discovery and the same HTTP requests as with any other
// server.
//
// There is no password and no cookie. Whoever approves an app types the code
// that [Provider.Code] returns and that is printed in the terminal, so that to
// be let in means to sit at the machine. Three things keep the other pages in
// the owner's browser out: a request must name the loopback address in its Host
// header, which a page that had its own name rebound to 127.0.0.1 cannot do;
// the answer to the form must come from the form; and nobody may frame it.
//
// Codes and tokens are random, few, short-lived, and gone when the process
// ends. Only their SHA-256 is kept.
//
// What it never does: it reads and writes no file, and opens no connection.
// That has one visible consequence: the page at a client_id is not fetched, so
// an app may be sent back only to the scheme, host and port of its client_id
// or to a loopback address, never to a redirect_uri that its page would list.
//
// It is not an identity provider to put on the Internet. Nothing of it is
// constructed unless the site runs for development.
//
// [IndieAuth]: https://indieauth.spec.indieweb.org/
package devauth
