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

// hosted are the providers that need no more than their name. docs/indieauth.md
// says what each asks for.
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
	provider  []link // none: not said yet, or elsewhere
	elsewhere bool   // another page names the provider
}

// readSignIn reads what --sign-in says.
func readSignIn(how string) (signIn, error) {
	switch how {
	case "later":
		return signIn{}, nil
	case "elsewhere":
		return signIn{elsewhere: true}, nil
	}
	if links, ok := hosted[how]; ok {
		return signIn{provider: links}, nil
	}
	if !strings.Contains(how, "://") {
		return signIn{}, fmt.Errorf("%q is neither one of %s nor an address", how, strings.Join(signInWords(), ", "))
	}
	addresses := strings.Split(how, ",")
	rels := ownProvider[min(len(addresses), len(ownProvider)-1)]
	if rels == nil {
		return signIn{}, fmt.Errorf("%d addresses, where one to three were wanted", len(addresses))
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

// signInWords are the values of --sign-in that are no addresses.
func signInWords() []string {
	return append([]string{"elsewhere", "later"}, slices.Sorted(maps.Keys(hosted))...)
}

// ownProvider says what the addresses of an own provider are, by their number.
var ownProvider = [][]string{
	nil,
	{"indieauth-metadata"},
	{"authorization_endpoint", "token_endpoint"},
	{"indieauth-metadata", "authorization_endpoint", "token_endpoint"},
	nil, // and more
}

// checkEndpoint: anything but HTTPS would be refused when a token comes.
func checkEndpoint(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%q is not an address that begins with https://", s)
	}
	return nil
}

// links is what stands in the table [links] of the configuration.
func (s signIn) links() string {
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
