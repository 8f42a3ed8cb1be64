// Package scan compares the files of a site with its index, and brings the index up to date.
//
// [Scanner.ScanAll] compares every file below content/, [Scanner.Refresh] some of them. One
// scan is
//
//	walk     through the folders: files whose size, times or inode differ from their rows
//	update   read these files, and write their rows in batches
//	missing  rows whose files are missing: dropped, if [loss.Losses] believes the loss
//	temp     temporary files of writers that were killed: deleted
//
// Attachments, which are the other files below content/, are compared in the same walk.
//
// The package writes no note, and decides nothing about outputs: a changed row is stale.
package scan
