package site

import (
	"regexp"
	"sync"
)

// lazyRegexp returns a regular expression that is compiled at its first use. The
// compilation of all of them took a part of every start, and most commands use few.
func lazyRegexp(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
