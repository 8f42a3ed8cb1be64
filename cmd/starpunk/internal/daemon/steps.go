//go:build !torture

package daemon

import "starpunk/site/store"

// around returns the function that is called around each step of a save: nil,
// except in the program of the torture test (steps_torture.go).
func around() func(store.Op, func() error) error { return nil }
