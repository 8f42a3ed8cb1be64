// Package site is the shared vocabulary of StarPunk: the configuration of a
// site, its notes, their slugs and permalinks, and the files they live in.
//
// A [Note] is one h-entry. On disk it is one Markdown file that opens with
// front matter:
//
//	---
//	date: 2026-11-22T09:30:00+01:00
//	tags: [indieweb, go]
//	---
//	Hello from my own domain.
//
// What [Note.Format] writes, [Parse] reads back unchanged. The receiver writes
// these files and the generator reads them; neither knows about the other, and
// both take what they share from here: what a key means, which address a note
// has, what type of post it is.
//
// The package reads the configuration file and nothing else: it opens no note,
// no database and no connection.
package site
