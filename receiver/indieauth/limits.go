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

// limits restrict the requests that strangers can cause. A nil *limits allows
// everything.
type limits struct {
	fetches *rate.Limiter // of all clients together

	mu      sync.Mutex
	clients *simplelru.LRU[netip.Addr, *attempts]
}

// attempts are the attempts of one client. A verification under way occupies a
// slot, which it returns unless the token is rejected. So many attempts at once
// are limited like many attempts in turn.
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

// clientKey returns the address under which a client is counted: an IPv4
// address, or the /64 of an IPv6 address, of which a host can use any address.
func clientKey(client netip.Addr) netip.Addr {
	client = client.Unmap().WithZone("")
	if client.Is6() {
		if prefix, err := client.Prefix(64); err == nil {
			return prefix.Addr()
		}
	}
	return client
}

func (l *limits) attemptsOf(client netip.Addr) *attempts {
	key := clientKey(client)
	a, ok := l.clients.Get(key)
	if !ok {
		a = &attempts{rejections: rate.NewLimiter(rate.Every(time.Minute/rejectionsPerMinute), rejectionsPerMinute)}
		l.clients.Add(key, a)
	}
	return a
}

// wait returns the time until as many slots are available.
func (a *attempts) wait(now time.Time, slots int) time.Duration {
	missing := float64(slots) - a.rejections.TokensAt(now)
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
	return l.attemptsOf(client).wait(now, 1)
}

// begin occupies a slot for one verification, unless the client must wait.
func (l *limits) begin(client netip.Addr, now time.Time) (*attempts, time.Duration) {
	if l == nil {
		return nil, 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.attemptsOf(client)
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
	l.attemptsOf(client).rejections.AllowN(now, 1)
}

// fetch counts one fetch for discovery, and reports whether it is allowed.
func (l *limits) fetch(now time.Time) bool {
	return l == nil || l.fetches.AllowN(now, 1)
}
