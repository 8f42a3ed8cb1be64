package check

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// frontPage checks that the front page is a page.
func (c *checker) frontPage(ctx context.Context) ([]Finding, error) {
	front, output := c.front, c.cfg.Build.Output
	root, nginxRoot := "root * "+output, "root "+output+";"
	text := fmt.Sprintf("%s answers %d.", c.cfg.URL, front.Status)
	switch {
	case front.Status == http.StatusOK && front.mediaType() == "text/html":
		return ok(fmt.Sprintf("%s is a page of %d bytes.", c.cfg.URL, len(front.Body))), nil
	case front.Status == http.StatusOK:
		return proxyProblem(fmt.Sprintf("%s is sent as %q, not as text/html.", c.cfg.URL, front.Header.Get("Content-Type")),
			"Send files with the type of their extension.", "remove the line: header Content-Type …", "include /etc/nginx/mime.types;"), nil
	case front.Status == http.StatusForbidden:
		return proxyProblem(text, fmt.Sprintf("Let the user of the web server read %s and enter the folders above it (chmod o+rx), and serve that folder.", output),
			root+"\nfile_server", nginxRoot+"\nindex index.html;"), nil
	case front.Status == http.StatusNotFound:
		if !c.isBuilt() {
			return problem(text+fmt.Sprintf(" The site is not built: %s does not exist.", filepath.Join(output, "index.html")),
				fmt.Sprintf("Run \"starpunk serve\", or \"starpunk build\" once. See %s.", guideStep)), nil
		}
		return proxyProblem(text+" The web server serves another folder.", "Serve the output folder of StarPunk.", root+"\nfile_server", nginxRoot), nil
	case front.Status == http.StatusBadGateway, front.Status == http.StatusGatewayTimeout:
		return c.stopped(ctx, text), nil
	}
	return problem(text, "See the log of the web server."), nil
}

func (c *checker) isBuilt() bool {
	_, err := os.Stat(filepath.Join(c.cfg.Build.Output, "index.html"))
	return err == nil
}

// newestBuild compares the front page with its file.
func (c *checker) newestBuild(ctx context.Context) ([]Finding, error) {
	file := filepath.Join(c.cfg.Build.Output, "index.html")
	if !c.isBuilt() {
		return ok("Not compared: there is no build on this machine."), nil
	}
	if c.unbuilt {
		return problem("Some changes are not built, and no process builds the site.",
			"Run \"starpunk serve\" (or \"starpunk watch\" beside \"starpunk receive\"), which builds every change; or \"starpunk build\" once."), nil
	}
	// The first answer may be older than a build that has just ended.
	same, err := sameAsFile(c.front.Body, file)
	if err == nil && !same {
		same, err = c.matchesFile(ctx, c.cfg.URL, file)
	}
	if err != nil || same {
		return ok("The front page is that of the newest build."), err
	}
	same, err = c.matchesFile(ctx, c.cfg.URL+"?starpunk-check="+rand.Text(), file, "Cache-Control", "no-cache")
	if err != nil {
		return nil, err
	}
	if same {
		return proxyProblem("A cache in front of the web server has an old front page.",
			"Empty the cache, and let it not store pages: browsers and caches must check them each time.",
			`header ?Cache-Control "no-cache"`, `add_header Cache-Control "no-cache" always;`), nil
	}
	return c.otherBuild(ctx)
}

// matchesFile reports whether the page at an address is that of a file. A page that
// can't be fetched is not.
func (c *checker) matchesFile(ctx context.Context, address, file string, header ...string) (bool, error) {
	resp, err := c.web.get(ctx, address, append(header, "Accept", "text/html")...)
	if err != nil {
		return false, nil
	}
	return sameAsFile(resp.Body, file)
}

// otherBuild returns the finding about a front page that is not its file. Services in
// front of a web server may change pages, but leave feeds as they are.
func (c *checker) otherBuild(ctx context.Context) ([]Finding, error) {
	same, err := c.matchesFile(ctx, c.cfg.Absolute("/feed.xml"), filepath.Join(c.cfg.Build.Output, "feed.xml"))
	switch {
	case err != nil:
		return nil, err
	case same:
		return []Finding{{Level: Hint, Text: "The front page is changed on its way from the web server, and the feed is not.",
			Remedy: "If you do not want that, switch off the service in front of your web server that rewrites pages."}}, nil
	case c.cfg.Build.After != "":
		return problem("The front page is not that of the newest build.", "The command of build.after sends the site: its output is in the log of StarPunk."), nil
	}
	return proxyProblem("The front page is not that of the newest build: the web server serves another folder, or a copy.",
		"Serve the output folder of StarPunk itself.", "root * "+c.cfg.Build.Output, "root "+c.cfg.Build.Output+";"), nil
}

// sameAsFile compares the first maxBodyBytes of a file. A missing file differs.
func sameAsFile(body []byte, name string) (bool, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxBodyBytes))
	return bytes.Equal(body, data), err
}

// feedTypes has the types of each feed: the right one first, then others that feed
// readers accept.
var feedTypes = []struct {
	path  string
	types []string
}{
	{"/feed.xml", []string{"application/rss+xml", "application/xml", "text/xml"}},
	{"/feed.atom", []string{"application/atom+xml", "application/xml", "text/xml"}},
	{"/feed.json", []string{"application/feed+json", "application/json"}},
}

// feeds checks that the feeds of the site are served with their types.
func (c *checker) feeds(ctx context.Context) (findings []Finding, err error) {
	var wrong, caddy, nginx []string
	for _, f := range feedTypes {
		resp, err := c.web.get(ctx, c.cfg.Absolute(f.path))
		if err != nil {
			return c.unreachable(c.site, err), nil
		}
		if resp.Status != http.StatusOK {
			return problem(fmt.Sprintf("%s answers %d.", c.cfg.Absolute(f.path), resp.Status),
				"Serve the whole output folder of StarPunk; a rule of the web server may exclude this file."), nil
		}
		if !slices.Contains(f.types, resp.mediaType()) {
			wrong = append(wrong, fmt.Sprintf("%s is sent as %q", f.path, shorten(resp.Header.Get("Content-Type"))))
			caddy = append(caddy, fmt.Sprintf("header %s Content-Type %s", f.path, f.types[0]))
			nginx = append(nginx, fmt.Sprintf("location = %s { types { } default_type %s; }", f.path, f.types[0]))
		}
	}
	if wrong != nil {
		return proxyProblem("Feed readers may not accept a feed: "+strings.Join(wrong, ", ")+".", "Send each feed with its type.",
			strings.Join(caddy, "\n"), strings.Join(nginx, "\n")), nil
	}
	return ok("The feeds are sent with their types."), nil
}
