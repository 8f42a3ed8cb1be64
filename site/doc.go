// Package site is the shared vocabulary of StarPunk: the configuration of a
// site, its notes, their slugs and permalinks, and the format of their files.
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
// [Parse] reads back unchanged what [Note.Format] writes. [Note.Edit] changes only
// the lines that differ. The receiver writes these files and the generator reads
// them. Neither imports the other; this package has what both need: the meaning of
// a key, the address of a note, its post type.
//
// The package reads the configuration file and nothing else: it opens no note,
// no database and no connection.
package site
