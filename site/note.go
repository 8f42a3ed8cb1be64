package site

import (
	"fmt"
	"path"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// A Kind is the use of a file under content/.
type Kind string

const (
	KindNote Kind = "note" // an h-entry with a date, in lists and feeds
	KindPage Kind = "page" // has no date and is in no list, such as /about/
	KindHome Kind = "home" // content/index.md: the text of the front page
)

// Visibility of a note. It is independent of [Note.Draft].
const (
	Public   = "public"
	Unlisted = "unlisted" // has a page, is in no list
	Private  = "private"  // kept on disk, has no page
)

// TrashDir is the folder below content/ that holds deleted notes, each at its former
// path below content/.
const TrashDir = ".trash"

// A Note is one h-entry: the unit that Micropub creates and a page shows.
type Note struct {
	File string // relative to content/, with slashes: "notes/2026/11/22-hello.md"
	Kind Kind
	H    string // microformats2 root without "h-": "entry", "event", …

	Slug       string // last path element of the permalink
	Name       string // p-name, "title" in front matter
	Summary    string
	Content    string    // Markdown or HTML, UTF-8, LF line ends, none at either end
	HTML       bool      // Content is HTML: "format: html"
	Published  time.Time // whole seconds, in the zone it was written in; zero for a page without a date
	Updated    time.Time // likewise; zero if never
	Category   []string  // p-category, "tags" in front matter; order is kept
	Draft      bool      // post-status "draft": kept on disk, has no output
	Undated    bool      // of a draft: Published is the time of its creation; an app that publishes it sets its date
	Visibility string    // Public, Unlisted or Private
	ShownFrom  time.Time // not shown before this time; zero unless it is after Published
	ShownUntil time.Time // not shown from this time on; zero: shown for ever
	Aliases    []string  // former addresses: "/old/address/", or as they were written; see [Config.AliasPaths]
	Layout     string    // name of a layout other than the default
	Client     string    // client_id of the app that created it

	// Properties holds everything else in the shape of microformats2 JSON:
	// each value is a string, a json.Number, a bool, nil, a map[string]any or
	// a []any. The closed table decides their places in the file.
	Properties map[string][]any

	BodyLine int      // line of the file on which Content begins
	Notices  []Notice // remarks about the file, in the order of its lines; never written

	folder  string // of a page: the path before its slug
	address string // whole permalink in the front matter
}

// A Notice is a remark about a note's file that does not prevent reading it, such as
// a misspelt key.
type Notice struct {
	Line int // counted from 1
	Msg  string
}

// notice adds a remark about a line of the file, up to a bound.
func (n *Note) notice(line int, format string, args ...any) {
	if len(n.Notices) == maxNotices {
		return
	}
	n.Notices = append(n.Notices, Notice{line, fmt.Sprintf(format, args...)})
}

// Deleted reports whether the note is in the trash.
func (n *Note) Deleted() bool {
	return strings.HasPrefix(n.File, TrashDir+"/")
}

// OutOfTime reports whether a published note is not shown at a time: not yet, or no
// longer.
func (n *Note) OutOfTime(now time.Time) bool {
	return now.Before(n.ShownFrom) || !n.ShownUntil.IsZero() && !now.Before(n.ShownUntil)
}

// Turns returns the last time up to now and the next time after it at which the
// result of OutOfTime changes; zero if there is none.
func (n *Note) Turns(now time.Time) (last, next time.Time) {
	for _, t := range []time.Time{n.ShownFrom, n.ShownUntil} {
		switch {
		case t.IsZero():
		case t.After(now) && (next.IsZero() || t.Before(next)):
			next = t
		case !t.After(now) && t.After(last):
			last = t
		}
	}
	return last, next
}

// applyIntent applies the result of [IntentOf]: who may see the note, and when.
func (n *Note) applyIntent(in Intent) {
	n.Draft = n.Draft || in.Draft
	switch {
	case in.Visibility == Private, n.Visibility == Public:
		n.Visibility = in.Visibility
	}
	if !in.ShownUntil.IsZero() {
		n.ShownUntil = in.ShownUntil
	}
	if n.Published.IsZero() {
		n.Published = in.ShownFrom
	}
	if in.ShownFrom.After(n.Published) {
		n.ShownFrom = in.ShownFrom
	}
	n.Notices = append(n.Notices, in.Notices...)
}

// Rename gives the note another slug, also if its front matter has its whole address.
func (n *Note) Rename(slug string) {
	n.Slug, n.address = slug, ""
}

// Strings returns the values of a property that are strings.
func (n *Note) Strings(property string) []string {
	var ss []string
	for _, v := range n.Properties[property] {
		if s, ok := v.(string); ok {
			ss = append(ss, s)
		}
	}
	return ss
}

// IsNote reports whether a file below content/ is read as a note: a Markdown file of
// which no element is hidden, private to an editor, or ignored by the configuration.
// Deleted notes count, although the name of the trash is hidden.
func (c *Config) IsNote(file string) bool {
	return IsNoteExt(path.Ext(file)) && !c.Skipped(strings.TrimPrefix(file, TrashDir+"/"))
}

// IsNoteExt reports whether files with an extension, in lower or upper case, are read
// as notes.
func IsNoteExt(ext string) bool {
	return strings.EqualFold(ext, ".md") || strings.EqualFold(ext, ".markdown")
}

// Skipped reports whether a file or folder below content/ is ignored.
func (c *Config) Skipped(file string) bool {
	if IsConflictCopy(file) || IsEditorCopy(path.Base(file)) {
		return true
	}
	if hasHiddenElement(file) {
		return true
	}
	for _, pattern := range c.Content.Ignore {
		if folder, ok := strings.CutSuffix(pattern, "/**"); ok {
			if file == folder || strings.HasPrefix(file, folder+"/") {
				return true
			}
		} else if ok, _ := path.Match(pattern, file); ok {
			return true
		}
	}
	return false
}

// hasHiddenElement reports whether an element of a path begins with ".", "_" or "~", or
// ends with "~".
func hasHiddenElement(file string) bool {
	begins := true
	for i := range len(file) {
		switch file[i] {
		case '/':
			begins = true
			continue
		case '~':
			if begins || i+1 == len(file) || file[i+1] == '/' {
				return true
			}
		case '.', '_':
			if begins {
				return true
			}
		}
		begins = false
	}
	return false
}

var (
	datePrefix = lazyRegexp(`^(\d{4})-(\d{2})-(\d{2})(?:-(\d{2})(\d{2}))?-`)
	dayPrefix  = lazyRegexp(`^\d{2}-`)
	dateInPath = lazyRegexp(`/(\d{4}/\d{2}/\d{2})/`)
)

// readName derives from the file's name what the front matter leaves open: the slug,
// the date, and whether it is a page. badDate is the text at the beginning of the
// name where a date is needed, if there is no such day.
func (n *Note) readName(loc *time.Location) (badDate string) {
	file := strings.TrimPrefix(n.File, TrashDir+"/")
	file = strings.TrimSuffix(file, path.Ext(file))
	if file == "index" {
		n.Kind = KindHome
		return ""
	}
	file = strings.TrimSuffix(file, "/index") // a bundle has the name of its folder
	dir, name := path.Split(file)
	if m := datePrefix().FindString(name); m != "" {
		at := prefixDate(m, loc)
		if day := m[:len("2026-11-22-")]; at.IsZero() && !prefixDate(day, loc).IsZero() { // 2026-11-22-1984-again
			m, at = day, prefixDate(day, loc)
		}
		if n.Published.IsZero() {
			if n.Published = at; at.IsZero() {
				badDate = m[:len("2026-11-22")]
			}
		}
		name = name[len(m):]
	} else if strings.HasPrefix(dir, "notes/") {
		name = strings.TrimPrefix(name, dayPrefix().FindString(name))
	}
	if n.Published.IsZero() {
		n.Published = AddressDate(n.address, loc)
	}
	if n.Slug == "" {
		n.Slug = FileSlug(name)
	}
	n.Kind = KindNote
	if pages, ok := strings.CutPrefix(dir, "pages/"); n.Published.IsZero() && (dir == "" || ok) {
		n.Kind = KindPage
		n.folder = norm.NFC.String(strings.TrimSuffix(pages, "/"))
	}
	return badDate
}

// AddressDate reads the date in a whole address of the front matter, such as
// "/blog/2026/11/22/hello/"; the zero time if there is none.
func AddressDate(address string, loc *time.Location) time.Time {
	if m := dateInPath().FindStringSubmatch(address); m != nil {
		if t, err := time.ParseInLocation("2006/01/02", m[1], loc); err == nil {
			return fixedZone(t)
		}
	}
	return time.Time{}
}

// prefixDate reads "2026-11-22-" or "2026-11-22-0930-"; the zero time if there is no
// such day.
func prefixDate(prefix string, loc *time.Location) time.Time {
	for _, layout := range []string{"2006-01-02-1504-", "2006-01-02-"} {
		if t, err := time.ParseInLocation(layout, prefix, loc); err == nil && t.Year() > 0 {
			return fixedZone(t)
		}
	}
	return time.Time{}
}

// dateLayouts are the forms of dates in front matter and in requests of clients, the
// most common ones first. Dates without an offset are in the site's time zone.
// Seconds may have fractions.
var dateLayouts = []string{
	time.RFC3339,
	"2006-01-02",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04Z0700",
	"2006-01-02T15:04Z07",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05Z0700",
	"2006-01-02 15:04:05Z07",
	"2006-01-02 15:04:05 Z07:00",
	"2006-01-02 15:04:05 Z0700",
	"2006-01-02 15:04:05 Z07",
	"2006-01-02 15:04Z07:00",
	"2006-01-02 15:04Z0700",
	"2006-01-02 15:04Z07",
	"2006-01-02 15:04 Z07:00",
	"2006-01-02 15:04 Z0700",
	"2006-01-02 15:04 Z07",
}

// ParseTime reads a date and time as clients send them (RFC 3339, also with an offset
// without colon, or without an offset) and as people write them in front matter, also
// with "UTC" or "GMT" after them. The result has whole seconds and the offset that
// was written; loc is the zone of a date without an offset.
func ParseTime(s string, loc *time.Location) (time.Time, bool) {
	s = strings.ToUpper(strings.TrimSpace(s)) // RFC 3339 §5.6: also "t" and "z"
	s, utc := strings.CutSuffix(s, " UTC")
	if !utc {
		s, utc = strings.CutSuffix(s, " GMT")
	}
	if utc {
		loc = time.UTC
	}
	for _, layout := range dateLayouts {
		// In UTC, and not time.Parse, which would read the machine's own zone.
		in := time.UTC
		if !strings.Contains(layout, "07") {
			in = loc
		} else if utc {
			continue
		}
		t, err := time.ParseInLocation(layout, s, in)
		if t = fixedZone(t); err == nil && t.Year() >= 1 && t.Year() <= 9999 {
			return t, true
		}
	}
	return time.Time{}, false
}

// fixedZone removes the parts of a time that a file cannot have: the fraction of a
// second, the name of the zone, and the odd seconds of offsets before standard time.
// The clock shows the same.
func fixedZone(t time.Time) time.Time {
	if t.Location() == time.UTC && t.Nanosecond() == 0 {
		return t
	}
	t = t.Truncate(time.Second)
	_, offset := t.Zone()
	t = t.Add(time.Duration(offset%60) * time.Second)
	if offset/60 != 0 {
		return t.In(time.FixedZone("", offset/60*60))
	}
	return t.UTC()
}
