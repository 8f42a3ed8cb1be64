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
	firstWait   = 250 * time.Millisecond // the longest time before the second attempt
)

// sendWithRetry sends the request, repeats it after an outage, and returns the
// response of any other status.
func (v *Verifier) sendWithRetry(ctx context.Context, request func() (*http.Request, error)) (*page, *Error) {
	attempt := func() (*page, error) {
		p, err := v.exchange(ctx, request)
		if err != nil && !err.outage {
			return nil, backoff.Permanent(err)
		}
		if err != nil {
			return nil, err
		}
		if isTransient(p.status) {
			return nil, statusError(p.url, p.status)
		}
		return p, nil
	}
	p, err := backoff.Retry(ctx, attempt,
		backoff.WithMaxTries(maxAttempts),
		backoff.WithMaxElapsedTime(v.askTimeout),
		backoff.WithBackOff(&jitter{rand: v.options.Rand}),
		backoff.WithNotify(func(error, time.Duration) { v.count(func(n *Counters) { n.Retries++ }) }))
	if err == nil {
		return p, nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = outage(messageUnreachable, err) // the time limit was reached
	}
	return nil, e
}

// isTransient reports whether a failure with the status may be temporary.
func isTransient(status int) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// jitter is a back-off that doubles the longest wait each time and draws each
// wait at random from zero to it, so that many servers do not retry at once.
type jitter struct {
	rand func() float64
	next time.Duration
}

func (j *jitter) Reset() { j.next = firstWait }

func (j *jitter) NextBackOff() time.Duration {
	longest := j.next
	j.next *= 2
	return time.Duration(j.rand() * float64(longest))
}
