package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"starpunk/receiver/provider/clientinfo"
)

// serveConsentPage shows the owner which app requests which scopes (IndieAuth
// §5.2). Outside of a preview it first requires a sign-in: without one, nothing is
// fetched and nothing of the app's description is shown.
func (p *Provider) serveConsentPage(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		p.refuse(w, authRequest{}, err)
		return
	}
	s, signedIn := p.sessionOf(r)
	if !p.dev && !signedIn {
		p.requireSignIn(w, r.Form)
		return
	}
	c, err := p.examine(r.Context(), r.Form)
	if err != nil {
		p.refuse(w, c.authRequest, err)
		return
	}
	c.CSRF, c.Granted = s.csrf, c.Scope
	p.showConsent(w, http.StatusOK, c)
}

// requireSignIn shows the page for a sign-in, which then continues with the request.
// A request that no sign-in could make valid is refused at once.
func (p *Provider) requireSignIn(w http.ResponseWriter, request url.Values) {
	anyListed := func(string, string) bool { return true } // checked after the sign-in
	if _, err := p.parseAuthRequest(request, anyListed); err != nil {
		p.refuse(w, authRequest{}, err)
		return
	}
	p.showSignIn(w, http.StatusOK, request.Encode(), "")
}

// examine reads a request and the description of its app. Outside of a
// preview only the signed-in owner may cause it, because it fetches the page at the
// client_id.
func (p *Provider) examine(ctx context.Context, v url.Values) (consent, *oauthError) {
	info, notice := &clientinfo.Info{}, ""
	if p.apps != nil {
		if client, err := p.checkClient(v.Get("client_id")); err == nil {
			found, fetchErr := p.apps.Fetch(ctx, client.String())
			if fetchErr != nil {
				p.log.Warn("cannot read the page of an app", "client_id", client.String(), "error", fetchErr)
				notice = "The page of this app could not be read: " + reasonOf(fetchErr) + "."
			} else {
				info = found
			}
		}
	}
	isListed := func(_, redirectURI string) bool { return slices.Contains(info.RedirectURIs, redirectURI) }
	req, err := p.parseAuthRequest(v, isListed)
	if err != nil && req.redirect == nil && notice != "" {
		err.Description += " " + notice
	}
	return consent{authRequest: req, App: *info, Notice: notice}, err
}

// reasonOf returns the reason why a page could not be read, for the owner. The log
// has the details of a failed connection.
func reasonOf(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		return "its server does not answer, or has no public address"
	}
	return shorten(err.Error(), maxLoggedRunes)
}

// serveDecision handles a POST to the authorization endpoint: the decision of
// the owner, or the code of a client that needs no token (IndieAuth §5.3.1).
func (p *Provider) serveDecision(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		p.refuse(w, authRequest{}, err)
		return
	}
	if r.PostForm.Has("grant_type") {
		p.serveProfile(w, r)
		return
	}
	if !p.isOwnForm(w, r) { // first of all checks: another page must not use up the attempts
		return
	}
	s, signedIn := p.sessionOf(r)
	switch {
	case p.dev:
	case !signedIn:
		p.requireSignIn(w, requestOf(r.PostForm))
		return
	case !s.isForm(r):
		p.refuse(w, authRequest{}, &oauthError{http.StatusForbidden, "invalid_request", "This form is not of this page. Begin again in the app."})
		return
	}
	c, err := p.examine(r.Context(), r.PostForm)
	if err != nil {
		p.refuse(w, c.authRequest, err)
		return
	}
	c.CSRF = s.csrf
	switch decision := r.PostForm.Get("decision"); decision {
	case "allow":
		p.allow(w, r, c)
	case "deny":
		p.log.Info("authorization denied by the owner", "client_id", c.ClientID)
		http.Redirect(w, r, c.redirectWith(p.issuer(), url.Values{"error": {"access_denied"}}), http.StatusSeeOther)
	default:
		p.refuse(w, c.authRequest, oauthErrorf("invalid_request", "decision is '%s'; it must be 'allow' or 'deny'.", decision))
	}
}

// requestOf returns the authorization request that a form repeats.
func requestOf(form url.Values) url.Values {
	request := url.Values{}
	for _, name := range [...]string{"client_id", "redirect_uri", "state", "scope", "response_type", "code_challenge", "code_challenge_method"} {
		if form.Has(name) {
			request[name] = form[name]
		}
	}
	return request
}

// allow redirects the owner to the app with an authorization code (IndieAuth
// §5.2.1); in a preview, if the typed code is right. The status is 303, so that no
// browser posts the form to the app as well (RFC 9700 §4.12).
func (p *Provider) allow(w http.ResponseWriter, r *http.Request, c consent) {
	c.Granted = slices.DeleteFunc(slices.Clone(c.Scope), func(scope string) bool {
		return !slices.Contains(r.PostForm["grant"], scope)
	})
	code, err := p.grantCode(r.PostForm.Get("passcode"), c)
	if err != nil {
		p.log.Warn("authorization refused: "+err.Error(), "client_id", c.ClientID)
		p.showConsentAgain(w, c, err)
		return
	}
	p.log.Info("authorization granted by the owner", "client_id", c.ClientID, "scope", c.Granted)
	http.Redirect(w, r, c.redirectWith(p.issuer(), url.Values{"code": {code}}), http.StatusSeeOther)
}

func (p *Provider) grantCode(typed string, c consent) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.dev {
		if err := p.passcode.check(now, typed); err != nil {
			return "", err
		}
	}
	return p.grants.put(now, &grant{
		clientID:    c.ClientID,
		redirectURI: c.RedirectURI,
		challenge:   c.Challenge,
		scope:       c.Granted,
		name:        c.App.Name,
	}), nil
}

func (p *Provider) showConsentAgain(w http.ResponseWriter, c consent, err error) {
	if errors.Is(err, errTooManyCodes) {
		c.Problem = "Too many wrong codes. Wait a minute, then try again."
		w.Header().Set("Retry-After", "60")
		p.showConsent(w, http.StatusTooManyRequests, c)
		return
	}
	c.Problem = "Wrong code. Find the code in the terminal where you started the site."
	p.showConsent(w, http.StatusForbidden, c)
}
