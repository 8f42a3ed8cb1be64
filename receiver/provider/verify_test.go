package provider_test

import (
	"net/http"
	"testing"

	"starpunk/receiver/provider"
)

func TestRevocation(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.Issue(app, "create")
	other := s.Issue(app, "create")
	legacy := s.do("POST", s.Links()["token_endpoint"], "action=revoke&token="+token)
	legacy.wantStatus(t, http.StatusOK)
	s.wantInvalid(token)
	s.do("POST", provider.Prefix+"revoke", "token="+token).wantStatus(t, http.StatusOK)
	s.do("POST", provider.Prefix+"revoke", "").wantStatus(t, http.StatusBadRequest)
	if s.introspect(other)["active"] != true {
		t.Error("another token was revoked")
	}
}

func TestVerificationNeedsACredential(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.Issue(app, "create")
	body := "token=" + token
	for _, header := range []string{"", "Bearer", "Bearer ", "Digest x", token} {
		for _, got := range []answer{
			s.do("POST", provider.Prefix+"introspect", body, "Authorization", header),
			s.get(s.Links()["token_endpoint"], "Authorization", header),
		} {
			got.wantStatus(t, http.StatusUnauthorized)
			if got.Header.Get("WWW-Authenticate") != "Bearer" || got.body != "" {
				t.Errorf("%q: WWW-Authenticate %q, body %q; want Bearer and nothing", header, got.Header.Get("WWW-Authenticate"), got.body)
			}
		}
	}
	other := s.Issue(app, "create")
	for _, header := range []string{"Bearer " + token, "bearer " + other} {
		s.do("POST", provider.Prefix+"introspect", body, "Authorization", header).wantStatus(t, http.StatusOK)
	}
	for _, header := range []string{"Bearer other", "Basic dXNlcjpwYXNz", "Basic " + token} {
		s.do("POST", provider.Prefix+"introspect", body, "Authorization", header).wantStatus(t, http.StatusUnauthorized)
	}
	s.do("POST", provider.Prefix+"introspect", "", "Authorization", "Bearer "+other).wantStatus(t, http.StatusBadRequest)
	s.get(s.Links()["token_endpoint"], "Authorization", "bearer "+token).wantStatus(t, http.StatusOK)
}
