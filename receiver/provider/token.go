package provider

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"starpunk/receiver/provider/state"
)

// A grant is the data of an authorization code. It stays until it expires, even
// after use, so that a second use is detected.
type grant struct {
	clientID, redirectURI, challenge string
	scope                            []string
	name                             string // of the app
	used, reused                     bool
	app                              string // ID of the app whose tokens were issued for it; "" if none
}

// serveToken is the token endpoint (IndieAuth §5.3.3, §5.5.1). It also revokes
// tokens, for clients that send action=revoke (§7.1).
func (p *Provider) serveToken(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		writeError(w, err)
		return
	}
	if r.PostForm.Get("action") == "revoke" {
		p.revoke(w, r)
		return
	}
	exchange := p.exchangeCode
	if r.PostForm.Get("grant_type") == "refresh_token" {
		exchange = p.exchangeRefresh
	}
	tokens, err := exchange(r.Context(), r.PostForm)
	if err != nil {
		p.log.Warn("token refused: "+err.Description, "client_id", shorten(r.PostForm.Get("client_id"), maxLoggedRunes))
		writeError(w, err)
		return
	}
	p.log.Info("token issued", "client_id", r.PostForm.Get("client_id"), "scope", tokens.Scope)
	answer := map[string]any{
		"access_token":  tokens.Access,
		"token_type":    "Bearer",
		"scope":         strings.Join(tokens.Scope, " "),
		"me":            p.me,
		"expires_in":    int(p.lives.Access.Seconds()),
		"refresh_token": tokens.Refresh,
	}
	if profile := p.profileFor(tokens.Scope); profile != nil {
		answer["profile"] = profile
	}
	writeJSON(w, http.StatusOK, answer)
}

// serveProfile returns the owner's profile URL to a client, and no token
// (IndieAuth §5.3.2).
func (p *Provider) serveProfile(w http.ResponseWriter, r *http.Request) {
	g, err := p.redeem(r.Context(), r.PostForm)
	if err != nil {
		p.log.Warn("sign-in refused: "+err.Description, "client_id", shorten(r.PostForm.Get("client_id"), maxLoggedRunes))
		writeError(w, err)
		return
	}
	answer := map[string]any{"me": p.me}
	if profile := p.profileFor(g.scope); profile != nil {
		answer["profile"] = profile
	}
	writeJSON(w, http.StatusOK, answer)
}

// profileFor returns the profile for an app with these scopes, or nil (IndieAuth
// §5.3.4).
func (p *Provider) profileFor(scope []string) *Profile {
	if !slices.Contains(scope, "profile") {
		return nil
	}
	profile := p.profile
	if !slices.Contains(scope, "email") {
		profile.Email = ""
	}
	return &profile
}

// exchangeCode redeems an authorization code for tokens.
func (p *Provider) exchangeCode(ctx context.Context, form url.Values) (state.Tokens, *oauthError) {
	g, err := p.redeem(ctx, form)
	if err != nil {
		return state.Tokens{}, err
	}
	if len(g.scope) == 0 { // IndieAuth §5.3.3
		return state.Tokens{}, oauthErrorf("invalid_grant", "The code was issued without a scope, so no token can be issued for it.")
	}
	app, tokens, issueErr := p.issue(g.clientID, g.name, g.scope)
	if issueErr != nil {
		return state.Tokens{}, p.serverError(issueErr)
	}
	p.mu.Lock()
	g.app = app
	reused := g.reused
	p.mu.Unlock()
	if reused { // while the tokens were stored
		return state.Tokens{}, p.revokeReused(ctx, g)
	}
	return tokens, nil
}

// issue stores a new app and returns its ID and its tokens.
func (p *Provider) issue(clientID, name string, scope []string) (id string, tokens state.Tokens, err error) {
	err = p.state.Update(context.Background(), func(s *state.State) error {
		id, tokens = s.AddApp(p.now(), p.lives, state.App{ClientID: clientID, Name: name, Scope: scope})
		return nil
	})
	return id, tokens, err
}

// redeem checks everything that an authorization code was bound to. Whatever the
// result, the code is used up. A second use also revokes the tokens that were issued
// for it (RFC 6749 §4.1.2).
func (p *Provider) redeem(ctx context.Context, form url.Values) (*grant, *oauthError) {
	if t := form.Get("grant_type"); t != "authorization_code" {
		return nil, oauthErrorf("unsupported_grant_type", "grant_type is '%s'; it must be 'authorization_code'.", t)
	}
	if err := requireOnce(form, "code", "client_id", "redirect_uri", "code_verifier"); err != nil {
		return nil, err
	}
	g, again := p.useGrant(form.Get("code"))
	switch {
	case g == nil:
		return nil, oauthErrorf("invalid_grant", "The code is unknown, or older than %v.", codeLife)
	case again:
		return nil, p.revokeReused(ctx, g)
	case form.Get("client_id") != g.clientID:
		return nil, oauthErrorf("invalid_grant", "The code was issued to another client_id.")
	case form.Get("redirect_uri") != g.redirectURI:
		return nil, oauthErrorf("invalid_grant", "The code was issued for another redirect_uri.")
	case !matchesChallenge(form.Get("code_verifier"), g.challenge):
		return nil, oauthErrorf("invalid_grant", "The code_verifier does not match the code_challenge.")
	}
	return g, nil
}

// useGrant returns the grant of a code, or nil. again is true if it was used before.
func (p *Provider) useGrant(code string) (g *grant, again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	it, ok := p.grants.get(p.now(), code)
	if !ok {
		return nil, false
	}
	g = it.value
	again = g.used
	g.used, g.reused = true, again
	return g, again
}

// revokeReused revokes the tokens of a code that was used twice.
func (p *Provider) revokeReused(ctx context.Context, g *grant) *oauthError {
	p.mu.Lock()
	app := g.app
	p.mu.Unlock()
	if app != "" {
		err := p.state.Update(ctx, func(s *state.State) error {
			s.RemoveApp(app)
			return nil
		})
		if err != nil {
			return p.serverError(err)
		}
	}
	return oauthErrorf("invalid_grant", "The code has been used before.")
}

// exchangeRefresh exchanges a refresh token for new tokens (IndieAuth §5.5.1).
func (p *Provider) exchangeRefresh(ctx context.Context, form url.Values) (tokens state.Tokens, refused *oauthError) {
	if err := requireOnce(form, "refresh_token", "client_id"); err != nil {
		return tokens, err
	}
	if len(form["scope"]) > 1 {
		return tokens, oauthErrorf("invalid_request", "scope must not be given more than once.")
	}
	scope, refused := parseScope(form.Get("scope"))
	if refused != nil {
		return tokens, refused
	}
	now := p.now()
	refresh := func(s *state.State) (err error) {
		_, tokens, err = s.Refresh(now, p.lives, form.Get("refresh_token"), form.Get("client_id"), scope)
		return err
	}
	// On a copy first: a stranger's token must not cause a write.
	st, err := p.state.Read()
	if err == nil {
		err = refresh(st)
	}
	if err == nil || errors.Is(err, state.ErrReused) {
		err = p.state.Update(ctx, refresh)
	}
	var reason state.RefreshError
	switch {
	case err == nil:
		return tokens, nil
	case errors.Is(err, state.ErrScope):
		return tokens, oauthErrorf("invalid_scope", "%v.", err)
	case errors.As(err, &reason):
		return tokens, oauthErrorf("invalid_grant", "%v.", err)
	}
	return tokens, p.serverError(err)
}

// serverError returns the error for a client, and logs its reason.
func (p *Provider) serverError(err error) *oauthError {
	p.logFailure(err)
	return &oauthError{http.StatusServiceUnavailable, "temporarily_unavailable", "The server cannot use its data. Please try again later."}
}

// requireOnce returns an error unless each parameter is given exactly once.
func requireOnce(form url.Values, names ...string) *oauthError {
	for _, name := range names {
		if len(form[name]) != 1 || form[name][0] == "" {
			return oauthErrorf("invalid_request", "%s must be given exactly once.", name)
		}
	}
	return nil
}

// matchesChallenge reports whether the verifier has the length of RFC 7636 §4.1, and
// the challenge is its S256 transformation (§4.6).
func matchesChallenge(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	computed := base64.RawURLEncoding.EncodeToString(sum[:])
	return len(verifier) >= 43 && len(verifier) <= 128 &&
		subtle.ConstantTimeCompare([]byte(computed), []byte(challenge)) == 1
}
