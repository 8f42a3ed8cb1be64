//go:build !unix

package main

// checkOwner accepts every folder: files have no owner as on Unix.
func checkOwner(string) error { return nil }
