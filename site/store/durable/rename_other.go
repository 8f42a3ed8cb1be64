//go:build !linux

package durable

import "errors"

var errUnsupported = errors.New("not on this system")

func renameNew(from, to string) error { return errUnsupported }

func exchange(a, b string) error { return errUnsupported }

func isUnsupported(err error) bool { return errors.Is(err, errUnsupported) }

func isOpenForWriting(name string) bool { return false }
