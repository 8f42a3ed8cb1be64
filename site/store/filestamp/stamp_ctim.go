//go:build linux || openbsd || dragonfly || solaris

package filestamp

import "syscall"

func changeTime(sys *syscall.Stat_t) int64 { return sys.Ctim.Nano() }
