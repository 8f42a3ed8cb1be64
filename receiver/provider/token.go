package provider

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// A grant is the data of an authorization code. It stays until it expires, even
// after use, so that a second use is detected.
type grant struct {
	clientID, redirectURI, challenge string
	scope                            []string
	used                             bool
	token                            digest // the access token issued for it; zero if none
}

// A token is the data of an access token.
type token struct {
	clientID string
	scope    []string
}

// serveToken is the token endpoint (IndieAuth §5.3.3). It also revokes tokens,
// for clients that send action=revoke (§7.1).
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

// serveProfile returns the owner's profile URL to a client, and no more
// (IndieAuth §5.3.2).
func (p *Provider) serveProfile(w http.ResponseWriter, form url.Values) {
	if _, _, err := p.exchange(form, false); err != nil {
		p.log.Warn("sign-in refused: "+err.Description, "client_id", form.Get("client_id"))
		writeError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"me": p.me})
}

// exchange redeems an authorization code and returns its grant, with a new
// access token if wantToken is set.
func (p *Provider) exchange(form url.Values, wantToken bool) (*grant, string, *oauthError) {
	if t := form.Get("grant_type"); t != "authorization_code" {
		return nil, "", oauthErrorf("unsupported_grant_type", "grant_type is '%s'; it must be 'authorization_code'.", t)
	}
	for _, name := range [...]string{"code", "client_id", "redirect_uri", "code_verifier"} {
		if len(form[name]) != 1 {
			return nil, "", oauthErrorf("invalid_request", "%s must be given exactly once.", name)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	g, err := p.redeem(form)
	if err != nil || !wantToken {
		return g, "", err
	}
	if len(g.scope) == 0 { // IndieAuth §5.3.3
		return nil, "", oauthErrorf("invalid_grant", "The code was issued without a scope, so no token can be issued for it.")
	}
	accessToken := p.tokens.put(p.now(), token{clientID: g.clientID, scope: g.scope})
	g.token = digestOf(accessToken)
	return g, accessToken, nil
}

// redeem checks everything that the code was bound to. Whatever the result, the
// code is used up. A second use also revokes the token that was issued for it
// (RFC 6749 §4.1.2). The caller holds p.mu.
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
	case !matchesChallenge(form.Get("code_verifier"), g.challenge):
		return nil, oauthErrorf("invalid_grant", "The code_verifier does not match the code_challenge.")
	}
	return g, nil
}

// matchesChallenge reports whether the challenge is the S256 transformation of
// the verifier (RFC 7636 §4.6).
func matchesChallenge(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	computed := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(computed), []byte(challenge)) == 1
}
