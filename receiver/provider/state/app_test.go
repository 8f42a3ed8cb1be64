package state_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/receiver/provider/state"
)

const client = "https://app.example/"

func addApp(t *testing.T, f *state.File, scope ...string) (id string, tokens state.Tokens) {
	t.Helper()
	update(t, f, func(s *state.State) {
		id, tokens = s.AddApp(now, lives, state.App{ClientID: client, Scope: scope})
	})
	return id, tokens
}

func refresh(t *testing.T, f *state.File, at time.Time, token, clientID string, scope ...string) (tokens state.Tokens, err error) {
	t.Helper()
	err = f.Update(t.Context(), func(s *state.State) (err error) {
		_, tokens, err = s.Refresh(at, lives, token, clientID, scope)
		return err
	})
	return tokens, err
}

func isActive(t *testing.T, f *state.File, at time.Time, token string) bool {
	t.Helper()
	_, _, ok := read(t, f).FindAccess(at, token)
	return ok
}

func TestARefreshTokenIsReplacedByEachUse(t *testing.T) {
	t.Parallel()
	f, _ := newFile(t)
	_, first := addApp(t, f, "create", "update")
	second, err := refresh(t, f, now, first.Refresh, client)
	if err != nil {
		t.Fatal(err)
	}
	if second.Refresh == first.Refresh || second.Access == first.Access || !slices.Equal(second.Scope, []string{"create", "update"}) {
		t.Errorf("second tokens %+v, first %+v", second, first)
	}
	third, err := refresh(t, f, now.Add(20*time.Hour), second.Refresh, client, "create")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(third.Scope, []string{"create"}) {
		t.Errorf("scope %q, want the narrower one", third.Scope)
	}
	fourth, err := refresh(t, f, now.Add(40*time.Hour), third.Refresh, client)
	if err != nil {
		t.Fatalf("a refresh did not extend the life of the sign-in: %v", err)
	}
	if !slices.Equal(fourth.Scope, []string{"create", "update"}) {
		t.Errorf("scope %q: a narrower access token narrowed the refresh token", fourth.Scope)
	}
}

func TestAReusedRefreshTokenRevokesItsSignIn(t *testing.T) {
	t.Parallel()
	for _, f := range []*state.File{func() *state.File { f, _ := newFile(t); return f }(), state.InMemory()} {
		_, other := addApp(t, f, "create")
		_, first := addApp(t, f, "create")
		second, err := refresh(t, f, now, first.Refresh, client)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := refresh(t, f, now, first.Refresh, client); !errors.Is(err, state.ErrReused) {
			t.Errorf("reuse: %v, want ErrReused", err)
		}
		if _, err := refresh(t, f, now, second.Refresh, client); !errors.Is(err, state.ErrUnknown) {
			t.Errorf("the newer token after a reuse: %v, want ErrUnknown", err)
		}
		for _, token := range []string{first.Access, second.Access} {
			if isActive(t, f, now, token) {
				t.Error("an access token of the sign-in is still active")
			}
		}
		if !isActive(t, f, now, other.Access) {
			t.Error("the token of another sign-in was revoked")
		}
	}
}

func TestRefreshTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	f, _ := newFile(t)
	_, tokens := addApp(t, f, "create")
	signIn, current, _ := strings.Cut(tokens.Refresh, ".")
	tests := []struct {
		name, token, client string
		scope               []string
		at                  time.Time
		want                error
	}{
		{"an access token", tokens.Access, client, nil, now, state.ErrUnknown},
		{"the second part alone", current, client, nil, now, state.ErrUnknown},
		{"the parts exchanged", current + "." + signIn, client, nil, now, state.ErrUnknown},
		{"nothing", "", client, nil, now, state.ErrUnknown},
		{"a dot", ".", client, nil, now, state.ErrUnknown},
		{"made up", "A.B", client, nil, now, state.ErrUnknown},
		{"another client", tokens.Refresh, "https://evil.example/", nil, now, state.ErrClient},
		{"a wider scope", tokens.Refresh, client, []string{"create", "delete"}, now, state.ErrScope},
		{"after its end", tokens.Refresh, client, nil, now.Add(24 * time.Hour), state.ErrUnknown},
		{"the right one", tokens.Refresh, client, []string{"create"}, now.Add(24*time.Hour - time.Nanosecond), nil},
	}
	for _, test := range tests {
		if _, err := refresh(t, f, test.at, test.token, test.client, test.scope...); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func TestTokensAreNotExchangeable(t *testing.T) {
	t.Parallel()
	f, _ := newFile(t)
	_, tokens := addApp(t, f, "create")
	signIn, current, _ := strings.Cut(tokens.Refresh, ".")
	for _, secret := range []string{tokens.Refresh, signIn, current, "", strings.ToLower(tokens.Access), tokens.Access + " "} {
		if isActive(t, f, now, secret) {
			t.Errorf("%q is accepted as an access token", secret)
		}
	}
	if !isActive(t, f, now.Add(time.Hour-time.Nanosecond), tokens.Access) || isActive(t, f, now.Add(time.Hour), tokens.Access) {
		t.Error("the access token does not end after an hour")
	}
}

func TestRevocationOfEitherTokenEndsTheSignIn(t *testing.T) {
	t.Parallel()
	for _, pick := range []func(state.Tokens) string{
		func(t state.Tokens) string { return t.Access },
		func(t state.Tokens) string { return t.Refresh },
	} {
		f, _ := newFile(t)
		_, other := addApp(t, f, "create")
		_, tokens := addApp(t, f, "create")
		signIn, _, _ := strings.Cut(tokens.Refresh, ".")
		update(t, f, func(s *state.State) {
			if s.RevokeToken("unknown") || s.RevokeToken("") || s.RevokeToken(signIn) || s.RevokeToken(signIn+".") {
				t.Error("another text revoked a token")
			}
			if !s.RevokeToken(pick(tokens)) {
				t.Error("not revoked")
			}
		})
		if _, err := refresh(t, f, now, tokens.Refresh, client); !errors.Is(err, state.ErrUnknown) || isActive(t, f, now, tokens.Access) {
			t.Errorf("after a revocation: refresh %v, access active %v", err, isActive(t, f, now, tokens.Access))
		}
		if !isActive(t, f, now, other.Access) {
			t.Error("another sign-in was revoked")
		}
	}
}

func TestExpiredDataAreRemovedAndNumbersAreBounded(t *testing.T) {
	t.Parallel()
	f := state.InMemory()
	_, old := addApp(t, f, "create")
	update(t, f, func(s *state.State) {
		s.NewLink(now)
		s.NewCode(now)
	})
	later := now.Add(25 * time.Hour)
	if live := read(t, f).LiveApps(later); len(live) != 0 {
		t.Errorf("%d live apps after their end", len(live))
	}
	update(t, f, func(s *state.State) {
		s.AddApp(later, lives, state.App{ClientID: client})
		if len(s.Apps) != 1 || s.Link != nil || s.Code != nil {
			t.Errorf("expired data are still there: %+v", s)
		}
		for range 1000 {
			s.AddApp(later, lives, state.App{ClientID: "https://other.example/"})
		}
		if len(s.Apps) != 1000 || s.Apps[0].ClientID == client {
			t.Errorf("%d apps, the first of %s", len(s.Apps), s.Apps[0].ClientID)
		}
	})
	if isActive(t, f, later, old.Access) {
		t.Error("an expired token is active")
	}
	f = state.InMemory()
	_, tokens := addApp(t, f, "create")
	for range 20 {
		var err error
		if tokens, err = refresh(t, f, now, tokens.Refresh, client); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(read(t, f).Apps[0].Access); got != 10 {
		t.Errorf("%d access tokens of one app, want 10", got)
	}
}

// TestALongSecretIsHashedOnce counts copies of the secret, one for each hash. A
// stranger chooses its length, and the owner has many tokens.
func TestALongSecretIsHashedOnce(t *testing.T) {
	f := state.InMemory()
	for range 20 {
		addApp(t, f, "create")
	}
	s, long := read(t, f), strings.Repeat("x", 60<<10)
	for name, find := range map[string]func(){
		"FindAccess":  func() { s.FindAccess(now, long) },
		"RevokeToken": func() { s.RevokeToken(long) },
		"Refresh":     func() { _, _, _ = s.Refresh(now, lives, long, client, nil) },
	} {
		if n := testing.AllocsPerRun(1, find); n > 5 {
			t.Errorf("%s made %v copies for 20 apps", name, n)
		}
	}
}
