package redirect

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"

	"starpunk/site"
	"starpunk/site/store"
)

// Maps from former addresses to paths and URLs, in the lock folder. A web server that
// reads them answers with the status 301; others serve the redirect pages.
const (
	nginxMap = "redirects.nginx"
	caddyMap = "redirects.caddy"
)

// MapFiles returns the names of the maps from former addresses to paths and URLs, for
// the configurations of Caddy and nginx.
func MapFiles(cfg *site.Config) (caddy, nginx string) {
	return filepath.Join(cfg.LockDir(), caddyMap), filepath.Join(cfg.LockDir(), nginxMap)
}

// maxRedirectBytes limits one address of a map; nginx must be configured for it.
const maxRedirectBytes = 500

// A Maps writes the maps of redirects. It has their content, so that after a change of one
// redirect not all are looked up.
type Maps struct {
	cfg   *site.Config
	store *store.Builder

	mu       sync.Mutex
	targets  map[string]string   // by former address; nil: not read yet
	changed  map[string]struct{} // addresses that must be looked up again
	written  bool                // the maps are up to date, except for changed
	recorded string              // the hash of the maps in the index when the output was opened
}

// NewMaps returns the Maps of a site, which has read nothing yet.
func NewMaps(cfg *site.Config, s *store.Builder) *Maps { return &Maps{cfg: cfg, store: s} }

// Change adds an address that must be looked up again. Several goroutines may call it at
// once.
func (m *Maps) Change(address string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changed == nil {
		m.changed = map[string]struct{}{}
	}
	m.changed[address] = struct{}{}
}

// Open forgets the content of the maps, and reads their hash in the index.
func (m *Maps) Open(ctx context.Context) error {
	recorded, err := m.store.Lists.RedirectMaps(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.targets, m.changed, m.written, m.recorded = nil, nil, false, recorded
	return err
}

// Save writes the maps again if redirects changed. Previews have no web
// server.
func (m *Maps) Save(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.written && len(m.changed) == 0 || m.cfg.Preview {
		return nil
	}
	if m.targets == nil {
		m.read()
	}
	if len(m.changed) > 0 || !m.written {
		if err := m.update(ctx); err != nil {
			return fmt.Errorf("map of redirects: %w", err)
		}
	}
	m.written = true
	return nil
}

// read reads the maps, if their hash is that in the index.
func (m *Maps) read() {
	if m.recorded == "" {
		return
	}
	nginx, caddy := m.readMap(nginxMap), m.readMap(caddyMap)
	sum, partial := strings.CutSuffix(m.recorded, incomplete)
	if sum != sumOfMaps(nginx, caddy) {
		return
	}
	m.written = true
	if len(m.changed) == 0 || partial {
		return
	}
	m.targets = map[string]string{}
	for line := range strings.Lines(string(nginx)) {
		if parts := strings.Split(line, "\""); len(parts) == 5 {
			m.targets[parts[1]] = parts[3]
		}
	}
}

// update looks up the redirects that changed, or all of them, and writes the
// maps.
func (m *Maps) update(ctx context.Context) error {
	if m.targets == nil {
		found, err := m.store.Lists.Redirects(ctx)
		if err != nil {
			return err
		}
		m.targets = make(map[string]string, len(found))
		for _, f := range found {
			m.targets[f.Address] = m.targetOf(f.Address, f.Permalink)
		}
		m.changed = nil
	}
	for address := range m.changed {
		found, err := m.store.Lists.RedirectAt(ctx, address)
		if err != nil {
			return err
		}
		delete(m.targets, address)
		if found != nil {
			m.targets[address] = m.targetOf(address, found.Permalink)
		}
	}
	sum, err := m.write(m.targets)
	if err != nil {
		return err
	}
	m.changed = nil
	return m.store.Lists.RecordRedirectMaps(ctx, sum)
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

func (m *Maps) readMap(name string) []byte {
	data, err := os.ReadFile(filepath.Join(m.cfg.LockDir(), name))
	if err != nil {
		return nil // it is written again
	}
	return data
}

// targetOf returns the target of a redirect: the note that has its address among its
// aliases, or else the target in the configuration.
func (m *Maps) targetOf(address, permalink string) string {
	if permalink != "" && permalink != address {
		return site.EscapePath(permalink)
	}
	r, _ := m.cfg.RedirectFrom(address)
	return r.To
}

// write writes the maps. It returns their hash for the index.
func (m *Maps) write(targets map[string]string) (sum string, err error) {
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
	return sum, errors.Join(m.saveMap(nginxMap, nginx.Bytes()), m.saveMap(caddyMap, caddy.Bytes()))
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
func (m *Maps) saveMap(name string, data []byte) error {
	name = filepath.Join(m.cfg.LockDir(), name)
	if current, err := os.ReadFile(name); err == nil && bytes.Equal(current, data) {
		return nil
	}
	temp := name + ".tmp"
	if err := os.WriteFile(temp, data, 0o666); err != nil {
		return err
	}
	return os.Rename(temp, name)
}
