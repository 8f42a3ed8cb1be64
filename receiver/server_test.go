package receiver_test

import (
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"starpunk/receiver"
)

func TestTheServerHasTimeoutsAndLimits(t *testing.T) {
	t.Parallel()
	const wait = time.Minute
	server := receiver.NewServer(http.NotFoundHandler(), wait, slog.New(slog.DiscardHandler))
	if server.WriteTimeout <= server.ReadTimeout+wait {
		t.Errorf("a response may take %v, want more than %v for reading and %v for waiting", server.WriteTimeout, server.ReadTimeout, wait)
	}
	if server.ReadHeaderTimeout <= 0 || server.ReadTimeout <= 0 || server.IdleTimeout <= 0 {
		t.Errorf("a timeout is missing: %+v", server)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+listener.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+strings.Repeat("x", 100<<10))
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 100 KiB: %d, want 431", res.StatusCode)
	}
}
