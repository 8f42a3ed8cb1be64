package receiver_test

import (
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	res := w.do(w.request("GET", "/health", "", "", ""))
	if res.StatusCode != 200 || strings.TrimSpace(res.body) != `{"status":"healthy"}` {
		t.Errorf("%d %s", res.StatusCode, res.body)
	}
	if res := w.do(w.request("POST", "/health", "", "", "")); res.StatusCode != 405 {
		t.Errorf("POST: %d, want 405", res.StatusCode)
	}
}
