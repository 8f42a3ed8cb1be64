//go:build unix && !linux

package storetest

import "testing"

// Unprivileged runs f. As root the tests that need it fail: permissions do not
// bind root.
func Unprivileged(_ *testing.T, _ string, f func()) {
	f()
}
