package state

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"
)

const maxAccessTokens = 10 // of one app; each refresh adds one

// Lives are the times after which tokens expire.
type Lives struct {
	Access  time.Duration
	Refresh time.Duration // since the last refresh
}

// An App is one sign-in of an app, with all tokens that descend from it.
type App struct {
	ID       string    `json:"id"` // short, for the owner
	ClientID string    `json:"client_id"`
	Name     string    `json:"name,omitempty"` // as the app's page has it
	Scope    []string  `json:"scope"`
	Granted  time.Time `json:"granted"`
	Access   []Access  `json:"access_tokens,omitempty"` // the oldest first
	Refresh  Refresh   `json:"refresh_token"`
}

// An Access is an access token.
type Access struct {
	Hash    Hash      `json:"sha256"`
	Scope   []string  `json:"scope"`
	Issued  time.Time `json:"issued"`
	Expires time.Time `json:"expires"`
}

// A Refresh is the refresh token of an app: "SIGNIN.CURRENT". The first part is
// the same for the life of the app, the second one changes with each use. So a
// token with the right first part and a wrong second part was used before.
type Refresh struct {
	SignIn  Hash      `json:"sign_in_sha256"`
	Current Hash      `json:"current_sha256"`
	Expires time.Time `json:"expires"`
}

// Tokens are the secrets of a new access token and a new refresh token.
type Tokens struct {
	Access, Refresh string
	Scope           []string // of the access token
}

// AddApp stores an app under a new ID, and returns the ID and its first tokens.
// Beyond a limit it removes the oldest app.
func (s *State) AddApp(now time.Time, lives Lives, app App) (id string, t Tokens) {
	s.prune(now)
	if len(s.Apps) >= maxApps {
		s.Apps = slices.Delete(s.Apps, 0, 1) // in the order of their sign-in
	}
	signIn := rand.Text()
	app.ID, app.Granted = s.newID(), inFile(now)
	app.Refresh.SignIn = HashOf(signIn)
	t = app.issue(now, lives, signIn, app.Scope)
	s.Apps = append(s.Apps, app)
	return app.ID, t
}

// issue adds an access token and replaces the refresh token.
func (a *App) issue(now time.Time, lives Lives, signIn string, scope []string) Tokens {
	access, current := rand.Text(), rand.Text()
	now = inFile(now)
	if len(a.Access) >= maxAccessTokens {
		a.Access = slices.Delete(a.Access, 0, 1)
	}
	a.Access = append(a.Access, Access{HashOf(access), scope, now, now.Add(lives.Access)})
	a.Refresh.Current = HashOf(current)
	a.Refresh.Expires = now.Add(lives.Refresh)
	return Tokens{Access: access, Refresh: signIn + "." + current, Scope: scope}
}

// A RefreshError is the reason why a refresh token gives no new tokens.
type RefreshError string

func (e RefreshError) Error() string { return string(e) }

const (
	ErrUnknown = RefreshError("the refresh token is unknown, revoked or expired")
	ErrClient  = RefreshError("the refresh token was issued to another client_id")
	ErrScope   = RefreshError("the refresh token does not have that scope")
	// ErrReused means that the app of the token has been removed.
	ErrReused = RefreshError("the refresh token was used before; all tokens of its sign-in are revoked")
)

// Refresh returns new tokens for a refresh token, which is used up (IndieAuth
// §5.5.1). scope may be empty, which means the scope of the app. A token that was
// used before removes the app, because either the app or a thief has the newer
// one (RFC 9700 §4.14.2). In this case the caller must store the state, too.
func (s *State) Refresh(now time.Time, lives Lives, token, clientID string, scope []string) (*App, Tokens, error) {
	signIn, current, _ := strings.Cut(token, ".")
	signInHash := HashOf(signIn)
	i := slices.IndexFunc(s.Apps, func(a App) bool { return a.Refresh.SignIn.equals(signInHash) })
	if i < 0 || !now.Before(s.Apps[i].Refresh.Expires) {
		return nil, Tokens{}, ErrUnknown
	}
	a := &s.Apps[i]
	if !a.Refresh.Current.Matches(current) {
		s.Apps = slices.Delete(s.Apps, i, i+1)
		return nil, Tokens{}, ErrReused
	}
	if a.ClientID != clientID {
		return nil, Tokens{}, ErrClient
	}
	for _, word := range scope {
		if !slices.Contains(a.Scope, word) {
			return nil, Tokens{}, ErrScope
		}
	}
	if len(scope) == 0 {
		scope = a.Scope
	}
	a.Access = slices.DeleteFunc(a.Access, func(t Access) bool { return !now.Before(t.Expires) })
	return a, a.issue(now, lives, signIn, scope), nil
}

// FindAccess returns the access token with this secret and its app. ok is false if
// it is unknown, revoked or expired.
func (s *State) FindAccess(now time.Time, secret string) (a *App, t *Access, ok bool) {
	hash := HashOf(secret)
	for i := range s.Apps {
		for j := range s.Apps[i].Access {
			if t := &s.Apps[i].Access[j]; t.Hash.equals(hash) {
				return &s.Apps[i], t, now.Before(t.Expires)
			}
		}
	}
	return nil, nil, false
}

// RevokeToken removes the app that has an access token or a current refresh token
// with this secret, with all its other tokens (RFC 7009 §2.1). It reports whether
// an app was removed.
func (s *State) RevokeToken(secret string) bool {
	signIn, current, isRefresh := strings.Cut(secret, ".")
	hash, signInHash, currentHash := HashOf(secret), HashOf(signIn), HashOf(current)
	has := func(a App) bool {
		if isRefresh {
			return a.Refresh.SignIn.equals(signInHash) && a.Refresh.Current.equals(currentHash)
		}
		return slices.ContainsFunc(a.Access, func(t Access) bool { return t.Hash.equals(hash) })
	}
	before := len(s.Apps)
	s.Apps = slices.DeleteFunc(s.Apps, has)
	return len(s.Apps) < before
}

// RemoveApp removes the app with this ID, and reports whether one had it. All its
// tokens are revoked.
func (s *State) RemoveApp(id string) bool {
	before := len(s.Apps)
	s.Apps = slices.DeleteFunc(s.Apps, func(a App) bool { return a.ID == id })
	return len(s.Apps) < before
}

func (s *State) app(id string) *App {
	i := slices.IndexFunc(s.Apps, func(a App) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return &s.Apps[i]
}

// LiveApps returns the apps that have a token which has not expired.
func (s *State) LiveApps(now time.Time) []App {
	return slices.DeleteFunc(slices.Clone(s.Apps), func(a App) bool { return !a.Ends().After(now) })
}

// Ends returns the time at which the last token of an app expires.
func (a *App) Ends() time.Time {
	end := a.Refresh.Expires
	for _, t := range a.Access {
		if t.Expires.After(end) {
			end = t.Expires
		}
	}
	return end
}

// prune removes everything that has expired.
func (s *State) prune(now time.Time) {
	s.Apps = s.LiveApps(now)
	for i := range s.Apps {
		a := &s.Apps[i]
		a.Access = slices.DeleteFunc(a.Access, func(t Access) bool { return !now.Before(t.Expires) })
	}
	for _, o := range []**OneTime{&s.Link, &s.Code} {
		if *o != nil && !now.Before((*o).Expires) {
			*o = nil
		}
	}
}
