// Package store keeps a site's notes on disk, and an index of them.
//
// The files are the truth. A [Store] writes them so that a note that it reports as
// written survives a crash (see [Store.Create] and [Store.Update]). Beside them it
// keeps an SQLite index, which can be deleted at any time: [Store.Scan] makes it
// again. The index has two purposes:
//
//   - find: a note by its address, the newest notes of a type, the slugs that are
//     taken;
//   - queue: each row has the built mark of its note. A row that differs from its
//     file must be built ([queue.Queue]), whichever program changed the file, also
//     while no process was running.
//
// A [Store] has the methods of readers and writers of notes; its uploads have a package of
// their own. A [Builder] is a Store with the queue and the methods of the generator:
//
//	store ─▶ scan    compares files with the index ─▶ loss: were missing files deleted?
//	      ─▶ upload  the files in media/
//	      ─▶ queue   stale outputs, and the marks of builds
//	           scan, upload and queue
//	             ─▶ table    rows of notes ─▶ link: names in links
//	             ─▶ content  the folder of notes
//	             ─▶ query    the queries ─▶ index: the database
//	             ─▶ durable, filelock, filestamp, wakeup
//
// Processes exclude each other by locks of the kernel ([Store.LockBuild]), never by the
// database. No transaction is larger than a batch of some hundred rows, and none waits
// for a file.
//
// The package renders nothing and uses no HTTP. It has no list of a site's lists: the
// generator passes their addresses, and receives them again when they are stale.
package store
