package indieauth_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/receiver/indieauth"
)

func TestRejectedAttemptsAreLimited(t *testing.T) {
	t.Parallel()
	w := getWorld(t, tokens(map[string]string{"good": goodAnswer, "new": goodAnswer}))
	v := w.verifier(indieauth.Options{TokenCache: true})
	accept(t, v, "good")
	for i := range 30 {
		_, err := verify(t, v, fmt.Sprintf("bad%d", i))
		wantKind(t, err, indieauth.Rejected)
	}
	_, err := verify(t, v, "bad30")
	wantKind(t, err, indieauth.Limited)
	if err.RetryAfter <= 0 || err.RetryAfter > time.Minute {
		t.Errorf("RetryAfter %v, want up to a minute", err.RetryAfter)
	}
	wantRequests(t, w, 1, 31)
	accept(t, v, "good") // it is in the cache

	other := netip.MustParseAddr("198.51.100.1")
	if _, err := v.Verify(t.Context(), "new", other); err != nil {
		t.Errorf("another client: %v, want its token accepted", err)
	}
	w.Clock.Advance(err.RetryAfter)
	_, err = verify(t, v, "bad31")
	wantKind(t, err, indieauth.Rejected)
	if n := v.Counters().RateLimited; n != 1 {
		t.Errorf("%d limited requests counted, want 1", n)
	}
}

func TestParallelAttemptsAreLimitedToo(t *testing.T) {
	t.Parallel()
	w := getWorld(t, status(401))
	v := w.verifier(indieauth.Options{})
	var callers sync.WaitGroup
	for i := range 100 {
		callers.Go(func() { _, _ = v.Verify(t.Context(), fmt.Sprintf("bad%d", i), stranger) })
	}
	callers.Wait()
	if n := w.requests(getToken); n > 30 {
		t.Errorf("%d tokens were verified, want at most 30", n)
	}
}

func TestAcceptedTokensAreNotLimited(t *testing.T) {
	t.Parallel()
	w := getWorld(t, text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{}) // without a cache
	for range 100 {
		accept(t, v, "T")
	}
}

func TestWhichAddressesCountAsOneClient(t *testing.T) {
	t.Parallel()
	cases := []struct {
		rule, first, second string
		one                 bool
	}{
		{"an IPv4-mapped IPv6 address", "203.0.113.7", "::ffff:203.0.113.7", true},
		{"addresses of one IPv6 network", "2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", true},
		{"neighbouring IPv6 networks", "2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"neighbouring IPv4 addresses", "203.0.113.7", "203.0.113.8", false},
		{"zones of a link", "fe80::1%eth0", "fe80::2%eth1", true},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := getWorld(t, status(401))
			v := w.verifier(indieauth.Options{})
			for i := range 30 {
				_, _ = v.Verify(t.Context(), fmt.Sprintf("bad%d", i), netip.MustParseAddr(c.first))
			}
			_, err := v.Verify(t.Context(), "bad", netip.MustParseAddr(c.second))
			e, _ := errors.AsType[*indieauth.Error](err)
			if limited := e.Kind == indieauth.Limited; limited != c.one {
				t.Errorf("after 30 of %s, %s got %v", c.first, c.second, err)
			}
		})
	}
}

func TestFailedDiscoveriesAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handle(owner, text("text/html", "<p>No links.</p>"))
	v := w.verifier(indieauth.Options{})
	for i := range 60 {
		_, err := verify(t, v, fmt.Sprintf("T%d", i))
		wantKind(t, err, indieauth.NoEndpoint)
	}
	_, err := verify(t, v, "T")
	wantKind(t, err, indieauth.Unreachable)
	wantRequests(t, w, 60, 0)
	if n := v.Counters().DiscoveryLimited; n != 1 {
		t.Errorf("%d fetches counted as not made, want 1", n)
	}
	if n := strings.Count(w.Log.String(), "discovery failed"); n != 60 {
		t.Errorf("%d events for the 60 fetches that were made", n)
	}
	w.Clock.Advance(time.Second)
	_, err = verify(t, v, "T")
	wantKind(t, err, indieauth.NoEndpoint)
}

func TestNothingIsLimitedInDevelopment(t *testing.T) {
	t.Parallel()
	w := getWorld(t, status(401))
	v := w.verifier(indieauth.Options{Dev: true})
	for i := range 100 {
		_, err := verify(t, v, fmt.Sprintf("bad%d", i))
		wantKind(t, err, indieauth.Rejected)
	}
}
