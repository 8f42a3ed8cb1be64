// Package generator turns notes into the files of a website: pages, lists, feeds and
// site maps.
//
// A [Generator] has a configuration and a [store.Store]. [Generator.Build] brings the
// output folder up to date once. [Generator.Watch] does the same, and then follows every
// change until its context ends. Both do the same steps:
//
//	scan content/ ─▶ copy static/, media/ ─▶ publish ─▶ sweep ─▶ sync
//	   (store)            (assets)              │        (output)
//	        ┌───────────────────────────────────┘
//	        ▼
//	   ┌─ a step, until no output is stale. It copies new uploads, and then does the
//	   │  first of these that has something to do:
//	   │    1. the pages of notes that clients wait for, and the lists of these notes
//	   │    2. other stale pages, the newest first
//	   │    3. stale lists, feeds, site maps and redirects
//	   └─   4. the removal of outputs that no row has any more
//
// The index is the queue: a row that differs from its built mark is stale. Pages are
// written in batches (buildnote.go). Recording a batch makes the lists of its notes stale
// (buildlist.go). Lists follow the pages that they link to, and removals are last: so no
// page links to an output that does not exist. A sweep removes files that no row has, and a
// sync makes the outputs durable.
//
// This package has the order of the steps. The work is in packages below it, of which each
// has one part and does not depend on this one:
//
//	plan        which notes are pending, their order, their neighbours, the notes of lists
//	list        which lists show a note; the addresses of lists
//	render      the bytes of pages, lists and feeds
//	precedence  which source of an output is published; the files of bundles
//	assets      copies of static files, uploads and attachments
//	redirect    targets of former addresses, and maps of them for web servers
//	output      the files of the output folder
//	deadlink    links to addresses of the site without an output
//	hook        the command of the owner after a change
//	watch       files that changed and are quiet
//
// Between two builds, Watch sleeps until a wake-up. There are four kinds. The kernel
// reports a change of a file: Watch reads the file when it has not changed for 100 ms, so
// that it does not read a file that is being written. This process has written a note
// ([store.Builder.Written]), or another process has ([store.Builder.WakeUpFile] is a file that it
// writes to): Watch publishes at once, because a client waits. The fourth is a timer, for
// the first of these times: a changed file is quiet, a note is due, a failed build is
// retried, outputs are made durable, missing files are looked up again, or, if files can't
// be watched, the next scan.
//
// Outputs depend on content, layouts, configuration and program only. A file is replaced
// by a rename, and only if its bytes changed. Nothing is deleted outside of a folder that
// has StarPunk's mark.
//
// The package never uses the network, never writes below content/, and has no part of
// Micropub: posts reach it as files.
package generator
