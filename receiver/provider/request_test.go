package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"starpunk/receiver/provider"
)

// serve calls the handler directly, which is faster than a listener.
func serve(p *provider.Provider, method, query, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:8080/", strings.NewReader(body))
	r.URL.Path = provider.Prefix + "authorize"
	r.URL.RawQuery = query
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	return w
}

// FuzzAuthorizationRequest checks that every request redirects the owner only
// to the client or to this machine, with an unchanged state, and that no
// request changes the Content-Security-Policy.
func FuzzAuthorizationRequest(f *testing.F) {
	f.Add(request().Encode())
	f.Add(request("client_id", "http://[::1]:3000/", "redirect_uri", "http://[::1]:3000/").Encode())
	f.Add(request("client_id", "http://a;b,c/", "redirect_uri", "http://a;b,c/").Encode())
	f.Add(request("redirect_uri", "http://127.0.0.1/?a=b;c").Encode())
	f.Add(request("redirect_uri", "http://app.example/\\evil.example").Encode())
	f.Add(request("redirect_uri", "http://app.example?%zz").Encode())
	p, err := provider.New(provider.Options{Base: "http://127.0.0.1:8080", Me: "http://127.0.0.1:8080/", Dev: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		page := serve(p, "GET", query, "")
		csp := page.Header().Get("Content-Security-Policy")
		switch page.Code {
		case http.StatusBadRequest, http.StatusRequestURITooLong:
			return
		case http.StatusOK:
			if strings.Count(csp, ";") != 4 || strings.Contains(csp, ",") || strings.Count(csp, " ") != 10 {
				t.Errorf("Content-Security-Policy: %q", csp)
			}
		default:
			t.Fatalf("status %d", page.Code)
		}
		request, err := url.ParseQuery(query)
		if err != nil {
			t.Fatalf("a query that cannot be parsed was accepted: %v", err)
		}
		answer := serve(p, "POST", "", query+"&decision=deny")
		if request.Has("decision") || request.Has("grant_type") {
			return
		}
		if answer.Code != http.StatusSeeOther {
			t.Fatalf("the form's answer: status %d, want 303", answer.Code)
		}
		checkRedirect(t, request, answer.Header().Get("Location"))
	})
}

func checkRedirect(t *testing.T, request url.Values, location string) {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatalf("Location %q: %v", location, err)
	}
	client, err := url.Parse(request.Get("client_id"))
	if err != nil {
		t.Fatalf("client_id %q was accepted: %v", request.Get("client_id"), err)
	}
	ip, _ := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || ip.IsLoopback()
	if !local && (u.Scheme != client.Scheme || !strings.EqualFold(u.Hostname(), client.Hostname())) {
		t.Errorf("client %q is redirected to %q", client, location)
	}
	if state := u.Query()["state"]; request.Get("state") != "" && (len(state) == 0 || state[len(state)-1] != request.Get("state")) {
		t.Errorf("state %q came back as %q", request.Get("state"), state)
	}
}
