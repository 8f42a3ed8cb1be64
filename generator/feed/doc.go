// Package feed writes feeds as RSS, Atom and JSON Feed.
//
// A [Feed] has [Item]s in the terms that the three formats share. A new format is one
// more file with a method of Feed. The package makes no items and reads no files.
package feed
