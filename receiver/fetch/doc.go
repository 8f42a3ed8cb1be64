// Package fetch sends requests to other servers, within bounds.
//
// [NewTransport] returns a transport that refuses addresses which are not public,
// at the moment when it dials them. A [Client] sends one request with it, follows
// no redirect, and reads a limited number of bytes. Its callers bound the time with
// the context of the request, and decide about redirects.
//
// The package depends neither on notes nor on IndieAuth.
package fetch
