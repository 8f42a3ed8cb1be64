package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

// An oauthError is an error response to a client (RFC 6749 §4.1.2.1, §5.2).
type oauthError struct {
	Status      int    `json:"-"`
	Code        string `json:"error"`
	Description string `json:"error_description"` // for the client's developer
}

func (e *oauthError) Error() string { return e.Code + ": " + e.Description }

// maxLoggedRunes bounds a value of a request in the log, and in an answer that
// quotes it: a stranger must not fill the log with few requests.
const maxLoggedRunes = 200

// oauthErrorf returns an error with status 400. It shortens quoted values, and
// replaces the characters that a description must not have (RFC 6749 §5.2).
func oauthErrorf(code, format string, args ...any) *oauthError {
	for i, arg := range args {
		if quoted, ok := arg.(string); ok && len(quoted) > maxLoggedRunes {
			args[i] = quoted[:maxLoggedRunes] + "..."
		}
	}
	description := strings.Map(func(r rune) rune {
		if notPrintable(r) || r == '"' || r == '\\' {
			return '?'
		}
		return r
	}, fmt.Sprintf(format, args...))
	return &oauthError{http.StatusBadRequest, code, description}
}

// parseForm reads the query and the body. Its errors are the fault of the
// client.
func parseForm(r *http.Request) *oauthError {
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &oauthError{http.StatusRequestEntityTooLarge, "invalid_request",
			fmt.Sprintf("The body is larger than %d bytes.", tooLarge.Limit)}
	case err != nil:
		return oauthErrorf("invalid_request", "The parameters cannot be read.")
	}
	return nil
}

func writeError(w http.ResponseWriter, err *oauthError) { writeJSON(w, err.Status, err) }

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	// A client may be a page in a browser, which needs this header to read the
	// response. No response reveals more than the request proved.
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // an error means that the client has disconnected
}

// shorten returns a text of at most maxRunes letters in one line, without control
// characters, for logs and pages.
func shorten(s string, maxRunes int) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
	if len(runes) > maxRunes {
		return string(runes[:maxRunes]) + "…"
	}
	return string(runes)
}
