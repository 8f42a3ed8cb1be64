package indieauth

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const maxAnswerBytes = 64 << 10

// checkToken verifies token with the endpoints: by introspection if there is an
// introspection endpoint, otherwise by a GET on the token endpoint. The GET is
// also used when introspection does not accept the request. why is the reason
// of a rejection. The caller decides whether to count it.
func (v *Verifier) checkToken(ctx context.Context, e *endpoints, token string) (t *Token, why reason, err *Error) {
	ctx, cancel := context.WithTimeout(ctx, v.askTimeout)
	defer cancel()
	p, introspected, err := v.queryEndpoints(ctx, e, token)
	if err != nil {
		err.Err = withoutToken(err.Err, token)
		return nil, "", err
	}
	return v.evaluate(p, token, introspected)
}

// queryEndpoints returns the last response of the endpoints, and whether it
// came from introspection.
func (v *Verifier) queryEndpoints(ctx context.Context, e *endpoints, token string) (p *page, introspected bool, err *Error) {
	if e.introspection != nil {
		p, err = v.sendWithRetry(ctx, func() (*http.Request, error) { return v.introspectionRequest(ctx, e.introspection, token) })
		if err != nil || !introspectionRefused(p.status) || e.token == nil {
			return p, true, err
		}
	}
	p, err = v.sendWithRetry(ctx, func() (*http.Request, error) { return tokenGET(ctx, e.token, token) })
	return p, false, err
}

// introspectionRequest returns the request of RFC 7662 §2.1 and IndieAuth §6.1.
func (v *Verifier) introspectionRequest(ctx context.Context, u *url.URL, token string) (*http.Request, error) {
	body := strings.NewReader(url.Values{"token": {token}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	secret := v.options.IntrospectionSecret
	if user, password, basic := strings.Cut(secret, ":"); basic {
		req.SetBasicAuth(url.QueryEscape(user), url.QueryEscape(password)) // RFC 6749 §2.3.1
	} else if secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	} else {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, nil
}

// tokenGET returns the request of the IndieAuth of 2020-01-25, "Access Token
// Verification".
func tokenGET(ctx context.Context, u *url.URL, token string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	return req, nil
}

// introspectionRefused reports whether an introspection endpoint requires
// another credential or does not exist. Such a status implies nothing about the
// token.
func introspectionRefused(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return true
	}
	return false
}

// exchange makes one attempt. It follows redirects within the origin only,
// because the request carries a token. A POST is repeated as a POST or not at
// all. The page and the errors name the endpoint, never the target of a
// redirect, which may contain the token.
func (v *Verifier) exchange(ctx context.Context, request func() (*http.Request, error)) (*page, *Error) {
	ctx, cancel := context.WithTimeout(ctx, v.attemptTimeout)
	defer cancel()
	var endpoint, target *url.URL
	for range maxRedirects + 1 {
		req, err := request()
		if err != nil {
			return nil, unreachable(messageNoConnect, err)
		}
		req = req.WithContext(ctx)
		endpoint = req.URL
		if target != nil {
			req.URL = target
		}
		p, e := v.do(req, endpoint, maxAnswerBytes+1)
		if e != nil {
			return nil, e
		}
		if target, e = p.redirect(req.URL); target == nil {
			return p, e
		}
		if e = v.checkRedirect(p, req, target); e != nil {
			return nil, e
		}
	}
	return nil, v.badRedirect(endpoint, fmt.Sprintf("redirects more than %d times", maxRedirects))
}

// checkRedirect returns an error unless a request with a token may follow the
// redirect p to target.
func (v *Verifier) checkRedirect(p *page, req *http.Request, target *url.URL) *Error {
	if origin(target) != origin(p.url) {
		v.log.Warn("redirect of a token refused", "from", origin(p.url), "to", origin(target), "status", p.status)
		return v.badRedirect(p.url, "redirects to another server, which must not see the token")
	}
	if req.Method == http.MethodPost && p.status != http.StatusTemporaryRedirect && p.status != http.StatusPermanentRedirect {
		return v.badRedirect(p.url, fmt.Sprintf("answers a POST with %d", p.status))
	}
	return nil
}

// evaluate turns the last response into a token or an error.
func (v *Verifier) evaluate(p *page, token string, introspected bool) (*Token, reason, *Error) {
	if p.status != http.StatusOK {
		why, err := v.evaluateStatus(p, introspected)
		return nil, why, err
	}
	if len(p.body) > maxAnswerBytes {
		return nil, "", unreachable(messageUnreachable, fmt.Errorf("%s answers with more than %d bytes", display(p.url), maxAnswerBytes))
	}
	a, err := parseAnswer(p.header.Get("Content-Type"), p.body)
	if err != nil {
		return nil, "", unreachable(messageUnreachable, fmt.Errorf("%s: %w", display(p.url), err))
	}
	t, why, err := a.token(v.options.Me, introspected, v.now())
	if err == nil {
		return t, "", nil
	}
	if why == reasonOtherOwner {
		return nil, why, v.otherOwner(t.Me, token, err)
	}
	return nil, why, rejected("%s: %w", display(p.url), err)
}

// evaluateStatus returns the error for a status other than 200. Most 4xx
// statuses are about the token (older endpoints send 400). The exceptions are
// about the request itself, or refuse our own credential.
func (v *Verifier) evaluateStatus(p *page, introspected bool) (reason, *Error) {
	err := statusError(p.url, p.status)
	switch {
	case p.status < 400 || p.status > 499:
		return "", err
	case p.status == http.StatusMethodNotAllowed, p.status == http.StatusRequestTimeout, p.status == http.StatusTooManyRequests:
		return "", err
	case introspected && p.status == http.StatusNotFound:
		return "", err
	case introspected && introspectionRefused(p.status) && v.options.IntrospectionSecret != "":
		err.Err = fmt.Errorf("%w: check receiver.introspection_secret", err.Err)
		return "", err
	}
	return reasonRefused, rejected("%w", err.Err)
}

func (v *Verifier) otherOwner(me, token string, cause error) *Error {
	name := "another profile"
	if u, err := url.Parse(me); err == nil && u.Host != "" && !strings.Contains(me, token) {
		name = display(u)
	}
	return &Error{
		Kind:    OtherOwner,
		Message: fmt.Sprintf("This token is for %s; this site belongs to %s.", name, v.options.Me),
		Err:     cause,
	}
}
