// Package link has the names by which pages link to files and to addresses of the site.
//
// A link to a file below content/ is a key, made by [PathKey] or [WikiKey]. [Find] returns
// the [Target] that the key names at this moment. A link to an address of the site is an
// [OwnLink] to a [Place]. When a file or an output appears, changes or is removed,
// [StaleLinkers] and [OpenPlaces] make the pages stale, and the places unchecked, that are
// concerned.
//
// The package does not record links: the queue does, with the marks of pages.
package link
