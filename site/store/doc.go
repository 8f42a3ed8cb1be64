// Package store keeps a site's notes on disk and knows what is there.
//
// The files are the truth. A [Store] writes them so that what it reports as
// written survives a crash (see [Store.Create] and [Store.Update]), and keeps
// an SQLite index beside them that can be deleted at any time: [Store.Scan]
// makes it again.
// The index serves two ends:
//
//   - find: a note by its address, the newest notes of a type, the slugs that are
//     taken;
//   - queue: each row remembers what was last built from it. What differs from
//     the file is what is left to build ([Store.Briefs], [Store.Changed]),
//     whatever program changed it and whenever, also while no process was running.
//
// Processes exclude each other by kernel file locks ([Lock]), never by the
// database. No transaction outlives a batch of some hundred rows or waits for
// a file.
//
// The package renders nothing and speaks no HTTP. It does not know what lists
// a site has: the generator tells it their addresses, and gets them back when
// they are stale.
package store
