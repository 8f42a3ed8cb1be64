package provider

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"starpunk/receiver/provider/state"
)

// authorization returns the Authorization header of a credential: a bearer secret,
// or user:password for HTTP Basic (RFC 6749 §2.3.1).
func authorization(credential string) string {
	user, password, basic := strings.Cut(credential, ":")
	switch {
	case basic:
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(user)+":"+url.QueryEscape(password)))
	case credential != "":
		return "Bearer " + credential
	}
	return ""
}

// serveIntrospection returns the state and the data of a token (IndieAuth §6,
// RFC 7662). The credential must be the configured secret, a valid access token, or
// the token itself: its holder can learn no more by this than by using it.
func (p *Provider) serveIntrospection(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") == "" {
		unauthorized(w)
		return
	}
	if err := parseForm(r); err != nil {
		writeError(w, err)
		return
	}
	st, err := p.state.Read()
	if err != nil {
		writeError(w, p.serverError(err))
		return
	}
	token := r.PostForm.Get("token")
	if !p.mayIntrospect(r, st, token) {
		unauthorized(w)
		return
	}
	if err := requireOnce(r.PostForm, "token"); err != nil {
		writeError(w, err)
		return
	}
	app, access, ok := st.FindAccess(p.now(), token)
	if !ok {
		writeJSON(w, http.StatusOK, map[string]bool{"active": false})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"active":    true,
		"me":        p.me,
		"client_id": app.ClientID,
		"scope":     strings.Join(access.Scope, " "),
		"iat":       access.Issued.Unix(),
		"exp":       access.Expires.Unix(),
	})
}

func (p *Provider) mayIntrospect(r *http.Request, st *state.State, token string) bool {
	header := r.Header.Get("Authorization")
	if p.secret != "" && subtle.ConstantTimeCompare([]byte(header), []byte(p.secret)) == 1 {
		return true
	}
	credential := bearer(r)
	if credential == "" {
		return false
	}
	if subtle.ConstantTimeCompare([]byte(credential), []byte(token)) == 1 {
		return true
	}
	_, _, ok := st.FindAccess(p.now(), credential)
	return ok
}

// serveVerification answers a GET of the token endpoint with the token to be
// verified, the method of IndieAuth before it adopted introspection.
func (p *Provider) serveVerification(w http.ResponseWriter, r *http.Request) {
	app, access := p.requireToken(w, r)
	if app == nil {
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{
		"me":        p.me,
		"client_id": app.ClientID,
		"scope":     strings.Join(access.Scope, " "),
	})
}

// serveUserinfo returns the owner's profile to an app with the scope "profile"
// (IndieAuth §9).
func (p *Provider) serveUserinfo(w http.ResponseWriter, r *http.Request) {
	app, access := p.requireToken(w, r)
	if app == nil {
		return
	}
	if !slices.Contains(access.Scope, "profile") {
		w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="profile"`)
		writeError(w, &oauthError{http.StatusForbidden, "insufficient_scope", "The token does not have the scope profile."})
		return
	}
	writeJSON(w, http.StatusOK, p.profileFor(access.Scope))
}

// requireToken returns the token in the Authorization header and its app. If the
// token is not valid, it answers the request and returns nil (RFC 6750 §3.1).
func (p *Provider) requireToken(w http.ResponseWriter, r *http.Request) (*state.App, *state.Access) {
	secret := bearer(r)
	if secret == "" {
		unauthorized(w)
		return nil, nil
	}
	st, err := p.state.Read()
	if err != nil {
		writeError(w, p.serverError(err))
		return nil, nil
	}
	app, access, ok := st.FindAccess(p.now(), secret)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		writeError(w, &oauthError{http.StatusUnauthorized, "invalid_token", "The token is unknown, revoked or expired."})
		return nil, nil
	}
	return app, access
}

// bearer returns the token of an Authorization header, or "".
func bearer(r *http.Request) string {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(secret)
}

func (p *Provider) serveRevocation(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		writeError(w, err)
		return
	}
	p.revoke(w, r)
}

// revoke ends the sign-in of an access token or a refresh token (IndieAuth §7). It
// answers 200 also for a token that is unknown or expired (RFC 7009 §2.2).
func (p *Provider) revoke(w http.ResponseWriter, r *http.Request) {
	if err := requireOnce(r.PostForm, "token"); err != nil {
		writeError(w, err)
		return
	}
	token := r.PostForm.Get("token")
	// On a copy first: a stranger's token must not cause a write.
	st, err := p.state.Read()
	known := err == nil && st.RevokeToken(token)
	if known {
		err = p.state.Update(r.Context(), func(s *state.State) error {
			s.RevokeToken(token)
			return nil
		})
	}
	if err != nil {
		writeError(w, p.serverError(err))
		return
	}
	if known {
		p.log.Info("token revoked")
	}
	writeJSON(w, http.StatusOK, struct{}{})
}

// unauthorized answers 401 without any detail: the credential is missing (RFC
// 6750 §3.1).
func unauthorized(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", "Bearer")
	w.WriteHeader(http.StatusUnauthorized)
}
