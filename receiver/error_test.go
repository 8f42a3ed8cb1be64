package receiver

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"starpunk/receiver/indieauth"
)

func TestTheStatusOfEachError(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		err        error
		status     int
		code       string
		retryAfter string
	}{
		{"a full disk", fmt.Errorf("write note: %w", syscall.ENOSPC), 507, "server_error", ""},
		{"a used-up quota", fmt.Errorf("write note: %w", syscall.EDQUOT), 507, "server_error", ""},
		{"a disk that is read-only", fmt.Errorf("write note: %w", syscall.EROFS), 500, "server_error", ""},
		{"anything else", errors.New("surprise"), 500, "server_error", ""},
		{"a lock that is not available", fmt.Errorf("lock: %w", context.DeadlineExceeded), 503, "temporarily_unavailable", "2"},
		{"a rejected token", &indieauth.Error{Kind: indieauth.Rejected}, 403, "forbidden", ""},
		{"a token of another owner", &indieauth.Error{Kind: indieauth.OtherOwner}, 403, "forbidden", ""},
		{"no answer about a token", &indieauth.Error{Kind: indieauth.Unreachable, RetryAfter: 30 * time.Second}, 503, "temporarily_unavailable", "30"},
		{"no token endpoint", &indieauth.Error{Kind: indieauth.NoEndpoint, RetryAfter: time.Minute}, 503, "temporarily_unavailable", "60"},
		{"an unsafe endpoint", &indieauth.Error{Kind: indieauth.Unsafe}, 503, "temporarily_unavailable", ""},
		{"too many attempts", &indieauth.Error{Kind: indieauth.Limited, RetryAfter: 1500 * time.Millisecond}, 429, "slow_down", "2"},
		{"a wrapped response error", fmt.Errorf("x: %w", invalid("no")), 400, "invalid_request", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := asError(tc.err)
			rec := httptest.NewRecorder()
			e.send(rec)
			if rec.Code != tc.status || !strings.Contains(rec.Body.String(), `"error":"`+tc.code+`"`) {
				t.Errorf("%d %s, want %d %s", rec.Code, rec.Body, tc.status, tc.code)
			}
			if got := rec.Header().Get("Retry-After"); got != tc.retryAfter {
				t.Errorf("Retry-After %q, want %q", got, tc.retryAfter)
			}
			if !errors.Is(e, tc.err) && !errors.Is(tc.err, e) {
				t.Errorf("%v lost its cause %v", e, tc.err)
			}
		})
	}
}
