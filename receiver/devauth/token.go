package devauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// A grant is what an authorization code stands for. It stays until it expires
// even when used, so that a second use is noticed.
type grant struct {
	clientID, redirectURI, challenge string
	scope                            []string
	used                             bool
	token                            digest // what it was exchanged for; zero: nothing
}

// A token is what an access token stands for.
type token struct {
	clientID string
	scope    []string
}

// serveToken is the token endpoint (IndieAuth §5.3.3), and the revocation
// endpoint of clients that know it by action=revoke (§7.1).
func (p *Provider) serveToken(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		writeError(w, err)
		return
	}
	if r.PostForm.Get("action") == "revoke" {
		p.revoke(w, r.PostForm)
		return
	}
	g, accessToken, err := p.exchange(r.PostForm, true)
	if err != nil {
		p.log.Warn("token refused: "+err.Description, "client_id", r.PostForm.Get("client_id"))
		writeError(w, err)
		return
	}
	p.log.Info("token issued", "client_id", g.clientID, "scope", g.scope)
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": accessToken,
		"token_type":   "Bearer",
		"scope":        strings.Join(g.scope, " "),
		"me":           p.me,
		"expires_in":   int(tokenLife.Seconds()),
	})
}

// serveProfile tells a client who the owner is, and no more (IndieAuth §5.3.2).
func (p *Provider) serveProfile(w http.ResponseWriter, form url.Values) {
	if _, _, err := p.exchange(form, false); err != nil {
		p.log.Warn("sign-in refused: "+err.Description, "client_id", form.Get("client_id"))
		writeError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"me": p.me})
}

// exchange uses up an authorization code and returns what it stood for, with a
// new access token if that is wanted.
func (p *Provider) exchange(form url.Values, wantToken bool) (*grant, string, *oauthError) {
	if t := form.Get("grant_type"); t != "authorization_code" {
		return nil, "", oauthErrorf("unsupported_grant_type", "grant_type is '%s'; it must be 'authorization_code'.", t)
	}
	for _, name := range [...]string{"code", "client_id", "redirect_uri", "code_verifier"} {
		if len(form[name]) != 1 {
			return nil, "", oauthErrorf("invalid_request", "%s must be given, once.", name)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	g, err := p.redeem(form)
	if err != nil || !wantToken {
		return g, "", err
	}
	if len(g.scope) == 0 { // IndieAuth §5.3.3
		return nil, "", oauthErrorf("invalid_grant", "The code was issued without a scope, and so for no token.")
	}
	accessToken := p.tokens.put(p.now(), token{clientID: g.clientID, scope: g.scope})
	g.token = digestOf(accessToken)
	return g, accessToken, nil
}

// redeem checks everything that the code was bound to. Whatever the result, the
// code is used; using it again also ends the token that it gave (RFC 6749
// §4.1.2). p.mu is held.
func (p *Provider) redeem(form url.Values) (*grant, *oauthError) {
	it, ok := p.grants.get(p.now(), form.Get("code"))
	if !ok {
		return nil, oauthErrorf("invalid_grant", "The code is unknown, or older than %v.", codeLife)
	}
	g := it.value
	if g.used {
		p.tokens.drop(g.token)
		return nil, oauthErrorf("invalid_grant", "The code has been used before.")
	}
	g.used = true
	switch {
	case form.Get("client_id") != g.clientID:
		return nil, oauthErrorf("invalid_grant", "The code was issued to another client_id.")
	case form.Get("redirect_uri") != g.redirectURI:
		return nil, oauthErrorf("invalid_grant", "The code was issued for another redirect_uri.")
	case !verifies(form.Get("code_verifier"), g.challenge):
		return nil, oauthErrorf("invalid_grant", "The code_verifier does not match the code_challenge.")
	}
	return g, nil
}

// verifies tells whether the challenge was made of the verifier, in the one
// way that is accepted (RFC 7636 §4.6).
func verifies(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	made := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(made), []byte(challenge)) == 1
}
