package indieauth_test

import (
	"fmt"
	"strings"
	"testing"

	"starpunk/receiver/indieauth"
)

func TestProfileURLs(t *testing.T) {
	t.Parallel()
	cases := []struct {
		rule, me, answer string
		same             bool
	}{
		{"the same", "https://owner.example/", "https://owner.example/", true},
		{"no path is the path /", "https://owner.example/", "https://owner.example", true},
		{"host in another case", "https://owner.example/", "https://OWNER.Example/", true},
		{"scheme in another case", "https://owner.example/", "HTTPS://owner.example/", true},
		{"one more slash at the end", "https://owner.example/~bob", "https://owner.example/~bob/", true},
		{"one slash less at the end", "https://owner.example/~bob/", "https://owner.example/~bob", true},
		{"the default port", "https://owner.example/", "https://owner.example:443/", true},
		{"a name in Unicode and in ASCII", "https://bücher.example/", "https://xn--bcher-kva.example/", true},
		{"two slashes instead of one", "https://owner.example/~bob", "https://owner.example/~bob//", false},
		{"path in another case", "https://owner.example/~bob", "https://owner.example/~Bob", false},
		{"another path", "https://owner.example/", "https://owner.example/~bob", false},
		{"another scheme", "https://owner.example/", "http://owner.example/", false},
		{"another port", "https://owner.example/", "https://owner.example:8443/", false},
		{"a subdomain", "https://owner.example/", "https://www.owner.example/", false},
		{"a longer host", "https://owner.example/", "https://owner.example.evil.example/", false},
		{"a user name", "https://owner.example/", "https://owner.example@evil.example/", false},
		{"a user name before the right host", "https://owner.example/", "https://evil@owner.example/", false},
		{"a query", "https://owner.example/", "https://owner.example/?id=2", false},
		{"another query", "https://owner.example/?id=1", "https://owner.example/?id=2", false},
		{"a fragment", "https://owner.example/", "https://owner.example/#me", false},
		{"not a URL", "https://owner.example/", "owner.example", false},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := newWorld(t)
			page := strings.Replace(c.me, "bücher", "xn--bcher-kva", 1)
			w.handle(strings.SplitN(page, "?", 2)[0], text("text/html", tokenLink))
			w.handle(tokenURL, text("application/json", fmt.Sprintf(`{"me":%q,"scope":"create"}`, c.answer)))
			_, err := verify(t, w.verifier(indieauth.Options{Me: c.me}), "T")
			if c.same && err != nil {
				t.Errorf("%v, want %s to equal %s", err, c.answer, c.me)
			}
			if !c.same {
				wantKind(t, err, indieauth.OtherOwner)
			}
		})
	}
}

func TestMessageNamesBothOwners(t *testing.T) {
	t.Parallel()
	w := getWorld(t, text("application/json", `{"me":"https://stranger.example/","scope":"create"}`))
	_, err := verify(t, w.verifier(indieauth.Options{}), "T")
	wantKind(t, err, indieauth.OtherOwner)
	if want := "This token is for https://stranger.example/; this site belongs to https://owner.example/."; err.Message != want {
		t.Errorf("message %q, want %q", err.Message, want)
	}
}
