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

// An Examination holds the findings about the live profile page, in the order
// in which they were made.
type Examination struct {
	Me                    string
	AuthorizationEndpoint string // "" if there is none
	TokenEndpoint         string // "" if there is none
	IntrospectionEndpoint string // "" if there is none
	Findings              []Finding
	Err                   *Error // the error of discovery; nil if it succeeded

	micropub string   // the expected Micropub endpoint
	links    []string // the relations of the page to a server for sign-in
}

// A Finding is one step of an examination.
type Finding struct {
	Step string // the subject, such as "redirect" or "Link header"
	Text string // the observation
	Fix  string // the change that the owner must make; "" if none
	Hint string // a change without which some apps do not work; "" if none
}

// OK reports whether no finding requires a change.
func (x *Examination) OK() bool {
	return !slices.ContainsFunc(x.Findings, func(f Finding) bool { return f.Fix != "" })
}

// Examine discovers the endpoints without the caches and verifies a random
// token with them. It also looks on the profile page for the link to micropub,
// the absolute URL of the Micropub endpoint. It changes no cache, and counts no
// verification or rejection.
func (v *Verifier) Examine(ctx context.Context, micropub string) *Examination {
	x := &Examination{Me: v.options.Me, micropub: micropub}
	found, err := v.discover(ctx, x)
	if err != nil {
		x.Err = err
		x.add("discovery", err.Error(), v.remedy(err))
		return x
	}
	x.TokenEndpoint, x.IntrospectionEndpoint = urlString(found.token), urlString(found.introspection)
	if x.AuthorizationEndpoint == "" {
		x.add("sign-in", "Neither the page nor the metadata names an authorization endpoint, so that no app can request a token.",
			`Add <link rel="authorization_endpoint" href="…"> to the head of the page.`)
	}
	v.checkOlderLinks(x)
	v.probe(ctx, found, x)
	return x
}

// remedy returns the action with which the owner can correct an error. The
// message of the error alone is for the user of an app, who can do less.
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
	case err.Kind == NoEndpoint && !isStatus && v.buildsProfile():
		return "Your site names no IndieAuth provider. Set provider.enabled = true, or put its links under [links] in starpunk.toml (see docs/indieauth.md)."
	}
	return err.Message
}

// buildsProfile reports whether the profile page is a page of the site.
func (v *Verifier) buildsProfile() bool {
	return v.options.SiteURL != "" && strings.HasPrefix(v.options.Me, v.options.SiteURL)
}

// checkOlderLinks adds a hint if only the metadata name the endpoints: apps from
// before IndieAuth's metadata of 2022 look for links to them.
func (v *Verifier) checkOlderLinks(x *Examination) {
	if !slices.Contains(x.links, relMetadata) {
		return
	}
	var missing, html, config []string
	for _, l := range []struct{ rel, address string }{{relAuthorization, x.AuthorizationEndpoint}, {relToken, x.TokenEndpoint}} {
		if l.address != "" && !slices.Contains(x.links, l.rel) {
			missing = append(missing, l.rel)
			html = append(html, fmt.Sprintf(`<link rel="%s" href="%s">`, l.rel, l.address))
			config = append(config, fmt.Sprintf("%s = %q", l.rel, l.address))
		}
	}
	if missing == nil {
		return
	}
	hint := fmt.Sprintf("Add %s to the head of the page.", strings.Join(html, " and "))
	if v.buildsProfile() {
		hint = fmt.Sprintf("Add %s under [links] in starpunk.toml.", strings.Join(config, " and "))
	}
	x.Findings = append(x.Findings, Finding{
		Step: "older apps", Hint: hint,
		Text: fmt.Sprintf("The metadata are enough for current apps. Some older apps look for links to %s.", strings.Join(missing, " and ")),
	})
}

// add adds a finding. It does nothing if x is nil, as in a discovery without an
// examination.
func (x *Examination) add(step, text, fix string) {
	if x != nil {
		x.Findings = append(x.Findings, Finding{Step: step, Text: text, Fix: fix})
	}
}

// page adds the findings about the profile page.
func (x *Examination) page(p *page, links []link, err error) {
	if x == nil {
		return
	}
	x.add("profile page", fmt.Sprintf("%s answers %d, %s, %d bytes", display(p.url), p.status, p.header.Get("Content-Type"), len(p.body)), "")
	if len(p.body) == maxPageBytes {
		x.add("profile page", "Only the first 1 MiB of the page was read.", "Make the page smaller than 1 MiB, or send the links as Link headers.")
	}
	if err != nil {
		x.add("profile page", err.Error(), "Correct the HTML, or send the links as Link headers.")
	}
	for _, l := range links {
		for _, rel := range []string{relMetadata, relToken, relAuthorization} {
			if slices.Contains(l.rels, rel) {
				x.add(l.source(), fmt.Sprintf("%s is %s", rel, display(l.url)), "")
				x.links = append(x.links, rel)
			}
		}
	}
	if l, ok := firstLink(links, relAuthorization); ok {
		x.AuthorizationEndpoint = l.url.String()
	}
	x.checkMicropubLink(links)
}

// checkMicropubLink looks for the Micropub endpoint in the way of apps. Many
// apps read only the first <link> in the head whose rel is this one word, and
// do not resolve a relative address.
func (x *Examination) checkMicropubLink(links []link) {
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
			others = append(others, fmt.Sprintf("the %s to %s %s", l.source(), display(l.url), fault))
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

// micropubFault returns the reason for which apps may not use the link as the
// Micropub endpoint want; "" if there is none.
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

// metadata adds the findings about the server metadata.
func (x *Examination) metadata(p *page, m metadata, found *endpoints) {
	if x == nil {
		return
	}
	x.add("metadata", fmt.Sprintf("%s by %s: token_endpoint %q, introspection_endpoint %q",
		display(p.url), m.Issuer, urlString(found.token), urlString(found.introspection)), "")
	if u := p.endpoint(m.Authorization); u != nil {
		x.AuthorizationEndpoint = u.String()
	}
}

// probe verifies a random token, which the server never issued.
func (v *Verifier) probe(ctx context.Context, found *endpoints, x *Examination) {
	how := "by a GET on " + x.TokenEndpoint
	if found.introspection != nil {
		how = "by introspection at " + x.IntrospectionEndpoint
	}
	x.add("chosen", "Tokens are verified "+how, "")
	_, _, err := v.checkToken(ctx, found, rand.Text())
	switch {
	case err == nil || err.Kind == OtherOwner:
		x.add("endpoint", "It accepts a token that was just made up.", "Use another authorization server: this one accepts any token.")
	case err.Kind == Rejected:
		x.add("endpoint", "It answers, and rejects a token that was just made up.", "")
	default:
		x.add("endpoint", err.Error(), v.remedy(err))
	}
}
