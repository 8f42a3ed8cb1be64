package generator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"

	"starpunk/site"
)

// Maps from former addresses to paths and URLs, in the lock folder. A web server that
// reads them answers with the status 301; others serve the redirect pages.
const (
	nginxMap = "redirects.nginx"
	caddyMap = "redirects.caddy"
)

// RedirectMaps returns the names of the maps from former addresses to paths and URLs, for
// the configurations of Caddy and nginx.
func RedirectMaps(cfg *site.Config) (caddy, nginx string) {
	return filepath.Join(cfg.LockDir(), caddyMap), filepath.Join(cfg.LockDir(), nginxMap)
}

// maxRedirectBytes limits one address of a map; nginx must be configured for it.
const maxRedirectBytes = 500

// redirectMaps has the content of the maps of redirects, so that after a change of one
// redirect not all are looked up. The zero value has read nothing yet.
type redirectMaps struct {
	mu       sync.Mutex
	targets  map[string]string   // by former address; nil: not read yet
	changed  map[string]struct{} // addresses that must be looked up again
	written  bool                // the maps are up to date, except for changed
	recorded string              // the hash of the maps in the index when the output was opened
}

// change adds an address that must be looked up again.
func (r *redirectMaps) change(address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changed == nil {
		r.changed = map[string]struct{}{}
	}
	r.changed[address] = struct{}{}
}

// openRedirects forgets the content of the maps, and reads their hash in the index.
func (g *Generator) openRedirects(ctx context.Context) error {
	recorded, err := g.store.Lists.RedirectMaps(ctx)
	r := &g.redirectMaps
	r.mu.Lock()
	defer r.mu.Unlock()
	r.targets, r.changed, r.written, r.recorded = nil, nil, false, recorded
	return err
}

// saveRedirects writes the maps again if redirects changed. Previews have no web
// server.
func (g *Generator) saveRedirects(ctx context.Context) error {
	r := &g.redirectMaps
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.written && len(r.changed) == 0 || g.cfg.Preview {
		return nil
	}
	if r.targets == nil {
		g.readRedirects(r)
	}
	if len(r.changed) > 0 || !r.written {
		if err := g.updateRedirects(ctx, r); err != nil {
			return fmt.Errorf("map of redirects: %w", err)
		}
	}
	r.written = true
	return nil
}

// readRedirects reads the maps, if their hash is that in the index.
func (g *Generator) readRedirects(r *redirectMaps) {
	if r.recorded == "" {
		return
	}
	nginx, caddy := g.readMap(nginxMap), g.readMap(caddyMap)
	sum, partial := strings.CutSuffix(r.recorded, incomplete)
	if sum != sumOfMaps(nginx, caddy) {
		return
	}
	r.written = true
	if len(r.changed) == 0 || partial {
		return
	}
	r.targets = map[string]string{}
	for line := range strings.Lines(string(nginx)) {
		if parts := strings.Split(line, "\""); len(parts) == 5 {
			r.targets[parts[1]] = parts[3]
		}
	}
}

// updateRedirects looks up the redirects that changed, or all of them, and writes the
// maps.
func (g *Generator) updateRedirects(ctx context.Context, r *redirectMaps) error {
	if r.targets == nil {
		found, err := g.store.Lists.Redirects(ctx)
		if err != nil {
			return err
		}
		r.targets = make(map[string]string, len(found))
		for _, f := range found {
			r.targets[f.Address] = g.targetOf(f.Address, f.Permalink)
		}
		r.changed = nil
	}
	for address := range r.changed {
		found, err := g.store.Lists.RedirectAt(ctx, address)
		if err != nil {
			return err
		}
		delete(r.targets, address)
		if found != nil {
			r.targets[address] = g.targetOf(address, found.Permalink)
		}
	}
	sum, err := g.writeRedirects(r.targets)
	if err != nil {
		return err
	}
	r.changed = nil
	return g.store.Lists.RecordRedirectMaps(ctx, sum)
}

// incomplete ends the recorded sum of maps that lack some redirects.
const incomplete = " incomplete"

func sumOfMaps(nginx, caddy []byte) string {
	h := sha256.New()
	h.Write(nginx) // a hash takes everything
	h.Write([]byte{0})
	h.Write(caddy)
	return hex.EncodeToString(h.Sum(nil))
}

func (g *Generator) readMap(name string) []byte {
	data, err := os.ReadFile(filepath.Join(g.cfg.LockDir(), name))
	if err != nil {
		return nil // it is written again
	}
	return data
}

// targetOf returns the target of a redirect: the note that has its address among its
// aliases, or else the target in the configuration.
func (g *Generator) targetOf(address, permalink string) string {
	if permalink != "" && permalink != address {
		return site.EscapePath(permalink)
	}
	r, _ := g.cfg.RedirectFrom(address)
	return r.To
}

// writeRedirects writes the maps. It returns their hash for the index.
func (g *Generator) writeRedirects(targets map[string]string) (sum string, err error) {
	const head = "# Written by StarPunk. See docs/deploy/README.md.\n"
	nginx, caddy := bytes.NewBufferString(head), bytes.NewBufferString(head)
	seen := make(map[string]bool, len(targets))
	for _, address := range slices.Sorted(maps.Keys(targets)) {
		to := targets[address]
		folded := strings.ToLower(address) // nginx ignores case, and rejects a map with a duplicate address
		if to == "" || !isPlain(address, "") || !isPlain(to, ":?#&~;") || seen[folded] {
			continue
		}
		seen[folded] = true
		fmt.Fprintf(nginx, "\"%s\" \"%s\";\n", address, to)
		fmt.Fprintf(caddy, "\"%s\" \"%s\"\n", address, to)
	}
	sum = sumOfMaps(nginx.Bytes(), caddy.Bytes())
	if len(seen) < len(targets) {
		sum += incomplete
	}
	return sum, errors.Join(g.saveMap(nginxMap, nginx.Bytes()), g.saveMap(caddyMap, caddy.Bytes()))
}

// isPlain reports whether an address has no character with a special meaning in the
// configuration of some web server, apart from further characters. Other addresses have
// only their redirect page.
func isPlain(address, further string) bool {
	return len(address) <= maxRedirectBytes && !strings.ContainsFunc(address, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("/-._%+,@!=()"+further, r)
	})
}

// saveMap replaces a map, unless its bytes are the same: a web server reads it again
// when the file changes.
func (g *Generator) saveMap(name string, data []byte) error {
	name = filepath.Join(g.cfg.LockDir(), name)
	if current, err := os.ReadFile(name); err == nil && bytes.Equal(current, data) {
		return nil
	}
	temp := name + ".tmp"
	if err := os.WriteFile(temp, data, 0o666); err != nil {
		return err
	}
	return os.Rename(temp, name)
}

// redirectWarnings returns warnings about redirects of the configuration that have no
// effect, or that lead to a page which does not exist. They are not stored.
func (g *Generator) redirectWarnings(ctx context.Context) ([]string, error) {
	addresses := g.cfg.RedirectAddresses()
	if len(addresses) == 0 {
		return nil, nil
	}
	active, err := g.store.Lists.Redirects(ctx)
	if err != nil {
		return nil, err
	}
	works := make(map[string]bool, len(active))
	for _, r := range active {
		works[r.Address] = true
	}
	var warnings []string
	for _, address := range addresses {
		r, _ := g.cfg.RedirectFrom(address)
		why, err := g.redirectFault(ctx, r, works[address])
		if err != nil {
			return nil, err
		}
		if why != "" {
			warnings = append(warnings, fmt.Sprintf("%s:%d: redirects: %s", site.ConfigFile, r.Line, why))
		}
	}
	return warnings, nil
}

// redirectFault returns the mistake of a redirect of the configuration, "" if it has
// none.
func (g *Generator) redirectFault(ctx context.Context, r site.Redirect, active bool) (string, error) {
	now, err := g.redirectAt(ctx, r.From)
	if err != nil {
		return "", err
	}
	if active && now.To != r.To && now.Line == 0 {
		return fmt.Sprintf("%s has no effect: it is an alias of the note at %s", r.From, now.To), nil
	}
	if !g.leadsSomewhere(r) {
		return fmt.Sprintf("%s leads to %s, which does not exist", r.From, r.To), nil
	}
	if active {
		return "", nil
	}
	by, err := g.redirectOwner(ctx, r.From)
	return fmt.Sprintf("%s has no effect: %s takes precedence", r.From, by), err
}

// redirectOwner returns the source that takes precedence over a redirect.
func (g *Generator) redirectOwner(ctx context.Context, address string) (string, error) {
	if by, err := g.sources.RedirectBlocked(ctx, address); by != "" || err != nil {
		return by, err
	}
	name := site.OutputFile(address)
	taken, err := g.store.Outputs.Taken(ctx, address, []string{name})
	if err != nil || taken[name] != "" {
		return taken[name], err
	}
	if by, err := g.sources.PageOrFile(ctx, name); by != "" || err != nil {
		return by, err
	}
	if by, err := g.store.Outputs.Below(ctx, name, true); by != "" || err != nil {
		return by, err
	}
	return "the list at this address", nil
}

// leadsSomewhere reports whether the target of a redirect exists, if it is on this
// site. A web server shows the page of a folder also without the slash.
func (g *Generator) leadsSomewhere(r site.Redirect) bool {
	u, err := url.Parse(r.To)
	if err != nil || u.Host != "" {
		return true
	}
	name := g.out.Path(site.OutputFile(u.Path))
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		_, err = os.Stat(filepath.Join(name, "index.html"))
	}
	return err == nil
}
