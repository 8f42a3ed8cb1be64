package receiver_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"starpunk/receiver"
	"starpunk/receiver/indieauth"
)

func TestWhichTokensMayCreate(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, token string
		status      int
		code        string
		challenge   string
	}{
		{"no token", "", 401, "unauthorized", "Bearer"},
		{"an unknown token", "stolen", 403, "forbidden", `Bearer error="invalid_token"`},
		{"a token of another owner", "other", 403, "forbidden", `Bearer error="invalid_token"`},
		{"a token without a scope of Micropub", "profile", 403, "insufficient_scope", `Bearer error="insufficient_scope", scope="create"`},
		{"a scope that has create as a prefix", "creation", 403, "insufficient_scope", `Bearer error="insufficient_scope", scope="create"`},
		{"a scope for other actions", "update", 403, "insufficient_scope", `Bearer error="insufficient_scope", scope="create"`},
		{"an authorization server that fails", "failing", 503, "temporarily_unavailable", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{})
			res := w.post(tc.token, formType, "content=x")
			w.wantError(res, tc.status, tc.code)
			if got := res.Header.Get("WWW-Authenticate"); got != tc.challenge {
				t.Errorf("WWW-Authenticate: %q, want %q", got, tc.challenge)
			}
			if got := res.Header.Get("Retry-After"); (got != "") != (tc.status == 503) {
				t.Errorf("%d with Retry-After %q", tc.status, got)
			}
			if scope, _ := res.json(t)["scope"].(string); (scope == "create") != (tc.code == "insufficient_scope") {
				t.Errorf("%s names the scope %q", tc.code, scope)
			}
		})
	}
}

func TestPostIsTheOldNameOfCreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	if res := w.post("post", formType, "content=x"); res.StatusCode != 202 || w.note(res.Header.Get("Location")).Draft {
		t.Errorf("%d %s, want a public note", res.StatusCode, res.body)
	}
}

func TestADraftTokenCreatesDraftsOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	for _, body := range []string{"content=x", "content=x&post-status=published"} {
		res := w.post("draft", formType, body)
		if res.StatusCode != 201 || !w.note(res.Header.Get("Location")).Draft {
			t.Errorf("%s: %d %s, want a draft", body, res.StatusCode, res.body)
		}
	}
}

func TestWhereARequestMayHaveItsToken(t *testing.T) {
	t.Parallel()
	const multi = "multipart/form-data; boundary=b"
	inPart := "--b\r\nContent-Disposition: form-data; name=\"access_token\"\r\n\r\nall\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nx\r\n--b--\r\n"
	for _, tc := range []struct {
		name, config, path, header, contentType, body string
		status                                        int
	}{
		{"in the header", "", "", "Bearer all", formType, "content=x", 202},
		{"the scheme in any case", "", "", "bEaReR  all ", formType, "content=x", 202},
		{"in a form", "", "", "", formType, "content=x&access_token=all", 202},
		{"in multipart", "", "", "", multi, inPart, 202},
		{"the same in both", "", "", "Bearer all", formType, "content=x&access_token=all", 202},
		{"the same in both, strictly", "[receiver]\nstrict_bearer = true\n", "", "Bearer all", formType, "content=x&access_token=all", 400},
		{"two that differ", "", "", "Bearer all", formType, "content=x&access_token=create", 400},
		{"an invalid one in the body alone", "", "", "", formType, "content=x&access_token=stolen", 403},
		{"none in a form", "", "", "", formType, "content=x", 401},
		{"none in a form with a malformed name", "", "", "", formType, "content=x&a[=1", 401},
		{"none in a form that is not UTF-8", "", "", "", formType, "content=\xff", 401},
		{"none in a form with an escape that is not UTF-8", "", "", "", formType, "content=%FF", 401},
		{"none in a form with NUL", "", "", "", formType, "content=%00", 401},
		{"none in a form with a wrong h", "", "", "", formType, "content=x&h=../etc", 401},
		{"none in a form of too many values", "", "", "", formType, strings.Repeat("x=1&", 1001), 401},
		{"an invalid one before a malformed name", "", "", "", formType, "access_token=stolen&a[=1", 403},
		{"one after a malformed name", "", "", "", formType, "a[=1&access_token=all", 400},
		{"one after too many values", "", "", "", formType, strings.Repeat("x=1&", 1001) + "access_token%5B%5D=all", 400},
		{"one in the header and a malformed name", "", "", "Bearer all", formType, "a[=1", 400},
		{"two that differ and a malformed name", "", "", "", formType, "access_token=all&a[=1&access_token=create", 400},
		{"not in JSON", "", "", "", jsonType, `{"access_token":"all","properties":{"content":["x"]}}`, 401},
		{"not in the URL", "", "?access_token=all", "", formType, "content=x", 401},
		{"not by another scheme", "", "", "Basic all", formType, "content=x", 401},
		{"an empty one does not count", "", "", "Bearer ", formType, "content=x&access_token=", 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{config: tc.config})
			r := w.request("POST", "/micropub"+tc.path, "", tc.contentType, tc.body)
			if tc.header != "" {
				r.Header.Set("Authorization", tc.header)
			}
			if res := w.do(r); res.StatusCode != tc.status {
				t.Errorf("%d %s, want %d", res.StatusCode, res.body, tc.status)
			}
		})
	}
}

func TestSeveralTokensAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	picture := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n" + string(pixel(t)) + "\r\n--b--\r\n"
	for _, headers := range [][]string{
		{"Bearer all", "Bearer all"}, {"Bearer all", "Bearer create"}, {"Basic eDp5", "Bearer all"}, {"", "Bearer all"},
		{"Bearer all, Bearer create"}, {"Bearer all,create"}, {"bearer all , Basic eDp5"},
	} {
		for _, r := range []*http.Request{
			w.request("POST", "/micropub", "", formType, "content=x"),
			w.request("POST", "/micropub", "", jsonType, `{"properties":{"content":["x"]}}`),
			w.request("POST", "/micropub/media", "", "multipart/form-data; boundary=b", picture),
			w.request("GET", "/micropub?q=config", "", "", ""),
		} {
			r.Header["Authorization"] = headers
			w.wantError(w.do(r), 400, "invalid_request")
		}
	}
	for _, body := range []string{"content=x&access_token=all&access_token=all", "content=x&access_token[]=all&access_token[]=create", "content=x&access_token=all,create", "content=x&access_token=all,"} {
		w.wantError(w.post("", formType, body), 400, "invalid_request")
	}
	if len(w.mediaFiles()) > 0 {
		t.Errorf("files were stored: %q", w.mediaFiles())
	}
}

func TestWhichTokensMayQuery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	for token, status := range map[string]int{
		"create": 200, "post": 200, "draft": 200, "update": 200, "undelete": 200, "media": 200,
		"profile": 403, "creation": 403, "stolen": 403, "": 401,
	} {
		if res := w.get(token, "q=config"); res.StatusCode != status {
			t.Errorf("token %q: %d %s, want %d", token, res.StatusCode, res.body, status)
		}
	}
	if res := w.get("", "q=config&access_token=all"); res.StatusCode != 401 {
		t.Errorf("a token in the URL: %d, want 401", res.StatusCode)
	}
}

func TestNoTokenAndNoBodyInTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	w.post("all-TOPSECRET", formType, "content=BODYTEXT&mp-BODYTEXT=1&access_token=all-TOPSECRET")
	w.post("all-TOPSECRET", formType, "content=BODYTEXT&access_token=other-TOPSECRET")
	w.post("stolen-TOPSECRET", formType, "content=BODYTEXT")
	w.post("profile-TOPSECRET", jsonType, `{"properties":{"content":["BODYTEXT"]}}`)
	w.post("all-TOPSECRET", formType, "content=x&published=BODYTEXT&BODYTEXT[=1")
	w.post("all-TOPSECRET", formType, "action=BODYTEXT")
	w.post("all-TOPSECRET", jsonType, `{"BODYTEXT`)
	w.get("", "q=config&access_token=all-TOPSECRET")
	w.get("all-TOPSECRET", "q=BODYTEXT&access_token=TOPSECRET")
	log := w.log.String()
	for _, secret := range []string{"TOPSECRET", "BODYTEXT"} {
		// A slug is part of the file name, which the log may contain.
		if i := strings.Index(log, secret); i >= 0 {
			t.Errorf("the log contains %s: …%s…", secret, log[max(0, i-200):min(len(log), i+50)])
		}
	}
	if n := strings.Count(log, "request failed"); n != 8 {
		t.Errorf("%d events for 8 failures:\n%s", n, log)
	}
}

// production returns a receiver that limits rejected attempts, with an
// authorization server that rejects all tokens.
func production(t *testing.T, config string) http.Handler {
	t.Helper()
	w := newWorld(t, setting{config: config})
	auth := httptest.NewTLSServer(http.HandlerFunc(w.serveAuth))
	t.Cleanup(auth.Close)
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: auth.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, auth.Listener.Addr().String())
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	verifier, err := indieauth.New(indieauth.Options{
		Me: "https://example.com/", TokenCache: true, Transport: transport, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return receiver.New(receiver.Options{Config: w.cfg, Store: w.store, Verifier: verifier}).Handler()
}

func TestRejectedAttemptsAreCountedByTheClientBehindTheProxy(t *testing.T) {
	t.Parallel()
	h := production(t, "[receiver]\ntrusted_proxies = [\"127.0.0.0/8\", \"10.0.0.7\"]\n")
	try := func(remote string, forwarded ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/micropub", strings.NewReader(`{}`))
		r.Header.Set("Content-Type", jsonType)
		r.Header.Set("Authorization", "Bearer stolen")
		r.RemoteAddr = remote
		for _, f := range forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		return rec
	}
	const proxy = "127.0.0.1:999"
	for range 30 {
		if rec := try(proxy, "203.0.113.9"); rec.Code != 403 {
			t.Fatalf("an attempt: %d %s, want 403", rec.Code, rec.Body)
		}
	}
	for _, tc := range []struct {
		name, remote string
		forwarded    []string
		status       int
	}{
		{"the same client", proxy, []string{"203.0.113.9"}, 429},
		{"the same, with a port", proxy, []string{"203.0.113.9:4711"}, 429},
		{"the same, written as IPv6", proxy, []string{"::ffff:203.0.113.9"}, 429},
		{"the same, without the proxy", "203.0.113.9:999", nil, 429},
		{"the same, behind two proxies", proxy, []string{"203.0.113.9, 10.0.0.7"}, 429},
		{"the same, in two headers", proxy, []string{"203.0.113.9", "10.0.0.7"}, 429},
		{"the same, claiming to be another", proxy, []string{"198.51.100.1, 203.0.113.9"}, 429},
		{"the same, claiming to be a proxy", "203.0.113.9:999", []string{"198.51.100.1"}, 429},
		{"another client", proxy, []string{"203.0.113.10"}, 403},
		{"another, naming the first", proxy, []string{"203.0.113.9, 203.0.113.10"}, 403},
		{"another, after garbage", proxy, []string{"203.0.113.9, unknown"}, 403},
		{"the proxy itself", proxy, nil, 403},
		{"the owner, behind the gateway that a stranger is behind", "10.0.0.7:999", []string{"198.51.100.7"}, 403},
		{"the stranger, behind that gateway, who claims to be the owner", "10.0.0.7:999", []string{"198.51.100.7, 203.0.113.9"}, 429},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rec := try(tc.remote, tc.forwarded...)
			if rec.Code != tc.status {
				t.Fatalf("%d %s, want %d", rec.Code, rec.Body, tc.status)
			}
			if tc.status == 429 && (rec.Header().Get("Retry-After") == "" || !strings.Contains(rec.Body.String(), `"slow_down"`)) {
				t.Errorf("429 with Retry-After %q and %s", rec.Header().Get("Retry-After"), rec.Body)
			}
		})
	}
}

// TestEachScopePermitsItsActions is the table of docs/security.md. Each token
// has the one scope that is its name.
func TestEachScopePermitsItsActions(t *testing.T) {
	t.Parallel()
	const (
		trashed = "https://example.org/2026/11/trashed/"
		private = "https://example.org/2026/11/private/"
		sketch  = "https://example.org/2026/11/sketch/"
		about   = "https://example.org/about/"
		change  = `"replace":{"content":["Other words"]}`
	)
	files := map[string]string{
		"content/blog/hand.md":           handWritten,
		"content/blog/private.md":        "---\ndate: 2026-11-20\nvisibility: private\n---\nSecret\n",
		"content/blog/sketch.md":         "---\ndate: 2026-11-20\ndraft: true\n---\nNot yet\n",
		"content/.trash/blog/trashed.md": "---\ndate: 2026-11-20\n---\nNo more\n",
		"content/about.md":               "About\n",
	}
	source := func(url string) func(w *world, token string) *response {
		return func(w *world, token string) *response { return w.get(token, "q=source&url="+url) }
	}
	cases := []struct {
		action string
		do     func(w *world, token string) *response
		can    string // tokens, in byte order
	}{ // the order matters: notes are read, then changed, then deleted
		{"read a public note", source(handURL), "create delete draft media post undelete update"},
		{"read a private note", source(private), "create draft post update"},
		{"read a deleted note", source(trashed), ""},
		{"add a note", func(w *world, token string) *response { return w.post(token, formType, "content=x") }, "create draft post"},
		{"upload", func(w *world, token string) *response { return w.upload(token, "file", "a.png", pixel(t)) }, "create media post update"},
		{"list uploads", func(w *world, token string) *response {
			return w.do(w.request("GET", "/micropub/media?q=source", token, "", ""))
		}, "create media post update"},
		{"change a note", func(w *world, token string) *response { return w.send(token, "update", handURL, change) }, "update"},
		{"change a page", func(w *world, token string) *response { return w.send(token, "update", about, change) }, "update"},
		{"change a draft", func(w *world, token string) *response { return w.send(token, "update", sketch, change) }, "draft update"},
		{"publish a draft", func(w *world, token string) *response {
			return w.send(token, "update", sketch, `"replace":{"post-status":["published"]}`)
		}, "update"},
		{"undelete a note", func(w *world, token string) *response { return w.send(token, "undelete", trashed, "") }, "delete undelete"},
		{"delete a note", func(w *world, token string) *response { return w.send(token, "delete", handURL, "") }, "delete"},
	}
	can := make([][]string, len(cases))
	for _, token := range []string{"create", "delete", "draft", "media", "post", "profile", "undelete", "update"} {
		w := newWorld(t, setting{files: files})
		for i, tc := range cases {
			if res := tc.do(w, token); res.StatusCode < 300 {
				can[i] = append(can[i], token)
			}
		}
	}
	for i, tc := range cases {
		if got := strings.Join(can[i], " "); got != tc.can {
			t.Errorf("%s: permitted for %q, want %q", tc.action, got, tc.can)
		}
	}
}
