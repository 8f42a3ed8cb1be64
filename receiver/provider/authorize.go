package provider

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
)

// serveConsentPage shows the owner which app requests which scopes (IndieAuth
// §5.2).
func (p *Provider) serveConsentPage(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		p.refuse(w, authRequest{}, err)
		return
	}
	req, err := parseAuthRequest(r.Form)
	if err != nil {
		p.refuse(w, req, err)
		return
	}
	p.showConsent(w, http.StatusOK, consent{authRequest: req, Granted: req.Scope})
}

// serveDecision handles a POST to the authorization endpoint: the decision of
// the owner, or the code of a client that needs no token (IndieAuth §5.3.1).
func (p *Provider) serveDecision(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		p.refuse(w, authRequest{}, err)
		return
	}
	if r.PostForm.Has("grant_type") {
		p.serveProfile(w, r.PostForm)
		return
	}
	// First of all checks: another page must not use up the attempts.
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		p.log.Warn("authorization refused: form sent by another page", "origin", r.Header.Get("Origin"))
		p.refuse(w, authRequest{}, &oauthError{http.StatusForbidden, "invalid_request",
			"Another page sent this form. Use the form of this page."})
		return
	}
	req, err := parseAuthRequest(r.PostForm)
	if err != nil {
		p.refuse(w, req, err)
		return
	}
	switch decision := r.PostForm.Get("decision"); decision {
	case "allow":
		p.allow(w, r, req)
	case "deny":
		p.log.Info("authorization denied by the owner", "client_id", req.ClientID)
		http.Redirect(w, r, req.redirectWith(p.issuer(), url.Values{"error": {"access_denied"}}), http.StatusSeeOther)
	default:
		p.refuse(w, req, oauthErrorf("invalid_request", "decision is '%s'; it must be 'allow' or 'deny'.", decision))
	}
}

// allow redirects the owner to the app with an authorization code (IndieAuth
// §5.2.1) if the typed code is right. The status is 303, so that no browser
// posts the form to the app as well (RFC 9700 §4.12).
func (p *Provider) allow(w http.ResponseWriter, r *http.Request, req authRequest) {
	granted := slices.DeleteFunc(slices.Clone(req.Scope), func(scope string) bool {
		return !slices.Contains(r.PostForm["grant"], scope)
	})
	code, err := p.grantCode(r.PostForm.Get("passcode"), req, granted)
	if err != nil {
		p.log.Warn("authorization refused: "+err.Error(), "client_id", req.ClientID)
		p.showConsentAgain(w, consent{authRequest: req, Granted: granted}, err)
		return
	}
	p.log.Info("authorization granted by the owner", "client_id", req.ClientID, "scope", granted)
	http.Redirect(w, r, req.redirectWith(p.issuer(), url.Values{"code": {code}}), http.StatusSeeOther)
}

func (p *Provider) grantCode(typed string, req authRequest, scope []string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if err := p.passcode.check(now, typed); err != nil {
		return "", err
	}
	return p.grants.put(now, &grant{
		clientID:    req.ClientID,
		redirectURI: req.RedirectURI,
		challenge:   req.Challenge,
		scope:       scope,
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
