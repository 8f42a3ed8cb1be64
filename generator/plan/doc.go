// Package plan holds in memory what a build must know of every note, and answers
// from it which lists show a note, what its neighbours are, and what is left to do.
//
// A [Plan] has two views of the notes. The built view has the notes with a page to
// which lists link, as their pages were last rendered: lists are made from it, so
// that no list links to a page that does not exist. The line has the notes in the
// order of time as they are about to be: pages are rendered with their neighbours in
// it, so that a first build renders each page once. A note differs between the two
// views only while it is pending.
//
//	index ──Load──▶ Plan ◀──Sync── rows that changed since
//	                 │ Next: the notes to render ──▶ pages
//	                 │ Mark ◀─────────────────────────┘
//	                 ▼
//	              Effects: lists and neighbours that became stale
//
// The index keeps what must survive the process: see [starpunk/site/store]. A plan
// does no input or output. Its methods may be called by several goroutines at once
// as long as none of them is Sync or Mark.
package plan
