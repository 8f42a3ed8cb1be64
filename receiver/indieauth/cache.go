package indieauth

import (
	"crypto/sha256"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

const maxCachedTokens = 10_000

// A tokenKey identifies a token in memory without storing it.
type tokenKey = [sha256.Size]byte

// caches holds what a Verifier has found out and the requests under way.
type caches struct {
	tokens      *lru.Cache[tokenKey, cachedToken]
	verifying   singleflight.Group // by tokenKey
	discovering singleflight.Group // one key

	mu    sync.Mutex
	known *endpoints // nil if none
	until time.Time  // when known must be discovered again
}

type cachedToken struct {
	*Token
	until time.Time
}

func newCaches() *caches {
	tokens, err := lru.New[tokenKey, cachedToken](maxCachedTokens)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &caches{tokens: tokens}
}

func (c *caches) token(key tokenKey, now time.Time) *Token {
	t, ok := c.tokens.Get(key)
	if !ok || !now.Before(t.until) {
		return nil
	}
	return t.Token
}

// addToken stores t until the given time, or until t expires if that is
// earlier.
func (c *caches) addToken(key tokenKey, t *Token, until time.Time) {
	if !t.Expires.IsZero() && t.Expires.Before(until) {
		until = t.Expires
	}
	c.tokens.Add(key, cachedToken{t, until})
}

// endpoints returns the known endpoints and reports whether they are fresh.
func (c *caches) endpoints(now time.Time) (known *endpoints, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known, c.known != nil && now.Before(c.until)
}

func (c *caches) setEndpoints(known *endpoints, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.until = known, until
}
