package receiver_test

import (
	"strings"
	"testing"
)

func TestWebAppsMaySendRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	res := w.do(w.request("OPTIONS", "/micropub", "", "", ""))
	if res.StatusCode != 204 || res.Header.Get("Access-Control-Allow-Methods") != "GET, HEAD, POST, OPTIONS" ||
		res.Header.Get("Access-Control-Allow-Headers") != "Authorization, Content-Type" {
		t.Errorf("preflight without a token: %d %v", res.StatusCode, res.Header)
	}
	for name, res := range map[string]*response{
		"preflight": res, "query": w.get("create", "q=config"), "post": w.post("create", formType, "content=x"),
		"refusal": w.post("", formType, "content=x"),
	} {
		if res.Header.Get("Access-Control-Allow-Origin") != "*" || res.Header.Get("Access-Control-Expose-Headers") != "Location, Link" {
			t.Errorf("%s: %v", name, res.Header)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	for _, method := range []string{"PUT", "DELETE", "PATCH"} {
		res := w.do(w.request(method, "/micropub", "all", "", ""))
		w.wantError(res, 405, "invalid_request")
		if got := res.Header.Get("Allow"); got != "GET, HEAD, POST, OPTIONS" {
			t.Errorf("%s: Allow %q", method, got)
		}
	}
	get, head := w.get("all", "q=config"), w.do(w.request("HEAD", "/micropub?q=config", "all", "", ""))
	if head.StatusCode != 200 || head.body != "" || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
		t.Errorf("HEAD: %d %v %q", head.StatusCode, head.Header, head.body)
	}
	if res := w.do(w.request("GET", "/micropub/other", "all", "", "")); res.StatusCode != 404 {
		t.Errorf("another path: %d, want 404", res.StatusCode)
	}
}

func TestNothingIsReceivedBeforeTheNotesAreScanned(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{unready: true})
	health := w.do(w.request("GET", "/health", "", "", ""))
	if health.StatusCode != 503 || strings.TrimSpace(health.body) != `{"status":"indexing"}` {
		t.Errorf("health: %d %s", health.StatusCode, health.body)
	}
	for name, res := range map[string]*response{
		"a post": w.post("all", formType, "content=x"), "a list": w.get("all", "q=source"),
		"a source": w.get("all", "q=source&url=https://example.org/a/"),
	} {
		w.wantError(res, 503, "temporarily_unavailable")
		if res.Header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", name)
		}
	}
	if res := w.get("all", "q=config"); res.StatusCode != 200 {
		t.Errorf("q=config: %d %s, want 200: it needs no notes", res.StatusCode, res.body)
	}
	w.scan()
	if res := w.post("all", formType, "content=x"); res.StatusCode != 202 {
		t.Errorf("after the scan: %d %s, want 202", res.StatusCode, res.body)
	}
}
