package indieauth

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzMetadata checks that every accepted endpoint has an HTTPS address without
// user and password, and that the issuer is a prefix of the metadata's own
// address.
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
		m, found, refused := v.parseMetadata(&page{url: u, body: []byte(body)}, u)
		if (found == nil) == (refused == nil) {
			t.Fatalf("%q gave %v and the error %v", body, found, refused)
		}
		if refused != nil {
			return
		}
		issuer, _ := m.Issuer.(string)
		key, ok := profileKey(issuer)
		if whole, _ := profileKey(at); !ok || !strings.HasPrefix(whole, strings.TrimSuffix(key, "/")) {
			t.Fatalf("the issuer %q of %s was accepted", issuer, at)
		}
		for _, endpoint := range []*url.URL{found.token, found.introspection} {
			if endpoint != nil && (endpoint.Scheme != "https" || endpoint.Host == "" || endpoint.User != nil) {
				t.Fatalf("%q gave the endpoint %q", body, endpoint)
			}
		}
	})
}
