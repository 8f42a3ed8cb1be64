package indieauth

import (
	"slices"
	"testing"
	"time"
)

// FuzzTokenAnswer checks that every accepted token belongs to the owner, has a
// scope, and has not expired.
func FuzzTokenAnswer(f *testing.F) {
	const formType = "application/x-www-form-urlencoded"
	f.Add("application/json", `{"active":"true","me":"https://owner.example/","scope":"create","exp":"99999999999"}`, true)
	f.Add("application/json", `{"active":1,"me":"HTTPS://OWNER.example","scope":["a"," b "],"exp":1e9}`, false)
	f.Add("application/json", `{"exp":{},"me":[],"active":[1]}`, false)
	f.Add(formType, `me=https%3A%2F%2Fowner.example%2F&scope=create+update`, false)
	f.Add(formType, `active=true&exp=0x7fffffffff&me=https://owner.example/&scope=a`, true)
	now := time.Unix(1_000_000_000, 0)
	f.Fuzz(func(t *testing.T, contentType, body string, introspected bool) {
		a, err := parseAnswer(contentType, []byte(body))
		if err != nil {
			return
		}
		tok, why, err := a.token("https://owner.example/", introspected, now)
		if (err == nil) != (why == "") {
			t.Fatalf("error %v for the reason %q", err, why)
		}
		if err != nil {
			return
		}
		if !sameProfile(tok.Me, "https://owner.example/") || len(tok.Scope) == 0 || slices.Contains(tok.Scope, "") {
			t.Fatalf("%q gave %+v", body, tok)
		}
		if !tok.Expires.IsZero() && !tok.Expires.After(now) {
			t.Fatalf("%q gave a token that expired at %v", body, tok.Expires)
		}
		if active, known := a.active(); known && !active || introspected && !known {
			t.Fatalf("%q gave a token that is not active", body)
		}
	})
}
