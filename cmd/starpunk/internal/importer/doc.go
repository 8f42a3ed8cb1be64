// Package importer imports the notes of a site of Hugo, Zola or Jekyll into a
// StarPunk site.
//
// [Run] reads the folder of the old site, never writes there, and has four steps:
//
//   - find: the tool, its rules for addresses, and the files that are notes
//     (detect.go, oldsite.go, config.go, hugo.go, zola.go, ignore.go, walk.go);
//   - read: the front matter and the former address of each note (page.go,
//     fields.go, complete.go, hidden.go, defaults.go, cascade.go, address.go), and
//     the lists of the old site that become pages (section.go);
//   - place: the name of each new file, unless its note is on the site already
//     (place.go);
//   - write: tags and links in StarPunk's syntax, and the files through the store
//     (text.go, tags.go, links.go, importer.go).
//
// Each part that cannot be imported is a [Finding] with a file and a line. Each
// address that belongs to no note is a [Redirect] for the configuration
// (redirects.go). Comments on a tool's rules for addresses cite its manual.
package importer
