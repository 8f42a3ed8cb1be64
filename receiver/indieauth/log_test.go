package indieauth_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/receiver/indieauth"
)

// Servers do what they can to have the token written down; the log and the
// errors must not have it, in any way of writing.
func TestTokensReachNoLogErrorOrURL(t *testing.T) {
	const token = "s3cr3t+t0ken/with=signs"
	escaped := url.QueryEscape(token)
	echo := func(answer string) http.HandlerFunc { return text("application/json", answer) }
	endpoints := map[string]http.HandlerFunc{
		"accepts":                echo(goodAnswer),
		"refuses":                status(401),
		"fails":                  status(500),
		"answers with the token": echo(token),
		"owner is the token":     echo(fmt.Sprintf(`{"me":"https://x.example/%s","scope":"create"}`, token)),
		"client and scope":       echo(fmt.Sprintf(`{"me":%q,"client_id":%q,"scope":%q,"active":%q}`, owner, token, token, token)),
		"redirects here with it": func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "/token?t="+escaped, http.StatusFound)
		},
		"redirects away with it": func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "https://evil.example/"+token, http.StatusFound)
		},
		"redirects to another page": func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/"+token, http.StatusFound) },
		"a header that is none":     hijacked("HTTP/1.1 200 OK\r\nX " + token + "\r\n\r\n"),
		"no HTTP":                   hijacked(token + "\r\n"),
	}
	for name, endpoint := range endpoints {
		for _, kind := range []string{"get", "introspection"} {
			t.Run(name+" by "+kind, func(t *testing.T) {
				w := getWorld(t, endpoint)
				if kind == "introspection" {
					w = introspectionWorld(t, endpoint, status(401))
				}
				_, err := w.verifier(indieauth.Options{TokenCache: true}).Verify(t.Context(), token, stranger)
				everything := w.Log.String()
				if e, ok := errors.AsType[*indieauth.Error](err); ok {
					everything += "\n" + e.Error() + "\n" + e.Message
				}
				for _, form := range []string{token, escaped, url.PathEscape(token), base64.StdEncoding.EncodeToString([]byte(token))} {
					if strings.Contains(everything, form) {
						t.Errorf("the token is in the log or the error:\n%s", everything)
					}
				}
			})
		}
	}
}

// hijacked answers with bytes that net/http would not send.
func hijacked(response string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = conn.Close() }()
		_, _ = conn.Write([]byte(response))
	}
}

func TestEveryFailedVerificationIsLoggedOnce(t *testing.T) {
	w := getWorld(t, status(401))
	v := w.verifier(indieauth.Options{})
	var callers sync.WaitGroup
	release := make(chan struct{})
	w.handle(tokenURL, func(rw http.ResponseWriter, _ *http.Request) { <-release; rw.WriteHeader(401) })
	for range 5 {
		callers.Go(func() { _, _ = v.Verify(t.Context(), "T", stranger) })
	}
	for w.requests(askToken) == 0 {
		time.Sleep(time.Millisecond)
	}
	close(release)
	callers.Wait()
	n := w.requests(askToken)
	if got := strings.Count(w.Log.String(), "token not accepted"); got != n {
		t.Errorf("%d events for %d verifications:\n%s", got, n, w.Log)
	}
	if got := strings.Count(w.Log.String(), "endpoints discovered"); got != 1 {
		t.Errorf("%d events for one discovery:\n%s", got, w.Log)
	}
}
