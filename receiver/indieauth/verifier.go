package indieauth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"starpunk/receiver/fetch"
)

// A Verifier verifies access tokens of the owner. It is safe for concurrent use
// and holds no lock while it waits for the network.
type Verifier struct {
	options Options
	me      *url.URL
	client  *fetch.Client
	log     *slog.Logger
	caches  atomic.Pointer[caches] // replaced as a whole by Flush
	limits  *limits                // nil if nothing is limited

	counting sync.Mutex
	counters Counters

	fetchTimeout   time.Duration // a page with its redirects
	attemptTimeout time.Duration // one request about a token
	askTimeout     time.Duration // all requests about a token
}

// New returns a Verifier for o.Me. It fetches nothing. The error describes the
// invalid option.
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
	v.client = &fetch.Client{
		Transport: v.options.Transport,
		UserAgent: fmt.Sprintf("StarPunk/%s (+%s)", v.options.Version, v.options.SiteURL),
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

// Verify verifies that token belongs to the owner. Rejected attempts are
// counted by the address client.
//
// The error, if any, is an [*Error]. Only the kinds [Rejected] and [OtherOwner]
// are about the token; the others mean that there was no answer. Verify returns
// when ctx is done. A verification that is then under way continues in the
// background, because other callers may wait for it.
func (v *Verifier) Verify(ctx context.Context, token string, client netip.Addr) (*Token, error) {
	key := sha256.Sum256([]byte(token))
	c := v.caches.Load()
	if t := c.token(key, v.now()); t != nil {
		v.count(func(n *Counters) { n.TokenCacheHits++ })
		return t, nil
	}
	return v.verifyShared(ctx, c, key, token, client)
}

// verifyShared joins the verification of the same token that is under way, or
// begins it.
func (v *Verifier) verifyShared(ctx context.Context, c *caches, key tokenKey, token string, client netip.Addr) (*Token, error) {
	if wait := v.limits.wait(client, v.now()); wait > 0 {
		return nil, v.errLimited(wait)
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
			return nil, v.chargeRejection(result.Err, client)
		}
		return result.Val.(*Token), nil
	}
}

// verify verifies a token on behalf of all callers with the same token.
func (v *Verifier) verify(ctx context.Context, c *caches, key tokenKey, token string, client netip.Addr) (*Token, *Error) {
	// An earlier verification may have ended since the cache was read.
	if t := c.token(key, v.now()); t != nil {
		return t, nil
	}
	attempt, wait := v.limits.begin(client, v.now())
	if wait > 0 {
		return nil, v.errLimited(wait)
	}
	defer v.limits.end(attempt)
	if !wellFormed(token) {
		return nil, v.reportFailure(reasonMalformed, rejected("the token has more than %d bytes or characters that a token cannot have", maxTokenBytes))
	}
	found, err := v.endpoints(ctx, c)
	if err != nil {
		return nil, err
	}
	v.count(func(n *Counters) { n.Verifications++ })
	t, why, err := v.checkToken(ctx, found, token)
	if err != nil {
		return nil, v.reportFailure(why, err)
	}
	if v.options.TokenCache {
		c.addToken(key, t, v.now().Add(v.options.TokenCacheTTL))
	}
	return t, nil
}

// wellFormed reports whether a token may be sent on: visible ASCII of limited
// length. This includes everything that RFC 6750 §2.1 allows, and the other
// characters that servers use.
func wellFormed(token string) bool {
	for i := range len(token) {
		if token[i] <= ' ' || token[i] > '~' {
			return false
		}
	}
	return token != "" && len(token) <= maxTokenBytes
}

// reportFailure logs and counts one failed verification. why is empty if the
// failure is not about the token.
func (v *Verifier) reportFailure(why reason, err *Error) *Error {
	if why != "" {
		v.count(func(n *Counters) { n.Rejections[string(why)]++ })
	}
	if err.Kind != Rejected && err.Kind != OtherOwner {
		v.count(func(n *Counters) { n.VerificationFailures++ })
	}
	v.log.Warn("token not accepted", "kind", err.Kind.String(), "err", err.Err)
	return err
}

func (v *Verifier) chargeRejection(err error, client netip.Addr) error {
	if e, ok := errors.AsType[*Error](err); ok && (e.Kind == Rejected || e.Kind == OtherOwner) {
		v.limits.charge(client, v.now())
	}
	return err
}

func (v *Verifier) errLimited(wait time.Duration) *Error {
	v.count(func(n *Counters) { n.RateLimited++ })
	return &Error{
		Kind:       Limited,
		Message:    "Too many access tokens from your address were rejected. Please wait a minute.",
		RetryAfter: wait,
	}
}

// Flush empties the caches of tokens and endpoints. Verifications under way at
// that moment are completed, but not cached.
func (v *Verifier) Flush() { v.caches.Store(newCaches()) }

func (v *Verifier) now() time.Time { return v.options.Now() }
