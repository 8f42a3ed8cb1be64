package devauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// An oauthError is what a client is told went wrong (RFC 6749 §4.1.2.1, §5.2).
type oauthError struct {
	Status      int    `json:"-"`
	Code        string `json:"error"`
	Description string `json:"error_description"` // for the client's developer
}

func (e *oauthError) Error() string { return e.Code + ": " + e.Description }

// oauthErrorf keeps to the characters that a description may have
// (RFC 6749 §5.2), whatever the request that it quotes from had.
func oauthErrorf(code, format string, args ...any) *oauthError {
	description := strings.Map(func(r rune) rune {
		if notPrintable(r) || r == '"' || r == '\\' {
			return '?'
		}
		return r
	}, fmt.Sprintf(format, args...))
	return &oauthError{http.StatusBadRequest, code, description}
}

// parseForm reads the query and the body. What is wrong with them is the
// sender's fault.
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
	// A client that is a page in a browser has to read its answer. No answer
	// says more than its reader has shown to know.
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // an error means that the client has gone
}
