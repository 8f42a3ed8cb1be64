package preview_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"starpunk/receiver/preview"
)

func TestAGuestTypesTheCode(t *testing.T) {
	t.Parallel()
	g := preview.NewGuests(slog.New(slog.DiscardHandler))
	s := httptest.NewServer(g.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "DRAFT") })))
	defer s.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	do := func(method, cookie, code string) (int, string, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/2026/11/draft/", strings.NewReader(url.Values{"code": {code}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		a, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		body, err := io.ReadAll(a.Body)
		if err != nil {
			t.Fatal(err)
		}
		set, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
		return a.StatusCode, string(body), set
	}
	for _, cookie := range []string{"", "starpunk-preview=", "starpunk-preview=x", "starpunk-preview=" + g.Code()} {
		if status, body, _ := do("GET", cookie, ""); status != http.StatusUnauthorized || strings.Contains(body, "DRAFT") || strings.Contains(body, g.Code()) {
			t.Errorf("with the cookie %q: %d %s", cookie, status, body)
		}
	}
	status, _, cookie := do("POST", "", " "+strings.ToLower(g.Code())+" ")
	if status != http.StatusSeeOther || cookie == "" {
		t.Fatalf("the right code: %d, cookie %q", status, cookie)
	}
	if status, body, _ := do("GET", cookie, ""); status != http.StatusOK || body != "DRAFT" {
		t.Errorf("a guest: %d %s", status, body)
	}
	limited := false
	for range 20 {
		status, body, set := do("POST", "", "WRONG")
		if set != "" || strings.Contains(body, "DRAFT") {
			t.Fatalf("a wrong code: %d %s", status, body)
		}
		limited = limited || status == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("the number of tries is not limited")
	}
	if status, _, _ := do("GET", cookie, ""); status != http.StatusOK {
		t.Error("wrong codes of others lock a guest out")
	}
}
