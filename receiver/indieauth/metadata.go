package indieauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Metadata is what counts here of an authorization server's (IndieAuth §4.1.1,
// RFC 8414 §2). Values of a wrong type are as good as none.
type metadata struct {
	Issuer        any `json:"issuer"`
	Token         any `json:"token_endpoint"`
	Introspection any `json:"introspection_endpoint"`
	Authorization any `json:"authorization_endpoint"`
}

// metadata fetches and judges the server metadata at u. An error of the kind
// Unsafe ends the discovery.
func (v *Verifier) metadata(ctx context.Context, u *url.URL, x *Examination) (*endpoints, *Error) {
	p, err := v.fetch(ctx, u, "application/json", x)
	if err != nil {
		return nil, err
	}
	if p.status < 200 || p.status > 299 {
		return nil, statusError(p.url, p.status)
	}
	m, found, err := v.read(p, u)
	if err != nil {
		return nil, err
	}
	x.metadata(p, m, found)
	return found, nil
}

// read takes the endpoints from metadata that was linked as u and came as p.
func (v *Verifier) read(p *page, u *url.URL) (m metadata, found *endpoints, _ *Error) {
	if e := json.Unmarshal(p.body, &m); e != nil {
		return m, nil, unreachable(messageUnreachable, fmt.Errorf("metadata at %s is not a JSON object: %w", printed(p.url), e))
	}
	if err := v.checkIssuer(m.Issuer, u, p.url); err != nil {
		return m, nil, err
	}
	found = &endpoints{token: p.endpoint(m.Token), introspection: p.endpoint(m.Introspection)}
	if found.token == nil && found.introspection == nil {
		return m, nil, unreachable(messageUnreachable, fmt.Errorf("metadata at %s names neither a token nor an introspection endpoint", printed(p.url)))
	}
	for _, endpoint := range []*url.URL{found.token, found.introspection} {
		if endpoint == nil {
			continue
		}
		if err := v.allowed(endpoint); err != nil {
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

// checkIssuer obeys IndieAuth §3.1: an HTTPS URL without query or fragment,
// and a prefix of the metadata's own URL, as linked or after redirects.
func (v *Verifier) checkIssuer(value any, at ...*url.URL) *Error {
	s, _ := value.(string)
	issuer, err := url.Parse(s)
	if s != "" && err == nil && v.allowed(issuer) == nil && !strings.ContainsAny(s, "?#") {
		for _, u := range at {
			if origin(issuer) == origin(u) && strings.HasPrefix(u.EscapedPath(), issuer.EscapedPath()) {
				return nil
			}
		}
	}
	v.violated(violationIssuer)
	message := fmt.Sprintf("The metadata at %s names an issuer that is not an HTTPS address at the beginning of its own.", printed(at[0]))
	return unsafe(message+" The authorization server has to correct it.", errors.New(message))
}
