package provider_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"starpunk/receiver/provider"
)

const (
	app      = "http://app.example/"
	callback = "http://app.example/callback?keep=1"
	verifier = "a-verifier-of-at-least-forty-three-characters.~_"
)

// request returns the authorization request of the app. Pairs of name and value
// change it; an empty value removes the parameter.
func request(changes ...string) url.Values {
	sum := sha256.Sum256([]byte(verifier))
	v := url.Values{
		"response_type":         {"code"},
		"client_id":             {app},
		"redirect_uri":          {callback},
		"state":                 {"a state; with & signs"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(sum[:])},
		"code_challenge_method": {"S256"},
		"scope":                 {"create update"},
	}
	for i := 0; i < len(changes); i += 2 {
		if v.Set(changes[i], changes[i+1]); changes[i+1] == "" {
			v.Del(changes[i])
		}
	}
	return v
}

func (s *server) showConsent(request url.Values) answer {
	s.t.Helper()
	return s.get(s.Links()["authorization_endpoint"] + "?" + request.Encode())
}

// form returns the fields that a browser sends for the form of a page when the
// first button is pressed.
func form(t *testing.T, page answer) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page.body))
	if err != nil {
		t.Fatal(err)
	}
	fields := url.Values{}
	group, err := cascadia.ParseGroup("form[method=post][action=authorize] input, form button:first-of-type")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range cascadia.QueryAll(doc, group) {
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		if _, checked := attr["checked"]; attr["type"] != "checkbox" || checked {
			fields.Add(attr["name"], attr["value"])
		}
	}
	return fields
}

// answer submits the form of a page with a passcode.
func (s *server) answer(page answer, passcode string, headers ...string) answer {
	s.t.Helper()
	page.wantStatus(s.t, http.StatusOK)
	fields := form(s.t, page)
	fields.Set("passcode", passcode)
	return s.do("POST", s.Links()["authorization_endpoint"], fields.Encode(), headers...)
}

// callbackQuery returns the query of the redirect to the app.
func callbackQuery(t *testing.T, redirect answer) url.Values {
	t.Helper()
	redirect.wantStatus(t, http.StatusSeeOther)
	u, err := url.Parse(redirect.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// code signs in on the page and returns the authorization code.
func (s *server) code(request url.Values) string {
	s.t.Helper()
	return callbackQuery(s.t, s.answer(s.showConsent(request), s.Code())).Get("code")
}

func TestTheOwnerIsRedirectedToTheApp(t *testing.T) {
	t.Parallel()
	s := start(t)
	redirect := s.answer(s.showConsent(request()), s.Code())
	got := callbackQuery(t, redirect)
	if location := redirect.Header.Get("Location"); !strings.HasPrefix(location, callback+"&") {
		t.Errorf("Location: %s, want it to begin with %s&", location, callback)
	}
	if got.Get("code") == "" {
		t.Error("no code")
	}
	if want := request().Get("state"); got.Get("state") != want {
		t.Errorf("state: %q, want %q", got.Get("state"), want)
	}
	if want := s.metadata()["issuer"]; got.Get("iss") != want {
		t.Errorf("iss: %q, want %q", got.Get("iss"), want)
	}
}

func TestSpacesAndCaseOfTheCodeDoNotMatter(t *testing.T) {
	t.Parallel()
	s := start(t)
	typed := " " + strings.ToLower(strings.ReplaceAll(s.Code(), "-", " "))
	s.answer(s.showConsent(request()), typed).wantStatus(t, http.StatusSeeOther)
}

func TestTheOwnerMayDeny(t *testing.T) {
	t.Parallel()
	s := start(t)
	fields := form(t, s.showConsent(request()))
	fields.Set("decision", "deny")
	got := callbackQuery(t, s.do("POST", s.Links()["authorization_endpoint"], fields.Encode()))
	if got.Get("error") != "access_denied" || got.Has("code") || got.Get("state") == "" || got.Get("iss") == "" {
		t.Errorf("the app receives %v, want error=access_denied with state and iss, and no code", got)
	}
}

func TestTheOwnerMustDecide(t *testing.T) {
	t.Parallel()
	s := start(t)
	fields := form(t, s.showConsent(request()))
	fields.Set("passcode", s.Code())
	fields.Del("decision")
	s.do("POST", s.Links()["authorization_endpoint"], fields.Encode()).wantStatus(t, http.StatusBadRequest)
}

func TestAWrongCodeShowsTheFormAgain(t *testing.T) {
	t.Parallel()
	s := start(t)
	fields := form(t, s.showConsent(request()))
	fields.Del("grant") // the owner removes one scope
	fields.Add("grant", "update")
	fields.Set("passcode", "AAAA-AAA")
	second := s.do("POST", s.Links()["authorization_endpoint"], fields.Encode())
	second.wantStatus(t, http.StatusForbidden)
	if !strings.Contains(second.body, `role="alert"`) {
		t.Error("the page does not show the problem")
	}
	if got := form(t, second)["grant"]; !slices.Equal(got, []string{"update"}) {
		t.Errorf("ticked scopes: %q, want the owner's choice: [update]", got)
	}
	if strings.Count(second.body, `name="grant"`) != 2 {
		t.Error("the form lacks a scope that was not ticked")
	}
}

func TestGuessingIsLimited(t *testing.T) {
	t.Parallel()
	s := start(t)
	page := s.showConsent(request())
	s.answer(page, "wrong").wantStatus(t, http.StatusForbidden)
	s.advance(30 * time.Second)
	for range 4 {
		s.answer(page, "wrong").wantStatus(t, http.StatusForbidden)
	}
	refused := s.answer(page, s.Code())
	refused.wantStatus(t, http.StatusTooManyRequests)
	if refused.Header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After: %q, want 60", refused.Header.Get("Retry-After"))
	}
	s.advance(30*time.Second - time.Nanosecond)
	s.answer(page, s.Code()).wantStatus(t, http.StatusTooManyRequests)
	s.advance(time.Nanosecond)
	s.answer(page, s.Code()).wantStatus(t, http.StatusSeeOther)
}

func TestTheFormMustBeSentByItsOwnPage(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := []struct {
		name    string
		headers []string
		want    int
	}{
		{"another site", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"another port of this machine", []string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		{"another site with our origin", []string{"Sec-Fetch-Site", "cross-site", "Origin", s.base}, http.StatusForbidden},
		{"an origin elsewhere, in an old browser", []string{"Origin", "http://evil.example"}, http.StatusForbidden},
		{"an origin on another port, in an old browser", []string{"Origin", "http://127.0.0.1:1"}, http.StatusForbidden},
		{"a page without an origin, in an old browser", []string{"Origin", "null"}, http.StatusForbidden},
		{"the form", []string{"Sec-Fetch-Site", "same-origin", "Origin", s.base}, http.StatusSeeOther},
		{"the form, in an old browser", []string{"Origin", s.base}, http.StatusSeeOther},
		{"no browser", nil, http.StatusSeeOther},
	}
	page := s.showConsent(request())
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := s.answer(page, s.Code(), test.headers...)
			got.wantStatus(t, test.want)
			if test.want == http.StatusForbidden && got.Header.Get("Location") != "" {
				t.Errorf("Location: %s, want none", got.Header.Get("Location"))
			}
		})
	}
	if got := page.Header.Get("Referrer-Policy"); got != "same-origin" {
		t.Errorf("Referrer-Policy: %q, want same-origin: otherwise the form's Origin is null", got)
	}
}

func TestOtherPagesCannotUseUpTheAttempts(t *testing.T) {
	t.Parallel()
	s := start(t)
	page := s.showConsent(request())
	for range 20 {
		s.answer(page, "wrong", "Sec-Fetch-Site", "cross-site").wantStatus(t, http.StatusForbidden)
	}
	s.answer(page, s.Code()).wantStatus(t, http.StatusSeeOther)
}

func TestThePageShowsTheRequestEscaped(t *testing.T) {
	t.Parallel()
	s := start(t)
	page := s.showConsent(request("scope", "create  create <b>x</b>", "state", `"><script>`))
	page.wantStatus(t, http.StatusOK)
	if strings.Contains(page.body, "<b>") || strings.Contains(page.body, "<script") {
		t.Errorf("markup of the request is in the page: %s", page.body)
	}
	if got, want := form(t, page)["grant"], []string{"create", "<b>x</b>"}; !slices.Equal(got, want) {
		t.Errorf("offered scopes: %q, want %q", got, want)
	}
	for _, want := range []string{app, "http://app.example/callback?keep=1", s.base + "/"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := []struct {
		name    string
		changes []string
		reason  string // in the page
		tell    string // the error in the link to the app; empty: no link to the redirect_uri
	}{
		{"no client", []string{"client_id", ""}, "missing", ""},
		{"a client that is not a URL", []string{"client_id", "app"}, "must be an http or https URL", ""},
		{"a client at an IP address", []string{"client_id", "http://192.0.2.1/"}, "must be a name or a loopback", ""},
		{"a client with a user name", []string{"client_id", "http://me@app.example/"}, "user name", ""},
		{"a client with a fragment", []string{"client_id", app + "#x"}, "fragment", ""},
		{"a client with dots in its path", []string{"client_id", app + "a/../b"}, "in its path", ""},
		{"a client with encoded dots in its path", []string{"client_id", app + "a/%2e%2e/b"}, "in its path", ""},
		{"a host that ends a source of the policy", []string{"client_id", "http://a;b/", "redirect_uri", "http://a;b/"}, "must be a name", ""},
		{"an address with a zone", []string{"redirect_uri", "http://[::1%25;script-src%20*]/"}, "must be a name", ""},
		{"no redirect", []string{"redirect_uri", ""}, "missing", ""},
		{"a redirect to another host", []string{"redirect_uri", "http://evil.example/"}, "must be at http://app.example", ""},
		{"a redirect to a longer host", []string{"redirect_uri", "http://app.example.evil.example/"}, "must be at", ""},
		{"a redirect to another port", []string{"redirect_uri", "http://app.example:81/"}, "must be at", ""},
		{"a redirect to another scheme", []string{"redirect_uri", "https://app.example/"}, "must be at", ""},
		{"a redirect to a custom scheme", []string{"redirect_uri", "app://callback"}, "must be an http or https URL", ""},
		{"a redirect to a script", []string{"redirect_uri", "javascript:alert(1)"}, "must be an http or https URL", ""},
		{"a redirect with a fragment", []string{"redirect_uri", callback + "#"}, "fragment", ""},
		{"a state that a form changes", []string{"state", "a\nb"}, "printable ASCII", "invalid_request"},
		{"another response type", []string{"response_type", "token"}, "response_type", "unsupported_response_type"},
		{"no challenge", []string{"code_challenge", "", "code_challenge_method", ""}, "code_challenge_method", "invalid_request"},
		{"the plain method", []string{"code_challenge_method", "plain"}, "S256", "invalid_request"},
		{"no method, which means plain", []string{"code_challenge_method", ""}, "S256", "invalid_request"},
		{"a challenge that is not a hash", []string{"code_challenge", "abc"}, "SHA-256", "invalid_request"},
		{"a padded challenge", []string{"code_challenge", request().Get("code_challenge") + "="}, "SHA-256", "invalid_request"},
		{"a scope with a quote", []string{"scope", `create "all"`}, "not a scope", "invalid_scope"},
		{"a scope that is not ASCII", []string{"scope", "créer"}, "not a scope", "invalid_scope"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := start(t)
			shown := s.showConsent(request(test.changes...))
			fields := request(test.changes...)
			fields.Set("passcode", s.Code())
			fields.Set("decision", "allow")
			posted := s.do("POST", s.Links()["authorization_endpoint"], fields.Encode())
			for _, got := range []answer{shown, posted} {
				got.wantStatus(t, http.StatusBadRequest)
				if got.Header.Get("Location") != "" {
					t.Errorf("%s: Location: %s, want none", got.Request.Method, got.Header.Get("Location"))
				}
				if !strings.Contains(got.body, test.reason) {
					t.Errorf("%s: the page does not contain %q: %s", got.Request.Method, test.reason, got.body)
				}
				if query := reportQuery(t, got); query.Get("error") != test.tell {
					t.Errorf("%s: the link reports %v to the app, want error %q", got.Request.Method, query, test.tell)
				}
			}
		})
	}
	twice := request()
	twice.Add("redirect_uri", "http://evil.example/")
	s.showConsent(twice).wantStatus(t, http.StatusBadRequest)
}

// reportQuery returns the query of the link with which the owner can report the
// error to the app; nil if there is no link.
func reportQuery(t *testing.T, page answer) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page.body))
	if err != nil {
		t.Fatal(err)
	}
	link := cascadia.Query(doc, cascadia.MustCompile("a[href]"))
	if link == nil {
		return nil
	}
	u, err := url.Parse(link.Attr[0].Val)
	if err != nil || u.Host != "app.example" {
		t.Fatalf("the link leads to %s (%v), want the app", link.Attr[0].Val, err)
	}
	return u.Query()
}

func TestThePolicyAllowsTheRedirectAfterTheForm(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := []struct{ name, client, redirect, want string }{
		{"the same origin", "https://app.example/about", "https://app.example/cb", "https://app.example"},
		{"the same origin, in capitals", "https://App.Example/", "https://aPP.example/cb", "https://app.example"},
		{"the default port, written", "https://app.example/", "https://app.example:443/cb", "https://app.example"},
		{"another port, the same for both", "https://app.example:8443/", "https://app.example:8443/cb", "https://app.example:8443"},
		{"a loopback port, for any client", "https://app.example/", "http://127.0.0.1:5555/cb", "http://127.0.0.1:5555"},
		{"localhost", "http://localhost:3000/", "http://localhost:3000/cb", "http://localhost:3000"},
		{"an IPv6 loopback address, which a source cannot express", "http://[::1]:3000/", "http://[::1]:3000/cb", "http:"},
		{"a client without a path", "https://app.example", "https://app.example/cb", "https://app.example"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			page := s.showConsent(request("client_id", test.client, "redirect_uri", test.redirect))
			page.wantStatus(t, http.StatusOK)
			_, got, _ := strings.Cut(page.Header.Get("Content-Security-Policy"), "form-action ")
			if want := "'self' " + test.want; got != want {
				t.Errorf("form-action: %q, want %q", got, want)
			}
			s.answer(page, s.Code()).wantStatus(t, http.StatusSeeOther)
		})
	}
}

func TestTheStylesheetIsServed(t *testing.T) {
	t.Parallel()
	s := start(t)
	got := s.get(provider.Prefix + "style.css")
	got.wantStatus(t, http.StatusOK)
	if ct := got.Header.Get("Content-Type"); !strings.HasPrefix(ct, "text/css") {
		t.Errorf("Content-Type: %q, want text/css", ct)
	}
	if page := s.showConsent(request()); !strings.Contains(page.body, `href="style.css"`) || !strings.Contains(page.Header.Get("Content-Security-Policy"), "style-src 'self'") {
		t.Error("the page does not load it, or its policy forbids it")
	}
}
