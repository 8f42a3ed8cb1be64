// Package receiver is the HTTP side of StarPunk: the [Micropub] endpoint that
// turns requests into notes and answers questions about them, the health check,
// and the preview server that shows the output folder as a static host would.
//
// A [Receiver] is handed a configuration, a store and a verifier of tokens. A
// POST goes through four steps, each in a file of its own: the body is decoded
// into one shape whatever its encoding (request.go), the token is verified and
// its scope compared with what is asked for (authorize.go), the request becomes
// a note (properties.go), and the note is saved, changed or moved (create.go,
// update.go, delete.go). Files that come with a note are received while the body
// is decoded, and kept with the note (incoming.go); those of the media endpoint
// go their own way (upload.go). Everything that can be wrong with a request is
// found before anything is written. What went wrong is an [Error], written down in one
// place (error.go).
//
// A request is acknowledged when what it did is durable and can be seen
// (live.go). The receiver builds no page itself: it looks in the index whether a
// watcher, in this process or another, has done so.
//
// The package never changes of a file what it was not asked to, never reads a
// token from a URL, and never lets a token or a body into its log.
//
// [Micropub]: https://micropub.spec.indieweb.org/
package receiver
