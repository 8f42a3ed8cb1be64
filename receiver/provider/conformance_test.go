package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestTheServerTestsOfIndieAuth has a case for each requirement of the living
// standard on a server, as the public test site indieauth.rocks and the wiki list
// them. The sections are those of 2024-07-11.
func TestTheServerTestsOfIndieAuth(t *testing.T) {
	t.Parallel()
	tests := []struct {
		section, rule string
		check         func(t *testing.T, s *site, a *authenticator)
	}{
		{"3.1", "the issuer is an https URL without query and fragment, and a prefix of the metadata URL", func(t *testing.T, s *site, _ *authenticator) {
			issuer := s.metadata()["issuer"].(string)
			if !strings.HasPrefix(issuer, "https://") || strings.ContainsAny(issuer, "?#") || !strings.HasPrefix(s.Links()["indieauth-metadata"], issuer) {
				t.Errorf("issuer %s", issuer)
			}
		}},
		{"4.1.1", "the metadata have the endpoints and the methods", func(t *testing.T, s *site, _ *authenticator) {
			meta := s.metadata()
			for _, name := range []string{"issuer", "authorization_endpoint", "token_endpoint", "introspection_endpoint", "introspection_endpoint_auth_methods_supported", "revocation_endpoint", "revocation_endpoint_auth_methods_supported", "scopes_supported", "response_types_supported", "grant_types_supported", "code_challenge_methods_supported", "authorization_response_iss_parameter_supported", "userinfo_endpoint"} {
				if meta[name] == nil {
					t.Errorf("no %s", name)
				}
			}
		}},
		{"4.2.1", "metadata with another client_id are refused", func(t *testing.T, s *site, a *authenticator) {
			s.others["app.example"] = jsonPage(`{"client_id": "https://other.example/", "client_name": "Other", "redirect_uris": ["https://cdn.example/"]}`)
			if page := s.consent(a, appRequest()); strings.Contains(page.body, "Other") {
				t.Error("the name of another app is shown")
			}
			s.consent(a, appRequest("redirect_uri", "https://cdn.example/")).wantStatus(t, http.StatusBadRequest)
		}},
		{"4.2.2", "a redirect URL at another host must be listed exactly", func(t *testing.T, s *site, a *authenticator) {
			s.others["app.example"] = jsonPage(`{"client_id": "https://app.example/", "redirect_uris": ["https://cdn.example/a"]}`)
			s.consent(a, appRequest("redirect_uri", "https://cdn.example/a")).wantStatus(t, http.StatusOK)
			s.consent(a, appRequest("redirect_uri", "https://cdn.example/ab")).wantStatus(t, http.StatusBadRequest)
		}},
		{"4.2.2", "a redirect URL may be in a link or a Link header of a page", func(t *testing.T, s *site, a *authenticator) {
			s.others["app.example"] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.Header().Set("Link", `<https://one.example/>; rel="redirect_uri"`)
				_, _ = w.Write([]byte(`<link rel="redirect_uri" href="https://two.example/">`))
			}
			s.consent(a, appRequest("redirect_uri", "https://one.example/")).wantStatus(t, http.StatusOK)
			s.consent(a, appRequest("redirect_uri", "https://two.example/")).wantStatus(t, http.StatusOK)
		}},
		{"5.2", "PKCE is required", func(t *testing.T, s *site, a *authenticator) {
			s.consentRefused(a, "code_challenge", "", "code_challenge_method", "")
			s.consentRefused(a, "code_challenge_method", "plain")
		}},
		{"5.2", "client_id, redirect_uri and response_type are required", func(t *testing.T, s *site, a *authenticator) {
			for _, name := range []string{"client_id", "redirect_uri", "response_type"} {
				s.consentRefused(a, name, "")
			}
			s.consentRefused(a, "response_type", "id")
		}},
		{"5.2", "the page shows the app, its redirect URL and each scope", func(t *testing.T, s *site, a *authenticator) {
			page := s.consent(a, appRequest("scope", "create media unknown"))
			for _, want := range []string{remoteApp, appCallback, ">create<", ">media<", ">unknown<"} {
				if !strings.Contains(page.body, want) {
					t.Errorf("the page does not show %s", want)
				}
			}
		}},
		{"5.2", "an unknown parameter and me do not matter", func(t *testing.T, s *site, a *authenticator) {
			s.consent(a, appRequest("me", "https://other.example/", "more", "x")).wantStatus(t, http.StatusOK)
		}},
		{"5.2.1", "the answer has code, the unchanged state, and iss", func(t *testing.T, s *site, a *authenticator) {
			request := appRequest("state", `a+b%20"<&> ;=/?`)
			fields, _ := s.consent(a, request).fields(t, "form[action=authorize]", "")
			fields.Set("decision", "allow")
			query := callbackQuery(t, s.send("POST", "/auth/authorize", fields))
			if query.Get("code") == "" || query.Get("state") != request.Get("state") || query.Get("iss") != s.metadata()["issuer"] {
				t.Errorf("answer %v", query)
			}
		}},
		{"5.2.1", "a code expires and counts once, at either endpoint", func(t *testing.T, s *site, a *authenticator) {
			code := s.allow(s.consent(a, appRequest()))
			s.advance(time.Minute)
			s.redeem(code).wantStatus(t, http.StatusBadRequest)
			code = s.allow(s.consent(a, appRequest()))
			token := s.redeem(code).object(t)["access_token"].(string)
			s.send("POST", "/auth/authorize", redemption(code, "client_id", remoteApp, "redirect_uri", appCallback)).wantStatus(t, http.StatusBadRequest)
			if s.isActive(token) {
				t.Error("the token of a code that was used twice is active")
			}
		}},
		{"5.3.1", "client_id, redirect_uri and code_verifier must match", func(t *testing.T, s *site, a *authenticator) {
			for _, change := range [][]string{{"client_id", home}, {"redirect_uri", remoteApp}, {"code_verifier", verifier + "x"}, {"code_verifier", ""}, {"code_verifier", "short"}} {
				s.redeem(s.allow(s.consent(a, appRequest())), change...).wantStatus(t, http.StatusBadRequest)
			}
		}},
		{"5.3.2", "the authorization endpoint returns me and no token", func(t *testing.T, s *site, a *authenticator) {
			code := s.allow(s.consent(a, appRequest("scope", "profile")))
			got := s.send("POST", "/auth/authorize", redemption(code, "client_id", remoteApp, "redirect_uri", appCallback), "Sec-Fetch-Site", "cross-site").object(t)
			if got["me"] != home || got["access_token"] != nil || got["profile"].(map[string]any)["name"] != "Ada" {
				t.Errorf("answer %v", got)
			}
		}},
		{"5.3.3", "without a scope there is no token", func(t *testing.T, s *site, a *authenticator) {
			s.redeem(s.allow(s.consent(a, appRequest("scope", "")))).wantStatus(t, http.StatusBadRequest)
		}},
		{"5.3.3", "the answer has access_token, token_type, scope and me, and is not stored", func(t *testing.T, s *site, a *authenticator) {
			got := s.redeem(s.allow(s.consent(a, appRequest())))
			answer := got.object(t)
			if answer["access_token"] == "" || answer["token_type"] != "Bearer" || answer["scope"] != "create update" || answer["me"] != home || got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("answer %v", answer)
			}
		}},
		{"5.3.4", "the email address needs its scope", func(t *testing.T, s *site, a *authenticator) {
			if profile := s.tokens(a, "profile")["profile"].(map[string]any); profile["email"] != nil {
				t.Errorf("profile %v", profile)
			}
			if tokens := s.tokens(a, "create"); tokens["profile"] != nil {
				t.Errorf("a profile without its scope: %v", tokens)
			}
		}},
		{"5.5.1", "a refresh gives the same or a narrower scope", func(t *testing.T, s *site, a *authenticator) {
			token := s.tokens(a, "create update")["refresh_token"].(string)
			s.refresh(token, "scope", "create delete").wantStatus(t, http.StatusBadRequest)
			got := s.refresh(token, "scope", "update").object(t)
			if got["scope"] != "update" {
				t.Errorf("scope %v", got["scope"])
			}
			if got = s.refresh(got["refresh_token"].(string)).object(t); got["scope"] != "create update" {
				t.Errorf("scope %v after a narrower one", got["scope"])
			}
		}},
		{"5.5.1", "a refresh by another client is refused", func(t *testing.T, s *site, a *authenticator) {
			s.refresh(s.tokens(a, "create")["refresh_token"].(string), "client_id", "https://evil.example/").wantStatus(t, http.StatusBadRequest)
		}},
		{"5.5", "a refresh token expires if it is not used", func(t *testing.T, s *site, a *authenticator) {
			token := s.tokens(a, "create")["refresh_token"].(string)
			s.advance(180 * 24 * time.Hour)
			s.refresh(token).wantStatus(t, http.StatusBadRequest)
		}},
		{"6.1", "introspection requires a credential", func(t *testing.T, s *site, a *authenticator) {
			form := url.Values{"token": {s.tokens(a, "create")["access_token"].(string)}}
			s.send("POST", "/auth/introspect", form).wantStatus(t, http.StatusUnauthorized)
			s.send("POST", "/auth/introspect", form, "Authorization", "Bearer other").wantStatus(t, http.StatusUnauthorized)
		}},
		{"6.2", "introspection returns me; an invalid token has active alone, with 200", func(t *testing.T, s *site, a *authenticator) {
			token := s.tokens(a, "create")["access_token"].(string)
			send := func(secret string) map[string]any {
				return s.send("POST", "/auth/introspect", url.Values{"token": {secret}}, "Authorization", "Bearer "+secret).object(t)
			}
			if got := send(token); got["active"] != true || got["me"] != home || got["client_id"] != remoteApp || got["scope"] != "create" {
				t.Errorf("answer %v", got)
			}
			if got := send("unknown"); len(got) != 1 || got["active"] != false {
				t.Errorf("answer %v", got)
			}
			s.advance(30 * 24 * time.Hour)
			if got := send(token); len(got) != 1 || got["active"] != false {
				t.Errorf("answer for an expired token %v", got)
			}
		}},
		{"7.1", "revocation answers 200 for any token, also at the token endpoint", func(t *testing.T, s *site, a *authenticator) {
			token := s.tokens(a, "create")["access_token"].(string)
			s.send("POST", "/auth/revoke", url.Values{"token": {"unknown"}}).wantStatus(t, http.StatusOK)
			s.send("POST", "/auth/token", url.Values{"action": {"revoke"}, "token": {token}}).wantStatus(t, http.StatusOK)
			if s.isActive(token) {
				t.Error("the token is active")
			}
		}},
		{"9", "userinfo requires a token with the scope profile", func(t *testing.T, s *site, a *authenticator) {
			s.send("GET", "/auth/userinfo", nil).wantStatus(t, http.StatusUnauthorized)
			got := s.send("GET", "/auth/userinfo", nil, "Authorization", "Bearer "+s.tokens(a, "profile")["access_token"].(string))
			if got.object(t)["url"] != home {
				t.Errorf("answer %s", got.body)
			}
		}},
		{"10.1", "the page shows the whole client_id and warns of another host", func(t *testing.T, s *site, a *authenticator) {
			page := s.consent(a, appRequest("redirect_uri", "https://cdn.example/done"))
			if !strings.Contains(page.body, remoteApp) || !strings.Contains(page.body, "another place than the app") {
				t.Errorf("page %s", page.body)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.section+" "+test.rule, func(t *testing.T) {
			t.Parallel()
			s, a := owned(t)
			s.t, a.t = t, t
			test.check(t, s, a)
		})
	}
}

func (s *site) metadata() map[string]any {
	s.t.Helper()
	return s.send("GET", "/.well-known/oauth-authorization-server", nil).object(s.t)
}

// consentRefused checks that a changed request of the app is refused without a
// redirect.
func (s *site) consentRefused(a *authenticator, changes ...string) {
	s.t.Helper()
	s.cookie = ""
	got := s.send("GET", "/auth/authorize?"+appRequest(changes...).Encode(), nil)
	got.wantStatus(s.t, http.StatusBadRequest)
	s.consent(a, appRequest()) // also within a session
	got = s.send("GET", "/auth/authorize?"+appRequest(changes...).Encode(), nil)
	got.wantStatus(s.t, http.StatusBadRequest)
	if got.Header.Get("Location") != "" {
		s.t.Errorf("%q: Location %s", changes, got.Header.Get("Location"))
	}
}

func jsonPage(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	}
}

// FuzzRequestOfAnApp checks that a signed-in owner is redirected only to the app's
// host, or to an address that the app's page lists.
func FuzzRequestOfAnApp(f *testing.F) {
	f.Add(remoteApp, appCallback, "s", "create")
	f.Add(remoteApp, "app.example.phone:/done", "", "")
	f.Add(remoteApp, "https://app.example\\@evil.example/", "", "")
	f.Add("https://app.example", "//evil.example", "x\ny", "a b")
	f.Add("http://127.0.0.1:1/", "http://127.0.0.1:1/", "", "")
	f.Fuzz(func(t *testing.T, client, redirect, state, scope string) {
		s, a := owned(t)
		s.tokens(a, "create") // the session stays
		request := appRequest("client_id", client, "redirect_uri", redirect, "state", state, "scope", scope)
		page := s.send("GET", "/auth/authorize?"+request.Encode(), nil)
		if page.StatusCode != http.StatusOK {
			if page.Header.Get("Location") != "" {
				t.Errorf("Location %q", page.Header.Get("Location"))
			}
			return
		}
		fields, _ := page.fields(t, "form[action=authorize]", "")
		fields.Set("decision", "deny")
		got := s.send("POST", "/auth/authorize", fields)
		got.wantStatus(t, http.StatusSeeOther)
		location, err := url.Parse(got.Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		id, err := url.Parse(client)
		if err != nil {
			t.Fatal(err)
		}
		listed := redirect == "app.example.phone:/done" || redirect == "http://127.0.0.1:4000/done" || redirect == "https://cdn.example/done"
		if !listed && (location.Scheme != id.Scheme || !strings.EqualFold(location.Hostname(), id.Hostname())) {
			t.Errorf("client %q, redirect %q: Location %q", client, redirect, location)
		}
		if location.Query().Get("state") != state && !listed {
			t.Errorf("state %q became %q", state, location.Query().Get("state"))
		}
	})
}
