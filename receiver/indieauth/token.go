package indieauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Token is the data of a valid access token, as the authorization server sent
// it. Verify returns the same Token to several callers, which must not change
// it.
type Token struct {
	Me       string    // the owner's profile URL, as the server spells it
	ClientID string    // URL of the app that holds the token; may be empty
	Scope    []string  // as granted, at least one
	Expires  time.Time // zero if unknown
}

// Has reports whether the token was granted any of scopes. Scopes are compared
// as whole words: "undelete" is not "delete". "post" is the old name of
// "create" (Micropub, "Scope"); the two are equal.
func (t *Token) Has(scopes ...string) bool {
	for _, want := range scopes {
		for _, scope := range t.Scope {
			if canonicalScope(scope) == canonicalScope(want) {
				return true
			}
		}
	}
	return false
}

func canonicalScope(scope string) string {
	if scope == "post" {
		return "create"
	}
	return scope
}

// An answer is the body of a token verification response. It is JSON with
// values of any type, or a form with the same names, which older endpoints
// send. A missing value is nil.
type answer map[string]any

// parseAnswer reads a response body of the given Content-Type.
func parseAnswer(contentType string, body []byte) (answer, error) {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	if mediaType == "application/x-www-form-urlencoded" {
		return parseFormAnswer(string(body))
	}
	var a answer
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&a); err != nil || a == nil {
		return nil, errors.New("the answer is neither a JSON object nor a form")
	}
	if d.More() {
		return nil, errors.New("the answer has data after the JSON object")
	}
	return a, nil
}

func parseFormAnswer(body string) (answer, error) {
	form, err := url.ParseQuery(strings.TrimSpace(body))
	if err != nil {
		return nil, errors.New("the answer has the Content-Type of a form but is not one")
	}
	a := make(answer, len(form))
	for name, values := range form {
		a[name] = values[0]
	}
	return a, nil
}

// active returns the "active" member (RFC 7662 §2.2), which IndieAuth's own
// example (§6.2) and several servers send as a string. known is false if it is
// missing, as in the responses of older servers.
func (a answer) active() (active, known bool) {
	switch value := a["active"].(type) {
	case nil:
		return false, false
	case bool:
		return value, true
	case json.Number:
		return value == "1", true
	case string:
		return value == "1" || strings.EqualFold(value, "true"), true
	}
	return false, true
}

// expires returns the "exp" member, seconds since 1970 in UTC, or zero if there
// is none. A value that cannot be read is an error, because it might be in the
// past.
func (a answer) expires() (time.Time, error) {
	var text string
	switch value := a["exp"].(type) {
	case nil:
		return time.Time{}, nil
	case json.Number:
		text = value.String()
	case string:
		text = strings.TrimSpace(value)
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(seconds) || math.Abs(seconds) > 1<<40 {
		return time.Time{}, errors.New("the member exp is not a time")
	}
	return time.Unix(int64(seconds), 0), nil
}

// scope returns the scopes, which are words in one string (RFC 6749 §3.3) or in
// a JSON array.
func (a answer) scope() []string {
	switch value := a["scope"].(type) {
	case string:
		return strings.Fields(value)
	case []any:
		var words []string
		for _, element := range value {
			if s, ok := element.(string); ok {
				words = append(words, strings.Fields(s)...)
			}
		}
		return slices.Clip(words)
	}
	return nil
}

func (a answer) text(name string) string {
	s, _ := a[name].(string)
	return s
}

// token returns the token of an answer. An introspection endpoint must confirm
// that the token is active. A token endpoint need not, because its response
// alone is a confirmation.
func (a answer) token(me string, introspected bool, now time.Time) (*Token, reason, error) {
	if active, known := a.active(); !active && (known || introspected) {
		return nil, reasonInactive, errors.New("the token is not active")
	}
	expires, err := a.expires()
	if err != nil {
		return nil, reasonExpired, err
	}
	if !expires.IsZero() && !now.Before(expires) {
		return nil, reasonExpired, fmt.Errorf("the token expired at %s", expires.UTC().Format(time.RFC3339))
	}
	t := &Token{Me: a.text("me"), ClientID: a.text("client_id"), Scope: a.scope(), Expires: expires}
	switch {
	case t.Me == "":
		return nil, reasonNoMe, errors.New("the answer does not name the owner of the token") // IndieAuth §6.2
	case len(t.Scope) == 0:
		return nil, reasonNoScope, errors.New("the token has no scope")
	case !sameProfile(t.Me, me):
		return t, reasonOtherOwner, errors.New("the token belongs to another profile")
	}
	return t, "", nil
}
