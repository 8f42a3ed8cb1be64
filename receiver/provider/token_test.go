package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"starpunk/receiver/provider"
)

// object returns the body of an answer, which must be a JSON object.
func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	if ct := a.Header.Get("Content-Type"); ct != "application/json" {
		t.Fatalf("Content-Type: %q, want application/json; body: %s", ct, a.body)
	}
	var v map[string]any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func (s *server) metadata() map[string]any {
	s.t.Helper()
	return s.get(s.Links()["indieauth-metadata"]).object(s.t)
}

// redemption returns the request with which the app redeems a code, changed
// like that of [request].
func redemption(code string, changes ...string) url.Values {
	v := url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code},
		"client_id":     {app},
		"redirect_uri":  {callback},
		"code_verifier": {verifier},
	}
	for i := 0; i < len(changes); i += 2 {
		if v.Set(changes[i], changes[i+1]); changes[i+1] == "" {
			v.Del(changes[i])
		}
	}
	return v
}

func (s *server) redeem(v url.Values) answer {
	s.t.Helper()
	return s.do("POST", s.Links()["token_endpoint"], v.Encode())
}

func (s *server) introspect(token string) map[string]any {
	s.t.Helper()
	got := s.do("POST", provider.Prefix+"introspect", url.Values{"token": {token}}.Encode(), "Authorization", "Bearer "+token)
	got.wantStatus(s.t, http.StatusOK)
	return got.object(s.t)
}

func (s *server) verify(token string) answer {
	s.t.Helper()
	return s.get(s.Links()["token_endpoint"], "Authorization", "Bearer "+token)
}

// wantInvalid checks that a token is refused by introspection and by a GET,
// without a reason.
func (s *server) wantInvalid(token string) {
	s.t.Helper()
	if got := s.introspect(token); len(got) != 1 || got["active"] != false {
		s.t.Errorf("introspection: %v, want active false and nothing else", got)
	}
	got := s.verify(token)
	got.wantStatus(s.t, http.StatusUnauthorized)
	if h := got.Header.Get("WWW-Authenticate"); h != `Bearer error="invalid_token"` {
		s.t.Errorf("WWW-Authenticate: %q", h)
	}
}

func TestAnAppSignsInAndRevokesItsToken(t *testing.T) {
	t.Parallel()
	s := start(t)
	meta := s.metadata()
	code := s.code(request())

	got := s.do("POST", meta["token_endpoint"].(string), redemption(code).Encode())
	got.wantStatus(t, http.StatusOK)
	if got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("Pragma") != "no-cache" {
		t.Error("the answer with the token may be stored")
	}
	answer := got.object(t)
	token, _ := answer["access_token"].(string)
	for name, want := range map[string]any{"token_type": "Bearer", "scope": "create update", "me": s.base + "/", "expires_in": 86400.0} {
		if answer[name] != want {
			t.Errorf("%s: %v, want %v", name, answer[name], want)
		}
	}

	info := s.introspect(token)
	issued := float64(time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC).Unix())
	for name, want := range map[string]any{"active": true, "me": s.base + "/", "client_id": app, "scope": "create update", "iat": issued, "exp": issued + 86400} {
		if info[name] != want {
			t.Errorf("introspection: %s: %v, want %v", name, info[name], want)
		}
	}
	if got, want := fmt.Sprint(s.verify(token).object(t)), fmt.Sprint(map[string]any{"me": s.base + "/", "client_id": app, "scope": "create update"}); got != want {
		t.Errorf("verification by GET: %s, want %s", got, want)
	}

	s.do("POST", meta["revocation_endpoint"].(string), "token="+token).wantStatus(t, http.StatusOK)
	s.wantInvalid(token)

	for name, secret := range map[string]string{"token": token, "code": code, "passcode": s.Code(), "verifier": verifier} {
		if secret == "" || strings.Contains(s.log.String(), secret) {
			t.Errorf("the %s %q is empty or in the log", name, secret)
		}
	}
	for _, event := range []string{"authorization granted", "token issued", "token revoked"} {
		if strings.Count(s.log.String(), event) != 1 {
			t.Errorf("%q is not exactly once in the log:\n%s", event, &s.log)
		}
	}
}

func TestRedemptionsThatAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		changes []string
		want    string
	}{
		{"another verifier", []string{"code_verifier", verifier + "x"}, "invalid_grant"},
		{"the challenge as verifier", []string{"code_verifier", request().Get("code_challenge")}, "invalid_grant"},
		{"no verifier", []string{"code_verifier", ""}, "invalid_request"},
		{"another client", []string{"client_id", "http://other.example/"}, "invalid_grant"},
		{"no client", []string{"client_id", ""}, "invalid_request"},
		{"another redirect", []string{"redirect_uri", app}, "invalid_grant"},
		{"no redirect", []string{"redirect_uri", ""}, "invalid_request"},
		{"a made-up code", []string{"code", "made-up"}, "invalid_grant"},
		{"no code", []string{"code", ""}, "invalid_request"},
		{"another grant", []string{"grant_type", "password"}, "unsupported_grant_type"},
	}
	s := start(t)
	for _, endpoint := range []string{"token_endpoint", "authorization_endpoint"} {
		for _, test := range tests {
			t.Run(endpoint+": "+test.name, func(t *testing.T) {
				body := redemption(s.code(request()), test.changes...).Encode()
				got := s.do("POST", s.Links()[endpoint], body)
				got.wantStatus(t, http.StatusBadRequest)
				if code := got.object(t)["error"]; code != test.want {
					t.Errorf("error: %v, want %s", code, test.want)
				}
			})
		}
	}
}

func TestAParameterGivenTwiceIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, name := range []string{"code", "client_id", "redirect_uri", "code_verifier"} {
		v := redemption(s.code(request()))
		v.Add(name, "another")
		s.redeem(v).wantStatus(t, http.StatusBadRequest)
	}
}

func TestDescriptionsHaveAllowedCharactersOnly(t *testing.T) {
	t.Parallel()
	s := start(t)
	got := s.redeem(redemption("", "grant_type", "a\"b\\c\né")).object(t)["error_description"]
	if want := "grant_type is 'a?b?c??'; it must be 'authorization_code'."; got != want {
		t.Errorf("error_description: %q, want %q", got, want)
	}
}

func TestAFailedRedemptionUsesTheCodeUp(t *testing.T) {
	t.Parallel()
	s := start(t)
	code := s.code(request())
	s.redeem(redemption(code, "code_verifier", verifier+"x")).wantStatus(t, http.StatusBadRequest)
	s.redeem(redemption(code)).wantStatus(t, http.StatusBadRequest)
}

func TestASecondUseOfACodeRevokesItsToken(t *testing.T) {
	t.Parallel()
	s := start(t)
	code := s.code(request())
	token := s.redeem(redemption(code)).object(t)["access_token"].(string)
	second := s.redeem(redemption(code))
	second.wantStatus(t, http.StatusBadRequest)
	if got := second.object(t)["error"]; got != "invalid_grant" {
		t.Errorf("error: %v, want invalid_grant", got)
	}
	s.wantInvalid(token)
}

func TestACodeExpiresAfterAMinute(t *testing.T) {
	t.Parallel()
	s := start(t)
	early, late := s.code(request()), s.code(request())
	s.advance(time.Minute - time.Nanosecond)
	s.redeem(redemption(early)).wantStatus(t, http.StatusOK)
	s.advance(time.Nanosecond)
	s.redeem(redemption(late)).wantStatus(t, http.StatusBadRequest)
}

func TestATokenExpiresAfterADay(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.Issue(app, "create")
	s.advance(24*time.Hour - time.Nanosecond)
	if s.introspect(token)["active"] != true {
		t.Error("the token expired too early")
	}
	s.advance(time.Nanosecond)
	s.wantInvalid(token)
}

func TestTheOldestTokenIsDroppedFirst(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.Issue(app, "create")
	s.advance(time.Second)
	second := s.Issue(app, "create")
	s.advance(time.Second)
	for range 999 {
		s.Issue(app, "create")
	}
	s.wantInvalid(first)
	if s.introspect(second)["active"] != true {
		t.Error("a token other than the oldest was dropped")
	}
}

func TestTheOwnerMayGrantFewerScopes(t *testing.T) {
	t.Parallel()
	s := start(t)
	fields := form(t, s.showConsent(request()))
	fields.Set("passcode", s.Code())
	fields["grant"] = []string{"update", "delete"} // the app did not request delete
	code := callbackQuery(t, s.do("POST", s.Links()["authorization_endpoint"], fields.Encode())).Get("code")
	if got := s.redeem(redemption(code)).object(t)["scope"]; got != "update" {
		t.Errorf("scope: %v, want update", got)
	}
}

func TestACodeWithoutAScopeGivesNoToken(t *testing.T) {
	t.Parallel()
	s := start(t)
	got := s.redeem(redemption(s.code(request("scope", ""))))
	got.wantStatus(t, http.StatusBadRequest)
	if code := got.object(t)["error"]; code != "invalid_grant" {
		t.Errorf("error: %v, want invalid_grant", code)
	}
}

func TestSignInNeedsNoScopeAndAcceptsOtherOrigins(t *testing.T) {
	t.Parallel()
	s := start(t)
	code := s.code(request("scope", ""))
	got := s.do("POST", s.Links()["authorization_endpoint"], redemption(code).Encode(),
		"Origin", "http://app.example", "Sec-Fetch-Site", "cross-site")
	got.wantStatus(t, http.StatusOK)
	if info := got.object(t); len(info) != 1 || info["me"] != s.base+"/" {
		t.Errorf("answer: %v, want me and nothing else", info)
	}
	if got.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Error("a client in a browser cannot read the answer")
	}
	s.redeem(redemption(code)).wantStatus(t, http.StatusBadRequest)
}
