// Package durable writes files so that they survive a crash, a full disk and a
// power cut.
//
// A [Disk] makes each change in small steps:
//
//	write and sync a temporary file ──▶ give it its name ──▶ sync its folder
//
// The second step is the commit point: a reader finds the old file or the new one,
// never a part. No step replaces a file that another program saved meanwhile.
// [Disk.CreateFile] and [Disk.MoveTo] fail with [fs.ErrExist] if the name is taken,
// and [Disk.Replace] fails with [ErrConflict] if the file is no longer the one that
// the caller read. A step that returns an error although it took effect, as on a
// network mount that lost an answer, counts as done.
//
// [OpenRegular] and [ReadRegular] read files that other programs may replace by a
// symbolic link or a pipe at any moment.
//
// The package has no notes, no locks and no log: the caller excludes other writers of
// its own, and reports failures.
package durable
