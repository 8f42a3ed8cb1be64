package generator

import (
	"os"
	"runtime/debug"
)

// buildMemory is the limit of memory during a build, in bytes. Above it the collector
// runs more often. memoryOfByte is how much the limit is raised for each byte of a large
// text.
const (
	buildMemory  = 160 << 20
	memoryOfByte = 90
)

// parsedMemory limits the memory of the notes that are parsed by a scan and used again for
// their pages, in bytes.
const parsedMemory = 32 << 20

// roomFor raises the limit of memory for a large text until the returned function
// is called. Without it the collector runs again and again, and a text of 4 MiB
// takes three times as long. A limit that the owner set is not changed.
func roomFor(text int) (restore func()) {
	if debug.SetMemoryLimit(-1) != buildMemory {
		return func() {}
	}
	debug.SetMemoryLimit(buildMemory + memoryOfByte*int64(text))
	return func() { debug.SetMemoryLimit(buildMemory) }
}

// relaxCollector lets the heap grow to several times the live memory, up to buildMemory,
// until the returned function is called: a build makes garbage for a few seconds only.
// GOGC and GOMEMLIMIT in the environment take precedence.
func relaxCollector() (restore func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	percent, limit := debug.SetGCPercent(400), debug.SetMemoryLimit(buildMemory)
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}
