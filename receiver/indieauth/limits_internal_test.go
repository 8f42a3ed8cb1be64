package indieauth

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

func TestTheNumberOfClientsIsLimited(t *testing.T) {
	t.Parallel()
	l := newLimits()
	now := time.Unix(0, 0)
	var address [4]byte
	for i := range maxClients + 1 {
		binary.BigEndian.PutUint32(address[:], uint32(i))
		l.charge(netip.AddrFrom4(address), now)
	}
	if n := l.clients.Len(); n != maxClients {
		t.Errorf("%d clients are stored, want %d", n, maxClients)
	}
}
