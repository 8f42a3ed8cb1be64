package indieauth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	maxAttempts = 3
	firstWait   = 250 * time.Millisecond // at most, before the second attempt
)

// persist sends the request, again after an outage, and returns the answer of
// any other status.
func (v *Verifier) persist(ctx context.Context, request func() (*http.Request, error)) (*page, *Error) {
	attempt := func() (*page, error) {
		p, err := v.exchange(ctx, request)
		if err != nil && !err.outage {
			return nil, backoff.Permanent(err)
		}
		if err != nil {
			return nil, err
		}
		if passes(p.status) {
			return nil, statusError(p.url, p.status)
		}
		return p, nil
	}
	p, err := backoff.Retry(ctx, attempt,
		backoff.WithMaxTries(maxAttempts),
		backoff.WithMaxElapsedTime(v.askTimeout),
		backoff.WithBackOff(&waits{rand: v.options.Rand}),
		backoff.WithNotify(func(error, time.Duration) { v.count(func(n *Counters) { n.Retries++ }) }))
	if err == nil {
		return p, nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = outage(messageUnreachable, err) // the time was over
	}
	return nil, e
}

// passes reports whether a failure may be gone at the next attempt.
func passes(status int) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// waits doubles the longest wait each time and draws the wait from what is
// below it, so that many servers don't come back at once.
type waits struct {
	rand func() float64
	next time.Duration
}

func (w *waits) Reset() { w.next = firstWait }

func (w *waits) NextBackOff() time.Duration {
	longest := w.next
	w.next *= 2
	return time.Duration(w.rand() * float64(longest))
}
