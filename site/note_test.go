package site

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var berlin = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return loc
}()

func mustParse(t *testing.T, file, text string) *Note {
	t.Helper()
	n, err := Parse(file, []byte(text), berlin)
	if err != nil {
		t.Fatalf("Parse(%s): %v", file, err)
	}
	return n
}

func TestAFileHasTheAddressOfItsNote(t *testing.T) {
	const dated = "---\ndate: 2026-11-22T09:30:00+01:00\n---\nHi\n"
	for _, tc := range []struct{ name, file, text, permalink string }{
		{"a note of Micropub's", "notes/2026/11/22-hello.md", dated, "/2026/11/hello/"},
		{"the day is not a part of the slug, under notes only", "blog/22-hello.md", dated, "/2026/11/22-hello/"},
		{"slug wins over the name", "notes/x.md", "---\ndate: 2026-11-22\nslug: better\n---\n", "/2026/11/better/"},
		{"a date in the name", "posts/2025-01-31-old.markdown", "Hi\n", "/2025/01/old/"},
		{"a date and time in the name", "posts/2025-01-31-2359-old.md", "Hi\n", "/2025/01/old/"},
		{"a year after the date in the name", "posts/2025-01-31-1984-again.md", "Hi\n", "/2025/01/1984-again/"},
		{"also where the front matter has the date", "posts/2025-01-31-1984-again.md", dated, "/2026/11/1984-again/"},
		{"the front matter's date wins", "posts/2025-01-31-old.md", dated, "/2026/11/old/"},
		{"the month is that of the date as written", "a/b.md", "---\ndate: 2026-12-01T00:30:00+09:00\n---\n", "/2026/12/b/"},
		{"a bundle has its folder's name", "my-trip/index.md", dated, "/2026/11/my-trip/"},
		{"a dated bundle", "trips/2026-05-01-spring/index.md", "Hi", "/2026/05/spring/"},
		{"a page", "about.md", "# About\n", "/about/"},
		{"a page in the folder for pages", "pages/uses.md", "Tools", "/uses/"},
		{"a page below another", "pages/uses/desk.md", "Tools", "/uses/desk/"},
		{"a page as a bundle", "about/index.md", "Me", "/about/"},
		{"a dated file is not a page", "about.md", dated, "/2026/11/about/"},
		{"the front page", "index.md", "Welcome", "/"},
		{"letters of every script", "Über Uns.md", "Wir", "/über-uns/"},
		{"an address of its own", "a/b.md", "---\ndate: 2026-01-01\nurl: /old/place.html\n---\n", "/old/place.html"},
		{"permalink likewise", "a/b.md", "---\ndate: 2026-01-01\npermalink: old/place\n---\n", "/old/place/"},
		{"path likewise, and the date in it counts where no other is", "blog/b.md", "+++\npath = \"news/2015/04/03/Beta\"\n+++\n", "/news/2015/04/03/Beta/"},
		{"the address of another site does not count", "a/b.md", "---\ndate: 2026-01-01\nurl: https://evil.example/x\n---\n", "/2026/01/b/"},
		{"an address does not climb", "a/b.md", "---\ndate: 2026-01-01\nurl: /../../etc/\n---\n", "/etc/"},
		{"a hidden address does not count", "a/b.md", "---\ndate: 2026-01-01\nurl: /.git/config\n---\n", "/2026/01/b/"},
		{"a slug is not a path", "a/b.md", "---\ndate: 2026-01-01\nslug: ../../etc\n---\n", "/2026/01/etc/"},
		{"a deleted note keeps its address", ".trash/notes/2026/11/22-hello.md", dated, "/2026/11/hello/"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := mustParse(t, tc.file, tc.text).Permalink("/:year/:month/:slug/"); got != tc.permalink {
				t.Errorf("%s: permalink %q, want %q", tc.file, got, tc.permalink)
			}
		})
	}
}

func TestPermalinkPatterns(t *testing.T) {
	n := mustParse(t, "a/b.md", "---\ndate: 2026-03-04T05:06:07Z\nlike-of: https://x.example\n---\n")
	for pattern, want := range map[string]string{
		"/:slug/": "/b/",
		"/:type/:year/:month/:day/:hour:minute/:slug/": "/like/2026/03/04/0506/b/",
	} {
		if got := n.Permalink(pattern); got != want {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
}

func TestMistakesInANoteNameFileAndLine(t *testing.T) {
	for _, tc := range []struct{ name, file, text, want string }{
		{"no date", "hello.txt/hello.md", "Hi", "content/hello.txt/hello.md:1: no date; add"},
		{"a text that is not a date", "hello.md", "---\ndate: yesterday\n---\n", `content/hello.md:2: date: "yesterday" is not a date and time such as 2026-11-22T09:30:00+01:00`},
		{"a name without a letter", "❤️.md", "---\ndate: 2026-11-22\n---\n", "content/❤️.md:1: the file's name gives no address"},
		{"a day that does not exist in the name of a page", "2026-02-30-x.md", "Hi", "content/2026-02-30-x.md:1: its name begins with 2026-02-30, which is not a date"},
		{"a day that does not exist in the name of a note", "blog/2026-02-30-x/index.md", "Hi", "content/blog/2026-02-30-x/index.md:1: its name begins with 2026-02-30, which is not a date"},
		{"broken YAML", "hello.md", "---\ntitle: a\ntags: [a\n---\n", "content/hello.md:"},
		{"a key twice", "hello.md", "---\ntitle: a\ndraft: true\ntitle: b\n---\n", "content/hello.md:4: title: duplicate key; first set on line 2"},
		{"front matter that does not end", "hello.md", "---\ntitle: a\n", "content/hello.md:1: front matter begins but does not end"},
		{"front matter that is a list", "hello.md", "---\n- a\n---\n", "content/hello.md:2: front matter is not"},
		{"a key in two spellings", "hello.md", "---\ntitle: a\nTitle: b\n---\n", "content/hello.md:3: Title: duplicate key; first set on line 2"},
		{"broken TOML", "hello.md", "+++\ntitle = a\n+++\n", "content/hello.md:2: title: a text needs quotes"},
		{"a NUL byte", "hello.md", "a\nb\x00", "content/hello.md:2: a NUL byte"},
		{"not UTF-8", "hello.md", "a\n\nb\xff", "content/hello.md:3: not UTF-8"},
		{"a file over the bound", "hello.md", strings.Repeat("x", MaxNoteBytes+1), "larger than 10 MiB"},
		{"aliases that multiply", "hello.md", "---\na: &a [1,2,3,4,5,6,7,8,9]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n---\n", "more than 20000 values"},
		{"an alias of itself", "hello.md", "---\na: &a [*a]\n---\n", "content/hello.md:2: "},
		{"deep nesting", "hello.md", "---\na: " + strings.Repeat("[", 60) + strings.Repeat("]", 60) + "\n---\n", "nested more than 40 levels"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Parse(tc.file, []byte(tc.text), berlin)
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v\nwant …%s…", err, tc.want)
			}
		})
	}
}

func TestKeysOfOtherGeneratorsAreReadWithoutOurs(t *testing.T) {
	n := mustParse(t, "blog/b.md", "+++\npath = \"2015/04/03/Beta\"\nredirect_from = [\"/old/\", \"older.html\"]\n[taxonomies]\ntags = [\"rust\"]\n+++\n")
	if got := n.Published.Format(time.RFC3339); got != "2015-04-03T00:00:00+02:00" || n.Kind != KindNote {
		t.Errorf("a %s of %s, want a note of the day in its path", n.Kind, got)
	}
	if !reflect.DeepEqual(n.Category, []string{"rust"}) || !reflect.DeepEqual(n.Aliases, []string{"/old/", "/older.html"}) {
		t.Errorf("tags %q, aliases %q", n.Category, n.Aliases)
	}
	n = mustParse(t, "b.md", "---\ndate: 2026-01-01\npath: /2015/04/03/x/\naliases: /a/\nredirect_from: /b/\ntags: [a]\ntaxonomies: {tags: [b]}\n---\n")
	if n.Published.Year() != 2026 || !reflect.DeepEqual(n.Category, []string{"a", "b"}) || !reflect.DeepEqual(n.Aliases, []string{"/a/"}) {
		t.Errorf("our keys do not take precedence: %v, tags %q, aliases %q", n.Published, n.Category, n.Aliases)
	}
	n = mustParse(t, "about.md", "---\npath: /2015/13/40/x/\n---\n")
	if n.Kind != KindPage {
		t.Errorf("a path with no such day gives a %s of %v", n.Kind, n.Published)
	}
}

func TestFrontMatterKeys(t *testing.T) {
	n := mustParse(t, "a.md", `---
date: 2026-11-22 09:30
lastmod: 2026-11-23
title: 2026
description: About
category: One, Two
published: false
in-reply-to: https://example.org/post
photo:
  - value: /media/3f/3f9a.jpg
    alt: A harbour at dawn
properties:
  title: [sent by a client]
  weather: [{type: [h-measure], properties: {num: [12.50]}}]
menu: {weight: 3}
---

Text
`)
	if got := n.Published.Format(time.RFC3339); got != "2026-11-22T09:30:00+01:00" {
		t.Errorf("published %s: a date without offset is in the site's zone", got)
	}
	if n.Name != "2026" || n.Summary != "About" || !reflect.DeepEqual(n.Category, []string{"One", "Two"}) || !n.Draft || n.Updated.IsZero() {
		t.Errorf("got %+v", n)
	}
	want := map[string][]any{
		"in-reply-to": {"https://example.org/post"},
		"photo":       {map[string]any{"value": "/media/3f/3f9a.jpg", "alt": "A harbour at dawn"}},
		"title":       {"sent by a client"},
		"weather":     {map[string]any{"type": []any{"h-measure"}, "properties": map[string]any{"num": []any{json.Number("12.50")}}}},
	}
	if !reflect.DeepEqual(n.Properties, want) {
		t.Errorf("properties\n%v\nwant\n%v", n.Properties, want)
	}
	if n.Content != "Text" || n.BodyLine != 18 {
		t.Errorf("content %q begins in line %d", n.Content, n.BodyLine)
	}
}

// dateIn returns the date of a note with some front matter, zero if it has none.
func dateIn(front string) time.Time {
	n, err := Parse("a/b.md", []byte("---\n"+front+"\n---\n"), berlin)
	if err != nil {
		return time.Time{}
	}
	return n.Published
}

func TestDatesAsTheyAreWritten(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"},
		{"2026-11-20T10:00:00+01:00", "2026-11-20T10:00:00+01:00"},
		{"2026-11-20T10:00:00+0100", "2026-11-20T10:00:00+01:00"},
		{"2026-11-20T10:00:00+01", "2026-11-20T10:00:00+01:00"},
		{"2026-11-20T10:00:00.123+01", "2026-11-20T10:00:00+01:00"},
		{"2026-11-20T10:00:00.9Z", "2026-11-20T10:00:00Z"},
		{"2026-11-20t10:00:00z", "2026-11-20T10:00:00Z"}, // RFC 3339 §5.6
		{"2026-11-20t10:00:00.5-05:00", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20T10:00:00", "2026-11-20T10:00:00+01:00"},
		{"2026-11-20T10:00Z", "2026-11-20T10:00:00Z"},
		{"2026-11-20T10:00z", "2026-11-20T10:00:00Z"},
		{"2026-11-20T10:00-05:00", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20T10:00-0500", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20T10:00-05", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20T10:00", "2026-11-20T10:00:00+01:00"},
		{"2026-11-20 10:00:00Z", "2026-11-20T10:00:00Z"},
		{"2026-11-20 10:00:00.25Z", "2026-11-20T10:00:00Z"},
		{"2026-11-20 10:00:00 Z", "2026-11-20T10:00:00Z"},
		{"2026-11-20 10:00:00z", "2026-11-20T10:00:00Z"},
		{"2026-11-20 10:00:00-05:00", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20 10:00:00-0500", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20 10:00:00.75-0500", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20 10:00:00-05", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20 10:00:00 -05:00", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20 10:00:00 -0500", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20 10:00:00", "2026-11-20T10:00:00+01:00"},
		{"2026-11-20 10:00Z", "2026-11-20T10:00:00Z"},
		{"2026-11-20 10:00-05:00", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20 10:00 -05:00", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20 10:00 -0500", "2026-11-20T10:00:00-05:00"},
		{"2026-11-20 10:00", "2026-11-20T10:00:00+01:00"},
		{"2026-11-20", "2026-11-20T00:00:00+01:00"},
		{"2026-11-20 10:00:00 UTC", "2026-11-20T10:00:00Z"},
		{"2026-11-20 10:00 GMT", "2026-11-20T10:00:00Z"},
		{"2026-11-20 UTC", "2026-11-20T00:00:00Z"},
		{"2026-11-20 10:00:00 +0100 UTC", ""},
		{"1850-05-01", "1850-05-01T00:00:00+00:53"}, // before there was standard time
		{"1850-05-01 23:59:59", "1850-05-01T23:59:59+00:53"},
		{"2026-11-20Z", ""},
		{"2026-11-20T10", ""},
		{"2026-11-20T", ""},
		{"2026-11-20T10:00:00ZZ", ""},
		{"2026-11-20T10:00:00CET", ""},
		{"2026-11-20T10:00:00+1", ""},
		{"2026-13-20T10:00:00Z", ""},
		{"20 Nov 2026", ""},
	} {
		sent, _ := ParseTime(tc.text, berlin)
		for where, got := range map[string]time.Time{
			"by an app": sent, "in a file": dateIn("date: " + tc.text), "in quotes": dateIn(`date: "` + tc.text + `"`),
			"in YAML that is not read by hand": dateIn("# A date\ndate: " + tc.text),
		} {
			if s := got.Format(time.RFC3339); s != tc.want && !(tc.want == "" && got.IsZero()) {
				t.Errorf("%s %s is %s, want %q", tc.text, where, s, tc.want)
			}
		}
	}
	for _, text := range []string{"2026-11-20T10:00:00Z", "2026-11-20 10:00:00Z", "2026-11-20t10:00:00z", "2026-11-20 10:00:00.5+00:00"} {
		n := mustParse(t, "a/b.md", "+++\ndate = "+text+"\n+++\n")
		if got := n.Published.Format(time.RFC3339); got != "2026-11-20T10:00:00Z" {
			t.Errorf("%s in TOML is %s", text, got)
		}
	}
}

func TestTOMLFrontMatterIsRead(t *testing.T) {
	n := mustParse(t, "a/b.md", "+++\ndate = 2026-11-22\ntitle = \"A\"\ntags = [\"x\"]\n[extra]\nx = 1\n+++\nText")
	if n.Name != "A" || n.Published.Format(time.RFC3339) != "2026-11-22T00:00:00+01:00" || n.Category[0] != "x" || n.Content != "Text" {
		t.Errorf("got %+v", n)
	}
}

func TestPostTypes(t *testing.T) {
	for _, tc := range []struct{ want, front, body string }{
		{"note", "", "Hello"},
		{"article", "title: On files", "Hello"},
		{"note", "title: Hello  you", "Hello you, and all others"},
		{"reply", "in-reply-to: https://a.example", "Hello"},
		{"rsvp", "in-reply-to: https://a.example\nrsvp: \"yes\"", ""},
		{"like", "like-of: https://a.example", ""},
		{"repost", "repost-of: https://a.example", ""},
		{"bookmark", "bookmark-of: https://a.example\ntitle: A", ""},
		{"photo", "photo: /a.jpg\ntitle: A", ""},
		{"video", "photo: /a.jpg\nvideo: /a.mp4", ""},
		{"audio", "audio: /a.mp3", ""},
		{"checkin", "checkin: {type: [h-card], properties: {name: [A]}}", ""},
		{"read", "read-of: https://a.example", ""},
		{"event", "h: event\ntitle: Meeting", ""},
	} {
		n := mustParse(t, "a/b.md", "---\ndate: 2026-01-01\n"+tc.front+"\n---\n"+tc.body)
		if got := n.PostType(); got != tc.want {
			t.Errorf("%q: %s, want %s", tc.front, got, tc.want)
		}
	}
}

func TestSlugs(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"words", "Hello, World!", "hello-world"},
		{"dots cannot climb out", "../../etc", "etc"},
		{"slashes separate words", "a/b\\c", "a-b-c"},
		{"letters are folded to ASCII", "Über Straße, Æsop & Łódź", "uber-strasse-aesop-lodz"},
		{"other scripts are spelled", "Привет", "privet"},
		{"apostrophes vanish", "Don’t say 'no'", "dont-say-no"},
		{"nothing is left of an emoji", "🎉", ""},
		{"NUL and line ends", "a\x00b\r\nc", "a-b-c"},
		{"cut between words", "one two three four five six seven eight nine ten eleven twelve thirteen", "one-two-three-four-five-six-seven-eight-nine-ten-eleven"},
		{"Japanese keeps its letters", "今日は良い天気ですね。散歩に行きました。", "今日は良い天気ですね-散歩に行きました"},
		{"so does Kana with its long vowels", "コーヒーを飲んだ", "コーヒーを飲んだ"},
		{"Chinese", "你好，世界", "你好-世界"},
		{"Korean", "안녕하세요 여러분", "안녕하세요-여러분"},
		{"Thai, with its marks", "สวัสดีชาวโลก", "สวัสดีชาวโลก"},
		{"Arabic and Hebrew", "مرحبا بالعالم שלום", "مرحبا-بالعالم-שלום"},
		{"Hindi", "नमस्ते दुनिया", "नमस्ते-दुनिया"},
		{"scripts within one text", "日本語 und Ελληνικά, 2 Übungen", "日本語-und-ellenika-2-ubungen"},
		{"full-width letters and digits", "ＡＢＣ１２３", "abc123"},
		{"a long text without spaces", strings.Repeat("あ", 100), strings.Repeat("あ", 20)},
		{"a mark is not cut from its letter", strings.Repeat("a", 58) + "กี้", strings.Repeat("a", 58)},
		{"a short first word does not stand for all", "「本」" + strings.Repeat("あ", 40), "本-" + strings.Repeat("あ", 18)},
		{"a device of Windows", "CON", "con-1"},
		{"one long word is cut", strings.Repeat("a", 100), strings.Repeat("a", 60)},
		{"a list's name is not free", "Tags", "tags-1"},
		{"nor is that of a type's list", "Replies", "replies-1"},
		{"nor is the number of a list's part", "2", "2-1"},
		{"nor a month", "10", "10-1"},
		{"nor a year", "2026", "2026-1"},
		{"more digits are free", "20261", "20261"},
		{"the time of a note is its slug", "093015", "093015"},
		{"a slug that was made stays", "2-1", "2-1"},
	} {
		if got := MakeSlug(tc.in); got != tc.want {
			t.Errorf("%s: MakeSlug(%q) = %q, want %q", tc.name, tc.in, got, tc.want)
		}
	}
}

func TestTagAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"IndieWeb": "indieweb", "C++": "cplusplus", "C#": "csharp", "#go": "go", "site news": "site-news",
		"Żółw": "żółw", "日本": "日本", "..": "", "a/b": "a-b", "Cafe\u0301": "café",
		"❤️": "", "✈️": "", "I ❤️ Go": "i-go", "हिन्दी": "हिन्दी",
	} {
		if got := TagAddress(in); got != want {
			t.Errorf("TagAddress(%q) = %q, want %q", in, got, want)
		}
	}
	if got := TagAddress(strings.Repeat("語", 100)); len(got) > maxAddressBytes || got == "" {
		t.Errorf("an address of %d bytes", len(got))
	}
}

func TestLabels(t *testing.T) {
	for _, tc := range []struct{ name, front, body, want string }{
		{"a name", "title: On files", "Text", "On files"},
		{"Markdown becomes text", "", "## Hi\n\n> **Bold** [link](https://a.example) & `code`\n- ![alt](x.png) \\*", "Hi Bold link & code alt *"},
		{"comments are for authors", "", "One <!-- or\n\nanother --> two<!-- --> three <!-- never closed", "One two three"},
		{"HTML becomes text", "format: html", "<p>Hi <b>there</b>, &amp; <a href=x>you</a>!</p><p>and<br>them</p><script>bad()</script>", "Hi there, & you! and them"},
		{"long text is cut between words", "", strings.Repeat("word ", 60), strings.TrimSpace(strings.Repeat("word ", 28)) + "…"},
		{"a like", "like-of: https://www.example.org/post/", "", "Liked example.org/post"},
		{"an RSVP", "rsvp: \"yes\"\nin-reply-to: https://e.example/1", "", "RSVP to e.example/1"},
		{"a cited name", "repost-of: {type: [h-cite], properties: {name: [Good news], url: [https://a.example]}}", "", "Reposted Good news"},
		{"a photo's description", "photo: [{value: /a.jpg, alt: A harbour}]", "", "A harbour"},
		{"a bare photo", "photo: /a.jpg", "", "Photo"},
		{"nothing at all", "", "", "1 January 2026, 00:00"},
	} {
		n := mustParse(t, "a/b.md", "---\ndate: 2026-01-01\n"+tc.front+"\n---\n"+tc.body)
		if got := n.Label(Markdown{}); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestWhichFilesAreNotes(t *testing.T) {
	c := defaults("/x")
	for file, want := range map[string]bool{
		"a.md": true, "a/b.markdown": true, ".trash/notes/a.md": true, "a.txt": false, "a/.b.md": false,
		"_drafts/a.md": false, "~a.md": false, "a~/b.md": false, "templates/x/a.md": false, ".trash/.x.md": false,
	} {
		if got := c.IsNote(file); got != want {
			t.Errorf("IsNote(%q) = %v", file, got)
		}
	}
}

func roundTrip(t *testing.T, n *Note) {
	t.Helper()
	data, err := n.Format()
	if err != nil {
		t.Fatalf("Format: %v", err)
	}
	again, err := Parse(n.File, data, berlin)
	if err != nil {
		t.Fatalf("Parse of what Format wrote: %v\n%s", err, data)
	}
	again.BodyLine = n.BodyLine
	n.Notices, again.Notices = nil, nil // the author's slips are not written again
	if !reflect.DeepEqual(again, n) {
		t.Errorf("read back\n%#v\nwritten\n%#v\nas\n%s", again, n, data)
	}
}

func TestParseReadsBackWhatFormatWrites(t *testing.T) {
	for _, tc := range []struct{ name, file, text string }{
		{"a note", "notes/2026/11/22-hello.md", "---\ndate: 2026-11-22T09:30:00+01:00\ntags: [indieweb, \"1\", \"yes\", \"a: b\"]\n---\nHello\n\n---\n\nmore"},
		{"strings that look like something else", "a/b.md", "---\ndate: 2026-11-22T09:30:00Z\ntitle: \"true\"\nsummary: \"2026-01-01\"\nproperties: {x: [\"1\", 1, true, null, 1.50, \"null\", \"~\", \"- a\", \"#\"]}\n---\n"},
		{"line ends and controls", "a/b.md", "---\ndate: 2026-11-22T09:30:00Z\nproperties: {x: [\"a\\nb\", \"\\ta\\r\\n\", \" \\n \", \"\\x01\\u2028\\ufeff\"]}\n---\n"},
		{"everything", "a/b.md", "---\ndate: 2026-11-22T09:30:00-07:00\nupdated: 2026-11-23T09:30:00-07:00\nh: event\ntitle: T\nsummary: S\nslug: other\ndraft: true\nvisibility: unlisted\naliases: [/x/]\nformat: html\nlayout: wide\nclient: https://c.example/\nrsvp: \"no\"\n---\n<p>Hi</p>"},
	} {
		t.Run(tc.name, func(t *testing.T) { roundTrip(t, mustParse(t, tc.file, tc.text)) })
	}
}

// draftLine matches a line that can only mean a draft.
var draftLine = regexp.MustCompile(`(?im)^draft *[:=] *["']?(true|yes|on|1)["']?\r?$`)

func FuzzParse(f *testing.F) {
	f.Add("notes/a.md", "---\ndate: 2026-11-22T09:30:00+01:00\ntags: [a]\nphoto: [{value: x, alt: y}]\nproperties: {x: [1, \"a\\nb\"]}\n---\nText\n")
	f.Add("a.md", "+++\ndate = 2026-11-22\n+++\nText\r\n")
	f.Add("2026-01-01-a.md", "\ufeffText")
	f.Add("2026-01-01-a.md", "\u200b\n{\"title\": \"a\", \"draft\": true}\nText")
	f.Add("2026-01-01-a.md", ";;;\n\"draft\": \"yes\",\n;;;\n---\ntitle: x\n---\n")
	f.Add("2026-01-01-a.md", "---\ntitle: \"a\nDraft: yes\nb\"\n<<: {publish: no}\n---\nText")
	f.Add("2026-01-01-a.md", "+++\nlike_of = \"https://example.org/\"\n[extra]\ndraft = true\n+++\n<<<<<<< HEAD\n")
	f.Add("0000-01-01-0.md", "---\npublishDate: 0001-01-01T00:00:00Z\n---\n")
	f.Add("2026-01-01-a.md", "–––\ndrfat: true\n–––\nTitle: a\nDate: b\n\n```\n---\n")
	f.Add("2026-01-01-a.md", "---\ndate: 2026-01-01\npublishDate: 2026-02-01\nexpiryDate: 2026-03-01\nstatus: [draft]\nbuild: {render: never}\n---\n")
	f.Fuzz(func(t *testing.T, file, text string) {
		n, err := Parse(file, []byte(text), berlin)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line < 1 {
				t.Fatalf("not a SyntaxError with a line: %v", err)
			}
			return
		}
		if p := n.Permalink("/:year/:month/:slug/"); strings.Contains(p, "/../") || strings.Contains(p, "/./") || !strings.HasPrefix(p, "/") {
			t.Fatalf("permalink %q", p)
		}
		if n.Label(Markdown{}) == "" && n.Kind != KindHome {
			t.Fatal("a note without a label")
		}
		if p, _ := cut([]byte(text)); draftLine.MatchString(p.front) && !n.Draft {
			t.Fatalf("%q is public", p.front)
		}
		// Format does not write values that only hand-written files can have.
		n.address = ""
		if n.Kind != KindNote {
			return
		}
		roundTrip(t, n)
	})
}

func TestChosenSlugs(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"ASCII", "My Slug!", "my-slug"},
		{"Japanese", "日本語", "日本語"},
		{"German", "Über", "über"},
		{"mixed", "Tokyo 東京 Straße", "tokyo-東京-straße"},
		{"an underscore", "snake_case", "snake_case"},
		{"underscores around it", "__a__", "a"},
		{"letters that are written in parts", "u\u0308ber", "über"},
		{"dots cannot climb out", "../../日本語/..", "日本語"},
		{"a name with an ending", "feed.xml", "feed-xml"},
		{"control characters and line ends", "a\x00\x1b\r\n\u0085b", "a-b"},
		{"marks that turn the direction of text", "\u202eabc\u2066\u200f", "abc"},
		{"a joiner without a letter", "\u200d\ufeff", ""},
		{"a mark without a letter", "\u0301a", "a"},
		{"bytes that are not UTF-8", "a\xff\xfeb", "ab"},
		{"devices of Windows", "NUL", "nul-1"},
		{"devices with a number", "Com1", "com1-1"},
		{"what only begins like one", "console", "console"},
		{"a list's name is not free", "Photos", "photos-1"},
		{"a year", "2026", "2026-1"},
		{"60 letters", strings.Repeat("日", 100), strings.Repeat("日", 60)},
		{"60 letters of ASCII", strings.Repeat("a", 100), strings.Repeat("a", 60)},
		{"letters of four bytes", strings.Repeat("𠀀", 100), strings.Repeat("𠀀", 45)},
	} {
		if got := ChosenSlug(tc.in); got != tc.want {
			t.Errorf("%s: ChosenSlug(%q) = %q, want %q", tc.name, tc.in, got, tc.want)
		}
	}
}

func FuzzMakeSlug(f *testing.F) {
	for _, s := range []string{"Hello", "../..", "ﷺ", "a\x00b", "\xff", "日本語 über", "กี้", "İI\u0307", "\u202ea", "con", "_"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		made, chosen := MakeSlug(s), ChosenSlug(s)
		if len(made) > maxSlugBytes+2 || len(chosen) > maxChosenBytes {
			t.Errorf("MakeSlug(%q) = %q, ChosenSlug = %q", s, made, chosen)
		}
		for _, slug := range []string{made, chosen} {
			odd := strings.ContainsFunc(slug, func(r rune) bool {
				return r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) || unicode.ToLower(r) != r
			})
			if odd || strings.Trim(slug, "-_") != slug || !norm.NFC.IsNormalString(slug) || isReserved(slug) {
				t.Errorf("MakeSlug(%q) = %q, ChosenSlug = %q", s, made, chosen)
			}
			if again := ChosenSlug(slug); again != slug {
				t.Errorf("ChosenSlug(%q) = %q", slug, again)
			}
			if file := FileSlug(slug); file != slug {
				t.Errorf("a file that is called %q has the slug %q", slug, file)
			}
		}
		if tag := TagAddress(s); tag == "." || tag == ".." || strings.ContainsAny(tag, "/\x00\\") || len(tag) > maxAddressBytes {
			t.Errorf("TagAddress(%q) = %q", s, tag)
		}
	})
}
