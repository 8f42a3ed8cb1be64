package linkheader

import (
	"strings"
	"testing"
)

// FuzzLinkHeader checks that a parsed link, formatted and parsed again between
// other links, is unchanged.
func FuzzLinkHeader(f *testing.F) {
	for _, seed := range []string{
		`<https://a.example/>; rel="token_endpoint"`,
		`<a>;rel=b;rel=c;title="x\"y,z";q, <d;e,f>; rel="g h"`,
		`, ,junk "x,y", <a`, `<a>;=;;x=;y="`, `<>;rel`, `<a>; rel = b c , <d>`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, field string) {
		for _, link := range Parse([]string{field}) {
			if !hasLowerCaseNames(link) {
				continue
			}
			written := formatLink(link)
			again := Parse([]string{`<x>; title=",<"; rel=y, ` + written + `, <z>`})
			if len(again) != 3 || again[1].Target != link.Target || len(again[1].Params) != len(link.Params) {
				t.Fatalf("%q: %+v became %+v through %q", field, link, again, written)
			}
			for name, value := range link.Params {
				if again[1].Params[name] != value {
					t.Fatalf("%q: parameter %q was %q and became %q", field, name, value, again[1].Params[name])
				}
			}
		}
	})
}

// formatLink formats a link-value with every parameter as a quoted-string.
func formatLink(l Link) string {
	var b strings.Builder
	b.WriteString("<" + l.Target + ">")
	for name, value := range l.Params {
		b.WriteString(`; ` + name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`)
	}
	return b.String()
}

// hasLowerCaseNames reports whether lower case leaves all parameter names
// unchanged. Others, such as names in broken UTF-8, need not survive a round
// trip.
func hasLowerCaseNames(l Link) bool {
	for name := range l.Params {
		if strings.ToLower(name) != name {
			return false
		}
	}
	return true
}
