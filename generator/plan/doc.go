// Package plan has in memory the data of every note that a build needs: the notes of each
// list, the neighbours of a note, and the notes that must be rendered.
//
// A [Plan] has two views of the notes. The built view has the notes with a page to
// which lists link, as their pages were last rendered: lists are made from it, so
// that no list links to a page that does not exist. The line has the notes in the
// order of time, in the state of the next build: pages are rendered with their neighbours
// in it, so that a first build renders each page once. A note differs between the two
// views only while it is pending.
//
//	index ──Load──▶ Plan ◀──Sync── rows that changed since
//	                 │ Next: the notes to render ──▶ pages
//	                 │ Mark ◀─────────────────────────┘
//	                 ▼
//	              Effects: lists and neighbours that became stale
//
// Data that must survive the process are in the index: see [starpunk/site/store]. A plan
// does no input or output. Its methods may be called by several goroutines at once
// if none of these calls is Load, Sync, Update, Touch, Next, Mark or Retry, which change
// the plan.
package plan
