// Package watch follows the changes of files in the folders of a site.
//
// A [Files] receives the events of the kernel for these folders, and for folders that are
// made in them later. It does not read the files. It has the time of the last change of each
// in its [Changes], and the caller reads a file when it is quiet: a program that saves a
// file often changes it more than once. If a folder can't be watched, [Files.Polling]
// reports that, and the caller scans everything at intervals.
package watch
