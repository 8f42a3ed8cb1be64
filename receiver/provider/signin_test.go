package provider_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"starpunk/receiver/provider/state"
)

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// tryPasskey signs in on the page of the apps, with a change of the answer.
func (s *site) tryPasskey(a *authenticator, change func(answer string) string) answer {
	s.t.Helper()
	s.cookie = ""
	fields, options := s.send("GET", "/auth/", nil).fields(s.t, "form[data-get]", "data-get")
	fields.Set("passkey", change(a.get(options)))
	return s.send("POST", "/auth/sign-in", fields)
}

func unchanged(answer string) string { return answer }

func TestPasskeysThatAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(a *authenticator)
	}{
		{"an unverified user", func(a *authenticator) { a.flags = userPresent }},
		{"an absent user", func(a *authenticator) { a.flags = userVerified }},
		{"another origin", func(a *authenticator) { a.origin = "https://evil.example" }},
		{"a subdomain", func(a *authenticator) { a.origin = "https://x.ada.example" }},
		{"another port", func(a *authenticator) { a.origin = "https://ada.example:444" }},
		{"plain HTTP", func(a *authenticator) { a.origin = "http://ada.example" }},
		{"another user", func(a *authenticator) { a.user = []byte("another user handle, long enough") }},
		{"no user", func(a *authenticator) { a.user = nil }},
		{"an unknown passkey", func(a *authenticator) { a.id = []byte("unknown") }},
		{"another key", func(a *authenticator) { a.key = newAuthenticator(a.t).key }},
		{"a passkey that became copyable", func(a *authenticator) { a.flags |= backupable }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, a := owned(t)
			s.tryPasskey(a, unchanged).wantStatus(t, http.StatusSeeOther)
			test.change(a)
			got := s.tryPasskey(a, unchanged)
			got.wantStatus(t, http.StatusForbidden)
			if len(got.Cookies()) != 0 {
				t.Error("a cookie was set")
			}
		})
	}
}

func TestAChallengeCountsOnceForItsPurposeAndFiveMinutes(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	page := s.send("GET", "/auth/", nil)
	fields, options := page.fields(t, "form[data-get]", "data-get")
	fields.Set("passkey", a.get(options))
	s.send("POST", "/auth/sign-in", fields).wantStatus(t, http.StatusSeeOther)
	s.send("POST", "/auth/sign-in", fields).wantStatus(t, http.StatusForbidden)

	s.cookie = ""
	fields, options = s.send("GET", "/auth/", nil).fields(t, "form[data-get]", "data-get")
	s.advance(5 * time.Minute)
	fields.Set("passkey", a.get(options))
	s.send("POST", "/auth/sign-in", fields).wantStatus(t, http.StatusForbidden)

	fields, options = s.send("GET", "/auth/", nil).fields(t, "form[data-get]", "data-get")
	fields.Set("passkey", a.get(options))
	s.restart() // with another key of challenges
	s.send("POST", "/auth/sign-in", fields).wantStatus(t, http.StatusForbidden)

	for _, challenge := range []string{"", "AAAA", strings.Repeat("A", 75)} {
		fields.Set("passkey", a.get(`{"challenge": "`+challenge+`", "rpId": "ada.example"}`))
		s.send("POST", "/auth/sign-in", fields).wantStatus(t, http.StatusForbidden)
	}
	var link string
	s.update(func(st *state.State) { link = st.NewLink(s.now()) })
	_, creation := s.send("POST", "/auth/register", url.Values{"link": {link}}).fields(t, "form[data-create]", "data-create")
	c := a.parse(creation)
	fields.Set("passkey", a.get(`{"challenge": "`+c.Challenge+`", "rpId": "ada.example"}`))
	s.send("POST", "/auth/sign-in", fields).wantStatus(t, http.StatusForbidden)
}

func TestACounterThatDoesNotIncreaseIsRefused(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	a.count = 5
	s.tryPasskey(a, unchanged).wantStatus(t, http.StatusSeeOther)
	s.tryPasskey(a, unchanged).wantStatus(t, http.StatusForbidden)
	a.count = 4
	s.tryPasskey(a, unchanged).wantStatus(t, http.StatusForbidden)
	a.count = 6
	s.tryPasskey(a, unchanged).wantStatus(t, http.StatusSeeOther)
}

func TestAnswersThatAreNotOfAPasskey(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	for _, answer := range []string{"{}", "[]", "null", "x", `{"id":"","rawId":"","type":"public-key","response":{}}`, strings.Repeat("[", 10_000)} {
		s.tryPasskey(a, func(string) string { return answer }).wantStatus(t, http.StatusForbidden)
		var link string
		s.update(func(st *state.State) { link = st.NewLink(s.now()) })
		s.advance(time.Minute) // new attempts
		s.send("POST", "/auth/register", url.Values{"link": {link}, "passkey": {answer}}).wantStatus(t, http.StatusForbidden)
	}
	s.tryPasskey(a, func(s string) string { return strings.Replace(s, "signature\":\"", "signature\":\"AAAA", 1) }).wantStatus(t, http.StatusForbidden)
}

func TestALinkRegistersOnePasskey(t *testing.T) {
	t.Parallel()
	s, first := owned(t)
	var link string
	s.update(func(st *state.State) { link = st.NewLink(s.now()) })
	second, third := newAuthenticator(t), newAuthenticator(t)
	page := func(a *authenticator) (url.Values, string) {
		fields, options := s.send("POST", "/auth/register", url.Values{"link": {link}}).fields(t, "form[data-create]", "data-create")
		return fields, options
	}
	fields, options := page(second)
	s.advance(time.Minute) // new attempts
	if !strings.Contains(options, base64url(first.id)) {
		t.Error("the options do not exclude the registered passkey")
	}
	again, againOptions := page(third)
	again.Set("passkey", third.create(againOptions))
	fields.Set("passkey", second.create(options))
	s.send("POST", "/auth/register", fields).wantStatus(t, http.StatusOK)
	s.send("POST", "/auth/register", again).wantStatus(t, http.StatusForbidden)
	s.tryPasskey(second, unchanged).wantStatus(t, http.StatusSeeOther)
	third.user = second.user
	s.tryPasskey(third, unchanged).wantStatus(t, http.StatusForbidden)
	s.tryPasskey(first, unchanged).wantStatus(t, http.StatusSeeOther)
	if st, err := s.file.Read(); err != nil || len(st.Passkeys) != 2 || st.Passkeys[0].Name != "Phone" {
		t.Errorf("passkeys %+v (%v)", st.Passkeys, err)
	}
}

func TestRegistrationNeedsAVerifiedUserAndTheLink(t *testing.T) {
	t.Parallel()
	s, a := startSite(t), newAuthenticator(t)
	a.flags = userPresent
	s.register(a).wantStatus(t, http.StatusForbidden)
	a.flags, a.origin = userPresent|userVerified, "https://evil.example"
	s.register(a).wantStatus(t, http.StatusForbidden)
	s.advance(time.Minute)
	var link string
	s.update(func(st *state.State) { link = st.NewLink(s.now()) })
	for _, wrong := range []string{"", "x", link[1:], strings.ToLower(link)} {
		s.send("POST", "/auth/register", url.Values{"link": {wrong}}).wantStatus(t, http.StatusForbidden)
	}
	s.advance(10 * time.Minute)
	s.send("POST", "/auth/register", url.Values{"link": {link}}).wantStatus(t, http.StatusForbidden)
	if st, err := s.file.Read(); err != nil || len(st.Passkeys) != 0 {
		t.Errorf("passkeys %+v (%v)", st.Passkeys, err)
	}
}

// signInByCode sends the form without a passkey.
func (s *site) signInByCode(code string) answer {
	s.t.Helper()
	s.cookie = ""
	page := s.send("GET", "/auth/authorize?"+appRequest().Encode(), nil)
	fields, _ := page.fields(s.t, "details form", "")
	fields.Set("passcode", code)
	return s.send("POST", "/auth/sign-in", fields)
}

func TestTheOwnerSignsInByCodeWithoutScript(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	s.signInByCode("AAAA-AAAA-AAAA").wantStatus(t, http.StatusForbidden)
	var code string
	s.update(func(st *state.State) { code = st.NewCode(s.now()) })
	redirect := s.signInByCode(code)
	redirect.wantStatus(t, http.StatusSeeOther)
	authorization := s.allow(s.send("GET", redirect.Header.Get("Location"), nil))
	s.redeem(authorization).wantStatus(t, http.StatusOK)
	s.signInByCode(code).wantStatus(t, http.StatusForbidden)
	if strings.Contains(s.log.String(), code) {
		t.Error("the code is in the log")
	}
}

func TestStrangersCannotLockTheOwnerOut(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	var code string
	s.update(func(st *state.State) { code = st.NewCode(s.now()) })
	s.client = "203.0.113.9"
	for range 5 {
		s.signInByCode("wrong").wantStatus(t, http.StatusForbidden)
	}
	limited := s.signInByCode(code)
	limited.wantStatus(t, http.StatusTooManyRequests)
	if limited.Header.Get("Retry-After") != "60" {
		t.Error("no Retry-After")
	}
	for range 3000 { // challenges of strangers discard none of the owner's
		s.send("GET", "/auth/", nil)
	}
	s.tryPasskey(a, unchanged).wantStatus(t, http.StatusSeeOther)
	s.client = "192.0.2.1"
	s.signInByCode(code).wantStatus(t, http.StatusSeeOther)
	s.client = "2001:db8::1"
	for range 5 {
		s.signInByCode("wrong").wantStatus(t, http.StatusForbidden)
	}
	s.client = "2001:db8::2"
	s.signInByCode("wrong").wantStatus(t, http.StatusTooManyRequests)
	s.client = "2001:db8:0:1::1"
	s.signInByCode("wrong").wantStatus(t, http.StatusForbidden)
}

// FuzzSignIn checks that no form starts a session, and that every answer is a page.
func FuzzSignIn(f *testing.F) {
	f.Add("sign-in", `{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30"}}`, "", "client_id=x")
	f.Add("register", "{}", "x", "")
	f.Add("authorize", "", "", "decision=allow&client_id=https://app.example/")
	f.Add("token", "", "", "grant_type=refresh_token&refresh_token=a.b&client_id=c")
	f.Add("revoke", "", "", "token=.")
	f.Add("introspect", "", "", "token=x&token=y")
	f.Fuzz(func(t *testing.T, path, passkey, code, next string) {
		switch path {
		case "sign-in", "register", "authorize", "token", "revoke", "introspect", "":
		default:
			return
		}
		s := startSite(t)
		form, err := url.ParseQuery(next)
		if err != nil {
			form = url.Values{}
		}
		form.Set("passkey", passkey)
		form.Set("passcode", code)
		form.Set("link", code)
		form.Set("next", next)
		got := s.send("POST", "/auth/"+path, form, "Authorization", "Bearer "+strings.Map(printable, code))
		if got.StatusCode >= 500 || got.StatusCode >= 300 && got.StatusCode < 400 || len(got.Cookies()) != 0 {
			t.Errorf("status %d, cookies %v", got.StatusCode, got.Cookies())
		}
		if s.fetched.Load() != 0 {
			t.Error("a page was fetched")
		}
	})
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}
