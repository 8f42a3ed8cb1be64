package indieauth

import (
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// formatLink writes a link-value with every parameter as a quoted-string.
func formatLink(l headerLink) string {
	var b strings.Builder
	b.WriteString("<" + l.target + ">")
	for name, value := range l.params {
		b.WriteString(`; ` + name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`)
	}
	return b.String()
}

// What is read from a header, written down again and read again is the same,
// also between other links.
func FuzzLinkHeader(f *testing.F) {
	for _, seed := range []string{
		`<https://a.example/>; rel="token_endpoint"`,
		`<a>;rel=b;rel=c;title="x\"y,z";q, <d;e,f>; rel="g h"`,
		`, ,junk "x,y", <a`, `<a>;=;;x=;y="`, `<>;rel`, `<a>; rel = b c , <d>`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, field string) {
		for _, link := range parseLinkHeader([]string{field}) {
			if !utterable(link) {
				continue
			}
			written := formatLink(link)
			again := parseLinkHeader([]string{`<x>; title=",<"; rel=y, ` + written + `, <z>`})
			if len(again) != 3 || again[1].target != link.target || len(again[1].params) != len(link.params) {
				t.Fatalf("%q: %+v became %+v by way of %q", field, link, again, written)
			}
			for name, value := range link.params {
				if again[1].params[name] != value {
					t.Fatalf("%q: parameter %q was %q and became %q", field, name, value, again[1].params[name])
				}
			}
		}
	})
}

// utterable: names that lower case has changed into other letters, such as
// from broken UTF-8, need not come back.
func utterable(l headerLink) bool {
	for name := range l.params {
		if strings.ToLower(name) != name {
			return false
		}
	}
	return true
}

// Whatever a page holds, a link that comes out of it is absolute and has what
// was asked for; and a Link header in front is found first.
func FuzzProfilePage(f *testing.F) {
	files, err := filepath.Glob("testdata/pages/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		_, body, _ := strings.Cut(string(archive.Files[0].Data), "\n\n")
		f.Add("text/html", body)
	}
	f.Add("", "<link rel=token_endpoint href=/>")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		at, _ := url.Parse("https://owner.example/me/")
		p := &page{url: at, header: http.Header{"Link": {"<t>; rel=token_endpoint"}, "Content-Type": {contentType}}, body: []byte(body)}
		links, _ := p.links()
		if found, ok := first(links, relToken); !ok || found.url.String() != "https://owner.example/me/t" {
			t.Fatalf("the link of the header came out as %+v", links)
		}
		for _, l := range links[1:] {
			if l.header || l.href == "" || l.url.Scheme == "" || strings.TrimSpace(l.href) != l.href {
				t.Fatalf("link %+v (%s)", l, l.url)
			}
			if slices.ContainsFunc(l.rels, func(rel string) bool { return rel == "" || strings.ContainsAny(rel, " \t\n") }) {
				t.Fatalf("relations %q", l.rels)
			}
		}
	})
}

// Whatever an endpoint answers, a token that is taken from it is the owner's,
// has a scope, and has not expired.
func FuzzTokenAnswer(f *testing.F) {
	const formType = "application/x-www-form-urlencoded"
	f.Add("application/json", `{"active":"true","me":"https://owner.example/","scope":"create","exp":"99999999999"}`, true)
	f.Add("application/json", `{"active":1,"me":"HTTPS://OWNER.example","scope":["a"," b "],"exp":1e9}`, false)
	f.Add("application/json", `{"exp":{},"me":[],"active":[1]}`, false)
	f.Add(formType, `me=https%3A%2F%2Fowner.example%2F&scope=create+update`, false)
	f.Add(formType, `active=true&exp=0x7fffffffff&me=https://owner.example/&scope=a`, true)
	now := time.Unix(1_000_000_000, 0)
	f.Fuzz(func(t *testing.T, contentType, body string, introspected bool) {
		a, err := parseAnswer(contentType, []byte(body))
		if err != nil {
			return
		}
		tok, why, err := a.token("https://owner.example/", introspected, now)
		if (err == nil) != (why == "") {
			t.Fatalf("error %v for the reason %q", err, why)
		}
		if err != nil {
			return
		}
		if !sameProfile(tok.Me, "https://owner.example/") || len(tok.Scope) == 0 || slices.Contains(tok.Scope, "") {
			t.Fatalf("%q gave %+v", body, tok)
		}
		if !tok.Expires.IsZero() && !tok.Expires.After(now) {
			t.Fatalf("%q gave a token that expired at %v", body, tok.Expires)
		}
		if active, known := a.active(); known && !active || introspected && !known {
			t.Fatalf("%q gave a token that is not active", body)
		}
	})
}

// Whatever a server says of itself, an endpoint that is taken from it is at an
// HTTPS address without user and password, and only if the issuer is a beginning
// of the metadata's own address.
func FuzzMetadata(f *testing.F) {
	const at = "https://auth.example/tenant/metadata"
	for _, body := range []string{
		`{"issuer":"https://auth.example/","token_endpoint":"/token","introspection_endpoint":"https://auth.example/introspect"}`,
		`{"issuer":"https://AUTH.example:443/tenant/","token_endpoint":"?a=b#c"}`,
		`{"issuer":"https://auth.example/other","token_endpoint":"https://evil.example/"}`,
		`{"issuer":"https://auth.example/","token_endpoint":"http://auth.example/token"}`,
		`{"issuer":"https://auth.example/","token_endpoint":"https://user:secret@auth.example/token"}`,
		`{"issuer":["https://auth.example/"],"token_endpoint":{},"introspection_endpoint":null}`,
		`{"issuer":"https://auth.example/%2e%2e","token_endpoint":"//x"}`,
		`[]`, `{"issuer":1e999}`, "{", "",
	} {
		f.Add(body)
	}
	u, err := url.Parse(at)
	if err != nil {
		f.Fatal(err)
	}
	v, err := New(Options{Me: "https://owner.example/"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		m, found, refused := v.read(&page{url: u, body: []byte(body)}, u)
		if (found == nil) == (refused == nil) {
			t.Fatalf("%q gave %v and the error %v", body, found, refused)
		}
		if refused != nil {
			return
		}
		issuer, _ := m.Issuer.(string)
		key, ok := profileKey(issuer)
		if whole, _ := profileKey(at); !ok || !strings.HasPrefix(whole, strings.TrimSuffix(key, "/")) {
			t.Fatalf("the issuer %q of %s is believed", issuer, at)
		}
		for _, endpoint := range []*url.URL{found.token, found.introspection} {
			if endpoint != nil && (endpoint.Scheme != "https" || endpoint.Host == "" || endpoint.User != nil) {
				t.Fatalf("%q gave the endpoint %q", body, endpoint)
			}
		}
	})
}

// Equality of profiles is symmetric, and a slash at the end makes none.
func FuzzSameProfile(f *testing.F) {
	f.Add("https://owner.example/", "https://OWNER.example")
	f.Add("https://owner.example/~bob", "https://owner.example/~Bob/")
	f.Add("https://owner.example:443/?q", "https://owner.example?q")
	f.Add("https://b\u00fccher.example", "https://xn--bcher-kva.example/")
	f.Fuzz(func(t *testing.T, a, b string) {
		if sameProfile(a, b) != sameProfile(b, a) {
			t.Fatalf("%q and %q are the same in one direction only", a, b)
		}
		u, err := url.Parse(a)
		if _, ok := profileKey(a); !ok || err != nil || u.RawQuery != "" || u.ForceQuery || strings.HasSuffix(u.Path, "/") || strings.HasSuffix(a, "#") {
			return
		}
		if !sameProfile(a, a+"/") {
			t.Fatalf("%q and %q are not the same", a, a+"/")
		}
	})
}
