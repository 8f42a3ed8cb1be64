package generator

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"starpunk/site"
	"starpunk/site/store"

	"golang.org/x/text/unicode/norm"
)

// maxTargets bounds how many names of files are looked up for one note.
const maxTargets = 2_000

// look returns the file below content/ that a key names. The page is built again
// when that is another.
func (rc *renderContext) look(key string) (store.Target, error) {
	rc.out.alone = false
	if t, ok := rc.targets[key]; ok {
		return t, nil
	}
	if len(rc.targets) == maxTargets {
		if !rc.full {
			rc.full = true
			rc.warn(rc.note.BodyLine, "has more than %d links to files; the others are not looked at", maxTargets)
		}
		return store.Target{}, nil
	}
	t, err := rc.resolve(key)
	if err != nil {
		return t, err
	}
	rc.targets[key] = t
	rc.out.links[key] = t.State()
	return t, nil
}

// fileAt returns the file below content/ that a path in a link names: one beside
// the note, or else one from the top of content/. A path that begins with a slash,
// or as Zola writes it with "@/", is from the top.
func (rc *renderContext) fileAt(name string) (store.Target, error) {
	fromTop, isTop := strings.CutPrefix(strings.TrimPrefix(name, "@"), "/")
	names := []string{path.Join(path.Dir(rc.note.File), name), path.Clean(name)}
	if isTop {
		names = []string{path.Clean(fromTop)}
	}
	for i, file := range names {
		if i > 0 && file == names[0] || file == ".." || strings.HasPrefix(file, "../") || file == "." {
			continue
		}
		if strings.HasSuffix(name, "/") {
			file += "/"
		}
		t, err := rc.look(store.PathKey(file))
		if err != nil || t.File != "" {
			return t, err
		}
	}
	return store.Target{}, nil
}

// published returns the address of an attachment, which is copied to the output
// because the page shows it or links to it.
func (rc *renderContext) published(t store.Target) (address string, err error) {
	for dir := path.Dir(t.File); dir != "."; dir = path.Dir(dir) {
		bundle, err := rc.look(store.PathKey(dir + "/"))
		if err != nil {
			return "", err
		}
		if bundle.Permalink == "" {
			continue
		}
		if address, err := rc.inBundle(bundle.File, t.File); address != "" || err != nil {
			return address, err
		}
	}
	address = "/" + norm.NFC.String(t.File)
	rc.out.links["content/"+t.File] = ""
	if rc.files != nil {
		rc.files.attached[address] = t.File
	}
	return (&url.URL{Path: address}).String(), nil
}

// inBundle finds the address of a file below content/ that the bundle of a note has.
func (g *Generator) inBundle(ctx context.Context) func(note, file string) (string, error) {
	return func(note, file string) (string, error) {
		row, err := g.store.ByFile(ctx, note)
		if err != nil || row == nil || !row.HasPage {
			return "", err
		}
		for _, f := range g.bundle(row) {
			if f.source == filepath.Join(g.cfg.ContentDir(), filepath.FromSlash(file)) {
				return (&url.URL{Path: "/" + f.output}).String(), nil
			}
		}
		return "", nil
	}
}

// picture returns the final address of a picture. Where no file of the note's
// bundle, of static/ or of media/ is at the address, it is looked for below
// content/. ok is false for an address that no picture may have.
func (rc *renderContext) picture(destination string) (address string, ok bool, err error) {
	address, ok = rc.relative(destination)
	u, isPath := parsePath(destination)
	if !ok || !isPath || rc.files == nil || !site.IsAttachment(u.Path) {
		return address, ok, nil
	}
	if gone, err := rc.files.missing(rc.ctx, address); !gone || err != nil {
		return address, true, err
	}
	t, err := rc.fileAt(u.Path)
	if err != nil || t.File == "" || t.Permalink != "" {
		return address, true, err
	}
	address, err = rc.published(t)
	return address, true, err
}

// parsePath parses a link to a file or an address of the site. A name that is no
// valid URL, such as "100%.png", is a path. ok is false for all other links.
func parsePath(link string) (u *url.URL, ok bool) {
	u, err := url.Parse(link)
	if err != nil {
		if strings.Contains(link, "://") || strings.HasPrefix(link, "//") {
			return nil, false
		}
		file, fragment, _ := strings.Cut(link, "#")
		u = &url.URL{Path: file, Fragment: fragment}
	}
	return u, u.Scheme == "" && u.Host == "" && u.RawQuery == "" && u.Path != ""
}

// attach copies the attachments of a page that is about to be written.
func (g *Generator) attach(ctx context.Context, r *store.Result) error {
	copies, warnings, err := g.copyAttached(ctx, r.Row.File, r.Links)
	r.Copies = copies
	r.Built.Warnings = append(r.Built.Warnings, warnings...)
	return err
}

// copyAttached copies the attachments that a page shows or links to, before the
// page is written. A page, a bundle or a static file takes precedence.
func (g *Generator) copyAttached(ctx context.Context, file string, links map[string]string) (copies []store.Copy, warnings []string, err error) {
	for _, source := range sortedKeys(links) {
		attached, ok := strings.CutPrefix(source, "content/")
		if !ok {
			continue
		}
		name := filepath.Join(g.cfg.ContentDir(), filepath.FromSlash(attached))
		info, err := os.Lstat(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // it went a moment ago: the next look sorts it out
		}
		if err != nil {
			return nil, nil, fmt.Errorf("copy %s: %w", source, err)
		}
		c := store.NewCopy(source, norm.NFC.String(attached), info)
		known, err := g.store.CopyOf(ctx, source)
		if err != nil {
			return nil, nil, err
		}
		by, err := g.attachmentBlocked(ctx, c)
		if by == "" && err == nil && known != c {
			by, err = g.put(ctx, c.Output, false, func() error { return g.out.copyFile(c.Output, name) })
		}
		switch {
		case errors.Is(err, os.ErrNotExist), errors.Is(err, errSource):
			warnings = append(warnings, fmt.Sprintf("content/%s:1: shows %s, which can't be read", file, source))
		case err != nil:
			return nil, nil, err
		case by != "":
			warnings = append(warnings, fmt.Sprintf("content/%s:1: the address /%s of %s belongs to %s", file, c.Output, source, by))
		default: // also one that is there: the page that showed it before may drop it meanwhile
			copies = append(copies, c)
		}
	}
	return copies, warnings, nil
}

// attachmentBlocked returns what takes precedence over the copy of an attachment.
func (g *Generator) attachmentBlocked(ctx context.Context, c store.Copy) (string, error) {
	if own := site.OwnFile("/" + c.Output); own != "" {
		return "the site's own " + own, nil
	}
	by, err := g.pageOrFile(ctx, c.Output)
	if by == c.Source || g.wasRenamed(by, c.Source) {
		return "", err
	}
	return by, err
}

// wasRenamed reports whether a source is the new name of one that is gone: the same
// name in the other Unicode form.
func (g *Generator) wasRenamed(from, to string) bool {
	if norm.NFC.String(from) != norm.NFC.String(to) {
		return false
	}
	_, err := os.Lstat(filepath.Join(g.cfg.Root, filepath.FromSlash(from)))
	return errors.Is(err, os.ErrNotExist)
}
