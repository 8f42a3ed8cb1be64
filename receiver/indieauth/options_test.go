package indieauth_test

import (
	"log/slog"
	"strings"
	"testing"

	"starpunk/receiver/indieauth"
)

func TestNewRefusesInvalidOptions(t *testing.T) {
	t.Parallel()
	cases := []struct {
		rule string
		o    indieauth.Options
		want string // in the error; "" for none
	}{
		{"an HTTPS profile", indieauth.Options{Me: "https://owner.example/"}, ""},
		{"no profile", indieauth.Options{}, `me "" is not a profile URL`},
		{"no scheme", indieauth.Options{Me: "owner.example"}, "is not a profile URL"},
		{"another scheme", indieauth.Options{Me: "ftp://owner.example/"}, "is not a profile URL"},
		{"a user name", indieauth.Options{Me: "https://me@owner.example/"}, "is not a profile URL"},
		{"a fragment", indieauth.Options{Me: "https://owner.example/#me"}, "is not a profile URL"},
		{"plain HTTP", indieauth.Options{Me: "http://owner.example/"}, "is not HTTPS"},
		{"plain HTTP in development", indieauth.Options{Me: "http://127.0.0.1:8080/", Dev: true}, ""},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			c.o.Logger = slog.New(slog.DiscardHandler)
			_, err := indieauth.New(c.o)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("New: %v, want %q", err, c.want)
			}
		})
	}
}
