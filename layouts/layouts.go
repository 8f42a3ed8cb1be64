// Package layouts is the default theme: html/template files and style
// sheets, embedded in the program.
//
// Every *.html file is a template of that name. The generator executes
// home.html, note.html, page.html, list.html, tags.html, 404.html and
// redirect.html; the others are pieces that these share. A site replaces any of
// them with a file of the same name in its own layouts folder.
//
// This package has files and no logic: it parses no template, and does not depend on
// the data of templates.
package layouts

import "embed"

// Files are the templates and the style sheets, all at the top level.
//
//go:embed *.html *.css
var Files embed.FS
