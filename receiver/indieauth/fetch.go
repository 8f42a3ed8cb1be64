package indieauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

const (
	maxRedirects    = 5
	maxPageBytes    = 1 << 20
	maxPrintedBytes = 200
)

var errTooManyFetches = fmt.Errorf("more than %d fetches for discovery in a minute", fetchesPerMinute)

// fetch gets the page at u, following redirects. A page larger than
// maxPageBytes is cut there. The page may have any status that is no redirect.
func (v *Verifier) fetch(ctx context.Context, u *url.URL, accept string, x *Examination) (*page, *Error) {
	if !v.limits.fetch(v.now()) {
		v.count(func(n *Counters) { n.DiscoveryLimited++ })
		return nil, outage(messageUnreachable, errTooManyFetches)
	}
	ctx, cancel := context.WithTimeout(ctx, v.fetchTimeout)
	defer cancel()
	seen := map[string]bool{}
	for {
		if err := v.allowed(u); err != nil {
			return nil, err
		}
		seen[u.String()] = true
		p, err := v.get(ctx, u, accept)
		if err != nil {
			return nil, err
		}
		next, err := p.redirect(u)
		if next == nil {
			return p, err
		}
		x.add("redirect", fmt.Sprintf("%s answers %d and leads to %s", printed(u), p.status, printed(next)), "")
		switch {
		case seen[next.String()]:
			return nil, v.badRedirect(u, "leads in a circle")
		case len(seen) > maxRedirects:
			return nil, v.badRedirect(u, fmt.Sprintf("is reached by more than %d redirects", maxRedirects))
		case origin(next) != origin(u):
			v.log.Warn("redirect to another origin", "from", origin(u), "to", origin(next), "status", p.status)
		}
		u = next
	}
}

func (v *Verifier) get(ctx context.Context, u *url.URL, accept string) (*page, *Error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, v.failed(u, err)
	}
	req.Header.Set("Accept", accept)
	return v.do(req, u, maxPageBytes)
}

// do sends req and reads at most limit bytes of the answer's body. The page and
// the errors name u, which is the request's URL or where its redirects began.
func (v *Verifier) do(req *http.Request, u *url.URL, limit int64) (*page, *Error) {
	req.Header.Set("User-Agent", v.userAgent())
	resp, err := v.client.Do(req)
	if err != nil {
		return nil, v.failed(u, err)
	}
	defer func() { _ = resp.Body.Close() }()
	p := &page{url: u, status: resp.StatusCode, header: resp.Header}
	if p.body, err = io.ReadAll(io.LimitReader(resp.Body, limit)); err != nil {
		return nil, v.failed(u, err)
	}
	return p, nil
}

// failed counts and sorts what went wrong on the way to u.
func (v *Verifier) failed(u *url.URL, err error) *Error {
	e := transportError(u, err)
	switch {
	case e.Kind == Unsafe:
		v.violated(violationAddress)
	case isCertificateError(err):
		v.violated(violationTLS)
	}
	return e
}

// redirect returns where p, fetched from u, leads to, or nil if p is no redirect.
func (p *page) redirect(u *url.URL) (*url.URL, *Error) {
	switch p.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	location := p.header.Get("Location")
	next, err := u.Parse(location)
	if location == "" || err != nil {
		return nil, unreachable(messageUnreachable, fmt.Errorf("%s is a redirect to nowhere", printed(p.url)))
	}
	next.Fragment, next.RawFragment = "", ""
	return next, nil
}

func (v *Verifier) badRedirect(u *url.URL, what string) *Error {
	v.violated(violationRedirect)
	message := fmt.Sprintf("The address %s %s.", printed(u), what)
	return unsafe(message+" Link to the final address directly.", errors.New(message))
}

// allowed says whether u may be asked at all: HTTPS, and no user-info.
func (v *Verifier) allowed(u *url.URL) *Error {
	var message string
	switch {
	case u.Scheme == "http" && !v.options.Dev:
		message = fmt.Sprintf("The address %s is not HTTPS. Let it begin with https://.", printed(u))
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		message = fmt.Sprintf("The address %s is not a web address. Let it begin with https://.", printed(u))
	case u.User != nil:
		message = fmt.Sprintf("The address %s holds a user name. Leave out what is before the @.", printed(u))
	default:
		return nil
	}
	v.violated(violationHTTPS)
	return unsafe(message, errors.New(message))
}

// printed is u for messages: without a password and not longer than a line.
func printed(u *url.URL) string {
	s := u.Redacted()
	if len(s) > maxPrintedBytes {
		s = s[:maxPrintedBytes] + "…"
	}
	return s
}
