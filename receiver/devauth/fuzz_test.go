package devauth_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"starpunk/receiver/devauth"
)

// serve asks the handler itself, which a fuzz target reaches faster than a
// listener.
func serve(p *devauth.Provider, method, query, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:8080/", strings.NewReader(body))
	r.URL.Path = devauth.Prefix + "authorize"
	r.URL.RawQuery = query
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	return w
}

// FuzzAuthorizationRequest: whatever is asked, the owner is sent only to the
// client or to this machine, with the state as it was, and no request writes
// its own Content-Security-Policy.
func FuzzAuthorizationRequest(f *testing.F) {
	f.Add(request().Encode())
	f.Add(request("client_id", "http://[::1]:3000/", "redirect_uri", "http://[::1]:3000/").Encode())
	f.Add(request("client_id", "http://a;b,c/", "redirect_uri", "http://a;b,c/").Encode())
	f.Add(request("redirect_uri", "http://127.0.0.1/?a=b;c").Encode())
	f.Add(request("redirect_uri", "http://app.example/\\evil.example").Encode())
	f.Add(request("redirect_uri", "http://app.example?%zz").Encode())
	p, err := devauth.New(devauth.Options{Base: "http://127.0.0.1:8080", Me: "http://127.0.0.1:8080/"})
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
		asked, err := url.ParseQuery(query)
		if err != nil {
			t.Fatalf("a query was accepted that cannot be read: %v", err)
		}
		answer := serve(p, "POST", "", query+"&decision=deny")
		if asked.Has("decision") || asked.Has("grant_type") {
			return
		}
		if answer.Code != http.StatusSeeOther {
			t.Fatalf("the form's answer: status %d, want 303", answer.Code)
		}
		checkRedirect(t, asked, answer.Header().Get("Location"))
	})
}

func checkRedirect(t *testing.T, asked url.Values, location string) {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatalf("Location %q: %v", location, err)
	}
	client, err := url.Parse(asked.Get("client_id"))
	if err != nil {
		t.Fatalf("client_id %q was accepted: %v", asked.Get("client_id"), err)
	}
	ip, _ := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || ip.IsLoopback()
	if !local && (u.Scheme != client.Scheme || !strings.EqualFold(u.Hostname(), client.Hostname())) {
		t.Errorf("client %q is answered at %q", client, location)
	}
	if state := u.Query()["state"]; asked.Get("state") != "" && (len(state) == 0 || state[len(state)-1] != asked.Get("state")) {
		t.Errorf("state %q came back as %q", asked.Get("state"), state)
	}
}
