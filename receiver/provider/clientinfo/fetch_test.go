package clientinfo_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/receiver/fetch"
	"starpunk/receiver/provider/clientinfo"
)

const id = "https://app.example/"

// A web is a set of servers in memory.
type web struct {
	handler http.HandlerFunc
	fetched int
	now     time.Time
}

func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	w.fetched++
	rec := httptest.NewRecorder()
	w.handler(rec, r)
	return rec.Result(), nil
}

func fetcher(handler http.HandlerFunc) (*clientinfo.Fetcher, *web) {
	w := &web{handler: handler, now: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	return clientinfo.NewFetcher(&fetch.Client{Transport: w}, func() time.Time { return w.now }), w
}

// page answers with a body of a type.
func page(contentType, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
		_, _ = w.Write([]byte(body))
	}
}

func TestDescriptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    clientinfo.Info
	}{
		{"JSON", page("application/json", `{"client_id": "https://app.example/", "client_name": "App", "client_uri": "https://app.example/", "redirect_uris": ["https://app.example/done", "/relative", "app:/done"]}`),
			clientinfo.Info{Name: "App", URL: id, RedirectURIs: []string{"https://app.example/done", "https://app.example/relative", "app:/done"}}},
		{"JSON with a page that is not a prefix", page("application/json; charset=utf-8", `{"client_id": "https://app.example/", "client_uri": "https://evil.example/"}`), clientinfo.Info{}},
		{"h-app", page("text/html", `<title>T</title><div class="h-app"><a class="u-url p-name" href="/about"> My
			App </a></div><link rel="redirect_uri" href="/cb"><link rel="stylesheet" href="/s">`),
			clientinfo.Info{Name: "My App", URL: "https://app.example/about", RedirectURIs: []string{"https://app.example/cb"}}},
		{"h-x-app without a name", page("text/html", `<div class="h-x-app">Old</div>`), clientinfo.Info{Name: "Old"}},
		{"h-app with a link to another host", page("text/html", `<div class="h-app"><a class="u-url" href="https://bank.example/">App</a></div>`), clientinfo.Info{Name: "App"}},
		{"a title", page("text/html; charset=utf-8", `<title>Quill</title>`), clientinfo.Info{Name: "Quill"}},
		{"Link headers", page("text/html", "", "Link", `<https://cdn.example/x>; rel="redirect_uri", </y>; rel=other`, "Link", `<z>; rel="a redirect_uri"`),
			clientinfo.Info{RedirectURIs: []string{"https://cdn.example/x", "https://app.example/z"}}},
		{"a name that changes the direction of text", page("text/html", "<title>a\u202eb\u200bc\x1b[31m</title>"), clientinfo.Info{Name: "abc[31m"}},
		{"a long name", page("text/html", "<title>"+strings.Repeat("é", 200)+"</title>"), clientinfo.Info{Name: strings.Repeat("é", 100) + "…"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f, _ := fetcher(test.handler)
			got, err := f.Fetch(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if got.Name != test.want.Name || got.URL != test.want.URL || !slices.Equal(got.RedirectURIs, test.want.RedirectURIs) {
				t.Errorf("got %+v, want %+v", *got, test.want)
			}
		})
	}
}

func redirect(location string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusFound)
	}
}

func TestPagesThatAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"another client_id", page("application/json", `{"client_id": "https://other.example/"}`), "another client_id"},
		{"no client_id", page("application/json", `{}`), "another client_id"},
		{"broken JSON", page("application/json", `{`), "cannot be read"},
		{"another type", page("image/png", ""), `neither JSON nor HTML, but "image/png"`},
		{"no type", page("", ""), "no valid type"},
		{"too large", page("text/html", strings.Repeat("x", 256<<10+1)), "larger than 262144 bytes"},
		{"many <body> tags", page("text/html", strings.Repeat("<body a><BODY b>", 15)), "more than 20 <html> and <body> tags"},
		{"many <html> tags", page("text/html", strings.Repeat("<html a><HTML b>", 15)), "more than 20 <html> and <body> tags"},
		{"not found", http.NotFound, "answers 404"},
		{"a redirect to another host", redirect("https://evil.example/"), "redirects to another host"},
		{"a redirect to another port", redirect("https://app.example:444/"), "redirects to another host"},
		{"a redirect to plain HTTP", redirect("http://app.example/"), "redirects to another host"},
		{"a redirect to a user", redirect("https://me@app.example/"), "redirects to another host"},
		{"a redirect to this machine", redirect("http://127.0.0.1/"), "redirects to another host"},
		{"an endless redirect", redirect("/again"), "more than 3 times"},
		{"a redirect to nowhere", redirect("http://[::1"), "Location header"},
		{"a redirect without a target", redirect(""), "answers 302"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f, w := fetcher(test.handler)
			_, err := f.Fetch(t.Context(), id)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if w.fetched > 4 {
				t.Errorf("%d requests", w.fetched)
			}
		})
	}
}

func TestADescriptionIsCachedForTenMinutes(t *testing.T) {
	t.Parallel()
	f, w := fetcher(page("text/html", "<title>App</title>"))
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {10*time.Minute - 1, 1}, {1, 2}} {
		w.now = w.now.Add(step.after)
		if _, err := f.Fetch(t.Context(), id); err != nil || w.fetched != step.want {
			t.Errorf("%d requests (%v), want %d", w.fetched, err, step.want)
		}
	}
	w.handler = http.NotFound
	w.now = w.now.Add(time.Hour)
	for range 2 {
		if _, err := f.Fetch(t.Context(), id); err == nil {
			t.Error("no error")
		}
	}
	if w.fetched != 4 {
		t.Errorf("%d requests: a failure must not be cached", w.fetched)
	}
}

func TestAnAppOnTheOwnersMachineIsNotFetched(t *testing.T) {
	t.Parallel()
	f, w := fetcher(http.NotFound)
	for _, own := range []string{"http://127.0.0.1:4000/", "http://localhost/", "http://[::1]:4000/"} {
		if _, err := f.Fetch(t.Context(), own); err != nil || w.fetched != 0 {
			t.Errorf("%s: %v, %d requests", own, err, w.fetched)
		}
	}
}

// TestAnAddressThatIsNotPublicIsRefused uses the transport of production.
func TestAnAddressThatIsNotPublicIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(page("text/html", ""))
	defer server.Close()
	f := clientinfo.NewFetcher(&fetch.Client{Transport: fetch.NewTransport(fetch.Options{})}, time.Now)
	address := strings.Replace(server.URL, "127.0.0.1", "127.0.0.1.", 1) // not the text of a loopback address
	if _, err := f.Fetch(t.Context(), address); err == nil {
		t.Error("a loopback address was fetched")
	}
}

func FuzzPage(f *testing.F) {
	f.Add("text/html", "<div class=h-app><p class=p-name>x<a class=u-url href=y>", "<z>; rel=redirect_uri")
	f.Add("application/json", `{"client_id": "https://app.example/", "redirect_uris": ["x"]}`, "")
	f.Fuzz(func(t *testing.T, contentType, body, link string) {
		fetcher, _ := fetcher(page(contentType, body, "Link", link))
		info, err := fetcher.Fetch(t.Context(), id)
		if err != nil {
			return
		}
		if len([]rune(info.Name)) > 101 || len(info.RedirectURIs) > 100 || info.URL != "" && !strings.HasPrefix(info.URL, "https://app.example/") {
			t.Errorf("%+v", info)
		}
		if strings.ContainsFunc(info.Name, func(r rune) bool { return r < ' ' }) {
			t.Errorf("name %q", info.Name)
		}
	})
}
