// Package assets copies the files of a site that are published as they are: static files,
// uploads, and the attachments of notes.
//
// A [Copier] compares static/ and media/ with the copies that the index has, copies the
// changed files, and records them. A file that can't be published is skipped with a reason.
// If many files are missing at once, their copies stay until that is certain. Attachments
// below content/ are copied with the pages that show them, which record them. The files of
// bundles are written with their pages, in package generator.
package assets
