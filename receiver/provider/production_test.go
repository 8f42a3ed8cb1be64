package provider_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"starpunk/receiver/fetch"
	"starpunk/receiver/internal/logtest"
	"starpunk/receiver/provider"
	"starpunk/receiver/provider/clientinfo"
	"starpunk/receiver/provider/state"
)

const (
	home        = "https://ada.example/"
	remoteApp   = "https://app.example/"
	appCallback = "https://app.example/callback"
)

// A site is the provider of https://ada.example, with a clock that only a test
// moves, and other servers that exist in memory.
type site struct {
	*provider.Provider
	t       *testing.T
	handler http.Handler
	file    *state.File
	path    string
	since   atomic.Int64
	log     logtest.Buffer
	fetched atomic.Int64

	others map[string]http.HandlerFunc // other servers, by host
	cookie string                      // of the browser
	client string                      // address of the browser
}

func startSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{t: t, path: filepath.Join(dir, "provider.json"), client: "192.0.2.1", others: map[string]http.HandlerFunc{}}
	s.file = state.NewFile(s.path, filepath.Join(dir, ".starpunk"))
	s.restart()
	s.others["app.example"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"client_id": remoteApp, "client_name": "An App", "client_uri": remoteApp,
			"redirect_uris": []string{appCallback, "app.example.phone:/done", "http://127.0.0.1:4000/done", "https://cdn.example/done"},
		})
	}
	return s
}

// restart starts another process on the same file.
func (s *site) restart() {
	s.t.Helper()
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		s.fetched.Add(1)
		handler, ok := s.others[r.URL.Host]
		if !ok {
			handler = http.NotFound
		}
		rec := httptest.NewRecorder()
		handler(rec, r)
		return rec.Result(), nil
	})
	p, err := provider.New(provider.Options{
		Base: home, Me: home, State: s.file,
		Profile:             provider.Profile{Name: "Ada", URL: home, Photo: home + "ada.jpg", Email: "ada@ada.example"},
		Apps:                clientinfo.NewFetcher(&fetch.Client{Transport: transport}, s.now),
		ClientAddr:          func(*http.Request) netip.Addr { return netip.MustParseAddr(s.client) },
		IntrospectionSecret: "user:pass word",
		Now:                 s.now, Logger: s.log.Logger(),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.Provider, s.handler = p, p.Handler()
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (s *site) now() time.Time {
	return time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC).Add(time.Duration(s.since.Load()))
}

func (s *site) advance(d time.Duration) { s.since.Add(int64(d)) }

// send sends a request as the owner's browser does, which has the cookies.
func (s *site) send(method, path string, form url.Values, headers ...string) answer {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Host = "ada.example"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if s.cookie != "" {
		r.Header.Set("Cookie", s.cookie)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, r)
	resp := rec.Result()
	resp.Request = r
	for _, c := range resp.Cookies() {
		s.cookie = c.Name + "=" + c.Value
	}
	return answer{resp, rec.Body.String()}
}

func (s *site) update(change func(*state.State)) {
	s.t.Helper()
	if err := s.file.Update(s.t.Context(), func(st *state.State) error { change(st); return nil }); err != nil {
		s.t.Fatal(err)
	}
}

// fields returns the fields of the form that a selector finds, and an attribute of
// the form.
func (a answer) fields(t *testing.T, selector, attr string) (fields url.Values, value string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	form := cascadia.Query(doc, cascadia.MustCompile(selector))
	if form == nil {
		t.Fatalf("%s %s: no %s in the page: %s", a.Request.Method, a.Request.URL, selector, a.body)
	}
	for _, at := range form.Attr {
		if at.Key == attr {
			value = at.Val
		}
	}
	fields = url.Values{}
	for _, n := range cascadia.QueryAll(form, cascadia.MustCompile("input[name]")) {
		at := map[string]string{}
		for _, x := range n.Attr {
			at[x.Key] = x.Val
		}
		if _, checked := at["checked"]; at["type"] != "checkbox" || checked {
			fields.Add(at["name"], at["value"])
		}
	}
	return fields, value
}

// register registers a passkey as the page does.
func (s *site) register(a *authenticator) answer {
	s.t.Helper()
	var link string
	s.update(func(st *state.State) { link = st.NewLink(s.now()) })
	page := s.send("POST", "/auth/register", url.Values{"link": {link}})
	page.wantStatus(s.t, http.StatusOK)
	fields, options := page.fields(s.t, "form[data-create]", "data-create")
	fields.Set("passkey", a.create(options))
	fields.Set("name", "Phone")
	return s.send("POST", "/auth/register", fields)
}

// owned returns a site with the owner's passkey.
func owned(t *testing.T) (*site, *authenticator) {
	t.Helper()
	s, a := startSite(t), newAuthenticator(t)
	s.register(a).wantStatus(t, http.StatusOK)
	return s, a
}

// appRequest returns the request of the app, changed like [request].
func appRequest(changes ...string) url.Values {
	return request(append([]string{"client_id", remoteApp, "redirect_uri", appCallback}, changes...)...)
}

// signIn comes from the app, and therefore without the strict cookie, and uses the
// passkey on the sign-in page.
func (s *site) signIn(a *authenticator, request url.Values) answer {
	s.t.Helper()
	s.cookie = ""
	page := s.send("GET", "/auth/authorize?"+request.Encode(), nil)
	page.wantStatus(s.t, http.StatusOK)
	fields, options := page.fields(s.t, "form[data-get]", "data-get")
	fields.Set("passkey", a.get(options))
	return s.send("POST", "/auth/sign-in", fields)
}

// consent signs in and returns the consent page.
func (s *site) consent(a *authenticator, request url.Values) answer {
	s.t.Helper()
	redirect := s.signIn(a, request)
	redirect.wantStatus(s.t, http.StatusSeeOther)
	return s.send("GET", redirect.Header.Get("Location"), nil)
}

// allow sends the form of a consent page and returns the code.
func (s *site) allow(page answer) string {
	s.t.Helper()
	page.wantStatus(s.t, http.StatusOK)
	fields, _ := page.fields(s.t, "form[action=authorize]", "")
	fields.Set("decision", "allow")
	return callbackQuery(s.t, s.send("POST", "/auth/authorize", fields)).Get("code")
}

func (s *site) redeem(code string, changes ...string) answer {
	s.t.Helper()
	changes = append([]string{"client_id", remoteApp, "redirect_uri", appCallback}, changes...)
	return s.send("POST", "/auth/token", redemption(code, changes...), "Sec-Fetch-Site", "cross-site", "Origin", "https://app.example")
}

func (s *site) tokens(a *authenticator, scope string) map[string]any {
	s.t.Helper()
	got := s.redeem(s.allow(s.consent(a, appRequest("scope", scope))))
	got.wantStatus(s.t, http.StatusOK)
	return got.object(s.t)
}

func (s *site) isActive(token string) bool {
	s.t.Helper()
	got := s.send("POST", "/auth/introspect", url.Values{"token": {token}}, "Authorization", "Bearer "+token)
	got.wantStatus(s.t, http.StatusOK)
	return got.object(s.t)["active"] == true
}

func TestTheOwnerSignsInByPasskeyAndAnAppGetsTokens(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	request := appRequest("scope", "create profile email")
	page := s.consent(a, request)
	page.wantStatus(t, http.StatusOK)
	for _, want := range []string{"An App", remoteApp, appCallback, home, "publish notes", "see your name and picture"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	fields, _ := page.fields(t, "form[action=authorize]", "")
	fields.Set("decision", "allow")
	redirect := s.send("POST", "/auth/authorize", fields)
	query := callbackQuery(t, redirect)
	if query.Get("iss") != home || query.Get("state") != request.Get("state") || !strings.HasPrefix(redirect.Header.Get("Location"), appCallback+"?") {
		t.Errorf("Location: %s", redirect.Header.Get("Location"))
	}
	got := s.redeem(query.Get("code")).object(t)
	profile := map[string]any{"name": "Ada", "url": home, "photo": home + "ada.jpg", "email": "ada@ada.example"}
	if got["me"] != home || got["scope"] != "create profile email" || got["expires_in"] != 2592000.0 || !maps.Equal(got["profile"].(map[string]any), profile) {
		t.Errorf("answer %v", got)
	}
	token := got["access_token"].(string)
	info := s.send("GET", "/auth/userinfo", nil, "Authorization", "Bearer "+token).object(t)
	if !maps.Equal(info, profile) {
		t.Errorf("userinfo %v", info)
	}
	s.restart()
	if !s.isActive(token) {
		t.Error("the token ended with the process")
	}
	refreshed := s.refresh(got["refresh_token"].(string))
	refreshed.wantStatus(t, http.StatusOK)
	second := refreshed.object(t)
	if !s.isActive(second["access_token"].(string)) || second["scope"] != "create profile email" {
		t.Errorf("answer to a refresh %v", second)
	}
	for name, secret := range map[string]string{"token": token, "refresh token": got["refresh_token"].(string), "code": query.Get("code"), "cookie": strings.SplitN(s.cookie, "=", 2)[1]} {
		if secret == "" || strings.Contains(s.log.String(), secret) {
			t.Errorf("the %s is empty or in the log", name)
		}
	}
}

func (s *site) refresh(token string, changes ...string) answer {
	s.t.Helper()
	v := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {remoteApp}}
	for i := 0; i < len(changes); i += 2 {
		v.Set(changes[i], changes[i+1])
	}
	return s.send("POST", "/auth/token", v, "Sec-Fetch-Site", "cross-site")
}

func TestAReusedRefreshTokenRevokesTheApp(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	first := s.tokens(a, "create")
	second := s.refresh(first["refresh_token"].(string)).object(t)
	reuse := s.refresh(first["refresh_token"].(string))
	reuse.wantStatus(t, http.StatusBadRequest)
	if reuse.object(t)["error"] != "invalid_grant" {
		t.Errorf("answer %s", reuse.body)
	}
	s.refresh(second["refresh_token"].(string)).wantStatus(t, http.StatusBadRequest)
	if s.isActive(first["access_token"].(string)) || s.isActive(second["access_token"].(string)) {
		t.Error("an access token is still active")
	}
}

func TestCodesAndTokensAreNotExchangeable(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	tokens := s.tokens(a, "create profile")
	access, refresh := tokens["access_token"].(string), tokens["refresh_token"].(string)
	code := s.allow(s.consent(a, appRequest()))
	session := strings.SplitN(s.cookie, "=", 2)[1]
	for name, secret := range map[string]string{"an access token": access, "a refresh token": refresh, "a session": session, "a part of a refresh token": refresh[:26]} {
		s.redeem(secret).wantStatus(t, http.StatusBadRequest)
		if name != "an access token" && s.isActive(secret) {
			t.Errorf("%s is an access token", name)
		}
		if name != "a refresh token" {
			if got := s.refresh(secret); got.StatusCode != http.StatusBadRequest {
				t.Errorf("%s is a refresh token: %d", name, got.StatusCode)
			}
		}
	}
	if s.isActive(code) {
		t.Error("a code is an access token")
	}
	s.refresh(code).wantStatus(t, http.StatusBadRequest)
	s.send("GET", "/auth/userinfo", nil, "Authorization", "Bearer "+refresh).wantStatus(t, http.StatusUnauthorized)
	for _, secret := range []string{access, refresh, code} {
		s.cookie = "__Secure-starpunk-auth=" + secret
		if page := s.send("GET", "/auth/", nil); !strings.Contains(page.body, "<h1>Sign in</h1>") {
			t.Error("a token is a session")
		}
	}
	s.redeem(code).wantStatus(t, http.StatusOK)
}

func TestUserinfoNeedsTheScope(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	s.send("GET", "/auth/userinfo", nil).wantStatus(t, http.StatusUnauthorized)
	s.send("GET", "/auth/userinfo", nil, "Authorization", "Bearer x").wantStatus(t, http.StatusUnauthorized)
	denied := s.send("GET", "/auth/userinfo", nil, "Authorization", "Bearer "+s.tokens(a, "create email")["access_token"].(string))
	denied.wantStatus(t, http.StatusForbidden)
	if denied.object(t)["error"] != "insufficient_scope" {
		t.Errorf("answer %s", denied.body)
	}
	got := s.send("GET", "/auth/userinfo", nil, "Authorization", "Bearer "+s.tokens(a, "profile")["access_token"].(string)).object(t)
	if _, ok := got["email"]; ok || got["name"] != "Ada" {
		t.Errorf("userinfo %v, want no email without its scope", got)
	}
}

func TestIntrospectionAcceptsTheConfiguredSecret(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	token := s.tokens(a, "create")["access_token"].(string)
	form := url.Values{"token": {token}}
	got := s.send("POST", "/auth/introspect", form, "Authorization", "Basic dXNlcjpwYXNzK3dvcmQ=") // user:pass+word
	got.wantStatus(t, http.StatusOK)
	if got.object(t)["me"] != home {
		t.Errorf("answer %s", got.body)
	}
	s.send("POST", "/auth/introspect", url.Values{"token": {"unknown"}}, "Authorization", "Basic dXNlcjpwYXNzK3dvcmQ=").wantStatus(t, http.StatusOK)
	s.send("POST", "/auth/introspect", form, "Authorization", "Basic dXNlcjpwYXNzIHdvcmQ=").wantStatus(t, http.StatusUnauthorized)
}

func TestNothingIsFetchedBeforeASignIn(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	page := s.send("GET", "/auth/authorize?"+appRequest().Encode(), nil)
	page.wantStatus(t, http.StatusOK)
	if strings.Contains(page.body, "An App") || s.fetched.Load() != 0 {
		t.Errorf("%d fetches for a stranger", s.fetched.Load())
	}
	fields := appRequest()
	fields.Set("decision", "allow")
	for _, decision := range []string{"allow", "deny"} {
		fields.Set("decision", decision)
		denied := s.send("POST", "/auth/authorize", fields)
		if denied.StatusCode != http.StatusOK || denied.Header.Get("Location") != "" || s.fetched.Load() != 0 {
			t.Errorf("%s without a sign-in: %d %q, %d fetches", decision, denied.StatusCode, denied.Header.Get("Location"), s.fetched.Load())
		}
	}
	s.consent(a, appRequest()).wantStatus(t, http.StatusOK)
	if s.fetched.Load() != 1 {
		t.Errorf("%d fetches for the owner, want 1", s.fetched.Load())
	}
}

func TestASessionEndsAndItsCookieIsStrict(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	redirect := s.signIn(a, appRequest())
	cookie := redirect.Cookies()[0]
	if !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/auth/" || cookie.MaxAge != 600 || cookie.Domain != "" || !strings.HasPrefix(cookie.Name, "__Secure-") {
		t.Errorf("cookie %v", cookie)
	}
	s.advance(10*time.Minute - time.Nanosecond)
	if page := s.send("GET", "/auth/", nil); !strings.Contains(page.body, "<h1>Apps with access</h1>") {
		t.Error("the session ended early")
	}
	s.advance(time.Nanosecond)
	if page := s.send("GET", "/auth/", nil); !strings.Contains(page.body, "<h1>Sign in</h1>") {
		t.Error("the session did not end")
	}
	s.signIn(a, appRequest())
	s.cookie = "__Secure-starpunk-auth=of-another-host; " + s.cookie
	if page := s.send("GET", "/auth/", nil); !strings.Contains(page.body, "<h1>Apps with access</h1>") {
		t.Error("a cookie of another host hides the session")
	}
	s.update(func(st *state.State) { st.Remove(st.Passkeys[0].ID) })
	if page := s.send("GET", "/auth/", nil); !strings.Contains(page.body, "<h1>Sign in</h1>") {
		t.Error("the session of a removed passkey did not end")
	}
}

func TestConsentNeedsTheFormOfTheSession(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	page := s.consent(a, appRequest())
	fields, _ := page.fields(t, "form[action=authorize]", "")
	fields.Set("decision", "allow")
	right := fields.Get("csrf")
	for _, wrong := range []string{"", right[1:], right + "A", strings.Repeat("A", len(right))} {
		fields.Set("csrf", wrong)
		for _, path := range []string{"/auth/authorize", "/auth/"} {
			got := s.send("POST", path, fields)
			got.wantStatus(t, http.StatusForbidden)
			if got.Header.Get("Location") != "" {
				t.Errorf("POST %s with csrf %q redirects", path, wrong)
			}
		}
	}
	fields.Set("csrf", right)
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"}} {
		for _, path := range []string{"/auth/authorize", "/auth/", "/auth/sign-in", "/auth/register"} {
			s.send("POST", path, fields, headers...).wantStatus(t, http.StatusForbidden)
		}
	}
	s.send("POST", "/auth/authorize", fields, "Sec-Fetch-Site", "", "Origin", "https://ada.example").wantStatus(t, http.StatusSeeOther)
	s.send("POST", "/auth/authorize", fields, "Sec-Fetch-Site", "", "Origin", "https://ada.example", "Host", "ada.example:443").wantStatus(t, http.StatusSeeOther)
}

// TestRedirectsLeadOnlyToTheApp is the table of open redirects.
func TestRedirectsLeadOnlyToTheApp(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	listed := func(uris ...string) {
		s.others["list.example"] = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"client_id": "https://list.example/", "redirect_uris": uris})
		}
	}
	refused := []string{
		"", "https://evil.example/", "//evil.example/", "/callback", "callback", "https://app.example.evil.example/", "https://app.example@evil.example/",
		"https://evil.example/?https://app.example/", "https://app.example:444/", "http://app.example/callback", "https://app.example\\@evil.example/",
		"https://app.example%2eevil.example/", "https://app.example/callback#", "https://app.example/callback#code=x", "https://[::1]/", "http://127.0.0.1/",
		"http://127.0.0.1:4001/done", "http://localhost:4000/done", "javascript:alert(1)", "data:text/html,x", "app.example.phone:/other", "https://cdn.example/done?x",
		"HTTPS://CDN.example/done", "https://cdn.example/done/", "https://аpp.example/", "https://app.example\n.evil.example/", "\thttps://app.example/", "https:app.example/",
		"https://app.example/\u202ekcabllac", "https://app.example/callback  https://ada.example/", "https://app.example/<b>",
	}
	for _, uri := range refused {
		s.cookie = ""
		page := s.send("GET", "/auth/authorize?"+appRequest("redirect_uri", uri).Encode(), nil)
		if page.StatusCode == http.StatusOK {
			page = s.consent(a, appRequest("redirect_uri", uri))
		}
		if page.StatusCode != http.StatusBadRequest || page.Header.Get("Location") != "" {
			t.Errorf("redirect_uri %q: %d, Location %q", uri, page.StatusCode, page.Header.Get("Location"))
		}
		for _, decision := range []string{"allow", "deny"} {
			form := appRequest("redirect_uri", uri, "decision", decision)
			if shown, _ := s.consent(a, appRequest()).fields(t, "form[action=authorize]", ""); shown != nil {
				form.Set("csrf", shown.Get("csrf"))
			}
			if got := s.send("POST", "/auth/authorize", form); got.StatusCode != http.StatusBadRequest || got.Header.Get("Location") != "" {
				t.Errorf("%s for redirect_uri %q: %d, Location %q", decision, uri, got.StatusCode, got.Header.Get("Location"))
			}
		}
	}
	for _, uri := range []string{"https://app.example/any", "https://APP.example:443/any?a=b", "app.example.phone:/done", "http://127.0.0.1:4000/done", "https://cdn.example/done"} {
		page := s.consent(a, appRequest("redirect_uri", uri))
		page.wantStatus(t, http.StatusOK)
		fields, _ := page.fields(t, "form[action=authorize]", "")
		fields.Set("decision", "deny")
		got := s.send("POST", "/auth/authorize", fields)
		got.wantStatus(t, http.StatusSeeOther)
		if location := got.Header.Get("Location"); !strings.HasPrefix(strings.ToLower(location), strings.ToLower(uri)) {
			t.Errorf("redirect_uri %q: Location %q", uri, location)
		}
	}
	never := []string{"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://evil.example/", "intent://x#Intent;end", "JavaScript:alert(1)", "app:x y", "app:<x>", "view-source:https://x/", "ms-msdt:/id", "search-ms:query=x", "https://cdn.example/\u202ex"}
	listed(never...)
	for _, uri := range never {
		s.cookie = ""
		page := s.send("GET", "/auth/authorize?"+request("client_id", "https://list.example/", "redirect_uri", uri).Encode(), nil)
		page.wantStatus(t, http.StatusBadRequest)
	}
}

func TestTheSignInContinuesOnlyWithinTheProvider(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	for _, next := range []string{"https://evil.example/", "//evil.example", "\\evil", "x=1\r\nLocation: https://evil.example", "", "%0d%0aSet-Cookie:x"} {
		s.cookie = ""
		page := s.send("GET", "/auth/", nil)
		fields, options := page.fields(t, "form[data-get]", "data-get")
		fields.Set("passkey", a.get(options))
		fields.Set("next", next)
		got := s.send("POST", "/auth/sign-in", fields)
		got.wantStatus(t, http.StatusSeeOther)
		location := got.Header.Get("Location")
		if location != "/auth/" && !strings.HasPrefix(location, "/auth/authorize?") || strings.ContainsAny(location, "\r\n") || len(got.Header.Values("Set-Cookie")) != 1 {
			t.Errorf("next %q: Location %q", next, location)
		}
	}
}

func TestClientsThatAreRefused(t *testing.T) {
	t.Parallel()
	s, _ := owned(t)
	for _, id := range []string{"", "app", "http://app.example/", "https://192.0.2.1/", "https://me@app.example/", "https://app.example/#x", "https://app.example/a/../b", "https://app.example/a/./b", "ftp://app.example/", "javascript:alert(1)", "https://[2001:db8::1]/",
		"https://app.example/\u202eelpmaxe.ada", "https://app.example/  https://ada.example/", "https://app.example/а", "https://app.example/?\"<b>"} {
		page := s.send("GET", "/auth/authorize?"+appRequest("client_id", id, "redirect_uri", id).Encode(), nil)
		if page.StatusCode != http.StatusBadRequest || s.fetched.Load() != 0 {
			t.Errorf("client_id %q: %d, %d fetches", id, page.StatusCode, s.fetched.Load())
		}
	}
}

func TestAnAppWhosePageCannotBeRead(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	delete(s.others, "app.example")
	page := s.consent(a, appRequest())
	page.wantStatus(t, http.StatusOK)
	if !strings.Contains(page.body, "The page of this app could not be read: its page answers 404.") {
		t.Errorf("the page does not have the reason: %s", page.body)
	}
	s.consent(a, appRequest("redirect_uri", "https://cdn.example/done")).wantStatus(t, http.StatusBadRequest)
	s.cookie = ""
	own := "http://127.0.0.1:4000/"
	s.consent(a, appRequest("client_id", own, "redirect_uri", own)).wantStatus(t, http.StatusOK)
	if s.fetched.Load() != 2 {
		t.Errorf("%d fetches, want none for an app on the owner's machine", s.fetched.Load())
	}
}

func TestTheListOfAppsRevokesOne(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	first, second := s.tokens(a, "create"), s.tokens(a, "media")
	page := s.send("GET", "/auth/", nil)
	if got := strings.Count(page.body, `name="revoke"`); got != 2 || !strings.Contains(page.body, "An App") {
		t.Fatalf("%d apps in %s", got, page.body)
	}
	st, err := s.file.Read()
	if err != nil {
		t.Fatal(err)
	}
	fields, _ := page.fields(t, "form", "")
	fields.Set("revoke", st.Apps[0].ID)
	s.send("POST", "/auth/", fields).wantStatus(t, http.StatusSeeOther)
	if s.isActive(first["access_token"].(string)) || !s.isActive(second["access_token"].(string)) {
		t.Error("the wrong app was revoked")
	}
	s.refresh(first["refresh_token"].(string)).wantStatus(t, http.StatusBadRequest)
	s.send("POST", "/auth/revoke", url.Values{"token": {second["refresh_token"].(string)}}).wantStatus(t, http.StatusOK)
	if s.isActive(second["access_token"].(string)) {
		t.Error("revocation of a refresh token left the access token")
	}
	fields.Del("revoke")
	fields.Set("sign-out", "1")
	s.send("POST", "/auth/", fields).wantStatus(t, http.StatusOK)
	if page := s.send("GET", "/auth/", nil); !strings.Contains(page.body, "<h1>Sign in</h1>") {
		t.Error("the session did not end")
	}
}

func TestABrokenFileRefusesEverythingAndIsNotReplaced(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	token := s.tokens(a, "create")["access_token"].(string)
	s.signIn(a, appRequest())
	writeFile(t, s.path, "{\n  broken")
	for _, got := range []answer{
		s.send("POST", "/auth/introspect", url.Values{"token": {token}}, "Authorization", "Bearer "+token),
		s.send("GET", "/auth/token", nil, "Authorization", "Bearer "+token),
		s.send("GET", "/auth/userinfo", nil, "Authorization", "Bearer "+token),
		s.send("POST", "/auth/revoke", url.Values{"token": {token}}),
		s.refresh("A.B"),
		s.send("GET", "/auth/", nil),
		s.send("GET", "/auth/authorize?"+appRequest().Encode(), nil),
		s.send("POST", "/auth/register", url.Values{"link": {"x"}}),
	} {
		if got.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s %s: %d, want 503", got.Request.Method, got.Request.URL.Path, got.StatusCode)
		}
		if strings.Contains(got.body, s.path) || strings.Contains(got.body, "broken") {
			t.Errorf("a stranger sees the details: %s", got.body)
		}
	}
	if !strings.Contains(s.log.String(), "provider.json:2: ") {
		t.Errorf("the log does not name the line: %s", &s.log)
	}
	if readFile(t, s.path) != "{\n  broken" {
		t.Error("the file was replaced")
	}
}

func TestPagesHaveNoOtherScriptAndNoFrame(t *testing.T) {
	t.Parallel()
	s, a := owned(t)
	consent := s.consent(a, appRequest())
	apps := s.send("GET", "/auth/", nil)
	s.cookie = ""
	for name, page := range map[string]answer{"consent": consent, "apps": apps, "sign-in": s.send("GET", "/auth/", nil), "register": s.send("GET", "/auth/register", nil)} {
		csp := page.Header.Get("Content-Security-Policy")
		_, script, _ := strings.Cut(csp, "script-src ")
		wantScript := ""
		if name == "sign-in" || name == "register" {
			wantScript = "https://ada.example/auth/passkey.js"
		}
		if !strings.HasPrefix(csp, "default-src 'none'; ") || !strings.Contains(csp, "frame-ancestors 'none'") || script != wantScript {
			t.Errorf("%s: Content-Security-Policy %q", name, csp)
		}
		if page.Header.Get("X-Frame-Options") != "DENY" || page.Header.Get("Cache-Control") != "no-store" || page.Header.Get("Referrer-Policy") == "unsafe-url" {
			t.Errorf("%s: headers %v", name, page.Header)
		}
		if strings.Contains(page.body, " on") && strings.Contains(page.body, "onclick") || strings.Count(page.body, "<script") != strings.Count(page.body, `<script src="passkey.js" defer></script>`) {
			t.Errorf("%s has an inline script", name)
		}
	}
	if got := s.send("GET", "/auth/passkey.js", nil); got.StatusCode != http.StatusOK || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/javascript") {
		t.Errorf("passkey.js: %d %q", got.StatusCode, got.Header.Get("Content-Type"))
	}
}

func TestProductionAnswersOnlyAtItsHost(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	for host, want := range map[string]int{"ada.example": 200, "ADA.example": 200, "ada.example:8443": 200, "evil.example": 421, "127.0.0.1:8080": 421, "": 421, "ada.example.evil.example": 421} {
		if got := s.send("GET", provider.MetadataPath, nil, "Host", host); host != "" && got.StatusCode != want {
			t.Errorf("Host %q: %d, want %d", host, got.StatusCode, want)
		}
	}
}

func TestTheMetadataOfProduction(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	meta := s.send("GET", provider.MetadataPath, nil).object(t)
	if meta["issuer"] != home || !strings.HasPrefix(home+".well-known", home) {
		t.Errorf("issuer %v", meta["issuer"])
	}
	for name, want := range map[string]string{"authorization_endpoint": home + "auth/authorize", "token_endpoint": home + "auth/token", "introspection_endpoint": home + "auth/introspect", "revocation_endpoint": home + "auth/revoke", "userinfo_endpoint": home + "auth/userinfo"} {
		if meta[name] != want {
			t.Errorf("%s: %v, want %s", name, meta[name], want)
		}
	}
	if grants := meta["grant_types_supported"].([]any); !slices.Contains(grants, any("refresh_token")) {
		t.Errorf("grant_types_supported %v", grants)
	}
}

func TestInputOfThePagesIsBounded(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	long := strings.Repeat("x", 64<<10)
	for _, path := range []string{"/auth/sign-in", "/auth/register", "/auth/", "/auth/authorize", "/auth/token", "/auth/revoke"} {
		s.send("POST", path, url.Values{"passkey": {long}}).wantStatus(t, http.StatusRequestEntityTooLarge)
	}
	s.send("GET", "/auth/authorize?state="+long[:8<<10], nil).wantStatus(t, http.StatusRequestURITooLong)
}

func TestStrangersCannotFillTheLog(t *testing.T) {
	t.Parallel()
	s, _ := owned(t)
	long := strings.Repeat("x", 40<<10)
	page := s.send("GET", "/auth/", nil)
	fields, options := page.fields(t, "form[data-get]", "data-get")
	stranger := newAuthenticator(t)
	stranger.origin = "https://" + long[:20<<10]
	fields.Set("passkey", stranger.get(options))
	requests := map[string]func(){
		"a passkey":    func() { s.send("POST", "/auth/sign-in", fields) },
		"a wrong form": func() { s.send("POST", "/auth/sign-in", url.Values{"passkey": {long}}) },
		"a grant":      func() { s.send("POST", "/auth/token", url.Values{"grant_type": {long}}) },
		"a scope": func() {
			s.send("POST", "/auth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}, "client_id": {"x"}, "scope": {long + "é"}})
		},
		"a client":      func() { s.send("POST", "/auth/token", redemption("x", "client_id", long)) },
		"a host":        func() { s.send("GET", "/auth/", nil, "Host", long) },
		"a path":        func() { s.send("GET", "/auth/"+long, nil, "Host", "evil.example") },
		"another page":  func() { s.send("POST", "/auth/", nil, "Sec-Fetch-Site", "cross-site", "Origin", "https://"+long) },
		"a wrong token": func() { s.send("POST", "/auth/revoke", url.Values{"token": {long}}) },
	}
	for name, send := range requests {
		before := len(s.log.String())
		send()
		if n := len(s.log.String()) - before; n > 2000 {
			t.Errorf("%s: %d bytes in the log", name, n)
		}
	}
	if strings.Contains(s.log.String(), "token revoked") {
		t.Error("the log has the revocation of a token that does not exist")
	}
}
