package indieauth_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"starpunk/receiver/indieauth"
)

func TestValidTokensAreCachedForFiveMinutes(t *testing.T) {
	t.Parallel()
	w := getWorld(t, text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{TokenCache: true})
	accept(t, v, "T")
	w.Clock.Advance(5*time.Minute - 1)
	accept(t, v, "T")
	wantRequests(t, w, 1, 1)
	w.Clock.Advance(1)
	accept(t, v, "T")
	wantRequests(t, w, 1, 2)
	accept(t, v, "another")
	wantRequests(t, w, 1, 3)
}

func TestNoTokenIsCachedAfterItsExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	end := w.Clock.Now().Add(time.Minute)
	w.handle(owner, text("text/html", tokenLink))
	w.handle(tokenURL, text("application/json", fmt.Sprintf(`{"me":%q,"scope":"create","exp":%d}`, owner, end.Unix())))
	v := w.verifier(indieauth.Options{TokenCache: true})
	accept(t, v, "T")
	w.Clock.Advance(time.Minute - 1)
	accept(t, v, "T")
	wantRequests(t, w, 1, 1)
	w.Clock.Advance(1)
	_, err := verify(t, v, "T")
	wantKind(t, err, indieauth.Rejected)
	wantRequests(t, w, 1, 2)
}

func TestTheOptionsSetTheCacheTimes(t *testing.T) {
	t.Parallel()
	w := getWorld(t, text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{TokenCache: true, TokenCacheTTL: time.Second, EndpointCacheTTL: 2 * time.Second})
	accept(t, v, "T")
	w.Clock.Advance(time.Second)
	accept(t, v, "T")
	wantRequests(t, w, 1, 2)
	w.Clock.Advance(time.Second)
	accept(t, v, "T")
	wantRequests(t, w, 2, 3)
}

func TestTheTokenCacheIsOptional(t *testing.T) {
	t.Parallel()
	w := getWorld(t, text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{})
	accept(t, v, "T")
	accept(t, v, "T")
	wantRequests(t, w, 1, 2)
}

func TestRejectionsAreNotCached(t *testing.T) {
	t.Parallel()
	answers := map[string]string{}
	w := getWorld(t, tokens(answers))
	v := w.verifier(indieauth.Options{TokenCache: true})
	_, err := verify(t, v, "T")
	wantKind(t, err, indieauth.Rejected)
	if want := "Access token is invalid or expired. Please re-authorize."; err.Message != want {
		t.Errorf("message %q, want %q", err.Message, want)
	}
	answers["T"] = goodAnswer
	accept(t, v, "T")
}

func TestEndpointsAreCachedForAnHour(t *testing.T) {
	t.Parallel()
	w := getWorld(t, text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{})
	accept(t, v, "T")
	w.Clock.Advance(time.Hour - 1)
	accept(t, v, "T")
	wantRequests(t, w, 1, 2)
	w.Clock.Advance(1)
	accept(t, v, "T")
	wantRequests(t, w, 2, 3)
}

func TestFlushEmptiesTheCaches(t *testing.T) {
	t.Parallel()
	w := getWorld(t, text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{TokenCache: true})
	accept(t, v, "T")
	v.Flush()
	accept(t, v, "T")
	wantRequests(t, w, 2, 2)
}

func TestFlushKeepsRunningVerificationsOutOfTheCache(t *testing.T) {
	t.Parallel()
	started, flushed := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w := getWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(started) })
		<-flushed
		text("application/json", goodAnswer)(rw, r)
	})
	v := w.verifier(indieauth.Options{TokenCache: true})
	go func() {
		<-started
		v.Flush()
		close(flushed)
	}()
	accept(t, v, "T")
	accept(t, v, "T")
	wantRequests(t, w, 2, 2)
}
