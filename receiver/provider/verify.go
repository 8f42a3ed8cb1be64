package provider

import (
	"net/http"
	"net/url"
	"strings"
)

// serveIntrospection returns the state and the data of a token (IndieAuth §6,
// RFC 7662). It accepts any bearer token or Basic credential, because it
// reveals nothing beyond what the holder of the token can do with it.
func (p *Provider) serveIntrospection(w http.ResponseWriter, r *http.Request) {
	scheme, credential, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if credential == "" || !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "Basic") {
		unauthorized(w)
		return
	}
	if err := parseForm(r); err != nil {
		writeError(w, err)
		return
	}
	if r.PostForm.Get("token") == "" {
		writeError(w, oauthErrorf("invalid_request", "token is missing."))
		return
	}
	it, ok := p.lookUp(r.PostForm.Get("token"))
	if !ok {
		writeJSON(w, http.StatusOK, map[string]bool{"active": false})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"active":    true,
		"me":        p.me,
		"client_id": it.value.clientID,
		"scope":     strings.Join(it.value.scope, " "),
		"iat":       it.issued.Unix(),
		"exp":       it.expires.Unix(),
	})
}

// serveVerification answers a GET of the token endpoint with the token to be
// verified, the method of IndieAuth before it adopted introspection.
func (p *Provider) serveVerification(w http.ResponseWriter, r *http.Request) {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		unauthorized(w)
		return
	}
	it, ok := p.lookUp(strings.TrimSpace(secret))
	if !ok {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		writeError(w, &oauthError{http.StatusUnauthorized, "invalid_token", "The token is unknown, revoked or expired."})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{
		"me":        p.me,
		"client_id": it.value.clientID,
		"scope":     strings.Join(it.value.scope, " "),
	})
}

func (p *Provider) serveRevocation(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		writeError(w, err)
		return
	}
	p.revoke(w, r.PostForm)
}

// revoke answers 200 also for a token that is not, or no longer, valid (RFC
// 7009 §2.2).
func (p *Provider) revoke(w http.ResponseWriter, form url.Values) {
	secret := form.Get("token")
	if secret == "" {
		writeError(w, oauthErrorf("invalid_request", "token is missing."))
		return
	}
	p.mu.Lock()
	p.tokens.drop(digestOf(secret))
	p.mu.Unlock()
	p.log.Info("token revoked")
	writeJSON(w, http.StatusOK, struct{}{})
}

func (p *Provider) lookUp(secret string) (item[token], bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokens.get(p.now(), secret)
}

// unauthorized answers 401 without any detail: the credential is missing (RFC
// 6750 §3.1).
func unauthorized(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", "Bearer")
	w.WriteHeader(http.StatusUnauthorized)
}
