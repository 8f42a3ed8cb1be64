package indieauth

import (
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

const (
	rejectionsPerMinute = 30
	fetchesPerMinute    = 60
	maxClients          = 10_000
)

// Limits hold strangers off. A nil *limits lets everything pass.
type limits struct {
	fetches *rate.Limiter // over all

	mu      sync.Mutex
	clients *simplelru.LRU[netip.Addr, *attempts]
}

// Attempts are those of one client. A verification that is under way takes a
// place that it gives back unless the token is rejected, so that many at once
// get no further than many in turn.
type attempts struct {
	rejections *rate.Limiter
	underway   int
}

func newLimits() *limits {
	clients, err := simplelru.NewLRU[netip.Addr, *attempts](maxClients, nil)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &limits{
		fetches: rate.NewLimiter(rate.Every(time.Minute/fetchesPerMinute), fetchesPerMinute),
		clients: clients,
	}
}

// network is what one client has at its disposal: an IPv4 address, or the /64
// that an IPv6 host can take any address of.
func network(client netip.Addr) netip.Addr {
	client = client.Unmap().WithZone("")
	if client.Is6() {
		if prefix, err := client.Prefix(64); err == nil {
			return prefix.Addr()
		}
	}
	return client
}

func (l *limits) of(client netip.Addr) *attempts {
	key := network(client)
	a, ok := l.clients.Get(key)
	if !ok {
		a = &attempts{rejections: rate.NewLimiter(rate.Every(time.Minute/rejectionsPerMinute), rejectionsPerMinute)}
		l.clients.Add(key, a)
	}
	return a
}

func (a *attempts) wait(now time.Time, places int) time.Duration {
	missing := float64(places) - a.rejections.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return time.Duration(missing * float64(time.Minute) / rejectionsPerMinute)
}

// wait returns how long the client must wait before its next attempt.
func (l *limits) wait(client netip.Addr, now time.Time) time.Duration {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of(client).wait(now, 1)
}

// begin takes a place for one verification, unless the client has to wait.
func (l *limits) begin(client netip.Addr, now time.Time) (*attempts, time.Duration) {
	if l == nil {
		return nil, 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.of(client)
	if wait := a.wait(now, a.underway+1); wait > 0 {
		return nil, wait
	}
	a.underway++
	return a, 0
}

func (l *limits) end(a *attempts) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	a.underway--
}

// charge counts one rejected attempt.
func (l *limits) charge(client netip.Addr, now time.Time) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.of(client).rejections.AllowN(now, 1)
}

// fetch counts one fetch for discovery, and reports whether it may be made.
func (l *limits) fetch(now time.Time) bool {
	return l == nil || l.fetches.AllowN(now, 1)
}
