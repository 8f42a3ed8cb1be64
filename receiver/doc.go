// Package receiver is the HTTP side of StarPunk: the [Micropub] endpoint, which
// turns requests into notes and answers queries about them, its media endpoint,
// and the health check.
//
// A [Receiver] uses a configuration, a store and a verifier of tokens. A POST is
// processed in five steps, each in files of its own:
//
//	decode     the body becomes one shape, whatever its encoding   request.go, form.go, json.go, multipart.go
//	verify     the token is verified and its scope compared        authorize.go
//	translate  the request becomes a note, or a change of one      properties.go, content.go, addresses.go, apply.go
//	write      the note is created, changed or moved               create.go, update.go, delete.go, lookup.go
//	respond    the response waits until the change is visible      visible.go, respond.go
//
// The files of a note are received while its body is decoded, and kept with the
// note (incoming.go); the media endpoint stores a single file (upload.go). All
// mistakes of a request are found before anything is written. A failed request
// ends in an [Error], which is logged and sent in one place (error.go).
//
// The response to a request means that its change is durable and, unless the
// status is 202, visible. The receiver builds no page. It checks in the index
// whether a watcher, in this process or another, has built it.
//
// A [Gate] exchanges the handler of a running server, as when the configuration is
// read again.
//
// The package changes only the requested lines of a file, never reads a token from
// a URL, and never writes a token or a body to its log.
//
// [Micropub]: https://micropub.spec.indieweb.org/
package receiver
