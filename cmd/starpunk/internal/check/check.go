package check

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"starpunk/receiver/fetch"
	"starpunk/receiver/indieauth"
	"starpunk/site"
)

// Options configure the checks. Config and NewVerifier are required.
type Options struct {
	Config      *site.Config
	NewVerifier func() (*indieauth.Verifier, error)
	Release     string // of StarPunk, for the User-Agent

	// Dev allows plain HTTP and addresses of this machine.
	Dev bool
	// Token returns an access token to try; nil means that none is tried.
	Token func() (string, error)
	// Health reports whether StarPunk runs on this machine, by a nil error; nil
	// means that it does not.
	Health func(context.Context) error
	// Found is called with each finding when it is made; may be nil.
	Found func(Finding)

	Logger    *slog.Logger      // nil means slog.Default
	Now       func() time.Time  // nil means time.Now
	Transport http.RoundTripper // nil means one that only reaches public addresses, unless the configuration or Dev allows others
}

// A checker makes the checks of one run, and has what a check leaves to later ones.
type checker struct {
	Options
	cfg  *site.Config
	site *url.URL // cfg.URL
	web  *client

	unbuilt  bool                   // outputs are stale, and no process builds the site
	deleted  string                 // the address of a deleted note, if there is one
	front    *response              // of the front page
	verifier *indieauth.Verifier    // of the profile page
	x        *indieauth.Examination // of the profile page
}

// A step is one check.
type step struct {
	name  string
	needs []string // the steps without which this one shows nothing new
	check func(context.Context) ([]Finding, error)
}

// steps returns the checks in their order.
func (c *checker) steps() []step {
	profile := append(c.onSite(c.cfg.Me, "front page"), "provider")
	steps := []step{
		{"content", nil, c.content},

		// The website, as a browser and a feed reader see it.
		{"site", nil, c.reach},
		{"http", []string{"site"}, c.redirectFromHTTP},
		{"front page", []string{"site"}, c.frontPage},
		{"newest build", []string{"front page"}, c.newestBuild},
		{"feeds", []string{"front page", "newest build"}, c.feeds},
		{"redirects", []string{"newest build"}, c.redirects},
		{"deleted notes", []string{"newest build"}, c.deletedNotes},

		// Sign-in and posting, as an app does.
		{"provider", c.onSite(c.cfg.Receiver.URL, "site"), c.provider},
		{"profile", profile, c.profile},
		{"sign-in", profile, c.signIn},
		{"micropub", c.onSite(c.cfg.Receiver.URL, "site"), c.micropub},
		{"web apps", []string{"micropub"}, c.webApps},
		{"authorization", []string{"micropub"}, c.authorization},
		{"media", []string{"micropub"}, c.media},
		{"upload size", []string{"authorization", "media"}, c.uploadSize},
		{"token", profile, c.token},

		{"clock", []string{"site"}, c.clock},
	}
	return slices.DeleteFunc(steps, func(s step) bool {
		switch s.name {
		case "newest build", "redirects", "deleted notes":
			return c.Dev // a preview has an output of its own, and no web server in front
		case "provider":
			return !c.cfg.Provider.Enabled
		case "token":
			return c.Token == nil
		}
		return false
	})
}

// onSite returns the step that checks address, if the site has the same host.
func (c *checker) onSite(address, step string) []string {
	if u, err := url.Parse(address); err == nil && u.Host == c.site.Host {
		return []string{step}
	}
	return nil
}

// Run makes all checks. An error means that they could not be made.
func Run(ctx context.Context, o Options) (*Report, error) {
	c, err := newChecker(o)
	if err != nil {
		return nil, err
	}
	r := &Report{Findings: []Finding{}, Skipped: []string{}}
	failed := map[string]bool{}
	for _, s := range c.steps() {
		if slices.ContainsFunc(s.needs, func(name string) bool { return failed[name] }) {
			failed[s.name] = true
			r.Skipped = append(r.Skipped, s.name)
			continue
		}
		findings, err := s.check(ctx)
		if err != nil {
			return nil, err
		}
		for _, f := range findings {
			f.Check = cmp.Or(f.Check, s.name)
			failed[s.name] = failed[s.name] || f.Level == Problem
			f = r.add(f)
			if o.Found != nil {
				o.Found(f)
			}
		}
	}
	return r, nil
}

func newChecker(o Options) (*checker, error) {
	address, err := url.Parse(o.Config.URL)
	if err != nil {
		return nil, err
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = fetch.NewTransport(fetch.Options{AllowPrivate: o.Dev || o.Config.Receiver.AllowPrivateNetwork})
	}
	return &checker{Options: o, cfg: o.Config, site: address, web: newClient(o)}, nil
}
