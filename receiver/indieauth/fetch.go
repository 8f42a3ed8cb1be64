package indieauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

const (
	maxRedirects    = 5
	maxPageBytes    = 1 << 20
	maxPrintedBytes = 200
)

var errTooManyFetches = fmt.Errorf("more than %d fetches for discovery in a minute", fetchesPerMinute)

// fetch gets the page at u and follows redirects. It cuts a page off after
// maxPageBytes. The page may have any status that is not a redirect.
func (v *Verifier) fetch(ctx context.Context, u *url.URL, accept string, x *Examination) (*page, *Error) {
	if !v.limits.fetch(v.now()) {
		v.count(func(n *Counters) { n.DiscoveryLimited++ })
		return nil, outage(messageUnreachable, errTooManyFetches)
	}
	ctx, cancel := context.WithTimeout(ctx, v.fetchTimeout)
	defer cancel()
	seen := map[string]bool{}
	for {
		if err := v.checkURL(u); err != nil {
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
		x.add("redirect", fmt.Sprintf("%s answers %d and redirects to %s", display(u), p.status, display(next)), "")
		switch {
		case seen[next.String()]:
			return nil, v.badRedirect(u, "is part of a redirect loop")
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
		return nil, v.classifyFailure(u, err)
	}
	req.Header.Set("Accept", accept)
	return v.do(req, u, maxPageBytes)
}

// do sends req and reads at most limit bytes of the response body. The page and
// the errors name u, which is the URL of the request or the start of its
// redirects.
func (v *Verifier) do(req *http.Request, u *url.URL, limit int64) (*page, *Error) {
	resp, err := v.client.Do(req, limit)
	if err != nil {
		return nil, v.classifyFailure(u, err)
	}
	return &page{url: u, status: resp.Status, header: resp.Header, body: resp.Body}, nil
}

// classifyFailure returns the error for a failed request to u, and counts a
// violation.
func (v *Verifier) classifyFailure(u *url.URL, err error) *Error {
	e := transportError(u, err)
	switch {
	case e.Kind == Unsafe:
		v.countViolation(violationAddress)
	case isCertificateError(err):
		v.countViolation(violationTLS)
	}
	return e
}

// redirect returns the target of the redirect p, which was fetched from u. It
// returns nil if p is not a redirect.
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
		return nil, unreachable(messageUnreachable, fmt.Errorf("%s is a redirect without a usable Location", display(p.url)))
	}
	next.Fragment, next.RawFragment = "", ""
	return next, nil
}

func (v *Verifier) badRedirect(u *url.URL, what string) *Error {
	v.countViolation(violationRedirect)
	message := fmt.Sprintf("The address %s %s.", display(u), what)
	return unsafe(message+" Link to the final address directly.", errors.New(message))
}

// checkURL returns an error unless u may be requested: it must be HTTPS and
// must have no user name. Development allows plain HTTP.
func (v *Verifier) checkURL(u *url.URL) *Error {
	var message string
	switch {
	case u.Scheme == "http" && !v.options.Dev:
		message = fmt.Sprintf("The address %s is not HTTPS. It must begin with https://.", display(u))
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		message = fmt.Sprintf("The address %s is not a web address. It must begin with https://.", display(u))
	case u.User != nil:
		message = fmt.Sprintf("The address %s contains a user name. Remove the part before the @.", display(u))
	default:
		return nil
	}
	v.countViolation(violationHTTPS)
	return unsafe(message, errors.New(message))
}

// display returns u for messages: without a password, and not longer than a
// line.
func display(u *url.URL) string {
	s := u.Redacted()
	if len(s) > maxPrintedBytes {
		s = s[:maxPrintedBytes] + "…"
	}
	return s
}
