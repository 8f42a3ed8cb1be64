package redirect

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"starpunk/generator/output"
	"starpunk/generator/precedence"
	"starpunk/site"
	"starpunk/site/store"
)

// A Redirects finds the redirects of a site: aliases of notes, and redirects of the
// configuration. Its methods may be called by several goroutines at once.
type Redirects struct {
	cfg     *site.Config
	store   *store.Builder
	sources *precedence.Sources
}

// New returns the Redirects of a site.
func New(cfg *site.Config, s *store.Builder) *Redirects {
	return &Redirects{cfg, s, precedence.New(cfg, s)}
}

// At returns the target of a former address: the note that has it among its
// aliases, or else the target in the configuration. To is empty if there is none.
func (r *Redirects) At(ctx context.Context, address string) (site.Redirect, error) {
	row, err := r.store.ByAlias(ctx, address)
	if err == nil && row.HasPage && row.Permalink != address {
		return site.Redirect{From: address, To: site.EscapePath(row.Permalink)}, nil
	}
	if errors.Is(err, store.ErrNotExist) { // or the row was removed a moment ago
		err = nil
	}
	found, _ := r.cfg.RedirectFrom(address)
	return found, err
}

// Warnings returns warnings about redirects of the configuration that have no
// effect, or that lead to a page which does not exist. They are not stored.
func (r *Redirects) Warnings(ctx context.Context, out *output.Folder) ([]string, error) {
	addresses := r.cfg.RedirectAddresses()
	if len(addresses) == 0 {
		return nil, nil
	}
	active, err := r.store.Lists.Redirects(ctx)
	if err != nil {
		return nil, err
	}
	works := make(map[string]bool, len(active))
	for _, a := range active {
		works[a.Address] = true
	}
	var warnings []string
	for _, address := range addresses {
		found, _ := r.cfg.RedirectFrom(address)
		why, err := r.fault(ctx, out, found, works[address])
		if err != nil {
			return nil, err
		}
		if why != "" {
			warnings = append(warnings, fmt.Sprintf("%s:%d: redirects: %s", site.ConfigFile, found.Line, why))
		}
	}
	return warnings, nil
}

// fault returns the mistake of a redirect of the configuration, "" if it has
// none.
func (r *Redirects) fault(ctx context.Context, out *output.Folder, configured site.Redirect, active bool) (string, error) {
	now, err := r.At(ctx, configured.From)
	if err != nil {
		return "", err
	}
	if active && now.To != configured.To && now.Line == 0 {
		return fmt.Sprintf("%s has no effect: it is an alias of the note at %s", configured.From, now.To), nil
	}
	if !leadsSomewhere(out, configured) {
		return fmt.Sprintf("%s leads to %s, which does not exist", configured.From, configured.To), nil
	}
	if active {
		return "", nil
	}
	by, err := r.owner(ctx, configured.From)
	return fmt.Sprintf("%s has no effect: %s takes precedence", configured.From, by), err
}

// owner returns the source that takes precedence over a redirect.
func (r *Redirects) owner(ctx context.Context, address string) (string, error) {
	if by, err := r.sources.RedirectBlocked(ctx, address); by != "" || err != nil {
		return by, err
	}
	name := site.OutputFile(address)
	taken, err := r.store.Outputs.Taken(ctx, address, []string{name})
	if err != nil || taken[name] != "" {
		return taken[name], err
	}
	if by, err := r.sources.PageOrFile(ctx, name); by != "" || err != nil {
		return by, err
	}
	if by, err := r.store.Outputs.Below(ctx, name, true); by != "" || err != nil {
		return by, err
	}
	return "the list at this address", nil
}

// leadsSomewhere reports whether the target of a redirect exists, if it is on this
// site. A web server shows the page of a folder also without the slash.
func leadsSomewhere(out *output.Folder, r site.Redirect) bool {
	u, err := url.Parse(r.To)
	if err != nil || u.Host != "" {
		return true
	}
	name := out.Path(site.OutputFile(u.Path))
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		_, err = os.Stat(filepath.Join(name, "index.html"))
	}
	return err == nil
}
