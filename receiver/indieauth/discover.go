package indieauth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"
)

const (
	graceAge   = 24 * time.Hour // since discovery; known endpoints are used for so long during an outage
	gracePause = time.Minute    // between two attempts of discovery during an outage
)

// endpoints are the endpoints that verify tokens. At least one URL is not nil.
type endpoints struct {
	token         *url.URL
	introspection *url.URL
	found         time.Time // the time of discovery
}

func (e *endpoints) equal(other *endpoints) bool {
	return urlString(e.token) == urlString(other.token) && urlString(e.introspection) == urlString(other.introspection)
}

func urlString(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.String()
}

// endpoints returns the endpoints in the cache, or discovers them. During an
// outage it returns expired endpoints, as [Verifier.grace] permits.
func (v *Verifier) endpoints(ctx context.Context, c *caches) (*endpoints, *Error) {
	if known, fresh := c.endpoints(v.now()); fresh {
		v.count(func(n *Counters) { n.EndpointCacheHits++ })
		return known, nil
	}
	result, err, _ := c.discovering.Do("", func() (any, error) {
		known, fresh := c.endpoints(v.now())
		if fresh {
			return known, nil // another discovery has just ended
		}
		found, err := v.discover(ctx, nil)
		if err != nil {
			return v.grace(c, known, err)
		}
		c.setEndpoints(found, found.found.Add(v.options.EndpointCacheTTL))
		v.logDiscovery(known, found)
		return found, nil
	})
	if e, failed := errors.AsType[*Error](err); failed {
		return nil, e
	}
	return result.(*endpoints), nil
}

func (v *Verifier) logDiscovery(known, found *endpoints) {
	attrs := []any{"me", v.options.Me, "token_endpoint", urlString(found.token), "introspection_endpoint", urlString(found.introspection)}
	if known == nil || known.equal(found) {
		v.log.Info("endpoints discovered", attrs...)
		return
	}
	v.count(func(n *Counters) { n.EndpointChanges++ })
	v.log.Warn("endpoints changed", append(attrs,
		"old_token_endpoint", urlString(known.token), "old_introspection_endpoint", urlString(known.introspection))...)
}

// grace decides whether known endpoints stay in use after a discovery that
// failed with err. Any failure that is not an outage means that the owner or an
// attacker has changed something, and ends their use.
func (v *Verifier) grace(c *caches, known *endpoints, err *Error) (any, error) {
	now := v.now()
	if !err.outage || known == nil || now.Sub(known.found) > graceAge {
		c.setEndpoints(nil, time.Time{})
		if !errors.Is(err, errTooManyFetches) { // otherwise strangers could fill the log
			v.log.Warn("discovery failed", "me", v.options.Me, "kind", err.Kind.String(), "err", err.Err)
		}
		return nil, err
	}
	v.count(func(n *Counters) { n.GraceUses++ })
	v.log.Warn("discovery failed, known endpoints stay in use", "me", v.options.Me, "err", err.Err, "age", now.Sub(known.found))
	c.setEndpoints(known, now.Add(gracePause))
	return known, nil
}

// discover returns the endpoints that the profile page names (IndieAuth §4.1).
func (v *Verifier) discover(ctx context.Context, x *Examination) (*endpoints, *Error) {
	v.count(func(n *Counters) { n.Discoveries++ })
	found, err := v.findEndpoints(ctx, x)
	if err != nil {
		v.count(func(n *Counters) { n.DiscoveryFailures++ })
		return nil, err
	}
	found.found = v.now()
	return found, nil
}

func (v *Verifier) findEndpoints(ctx context.Context, x *Examination) (*endpoints, *Error) {
	p, err := v.fetch(ctx, v.me, "text/html", x)
	if err != nil {
		return nil, err
	}
	if p.status < 200 || p.status > 299 {
		return nil, v.profileStatus(p)
	}
	links, parseErr := p.links()
	x.page(p, links, parseErr)
	metadata, hasMetadata := firstLink(links, relMetadata)
	token, hasToken := firstLink(links, relToken)
	var failed *Error
	if hasMetadata {
		found, err := v.metadata(ctx, metadata.url, x)
		if err == nil || err.Kind == Unsafe {
			return found, err
		}
		failed = err
		x.add("metadata", err.Err.Error(), "Correct the metadata, or remove the link to it.")
	}
	if !hasToken {
		if failed != nil && failed.outage {
			return nil, failed
		}
		return nil, v.noEndpoint(p, errors.Join(parseErr, causeOf(failed)))
	}
	return &endpoints{token: token.url}, v.checkURL(token.url)
}

func causeOf(e *Error) error {
	if e == nil {
		return nil
	}
	return e.Err
}

func (v *Verifier) profileStatus(p *page) *Error {
	err := statusError(p.url, p.status)
	if err.outage {
		return err
	}
	err.Kind = NoEndpoint
	err.RetryAfter = retryOwner
	err.Message = fmt.Sprintf("The profile page %s answers %d instead of 200, so that it cannot name a token endpoint.", display(p.url), p.status)
	return err
}

func (v *Verifier) noEndpoint(p *page, cause error) *Error {
	return &Error{
		Kind: NoEndpoint,
		Message: fmt.Sprintf("The profile page %s names no token endpoint. "+
			`Add <link rel="indieauth-metadata" href="…"> or <link rel="token_endpoint" href="…"> to its head.`, display(p.url)),
		RetryAfter: retryOwner,
		Err:        errors.Join(fmt.Errorf("%s has no usable link to indieauth-metadata or token_endpoint", display(p.url)), cause),
	}
}
