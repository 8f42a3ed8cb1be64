// Package upload has the uploads of a site: files in media/ that a client sent.
//
// [Folder.Receive] takes in an [Upload] in two temporary files, one as it was sent and one as
// it was cleaned. [Upload.Keep] gives it its name, which is the hash of its bytes, and queues
// its copy to the output. [Folder.DeleteUnused] deletes uploads that no file names.
//
// The package has no format of pictures: the caller passes the function that cleans them.
package upload
