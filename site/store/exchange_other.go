//go:build !linux

package store

import "errors"

var errLacking = errors.New("not on this system")

func renameNew(from, to string) error { return errLacking }

func exchange(a, b string) error { return errLacking }

func lacking(err error) bool { return errors.Is(err, errLacking) }

func beingWritten(name string) bool { return false }
