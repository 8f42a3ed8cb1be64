// Package precedence decides which source of an output is published. Two sources may have
// the same output path, or one needs a file where the other needs a folder. Then one takes
// precedence, and the other is shadowed: it has no output until the first is removed. An
// earlier row takes precedence over all later ones:
//
//	source                        where it is checked
//	static file, upload             CopyOver; Covered and CoveredOf of queue.Outputs
//	outputs of every site           site.OwnFile, for pages, attachments and redirects
//	page, file of a bundle          WritePage, Copy, PageOrFile; Taken of queue.Outputs, for lists
//	attachment of a page            AttachmentBlocked
//	list, feed, site map            WriteList; list.IsFile, for redirects below its file
//	alias, mark of a deleted note   RedirectBlocked; redirect.go in package generator
//	redirect of the configuration   redirect.Redirects.At
//
// Of two pages, of which one is a file at the path that is a folder of the other, the
// file takes precedence. Of two notes with the same permalink the index decides. A page
// that is shadowed, and a page that shadows a list, are reported.
//
// A [Sources] finds the source that has an output, also one of the files of a bundle. A
// [Writer] writes an output unless another source takes precedence. It removes outputs
// without precedence that block the path. It does not record an output in the index: the
// caller does.
package precedence
