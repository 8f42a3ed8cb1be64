package generator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"starpunk/site"
)

// Maps from former addresses to paths and URLs, in the lock folder: for web servers,
// which answer 301 by them. Where none does, the outputs at these addresses serve.
const (
	nginxMap = "redirects.nginx"
	caddyMap = "redirects.caddy"
)

// maxRedirectBytes bounds one address of a map; nginx wants to know it.
const maxRedirectBytes = 500

// saveRedirects writes the maps again if redirects may have changed. Previews
// have no web server.
func (g *Generator) saveRedirects(ctx context.Context) error {
	if !g.moved.Swap(false) || g.cfg.Preview {
		return nil
	}
	err := g.writeRedirects(ctx)
	if err != nil {
		g.moved.Store(true)
		return fmt.Errorf("map of redirects: %w", err)
	}
	return nil
}

func (g *Generator) writeRedirects(ctx context.Context) error {
	redirects, err := g.store.Redirects(ctx)
	if err != nil {
		return err
	}
	const head = "# Written by StarPunk. See docs/deploy/README.md.\n"
	nginx, caddy := bytes.NewBufferString(head), bytes.NewBufferString(head)
	seen := map[string]bool{}
	for _, address := range redirects {
		r, err := g.redirectAt(ctx, address)
		if err != nil {
			return err
		}
		folded := strings.ToLower(address) // nginx compares without case, and takes no address twice
		if r.To == "" || !isPlain(address, "") || !isPlain(r.To, ":?#&~;") || seen[folded] {
			continue
		}
		seen[folded] = true
		fmt.Fprintf(nginx, "\"%s\" \"%s\";\n", address, r.To)
		fmt.Fprintf(caddy, "\"%s\" \"%s\"\n", address, r.To)
	}
	return errors.Join(g.saveMap(nginxMap, nginx.Bytes()), g.saveMap(caddyMap, caddy.Bytes()))
}

// isPlain reports whether an address means itself in the language of every web
// server, with some further characters that do so in a target. The others keep
// their redirect page.
func isPlain(address, further string) bool {
	return len(address) <= maxRedirectBytes && !strings.ContainsFunc(address, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("/-._%+,@!=()"+further, r)
	})
}

// saveMap replaces a map, unless it says the same already: a change of the file
// is what makes a web server read it again.
func (g *Generator) saveMap(name string, data []byte) error {
	name = filepath.Join(g.cfg.LockDir(), name)
	if same, err := holds(name, data); err != nil || same {
		return err
	}
	temp := name + ".tmp"
	if err := os.WriteFile(temp, data, 0o666); err != nil {
		return err
	}
	return os.Rename(temp, name)
}

// redirectWarnings are the redirects of the configuration that have no effect, and
// those that lead to a page which does not exist. Nothing of it is kept: it is
// true as of now.
func (g *Generator) redirectWarnings(ctx context.Context) ([]string, error) {
	addresses := g.cfg.RedirectAddresses()
	if len(addresses) == 0 {
		return nil, nil
	}
	active, err := g.store.Redirects(ctx)
	if err != nil {
		return nil, err
	}
	works := make(map[string]bool, len(active))
	for _, address := range active {
		works[address] = true
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

// redirectFault returns what is wrong with a redirect of the configuration, "" if
// nothing is.
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

// redirectOwner returns what has the output of a redirect.
func (g *Generator) redirectOwner(ctx context.Context, address string) (string, error) {
	if by, err := g.redirectBlocked(ctx, address); by != "" || err != nil {
		return by, err
	}
	name := site.OutputFile(address)
	taken, err := g.store.Taken(ctx, address, []string{name})
	if err != nil || taken[name] != "" {
		return taken[name], err
	}
	if by, err := g.pageOrFile(ctx, name); by != "" || err != nil {
		return by, err
	}
	if by, err := g.store.Below(ctx, name, true); by != "" || err != nil {
		return by, err
	}
	return "the list at this address", nil
}

// leadsSomewhere reports whether the target of a redirect exists, if it is of this
// site. A web server shows the page of a folder, and an address may lack its slash.
func (g *Generator) leadsSomewhere(r site.Redirect) bool {
	u, err := url.Parse(r.To)
	if err != nil || u.Host != "" {
		return true
	}
	name := g.out.path(site.OutputFile(u.Path))
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		_, err = os.Stat(filepath.Join(name, "index.html"))
	}
	return err == nil
}
