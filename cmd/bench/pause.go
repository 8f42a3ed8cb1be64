//go:build !linux

package main

import "time"

// pause waits for a short time d, or a little longer.
func pause(d time.Duration) { time.Sleep(d) }
