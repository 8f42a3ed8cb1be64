//go:build unix

package check_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"starpunk/cmd/starpunk/internal/check"
)

// An endless web server answers everything with pages that never end.
func TestTheAnswersOfAServerAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var requests, most atomic.Int64
	handler := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		rw.Header().Set("Content-Type", "text/html")
		sent := int64(0)
		for page := []byte(strings.Repeat("x", 1<<16)); r.Context().Err() == nil; {
			n, err := rw.Write(page)
			if sent += int64(n); err != nil {
				break
			}
		}
		most.Store(max(most.Load(), sent))
	})
	places := map[string]string{"ada.example:443": w.serveTLS("ada.example", handler)}
	report := w.check(t, configuration+links[""], places, nil)
	if report.Problems == 0 || requests.Load() > 40 {
		t.Errorf("%d problems after %d requests, want some after at most 40:\n%s", report.Problems, requests.Load(), list(report))
	}
	if most.Load() > 32<<20 { // 4 MiB, and the buffers of the network
		t.Errorf("a response of %d bytes was received", most.Load())
	}
}

// A server that sends back the token of a request must not get it printed.
func TestNoTokenIsInAReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const secret = "a-token-of-the-owner"
	var received atomic.Value
	echo := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		received.Store(r.Header.Get("Authorization") + string(body))
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusBadRequest)
		_ = errors.Join(err, json.NewEncoder(rw).Encode(map[string]string{"error": string(body), "error_description": r.Header.Get("Authorization") + string(body)}))
	})
	page := `<!doctype html><html><head><link rel="authorization_endpoint" href="https://auth.example/a"><link rel="token_endpoint" href="https://auth.example/t"></head></html>`
	site := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/micropub") {
			echo.ServeHTTP(rw, r)
			return
		}
		rw.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(rw, page) // the client would notice
	})
	places := map[string]string{"ada.example:443": w.serveTLS("ada.example", site), "auth.example:443": w.serveTLS("auth.example", echo)}
	report := w.check(t, configuration+links[""], places, func(o *check.Options) { o.Token = func() (string, error) { return secret, nil } })
	if sent, _ := received.Load().(string); !strings.Contains(sent, secret) {
		t.Fatalf("the last request had no token of the owner: %q", sent)
	}
	text, err := json.Marshal(report)
	if err != nil || strings.Contains(string(text), secret) {
		t.Errorf("error %v; the report has the token:\n%s", err, text)
	}
}
