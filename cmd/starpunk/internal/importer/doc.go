// Package importer brings the notes of a site that Hugo, Zola or Jekyll makes
// into a StarPunk site.
//
// [Run] reads a folder of theirs, never writes there, and goes through four
// steps:
//
//   - find: which tool it is, what its configuration says of addresses, and
//     which files are notes (detect.go, oldsite.go, config.go, hugo.go, zola.go,
//     ignore.go, walk.go);
//   - understand: front matter and the address that a note had (page.go,
//     hidden.go, defaults.go, cascade.go, address.go), and which lists of the old
//     site become pages (section.go);
//   - place: the name of each new file, or that its note is there already
//     (place.go);
//   - write: tags and links in the words of StarPunk, and the files through
//     the store (text.go, tags.go, links.go, importer.go).
//
// What can't be brought over is a [Finding] that names a file and a line. An
// address that no note has is a [Redirect] to paste into the configuration
// (redirects.go).
// Where a tool's rule of addresses is obeyed, a comment cites its manual.
package importer
