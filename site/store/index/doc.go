// Package index opens and uses the SQLite database of a site.
//
// An [Index] is a database that can be deleted at any time, and that several
// processes use at once. [Open] makes, migrates or sets aside its file under a lock,
// with retries while other processes do the same:
//
//	open.lock ──▶ the log of a deleted database is removed ──▶ a database that was
//	found damaged is set aside ──▶ migrations ──▶ connections
//
// [Index.Read] runs queries on a connection of a pool, and [Index.Write] runs a
// transaction. An index that is deleted, replaced or damaged while it is in use is
// not written any more: the channel of [Index.Lost] is closed, and the caller opens it
// again. A [Signal] notifies the goroutines that wait for a change.
//
// The package has no tables and no queries. Its caller has them, and makes the
// content of a new index from files.
package index
