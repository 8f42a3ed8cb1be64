package receiver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"starpunk/site"
)

func TestAPostBecomesAFile(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, contentType, body, file, text string }{
		{
			"a form", formType, "h=entry&content=50%25+off+%26+1%2B1&category[]=go&category[]=indie+web",
			"notes/2026/11/22-50-off-1-1.md",
			"---\ndate: 2026-11-22T09:30:00+01:00\ntags: [go, indie web]\nclient: https://app.example/\n---\n50% off & 1+1\n",
		},
		{
			"JSON", jsonType, `{"type":["h-entry"],"properties":{"content":["Hello\r\nworld\n\n"],"name":["A title"],"summary":["Short"],"photo":[{"value":"https://example.org/media/3f/a.jpg","alt":"A harbour"}]}}`,
			"notes/2026/11/22-a-title.md",
			"---\ndate: 2026-11-22T09:30:00+01:00\ntitle: A title\nsummary: Short\nclient: https://app.example/\nphoto:\n  - alt: A harbour\n    value: /media/3f/a.jpg\n---\nHello\nworld\n",
		},
		{
			"HTML", jsonType, `{"properties":{"content":[{"html":"<p>Hi <b>there</b></p>"}]}}`,
			"notes/2026/11/22-hi-there.md",
			"---\ndate: 2026-11-22T09:30:00+01:00\nformat: html\nclient: https://app.example/\n---\n<p>Hi <b>there</b></p>\n",
		},
		{
			"a like, named by its time", formType, "like-of=https://x.example/post",
			"notes/2026/11/22-093000.md",
			"---\ndate: 2026-11-22T09:30:00+01:00\nclient: https://app.example/\nlike-of: https://x.example/post\n---\n",
		},
		{
			"a property with the name of a control key", formType, "content=x&aliases=/about/&layout=evil&date=never&draft=false",
			"notes/2026/11/22-x.md",
			"---\ndate: 2026-11-22T09:30:00+01:00\nclient: https://app.example/\nproperties:\n  aliases: /about/\n  date: never\n  draft: \"false\"\n  layout: evil\n---\nx\n",
		},
		{
			"another root", formType, "h=event&name=Party&start=2026-12-01T20:00:00%2B01:00",
			"notes/2026/11/22-party.md",
			"---\ndate: 2026-11-22T09:30:00+01:00\nh: event\ntitle: Party\nclient: https://app.example/\nstart: \"2026-12-01T20:00:00+01:00\"\n---\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{})
			w.create(tc.contentType, tc.body)
			if files := w.notes(); len(files) != 1 || files[0] != tc.file {
				t.Fatalf("files %q, want %q", files, tc.file)
			}
			data, err := os.ReadFile(filepath.Join(w.cfg.ContentDir(), tc.file))
			if err != nil {
				t.Fatal(err)
			}
			want, err := site.Parse(tc.file, []byte(tc.text), w.cfg.Location)
			if err != nil {
				t.Fatal(err)
			}
			got, err := site.Parse(tc.file, data, w.cfg.Location)
			if err != nil {
				t.Fatal(err)
			}
			got.BodyLine, want.BodyLine = 0, 0
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got the file\n%s\nwant one with the meaning of\n%s", data, tc.text)
			}
		})
	}
}

func TestTheLocationOfANoteIsPercentEncoded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	location := w.create(jsonType, `{"properties":{"content":["x"],"mp-slug":["日本語 über"]}}`)
	if want := "https://example.org/2026/11/%E6%97%A5%E6%9C%AC%E8%AA%9E-%C3%BCber/"; location != want {
		t.Errorf("Location: %s, want %s", location, want)
	}
	res := w.send("all", "update", location, `"replace":{"mp-slug":["ηλιος"]}`)
	if moved := res.Header.Get("Location"); moved != "https://example.org/2026/11/%CE%B7%CE%BB%CE%B9%CE%BF%CF%82/" {
		t.Errorf("%d %s, Location: %s", res.StatusCode, res.body, moved)
	}
}

func TestPropertiesOfANewNote(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body string // a form
		check      func(n *site.Note) bool
	}{
		{"published in another zone", "content=x&published=2026-01-02T03:04:05-08:00", func(n *site.Note) bool {
			return n.Published.Format(time.RFC3339) == "2026-01-02T03:04:05-08:00"
		}},
		{"published without a colon", "content=x&published=2026-01-02T03:04:05-0800", func(n *site.Note) bool {
			return n.Published.Format(time.RFC3339) == "2026-01-02T03:04:05-08:00"
		}},
		{"published without a zone is in the site's", "content=x&published=2026-07-02T03:04:05", func(n *site.Note) bool {
			return n.Published.Format(time.RFC3339) == "2026-07-02T03:04:05+02:00"
		}},
		{"published without seconds", "content=x&published=2026-01-02T03:04Z", func(n *site.Note) bool {
			return n.Published.Format(time.RFC3339) == "2026-01-02T03:04:00Z"
		}},
		{"published with a fraction of a second", "content=x&published=2026-01-02T03:04:05.678Z", func(n *site.Note) bool {
			return n.Published.Format(time.RFC3339Nano) == "2026-01-02T03:04:05Z"
		}},
		{"published with a plus that was not escaped", "content=x&published=2026-11-01T00:30:00+09:00", func(n *site.Note) bool {
			return n.Published.Format(time.RFC3339) == "2026-11-01T00:30:00+09:00"
		}},
		{"published with such a plus, a fraction and no colon", "content=x&published=2026-11-01T00:30:00.5+0930", func(n *site.Note) bool {
			return n.Published.Format(time.RFC3339) == "2026-11-01T00:30:00+09:30"
		}},
		{"published with a space before the time", "content=x&published=2026-11-01+09:30", func(n *site.Note) bool {
			return n.Published.Format(time.RFC3339) == "2026-11-01T09:30:00+01:00"
		}},
		{"updated", "content=x&updated=2026-01-02T03:04:05Z", func(n *site.Note) bool { return n.Updated.Year() == 2026 }},
		{"a draft", "content=x&post-status=draft", func(n *site.Note) bool { return n.Draft }},
		{"no draft", "content=x&post-status=published", func(n *site.Note) bool { return !n.Draft }},
		{"unlisted", "content=x&visibility=unlisted", func(n *site.Note) bool { return n.Visibility == site.Unlisted }},
		{"private", "content=x&visibility=private", func(n *site.Note) bool { return n.Visibility == site.Private }},
		{"mp-slug", "content=x&name=Name&mp-slug=My+Slug!", func(n *site.Note) bool { return n.Slug == "my-slug" }},
		{"mp-slug in another script", "content=x&mp-slug=%E6%97%A5%E6%9C%AC%E8%AA%9E", func(n *site.Note) bool { return n.Slug == "日本語" && n.File == "notes/2026/11/22-日本語.md" }},
		{"mp-slug with an umlaut, written in parts", "content=x&mp-slug=U%CC%88ber_uns", func(n *site.Note) bool { return n.Slug == "über_uns" }},
		{"a slug from Japanese", "content=%E4%BB%8A%E6%97%A5%E3%81%AF%E8%89%AF%E3%81%84%E5%A4%A9%E6%B0%97%E3%81%A7%E3%81%99%E3%81%AD%E3%80%82", func(n *site.Note) bool { return n.Slug == "今日は良い天気ですね" }},
		{"slug", "content=x&slug=mine", func(n *site.Note) bool { return n.Slug == "mine" }},
		{"a slug that climbs", "content=x&mp-slug=../../../etc/passwd", func(n *site.Note) bool { return n.Slug == "etc-passwd" }},
		{"a slug that is reserved", "content=x&mp-slug=tags", func(n *site.Note) bool { return n.Slug == "tags-1" }},
		{"a slug that is the number of a list's part", "content=2", func(n *site.Note) bool { return n.Slug == "2-1" }},
		{"a slug of punctuation only", "content=Words&mp-slug=!!!", func(n *site.Note) bool { return n.Slug == "words" }},
		{"a slug from the name", "content=x&name=Hallo+W%C3%B6rld", func(n *site.Note) bool { return n.Slug == "hallo-world" }},
		{"a slug from the first words", "content=One+two+three+four+five+six+seven+eight+nine", func(n *site.Note) bool {
			return n.Slug == "one-two-three-four-five-six-seven-eight"
		}},
		{"a slug from Markdown", "content=%23+Big+%5Bnews%5D(https://x.example)", func(n *site.Note) bool { return n.Slug == "big-news" }},
		{"a slug from the time in its own zone", "photo=https://x.example/a.jpg&published=2026-01-02T03:04:05-08:00", func(n *site.Note) bool { return n.Slug == "030405" }},
		{"own addresses become paths", "in-reply-to=https://example.org/2026/11/a/&photo=https://example.org/media/a.jpg&syndication=https://x.example/", func(n *site.Note) bool {
			return n.Strings("in-reply-to")[0] == "/2026/11/a/" && n.Strings("photo")[0] == "/media/a.jpg" && n.Strings("syndication")[0] == "https://x.example/"
		}},
		{"own addresses in nested objects too", "in-reply-to[type]=h-cite&in-reply-to[properties][url]=https://example.org/a/&in-reply-to[properties][name]=https://example.org/", func(n *site.Note) bool {
			return reflect.DeepEqual(n.Properties["in-reply-to"], []any{map[string]any{
				"type": []any{"h-cite"}, "properties": map[string]any{"url": []any{"/a/"}, "name": []any{"https://example.org/"}}}})
		}},
		{"the address of a look-alike stays", "like-of=https://example.org.evil.example/", func(n *site.Note) bool {
			return n.Strings("like-of")[0] == "https://example.org.evil.example/"
		}},
		{"commands are not stored", "content=x&mp-syndicate-to=a&mp-channel=b&mp-destination=c&mp-whatever=d&access_token=all", func(n *site.Note) bool {
			return len(n.Properties) == 0
		}},
		{"a duplicate tag", "content=x&category[]=a&category[]=a&category[]=b", func(n *site.Note) bool {
			return reflect.DeepEqual(n.Category, []string{"a", "b"})
		}},
		{"a tag that is a person", "content=x&category[0]=a&category[1][type]=h-card&category[1][properties][name]=A", func(n *site.Note) bool {
			return reflect.DeepEqual(n.Category, []string{"a"}) && len(n.Properties["category"]) == 1
		}},
		{"a second name", "content=x&name[]=A&name[]=B", func(n *site.Note) bool { return n.Name == "A" && n.Strings("name")[0] == "B" }},
		{"indentation is kept", "content=++++code", func(n *site.Note) bool { return n.Content == "    code" }},
		{"an rsvp", "in-reply-to=https://x.example/event&rsvp=yes", func(n *site.Note) bool { return n.PostType() == "rsvp" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{})
			n := w.note(w.create(formType, tc.body))
			if !tc.check(n) {
				t.Errorf("%s became %+v", tc.body, n)
			}
		})
	}
}

func TestAnInvalidRequestWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	for _, tc := range []struct {
		name, contentType, body string
		status                  int
	}{
		{"no properties", formType, "h=entry", 400},
		{"nothing but commands", formType, "mp-slug=x", 400},
		{"no properties in JSON", jsonType, `{"type":["h-entry"]}`, 400},
		{"a date that cannot be parsed", formType, "content=x&published=yesterday", 400},
		{"a date that is an object", jsonType, `{"properties":{"content":"x","published":{"x":1}}}`, 400},
		{"a day that does not exist", formType, "content=x&published=2026-02-30T00:00:00Z", 400},
		{"a year that is too late", formType, "content=x&published=12026-02-03T00:00:00Z", 400},
		{"an unknown post-status", formType, "content=x&post-status=maybe", 400},
		{"an unknown visibility", formType, "content=x&visibility=friends", 400},
		{"content that is a list", jsonType, `{"properties":{"content":[["x"]]}}`, 400},
		{"no property that a page shows", formType, "uid=https://other.example/&featured=https://other.example/a.jpg", 400},
		{"content that looks like front matter", formType, "content=---%0Adraft:+true%0A---%0AHi", 400},
		{"content that is another object", jsonType, `{"properties":{"content":[{"colour":"x"}]}}`, 400},
		{"front matter beyond its limit", jsonType, `{"properties":{"summary":["x` + strings.Repeat("\u0080", 400_000) + `"]}}`, 400},
		{"update", jsonType, `{"action":"update","url":"https://example.org/a/"}`, 400},
		{"delete", formType, "action=delete&url=https://example.org/a/", 400},
		{"an unknown action", formType, "action=explode", 400},
		{"a file that is not a picture", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\nx\r\n--b--\r\n", 415},
		{"another media type", "text/plain", "x", 415},
		{"a body over 1 MiB", formType, "content=" + strings.Repeat("x", 1<<20), 413},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := w.in(t)
			w.wantError(w.post("all", tc.contentType, tc.body), tc.status, "invalid_request")
		})
	}
}

func TestAnUnsupportedActionIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	res := w.post("all", formType, "action=publish&url=https://example.org/a/")
	w.wantError(res, 400, "invalid_request")
	if !strings.Contains(res.body, "publish") {
		t.Errorf("the response does not name the action: %s", res.body)
	}
}

func TestABrokenFolderIsTheServersFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	writeFile(t, filepath.Join(w.cfg.ContentDir(), "notes"), "a file instead of a folder")
	res := w.post("all", formType, "content=Hello")
	if res.StatusCode != 500 || res.json(t)["error"] != "server_error" || strings.Contains(res.body, w.cfg.Root) {
		t.Errorf("%d %s, want 500 server_error without the server's paths", res.StatusCode, res.body)
	}
	if !strings.Contains(w.log.String(), "level=ERROR") {
		t.Errorf("no error in the log:\n%s", w.log)
	}
}

func TestATakenSlugGetsANumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: map[string]string{
		"content/.trash/notes/2026/11/20-hello.md": "---\ndate: 2026-11-20\n---\nDeleted\n",
	}})
	for i, want := range []string{"hello-2", "hello-3", "hello-4"} {
		location := w.create(formType, fmt.Sprintf("content=%d&mp-slug=hello", i))
		if location != "https://example.org/2026/11/"+want+"/" {
			t.Errorf("note %d is at %s, want the slug %s", i, location, want)
		}
	}
}

func TestFiftyNotesAtOnceWithOneSlug(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	const count = 50
	locations := make([]string, count)
	var group sync.WaitGroup
	for i := range count {
		group.Go(func() {
			r := w.request("POST", "/micropub", "all", formType, fmt.Sprintf("content=Number+%d&mp-slug=same", i))
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			locations[i] = res.Header.Get("Location")
			if err := res.Body.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	seen := map[string]bool{}
	for i, location := range locations {
		if seen[location] {
			t.Fatalf("two notes have the address %q", location)
		}
		seen[location] = true
		if n := w.note(location); n.Content != fmt.Sprintf("Number %d", i) {
			t.Errorf("%s holds %q, want number %d", location, n.Content, i)
		}
	}
	if files := w.notes(); len(files) != count {
		t.Errorf("%d files, want %d", len(files), count)
	}
}

func TestLocationIsPercentEncoded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{config: `permalink = "/schön/:slug/"` + "\n"})
	if location := w.create(formType, "content=x"); location != "https://example.org/sch%C3%B6n/x/" {
		t.Errorf("Location: %s", location)
	}
}

func TestObjectsOfEveryShapeAreShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	w.watch()
	const picture, page = "https://other.example/1.jpg", "https://other.example/page"
	for i, tc := range []struct{ properties, selector string }{
		{`"photo":[{"value":"` + picture + `","alt":"A"}]`, `.u-photo[src="` + picture + `"][alt="A"]`},
		{`"photo":[{"url":"` + picture + `","alt":"A"}]`, `.u-photo[src="` + picture + `"][alt="A"]`},
		{`"photo":[{"value":["` + picture + `"],"alt":["A"]}]`, `.u-photo[src="` + picture + `"][alt="A"]`},
		{`"photo":[{"type":["h-image"],"properties":{"url":["` + picture + `"],"alt":["A"]}}]`, `.u-photo[src="` + picture + `"][alt="A"]`},
		{`"like-of":[{"type":["h-cite"],"properties":{"url":["` + page + `"],"name":["X"]}}]`, `.u-like-of [href="` + page + `"], .u-like-of[href="` + page + `"]`},
		{`"like-of":[{"url":"` + page + `","name":"X"}]`, `.u-like-of [href="` + page + `"], .u-like-of[href="` + page + `"]`},
		{`"like-of":[{"value":["` + page + `"]}]`, `.u-like-of [href="` + page + `"], .u-like-of[href="` + page + `"]`},
	} {
		location := w.create(jsonType, fmt.Sprintf(`{"properties":{%s},"mp-slug":"n%d"}`, tc.properties, i))
		text := w.output(fmt.Sprintf("2026/11/n%d/index.html", i))
		doc, err := html.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if cascadia.Query(doc, cascadia.MustCompile(tc.selector)) == nil {
			t.Errorf("%s: the page has no %s:\n%s", tc.properties, tc.selector, text)
		}
		name, _, _ := strings.Cut(tc.properties[1:], `"`)
		query := "q=source&properties=" + name + "&url=" + location
		wantJSON(t, query, w.get("all", query), `{"properties":{`+tc.properties+`}}`)
	}
}

func TestAPostInAllEncodingsIsOneNote(t *testing.T) {
	t.Parallel()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range [][2]string{{"h", "entry"}, {"content", "50% off, 1+1 ü"}, {"category[]", "a b"}, {"photo[value]", "/a.jpg"}, {"photo[alt]", "A"}} {
		if err := form.WriteField(field[0], field[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	posts := []struct{ token, contentType, body string }{ // with equal tokens they would be one note
		{"all", formType, "h=entry&content=50%25+off%2C+1%2B1+%C3%BC&category[]=a+b&photo[0][value]=/a.jpg&photo[0][alt]=A"},
		{"create", formType, "content=50%25%20off,%201%2B1%20ü&category=a%20b&photo=/a.jpg&mp-photo-alt=A&"},
		{"post", form.FormDataContentType(), body.String()},
		{"create-TOPSECRET", jsonType, `{"type":"h-entry","properties":{"content":"50% off, 1+1 ü","category":["a b"],"photo":{"value":"/a.jpg","alt":"A"}}}`},
	}
	w := newWorld(t, setting{})
	var first string
	for _, post := range posts {
		res := w.post(post.token, post.contentType, post.body)
		n := w.note(res.Header.Get("Location"))
		n.File, n.Slug = "", ""
		n.BodyLine = 0
		got, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(got)
		}
		if string(got) != first {
			t.Errorf("%s %s became\n%s\nwant\n%s", post.contentType, post.body, got, first)
		}
	}
	if !strings.Contains(first, "50% off, 1+1 ü") {
		t.Errorf("the text is damaged: %s", first)
	}
}

func TestATruncatedBodyWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	pipe, feed := io.Pipe()
	r := w.request("POST", "/micropub", "all", formType, "")
	r.Body, r.ContentLength = pipe, 100
	go func() {
		_, _ = feed.Write([]byte("content=Hello"))
		_ = feed.CloseWithError(io.ErrUnexpectedEOF)
	}()
	if res, err := http.DefaultTransport.RoundTrip(r); err == nil {
		defer res.Body.Close()
		t.Errorf("the request got the response %d", res.StatusCode)
	}
	w.Server.Close() // waits for the handler
	if files := w.notes(); len(files) > 0 {
		t.Errorf("a truncated body became %q", files)
	}
}
