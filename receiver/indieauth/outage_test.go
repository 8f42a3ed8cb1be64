package indieauth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"starpunk/receiver/indieauth"
)

func TestOutageOfTheProfilePage(t *testing.T) {
	cases := []struct {
		rule    string
		failure http.HandlerFunc
		passed  time.Duration  // since the endpoints were found
		want    indieauth.Kind // 0: the known endpoints are used
	}{
		{"500 after an hour", status(500), time.Hour, 0},
		{"a broken connection after an hour", breaks(1000, nil), time.Hour, 0},
		{"500 after a day", status(500), 24 * time.Hour, 0},
		{"500 after more than a day", status(500), 24*time.Hour + 1, indieauth.Unreachable},
		{"a broken connection after more than a day", breaks(1000, nil), 24*time.Hour + 1, indieauth.Unreachable},
		{"the page is gone", status(404), time.Hour, indieauth.NoEndpoint},
		{"the links are gone", text("text/html", "<p>Moved.</p>"), time.Hour, indieauth.NoEndpoint},
		{"the endpoint became unsafe", text("text/html", `<link rel="token_endpoint" href="http://auth.example/token">`), time.Hour, indieauth.Unsafe},
		{"a redirect to plain HTTP", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://owner.example/", http.StatusFound)
		}, time.Hour, indieauth.Unsafe},
		{"a bad issuer", text("text/html", tokenLink+`<link rel="indieauth-metadata" href="https://auth.example/bad">`), time.Hour, indieauth.Unsafe},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := getWorld(t, text("application/json", goodAnswer))
			w.handle("https://auth.example/bad", text("application/json", `{"issuer":"https://evil.example/","token_endpoint":"https://auth.example/token"}`))
			v := w.verifier(indieauth.Options{})
			accept(t, v, "T")
			w.handle(owner, c.failure)
			w.Clock.Advance(c.passed)
			_, err := verify(t, v, "T")
			if c.want != 0 {
				wantKind(t, err, c.want)
				wantNoGrace(t, w, v)
				return
			}
			if err != nil {
				t.Fatalf("%v, want the known endpoints to be used", err)
			}
			if v.Counters().GraceUses == 0 || !strings.Contains(w.Log.String(), "known endpoints are used on") {
				t.Errorf("the use was not counted and warned about: %+v\n%s", v.Counters(), w.Log)
			}
		})
	}
}

// wantNoGrace: after a failure that was no outage, an outage finds nothing to
// go on with.
func wantNoGrace(t *testing.T, w *world, v *indieauth.Verifier) {
	t.Helper()
	w.handle(owner, status(500))
	_, err := verify(t, v, "T")
	wantKind(t, err, indieauth.Unreachable)
	if n := v.Counters().GraceUses; n != 0 {
		t.Errorf("%d uses of old endpoints, want none", n)
	}
}

func TestDuringAnOutageThePageIsTriedOnceAMinute(t *testing.T) {
	w := getWorld(t, text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{})
	accept(t, v, "T")
	w.handle(owner, status(500))
	w.Clock.Advance(time.Hour)
	for range 5 {
		accept(t, v, "T")
	}
	wantRequests(t, w, 2, 6)
	w.Clock.Advance(time.Minute)
	w.handle(owner, text("text/html", tokenLink))
	accept(t, v, "T")
	wantRequests(t, w, 3, 7)
}

func TestChangeOfEndpointIsSaidOnce(t *testing.T) {
	w := getWorld(t, text("application/json", goodAnswer))
	w.handle("https://new.example/token", text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{})
	accept(t, v, "T")
	w.handle(owner, text("text/html", `<link rel="token_endpoint" href="https://new.example/token">`))
	w.Clock.Advance(time.Hour)
	accept(t, v, "T")
	if n := w.requests("GET https://new.example/token"); n != 1 {
		t.Errorf("the new endpoint was asked %d times, want once", n)
	}
	if n := v.Counters().EndpointChanges; n != 1 || strings.Count(w.Log.String(), "endpoints changed") != 1 {
		t.Errorf("%d changes counted, log:\n%s", n, w.Log)
	}
}
