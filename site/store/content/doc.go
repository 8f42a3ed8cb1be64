// Package content has the folder of notes on disk: which names in it are notes, files of
// bundles and attachments, which are skipped, and where a symbolic link leads away.
//
// A [Folder] reads notes as they are now. It writes nothing; its lock excludes the writers
// of all processes from each other. The package depends on no index.
package content
