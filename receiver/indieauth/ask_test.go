package indieauth_test

import (
	"encoding/base64"
	"net/http"
	"sync/atomic"
	"testing"

	"starpunk/receiver/indieauth"
)

// getWorld is a world whose owner names a token endpoint.
func getWorld(t *testing.T, endpoint http.HandlerFunc) *world {
	w := newWorld(t)
	w.handle(owner, text("text/html", tokenLink))
	w.handle(tokenURL, endpoint)
	return w
}

// introspectionWorld is one whose owner's metadata name both endpoints.
func introspectionWorld(t *testing.T, introspection, get http.HandlerFunc) *world {
	w := newWorld(t)
	w.handle(owner, text("text/html", `<link rel="indieauth-metadata" href="https://auth.example/meta">`))
	w.handle("https://auth.example/meta", text("application/json",
		`{"issuer":"https://auth.example/","token_endpoint":"https://auth.example/token","introspection_endpoint":"https://auth.example/introspect"}`))
	w.handle("https://auth.example/introspect", introspection)
	w.handle(tokenURL, get)
	return w
}

func TestStatusesAndHowOftenTheyAreAskedFor(t *testing.T) {
	const get, post = "GET https://auth.example/token", "POST https://auth.example/introspect"
	good := text("application/json", `{"active":true,"me":"https://owner.example/","scope":"create"}`)
	cases := []struct {
		rule                string
		introspection, get  http.HandlerFunc
		secret              string
		want                indieauth.Kind
		postTimes, getTimes int
	}{
		{"introspection that answers is enough", good, status(500), "", 0, 1, 0},
		{"401 to us: the GET", status(401), good, "", 0, 1, 1},
		{"403 to us: the GET", status(403), good, "", 0, 1, 1},
		{"404: the GET", status(404), good, "", 0, 1, 1},
		{"405: the GET", status(405), good, "", 0, 1, 1},
		{"a wrong secret: the GET", status(401), good, "wrong", 0, 1, 1},
		{"refused both ways", status(401), status(401), "", indieauth.Rejected, 1, 1},
		{"403 is final", status(401), status(403), "", indieauth.Rejected, 1, 1},
		{"400 is final", status(401), status(400), "", indieauth.Rejected, 1, 1},
		{"400 of introspection is about the token", status(400), good, "", indieauth.Rejected, 1, 0},
		{"429 is not about the token", status(429), good, "", indieauth.Unreachable, 1, 0},
		{"405 to the GET is not about the token", status(401), status(405), "", indieauth.Unreachable, 1, 1},
		{"500 is tried three times", status(500), good, "", indieauth.Unreachable, 3, 0},
		{"502 is tried three times", status(502), good, "", indieauth.Unreachable, 3, 0},
		{"503 is tried three times", status(503), good, "", indieauth.Unreachable, 3, 0},
		{"504 to the GET is tried three times", status(404), status(504), "", indieauth.Unreachable, 1, 3},
		{"501 is not tried again", status(501), good, "", indieauth.Unreachable, 1, 0},
		{"204 is no answer", status(204), good, "", indieauth.Unreachable, 1, 0},
		{"304 is no answer", status(304), good, "", indieauth.Unreachable, 1, 0},
		{"500, 500, 200 is a success", fails(2, good), status(500), "", 0, 3, 0},
		{"a broken connection is tried again", breaks(2, good), status(500), "", 0, 3, 0},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := introspectionWorld(t, c.introspection, c.get)
			v := w.verifier(indieauth.Options{IntrospectionSecret: c.secret})
			_, err := verify(t, v, "T")
			if c.want != 0 {
				wantKind(t, err, c.want)
			} else if err != nil {
				t.Errorf("%v, want the token", err)
			}
			if p, g := w.requests(post), w.requests(get); p != c.postTimes || g != c.getTimes {
				t.Errorf("%d POST and %d GET, want %d and %d", p, g, c.postTimes, c.getTimes)
			}
			if n, want := v.Counters().Retries, max(c.postTimes-1, 0)+max(c.getTimes-1, 0); n != uint64(want) {
				t.Errorf("%d retries counted, want %d", n, want)
			}
		})
	}
}

// fails answers 500 n times before it lets next answer.
func fails(n int32, next http.HandlerFunc) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		if atomic.AddInt32(&n, -1) >= 0 {
			rw.WriteHeader(http.StatusInternalServerError)
			return
		}
		next(rw, r)
	}
}

// breaks cuts the connection n times.
func breaks(n int32, next http.HandlerFunc) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		if atomic.AddInt32(&n, -1) >= 0 {
			panic(http.ErrAbortHandler)
		}
		next(rw, r)
	}
}

func TestIntrospectionAloneThatRefusesUs(t *testing.T) {
	cases := []struct {
		rule   string
		status int
		secret string
		want   indieauth.Kind
	}{
		{"the token is its own credential: 401 rejects it", 401, "", indieauth.Rejected},
		{"the secret is refused: that says nothing about the token", 401, "secret", indieauth.Unreachable},
		{"403 to a user and password likewise", 403, "user:password", indieauth.Unreachable},
		{"there is no such endpoint", 404, "", indieauth.Unreachable},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := newWorld(t)
			w.handle(owner, text("text/html", `<link rel="indieauth-metadata" href="https://auth.example/meta">`))
			w.handle("https://auth.example/meta", text("application/json",
				`{"issuer":"https://auth.example/","introspection_endpoint":"https://auth.example/introspect"}`))
			w.handle("https://auth.example/introspect", status(c.status))
			_, err := verify(t, w.verifier(indieauth.Options{IntrospectionSecret: c.secret}), "T")
			wantKind(t, err, c.want)
		})
	}
}

func TestTheCredentialOfIntrospection(t *testing.T) {
	basic := func(userinfo string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(userinfo)) }
	for _, c := range []struct{ rule, secret, want string }{
		{"none: the token itself", "", "Bearer T"},
		{"a bearer secret as it is", "s3cr%t+/=", "Bearer s3cr%t+/="},
		{"a plain user and password as they are", "user-1:pass_word.2~", basic("user-1:pass_word.2~")},
		{"what is not plain is encoded as in a form (RFC 6749 §2.3.1)", "usér:p:ss w+rd%", basic("us%C3%A9r:p%3Ass+w%2Brd%25")},
		{"a user without a password", "user:", basic("user:")},
	} {
		t.Run(c.rule, func(t *testing.T) {
			var got string
			w := introspectionWorld(t, func(rw http.ResponseWriter, r *http.Request) {
				got = r.Header.Get("Authorization")
				text("application/json", `{"active":true,"me":"https://owner.example/","scope":"create"}`)(rw, r)
			}, status(500))
			if _, err := verify(t, w.verifier(indieauth.Options{IntrospectionSecret: c.secret}), "T"); err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("Authorization: %q, want %q", got, c.want)
			}
		})
	}
}

func TestRedirectsOfATokenStayWithTheServer(t *testing.T) {
	leads := func(code int, to string) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Location", to)
			rw.WriteHeader(code)
		}
	}
	good := text("application/json", `{"active":true,"me":"https://owner.example/","scope":"create"}`)
	cases := []struct {
		rule                string
		introspection, get  http.HandlerFunc
		want                indieauth.Kind
		evilTimes, moreGETs int
	}{
		{"a GET follows within the origin", status(404), leads(302, "/more"), 0, 0, 1},
		{"a POST follows as a POST", leads(307, "/more"), status(500), 0, 0, 0},
		{"a POST that would become a GET is not sent", leads(302, "/more"), good, indieauth.Unsafe, 0, 0},
		{"a GET never goes to another host", status(404), leads(302, "https://evil.example/"), indieauth.Unsafe, 0, 0},
		{"a POST never goes to another host", leads(308, "https://evil.example/"), good, indieauth.Unsafe, 0, 0},
		{"nor to another port", status(404), leads(302, "https://auth.example:8443/more"), indieauth.Unsafe, 0, 0},
		{"nor to plain HTTP", status(404), leads(302, "http://auth.example/more"), indieauth.Unsafe, 0, 0},
		{"not in circles for ever", status(404), leads(302, "/token"), indieauth.Unsafe, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := introspectionWorld(t, c.introspection, c.get)
			w.handle("https://auth.example/more", good)
			w.handle("https://evil.example/", good)
			v := w.verifier(indieauth.Options{})
			_, err := verify(t, v, "T")
			if c.want != 0 {
				wantKind(t, err, c.want)
				if v.Counters().Violations["redirect"] != 1 {
					t.Errorf("violations %v, want one redirect", v.Counters().Violations)
				}
			} else if err != nil {
				t.Errorf("%v, want the token", err)
			}
			if n := w.requests("GET https://evil.example/") + w.requests("POST https://evil.example/"); n != 0 {
				t.Errorf("the other host was asked %d times", n)
			}
			if n := w.requests("GET https://auth.example/more"); n != c.moreGETs {
				t.Errorf("%d GETs followed, want %d", n, c.moreGETs)
			}
		})
	}
}
