package indieauth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// A Verifier tells the owner's tokens from others. It is safe for concurrent
// use and holds no lock while it waits for the network.
type Verifier struct {
	options Options
	me      *url.URL
	client  *http.Client
	log     *slog.Logger
	caches  atomic.Pointer[caches] // replaced as a whole by Flush
	limits  *limits                // nil: none

	counting sync.Mutex
	counters Counters

	fetchTimeout   time.Duration // a page with its redirects
	attemptTimeout time.Duration // one request about a token
	askTimeout     time.Duration // all requests about a token
}

// New returns a Verifier for o.Me. The error says what is wrong with the
// options; nothing is fetched yet.
func New(o Options) (*Verifier, error) {
	me, err := checkMe(o.Me, o.Dev)
	if err != nil {
		return nil, err
	}
	v := &Verifier{
		options:        withDefaults(o),
		me:             me,
		fetchTimeout:   5 * time.Second,
		attemptTimeout: 3 * time.Second,
		askTimeout:     10 * time.Second,
		counters:       newCounters(),
	}
	v.log = v.options.Logger
	v.client = &http.Client{
		Transport:     v.options.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	v.caches.Store(newCaches())
	if o.Dev {
		v.log.Debug("development mode: plain HTTP and private addresses are accepted, nothing is limited", "me", o.Me)
		return v, nil
	}
	v.limits = newLimits()
	return v, nil
}

const maxTokenBytes = 8 << 10

// Verify says whether token is the owner's. Client is the address that rejected
// attempts are counted by.
//
// The error, if any, is an [*Error]. Of its kinds only [Rejected] and
// [OtherOwner] are about the token; the others mean that no answer was had.
// Verify returns when ctx is done, but an answer that is then still under way
// is waited for in the background, since others may be waiting for it.
func (v *Verifier) Verify(ctx context.Context, token string, client netip.Addr) (*Token, error) {
	key := sha256.Sum256([]byte(token))
	c := v.caches.Load()
	if t := c.token(key, v.now()); t != nil {
		v.count(func(n *Counters) { n.TokenCacheHits++ })
		return t, nil
	}
	return v.share(ctx, c, key, token, client)
}

// share joins those who wait for the same token, or begins its verification.
func (v *Verifier) share(ctx context.Context, c *caches, key tokenKey, token string, client netip.Addr) (*Token, error) {
	if wait := v.limits.wait(client, v.now()); wait > 0 {
		return nil, v.limited(wait)
	}
	flight := c.verifying.DoChan(string(key[:]), func() (any, error) {
		t, err := v.verify(context.WithoutCancel(ctx), c, key, token, client)
		if err != nil {
			return nil, err
		}
		return t, nil
	})
	select {
	case <-ctx.Done():
		return nil, unreachable(messageUnreachable, context.Cause(ctx))
	case result := <-flight:
		if result.Err != nil {
			return nil, v.charged(result.Err, client)
		}
		return result.Val.(*Token), nil
	}
}

// verify is what one of many callers with the same token does for all of them.
func (v *Verifier) verify(ctx context.Context, c *caches, key tokenKey, token string, client netip.Addr) (*Token, *Error) {
	// An earlier flight may have ended between the look into the cache and now.
	if t := c.token(key, v.now()); t != nil {
		return t, nil
	}
	attempt, wait := v.limits.begin(client, v.now())
	if wait > 0 {
		return nil, v.limited(wait)
	}
	defer v.limits.end(attempt)
	if !wellFormed(token) {
		return nil, v.refuse(reasonMalformed, rejected("the token has more than %d bytes or characters that no token has", maxTokenBytes))
	}
	found, err := v.endpoints(ctx, c)
	if err != nil {
		return nil, err
	}
	v.count(func(n *Counters) { n.Verifications++ })
	t, why, err := v.ask(ctx, found, token)
	if err != nil {
		return nil, v.refuse(why, err)
	}
	if v.options.TokenCache {
		c.keep(key, t, v.now().Add(v.options.TokenCacheTTL))
	}
	return t, nil
}

// wellFormed bounds what is sent on: visible ASCII, which takes in all that
// RFC 6750 §2.1 allows and what servers issue besides.
func wellFormed(token string) bool {
	for i := range len(token) {
		if token[i] <= ' ' || token[i] > '~' {
			return false
		}
	}
	return token != "" && len(token) <= maxTokenBytes
}

// refuse logs and counts one failed verification. why is empty if it says nothing
// about the token.
func (v *Verifier) refuse(why reason, err *Error) *Error {
	if why != "" {
		v.count(func(n *Counters) { n.Rejections[string(why)]++ })
	}
	if err.Kind != Rejected && err.Kind != OtherOwner {
		v.count(func(n *Counters) { n.VerificationFailures++ })
	}
	v.log.Warn("token not accepted", "kind", err.Kind.String(), "err", err.Err)
	return err
}

func (v *Verifier) charged(err error, client netip.Addr) error {
	if e, ok := errors.AsType[*Error](err); ok && (e.Kind == Rejected || e.Kind == OtherOwner) {
		v.limits.charge(client, v.now())
	}
	return err
}

func (v *Verifier) limited(wait time.Duration) *Error {
	v.count(func(n *Counters) { n.RateLimited++ })
	return &Error{
		Kind:       Limited,
		Message:    "Too many access tokens from your address were rejected. Please wait a minute.",
		RetryAfter: wait,
	}
}

// Flush forgets all tokens and endpoints. What is under way at that moment is
// still answered, but not remembered.
func (v *Verifier) Flush() { v.caches.Store(newCaches()) }

func (v *Verifier) now() time.Time { return v.options.Now() }

func (v *Verifier) userAgent() string {
	return fmt.Sprintf("StarPunk/%s (+%s)", v.options.Version, v.options.SiteURL)
}
