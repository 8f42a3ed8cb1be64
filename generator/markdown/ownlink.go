package markdown

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"starpunk/site"
	"starpunk/site/store/link"

	"golang.org/x/text/unicode/norm"
)

// MaxOwnLinks bounds how many addresses of the site one page may link to that
// are looked at.
const MaxOwnLinks = 1000

// maxLinkShown bounds how much of a link is repeated in a report.
const maxLinkShown = 200

// notFiles are the addresses of this host that are answered by the receiver.
var notFiles = []string{"micropub", "health", "auth"}

// ownLink remembers a link to an address of the site: at the end of the build it
// is seen whether anything is there. address is where it leads, written is how
// the author wrote it.
func (rc *renderContext) ownLink(address, written string, line func() int) {
	if len(rc.out.OwnLinks) >= MaxOwnLinks || strings.Contains(written, "{{") || strings.Contains(written, "{%") {
		return // a tag of another generator is reported as such
	}
	place, ok := PlaceOf(address, rc.Permalink, rc.Home)
	if !ok || rc.placed[place] {
		return
	}
	rc.placed[place] = true
	if len(written) > maxLinkShown {
		written = strings.ToValidUTF8(written[:maxLinkShown], "") + "…"
	}
	rc.out.OwnLinks = append(rc.out.OwnLinks, link.OwnLink{Place: place, Line: rc.lineAsWritten(rc.note.BodyLine + line()), Link: written})
}

// PlaceOf returns the place of the site that an address leads to from the page at
// a permalink. ok is false for an address elsewhere, and for one that no file
// answers. home is the address of the site.
func PlaceOf(address, permalink, home string) (place link.Place, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" {
		return place, false
	}
	if u.Scheme != "" || u.Host != "" {
		own, err := url.Parse(home)
		if err != nil || !strings.EqualFold(u.Host, own.Host) || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
			return place, false
		}
	} else if u.Path == "" {
		if u.RawQuery != "" {
			return place, false
		}
		u.Path = permalink
	}
	place = link.Place{Path: link.PlaceOf(norm.NFC.String(path.Clean("/" + u.Path))), Fragment: u.Fragment}
	if place.Fragment == "top" || strings.HasPrefix(place.Fragment, ":~:") {
		place.Fragment = "" // HTML, §7.4.6.4, and the text fragments of browsers
	}
	first, _, _ := strings.Cut(place.Path, "/")
	return place, !slices.Contains(notFiles, first) && !(place.Fragment == "" && u.Path == permalink && u.Host == "")
}

// maybeHost reports whether a relative link looks like an address of another site
// without its scheme: "example.org/x".
func maybeHost(link string) bool {
	host, _, _ := strings.Cut(link, "/")
	host, _, _ = strings.Cut(host, "#")
	return site.LooksLikeHost(host)
}
