package receiver

import (
	"context"
	"encoding/json"
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

// The JSON member "error" of an [Error] (Micropub §3.8, RFC 6750 §3.1; slow_down
// is borrowed from RFC 8628 §3.5).
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
// are sent to the client; Err, if any, goes only to the log, in the place of
// Description.
type Error struct {
	Status      int           // HTTP status
	Code        string        // the JSON "error" member, such as "invalid_request"
	Description string        // one sentence, for the developer of the client
	Scope       string        // of insufficient_scope: what the token lacks
	RetryAfter  time.Duration // when asking again may help; zero: not said
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

// invalid is for a request that its sender has to change. What it says is
// logged, so it quotes nothing that the client sent.
func invalid(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: codeInvalidRequest, Description: fmt.Sprintf(format, args...)}
}

// unknownValue is [invalid] for one that the client should see quoted. The log
// does not: it might be anything.
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

// errConflict is for a request that is right, but not for the file as it is.
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
		Description: fmt.Sprintf("This needs an access token with the scope %q.", scope),
	}
}

func errUnavailable(description string) *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: codeUnavailable,
		Description: description, RetryAfter: 2 * time.Second,
	}
}

// asError turns whatever happened into what is sent.
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
		return errConflict(err, "The file of the note was being changed by another program. Please try again.")
	case errors.Is(err, store.ErrExist):
		return errConflict(err, "Another file has the place of the deleted note by now.")
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
		Description: "Something went wrong on this site; its log says what.",
	}
}

// tokenError tells a bad token, which is the client's to replace, from an
// authorization server that gave no answer.
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

// challenge is the value of WWW-Authenticate (RFC 6750 §3), or "".
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

// send writes the response.
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

// level is how much a failure is the operator's affair.
func (e *Error) level() slog.Level {
	switch e.Status {
	case http.StatusInternalServerError, http.StatusInsufficientStorage:
		return slog.LevelError
	case http.StatusServiceUnavailable:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// sendJSON writes a response. Nobody is left to hear of an error: the client
// is gone.
func sendJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}
