// Package wakeup has the wake-ups of a site: signals between the goroutines and the
// processes that write notes and the one that builds pages.
//
// [Wakeups] of one process are channels that are closed. To wake the builder in another
// process, a writer writes to a file that the builder watches. A lost wake-up costs time
// only: builders and waiting requests also look at the index again and again.
package wakeup
