package devauth

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
)

// serveQuestion shows the owner who asks for what (IndieAuth §5.2).
func (p *Provider) serveQuestion(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		p.refuse(w, authRequest{}, err)
		return
	}
	req, err := parseAuthRequest(r.Form)
	if err != nil {
		p.refuse(w, req, err)
		return
	}
	p.ask(w, http.StatusOK, question{authRequest: req, Granted: req.Scope})
}

// serveAnswer takes what was posted to the authorization endpoint: the owner's
// answer, or the code of a client that needs no token (IndieAuth §5.3.1).
func (p *Provider) serveAnswer(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		p.refuse(w, authRequest{}, err)
		return
	}
	if r.PostForm.Has("grant_type") {
		p.serveProfile(w, r.PostForm)
		return
	}
	// Before anything is counted: another page must not use up the attempts.
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		p.log.Warn("authorization refused: the answer came from another page", "origin", r.Header.Get("Origin"))
		p.refuse(w, authRequest{}, &oauthError{http.StatusForbidden, "invalid_request",
			"This answer was sent by another page, not by the form of this one."})
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
		http.Redirect(w, r, req.reply(p.issuer(), url.Values{"error": {"access_denied"}}), http.StatusSeeOther)
	default:
		p.refuse(w, req, oauthErrorf("invalid_request", "decision is '%s'; it must be 'allow' or 'deny'.", decision))
	}
}

// allow sends the owner back to the app with an authorization code
// (IndieAuth §5.2.1), if the code of the terminal is right. The status is 303,
// so that no browser posts the form once more, to the app (RFC 9700 §4.12).
func (p *Provider) allow(w http.ResponseWriter, r *http.Request, req authRequest) {
	granted := slices.DeleteFunc(slices.Clone(req.Scope), func(scope string) bool {
		return !slices.Contains(r.PostForm["grant"], scope)
	})
	code, err := p.grantCode(r.PostForm.Get("passcode"), req, granted)
	if err != nil {
		p.log.Warn("authorization refused: "+err.Error(), "client_id", req.ClientID)
		p.askAgain(w, question{authRequest: req, Granted: granted}, err)
		return
	}
	p.log.Info("authorization granted by the owner", "client_id", req.ClientID, "scope", granted)
	http.Redirect(w, r, req.reply(p.issuer(), url.Values{"code": {code}}), http.StatusSeeOther)
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

func (p *Provider) askAgain(w http.ResponseWriter, q question, err error) {
	if errors.Is(err, errTooManyCodes) {
		q.Problem = "Too many wrong codes. Wait a minute, then try again."
		w.Header().Set("Retry-After", "60")
		p.ask(w, http.StatusTooManyRequests, q)
		return
	}
	q.Problem = "That is not the code. It stands in the terminal in which the site was started."
	p.ask(w, http.StatusForbidden, q)
}
