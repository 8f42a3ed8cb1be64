package indieauth

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzSameProfile checks that the equality of profiles is symmetric, and that a
// slash at the end makes no difference.
func FuzzSameProfile(f *testing.F) {
	f.Add("https://owner.example/", "https://OWNER.example")
	f.Add("https://owner.example/~bob", "https://owner.example/~Bob/")
	f.Add("https://owner.example:443/?q", "https://owner.example?q")
	f.Add("https://b\u00fccher.example", "https://xn--bcher-kva.example/")
	f.Fuzz(func(t *testing.T, a, b string) {
		if sameProfile(a, b) != sameProfile(b, a) {
			t.Fatalf("%q and %q are equal in one direction only", a, b)
		}
		u, err := url.Parse(a)
		if _, ok := profileKey(a); !ok || err != nil || u.RawQuery != "" || u.ForceQuery || strings.HasSuffix(u.Path, "/") || strings.HasSuffix(a, "#") {
			return
		}
		if !sameProfile(a, a+"/") {
			t.Fatalf("%q and %q are not equal", a, a+"/")
		}
	})
}
