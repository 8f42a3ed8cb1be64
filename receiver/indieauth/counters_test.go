package indieauth_test

import (
	"fmt"
	"testing"

	"starpunk/receiver/indieauth"
)

func TestCounters(t *testing.T) {
	t.Parallel()
	w := getWorld(t, tokens(map[string]string{
		"good":     goodAnswer,
		"other":    `{"me":"https://other.example/","scope":"create"}`,
		"expired":  `{"me":"https://owner.example/","scope":"create","exp":1}`,
		"inactive": `{"active":false}`,
		"no_owner": `{"scope":"create"}`,
		"no_scope": `{"me":"https://owner.example/"}`,
		"garbage":  `?`,
	}))
	v := w.verifier(indieauth.Options{TokenCache: true})
	for _, token := range []string{"good", "good", "other", "expired", "inactive", "no_owner", "no_scope", "garbage", "unknown", ""} {
		_, _ = v.Verify(t.Context(), token, stranger)
	}
	v.Examine(t.Context(), "https://owner.example/micropub") // with a random token
	n := v.Counters()
	for reason, got := range n.Rejections {
		if got != 1 {
			t.Errorf("%d rejections as %s, want 1", got, reason)
		}
	}
	got := fmt.Sprint(n.Discoveries, n.DiscoveryFailures, n.EndpointCacheHits, n.Verifications, n.VerificationFailures, n.TokenCacheHits)
	if want := fmt.Sprint(2, 0, 7, 8, 1, 1); got != want {
		t.Errorf("discoveries, failed, endpoint hits, verifications, failed, token hits: %s, want %s", got, want)
	}
}
