package state_test

import (
	"strings"
	"testing"
	"time"

	"starpunk/receiver/provider/state"
)

func TestACodeIsValidOnceForTenMinutes(t *testing.T) {
	t.Parallel()
	f := state.InMemory()
	update(t, f, func(s *state.State) {
		if s.UseCode(now, "") {
			t.Error("an empty code is accepted before there is one")
		}
		first, code := s.NewCode(now), s.NewCode(now)
		for _, wrong := range []string{"", "-", first, code[:13], code + "A"} {
			if s.UseCode(now, wrong) {
				t.Errorf("%q is accepted", wrong)
			}
		}
		if s.UseCode(now.Add(10*time.Minute), code) {
			t.Error("accepted after ten minutes")
		}
		if !s.UseCode(now.Add(10*time.Minute-time.Nanosecond), " "+strings.ToLower(strings.ReplaceAll(code, "-", " "))) {
			t.Error("refused in other letters")
		}
		if s.UseCode(now, code) {
			t.Error("accepted twice")
		}
	})
}

func TestALinkRegistersOnePasskeyWithinTenMinutes(t *testing.T) {
	t.Parallel()
	f := state.InMemory()
	passkey := state.Passkey{CredentialID: []byte{1}, PublicKey: []byte{2}}
	update(t, f, func(s *state.State) {
		if s.AddPasskey(now, "", passkey) {
			t.Error("a passkey without a link")
		}
		first, link := s.NewLink(now), s.NewLink(now)
		if s.AddPasskey(now, first, passkey) {
			t.Error("an earlier link is accepted")
		}
		code := s.NewCode(now)
		if s.LinkMatches(now, code) || s.UseCode(now, link) {
			t.Error("a code and a link are exchangeable")
		}
		if s.LinkMatches(now.Add(10*time.Minute), link) {
			t.Error("accepted after ten minutes")
		}
		if !s.AddPasskey(now, link, passkey) || s.AddPasskey(now, link, passkey) {
			t.Error("a link must register exactly one passkey")
		}
	})
	s := read(t, f)
	id := s.Passkeys[0].ID
	if len(s.Passkeys) != 1 || len(id) != 6 || !s.HasPasskey(id) || s.PasskeyOf([]byte{1}) == nil || s.PasskeyOf(nil) != nil {
		t.Errorf("passkeys %+v", s.Passkeys)
	}
	update(t, f, func(s *state.State) {
		if s.Remove("unknown") || !s.Remove(id) || s.HasPasskey(id) {
			t.Error("the passkey is not removed by its ID")
		}
	})
}

func TestHashesMatchTheirSecretOnly(t *testing.T) {
	t.Parallel()
	if !state.HashOf("a").Matches("a") || state.HashOf("a").Matches("b") || (state.Hash{}).Matches("") {
		t.Error("wrong match")
	}
}
