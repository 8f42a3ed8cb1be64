// Package list has the addresses of the lists of a site. Lists are front page, archive, tags,
// post types, feeds and site maps: all outputs that are made of several notes.
//
// [Of] returns the lists that show a note. This is the whole incremental plan: they are
// stale when the note appears, changes or disappears. [Parse] returns the parts of an
// address. The package renders nothing: see package render. The forms of the addresses are
// in package site, so that the index and the receiver can use them.
package list
