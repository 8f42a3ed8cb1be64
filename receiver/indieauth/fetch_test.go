package indieauth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"starpunk/receiver/indieauth"
)

func TestSlowServersAreUnreachable(t *testing.T) {
	t.Parallel()
	const short = 400 * time.Millisecond
	done := make(chan struct{})
	hang := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-done:
		}
	}
	drip := func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		for r.Context().Err() == nil {
			fmt.Fprint(rw, "<p>")
			rw.(http.Flusher).Flush()
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}
	cases := []struct {
		rule            string
		profile, answer http.HandlerFunc
		fetchTimeout    time.Duration // of the profile page
		retries         uint64
	}{
		{"a profile page that hangs", hang, hang, short, 0},
		{"a profile page that sends slowly without end", drip, hang, short, 0},
		{"a token endpoint that hangs is tried three times", text("text/html", tokenLink), hang, time.Hour, 2},
		{"a token endpoint that sends slowly without end is tried three times", text("text/html", tokenLink), drip, time.Hour, 2},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := newWorld(t)
			w.handle(owner, c.profile)
			w.handle(tokenURL, c.answer)
			v := w.verifier(indieauth.Options{})
			v.SetTimeouts(c.fetchTimeout, short, time.Hour)
			_, err := verify(t, v, "T")
			wantKind(t, err, indieauth.Unreachable)
			if want := "Authorization server is unreachable. Please try again later."; err.Message != want {
				t.Errorf("message %q, want %q", err.Message, want)
			}
			if err.RetryAfter == 0 {
				t.Error("RetryAfter is 0")
			}
			if n := v.Counters().Retries; n != c.retries {
				t.Errorf("%d retries, want %d", n, c.retries)
			}
		})
	}
	close(done)
}

func TestAllAttemptsTogetherHaveATimeLimit(t *testing.T) {
	t.Parallel()
	w := getWorld(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	v := w.verifier(indieauth.Options{})
	v.SetTimeouts(time.Hour, time.Hour, 50*time.Millisecond)
	_, err := verify(t, v, "T")
	wantKind(t, err, indieauth.Unreachable)
	if n := v.Counters().Retries; n != 0 {
		t.Errorf("%d retries after the first request took all the time, want none", n)
	}
}

func TestLargePagesAreReadUpToALimit(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	late := strings.Repeat(" ", limit-len(tokenLink)) + tokenLink
	cases := []struct {
		rule, page string
		want       indieauth.Kind
	}{
		{"50 MB with the link at the beginning", tokenLink + strings.Repeat("<p>Lorem ipsum</p>\n", 50<<20/19), 0},
		{"a link that ends with the last byte read", late, 0},
		{"a link that ends one byte later", " " + late, indieauth.NoEndpoint},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := getWorld(t, text("application/json", goodAnswer))
			w.handle(owner, text("text/html", c.page))
			_, err := verify(t, w.verifier(indieauth.Options{}), "T")
			if c.want != 0 {
				wantKind(t, err, c.want)
			} else if err != nil {
				t.Errorf("%v, want the token", err)
			}
		})
	}
}
