package provider

import (
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

const (
	attemptsPerMinute = 5
	maxClients        = 1000
)

// attempts limit how often a client may try a code or a link. They save work only: a code
// cannot be guessed. The owner's attempts are counted apart from those of other
// addresses, and a sign-in by passkey is not counted, so that a stranger cannot
// lock the owner out.
type attempts struct {
	mu      sync.Mutex
	clients *simplelru.LRU[netip.Addr, *rate.Limiter]
}

func newAttempts() *attempts {
	clients, err := simplelru.NewLRU[netip.Addr, *rate.Limiter](maxClients, nil)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &attempts{clients: clients}
}

// allow counts an attempt, and reports whether it is allowed. Of an IPv6 address
// the first 64 bits count, because a host can use all others.
func (a *attempts) allow(now time.Time, client netip.Addr) bool {
	if prefix, err := client.Prefix(64); err == nil && client.Is6() {
		client = prefix.Addr()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	limiter, ok := a.clients.Get(client)
	if !ok {
		limiter = rate.NewLimiter(rate.Every(time.Minute/attemptsPerMinute), attemptsPerMinute)
		a.clients.Add(client, limiter)
	}
	return limiter.AllowN(now, 1)
}
