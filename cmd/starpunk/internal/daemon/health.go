package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
)

const maxHealthBytes = 4 << 10

// Health requests /health of the server that listens on an address of this
// machine. It returns the status code and the word of the answer: "healthy",
// "indexing" or "migrating".
func Health(ctx context.Context, listen string) (code int, word string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+dialAddress(listen)+"/health", nil)
	if err != nil {
		return 0, "", fmt.Errorf("health: %w", err)
	}
	// Not the default client: the environment's proxy is for other machines.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
			err = wrapped.Err // which does not repeat the address
		}
		return 0, "", fmt.Errorf("health: no answer from %s: %w; is \"starpunk serve\" or \"starpunk receive\" running there?", listen, err)
	}
	defer resp.Body.Close()
	var answer struct {
		Status string `json:"status"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxHealthBytes)).Decode(&answer); err != nil || answer.Status == "" {
		return 0, "", fmt.Errorf("health: the server on %s is not StarPunk", listen)
	}
	return resp.StatusCode, answer.Status, nil
}

// dialAddress returns an address that reaches a server which listens on listen:
// the loopback address for a server on all addresses.
func dialAddress(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	addr, err := netip.ParseAddr(host)
	switch {
	case host == "", err == nil && addr.IsUnspecified() && addr.Is4():
		host = "127.0.0.1"
	case err == nil && addr.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}
