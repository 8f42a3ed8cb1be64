package plaintext

import (
	"regexp"
	"sync"
)

// lazyRegexp returns a regular expression that is compiled when it is first used. To
// compile all of them took a part of every start, and most commands use few.
func lazyRegexp(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
