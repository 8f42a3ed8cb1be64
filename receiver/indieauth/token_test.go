package indieauth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"starpunk/receiver/indieauth"
)

func TestScopesAreWholeWords(t *testing.T) {
	t.Parallel()
	cases := []struct {
		rule, granted, wanted string
		want                  bool
	}{
		{"a scope that was granted", "create update", "update", true},
		{"one of several", "media", "create media update", true},
		{"undelete is not delete", "undelete", "delete", false},
		{"delete is not undelete", "delete", "undelete", false},
		{"post is the old name of create", "post", "create", true},
		{"create is the new name of post", "create", "post", true},
		{"post is not update", "post", "update", false},
		{"draft is not create", "draft", "create", false},
		{"another case is another scope", "Create", "create", false},
		{"profile permits nothing", "profile email", "create draft update delete undelete media", false},
		{"no scope requested", "create", "", false},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			tok := &indieauth.Token{Scope: strings.Fields(c.granted)}
			if got := tok.Has(strings.Fields(c.wanted)...); got != c.want {
				t.Errorf("%q has any of %q: %v, want %v", c.granted, c.wanted, got, c.want)
			}
		})
	}
}

func TestIntrospectionAnswers(t *testing.T) {
	t.Parallel()
	const rest = `"me":"https://owner.example/","scope":"create"`
	clockTime := newClock().Now().Unix()
	cases := []struct {
		rule, contentType, body string
		want                    indieauth.Kind // 0: accepted
	}{
		{"true is true", "application/json", `{"active":true,` + rest + `}`, 0},
		{"the text true is true", "application/json", `{"active":"true",` + rest + `}`, 0},
		{"True in another case is true", "application/json", `{"active":"True",` + rest + `}`, 0},
		{"one is true", "application/json", `{"active":1,` + rest + `}`, 0},
		{"the text 1 is true", "application/json", `{"active":"1",` + rest + `}`, 0},
		{"false is false", "application/json", `{"active":false,` + rest + `}`, indieauth.Rejected},
		{"the text false is false", "application/json", `{"active":"false",` + rest + `}`, indieauth.Rejected},
		{"zero is false", "application/json", `{"active":0,` + rest + `}`, indieauth.Rejected},
		{"two is not true", "application/json", `{"active":2,` + rest + `}`, indieauth.Rejected},
		{"yes is not true", "application/json", `{"active":"yes",` + rest + `}`, indieauth.Rejected},
		{"a list is not true", "application/json", `{"active":[true],` + rest + `}`, indieauth.Rejected},
		{"null is not true", "application/json", `{"active":null,` + rest + `}`, indieauth.Rejected},
		{"active is required of introspection", "application/json", `{` + rest + `}`, indieauth.Rejected},
		{"an expiry in the future", "application/json", fmt.Sprintf(`{"active":true,"exp":%d,%s}`, clockTime+1, rest), 0},
		{"an expiry as text", "application/json", fmt.Sprintf(`{"active":true,"exp":"%d",%s}`, clockTime+1, rest), 0},
		{"an expiry with a fraction", "application/json", fmt.Sprintf(`{"active":true,"exp":%d.5,%s}`, clockTime+1, rest), 0},
		{"an expiry that is now", "application/json", fmt.Sprintf(`{"active":true,"exp":%d,%s}`, clockTime, rest), indieauth.Rejected},
		{"an expiry in the past, as text", "application/json", fmt.Sprintf(`{"active":true,"exp":"%d",%s}`, clockTime-1, rest), indieauth.Rejected},
		{"no expiry", "application/json", `{"active":true,"exp":null,` + rest + `}`, 0},
		{"an expiry that cannot be read", "application/json", `{"active":true,"exp":"tomorrow",` + rest + `}`, indieauth.Rejected},
		{"an expiry that is not a number", "application/json", `{"active":true,"exp":{},` + rest + `}`, indieauth.Rejected},
		{"an expiry that is too large", "application/json", `{"active":true,"exp":1e300,` + rest + `}`, indieauth.Rejected},
		{"no me", "application/json", `{"active":true,"scope":"create"}`, indieauth.Rejected},
		{"me that is not text", "application/json", `{"active":true,"me":["https://owner.example/"],"scope":"create"}`, indieauth.Rejected},
		{"no scope", "application/json", `{"active":true,"me":"https://owner.example/"}`, indieauth.Rejected},
		{"an empty scope", "application/json", `{"active":true,"me":"https://owner.example/","scope":" "}`, indieauth.Rejected},
		{"a scope as a list", "application/json", `{"active":true,"me":"https://owner.example/","scope":["create","update"]}`, 0},
		{"another owner", "application/json", `{"active":true,"me":"https://stranger.example/","scope":"create"}`, indieauth.OtherOwner},
		{"a form", "application/x-www-form-urlencoded", "active=true&scope=create&me=https%3A%2F%2Fowner.example%2F", 0},
		{"a form with a charset", "application/x-www-form-urlencoded; charset=utf-8", "active=1&scope=create&me=https%3A%2F%2Fowner.example%2F", 0},
		{"a form that is not active", "application/x-www-form-urlencoded", "active=false&scope=create&me=https%3A%2F%2Fowner.example%2F", indieauth.Rejected},
		{"a malformed form", "application/x-www-form-urlencoded", "%zz", indieauth.Unreachable},
		{"a form with the Content-Type of HTML", "text/html", "active=true&scope=create&me=https%3A%2F%2Fowner.example%2F", indieauth.Unreachable},
		{"a web page", "text/html", "<h1>Log in</h1>", indieauth.Unreachable},
		{"an empty body", "application/json", "", indieauth.Unreachable},
		{"null", "application/json", "null", indieauth.Unreachable},
		{"a list", "application/json", `[{"active":true}]`, indieauth.Unreachable},
		{"incomplete JSON", "application/json", `{"active":true,` + rest, indieauth.Unreachable},
		{"JSON with more data after it", "application/json", `{"active":true,` + rest + `}{}`, indieauth.Unreachable},
		{"exactly 64 KiB", "application/json", `{"active":true,` + rest + strings.Repeat(" ", 64<<10-len(`{"active":true,`+rest+`}`)) + `}`, 0},
		{"more than 64 KiB", "application/json", `{"active":true,` + rest + strings.Repeat(" ", 64<<10) + `}`, indieauth.Unreachable},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := introspectionWorld(t, text(c.contentType, c.body), status(http.StatusTeapot))
			tok, err := verify(t, w.verifier(indieauth.Options{}), "T")
			if c.want != 0 {
				wantKind(t, err, c.want)
				return
			}
			if err != nil || !tok.Has("create") {
				t.Errorf("%v, %v, want the scope create", tok, err)
			}
		})
	}
}

func TestAnswersOfATokenEndpoint(t *testing.T) {
	t.Parallel()
	cases := []struct {
		rule, body string
		want       indieauth.Kind
	}{
		{"active may be missing", goodAnswer, 0},
		{"false is false", `{"active":false,"me":"https://owner.example/","scope":"create"}`, indieauth.Rejected},
		{"an expiry in the past", `{"exp":1,"me":"https://owner.example/","scope":"create"}`, indieauth.Rejected},
		{"an error under status 200", `{"error":"invalid_token"}`, indieauth.Rejected},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := getWorld(t, text("application/json", c.body))
			_, err := verify(t, w.verifier(indieauth.Options{}), "T")
			if c.want != 0 {
				wantKind(t, err, c.want)
			} else if err != nil {
				t.Errorf("%v, want the token", err)
			}
		})
	}
}
