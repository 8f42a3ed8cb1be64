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

// edited changes a file as an update would.
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
		{"also where the value is no text", "---\nphoto: /1.jpg  # from the trip\naliases: [/a/] # moved\ntitle: '' # no \"name\"\nproperties: {mood: 'ok # a', weather: sunny} # by hand\n---\n", func(n *Note) {
			n.Properties["photo"] = append(n.Properties["photo"], "/2.jpg")
			n.Properties["mood"] = []any{"bad # b"}
			n.Aliases = append(n.Aliases, "/b/")
			n.Name = "a\nb"
		}, "---\nphoto:  # from the trip\n  - /1.jpg\n  - /2.jpg\naliases: [/a/, /b/] # moved\ntitle: \"a\\nb\" # no \"name\"\nproperties: {mood: 'bad # b', weather: sunny} # by hand\n---\n"},
		{"and that of a list over several lines", "---\ntags: # of mine\n  - a\n---\n", func(n *Note) { n.Category = []string{"b"} }, "---\ntags: # of mine\n  - b\n---\n"},
		{"quotes stay", "---\ndate: 2026-11-22\ntitle: \"Old\"\n---\n", rename, "---\ndate: 2026-11-22\ntitle: \"New\"\n---\n"},
		{"a value of several lines", "---\ntitle: >\n  Old\n  and long\n\ndate: 2026-11-22\n---\n", rename, "---\ntitle: New\n\ndate: 2026-11-22\n---\n"},
		{"a new key goes where it is usual", "---\ndate: 2026-11-22\ntags: [a]\nmenu: x\n---\n", updated, "---\ndate: 2026-11-22\nupdated: 2026-11-23T08:00:00Z\ntags: [a]\nmenu: x\n---\n"},
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
		{"another generator's key goes if it is what is read", "---\ndescription: B\nx: 1\n---\n", func(n *Note) { n.Summary = "" }, "---\nx: 1\n---\n"},
		{"it stays if it is not", "---\ntags: [a]\ncategories: [b]\n---\n", func(n *Note) { n.Category = []string{"c"} }, "---\ntags: [c]\ncategories: [b]\n---\n"},
		{"a draft of another generator's", "---\npublished: false\nx: 1\n---\n", func(n *Note) { n.Draft = false }, "---\nx: 1\n---\n"},
		{"a comment above a key that goes", "---\n# about drafts\ndraft: true\nx: 1\n---\n", func(n *Note) { n.Draft = false }, "---\n# about drafts\nx: 1\n---\n"},
		{"tags over several lines", "---\ntags:\n  - a\n  - b # second\nx: 1\n---\n", func(n *Note) { n.Category = []string{"b", "c"} }, "---\ntags:\n  - b\n  - c\nx: 1\n---\n"},
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
		{"two properties go", "---\nx: 1\nproperties:\n  photo: /b.jpg\n  video: /c.mp4\n---\n", func(n *Note) { clear(n.Properties) }, "---\nx: 1\n---\n"},
		{"the body between its empty lines", "---\nx: 1\n---\n\n\nOld\n\ntext\n\n", func(n *Note) { n.Content = "New\n\n  text" }, "---\nx: 1\n---\n\n\nNew\n\n  text\n\n"},
		{"a body where there was none", "---\r\nx: 1\r\n---", func(n *Note) { n.Content = "New\ntext" }, "---\r\nx: 1\r\n---\r\nNew\r\ntext\r\n"},
		{"TOML when the body alone changes", "+++\ntitle = \"A\"\n+++\nOld\n", func(n *Note) { n.Content = "New" }, "+++\ntitle = \"A\"\n+++\nNew\n"},
		{"an address of its own gives way to a slug", "---\nurl: /a/b/\nx: 1\n---\n", func(n *Note) { n.Rename("c") }, "---\nx: 1\nslug: c\n---\n"},
		{"an anchor that nobody else needs", "---\ntitle: &t Old\nx: 1\n---\n", rename, "---\ntitle: New\nx: 1\n---\n"},
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

func TestFrontMatterThatIsNotChangedLineByLine(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"TOML", "+++\ndate = 2026-11-22\n+++\n", "content/a.md:1: front matter in TOML"},
		{"one object", "---\n{date: 2026-11-22, title: A}\n---\n", "content/a.md:2: front matter written as {…}"},
		{"an anchor that another key needs", "---\ndate: 2026-11-22\ntitle: &t A\nx: *t\n---\n", "content/a.md:1: the front matter can't be changed"},
		{"an anchor that stands for another then", "---\ndate: 2026-11-22\ny: &t A\ntitle: &t B\nx: *t\n---\n", "content/a.md:1: a change of the front matter would change other keys"},
		{"properties that stand elsewhere", "---\ndate: 2026-11-22\nx: &p {mood: good}\nproperties: *p\n---\n", "content/a.md:4: properties: "},
		{"a key that does not begin its line", "---\ndate: 2026-11-22\n? title\n: A\n---\n", "content/a.md:3: title: does not stand"},
		{"a mistake that is there already", "---\ndate: 2026-11-22\nformat: maybe\n---\n", "content/a.md:3: format: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := mustParse(t, "a.md", strings.Replace(strings.Replace(tc.text, "? title\n: A", "title: A", 1), "maybe", "markdown", 1))
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

func TestAKeyStaysWhileAnotherSaysTheSame(t *testing.T) {
	const text = "---\ndate: 2026-11-22\ntags: [a]\ncategories: [b]\n---\n"
	n := mustParse(t, "notes/a.md", text)
	n.Category = nil
	data, err := n.Edit([]byte(text), berlin)
	if err == nil || !strings.HasPrefix(err.Error(), "content/notes/a.md:4: categories: would be read in the place of tags") {
		t.Errorf("got %q, %v", data, err)
	}
}

// A handFile is a file as somebody might write it: lines by the key that they
// belong to; "" for those that no edit may touch.
type handFile struct {
	lines []handLine
	crlf  bool
}

type handLine struct{ key, text string }

func randomFile(r *rand.Rand) handFile {
	values := map[string][]string{
		"date":        {"date: 2026-11-22T09:30:00+01:00", "date: 2026-11-22 # a Sunday", "date:   '2026-11-22 09:30'", "publishDate: 2026-11-22"},
		"updated":     {"updated: 2026-11-23", "lastmod: 2026-11-23"},
		"title":       {"title: A title", "title: \"A: title\"", "title: |\n  A\n  # title", "title: >-\n    A\n\n    title", "title:"},
		"summary":     {"summary: About", "description: 'It''s'", "summary: |+\n  About\n\n"},
		"tags":        {"tags: [a, b]", "tags:\n- a\n# both\n- b", "category: One, Two", "categories:\n    - x", "tags: [\n  a,\n  b ]"},
		"draft":       {"draft: true", "draft: false", "published: false"},
		"visibility":  {"visibility: unlisted"},
		"aliases":     {"aliases: [/old/]", "aliases:\n  - /a/\n  - /b/"},
		"photo":       {"photo: /a.jpg", "photo:\n  - value: /a.jpg\n    alt: A\n  - /b.jpg"},
		"in-reply-to": {"in-reply-to: https://example.org/"},
		"properties":  {"properties:\n  mood: good\n  # sky\n  weather: [rain]", "properties: {mood: [a, b]}", "properties:\n  weather:\n  - type: [h-measure]\n    properties: {num: [1]}"},
		"":            {"menu: {weight: 3}", "# a comment", "", "x: |\n  text\n  # more", "params:\n  deep:\n    - 1\n    # two\n    - 2", "y: \"two\n  lines\"", "1: 2", "\"quoted key\": yes"},
	}
	var f handFile
	keys := []string{"date"}
	for _, key := range []string{"updated", "title", "summary", "tags", "draft", "visibility", "aliases", "photo", "in-reply-to", "properties"} {
		if r.IntN(2) == 0 {
			keys = append(keys, key)
		}
	}
	r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	foreign := r.Perm(len(values[""]))
	for _, key := range keys {
		f.lines = append(f.lines, handLine{key, values[key][r.IntN(len(values[key]))]})
		for len(foreign) > 0 && r.IntN(3) == 0 {
			f.lines = append(f.lines, handLine{"", values[""][foreign[0]]})
			foreign = foreign[1:]
		}
	}
	f.crlf = r.IntN(4) == 0
	return f
}

func (f handFile) text(body string) string {
	var b strings.Builder
	b.WriteString("---\n")
	for _, l := range f.lines {
		b.WriteString(l.text + "\n")
	}
	b.WriteString("---\n" + body)
	if f.crlf {
		return strings.ReplaceAll(b.String(), "\n", "\r\n")
	}
	return b.String()
}

// randomEdit changes a note and returns the keys of front matter that it names.
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
			n.Properties["pulse"] = []any{pick(texts...), "x"}
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

func TestWhatAnEditDoesNotNameItKeeps(t *testing.T) {
	for seed := range uint64(1000) {
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
		// What is not named stands there still, in its order.
		rest := string(after)
		kept := handFile{crlf: f.crlf}
		for _, l := range f.lines {
			if !slices.Contains(keys, l.key) {
				kept.lines = append(kept.lines, l)
			}
		}
		for _, l := range kept.lines {
			want := l.text + "\n"
			if f.crlf {
				want = strings.ReplaceAll(want, "\n", "\r\n")
			}
			_, behind, ok := strings.Cut(rest, want)
			if !ok {
				t.Fatalf("seed %d: an edit of %q lost %q:\n%s\nbefore:\n%s", seed, keys, l.text, after, before)
			}
			rest = behind
		}
		if whole, _ := cut(after); !body && whole.body != strings.TrimPrefix(handFile{crlf: f.crlf}.text(bodyBefore), handFile{crlf: f.crlf}.text("")) {
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
		again, err := n.Edit(after, berlin)
		if after != nil && (err != nil || string(again) != string(after)) {
			t.Errorf("a second edit changed %q to %q, %v", after, again, err)
		}
	})
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
