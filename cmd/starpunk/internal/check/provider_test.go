//go:build unix

package check_test

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"

	"starpunk/cmd/starpunk/internal/check"
)

// A proxy passes requests on to the receiver and the provider of a world, and serves
// pages.
func (w *world) proxy(host string, forward func(path string) bool) http.Handler {
	backend := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: w.receiver})
		r.Out.Host = host
	}}
	pages := http.FileServer(http.Dir(w.sites["provider"].Build.Output))
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/micropub") || forward(r.URL.Path) {
			backend.ServeHTTP(rw, r)
			return
		}
		pages.ServeHTTP(rw, r)
	})
}

func TestTheProviderOfTheSiteIsCheckedThroughTheWebServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	always := func(path string) bool {
		return strings.HasPrefix(path, "/auth/") || path == "/.well-known/oauth-authorization-server"
	}
	cases := []struct {
		rule, host   string
		forward      func(path string) bool
		text, remedy string
	}{
		{"everything is forwarded", "ada.example", always, "", ""},
		{"nothing is forwarded", "ada.example", func(string) bool { return false },
			"oauth-authorization-server answers 404. The web server does not pass the request on", "handle @provider {"},
		{"the pages are not forwarded", "ada.example", func(path string) bool { return path == "/.well-known/oauth-authorization-server" },
			"/auth/userinfo answers 404", "location ~ ^/(auth/|"},
		{"the name of the site is not passed on", "127.0.0.1", always, "answers 421. The web server passes another name", "proxy_set_header Host $host;"},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			places := map[string]string{"ada.example:443": w.serveTLS("ada.example", w.proxy(c.host, c.forward))}
			o := w.options(w.network(places))
			o.Config = w.sites["provider"]
			report, err := check.Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, f := range report.Findings {
				if f.Check == "provider" && f.Level == check.Problem {
					found = true
					if !strings.Contains(f.Text, c.text) || !strings.Contains(f.Caddy+f.Nginx, c.remedy) {
						t.Errorf("the problem is %+v, want %q with %q", f, c.text, c.remedy)
					}
				}
				if f.Check == "profile" || f.Check == "discovery" || f.Check == "metadata" && f.Level == check.Problem {
					t.Errorf("a second finding for the same cause: %+v", f)
				}
			}
			if found != (c.text != "") {
				t.Errorf("problem found: %v, want %v:\n%s", found, c.text != "", list(report))
			}
		})
	}
}

func TestAMistakeInTheFileOfTheProviderIsAProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cfg := w.sites["provider"]
	places := map[string]string{"ada.example:443": w.serveTLS("ada.example", w.proxy("ada.example", func(path string) bool { return strings.Contains(path, "auth") }))}
	hint := "No passkey is registered"
	for range 2 {
		o := w.options(w.network(places))
		o.Config = cfg
		report, err := check.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(list(report), hint) {
			t.Errorf("no finding with %q:\n%s", hint, list(report))
		}
		hint = "provider.json:1: "
		if err := os.WriteFile(cfg.ProviderFile(), []byte("broken"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
