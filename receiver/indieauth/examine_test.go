package indieauth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"starpunk/receiver/indieauth"
)

const (
	micropubURL  = "https://owner.example/micropub"
	micropubLink = `<link rel="micropub" href="https://owner.example/micropub">`
	authLink     = `<link rel="authorization_endpoint" href="https://auth.example/auth">`
)

// report formats findings as lines of step, text and fix.
func report(x *indieauth.Examination) string {
	var b strings.Builder
	for _, f := range x.Findings {
		fmt.Fprintf(&b, "%s: %s", f.Step, f.Text)
		if f.Fix != "" {
			fmt.Fprintf(&b, " FIX: %s", f.Fix)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestExaminationOfAHealthyProfile(t *testing.T) {
	t.Parallel()
	w := introspectionWorld(t, text("application/json", `{"active":false}`), status(401))
	w.handle(owner, func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "https://www.owner.example/", http.StatusMovedPermanently)
	})
	page := authLink + micropubLink + `<link rel="indieauth-metadata" href="https://auth.example/meta"><link rel="token_endpoint" href="https://auth.example/token">`
	w.handle("https://www.owner.example/", text("text/html", page))
	x := w.verifier(indieauth.Options{}).Examine(t.Context(), micropubURL)
	want := `redirect: https://owner.example/ answers 301 and redirects to https://www.owner.example/
profile page: https://www.owner.example/ answers 200, text/html, ` + fmt.Sprint(len(page)) + ` bytes
HTML <link>: authorization_endpoint is https://auth.example/auth
HTML <link>: indieauth-metadata is https://auth.example/meta
HTML <link>: token_endpoint is https://auth.example/token
micropub: HTML <link> in the head: https://owner.example/micropub
metadata: https://auth.example/meta by https://auth.example/: token_endpoint "https://auth.example/token", introspection_endpoint "https://auth.example/introspect"
chosen: Tokens are verified by introspection at https://auth.example/introspect
endpoint: It answers, and rejects a token that was just made up.
`
	if got := report(x); got != want || !x.OK() || x.Err != nil {
		t.Errorf("OK %v, error %v, findings:\n%s\nwant:\n%s", x.OK(), x.Err, got, want)
	}
}

func TestAnExaminationNamesTheNecessaryChange(t *testing.T) {
	t.Parallel()
	good := tokens(map[string]string{})
	cases := []struct {
		rule, page string
		endpoint   http.HandlerFunc
		step, fix  string // of the finding that requires a change
	}{
		{"no token endpoint on a page that StarPunk builds", authLink + micropubLink, good, "discovery", "Your site names no IndieAuth provider. Set provider.enabled = true, or put its links under [links] in starpunk.toml"},
		{"an unsafe token endpoint", authLink + micropubLink + `<link rel="token_endpoint" href="http://auth.example/token">`, good, "discovery", "It must begin with https://"},
		{"no authorization endpoint", tokenLink + micropubLink, good, "sign-in", `Add <link rel="authorization_endpoint" href="…">`},
		{"unusable metadata", tokenLink + authLink + micropubLink + `<link rel="indieauth-metadata" href="/none">`, good, "metadata", "Correct the metadata"},
		{"an endpoint with an error", tokenLink + authLink + micropubLink, status(500), "endpoint", "The server of your provider answers 500"},
		{"an endpoint that accepts no GET", tokenLink + authLink + micropubLink, status(405), "endpoint", "does not accept this method"},
		{"an endpoint that accepts any token", tokenLink + authLink + micropubLink, text("application/json", goodAnswer), "endpoint", "Use another authorization server"},
		{"an endpoint that accepts any token for another owner", tokenLink + authLink + micropubLink,
			text("application/json", `{"me":"https://other.example/","scope":"create"}`), "endpoint", "Use another authorization server"},
		{"a page too large", tokenLink + authLink + micropubLink + strings.Repeat(" ", 1<<20), good, "profile page", "smaller than 1 MiB"},
		{"elements nested too deeply", tokenLink + strings.Repeat("<div>", 600), good, "profile page", "Correct the HTML"},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := getWorld(t, c.endpoint)
			w.handle(owner, text("text/html", c.page))
			x := w.verifier(indieauth.Options{}).Examine(t.Context(), micropubURL)
			for _, f := range x.Findings {
				if f.Step == c.step && strings.Contains(f.Fix, c.fix) && !x.OK() {
					return
				}
			}
			t.Errorf("OK %v, want a finding of %q with the fix %q:\n%s", x.OK(), c.step, c.fix, report(x))
		})
	}
}

// Metadata without the two older links are enough, and no change is required.
func TestMetadataAloneGetAHint(t *testing.T) {
	t.Parallel()
	w := introspectionWorld(t, text("application/json", `{"active":false}`), status(401))
	cases := []struct{ rule, site, links, want string }{
		{"a page of another program", "https://notes.example/", "",
			`Add <link rel="authorization_endpoint" href="https://auth.example/authorize"> and <link rel="token_endpoint" href="https://auth.example/token"> to the head of the page.`},
		{"a page of the site", owner, "",
			`Add authorization_endpoint = "https://auth.example/authorize" and token_endpoint = "https://auth.example/token" under [links] in starpunk.toml.`},
		{"one older link", owner, authLink, `Add token_endpoint = "https://auth.example/token" under [links] in starpunk.toml.`},
		{"both older links", owner, authLink + tokenLink, ""},
	}
	w.handle("https://auth.example/meta", text("application/json", `{"issuer":"https://auth.example/","authorization_endpoint":"https://auth.example/authorize",
		"token_endpoint":"https://auth.example/token","introspection_endpoint":"https://auth.example/introspect"}`))
	for _, c := range cases {
		w.handle(owner, text("text/html", c.links+micropubLink+`<link rel="indieauth-metadata" href="https://auth.example/meta">`))
		x := w.verifier(indieauth.Options{SiteURL: c.site}).Examine(t.Context(), micropubURL)
		hint := ""
		for _, f := range x.Findings {
			hint += f.Hint
		}
		if hint != c.want || !x.OK() || x.AuthorizationEndpoint != "https://auth.example/authorize" {
			t.Errorf("%s: hint %q, want %q; OK %v, authorization endpoint %q", c.rule, hint, c.want, x.OK(), x.AuthorizationEndpoint)
		}
	}
}

func TestAnExaminationNamesTheServerThatFails(t *testing.T) {
	t.Parallel()
	w := getWorld(t, tokens(map[string]string{}))
	w.handle(owner, status(500))
	x := w.verifier(indieauth.Options{}).Examine(t.Context(), micropubURL)
	if got := report(x); !strings.Contains(got, "Your own page answers 500: see the web server's log.") {
		t.Errorf("findings:\n%s", got)
	}
	w.handle(owner, text("text/html", authLink+micropubLink))
	x = w.verifier(indieauth.Options{SiteURL: "https://notes.example/"}).Examine(t.Context(), micropubURL)
	if got := report(x); !strings.Contains(got, `Add <link rel="indieauth-metadata" href="…">`) {
		t.Errorf("findings on a page that another program builds:\n%s", got)
	}
}

func TestAnExaminationFindsTheMicropubLinkAsAppsDo(t *testing.T) {
	t.Parallel()
	const body = "</head><body><p>Hello.</p>"
	cases := []struct {
		rule, link, page string
		want             string // in the finding; "" if no change is required
	}{
		{"in the head", "", micropubLink, ""},
		{"in the head and in a header", `<https://owner.example/micropub>; rel="micropub"`, micropubLink, ""},
		{"in both, the header relative", `</micropub>; rel="micropub"`, micropubLink, ""},
		{"missing", "", "", "no <link> in the head of the page"},
		{"only in a header", `<https://owner.example/micropub>; rel="micropub"`, "", "no <link> in the head of the page"},
		{"in the body", "", body + micropubLink, "is not in the head"},
		{"relative", "", `<link rel="micropub" href="/micropub">`, "is relative"},
		{"among other relations", "", `<link rel="micropub me" href="https://owner.example/micropub">`, "has several words in rel"},
		{"another address", "", `<link rel="micropub" href="https://old.example/micropub">`, "is not https://owner.example/micropub"},
		{"another address before the right one", "", `<link rel="micropub" href="https://old.example/micropub">` + micropubLink, "Apps may take another link first"},
		{"another address in a header", `<https://old.example/micropub>; rel="micropub"`, micropubLink, "Apps may take another link first"},
		{"other relations do not matter", "", micropubLink + `<link rel="micropub_media" href="/micropub/media">`, ""},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			w := getWorld(t, status(401))
			w.handle(owner, func(rw http.ResponseWriter, r *http.Request) {
				if c.link != "" {
					rw.Header().Set("Link", c.link)
				}
				text("text/html", tokenLink+authLink+c.page)(rw, r)
			})
			x := w.verifier(indieauth.Options{}).Examine(t.Context(), micropubURL)
			if c.want == "" && !x.OK() || c.want != "" && (x.OK() || !strings.Contains(report(x), c.want)) {
				t.Errorf("OK %v, want %q:\n%s", x.OK(), c.want, report(x))
			}
		})
	}
}

func TestExaminationChangesNoCache(t *testing.T) {
	t.Parallel()
	w := getWorld(t, text("application/json", goodAnswer))
	v := w.verifier(indieauth.Options{TokenCache: true})
	v.Examine(t.Context(), micropubURL)
	accept(t, v, "T")
	w.handle(owner, status(404))
	v.Examine(t.Context(), micropubURL)
	accept(t, v, "another")
}
