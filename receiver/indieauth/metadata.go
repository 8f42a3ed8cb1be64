package indieauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// metadata holds the used members of an authorization server's metadata
// (IndieAuth §4.1.1, RFC 8414 §2). A value of a wrong type counts as missing.
type metadata struct {
	Issuer        any `json:"issuer"`
	Token         any `json:"token_endpoint"`
	Introspection any `json:"introspection_endpoint"`
	Authorization any `json:"authorization_endpoint"`
}

// metadata fetches and checks the server metadata at u. An error of the kind
// Unsafe ends the discovery.
func (v *Verifier) metadata(ctx context.Context, u *url.URL, x *Examination) (*endpoints, *Error) {
	p, err := v.fetch(ctx, u, "application/json", x)
	if err != nil {
		return nil, err
	}
	if p.status < 200 || p.status > 299 {
		return nil, statusError(p.url, p.status)
	}
	m, found, err := v.parseMetadata(p, u)
	if err != nil {
		return nil, err
	}
	x.metadata(p, m, found)
	return found, nil
}

// parseMetadata returns the endpoints of the metadata page p, which was linked
// as u.
func (v *Verifier) parseMetadata(p *page, u *url.URL) (m metadata, found *endpoints, _ *Error) {
	if e := json.Unmarshal(p.body, &m); e != nil {
		return m, nil, unreachable(messageUnreachable, fmt.Errorf("metadata at %s is not a JSON object: %w", display(p.url), e))
	}
	if err := v.checkIssuer(m.Issuer, u, p.url); err != nil {
		return m, nil, err
	}
	found = &endpoints{token: p.endpoint(m.Token), introspection: p.endpoint(m.Introspection)}
	if found.token == nil && found.introspection == nil {
		return m, nil, unreachable(messageUnreachable, fmt.Errorf("metadata at %s names neither a token nor an introspection endpoint", display(p.url)))
	}
	for _, endpoint := range []*url.URL{found.token, found.introspection} {
		if endpoint == nil {
			continue
		}
		if err := v.checkURL(endpoint); err != nil {
			return m, nil, err
		}
	}
	return m, found, nil
}

func (p *page) endpoint(value any) *url.URL {
	s, _ := value.(string)
	u, err := p.url.Parse(s)
	if s == "" || err != nil {
		return nil
	}
	return u
}

// checkIssuer applies IndieAuth §3.1: the issuer must be an HTTPS URL without
// query or fragment, and a prefix of the metadata's own URL, as linked or after
// redirects.
func (v *Verifier) checkIssuer(value any, at ...*url.URL) *Error {
	s, _ := value.(string)
	issuer, err := url.Parse(s)
	if s != "" && err == nil && v.checkURL(issuer) == nil && !strings.ContainsAny(s, "?#") {
		for _, u := range at {
			if origin(issuer) == origin(u) && strings.HasPrefix(u.EscapedPath(), issuer.EscapedPath()) {
				return nil
			}
		}
	}
	v.countViolation(violationIssuer)
	message := fmt.Sprintf("The metadata at %s has a wrong issuer: it must be an HTTPS address and a prefix of the metadata's own address.", display(at[0]))
	return unsafe(message+" The authorization server must correct it.", errors.New(message))
}
