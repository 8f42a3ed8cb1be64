package importer

import (
	"regexp"
	"sync"
)

// lazyRegexp returns a regular expression that is compiled at its first use. Compiling
// all of them slowed every start, and most commands use few.
func lazyRegexp(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
