// Package generator turns notes into the files of a website: pages, lists,
// feeds, site maps.
//
// A [Generator] is handed a configuration and a [store.Store]. [Generator.Build]
// brings the output folder up to date once; [Generator.Watch] does so and then
// follows every change until it is told to stop. Both do the same work in the
// same way: they ask the index what is left to build, write the pages of those
// notes, then the lists and feeds that they touch (plan.go says which), and
// remove what is no longer wanted last, so that no list ever links to a page
// that is not there.
//
// Outputs are a function of content, layouts, configuration and program alone.
// A file is replaced by a rename, and only if its bytes changed. Nothing is
// ever deleted outside of a folder that bears StarPunk's mark.
//
// The package never touches the network, never writes below content/, and
// knows nothing of Micropub: posts reach it as files.
package generator
