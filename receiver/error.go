package receiver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/site/store"
)

// Values of the JSON member "error" of an [Error] (Micropub §3.8, RFC 6750 §3.1;
// slow_down comes from RFC 8628 §3.5).
const (
	codeUnauthorized      = "unauthorized"
	codeForbidden         = "forbidden"
	codeInsufficientScope = "insufficient_scope"
	codeInvalidRequest    = "invalid_request"
	codeConflict          = "conflict"
	codeSlowDown          = "slow_down"
	codeUnavailable       = "temporarily_unavailable"
	codeServerError       = "server_error"
)

// An Error is a Micropub error response (Micropub §3.8). Code and Description
// are sent to the client. Err, if it is set, goes only to the log, instead of
// Description.
type Error struct {
	Status      int           // HTTP status
	Code        string        // the JSON "error" member, such as "invalid_request"
	Description string        // one sentence, for the developer of the client
	Scope       string        // for insufficient_scope: the scope that the token lacks
	RetryAfter  time.Duration // when a retry may succeed; zero if unknown
	Err         error
}

// Error returns the cause if there is one, else the description.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return e.Description
}

func (e *Error) Unwrap() error { return e.Err }

// invalid returns the error for a request that the client must change. The
// description is logged, so it must not quote anything from the request.
func invalid(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: codeInvalidRequest, Description: fmt.Sprintf(format, args...)}
}

// unknownValue returns the error for a parameter with an unknown value. The
// description quotes the value, but the log does not, because it might contain
// anything.
func unknownValue(parameter, value, known string) *Error {
	e := invalid("%s: %.60q is not supported; use %s.", parameter, value, known)
	e.Err = fmt.Errorf("%s: unknown value", parameter)
	return e
}

func unsupportedMedia(format string, args ...any) *Error {
	e := invalid(format, args...)
	e.Status = http.StatusUnsupportedMediaType
	return e
}

func errNoBoundary() *Error { return invalid("The Content-Type has no boundary.") }

func errMethod(w http.ResponseWriter) *Error {
	w.Header().Set("Allow", methods)
	e := invalid("The method must be one of %s.", methods)
	e.Status = http.StatusMethodNotAllowed
	return e
}

// errConflict returns the error for a valid request that the present file does
// not allow.
func errConflict(err error, format string, args ...any) *Error {
	return &Error{Status: http.StatusConflict, Code: codeConflict, Description: fmt.Sprintf(format, args...), Err: err}
}

func errNoToken() *Error {
	return &Error{
		Status: http.StatusUnauthorized, Code: codeUnauthorized,
		Description: "No access token: send one in the header \"Authorization: Bearer …\", or as access_token in a form.",
	}
}

func errScope(scope string) *Error {
	return &Error{
		Status: http.StatusForbidden, Code: codeInsufficientScope, Scope: scope,
		Description: fmt.Sprintf("The request needs an access token with the scope %q.", scope),
	}
}

func errUnavailable(description string) *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: codeUnavailable,
		Description: description, RetryAfter: 2 * time.Second,
	}
}

// asError returns the response for an error of any kind.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*indieauth.Error](err); ok {
		return tokenError(e)
	}
	switch {
	case errors.Is(err, store.ErrNotExist):
		return errUnknownURL()
	case errors.Is(err, store.ErrConflict):
		return errConflict(err, "Another program was changing the file of the note. Please try again.")
	case errors.Is(err, store.ErrExist):
		return errConflict(err, "Another file now has the path of the deleted note.")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &Error{
			Status: http.StatusInsufficientStorage, Code: codeServerError, Err: err,
			Description: "The disk of this site is full. Nothing was saved.",
		}
	case errors.Is(err, store.ErrLink):
		return &Error{
			Status: http.StatusInternalServerError, Code: codeServerError, Err: err,
			Description: "A folder of this site is a symbolic link, which is not followed; the site's log names it. Nothing was saved.",
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		e := errUnavailable("The site is busy. Please try again.")
		e.Err = err
		return e
	}
	return &Error{
		Status: http.StatusInternalServerError, Code: codeServerError, Err: err,
		Description: "Internal error of this site. Its log has the cause.",
	}
}

// tokenError returns the response for a failed verification. It separates a bad
// token, which the client must replace, from an authorization server without an
// answer.
func tokenError(err *indieauth.Error) *Error {
	e := &Error{Description: err.Message, RetryAfter: err.RetryAfter, Err: err}
	switch err.Kind {
	case indieauth.Rejected, indieauth.OtherOwner:
		e.Status, e.Code = http.StatusForbidden, codeForbidden
	case indieauth.Limited:
		e.Status, e.Code = http.StatusTooManyRequests, codeSlowDown
	default:
		e.Status, e.Code = http.StatusServiceUnavailable, codeUnavailable
	}
	return e
}

// challenge returns the value of WWW-Authenticate (RFC 6750 §3), or "".
func (e *Error) challenge() string {
	switch e.Code {
	case codeUnauthorized:
		return "Bearer"
	case codeForbidden:
		return `Bearer error="invalid_token"`
	case codeInsufficientScope:
		return fmt.Sprintf(`Bearer error="insufficient_scope", scope="%s"`, e.Scope)
	}
	return ""
}

// send sends the response.
func (e *Error) send(w http.ResponseWriter) {
	if c := e.challenge(); c != "" {
		w.Header().Set("WWW-Authenticate", c)
	}
	if e.RetryAfter > 0 {
		seconds := (e.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	sendJSON(w, e.Status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Scope       string `json:"scope,omitempty"`
	}{e.Code, e.Description, e.Scope})
}

// level returns the log level: failures that the operator can fix are logged as
// warnings or errors.
func (e *Error) level() slog.Level {
	switch e.Status {
	case http.StatusInternalServerError, http.StatusInsufficientStorage:
		return slog.LevelError
	case http.StatusServiceUnavailable:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
