//go:build torture

package daemon

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"starpunk/site/store/durable"
)

// around makes the process kill itself at a step of a save: with STARPUNK_DIE=7
// before the seventh step since its start, with STARPUNK_DIE=7+ after it.
func around() func(durable.Op, func() error) error {
	number, after := strings.CutSuffix(os.Getenv("STARPUNK_DIE"), "+")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil
	}
	var steps atomic.Int64
	return func(op durable.Op, do func() error) error {
		if steps.Add(1) != n {
			return do()
		}
		when := "before"
		if after {
			_, when = do(), "after"
		}
		fmt.Fprintf(os.Stderr, "dies %s %s\n", when, op.Name)
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // does not return
		select {}
	}
}
