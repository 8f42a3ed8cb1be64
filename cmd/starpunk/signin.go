package main

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A link is one entry of the table [links] of a configuration.
type link struct{ rel, address string }

// hosted are the providers whose name is enough for --sign-in. docs/indieauth.md
// has the requirements of each.
var hosted = map[string][]link{
	"micro.blog": {
		{"authorization_endpoint", "https://micro.blog/indieauth/auth"},
		{"token_endpoint", "https://micro.blog/indieauth/token"},
	},
	"indieauth.com": {
		{"authorization_endpoint", "https://indieauth.com/auth"},
		{"token_endpoint", "https://tokens.indieauth.com/token"},
	},
}

// A signIn is how an owner signs in to apps.
type signIn struct {
	provider  []link // empty: not chosen yet, elsewhere, or StarPunk
	own       bool   // StarPunk is the provider
	elsewhere bool   // another page names the provider
}

// readSignIn reads the value of --sign-in.
func readSignIn(how string) (signIn, error) {
	switch how {
	case "starpunk":
		return signIn{own: true}, nil
	case "later":
		return signIn{}, nil
	case "elsewhere":
		return signIn{elsewhere: true}, nil
	}
	if links, ok := hosted[how]; ok {
		return signIn{provider: links}, nil
	}
	if !strings.Contains(how, "://") {
		return signIn{}, fmt.Errorf("%q must be an address or one of %s", how, strings.Join(signInWords(), ", "))
	}
	addresses := strings.Split(how, ",")
	rels := ownProvider[min(len(addresses), len(ownProvider)-1)]
	if rels == nil {
		return signIn{}, fmt.Errorf("must have one to three addresses, and has %d", len(addresses))
	}
	var s signIn
	for i, rel := range rels {
		if err := checkEndpoint(addresses[i]); err != nil {
			return signIn{}, err
		}
		s.provider = append(s.provider, link{rel, addresses[i]})
	}
	return s, nil
}

// signInWords returns the values of --sign-in that are not addresses.
func signInWords() []string {
	return append([]string{"starpunk", "elsewhere", "later"}, slices.Sorted(maps.Keys(hosted))...)
}

// ownProvider has the rels of a provider's addresses, by their number.
var ownProvider = [][]string{
	nil,
	{"indieauth-metadata"},
	{"authorization_endpoint", "token_endpoint"},
	{"indieauth-metadata", "authorization_endpoint", "token_endpoint"},
	nil, // four and more
}

// checkEndpoint refuses addresses without HTTPS, which the receiver would refuse
// at the first request.
func checkEndpoint(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%q must begin with https://", s)
	}
	return nil
}

// links returns the lines of a provider for the table [links] of the configuration.
func (s signIn) links() string {
	if s.own {
		return `
# StarPunk is the provider: you sign in to apps with a passkey. docs/indieauth.md has more.
[provider]
enabled = true
`
	}
	if len(s.provider) == 0 {
		return `# authorization_endpoint = "https://provider.example/auth"
# token_endpoint = "https://provider.example/token"
`
	}
	var b strings.Builder
	for _, l := range s.provider {
		fmt.Fprintf(&b, "%s = %s\n", l.rel, strconv.Quote(l.address))
	}
	return b.String()
}
