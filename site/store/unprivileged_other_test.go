//go:build unix && !linux

package store_test

import "testing"

// unprivileged runs f. As root the tests that need it fail: permissions do not
// bind root.
func unprivileged(_ *testing.T, _ string, f func()) {
	f()
}
