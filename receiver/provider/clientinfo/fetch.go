package clientinfo

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"starpunk/receiver/fetch"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	maxBytes     = 256 << 10
	maxRedirects = 3
	timeout      = 5 * time.Second
	cacheTime    = 10 * time.Minute
	maxCached    = 100
)

// An Info is the description of an app. Its fields may be empty.
type Info struct {
	Name         string
	URL          string   // a page about the app; it begins with its scheme, host and port
	RedirectURIs []string // absolute
}

// A Fetcher fetches and caches descriptions. It is safe for concurrent use.
type Fetcher struct {
	client *fetch.Client
	now    func() time.Time

	mu    sync.Mutex
	cache *simplelru.LRU[string, cached]
}

type cached struct {
	info    *Info
	expires time.Time
}

// NewFetcher returns a Fetcher that sends requests with client.
func NewFetcher(client *fetch.Client, now func() time.Time) *Fetcher {
	cache, err := simplelru.NewLRU[string, cached](maxCached, nil)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &Fetcher{client: client, now: now, cache: cache}
}

// Fetch returns the description of the app with this client_id. An app on the
// owner's own machine has none: its address must not be fetched (IndieAuth §4.2).
// A failure is not cached.
func (f *Fetcher) Fetch(ctx context.Context, clientID string) (*Info, error) {
	u, err := url.Parse(clientID)
	if err != nil {
		return nil, err
	}
	if isLoopback(u.Hostname()) {
		return &Info{}, nil
	}
	if info, ok := f.cached(clientID); ok {
		return info, nil
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	info, err := f.fetch(ctx, u, clientID)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cache.Add(clientID, cached{info, f.now().Add(cacheTime)})
	return info, nil
}

func (f *Fetcher) cached(clientID string) (*Info, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.cache.Get(clientID)
	return c.info, ok && f.now().Before(c.expires)
}

// fetch gets the document at u. It follows redirects within the same scheme, host
// and port only: another host must not describe the app.
func (f *Fetcher) fetch(ctx context.Context, u *url.URL, clientID string) (*Info, error) {
	for range maxRedirects + 1 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept", "application/json, text/html;q=0.8")
		resp, err := f.client.Do(req, maxBytes+1)
		switch {
		case err != nil:
			return nil, err
		case len(resp.Body) > maxBytes:
			return nil, fmt.Errorf("its page is larger than %d bytes", maxBytes)
		case resp.Status == http.StatusOK:
			return read(resp, u, clientID)
		case resp.Status < 300 || resp.Status > 399 || resp.Header.Get("Location") == "":
			return nil, fmt.Errorf("its page answers %d", resp.Status)
		}
		next, err := u.Parse(resp.Header.Get("Location"))
		if err != nil {
			return nil, errors.New("its page redirects to an address that cannot be read")
		}
		if next.Scheme != u.Scheme || next.Host != u.Host || next.User != nil {
			return nil, errors.New("its page redirects to another host")
		}
		u = next
	}
	return nil, fmt.Errorf("its page redirects more than %d times", maxRedirects)
}

// read reads a response by its type.
func read(resp *fetch.Response, u *url.URL, clientID string) (*Info, error) {
	mediaType, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return nil, errors.New("its page has no valid type")
	case mediaType == "application/json":
		return readJSON(resp.Body, clientID)
	case mediaType == "text/html" || mediaType == "application/xhtml+xml":
		return readHTML(resp, u)
	}
	return nil, fmt.Errorf("its page is neither JSON nor HTML, but %q", clean(mediaType))
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
