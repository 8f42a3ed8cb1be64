package site

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// edited returns a file after an update.
func edited(t *testing.T, text string, change func(*Note)) string {
	t.Helper()
	n := mustParse(t, "notes/2026/11/22-hello.md", text)
	change(n)
	data, err := n.Edit([]byte(text), berlin)
	if err != nil {
		t.Fatalf("Edit: %v", err)
	}
	return string(data)
}

func TestAnEditChangesOnlyTheLinesThatItMust(t *testing.T) {
	rename := func(n *Note) { n.Name = "New" }
	updated := func(n *Note) { n.Updated = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }
	for _, tc := range []struct {
		name, before string
		change       func(*Note)
		after        string
	}{
		{"nothing", "---\ndate:   2026-11-22\n---\n\nHi", func(*Note) {}, "---\ndate:   2026-11-22\n---\n\nHi"},
		{
			"unknown keys, their order and comments stay",
			"---\n# mine\nmenu: {weight: 3}\ntitle: Old\n\n# dates\ndate:  2026-11-22   # a Sunday\nx: |\n  # no comment\n---\nHi\n", rename,
			"---\n# mine\nmenu: {weight: 3}\ntitle: New\n\n# dates\ndate:  2026-11-22   # a Sunday\nx: |\n  # no comment\n---\nHi\n",
		},
		{"the comment at the end of the line stays", "---\ndate: 2026-11-22\ntitle: Old # for now\n---\n", rename, "---\ndate: 2026-11-22\ntitle: New # for now\n---\n"},
		{"also if the value is not a text", "---\nphoto: /1.jpg  # from the trip\naliases: [/a/] # moved\ntitle: '' # no \"name\"\nproperties: {mood: 'ok # a', weather: sunny} # by hand\n---\n", func(n *Note) {
			n.Properties["photo"] = append(n.Properties["photo"], "/2.jpg")
			n.Properties["mood"] = []any{"bad # b"}
			n.Aliases = append(n.Aliases, "/b/")
			n.Name = "a\nb"
		}, "---\nphoto:  # from the trip\n  - /1.jpg\n  - /2.jpg\naliases: [/a/, /b/] # moved\ntitle: \"a\\nb\" # no \"name\"\nproperties: {mood: 'bad # b', weather: sunny} # by hand\n---\n"},
		{"and that of a list over several lines", "---\ntags: # of mine\n  - a\n---\n", func(n *Note) { n.Category = []string{"b"} }, "---\ntags: # of mine\n  - b\n---\n"},
		{"quotes stay", "---\ndate: 2026-11-22\ntitle: \"Old\"\n---\n", rename, "---\ndate: 2026-11-22\ntitle: \"New\"\n---\n"},
		{"a value of several lines", "---\ntitle: >\n  Old\n  and long\n\ndate: 2026-11-22\n---\n", rename, "---\ntitle: New\n\ndate: 2026-11-22\n---\n"},
		{"a new key gets its usual place", "---\ndate: 2026-11-22\ntags: [a]\nmenu: x\n---\n", updated, "---\ndate: 2026-11-22\nupdated: 2026-11-23T08:00:00Z\ntags: [a]\nmenu: x\n---\n"},
		{"or at the end", "---\nmenu: x\n# the end\n---\n", updated, "---\nmenu: x\n# the end\nupdated: 2026-11-23T08:00:00Z\n---\n"},
		{"lines end as they did", "---\r\ndate: 2026-11-22\r\nx: 1\r\n---\r\n\r\nHi\r\n", updated, "---\r\ndate: 2026-11-22\r\nupdated: 2026-11-23T08:00:00Z\r\nx: 1\r\n---\r\n\r\nHi\r\n"},
		{"a byte order mark and a missing line end", "\uFEFF---\ndate: 2026-11-22\n---\nHi", updated, "\uFEFF---\ndate: 2026-11-22\nupdated: 2026-11-23T08:00:00Z\n---\nHi"},
		{"no front matter", "\uFEFFHi", updated, "\uFEFF---\nupdated: 2026-11-23T08:00:00Z\n---\nHi"},
		{"empty front matter", "---\n---\nHi", updated, "---\nupdated: 2026-11-23T08:00:00Z\n---\nHi"},
		{"front matter closed by dots", "---\nx: 1\n...\nHi", updated, "---\nx: 1\nupdated: 2026-11-23T08:00:00Z\n...\nHi"},
		{"indented front matter", "---\n  x: 1\n  title: Old\n---\n", rename, "---\n  x: 1\n  title: New\n---\n"},
		{"the name of another generator's key stays", "---\nlastmod: 2026-01-01\ndescription: Old\ncategories: [a]\n---\n", func(n *Note) {
			updated(n)
			n.Summary, n.Category = "New", []string{"b", "c"}
		}, "---\nlastmod: 2026-11-23T08:00:00Z\ndescription: New\ncategories: [b, c]\n---\n"},
		{"another generator's key is removed if it is the one that is read", "---\ndescription: B\nx: 1\n---\n", func(n *Note) { n.Summary = "" }, "---\nx: 1\n---\n"},
		{"tags of another key stay while all of them are wanted", "---\ntags: [a]\ncategories: [b]\n---\n", func(n *Note) { n.Category = []string{"a", "b", "c"} }, "---\ntags: [a, b, c]\ncategories: [b]\n---\n"},
		{"they are removed if one of them is not wanted", "---\ntags: [a]\ncategories: [b]\n---\n", func(n *Note) { n.Category = []string{"c"} }, "---\ntags: [c]\n---\n"},
		{"all tags are removed", "---\ntags: [a]\ncategory: b\nCategories: [b]\ntaxonomies: {tags: [d], categories: [e], series: [f]}\n---\n", func(n *Note) { n.Category = nil }, "---\ntaxonomies: {series: [f]}\n---\n"},
		{"tags of a table and of a key", "---\ntaxonomies:\n  tags: [d]\n  categories: [e]\ncategory: b\n---\n", func(n *Note) { n.Category = []string{"b", "d"} }, "---\ntaxonomies:\n  tags: [d]\ncategory: [b, d]\n---\n"},
		{"a draft of another generator's", "---\npublished: false\nx: 1\n---\n", func(n *Note) { n.Draft = false }, "---\nx: 1\n---\n"},
		{"a comment above a removed key", "---\n# about drafts\ndraft: true\nx: 1\n---\n", func(n *Note) { n.Draft = false }, "---\n# about drafts\nx: 1\n---\n"},
		{"tags over several lines", "---\ntags:\n  - a\n  - b # second\nx: 1\n---\n", func(n *Note) { n.Category = []string{"b", "c"} }, "---\ntags:\n  - b # second\n  - c\nx: 1\n---\n"},
		{"tags without indentation", "---\ntags:\n- a\nx: 1\n---\n", func(n *Note) { n.Category = nil }, "---\nx: 1\n---\n"},
		{"a new alias leaves the others as they are written", "---\naliases:\n  - https://example.org/old/\n  - /?p=1\nx: 1\n---\n", func(n *Note) { n.Aliases = append(n.Aliases, "/b/") },
			"---\naliases:\n  - https://example.org/old/\n  - /?p=1\n  - /b/\nx: 1\n---\n"},
		{"a property of many", "---\nproperties:\n  mood: [ good ]\n  # the sky\n  weather: sunny\n\n# end\nx: 1\n---\n", func(n *Note) {
			n.Properties["weather"] = []any{"rain"}
			n.Properties["pulse"] = []any{"80"}
		}, "---\nproperties:\n  mood: [ good ]\n  # the sky\n  weather: rain\n  pulse: \"80\"\n\n# end\nx: 1\n---\n"},
		{"the last property", "---\nproperties:\n  mood: good\nx: 1\n---\n", func(n *Note) { clear(n.Properties) }, "---\nx: 1\n---\n"},
		{"properties on one line", "---\nproperties: {mood: good, photo: /a.jpg}\nx: 1\n---\n", func(n *Note) {
			n.Properties["photo"] = []any{"/b.jpg"}
			n.Properties["mood"] = []any{"bad"}
		}, "---\nproperties: {mood: bad, photo: /b.jpg}\nx: 1\n---\n"},
		{"a property in two places", "---\nphoto: /a.jpg\nproperties:\n  photo: /b.jpg\n  video: /c.mp4\n---\n", func(n *Note) { n.Properties["photo"] = []any{"/d.jpg"} },
			"---\nphoto: /d.jpg\nproperties:\n  video: /c.mp4\n---\n"},
		{"two properties are removed", "---\nx: 1\nproperties:\n  photo: /b.jpg\n  video: /c.mp4\n---\n", func(n *Note) { clear(n.Properties) }, "---\nx: 1\n---\n"},
		{"the body between its empty lines", "---\nx: 1\n---\n\n\nOld\n\ntext\n\n", func(n *Note) { n.Content = "New\n\n  text" }, "---\nx: 1\n---\n\n\nNew\n\n  text\n\n"},
		{"a body where there was none", "---\r\nx: 1\r\n---", func(n *Note) { n.Content = "New\ntext" }, "---\r\nx: 1\r\n---\r\nNew\r\ntext\r\n"},
		{"TOML when the body alone changes", "+++\ntitle = \"A\"\n+++\nOld\n", func(n *Note) { n.Content = "New" }, "+++\ntitle = \"A\"\n+++\nNew\n"},
		{"a whole address is replaced by a slug", "---\nurl: /a/b/\nx: 1\n---\n", func(n *Note) { n.Rename("c") }, "---\nx: 1\nslug: c\n---\n"},
		{"an anchor that no other key needs", "---\ntitle: &t Old\nx: 1\n---\n", rename, "---\ntitle: New\nx: 1\n---\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			// Each has its date from here, so that the case shows what it is about.
			before, after := tc.before, tc.after
			if !strings.Contains(before, "date: ") {
				n, err := Parse("2026-11-22-hello.md", []byte(before), berlin)
				if err != nil {
					t.Fatal(err)
				}
				tc.change(n)
				data, err := n.Edit([]byte(before), berlin)
				if err != nil || string(data) != after {
					t.Errorf("got  %q, %v\nwant %q", data, err, after)
				}
				return
			}
			if got := edited(t, before, tc.change); got != after {
				t.Errorf("got  %q\nwant %q", got, after)
			}
		})
	}
}

// editedFront returns the front matter of a file after a change. The file's name has
// its date.
func editedFront(t *testing.T, front string, change func(*Note)) string {
	t.Helper()
	open, end := "---\n", "---\n"
	if strings.HasPrefix(front, "+") {
		front = front[1:]
		open, end = "+++\n", "+++\n"
	}
	if strings.Contains(front, "\r\n") {
		open, end = open[:3]+"\r\n", end[:3]+"\r\n"
	}
	before := open + front + end + "Hi\n"
	n, err := Parse("2026-11-22-hello.md", []byte(before), berlin)
	if err != nil {
		t.Fatal(err)
	}
	change(n)
	after, err := n.Edit([]byte(before), berlin)
	if err != nil {
		t.Fatal(err)
	}
	result, ok := strings.CutPrefix(string(after), open)
	result, okEnd := strings.CutSuffix(result, end+"Hi\n")
	if !ok || !okEnd {
		t.Fatalf("fences or text changed: %q", after)
	}
	return result
}

func TestAnEditOfAListChangesOnlyTheItemsThatItMust(t *testing.T) {
	tags := func(tags ...string) func(*Note) { return func(n *Note) { n.Category = tags } }
	photos := func(photos ...any) func(*Note) { return func(n *Note) { n.Properties["photo"] = photos } }
	object := func(address, alt string) any { return map[string]any{"value": address, "alt": alt} }
	for _, tc := range []struct {
		name, before string
		change       func(*Note)
		after        string
	}{
		{"comments after and between items", "tags:\n  - boats # the old ones\n\n  # ask Ida\n  - 'tides'\n# end\nx: 1\n", tags("boats", "tides", "new"),
			"tags:\n  - boats # the old ones\n\n  # ask Ida\n  - 'tides'\n  - 'new'\n# end\nx: 1\n"},
		{"with a removed item only the comment on its line is removed", "tags:\n  # first\n  - a # A\n  # second\n  - b # B\n  # third\n  - c # C\n  # end\nx: 1\n", tags("a", "c"),
			"tags:\n  # first\n  - a # A\n  # second\n  # third\n  - c # C\n  # end\nx: 1\n"},
		{"the first item", "tags:\n  - a # A\n  # second\n  - b\n", tags("b"), "tags:\n  # second\n  - b\n"},
		{"the last item", "tags:\n  - a\n  # second\n  - b # B\nx: 1\n", tags("a"), "tags:\n  - a\n  # second\nx: 1\n"},
		{"a replaced item keeps its comment", "tags:\n  - a # A\n  - b # B\n", tags("a", "c"), "tags:\n  - a # A\n  - c # B\n"},
		{"items in another order keep their comments", "tags:\n  - a # A\n  - b # B\n  - c\n", tags("c", "a", "b"), "tags:\n  - c\n  - a # A\n  - b # B\n"},
		{"at the indentation of its key", "tags:\n- a # A\n- b\nx: 1\n", tags("a", "b", "c"), "tags:\n- a # A\n- b\n- c\nx: 1\n"},
		{"with line ends of two characters", "tags:\r\n  - a # A\r\n  - b\r\nx: 1\r\n", tags("a", "b", "c"), "tags:\r\n  - a # A\r\n  - b\r\n  - c\r\nx: 1\r\n"},
		{"in brackets", "tags: [ a,  \"b\" ]   # mine\n", tags("a", "b", "c"), "tags: [ a,  \"b\",  \"c\" ]   # mine\n"},
		{"in brackets, without its first item", "tags: [a, b, c] # mine\n", tags("b", "c"), "tags: [b, c] # mine\n"},
		{"in brackets, empty", "tags: [] # none\n", tags("a"), "tags: [a] # none\n"},
		{"in brackets over several lines", "tags: [ # mine\n  a, # A\n\n  # second\n  b # B\n  # end\n]\n", tags("a", "b", "c"),
			"tags: [ # mine\n  a, # A\n\n  # second\n  b, # B\n  c\n  # end\n]\n"},
		{"in brackets over several lines, without an item", "tags: [\n  a, # A\n  # second\n  b, # B\n]\n", tags("b"), "tags: [\n  # second\n  b, # B\n]\n"},
		{"in brackets, of items that share a line", "tags: [a, b, # both\n  c]\n", tags("a", "c"), "tags: [a, # both\n  c]\n"},
		{"a word", "tags: boats # mine\n", tags("boats", "new"), "tags: [boats, new] # mine\n"},
		{"a word that is another then", "tags: 'boats' # mine\n", tags("new"), "tags: 'new' # mine\n"},
		{"a text with commas", "tags: a,b # mine\n", tags("a", "b", "c"), "tags: a,b, c # mine\n"},
		{"a text with commas in quotes", "tags: \"a, b\"\n", tags("b"), "tags: \"b\"\n"},
		{"a text with commas, and a tag with one", "tags: a, b\n", tags("a", "b", "c, d"), "tags: [a, b, 'c, d']\n"},
		{"nothing", "tags: # none yet\nx: 1\n", tags("a"), "tags: [a] # none yet\nx: 1\n"},
		{"an alias", "x: &x [a, b] # X\ntags: *x # mine\n", tags("a", "b", "c"), "x: &x [a, b] # X\ntags: [a, b, c] # mine\n"},
		{"with an anchor that nothing uses", "tags: &x # mine\n  - a # A\n", tags("a", "b"), "tags: &x # mine\n  - a # A\n  - b\n"},
		{"items with tags and anchors", "tags:\n  - !!str 2026 # year\n  - &b b\n", tags("2026", "b", "c"), "tags:\n  - !!str 2026 # year\n  - &b b\n  - c\n"},
		{"items that repeat others or are empty", "tags:\n  - a\n  - a # twice\n  -\n  - b\n", tags("a", "b", "c"), "tags:\n  - a\n  - a # twice\n  -\n  - b\n  - c\n"},
		{"items over several lines", "aliases:\n  - /a/ # A\n  - >- # B\n    /b/\n  - \"/c\\\n    /\"\n", func(n *Note) { n.Aliases = append(n.Aliases, "/d/") },
			"aliases:\n  - /a/ # A\n  - >- # B\n    /b/\n  - \"/c\\\n    /\"\n  - \"/d/\"\n"},
		{"aliases in another form", "aliases: [old, /a/index.html, 'https://example.org/b/'] # A\n", func(n *Note) { n.Aliases = append(n.Aliases, "/d/") },
			"aliases: [old, /a/index.html, 'https://example.org/b/', '/d/'] # A\n"},
		{"a key in its long form", "? tags # T\n: [a] # A\n? x\ny: 1\n", tags("a", "b"), "? tags # T\n: [a, b] # A\n? x\ny: 1\n"},
		{"another key in its long form", "? x\n: - 1\n  - 2\ntags: [a]\n", tags("b"), "? x\n: - 1\n  - 2\ntags: [b]\n"},
		{"pairs in a list", "x: [a: b, ? c : d, {e: f}] # X\ntags: [a: b, c] # T\n", func(n *Note) { n.Category = append(n.Category, "d") }, "x: [a: b, ? c : d, {e: f}] # X\ntags: [a: b, c, d] # T\n"},
		{"a folded text with commas", "tags: >\n  a,\n  b\n# T\n", tags("a", "b", "c"), "tags: a, b, c\n# T\n"},
		{"a key in quotes", "\"tags\":   [a]\n'x' : 1\n", tags("a", "b"), "\"tags\":   [a, b]\n'x' : 1\n"},
		{"a member of an object", "photo:\n  - value: /a.jpg # A\n    # what is on it\n    alt: old # for now\n    tags: [x]\n  - value: /b.jpg\n    alt: B\n",
			photos(map[string]any{"value": "/a.jpg", "alt": "new", "tags": []any{"x"}}, object("/b.jpg", "B")),
			"photo:\n  - value: /a.jpg # A\n    # what is on it\n    alt: new # for now\n    tags: [x]\n  - value: /b.jpg\n    alt: B\n"},
		{"an object more", "photo:\n  - /a.jpg # A\n# end\n", photos("/a.jpg", object("/b.jpg", "B")), "photo:\n  - /a.jpg # A\n  - value: /b.jpg\n    alt: B\n# end\n"},
		{"an object instead of an address", "photo:\n  - /a.jpg # A\n  - /b.jpg # B\n", photos(object("/a.jpg", "a"), "/b.jpg"), "photo:\n  - value: /a.jpg\n    alt: a # A\n  - /b.jpg # B\n"},
		{"an object that is not a list", "photo: # mine\n  value: /a.jpg # A\n  alt: old\n", photos(object("/a.jpg", "new")), "photo: # mine\n  value: /a.jpg # A\n  alt: new\n"},
		{"a member in brackets", "photo: [{value: /a.jpg, alt: 'old'}, /b.jpg] # mine\n", photos(object("/a.jpg", "new"), "/b.jpg"), "photo: [{value: /a.jpg, alt: 'new'}, /b.jpg] # mine\n"},
		{"keys of the same name elsewhere", "params:\n  tags: [x]\n  title: Y\ntags: [a]\n", tags("b"), "params:\n  tags: [x]\n  title: Y\ntags: [b]\n"},
		{"tags of a taxonomy", "taxonomies:\n  series: [x] # X\n  tags:\n    - a # A\n", tags("a", "b"), "taxonomies:\n  series: [x] # X\n  tags:\n    - a # A\n    - b\n"},
		{"a property below properties", "properties:\n  # the sky\n  weather:\n    - sunny # in the morning\n  mood: x\n", func(n *Note) { n.Properties["weather"] = []any{"sunny", "rain"} },
			"properties:\n  # the sky\n  weather:\n    - sunny # in the morning\n    - rain\n  mood: x\n"},
		{"properties that are written elsewhere", "x: &p {mood: good} # X\nproperties: *p # P\n", func(n *Note) { n.Properties["mood"] = []any{"bad"} },
			"x: &p {mood: good} # X\nproperties: # P\n  mood: bad\n"},
		{"a text over several lines keeps the comment of its key", "title: >- # T\n  Old\n  and long\n# x\n", func(n *Note) { n.Name = "New" }, "title: New # T\n# x\n"},
		{"a list that goes leaves the comments on lines of their own", "x: 1\ntags: # T\n  - a # A\n  # second\n  - b\ny: 2\n", tags(), "x: 1\n# second\ny: 2\n"},
		{"so does one in brackets", "x: 1\ntags: [ # T\n  a, # A\n  # second\n  b]\ny: 2\n", tags(), "x: 1\n# second\ny: 2\n"},
		{"and an object of a list", "photo:\n  - value: /a.jpg # A\n    # what is on it\n    alt: A\n  - /b.jpg\n", photos("/b.jpg"), "photo:\n  # what is on it\n  - /b.jpg\n"},
		{"and one in brackets", "photo: [{value: /a.jpg,\n  # what is on it\n  alt: A}, /b.jpg]\n", photos("/b.jpg"), "photo: [\n        # what is on it\n /b.jpg]\n"},
		{"a list that becomes a single value keeps its comments above it", "title: # T\n  - a # A\n  # B\n  - b\nx: 1\n", func(n *Note) { n.Name = "New" }, "# A\n# B\ntitle: New # T\nx: 1\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := editedFront(t, tc.before, tc.change); got != tc.after {
				t.Errorf("got\n%s\nwant\n%s", got, tc.after)
			}
		})
	}
}

func TestFrontMatterInBracketsIsChanged(t *testing.T) {
	change := func(n *Note) {
		n.Updated = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
		n.Name = "New's"
		n.Category = append(n.Category, "c")
		n.Draft = false
	}
	for _, tc := range []struct{ name, before, after string }{
		{"on one line", "{title: Old, tags: [a], draft: true, x: 1}\n", "{title: New's, tags: [a, c], x: 1, updated: '2026-11-23T08:00:00Z'}\n"},
		{"over several lines", "{\n  title: 'Old', # T\n  # about tags\n  tags: [a], # A\n  draft: true, # D\n  # X\n  x: 1\n}\n",
			"{\n  title: 'New''s', # T\n  # about tags\n  tags: [a, c], # A\n  # X\n  x: 1,\n  updated: '2026-11-23T08:00:00Z'\n}\n"},
		{"in JSON", "{\n  \"x\": 1,\n  \"title\":\t\"Old\",\n  \"tags\": [\n    \"a\",\n    \"b\"\n  ],\n  \"draft\": true\n}\n",
			"{\n  \"x\": 1,\n  \"title\":\t\"New's\",\n  \"tags\": [\n    \"a\",\n    \"b\",\n    \"c\"\n  ],\n  \"updated\": \"2026-11-23T08:00:00Z\"\n}\n"},
		{"empty", "{}\n", "{\"updated\": \"2026-11-23T08:00:00Z\", \"title\": \"New's\", \"tags\": [\"c\"]}\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := editedFront(t, tc.before, change); got != tc.after {
				t.Errorf("got\n%s\nwant\n%s", got, tc.after)
			}
		})
	}
}

func TestFrontMatterInJSONIsChanged(t *testing.T) {
	for _, tc := range []struct{ name, before, after string }{
		{
			"without fences",
			"{\n  \"title\": \"Old \\ud83d\\ude80\",\n  \"tags\": [\"a\"],\n  \"x\": {\"y\": [1, -2.5e3, null, true, \"{\"]},\n  \"draft\": true\n}\n\nHi\n",
			"{\n  \"title\": \"New\",\n  \"tags\": [\"a\", \"b\"],\n  \"x\": {\"y\": [1, -2.5e3, null, true, \"{\"]}\n}\n\nHi\n",
		},
		{
			"between fences", ";;;\n{\"Title\" : \"Old\", \"categories\":[\"a\"], \"status\": \"draft\"}\n;;;\nHi\n",
			";;;\n{\"Title\" : \"New\", \"categories\":[\"a\", \"b\"]}\n;;;\nHi\n",
		},
		{
			"without braces", "---json\n\"draft\": true,\n\"tags\": \"a\",\n\"title\": \"Old\"\n---\nHi\n",
			"---json\n\"tags\": [\"a\",\"b\"],\n\"title\": \"New\"\n---\nHi\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n, err := Parse("2026-11-22-hello.md", []byte(tc.before), berlin)
			if err != nil {
				t.Fatal(err)
			}
			n.Name, n.Draft, n.Category = "New", false, append(n.Category, "b")
			after, err := n.Edit([]byte(tc.before), berlin)
			if err != nil || string(after) != tc.after {
				t.Errorf("got\n%s%v\nwant\n%s", after, err, tc.after)
			}
		})
	}
}

func TestFrontMatterInTOMLIsChanged(t *testing.T) {
	rename := func(n *Note) { n.Name = "New" }
	tags := func(tags ...string) func(*Note) { return func(n *Note) { n.Category = tags } }
	photos := func(photos ...any) func(*Note) { return func(n *Note) { n.Properties["photo"] = photos } }
	object := func(address, alt string) any { return map[string]any{"value": address, "alt": alt} }
	updated := func(n *Note) { n.Updated = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }
	for _, tc := range []struct {
		name, before string
		change       func(*Note)
		after        string
	}{
		{"comments, unknown keys and their order", "# top\nx = 1 # X\ntitle   =   \"Old\" # T\n\n# end\n", rename, "# top\nx = 1 # X\ntitle   =   \"New\" # T\n\n# end\n"},
		{"a text in other quotes", "title = 'Old'\n", rename, "title = 'New'\n"},
		{"that can't hold the new text", "title = 'Old'\n", func(n *Note) { n.Name = "It's\n\"new\"\t\\" }, "title = \"It's\\n\\\"new\\\"\\t\\\\\"\n"},
		{"a text over several lines", "summary = \"\"\"\nOld \\\n  text # no comment\"\"\" # S\nx = 1\n", func(n *Note) { n.Summary = "a\n\"\"\"b\\\"" }, "summary = \"\"\"\na\n\"\"\\\"b\\\\\\\"\"\"\" # S\nx = 1\n"},
		{"a literal text over several lines", "summary = '''\nOld \\\n  text''' # S\n", func(n *Note) { n.Summary = "a\n\\b" }, "summary = '''\na\n\\b''' # S\n"},
		{"a new key in front of the first table", "date = 2026-11-22 # a Sunday\n\n# mine\n[extra]\na = 1\n", updated, "date = 2026-11-22 # a Sunday\nupdated = 2026-11-23T08:00:00Z\n\n# mine\n[extra]\na = 1\n"},
		{"a new key where there are only tables", "# mine\n[extra]\na = 1\n", updated, "updated = 2026-11-23T08:00:00Z\n# mine\n[extra]\na = 1\n"},
		{"a new key where there is nothing", "# mine\n", updated, "# mine\nupdated = 2026-11-23T08:00:00Z\n"},
		{"a date stays one", "lastmod = 2026-11-22\n", updated, "lastmod = 2026-11-23T08:00:00Z\n"},
		{"a date that is a text", "lastmod = '2026-11-22' # L\n", updated, "lastmod = '2026-11-23T08:00:00Z' # L\n"},
		{"a key that goes", "# about drafts\ndraft = true # D\nx = 1\n", func(n *Note) { n.Draft = false }, "# about drafts\nx = 1\n"},
		{"the only key", "draft = true # D\n", func(n *Note) { n.Draft = false }, ""},
		{"a list", "tags = ['a', \"b\"] # mine\n", tags("a", "b", "c"), "tags = ['a', \"b\", \"c\"] # mine\n"},
		{"a list over several lines", "tags = [ # mine\n\t\"a\", # A\n\n\t# second\n\t\"b\" # B\n\t# end\n]\n[extra]\n", tags("a", "b", "c"), "tags = [ # mine\n\t\"a\", # A\n\n\t# second\n\t\"b\", # B\n\t\"c\"\n\t# end\n]\n[extra]\n"},
		{"with line ends of two characters", "tags = [\r\n  'a', # A\r\n]\r\nx = 1\r\n", tags("a", "b"), "tags = [\r\n  'a', # A\r\n  'b',\r\n]\r\nx = 1\r\n"},
		{"a key of a table that has only tables", "x = 1\n\n# W\n[[properties.weather]]\nsky = ['blue'] # S\n", func(n *Note) { n.Properties["mood"] = []any{"good"} },
			"x = 1\n[properties]\nmood = \"good\"\n\n# W\n[[properties.weather]]\nsky = ['blue'] # S\n"},
		{"tags of a taxonomy", "[taxonomies] # T\nseries = ['x']\ntags = ['a'] # A\n[extra]\n", tags("a", "b"), "[taxonomies] # T\nseries = ['x']\ntags = ['a', 'b'] # A\n[extra]\n"},
		{"tags of a taxonomy with dots", "taxonomies.tags = ['a'] # A\ntaxonomies.x = []\n", tags("b"), "taxonomies.tags = ['b'] # A\ntaxonomies.x = []\n"},
		{"the last tag of a taxonomy", "x = 1\n\n# T\n[taxonomies]\ntags = ['a']\n\n[extra]\n", tags(), "x = 1\n\n# T\n\n[extra]\n"},
		{"a table of a list of tables", "[[photo]] # one\nvalue = '/a.jpg'\nalt = 'old' # A\n\n# two\n[[photo]]\nvalue = '/b.jpg'\nalt = 'B'\n", photos(object("/a.jpg", "new"), object("/b.jpg", "B")),
			"[[photo]] # one\nvalue = '/a.jpg'\nalt = 'new' # A\n\n# two\n[[photo]]\nvalue = '/b.jpg'\nalt = 'B'\n"},
		{"a table more", "[[photo]]\nvalue = '/a.jpg'\nalt = 'A' # A\n\n[extra]\na = 1\n", photos(object("/a.jpg", "A"), object("/b.jpg", "B")),
			"[[photo]]\nvalue = '/a.jpg'\nalt = 'A' # A\n\n[[photo]]\nvalue = \"/b.jpg\"\nalt = \"B\"\n\n[extra]\na = 1\n"},
		{"a table less", "x = 1\n# one\n[[photo]]\nvalue = '/a.jpg'\n# two\n[[photo]]\nvalue = '/b.jpg' # B\n", photos(map[string]any{"value": "/b.jpg"}), "x = 1\n# one\n# two\n[[photo]]\nvalue = '/b.jpg' # B\n"},
		{"tables and a text", "x = 1\n[[photo]]\nvalue = '/a.jpg'\n[extra]\n", photos(map[string]any{"value": "/a.jpg"}, "/b.jpg"), "x = 1\nphoto = [{ value = \"/a.jpg\" }, \"/b.jpg\"]\n[extra]\n"},
		{"an inline table", "photo = [{value = '/a.jpg', alt = 'old'}, '/b.jpg'] # P\n", photos(object("/a.jpg", "new"), "/b.jpg"), "photo = [{value = '/a.jpg', alt = 'new'}, '/b.jpg'] # P\n"},
		{"a table of properties", "x = 1\n[properties] # P\nmood = 'good' # M\n# sky\nweather = 'sunny'\n\n[extra]\n", func(n *Note) {
			n.Properties["mood"] = []any{"bad"}
			n.Properties["pulse"] = []any{"80"}
		}, "x = 1\n[properties] # P\nmood = 'bad' # M\n# sky\nweather = 'sunny'\npulse = \"80\"\n\n[extra]\n"},
		{"properties with dots", "properties.mood = 'good' # M\nproperties.\"weather\" = 'sunny'\nx = 1\n", func(n *Note) {
			n.Properties["mood"] = []any{"bad"}
			n.Properties["pulse"] = []any{"80"}
		}, "properties.mood = 'bad' # M\nproperties.\"weather\" = 'sunny'\nproperties.pulse = \"80\"\nx = 1\n"},
		{"the name of another generator's key", "description = 'Old'\ncategories = ['a']\n", func(n *Note) { n.Summary, n.Category = "New", []string{"b"} }, "description = 'New'\ncategories = ['b']\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := editedFront(t, "+"+tc.before, tc.change); got != tc.after {
				t.Errorf("got\n%s\nwant\n%s", got, tc.after)
			}
		})
	}
}

func TestAnEditChangesTheKeyAsItIsSpelled(t *testing.T) {
	publish := func(n *Note) { n.Draft, n.Visibility = false, Public }
	for _, tc := range []struct {
		name, before string
		change       func(*Note)
		after        string
	}{
		{"a capital", "Tags: [a] # T\nTitle: Old\n", func(n *Note) { n.Category, n.Name = append(n.Category, "b"), "New" }, "Tags: [a, b] # T\nTitle: New\n"},
		{"of a key that goes", "Tags: [a]\nSummary: x\n", func(n *Note) { n.Category, n.Summary = nil, "" }, ""},
		{"a property of a template", "like_of: https://example.org/1 # L\ninReplyTo:\n  - https://example.org/2\nmf-photo: /a.jpg\n", func(n *Note) {
			n.Properties["like-of"] = []any{"https://example.org/3"}
			n.Properties["in-reply-to"] = append(n.Properties["in-reply-to"], "https://example.org/4")
			delete(n.Properties, "photo")
		}, "like_of: https://example.org/3 # L\ninReplyTo:\n  - https://example.org/2\n  - https://example.org/4\n"},
		{"a new key behind one in another spelling", "Date: 2026-11-22\nx: 1\n", func(n *Note) { n.Name = "New" }, "Date: 2026-11-22\ntitle: New\nx: 1\n"},
		{"another tool's key", "Last_Mod: 2026-11-22\nRedirect-From: /old/\ntag: a\n", func(n *Note) {
			n.Updated = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
			n.Aliases, n.Category = append(n.Aliases, "/b/"), []string{"b"}
		}, "Last_Mod: 2026-11-23T08:00:00Z\nRedirect-From: [/old/, /b/]\ntag: b\n"},
		{"of two keys with tags both", "categories: [a]\ncategory: [b]\n", func(n *Note) { n.Category = []string{"c"} }, "categories: [c]\n"},
		{"the draft of another tool", "Draft: yes # D\nx: 1\n", publish, "x: 1\n"},
		{"two keys that make it a draft", "published: no\nstatus: in progress\nx: 1\n", publish, "x: 1\n"},
		{"a status that is not understood", "status: hm\nx: 1\n", publish, "x: 1\n"},
		{"private by another tool's key", "hidden: true # H\nx: 1\n", publish, "x: 1\n"},
		{"private by two keys", "visibility: private\nhidden: true\nx: 1\n", publish, "x: 1\n"},
		{"private by two keys, and unlisted then", "visibility: private # V\nhidden: true\nx: 1\n", func(n *Note) { n.Visibility = Unlisted }, "visibility: unlisted # V\nx: 1\n"},
		{"unlisted by another tool's key, and private then", "sitemap: false\nx: 1\n", func(n *Note) { n.Visibility = Private }, "sitemap: false\nx: 1\nvisibility: private\n"},
		{"a table of another tool", "build:\n  # never\n  render: never # R\n  list: always\n  other: 1\n", publish, "build:\n  # never\n  list: always\n  other: 1\n"},
		{"a table with nothing else", "x: 1\nparams: {draft: true} # P\n", publish, "x: 1\n"},
		{"a table of TOML", "+x = 1\n[extra] # E\ndraft = true # D\na = 1\n", publish, "+x = 1\n[extra] # E\na = 1\n"},
		{"a status among the properties", "properties:\n  post-status: draft # D\n  # mine\n  mood: good # M\n", func(n *Note) {
			n.Draft = false
			delete(n.Properties, "post-status")
			n.Properties["mood"] = []any{"bad"}
		}, "properties:\n  # mine\n  mood: bad # M\n"},
		{"an address of another tool", "Permalink: /a/b/\nx: 1\n", func(n *Note) { n.Rename("c") }, "x: 1\nslug: c\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			after, ok := strings.CutPrefix(tc.after, "+")
			if got := editedFront(t, tc.before, tc.change); got != after || ok != strings.HasPrefix(tc.before, "+") {
				t.Errorf("got\n%s\nwant\n%s", got, after)
			}
		})
	}
}

func TestAnEditOfTheDateLeavesAnEarlierEmbargo(t *testing.T) {
	got := editedFront(t, "date: 2026-05-02\npublishDate: 2026-05-01\n", func(n *Note) { n.Published = time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC) })
	if want := "date: 2026-04-01T08:00:00Z\npublishDate: 2026-05-01\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAnEditThatCanNotBeMadeIsRefused(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"an anchor that another key needs", "---\ndate: 2026-11-22\ntitle: &t A\nx: *t\n---\n", "content/a.md:1: the front matter can't be changed"},
		{"an anchor that stands for another then", "---\ndate: 2026-11-22\ny: &t A\ntitle: &t B\nx: *t\n---\n", "content/a.md:1: a change of the front matter would change other keys"},
		{"a key that is a list", "---\ndate: 2026-11-22\ntitle: A\n? [x]\n: 1\n---\n", "content/a.md:4: the front matter is written in a way"},
		{"a mistake that is there already", "---\ndate: 2026-11-22\nformat: maybe\n---\n", "content/a.md:3: format: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := mustParse(t, "a.md", strings.Replace(tc.text, "maybe", "markdown", 1))
			n.Name = "New"
			n.Properties["mood"] = []any{"bad"}
			data, err := n.Edit([]byte(tc.text), berlin)
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("got %q, %v\nwant …%s…", data, err, tc.want)
			}
		})
	}
}

func TestAKeyStaysWhileAnotherHasTheSameValue(t *testing.T) {
	const text = "---\ndate: 2026-11-22\nsummary: a\ndescription: b\n---\n"
	n := mustParse(t, "notes/a.md", text)
	n.Summary = ""
	data, err := n.Edit([]byte(text), berlin)
	if err == nil || !strings.HasPrefix(err.Error(), "content/notes/a.md:4: description: would be read instead of summary") {
		t.Errorf("got %q, %v", data, err)
	}
}

// A handFile is a file as a person might write it: parts by the key to which they
// belong; "" for the parts that no edit may touch.
type handFile struct {
	parts []handPart
	form  string // "yaml", "toml" or "flow"
	crlf  bool
}

type handPart struct{ key, text string }

// handParts are ways to write each key. Each comment on its own line has
// "own" in it: none of these may be lost.
var handParts = map[string]map[string][]string{
	"yaml": {
		"date":        {"date: 2026-11-22T09:30:00+01:00", "date: 2026-11-22 # a Sunday", "date:   '2026-11-22 09:30'", "publishDate: 2026-11-22"},
		"updated":     {"updated: 2026-11-23", "lastmod: 2026-11-23"},
		"title":       {"title: A title", "title: \"A: title\"", "title: |\n  A\n  # title", "title: >- # T\n    A\n\n    title", "title:", "\"title\": 'A' # T", "title: !!str A"},
		"summary":     {"summary: About", "description: 'It''s'", "summary: |+\n  About\n\n", "summary: \"a\n  b\" # S"},
		"tags":        {"tags: [a, b]", "tags:\n- a # A\n# own tag\n- b", "category: One, Two", "categories:\n    - x", "tags: [\n  a, # A\n  # own flow tag\n  b ]", "tags: boats # T", "Tags: [a] # T", "tags: # T\n  - a # A\n  # own tag\n\n  - 'b' # B", "taxonomies:\n  tags:\n    # own taxonomy\n    - a\n  x: [y] # Y"},
		"draft":       {"draft: true", "draft: false", "published: false", "Draft: 'yes' # D", "status: wip"},
		"visibility":  {"visibility: unlisted", "hidden: true # H", "sitemap: false"},
		"aliases":     {"aliases: [/old/]", "aliases:\n  - /a/ # A\n  # own alias\n  - /b/", "redirect_from: /old"},
		"photo":       {"photo: /a.jpg # P", "photo:\n  - value: /a.jpg # A\n    # own alt\n    alt: A\n  # own photo\n  - /b.jpg", "photo: [{value: /a.jpg}, # A\n  # own flow photo\n  /b.jpg]", "photo:\n  value: /a.jpg\n  alt: A"},
		"in-reply-to": {"in-reply-to: https://example.org/", "in-reply-to:\n  # own reply\n  - https://example.org/", "in_reply_to: https://example.org/", "mf-in-reply-to: [https://example.org/]"},
		"properties":  {"properties:\n  mood: good\n  # own sky\n  weather: [rain] # W", "properties: {mood: [a, b]}", "properties:\n  weather:\n  - type: [h-measure]\n    properties: {num: [1]}"},
		"":            {"menu: {weight: 3}", "# a comment", "", "x: |\n  text\n  # more", "params:\n  deep:\n    - 1\n    # two\n    - 2", "y: \"two\n  lines\"", "1: 2", "\"quoted key\": yes", "z: &z [1] # Z", "ü: ä # Ö"},
	},
	"toml": {
		"date":        {"date = 2026-11-22T09:30:00+01:00", "date = 2026-11-22 # a Sunday", "date = \"2026-11-22\""},
		"updated":     {"updated = 2026-11-23", "lastmod = '2026-11-23'"},
		"title":       {"title = 'A title'", "\"title\" = \"A\" # T", "title = \"\"\"\nA \\\n  # title\"\"\" # T"},
		"summary":     {"summary = '''\nAbout\n#'''", "description = \"It's\""},
		"tags":        {"tags = ['a', \"b\"]", "categories = [\n  'x', # X\n  # own tag\n  'y',\n  # own end\n]"},
		"draft":       {"draft = true # D", "draft = false"},
		"visibility":  {"visibility = 'unlisted'"},
		"aliases":     {"aliases = ['/old/'] # O", "aliases = [ # O\n  # own alias\n  '/a/',\n  '/b/']"},
		"photo":       {"photo = '/a.jpg'", "photo = [{value = '/a.jpg', alt = 'A'}, # A\n  # own photo\n  '/b.jpg']", "[[photo]]\nvalue = '/a.jpg' # A\n# own alt\nalt = 'A'\n\n# own second\n[[photo]]\nvalue = '/b.jpg'"},
		"in-reply-to": {"in-reply-to = 'https://example.org/'"},
		"properties":  {"properties.mood = 'good'\n# own sky\nproperties.weather = ['rain'] # W", "[properties]\nmood = 'good'\n# own sky\nweather = ['rain'] # W", "properties = {mood = 'good'} # P"},
		"":            {"x = 1 # X", "# a comment", "", "a.b = 2", "[extra]\na = 1\n# two", "[[list]]\nb = 1\n[list.c]\nd = [1, # one\n 2]", "'quoted key' = {x = 1}", "\"ü\" = 'ä' # Ö"},
	},
	"flow": {
		"date":        {"date: 2026-11-22, # a Sunday", "\"date\": \"2026-11-22\","},
		"updated":     {"updated: 2026-11-23,"},
		"title":       {"title: A, # T", "\"title\": \"A\\\"\","},
		"summary":     {"description: 'It''s',"},
		"tags":        {"tags: [a, b],", "tags: [\n  a, # A\n  # own tag\n  b\n  # own end\n], # T"},
		"draft":       {"draft: true, # D"},
		"visibility":  {"visibility: unlisted,"},
		"aliases":     {"aliases: [/old/],"},
		"photo":       {"photo: [{value: /a.jpg, # A\n  # own alt\n  alt: A}, /b.jpg],", "photo: /a.jpg, # P"},
		"in-reply-to": {"in-reply-to: https://example.org/, # R"},
		"properties":  {"properties: {mood: [a, b],\n  # own sky\n  weather: rain\n},"},
		"":            {"menu: {weight: 3},", "# a comment", "\"x\": null, # X", "params: [1, {a: b}],"},
	},
}

func randomFile(r *rand.Rand) handFile {
	f := handFile{form: []string{"yaml", "yaml", "toml", "flow"}[r.IntN(4)], crlf: r.IntN(4) == 0}
	values := handParts[f.form]
	keys := []string{"date"}
	for _, key := range []string{"updated", "title", "summary", "tags", "draft", "visibility", "aliases", "photo", "in-reply-to", "properties"} {
		if r.IntN(2) == 0 {
			keys = append(keys, key)
		}
	}
	r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	foreign := r.Perm(len(values[""]))
	var tables []handPart // of TOML, which come last
	add := func(key, text string) {
		if strings.HasPrefix(text, "[") {
			tables = append(tables, handPart{key, text})
		} else {
			f.parts = append(f.parts, handPart{key, text})
		}
	}
	for _, key := range keys {
		add(key, values[key][r.IntN(len(values[key]))])
		for len(foreign) > 0 && r.IntN(3) == 0 {
			add("", values[""][foreign[0]])
			foreign = foreign[1:]
		}
	}
	f.parts = append(f.parts, tables...)
	return f
}

func (f handFile) text(body string) string {
	fence, open, end := "---\n", "", ""
	switch f.form {
	case "toml":
		fence = "+++\n"
	case "flow":
		open, end = "{\n", "}\n"
	}
	var b strings.Builder
	b.WriteString(fence + open)
	for _, p := range f.parts {
		b.WriteString(p.text + "\n")
	}
	b.WriteString(end + fence + body)
	if f.crlf {
		return strings.ReplaceAll(b.String(), "\n", "\r\n")
	}
	return b.String()
}

// randomEdit changes a note and returns the changed keys of front matter.
func randomEdit(r *rand.Rand, n *Note) (keys []string, body bool) {
	pick := func(ss ...string) string { return ss[r.IntN(len(ss))] }
	texts := []string{"", "New", "a: b # c", "two\nlines", "- x", "'", "2026", "true", "ünï\tcode", "*a", " # x"}
	edits := map[string]func(){
		"updated":     func() { n.Updated = time.Date(2026, 12, 1+r.IntN(20), 8, 0, 0, 0, time.UTC) },
		"title":       func() { n.Name = strings.TrimSpace(pick(texts...)) },
		"summary":     func() { n.Summary = strings.TrimSpace(pick(texts...)) },
		"tags":        func() { n.Category = [][]string{nil, {"a, b"}, {"c#", "#d", "e"}}[r.IntN(3)] },
		"draft":       func() { n.Draft = !n.Draft },
		"visibility":  func() { n.Visibility = pick(Public, Unlisted, Private) },
		"aliases":     func() { n.Aliases = append(n.Aliases, "/moved/from/") },
		"photo":       func() { n.Properties["photo"] = []any{map[string]any{"value": "/n.jpg", "alt": pick(texts...)}} },
		"in-reply-to": func() { delete(n.Properties, "in-reply-to") },
		"properties": func() {
			delete(n.Properties, pick("mood", "weather"))
			n.Properties["pulse"] = []any{pick(texts[1:]...), "x"}
		},
	}
	for _, key := range []string{"updated", "title", "summary", "tags", "draft", "visibility", "aliases", "photo", "in-reply-to", "properties"} {
		if r.IntN(3) == 0 {
			edits[key]()
			keys = append(keys, key)
		}
	}
	if r.IntN(3) == 0 {
		n.Content, body = pick("", "New text", "Two\n\nparagraphs", "---\nx\n---"), true
	}
	return keys, body
}

func TestAnEditKeepsAllThatItDoesNotName(t *testing.T) {
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 1))
		f := randomFile(r)
		bodyBefore := []string{"", "Text\n", "\nText", "\n\nText  \n\n\n"}[r.IntN(4)]
		before := f.text(bodyBefore)
		n, err := Parse("a/b.md", []byte(before), berlin)
		if err != nil {
			t.Fatalf("seed %d: %v in\n%s", seed, err, before)
		}
		keys, body := randomEdit(r, n)
		after, err := n.Edit([]byte(before), berlin)
		if err != nil {
			t.Fatalf("seed %d: %v: %q of\n%s", seed, err, keys, before)
		}
		if !n.reads(after, berlin) {
			t.Fatalf("seed %d: the edit is read as another note:\n%s", seed, after)
		}
		// The parts that the edit does not name are still there, in their order, and so
		// is each comment on a line of its own.
		rest := string(after)
		for _, p := range f.parts {
			want := p.text + "\n"
			if f.form == "flow" { // a comma may be added or removed
				want = strings.TrimSuffix(strings.TrimSpace(strings.SplitN(p.text, " # ", 2)[0]), ",")
			}
			if f.crlf {
				want = strings.ReplaceAll(want, "\n", "\r\n")
			}
			for line := range strings.Lines(p.text) {
				if line = strings.TrimSpace(line); strings.HasPrefix(line, "# own") && !strings.Contains(string(after), line) {
					t.Fatalf("seed %d: an edit of %q lost %q:\n%s\nbefore:\n%s", seed, keys, line, after, before)
				}
			}
			if slices.Contains(keys, p.key) {
				continue
			}
			_, behind, ok := strings.Cut(rest, want)
			if !ok {
				t.Fatalf("seed %d: an edit of %q lost %q:\n%s\nbefore:\n%s", seed, keys, p.text, after, before)
			}
			rest = behind
		}
		if whole, _ := cut(after); !body && whole.body != strings.TrimPrefix(before, f.text("")) {
			t.Fatalf("seed %d: the body changed: %q", seed, whole.body)
		}
	}
}

func FuzzEdit(f *testing.F) {
	for seed := range uint64(20) {
		file := randomFile(rand.New(rand.NewPCG(seed, 1)))
		f.Add([]byte(file.text("Text\n")), seed)
	}
	f.Add([]byte("+++\ntitle = \"A\"\n+++\nOld\n"), uint64(1))
	f.Add([]byte("Old"), uint64(2))
	f.Add([]byte("---\n{\"title\": \"A\", \"tags\": [\"a\"]}\n---\n"), uint64(3))
	f.Add([]byte("{\"title\": \"A\", \"tags\": [\"a\", {\"b\": null}], \"draft\": true}\nHi"), uint64(5))
	f.Add([]byte(";;;\n\"title\": \"A\",\n\"photo\": {\"value\": \"/a.jpg\"},\n;;;\nHi"), uint64(6))
	f.Add([]byte("---\ntags: [a, # A\n  b, {c: d}, ? e]\nphoto: [a: b]\n---\n"), uint64(4))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		n, err := Parse("2026-11-22-a.md", data, berlin)
		if err != nil {
			return
		}
		randomEdit(rand.New(rand.NewPCG(seed, 1)), n)
		after, err := n.Edit(data, berlin)
		if _, refused := errors.AsType[*SyntaxError](err); err != nil && !refused {
			t.Fatalf("%v", err)
		}
		if err == nil && !n.reads(after, berlin) {
			t.Errorf("%q became %q, which is another note", data, after)
		}
		if err == nil {
			wantUntouched(t, data, after, n)
		}
		again, err := n.Edit(after, berlin)
		if after != nil && (err != nil || string(again) != string(after)) {
			t.Errorf("a second edit changed %q to %q, %v", after, again, err)
		}
	})
}

// wantUntouched fails if an edit changed the lines of a key that it does not name,
// or lost a comment on its own line between two keys.
func wantUntouched(t *testing.T, before, after []byte, n *Note) {
	t.Helper()
	old, err := Parse(n.File, before, berlin)
	if err != nil {
		t.Fatal(err)
	}
	e := &editor{eol: eolOf(before)}
	if _, err := e.changesOf(before, old, n); err != nil {
		t.Fatal(err.msg)
	}
	rest := string(after)
	for _, r := range recordsOf(t, before) {
		for line := range strings.Lines(r.pre) {
			if line = strings.TrimRight(line, "\r\n"); strings.HasPrefix(strings.TrimSpace(line), "#") && !strings.Contains(string(after), line) {
				t.Errorf("%q became %q without %q", before, after, line)
			}
		}
		if slices.ContainsFunc(e.named, func(name string) bool { return name == r.key || strings.HasPrefix(name, r.key+".") }) {
			continue
		}
		_, behind, ok := strings.Cut(rest, r.text)
		if !ok || !strings.Contains(rest, strings.TrimSpace(r.after)) {
			t.Errorf("%q became %q without %q", before, after, r.text+r.after)
		}
		rest = behind
	}
}

type keyRecord struct {
	record
	key string
}

// recordsOf returns the top-level keys of a file with the bytes around them.
func recordsOf(t *testing.T, data []byte) (records []keyRecord) {
	p, err := cut(data)
	if err != nil {
		t.Fatal(err.msg)
	}
	e := &editor{text: p.front, eol: eolOf(data)}
	var keys []string
	l := layout{}
	if p.fence == "+++" {
		tomls := &tomlEditor{editor: e}
		tomls.read()
		l = tomls.layout
		for _, s := range tomls.statements {
			keys = append(keys, s.path[0])
		}
	} else if root, err := e.readYAML(); err == nil && (p.fence == "---" || p.fence == "") {
		l = e.layout(root)
		for _, p := range root.parts {
			keys = append(keys, p.key)
		}
	}
	for i, r := range l.records {
		records = append(records, keyRecord{r, keys[i]})
	}
	return records
}

func ExampleNote_Edit() {
	file := []byte("---\ndate: 2026-11-22\nmenu: main # mine\n---\nHello!\n")
	n, err := Parse("hello.md", file, time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	n.Name = "Hello"
	file, err = n.Edit(file, time.UTC)
	fmt.Printf("%s%v", file, err)
	// Output:
	// ---
	// date: 2026-11-22
	// title: Hello
	// menu: main # mine
	// ---
	// Hello!
	// <nil>
}
