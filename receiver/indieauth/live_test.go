package indieauth_test

import (
	"os"
	"testing"

	"starpunk/receiver/indieauth"
)

// A real profile and a real token, at the real authorization server.
func TestRealProvider(t *testing.T) {
	me, token := os.Getenv("STARPUNK_TEST_ME"), os.Getenv("STARPUNK_TEST_TOKEN")
	if me == "" || token == "" {
		t.Skip("needs the network: set STARPUNK_TEST_ME to a profile URL and STARPUNK_TEST_TOKEN to an access token for it")
	}
	v, err := indieauth.New(indieauth.Options{Me: me, SiteURL: me, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Examine(t.Context(), "").Findings {
		t.Logf("%s: %s %s", f.Step, f.Text, f.Fix)
	}
	tok, err := v.Verify(t.Context(), token, stranger)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("accepted for %s, held by %s, scope %q, until %v", tok.Me, tok.ClientID, tok.Scope, tok.Expires)
	if _, err := v.Verify(t.Context(), token+"x", stranger); err == nil {
		t.Error("a changed token was accepted too")
	}
}
