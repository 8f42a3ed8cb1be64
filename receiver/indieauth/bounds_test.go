package indieauth

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

func TestTheTokenCacheIsBounded(t *testing.T) {
	c := newCaches()
	now := time.Unix(0, 0)
	key := func(i int) (k tokenKey) {
		binary.BigEndian.PutUint64(k[:], uint64(i))
		return k
	}
	for i := range maxCachedTokens + 1 {
		c.keep(key(i), &Token{Me: "https://owner.example/"}, now.Add(time.Minute))
	}
	if n := c.tokens.Len(); n != maxCachedTokens {
		t.Errorf("%d tokens are kept, want %d", n, maxCachedTokens)
	}
	if c.token(key(0), now) != nil || c.token(key(1), now) == nil {
		t.Error("it is not the token used longest ago that made room")
	}
}

func TestTheClientsThatAreKnownAreBounded(t *testing.T) {
	l := newLimits()
	now := time.Unix(0, 0)
	var address [4]byte
	for i := range maxClients + 1 {
		binary.BigEndian.PutUint32(address[:], uint32(i))
		l.charge(netip.AddrFrom4(address), now)
	}
	if n := l.clients.Len(); n != maxClients {
		t.Errorf("%d clients are known, want %d", n, maxClients)
	}
}
