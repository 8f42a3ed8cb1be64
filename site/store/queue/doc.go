// Package queue has the queue of stale outputs: what a generator must render, write, copy and
// remove, and its marks of what it did.
//
// There is no list of jobs. A row of a note that differs from its built mark is stale, and
// so is a list that a mark of a note touched. A [Queue] has the builds, with their numbers;
// its parts have the rest:
//
//	Queue.Notes    stale notes, and Mark, which records rendered notes
//	Queue.Lists    stale lists, feeds, site maps and redirects, and their Mark
//	Queue.Outputs  which source has an output, and which outputs must be removed
//	Queue.Copies   files that are copied as they are
//	Queue.Links    targets of links, and the check of links within the site
//
// A build is Begin, then marks with its number, then MarkAll if nothing is left, then
// MarkSafe when all outputs are durable.
//
// The package needs the database only. It renders nothing, and has no address of a list: the
// generator passes addresses, and receives them again when they are stale.
package queue
