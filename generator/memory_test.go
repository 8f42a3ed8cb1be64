package generator

import (
	"runtime/debug"
	"testing"
)

// The limit of memory is higher while a large text is rendered. A limit that the owner set
// does not change.
func TestALargeTextMayHaveMoreMemory(t *testing.T) {
	limit := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(limit)
	for _, tc := range []struct{ before, during int64 }{
		{buildMemory, buildMemory + memoryOfByte<<20},
		{buildMemory + 1, buildMemory + 1},
	} {
		debug.SetMemoryLimit(tc.before)
		restore := roomFor(1 << 20)
		if got := debug.SetMemoryLimit(-1); got != tc.during {
			t.Errorf("with a limit of %d it is %d, want %d", tc.before, got, tc.during)
		}
		restore()
		if got := debug.SetMemoryLimit(-1); got != tc.before {
			t.Errorf("after it the limit is %d, want %d", got, tc.before)
		}
	}
}
