// Package output writes the files of a site into its output folder.
//
// A [Folder] replaces files by renames, so that a web server always reads a whole
// file, and only if their bytes change. It deletes nothing in a folder that does not
// have StarPunk's mark. [Folder.Sync] makes everything written durable at once.
//
// The package has no opinion about which source of an output takes precedence: a
// write that is blocked returns [ErrBlocked], and the caller decides whether to
// [Folder.Clear] the path.
package output
