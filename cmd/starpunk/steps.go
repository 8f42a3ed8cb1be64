//go:build !torture

package main

import "starpunk/site/store"

// around is what is called around each step of a save: nothing, but in the
// program that is made to be killed (see steps_torture.go).
func around() func(store.Op, func() error) error { return nil }
