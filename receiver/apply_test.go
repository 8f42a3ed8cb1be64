package receiver

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/site"
)

// A chooser builds an update from the bytes of a fuzzer. Each byte makes one
// choice.
type chooser struct {
	rest []byte
	has  map[string]any // the properties of the note
}

func (c *chooser) next(n int) int {
	if len(c.rest) == 0 {
		return 0
	}
	b := c.rest[0]
	c.rest = c.rest[1:]
	return int(b) % n
}

func (c *chooser) text() string {
	texts := []string{
		"", " ", "a", "B", "A b", "Two", "good", "true", "null", "~", "1", "0x1F", "-", "- a", "a: b", "# a", "#a", "a\nb", "a\r\nb\n\n", " a ", "---", "'", `"`, "|", "{", "!!x", "\u0085", "\u2028\ufeff", "ü",
		"https://example.org/media/a.jpg", "/media/b.jpg", "https://other.example/a?b=c&d", "geo:52.5,13.4;name=A",
		"2026-01-02", "2026-01-02T03:04:05Z", "2025-02-03 04:05:06+02:00", "draft", "published", "public", "unlisted", "private", "yes", "finished",
	}
	if i := c.next(len(texts) + 10); i < len(texts) {
		return texts[i]
	}
	n := min(c.next(40), len(c.rest))
	text := strings.ToValidUTF8(string(c.rest[:n]), "?")
	c.rest = c.rest[n:]
	return text
}

func (c *chooser) property() string {
	names := []string{
		"mood", "weather", "pulse", "x", "category", "category", "content", "content", "name", "summary", "photo", "photo", "video", "audio", "in-reply-to", "like-of", "bookmark-of",
		"location", "checkin", "rsvp", "read-of", "read-status", "syndication", "published", "updated", "post-status", "visibility", "mp-slug", "slug", "mp-channel",
		"author", "start", "title", "date", "draft", "tags", "aliases", "layout", "menu", "properties", "url", "format", "client", "description",
	}
	if i := c.next(len(names) + 5); i < len(names) {
		return names[i]
	}
	return c.text()
}

func (c *chooser) value(depth int) any {
	kind := c.next(16)
	if depth > 3 {
		kind = 15
	}
	switch kind {
	case 0:
		return nil
	case 1:
		return c.next(2) == 1
	case 2:
		return json.Number([]string{"0", "1", "-1.50", "1e3", "12345678901234567890123", "0.10", "1E-7"}[c.next(7)])
	case 3:
		return map[string]any{"value": c.text(), "alt": c.text()}
	case 4:
		return map[string]any{"html": c.text()}
	case 5:
		return map[string]any{"type": []any{"h-cite"}, "properties": map[string]any{"url": []any{c.text()}, c.property(): c.values(depth + 1)}}
	case 6:
		return c.values(depth + 1)
	case 7:
		return map[string]any{c.text(): c.value(depth + 1), c.property(): c.value(depth + 1)}
	}
	return c.text()
}

func (c *chooser) values(depth int) []any {
	values := []any{}
	for range c.next(4) {
		values = append(values, c.value(depth))
	}
	return values
}

// update returns the document of a request.
func (c *chooser) update() map[string]any {
	document := map[string]any{"action": "update", "url": "https://example.org/2026/11/a/"}
	for range 1 + c.next(4) {
		if c.next(8) == 0 {
			names := []any{}
			for range 1 + c.next(3) {
				names = append(names, c.property())
			}
			document["delete"] = names
			continue
		}
		operand := []string{"replace", "add", "delete"}[c.next(3)]
		lists, ok := document[operand].(map[string]any)
		if !ok {
			lists = map[string]any{}
		}
		name := c.property()
		values := c.values(0)
		if has, _ := c.has[name].([]any); len(has) > 0 && c.next(2) == 1 {
			values = append(values, has[c.next(len(has))])
		}
		lists[name] = values
		document[operand] = lists
	}
	return document
}

// updateFiles are files for updates.
var updateFiles = []string{
	"---\r\n# a note of mine\r\nlayout: note\r\ndate:   2026-11-20T10:00:00+01:00 # Friday\r\nmenu: {weight: 3}\r\ncategory: One, Two\r\nphoto:\r\n  - value: /media/a.jpg\r\n    alt: A\r\n  - /media/b.jpg\r\nproperties:\r\n  mood: good\r\n  # the sky\r\n  weather: [ rain ]\r\n---\r\n\r\n\r\nHello   *world*\r\n\r\n",
	"---\ndate: 2026-11-22T09:30:00+01:00\nclient: https://app.example/\n---\nHello\n",
	"---\ntitle: 'A'\ntags: [a, \"B\"]\ndate: 2026-11-22\nproperties: {mood: [good, 1, {a: [b]}], x: null}\nupdated: 2026-11-22\n---\nText",
	"---\n{title: A, category: &c [a, b], mood: *c}\n---\n",
	"---\nsummary: |\n  a\n  b\n\nphoto: >-\n  /media/a.jpg\ndraft: true\nvisibility: private\nin-reply-to:\n- https://other.example/a?b=c&d\n---\n---\n\n# A\n",
	"---\nformat: html\naliases: [/x/]\nlocation: geo:52.5,13.4\ncheckin: {type: [h-card], properties: {name: [A]}}\nrsvp: yes\n...\n<p>Hello</p>\n",
	"+++\ntitle = \"A\"\ndate = 2026-11-22\n+++\nHello\n",
	"Just a text\n", "", "---\n---\n",
}

// FuzzUpdate checks that an update changes the named properties and nothing
// else, and that the note then has the requested values.
func FuzzUpdate(f *testing.F) {
	cfg, err := site.ParseConfig(f.TempDir(), []byte("url = \"https://example.org/\"\ntitle = \"T\"\n"), func(string) string { return "" })
	if err != nil {
		f.Fatal(err)
	}
	rc := &Receiver{cfg: cfg, log: slog.New(slog.DiscardHandler), now: func() time.Time { return time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC) }}
	for i, file := range updateFiles {
		for seed := range uint64(40) {
			random, script := rand.New(rand.NewPCG(seed, uint64(i))), make([]byte, 60)
			for i := range script {
				script[i] = byte(random.Uint32())
			}
			f.Add([]byte(file), script)
		}
	}
	f.Add([]byte(updateFiles[0]), []byte{0, 1, 2, 0, 0, 1, 0}) // removes the mood
	f.Fuzz(func(t *testing.T, data, script []byte) {
		n, err := site.Parse("notes/2026/11/22-a.md", data, cfg.Location)
		if err != nil {
			return
		}
		before := source(t, cfg, n)
		document, err := json.Marshal((&chooser{script, before}).update())
		if err != nil {
			t.Fatal(err)
		}
		u, after := rc.updated(t, n, document, data)
		if u == nil {
			return
		}
		about := func() string { return fmt.Sprintf("%s\nturned %q\ninto %q", document, data, after) }
		read, err := site.Parse(n.File, after, cfg.Location)
		if err != nil {
			t.Fatalf("%s\nwhich cannot be read: %v", about(), err)
		}
		got := source(t, cfg, read)
		if want := source(t, cfg, n); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\nwhich is %v, want %v", about(), got, want)
		}
		others := func(name string) bool {
			return !slices.Contains(u.names(), name) && name != "updated" && name != "url" // a slug and a date change the url
		}
		for name := range before {
			if others(name) && !reflect.DeepEqual(got[name], before[name]) {
				t.Errorf("%s\nin which %s was %v and is %v", about(), name, before[name], got[name])
			}
		}
		for name := range got {
			if before[name] == nil && others(name) {
				t.Errorf("%s\nin which there is a %s, %v", about(), name, got[name])
			}
		}
		for _, name := range u.names() {
			if name == "mood" || name == "weather" || name == "pulse" || name == "x" {
				if what := wrongValues(t, u, name, before[name], got[name]); what != "" {
					t.Errorf("%s\nin which %s was %v and is %v: %s", about(), name, before[name], got[name], what)
				}
			}
		}
		if !slices.Contains(u.names(), "content") && !strings.HasSuffix(string(after), textOf(data, n)) {
			t.Errorf("%s\nand the text is not %q", about(), textOf(data, n))
		}
		if u, second := rc.updated(t, read, document, after); u == nil || string(second) != string(after) {
			t.Errorf("%s\nand when applied twice\n%q", about(), second)
		}
	})
}

// updated returns the file after an update, and nil if the update is refused.
func (rc *Receiver) updated(t *testing.T, n *site.Note, document, data []byte) (*update, []byte) {
	t.Helper()
	refused := func(err error) bool {
		if e, ok := errors.AsType[*Error](err); err != nil && (!ok || e.Status >= 500) {
			t.Fatalf("%s\nof %q: %v", document, data, err)
		}
		return err != nil
	}
	req, err := decodeRequest("application/json", strings.NewReader(string(document)), &fileCounter{})
	if refused(err) {
		return nil, nil
	}
	n.Updated = rc.localNow()
	if refused(rc.apply(n, &req.Update)) || refused(rc.checkReadable(n)) {
		return nil, nil
	}
	after, err := n.Edit(data, rc.cfg.Location)
	if refused(fileError(err)) {
		return nil, nil
	}
	return &req.Update, after
}

// wrongValues returns the mistake in the values of a property without a meaning
// of its own, after an update (Micropub §3.4); "" if they are right.
func wrongValues(t *testing.T, u *update, name string, before, got any) string {
	t.Helper()
	values := func(v any) []string {
		list, _ := v.([]any)
		texts := make([]string, len(list))
		for i, v := range list {
			data, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			texts[i] = string(data)
		}
		return texts
	}
	has := values(got)
	replaced, replace := u.Replace[name]
	added, add := u.Add[name]
	deleted, remove := u.Delete[name]
	switch want := values(replaced); {
	case replace && !add && !slices.Equal(has, want):
		return fmt.Sprintf("want the replacement %s", want)
	case add && !remove && !replace && !slices.Equal(has[:min(len(has), len(values(before)))], values(before)):
		return "want the old values, followed by more"
	case remove && !add && !replace && deleted == nil && len(has) > 0:
		return "want none"
	}
	for _, v := range values(added) {
		if !slices.Contains(has, v) && !slices.ContainsFunc(has, func(o string) bool { return strings.Contains(o, v) || strings.Contains(v, o) }) {
			return "want " + v + " added"
		}
	}
	if remove && deleted != nil && !add && !replace {
		for _, v := range values(deleted) {
			if slices.Contains(has, v) {
				return "want " + v + " deleted"
			}
		}
		for _, v := range values(before) {
			if !slices.Contains(has, v) && !slices.ContainsFunc(values(deleted), func(o string) bool { return strings.Contains(v, strings.Trim(o, `"`)) }) {
				return "want " + v + " kept"
			}
		}
	}
	return ""
}

// textOf returns the part of a file after its front matter.
func textOf(data []byte, n *site.Note) string {
	lines := strings.SplitAfter(string(data), "\n")
	return strings.Join(lines[min(n.BodyLine-1, len(lines)):], "")
}
