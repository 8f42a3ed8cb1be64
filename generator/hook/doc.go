// Package hook runs a command of the owner's after outputs have changed: build.after.
//
// A [Hook] records before the first change that there is work, so that a crash loses
// none. A run gets the changed paths on its standard input. Runs never overlap, and a
// failed one is repeated with growing pauses.
package hook
