//go:build !torture

package daemon

import "starpunk/site/store/durable"

// around returns the function that is called around each step of a save: nil,
// except in the program of the torture test (steps_torture.go).
func around() func(durable.Op, func() error) error { return nil }
