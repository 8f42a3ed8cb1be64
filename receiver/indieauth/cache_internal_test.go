package indieauth

import (
	"encoding/binary"
	"testing"
	"time"
)

func TestTheTokenCacheIsLimited(t *testing.T) {
	t.Parallel()
	c := newCaches()
	now := time.Unix(0, 0)
	key := func(i int) (k tokenKey) {
		binary.BigEndian.PutUint64(k[:], uint64(i))
		return k
	}
	for i := range maxCachedTokens + 1 {
		c.addToken(key(i), &Token{Me: "https://owner.example/"}, now.Add(time.Minute))
	}
	if n := c.tokens.Len(); n != maxCachedTokens {
		t.Errorf("%d tokens are cached, want %d", n, maxCachedTokens)
	}
	if c.token(key(0), now) != nil || c.token(key(1), now) == nil {
		t.Error("the dropped token is not the least recently used one")
	}
}
