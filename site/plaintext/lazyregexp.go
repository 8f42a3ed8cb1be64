package plaintext

import (
	"regexp"
	"sync"
)

// lazyRegexp returns a regular expression that is compiled at its first use. Most
// commands use none.
func lazyRegexp(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
