package indieauth

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"starpunk/receiver/fetch"
)

// A Kind is the kind of an [Error]. It determines the response of the caller.
type Kind int

const (
	Rejected    Kind = iota + 1 // the token is invalid, expired or revoked: 403
	OtherOwner                  // the token is valid, but for another profile: 403
	Unreachable                 // there was no answer, which implies nothing about the token: 503
	NoEndpoint                  // the profile page names no endpoint: 503
	Unsafe                      // the page or an endpoint must not be contacted: 503
	Limited                     // too many rejected attempts from this address: 429
)

// String returns the kind as a word for logs and metrics, such as "rejected".
func (k Kind) String() string {
	switch k {
	case Rejected:
		return "rejected"
	case OtherOwner:
		return "other owner"
	case Unreachable:
		return "unreachable"
	case NoEndpoint:
		return "no endpoint"
	case Unsafe:
		return "unsafe"
	case Limited:
		return "limited"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// An Error is the only type of error that [Verifier.Verify] returns.
type Error struct {
	Kind       Kind
	Message    string        // for the person at the client; holds neither token nor secret
	RetryAfter time.Duration // when a retry may succeed; zero for Rejected and OtherOwner
	Err        error         // the cause, for the log only; may be nil

	// outage marks a network failure or a 5xx, which may be temporary. Known
	// endpoints stay in use during it.
	outage bool
}

// Error returns the kind and the cause, for the log. Without a cause it returns
// the kind and the message.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Kind.String() + ": " + e.Message
	}
	return e.Kind.String() + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

const (
	messageRejected    = "Access token is invalid or expired. Please re-authorize."
	messageUnreachable = "Authorization server is unreachable. Please try again later."
	messageNoConnect   = "Cannot connect to authorization server."

	retryOutage = 30 * time.Second // until a server may have recovered
	retryOwner  = 5 * time.Minute  // until the owner may have corrected something
)

func rejected(format string, args ...any) *Error {
	return &Error{Kind: Rejected, Message: messageRejected, Err: fmt.Errorf(format, args...)}
}

func unsafe(message string, cause error) *Error {
	return &Error{Kind: Unsafe, Message: message, RetryAfter: retryOwner, Err: cause}
}

func unreachable(message string, cause error) *Error {
	return &Error{Kind: Unreachable, Message: message, RetryAfter: retryOutage, Err: cause}
}

func outage(message string, cause error) *Error {
	e := unreachable(message, cause)
	e.outage = true
	return e
}

// A statusFailure is an HTTP status other than the expected 200.
type statusFailure struct {
	url    *url.URL
	status int
}

func (f *statusFailure) Error() string {
	return fmt.Sprintf("%s answered %d", f.url.Redacted(), f.status)
}

// statusError returns the error for an HTTP status other than the expected 200.
func statusError(u *url.URL, status int) *Error {
	err := &statusFailure{u, status}
	if status >= 500 {
		return outage(messageUnreachable, err)
	}
	return unreachable(messageUnreachable, err)
}

// transportError classifies a failed request to u: a forbidden address, a bad
// certificate, a timeout, or no connection.
func transportError(u *url.URL, err error) *Error {
	if wrapper, ok := errors.AsType[*url.Error](err); ok {
		err = wrapper.Err // the wrapper contains the URL of a redirect
	}
	err = fmt.Errorf("%s: %w", display(u), err)
	if address, refused := fetch.RefusedAddress(err); refused {
		return addressError(u, address, err)
	}
	var network net.Error
	switch {
	case isCertificateError(err):
		// Not an outage: another server may be answering for this host.
		return unreachable(messageNoConnect, err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return outage(messageUnreachable, err)
	}
	return outage(messageNoConnect, err)
}

func addressError(u *url.URL, address string, err error) *Error {
	return unsafe(fmt.Sprintf("The host %s resolves to %s, which is not a public address. "+
		"Correct the name resolution on this machine, or set receiver.allow_private_network = true "+
		"if the authorization server is meant to be on a private network.", u.Hostname(), address), err)
}

func isCertificateError(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// withoutToken returns err, or its text without the token if the text contains
// it: net/http quotes malformed responses in its errors.
func withoutToken(err error, token string) error {
	if !strings.Contains(err.Error(), token) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), token, "[token]"))
}
