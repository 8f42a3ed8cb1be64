package preview_test

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"starpunk/receiver/preview"
)

func TestAPreviewAcceptsOnlyItsOwnHosts(t *testing.T) {
	t.Parallel()
	own := func(address string) net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address)) }
	loopback, private := own("127.0.0.1:8080"), own("192.168.1.7:8080")
	for _, test := range []struct {
		address net.Addr
		host    string
		allowed bool
	}{
		{loopback, "127.0.0.1:8080", true},
		{loopback, "localhost:8080", true},
		{loopback, "LocalHost:8080", true},
		{loopback, "[::1]:8080", true},
		{own("[::1]:8080"), "[::1]:8080", true},
		{own("[::1]:8080"), "localhost:8080", true},
		{own("127.0.0.1:80"), "127.0.0.1", true},
		{own("127.0.0.1:80"), "localhost", true},
		{own("[::1]:80"), "[::1]", true},
		{loopback, "evil.example:8080", false},
		{loopback, "127.0.0.1.evil.example:8080", false},
		{loopback, "localhost.evil.example:8080", false},
		{loopback, "evil.localhost:8080", false},
		{loopback, "127.0.0.1:8081", false},
		{loopback, "127.0.0.1", false},
		{loopback, "localhost", false},
		{loopback, "localhost:http", false},
		{loopback, "[::1%25eth0]:8080", false},
		{loopback, "192.168.1.7:8080", false},
		{loopback, "0.0.0.0:8080", false},
		{loopback, "", false},
		{loopback, "a@127.0.0.1:8080", false},
		{private, "192.168.1.7:8080", true},
		{private, "localhost:8080", false},
		{private, "127.0.0.1:8080", false},
		{private, "192.168.1.8:8080", false},
	} {
		reached := false
		h := preview.OnlyHost(test.address, slog.New(slog.DiscardHandler), http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/2026/01/draft/", nil)
		r.Host = test.host
		h.ServeHTTP(w, r)
		if reached != test.allowed || !reached && w.Code != http.StatusMisdirectedRequest {
			t.Errorf("%s with Host %q: reached %v with status %d, want %v", test.address, test.host, reached, w.Code, test.allowed)
		}
	}
}
