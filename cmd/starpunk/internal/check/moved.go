package check

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"starpunk/generator/redirect"
	"starpunk/site"
	"starpunk/site/store"
)

// maxTrash is the number of deleted files that are searched for one with an address.
const maxTrash = 200

// deletedAddress returns the address of a deleted note, where the output has a
// [site.GoneFile]; "" if there is none.
func (c *checker) deletedAddress(ctx context.Context, s *store.Store) (address string, err error) {
	content, left := c.cfg.ContentDir(), maxTrash
	err = filepath.WalkDir(filepath.Join(content, site.TrashDir), func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && d.IsDir() {
			return nil
		}
		if left--; err != nil || left < 0 {
			return errors.Join(err, fs.SkipAll)
		}
		rel, err := filepath.Rel(content, name)
		if err != nil {
			return err
		}
		row, err := s.ByFile(ctx, filepath.ToSlash(rel))
		if err != nil || row == nil {
			return err
		}
		if _, err := os.Stat(c.outputFile(path.Join(row.Permalink, site.GoneFile))); err == nil {
			address = row.Permalink
			return fs.SkipAll
		}
		return nil
	})
	return address, err
}

func (c *checker) outputFile(name string) string {
	return filepath.Join(c.cfg.Build.Output, filepath.FromSlash(name))
}

// deletedNotes checks that the address of a deleted note answers 410.
func (c *checker) deletedNotes(ctx context.Context) ([]Finding, error) {
	if c.deleted == "" {
		return ok("No note is deleted, so that the status of deleted notes can't be tried."), nil
	}
	address := c.cfg.Absolute(site.EscapePath(c.deleted))
	resp, err := c.web.get(ctx, address)
	if err != nil {
		return c.unreachable(c.site, err), nil
	}
	if resp.Status == http.StatusGone {
		return ok("A deleted note answers 410."), nil
	}
	return c.lesser(proxyProblem(fmt.Sprintf("The deleted note %s answers %d instead of 410.", address, resp.Status),
		"Answer 410 where the output folder has a file .gone, so that readers and other sites see that the note was deleted.",
		"@gone file {path}/.gone\nerror @gone 410",
		"location / {\n\tif (-f $document_root$uri/.gone) { return 410; }\n\ttry_files $uri $uri/ =404;\n}")), nil
}

// lesser makes a problem a hint if the site is sent to another host: a host that only
// accepts files can't be configured.
func (c *checker) lesser(findings []Finding) []Finding {
	for i := range findings {
		if c.cfg.Build.After != "" {
			findings[i].Level = Hint
		}
	}
	return findings
}

// redirects checks that a former address answers 301.
func (c *checker) redirects(ctx context.Context) ([]Finding, error) {
	from, to, err := c.firstRedirect()
	if err != nil {
		return nil, err
	}
	if from == "" {
		return ok("No note has a former address, so that redirects can't be tried."), nil
	}
	address := c.cfg.Absolute(site.EscapePath(from))
	resp, err := c.web.get(ctx, address)
	if err != nil {
		return c.unreachable(c.site, err), nil
	}
	if resp.Status == http.StatusMovedPermanently && c.leadsTo(resp, to) {
		return ok("A former address answers 301."), nil
	}
	text := fmt.Sprintf("The former address %s answers %d instead of 301.", address, resp.Status)
	if resp.Status == http.StatusMovedPermanently {
		text = fmt.Sprintf("The former address %s leads to %s instead of %s.", address, shorten(resp.Header.Get("Location")), to)
	}
	caddyMap, nginxMap := redirect.MapFiles(c.cfg)
	return c.lesser(proxyProblem(text,
		"Let the web server read the map of redirects, and reload it when the map changes (see starpunk-redirects.path in docs/deploy).",
		fmt.Sprintf("map {path} {moved_to} {\n\timport %s\n\tdefault \"\"\n}\n@moved expression {moved_to} != \"\"\nredir @moved {moved_to} permanent", caddyMap),
		fmt.Sprintf("# before the server block:\nmap $uri $starpunk_moved {\n\tinclude %s;\n\tdefault \"\";\n}\n# in the server block:\nif ($starpunk_moved) { return 301 $starpunk_moved; }", nginxMap))), nil
}

// leadsTo reports whether a redirect leads to a path of this site or to a URL.
func (c *checker) leadsTo(resp *response, to string) bool {
	want, err := c.site.Parse(to)
	got := resp.location()
	return err == nil && got != nil && (&url.URL{Host: got.Host, Path: got.Path}).String() == (&url.URL{Host: want.Host, Path: want.Path}).String()
}

// firstRedirect returns the first entry of the map that the web server reads, "" if it
// has none.
func (c *checker) firstRedirect() (from, to string, err error) {
	_, nginxMap := redirect.MapFiles(c.cfg)
	data, err := os.ReadFile(nginxMap)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", "", err
	}
	for line := range strings.Lines(string(data)) {
		if parts := strings.Split(line, `"`); len(parts) == 5 {
			return parts[1], parts[3], nil
		}
	}
	return "", "", nil
}
