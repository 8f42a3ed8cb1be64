package generator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"starpunk/site"
	"starpunk/site/store"
)

// Maps from the addresses that notes had to those that they have, in the lock
// folder: for web servers, which answer 301 by them. Where none does, the
// redirect pages stand in.
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
		if parseList(address).kind != noList {
			continue
		}
		row, err := g.store.ByAlias(ctx, address)
		if errors.Is(err, store.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		target := site.EscapePath(row.Permalink)
		folded := strings.ToLower(address) // nginx compares without case, and takes no address twice
		if !isPlain(address) || !isPlain(target) || seen[folded] {
			continue
		}
		seen[folded] = true
		fmt.Fprintf(nginx, "\"%s\" \"%s\";\n", address, target)
		fmt.Fprintf(caddy, "\"%s\" \"%s\"\n", address, target)
	}
	return errors.Join(g.saveMap(nginxMap, nginx.Bytes()), g.saveMap(caddyMap, caddy.Bytes()))
}

// isPlain says whether an address means itself in the language of every web
// server. The others keep their redirect page.
func isPlain(address string) bool {
	return len(address) <= maxRedirectBytes && !strings.ContainsFunc(address, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("/-._%+,@!=()", r)
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
