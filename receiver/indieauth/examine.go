package indieauth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// An Examination is what a look at the live profile page has found, in the
// order in which it was found.
type Examination struct {
	Me                    string
	TokenEndpoint         string // "" if there is none
	IntrospectionEndpoint string // "" if there is none
	Findings              []Finding
	Err                   *Error // why discovery failed; nil if it did not

	micropub      string // the expected endpoint
	authorization bool   // an authorization endpoint was seen
}

// A Finding is one step of an examination.
type Finding struct {
	Step string // what was looked at, such as "redirect" or "Link header"
	Text string // what was seen there
	Fix  string // what the owner has to change; "" if nothing
}

// OK reports whether nothing has to be changed.
func (x *Examination) OK() bool {
	return !slices.ContainsFunc(x.Findings, func(f Finding) bool { return f.Fix != "" })
}

// Examine discovers the endpoints anew, past the caches, asks them about a
// token that nobody has, and looks for micropub, the absolute URL of the
// Micropub endpoint, on the profile page. It changes no cache, and counts as no
// verification or rejection.
func (v *Verifier) Examine(ctx context.Context, micropub string) *Examination {
	x := &Examination{Me: v.options.Me, micropub: micropub}
	found, err := v.discover(ctx, x)
	if err != nil {
		x.Err = err
		x.add("discovery", err.Error(), v.remedy(err))
		return x
	}
	x.TokenEndpoint, x.IntrospectionEndpoint = text(found.token), text(found.introspection)
	if !x.authorization {
		x.add("sign-in", "Neither the page nor the metadata names an authorization endpoint, so that no app can ask for a token.",
			`Add <link rel="authorization_endpoint" href="…"> to the head of the page.`)
	}
	v.probe(ctx, found, x)
	return x
}

// remedy returns what the owner can do about an error. Its message alone is
// for the user of an app, who can do less.
func (v *Verifier) remedy(err *Error) string {
	failure, isStatus := errors.AsType[*statusFailure](err.Err)
	switch {
	case isStatus && failure.status == http.StatusMethodNotAllowed:
		return fmt.Sprintf("The endpoint %s does not accept this method. Is it the token endpoint?", failure.url.Redacted())
	case isStatus && failure.status >= 500 && failure.url.Host == v.me.Host:
		return fmt.Sprintf("Your own page answers %d: see the web server's log.", failure.status)
	case isStatus && failure.status >= 500:
		return fmt.Sprintf("The server of your provider answers %d: wait, or see its log.", failure.status)
	case err.Message == messageNoConnect:
		return "Put the page on the web: its name must lead to a server that answers there, with a certificate that browsers trust."
	case err.Kind == NoEndpoint && !isStatus && v.options.SiteURL != "" && strings.HasPrefix(v.options.Me, v.options.SiteURL):
		return "Your site names no IndieAuth provider. Put its links under [links] in starpunk.toml (see docs/indieauth.md)."
	}
	return err.Message
}

// add notes a finding; a nil Examination, that of a discovery that nobody
// watches, takes none.
func (x *Examination) add(step, text, fix string) {
	if x != nil {
		x.Findings = append(x.Findings, Finding{step, text, fix})
	}
}

// page notes what the profile page says.
func (x *Examination) page(p *page, links []link, err error) {
	if x == nil {
		return
	}
	x.add("profile page", fmt.Sprintf("%s answers %d, %s, %d bytes", printed(p.url), p.status, p.header.Get("Content-Type"), len(p.body)), "")
	if len(p.body) == maxPageBytes {
		x.add("profile page", "The page was read no further.", "Make the page smaller than 1 MiB, or send the links as Link headers.")
	}
	if err != nil {
		x.add("profile page", err.Error(), "Correct the HTML, or send the links as Link headers.")
	}
	for _, l := range links {
		for _, rel := range []string{relMetadata, relToken, relAuthorization} {
			if slices.Contains(l.rels, rel) {
				x.add(l.source(), fmt.Sprintf("%s is %s", rel, printed(l.url)), "")
			}
		}
		x.authorization = x.authorization || slices.Contains(l.rels, relAuthorization)
	}
	x.advertised(links)
}

// advertised looks for the Micropub endpoint where apps do. Many read only the
// first <link> in the head whose rel is this one word, and don't resolve it.
func (x *Examination) advertised(links []link) {
	if x.micropub == "" {
		return
	}
	add := fmt.Sprintf(`Add <link rel="micropub" href="%s"> to the head of the page.`, x.micropub)
	var others []string
	for _, l := range links {
		if !slices.Contains(l.rels, relMicropub) {
			continue
		}
		switch fault := l.micropubFault(x.micropub); {
		case fault != "":
			others = append(others, fmt.Sprintf("the %s to %s %s", l.source(), printed(l.url), fault))
		case l.head && len(others) == 0:
			x.add("micropub", "HTML <link> in the head: "+x.micropub, "")
			return
		case l.head:
			x.add("micropub", "Apps may take another link first: "+strings.Join(others, "; ")+".", "Remove or correct it.")
			return
		}
	}
	if others == nil {
		others = []string{"no <link> in the head of the page"}
	}
	x.add("micropub", "Not all apps will find the Micropub endpoint: "+strings.Join(others, "; ")+".", add)
}

func (l link) micropubFault(want string) string {
	switch {
	case l.url.String() != want:
		return "is not " + want
	case l.header || l.head && len(l.rels) == 1 && l.href == want:
		return ""
	case !l.head:
		return "is not in the head"
	case len(l.rels) > 1:
		return "has several words in rel"
	}
	return "is relative"
}

// metadata notes what the server metadata says.
func (x *Examination) metadata(p *page, m metadata, found *endpoints) {
	if x == nil {
		return
	}
	x.add("metadata", fmt.Sprintf("%s by %s: token_endpoint %q, introspection_endpoint %q",
		printed(p.url), m.Issuer, text(found.token), text(found.introspection)), "")
	x.authorization = x.authorization || p.endpoint(m.Authorization) != nil
}

// probe asks the endpoints about a token that was never issued.
func (v *Verifier) probe(ctx context.Context, found *endpoints, x *Examination) {
	how := "by a GET on " + x.TokenEndpoint
	if found.introspection != nil {
		how = "by introspection at " + x.IntrospectionEndpoint
	}
	x.add("chosen", "Tokens are verified "+how, "")
	_, _, err := v.ask(ctx, found, rand.Text())
	switch {
	case err == nil || err.Kind == OtherOwner:
		x.add("endpoint", "It accepts a token that was just made up.", "Use another authorization server: this one lets anybody in.")
	case err.Kind == Rejected:
		x.add("endpoint", "It answers, and rejects a token that was just made up.", "")
	default:
		x.add("endpoint", err.Error(), v.remedy(err))
	}
}
