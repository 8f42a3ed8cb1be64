package markdown

import (
	"net/url"
	"path"
	"strings"

	"starpunk/site"
	"starpunk/site/plaintext"
	"starpunk/site/store/link"

	"golang.org/x/text/unicode/norm"
)

// maxTargets bounds how many names of files are looked up for one note.
const maxTargets = 2_000

// look returns the file below content/ that a key names. The page is built again
// when that is another.
func (rc *renderContext) look(key string) (link.Target, error) {
	rc.out.SelfContained = false
	if t, ok := rc.targets[key]; ok {
		return t, nil
	}
	if len(rc.targets) == maxTargets {
		if !rc.full {
			rc.full = true
			rc.warn(rc.note.BodyLine, "has more than %d links to files; the others are not looked at", maxTargets)
		}
		return link.Target{}, nil
	}
	t, err := rc.Resolve(key)
	if err != nil {
		return t, err
	}
	rc.targets[key] = t
	rc.out.Links[key] = t.State()
	return t, nil
}

// fileAt returns the file below content/ that a path in a link names: one beside
// the note, or else one from the top of content/. A path that begins with a slash,
// or as Zola writes it with "@/", is from the top.
func (rc *renderContext) fileAt(name string) (link.Target, error) {
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
		t, err := rc.look(link.PathKey(file))
		if err != nil || t.File != "" {
			return t, err
		}
	}
	return link.Target{}, nil
}

// published returns the address of an attachment, which is copied to the output
// because the page shows it or links to it.
func (rc *renderContext) published(t link.Target) (address string, err error) {
	for dir := path.Dir(t.File); dir != "."; dir = path.Dir(dir) {
		bundle, err := rc.look(link.PathKey(dir + "/"))
		if err != nil {
			return "", err
		}
		if bundle.Permalink == "" {
			continue
		}
		if address, err := rc.InBundle(bundle.File, t.File); address != "" || err != nil {
			return address, err
		}
	}
	address = "/" + norm.NFC.String(t.File)
	rc.out.Links["content/"+t.File] = ""
	if rc.Files != nil {
		rc.Files.Attach(address, t.File)
	}
	return (&url.URL{Path: address}).String(), nil
}

// picture returns the final address of a picture. Where no file of the note's
// bundle, of static/ or of media/ is at the address, it is looked for below
// content/. ok is false for an address that no picture may have.
func (rc *renderContext) picture(destination string) (address string, ok bool, err error) {
	address, ok = rc.relative(destination)
	u, isPath := parsePath(destination)
	if !ok || !isPath || rc.Files == nil || !site.IsAttachment(u.Path) {
		return address, ok, nil
	}
	if gone, err := rc.Files.Missing(address); !gone || err != nil {
		return address, true, err
	}
	t, err := rc.fileAt(u.Path)
	if err != nil || t.File == "" || t.Permalink != "" {
		return address, true, err
	}
	address, err = rc.published(t)
	return address, true, err
}

// parsePath parses a link to a file or an address of the site. A name that is not a
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

// FindNote returns the note in a file that front matter names by its path or as a
// wikilink, with the fragment of the link. It notes in links which files it looked
// for; see [queue.Result].
func (p Page) FindNote(n *site.Note, written string, links map[string]string) (t link.Target, fragment string, err error) {
	rc := &renderContext{Page: p, note: n, out: &Content{Links: links}, targets: map[string]link.Target{}}
	if link, length := plaintext.ReadWikiLink(written); length > 0 {
		t, err = rc.wikiTarget(link.Target)
		return t, "", err
	}
	if u, ok := parsePath(written); ok {
		t, err = rc.fileAt(u.Path)
		return t, u.Fragment, err
	}
	return t, "", nil
}
