package receiver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// handWritten is a file by an author who does not use Micropub.
const handWritten = "---\r\n# a note of mine\r\nlayout: note\r\ndate:   2026-11-20T10:00:00+01:00 # Friday\r\nmenu: {weight: 3}\r\ncategory: One, Two\r\nphoto:\r\n  - value: /media/a.jpg\r\n    alt: A\r\n  - /media/b.jpg\r\nproperties:\r\n  mood: good\r\n  # the sky\r\n  weather: [ rain ]\r\n---\r\n\r\n\r\nHello   *world*\r\n\r\n"

const handURL = "https://example.org/2026/11/hand/"

const updatedLine = "updated: 2026-11-22T09:30:00+01:00"

func TestAnUpdateChangesNothingElseInTheFile(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, members, old, now string }{
		{"text", `"replace":{"content":["Good *night*\nall"]}`, "Hello   *world*\r\n", "Good *night*\r\nall\r\n"},
		{"a name", `"add":{"name":["Greeting"]}`, "menu:", "title: Greeting\r\nmenu:"},
		{"one more tag, under the key in use", `"add":{"category":["three"]}`, "category: One, Two", "category: One, Two, three"},
		{"a tag that exists already", `"add":{"category":["Two"]}`, "", ""},
		{"delete one tag", `"delete":{"category":["One"]}`, "category: One, Two", "category: Two"},
		{"no tags", `"delete":["category"]`, "category: One, Two\r\n", ""},
		{"delete a photo by its address", `"delete":{"photo":["https://example.org/media/a.jpg"]}`, "photo:\r\n  - value: /media/a.jpg\r\n    alt: A\r\n  - /media/b.jpg\r\n", "photo:\r\n  - /media/b.jpg\r\n"},
		{"an empty photo", `"add":{"photo":[{"value":"","alt":""}]}`, "", ""},
		{"a property that no page shows", `"replace":{"weather":["sun"]}`, "weather: [ rain ]", "weather: [ sun ]"},
		{"a new property", `"add":{"pulse":[80]}`, "weather: [ rain ]\r\n", "weather: [ rain ]\r\n  pulse:\r\n    - 80\r\n"},
		{"a control key is only a property", `"add":{"layout":["evil"]}`, "weather: [ rain ]\r\n", "weather: [ rain ]\r\n  layout: evil\r\n"},
		{"several at once", `"delete":["mood"],"replace":{"weather":["sun"]},"add":{"category":["three"]}`, "category: One, Two", "category: One, Two, three"},
		{"delete all and add one", `"delete":["category"],"add":{"category":["new"]}`, "category: One, Two", "category: new"},
		{"emptied", `"replace":{"category":[""]}`, "category: One, Two\r\n", ""},
		{"empty lists as operands, the empty objects of PHP", `"add":{"category":["three"]},"replace":[],"delete":[]`, "category: One, Two", "category: One, Two, three"},
		{"operands that are null", `"add":null,"replace":{"weather":["sun"]},"delete":null`, "weather: [ rain ]", "weather: [ sun ]"},
		{"commands are ignored", `"add":{"mp-syndicate-to":["x"],"category":["three"]},"mp-unknown":1`, "category: One, Two", "category: One, Two, three"},
		{"hidden from lists", `"replace":{"visibility":["unlisted"]}`, "category: One, Two\r\n", "category: One, Two\r\nvisibility: unlisted\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{files: map[string]string{"content/blog/hand.md": handWritten}})
			w.want(w.send("update", "update", handURL, tc.members), http.StatusAccepted) // no process builds the site
			want := strings.Replace(handWritten, tc.old, tc.now, 1)
			want = strings.Replace(want, "# Friday\r\n", "# Friday\r\n"+updatedLine+"\r\n", 1)
			if tc.name == "several at once" {
				want = strings.Replace(strings.Replace(want, "  mood: good\r\n", "", 1), "[ rain ]", "[ sun ]", 1)
			}
			if got := w.file("blog/hand.md"); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestAnUpdateKeepsTheCommentsOfAnyFrontMatter(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, now string }{
		{
			"a list", "---\ndate: 2026-11-20\ntags:\n  - boats # the old ones\n  # ask Ida about this one\n  - tides\n---\nHi\n",
			"---\ndate: 2026-11-20\n" + updatedLine + "\ntags:\n  - boats # the old ones\n  # ask Ida about this one\n  - tides\n  - new\n---\nHi\n",
		},
		{
			"TOML", "+++\ndate = 2026-11-20 # Friday\n\n[taxonomies]\ntags = [\n  \"boats\", # the old ones\n  # ask Ida\n  \"tides\",\n]\n+++\nHi\n",
			"+++\ndate = 2026-11-20 # Friday\nupdated = 2026-11-22T09:30:00+01:00\n\n[taxonomies]\ntags = [\n  \"boats\", # the old ones\n  # ask Ida\n  \"tides\",\n  \"new\",\n]\n+++\nHi\n",
		},
		{
			"one object", "---\n{date: 2026-11-20, # Friday\n tags: [boats]} # mine\n---\nHi\n",
			"---\n{date: 2026-11-20, # Friday\n updated: '2026-11-22T09:30:00+01:00',\n tags: [boats, new]} # mine\n---\nHi\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{files: map[string]string{"content/blog/hand.md": tc.file}})
			w.want(w.send("update", "update", handURL, `"add":{"category":["new"]}`), http.StatusAccepted) // no process builds the site
			if got := w.file("blog/hand.md"); got != tc.now {
				t.Errorf("got  %q\nwant %q", got, tc.now)
			}
		})
	}
}

func TestAnInvalidUpdateChangesNothing(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	for _, tc := range []struct {
		name, token, url, members string
		status                    int
		want                      string
	}{
		{"a value that is not a list", "all", handURL, `"replace":{"content":"Hi"}`, 400, `replace: the value of \"content\" must be a list`},
		{"the valid half is not applied", "all", handURL, `"replace":{"content":["Hi"]},"add":{"category":"x"}`, 400, "add: the value"},
		{"an operand that is not an object", "all", handURL, `"add":["category"]`, 400, "add must be an object"},
		{"a name that is not a string", "all", handURL, `"delete":[1]`, 400, "delete must be a list"},
		{"a date that cannot be parsed", "all", handURL, `"replace":{"content":["Hi"],"published":["soon"]}`, 400, "published"},
		{"a note without a date", "all", handURL, `"delete":["published"]`, 400, "published cannot be deleted"},
		{"a page with a date", "all", "https://example.org/about/", `"replace":{"published":["2026-11-22"]}`, 400, "published cannot be set: the note is a page"},
		{"an empty list of visibilities", "all", "https://example.org/2026/11/mine/", `"replace":{"visibility":[]}`, 400, "The update is empty"},
		{"no visibility", "all", "https://example.org/2026/11/mine/", `"delete":["visibility"]`, 400, "visibility cannot be deleted"},
		{"the present visibility, deleted", "all", "https://example.org/2026/11/mine/", `"delete":{"visibility":["private"]}`, 400, "visibility cannot be deleted"},
		{"no visibility, and an empty field of a form", "all", "https://example.org/2026/11/mine/", `"delete":["visibility"],"replace":{"visibility":[""]}`, 400, "visibility cannot be deleted"},
		{"an empty list of statuses", "all", "https://example.org/2026/11/mine/", `"replace":{"post-status":[]}`, 400, "The update is empty"},
		{"no status", "all", "https://example.org/2026/11/mine/", `"delete":["post-status"]`, 400, "post-status cannot be deleted"},
		{"an unknown status", "all", handURL, `"replace":{"post-status":["gone"]}`, 400, "post-status"},
		{"nothing", "all", handURL, ``, 400, "The update is empty"},
		{"operands without anything", "all", handURL, `"replace":{},"add":[],"delete":[]`, 400, "The update is empty"},
		{"no address", "all", "", `"delete":["category"]`, 400, "url is missing"},
		{"an unknown address", "all", "https://example.org/2026/11/none/", `"delete":["category"]`, 400, "url is not"},
		{"a foreign address", "all", "https://example.com/2026/11/hand/", `"delete":["category"]`, 400, "url is not"},
		{"the front page", "all", "https://example.org/", `"replace":{"content":["Hi"]}`, 400, "url is not"},
		{"too deep", "all", handURL, `"add":{"x":[` + deep + `]}`, 400, "levels deep"},
		{"too many values", "all", handURL, `"add":{"x":[1` + strings.Repeat(",1", 600) + `]},"replace":{"y":[1` + strings.Repeat(",1", 600) + `]}`, 400, "more than 1000 values"},
		{"too many empty values", "all", handURL, `"add":{"x":[[[]]` + strings.Repeat(",[[]]", 600) + `]},"replace":{"y":[[{}]` + strings.Repeat(",[{}]", 600) + `]}`, 400, "more than 1000 values"},
		{"a token for another action", "create", handURL, `"delete":["category"]`, 403, "update"},
		{"a token for drafts", "draft", handURL, `"delete":["category"]`, 403, "update"},
		{"a value to which another key refers", "all", "https://example.org/2026/11/anchor/", `"replace":{"name":["B"]}`, 409, "content/anchor.md:1: the front matter can't be changed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files := map[string]string{
				"content/blog/hand.md": handWritten, "content/about.md": "About\n", "content/index.md": "Welcome\n",
				"content/mine.md":   "---\ndate: 2026-11-22\nvisibility: private\ndraft: true\n---\nMine\n",
				"content/anchor.md": "---\ndate: 2026-11-22\ntitle: &t A\nmenu: *t\n---\n",
			}
			w := newWorld(t, setting{files: files})
			res := w.send(tc.token, "update", tc.url, tc.members)
			w.want(res, tc.status)
			if !strings.Contains(res.body, tc.want) {
				t.Errorf("%s, want …%s…", res.body, tc.want)
			}
			for name, text := range files {
				if got := w.file(strings.TrimPrefix(name, "content/")); got != text {
					t.Errorf("%s became %q", name, got)
				}
			}
		})
	}
}

func TestAnUpdateIsJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: map[string]string{"content/blog/hand.md": handWritten}})
	w.want(w.post("all", formType, "action=update&url="+handURL+"&content=Hi"), http.StatusBadRequest)
	if got := w.file("blog/hand.md"); got != handWritten {
		t.Errorf("the file became %q", got)
	}
}

func TestAnUpdateThatMakesANoteTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: map[string]string{"content/a.md": alpha}})
	w.want(w.send("all", "update", alphaURL, `"replace":{"x1":["`+strings.Repeat("a", 900_000)+`"]}`), http.StatusAccepted)
	before := w.file("a.md")
	res := w.send("all", "update", alphaURL, `"replace":{"x2":["`+strings.Repeat("a", 900_000)+`"]}`)
	if res.StatusCode != http.StatusBadRequest || !strings.Contains(res.body, "too large or too many") || w.file("a.md") != before {
		t.Errorf("%d %s", res.StatusCode, res.body)
	}
}

func TestAnUpdateMergesDescriptionsOfAValue(t *testing.T) {
	t.Parallel()
	const (
		a      = `"https://e.example/a.jpg"`
		withA  = `{"value":"https://e.example/a.jpg","alt":"A"}`
		cite   = `{"type":["h-cite"],"properties":{"name":["A"]},"value":"https://e.example/a.jpg"}`
		person = `{"type":["h-card"],"properties":{"url":["https://bob.example/"]},"value":"Bob"}`
	)
	for _, tc := range []struct{ name, property, before, members, after string }{
		{"a text for a picture", "photo", `[` + a + `]`, `"add":{"photo":[` + withA + `]}`, `[` + withA + `]`},
		{"a picture that has a text", "photo", `[` + withA + `]`, `"add":{"photo":[` + a + `]}`, `[` + withA + `]`},
		{"a described picture that exists", "photo", `[` + withA + `]`, `"add":{"photo":[` + withA + `]}`, `[` + withA + `]`},
		{"a picture with a text, by its address", "photo", `[` + withA + `]`, `"delete":{"photo":[` + a + `]}`, `null`},
		{"a picture with a separate text", "photo", `[` + a + `]`, `"add":{"photo":["https://e.example/b.jpg"],"mp-photo-alt":["B"]}`, `[` + a + `,{"value":"https://e.example/b.jpg","alt":"B"}]`},
		{"a text for a picture that exists", "photo", `[` + a + `]`, `"add":{"photo":[` + a + `],"mp-photo-alt":["A"]}`, `[` + withA + `]`},
		{"pictures with texts in the document", "photo", `null`, `"replace":{"photo":["https://e.example/b.jpg",` + a + `]},"mp-photo-alt":["","A"]`, `["https://e.example/b.jpg",` + withA + `]`},
		{"delete a picture with another text", "photo", `[` + withA + `]`, `"delete":{"photo":[` + a + `],"mp-photo-alt":["B"]}`, `null`},
		{"more about the target of a reply", "in-reply-to", `[` + a + `]`, `"add":{"in-reply-to":[` + cite + `]}`, `[` + cite + `]`},
		{"a person with the name of a tag", "category", `["Bob"]`, `"add":{"category":[` + person + `]}`, `["Bob",` + person + `]`},
		{"a tag with the name of a person", "category", `["Bob",` + person + `]`, `"delete":{"category":["Bob"]}`, `[` + person + `]`},
		{"a person", "category", `["Bob",` + person + `]`, `"delete":{"category":[` + person + `]}`, `["Bob"]`},
		{"the first of two visibilities", "visibility", `["private"]`, `"replace":{"visibility":["private","public"]}`, `["private"]`},
		{"the first of two states", "post-status", `["draft"]`, `"replace":{"post-status":["draft","published"]}`, `["draft"]`},
		{"no token", "access_token", `null`, `"replace":{"access_token":["secret"],"content":["Hi"]}`, `null`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{})
			location := w.create(jsonType, `{"type":["h-entry"],"properties":{"content":["Hello"],"mp-slug":["hello"],"`+tc.property+`":`+tc.before+`}}`)
			if res := w.send("all", "update", location, tc.members); res.StatusCode >= 300 {
				t.Fatalf("%d %s", res.StatusCode, res.body)
			}
			var want any
			if err := json.Unmarshal([]byte(tc.after), &want); err != nil {
				t.Fatal(err)
			}
			if got := w.source(location)[tc.property]; !reflect.DeepEqual(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

// TestAnEmptyStatusPublishesNothing: micro.blog's apps send all fields of their form
// with an update, including empty fields.
func TestAnEmptyStatusPublishesNothing(t *testing.T) {
	t.Parallel()
	for _, empty := range []string{`[""]`, `[]`, `[null]`} {
		w := newWorld(t, setting{})
		location := w.create(formType, "name=Plan&content=One&post-status=draft&visibility=private")
		w.want(w.send("all", "update", location, `"replace":{"name":[""],"content":["Two"],"post-status":`+empty+`,"visibility":`+empty+`}`), http.StatusNoContent)
		got := w.source(location)
		for name, want := range map[string]any{
			"name": nil, "content": []any{"Two"}, "post-status": []any{"draft"}, "visibility": []any{"private"},
		} {
			if !reflect.DeepEqual(got[name], want) {
				t.Errorf("%s: %s is %v, want %v", empty, name, got[name], want)
			}
		}
	}
}

func TestAnUpdateOfOurOwnNote(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	location := w.create(jsonType, `{"type":["h-entry"],"properties":{"content":["One"],"category":["a","b"],"photo":["https://example.org/media/a.jpg"],"like-of":["https://example.com/"]}}`)
	w.want(w.send("update", "update", location, `"replace":{"content":[{"html":"<b>Two</b>"}]},"add":{"category":["c"],"photo":[{"value":"https://example.org/media/b.jpg","alt":"B"}]},"delete":{"category":["a"],"like-of":["https://example.com/"]}`), http.StatusAccepted)
	got := w.source(location)
	for name, want := range map[string]any{
		"content":  []any{map[string]any{"html": "<b>Two</b>"}},
		"category": []any{"b", "c"},
		"photo":    []any{"https://example.org/media/a.jpg", map[string]any{"value": "https://example.org/media/b.jpg", "alt": "B"}},
		"like-of":  nil,
		"updated":  []any{"2026-11-22T09:30:00+01:00"},
	} {
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if text := w.file(w.notes()[0]); strings.Contains(text, "https://example.org/") {
		t.Errorf("an address of the site's own is not kept as a path:\n%s", text)
	}
}

func TestAMovedNoteLeavesARedirect(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	w.watch()
	first := w.create(formType, "content=Hello&mp-slug=hello")
	taken := w.create(formType, "content=Other&mp-slug=other")
	res := w.send("all", "update", first, `"replace":{"mp-slug":["Other"],"published":["2026-10-02T08:00:00+02:00"]}`)
	w.want(res, http.StatusCreated)
	second := res.Header.Get("Location")
	if second != "https://example.org/2026/10/other/" || res.json(t)["url"] != second {
		t.Fatalf("it moved to %s: %s", second, res.body)
	}
	if page := w.output("2026/11/hello/index.html"); !strings.Contains(page, second) || strings.Contains(page, "h-entry") {
		t.Errorf("the old address has no redirect:\n%s", page)
	}
	// A used slug gets a number. The note is found by all its addresses.
	res = w.send("all", "update", first, `"replace":{"published":["2026-11-22T08:00:00+01:00"]}`)
	w.want(res, http.StatusCreated)
	third := res.Header.Get("Location")
	if third != "https://example.org/2026/11/other-2/" {
		t.Errorf("it moved to %s, although %s is used", third, taken)
	}
	for _, url := range []string{first, second, third} {
		if got := w.source(url)["url"]; !reflect.DeepEqual(got, []any{third}) {
			t.Errorf("%s is the address of %v", url, got)
		}
	}
	for _, page := range []string{"2026/11/hello/index.html", "2026/10/other/index.html"} {
		if text := w.output(page); !strings.Contains(text, third) {
			t.Errorf("%s does not redirect to %s", page, third)
		}
	}
	// A redirect does not prevent the note from moving back. New notes get none of its addresses.
	res = w.send("all", "update", third, `"replace":{"mp-slug":["hello"]}`)
	w.want(res, http.StatusCreated)
	if page := w.output("2026/11/hello/index.html"); res.Header.Get("Location") != first || !strings.Contains(page, "h-entry") {
		t.Errorf("it moved to %s, which has\n%s", res.Header.Get("Location"), page)
	}
	if location := w.create(formType, "content=New&mp-slug=other-2"); location == third {
		t.Errorf("a new note got the address %s, which redirects to another", location)
	}
	if files := w.notes(); files[0] != "notes/2026/11/22-hello.md" {
		t.Errorf("an update renamed a file: %q", files)
	}
}

// TestASourceCanBeSentBack checks that a client can send back all properties of
// q=source, several times.
func TestASourceCanBeSentBack(t *testing.T) {
	t.Parallel()
	const front = "---\ndate: 2026-11-20\naliases: [/old/, \"https://example.org/older\"]\nproperties:\n  url: https://other.example/\n---\n"
	const address = "https://example.org/2026/11/sch%C3%B6n/"
	w := newWorld(t, setting{files: map[string]string{"content/schön.md": front + "Hello\n"}})
	before := w.source(address)
	if want := []any{address, "https://other.example/"}; !reflect.DeepEqual(before["url"], want) {
		t.Fatalf("url is %v, want %v", before["url"], want)
	}
	for range 3 {
		properties, err := json.Marshal(w.source(address))
		if err != nil {
			t.Fatal(err)
		}
		w.want(w.send("all", "update", address, `"replace":`+string(properties)), http.StatusAccepted)
	}
	after := w.source(address)
	delete(after, "updated")
	if !reflect.DeepEqual(after, before) {
		t.Errorf("it was %v and is %v", before, after)
	}
	want := strings.Replace(front, "aliases", updatedLine+"\naliases", 1)
	if got := w.file("schön.md"); got != want+"Hello\n" {
		t.Errorf("the file became\n%s", got)
	}
	w.want(w.send("all", "update", address, `"replace":{"url":["https://example.org/old","https://example.org/older/","https://example.org/2026/11/schön/"]}`), http.StatusAccepted)
	if got := w.source(address)["url"]; !reflect.DeepEqual(got, []any{address}) {
		t.Errorf("with its own addresses, url is %v", got)
	}
}

func TestThePicturesOfABundleHaveAddresses(t *testing.T) {
	t.Parallel()
	const (
		text    = "---\ndate: 2026-11-20\nphoto: # by the sea\n  - a b.png\n  - value: sub/b.png\n    alt: B\n  - /media/c.png\nlocation: Harbour\n---\nHello\n"
		address = "https://example.org/2026/11/trip/"
		object  = `{"value":"` + address + `sub/b.png","alt":"B"}`
	)
	for _, tc := range []struct{ name, members, old, now string }{
		{"properties that are sent back leave the file unchanged", `"replace":{"photo":["` + address + `a%20b.png",` + object + `,"https://example.org/media/c.png"],"location":["Harbour"]}`, "", ""},
		{"a photo that exists leaves the file unchanged", `"add":{"photo":["` + address + `a%20b.png"]}`, "", ""},
		{"deleted by its address", `"delete":{"photo":["` + address + `a%20b.png"]}`, "  - a b.png\n", ""},
		{"deleted by its address, with a text", `"delete":{"photo":["` + address + `sub/b.png"]}`, "  - value: sub/b.png\n    alt: B\n", ""},
		{"given a text", `"replace":{"photo":[{"value":"` + address + `a%20b.png","alt":"A"},` + object + `,"/media/c.png"]}`, "  - a b.png\n", "  - value: a b.png\n    alt: A\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{files: map[string]string{"content/blog/trip/index.md": text}})
			data, err := json.Marshal(w.source(address))
			want := `"photo":["` + address + `a%20b.png",{"alt":"B","value":"` + address + `sub/b.png"},"https://example.org/media/c.png"]`
			if err != nil || !strings.Contains(string(data), want) || !strings.Contains(string(data), `"location":["Harbour"]`) {
				t.Fatalf("it is %s, %v", data, err)
			}
			w.want(w.send("all", "update", address, tc.members), http.StatusAccepted)
			got := strings.Replace(w.file("blog/trip/index.md"), updatedLine+"\n", "", 1)
			if want := strings.Replace(text, tc.old, tc.now, 1); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
	w := newWorld(t, setting{files: map[string]string{"content/blog/trip.md": text}})
	if got := w.source(address)["photo"].([]any)[0]; got != "a b.png" {
		t.Errorf("a note that is not a bundle has the photo %v", got)
	}
}

func TestTheAddressOfANoteIsListedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: map[string]string{"content/a.md": strings.Replace(alpha, "slug", "aliases: [/ä/]\nproperties: {url: ["+alphaURL+", /2026/11/alpha/, /%C3%A4/, https://other.example/]}\nslug", 1)}})
	if got := w.source(alphaURL)["url"]; !reflect.DeepEqual(got, []any{alphaURL, "https://other.example/"}) {
		t.Errorf("url is %v", got)
	}
}

func TestAMissingFileIsAConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: map[string]string{"content/a.md": alpha}})
	if err := os.Remove(filepath.Join(w.cfg.ContentDir(), "a.md")); err != nil {
		t.Fatal(err)
	}
	w.wantError(w.send("all", "update", alphaURL, `"replace":{"name":["B"]}`), 409, "conflict")
	w.wantError(w.send("all", "delete", alphaURL, ""), 409, "conflict")
	w.wantError(w.get("all", "q=source&url="+alphaURL), 409, "conflict")
}

// TestAnUpdateDuringSavesOfAnEditor checks that an update is applied to the last save
// of an editor or refused, and that the file is never a mix.
func TestAnUpdateDuringSavesOfAnEditor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: map[string]string{"content/blog/hand.md": handWritten}})
	name := filepath.Join(w.cfg.ContentDir(), "blog", "hand.md")
	saved := map[string]bool{handWritten: true}
	var group sync.WaitGroup
	group.Go(func() {
		for i := range 300 {
			text := strings.Replace(handWritten, "Hello", fmt.Sprintf("Edit %d: hello", i), 1)
			saved[text] = true
			temp := name + "~"
			writeFile(t, temp, text)
			if err := os.Rename(temp, name); err != nil {
				t.Error(err)
			}
		}
	})
	for i := range 30 {
		res := w.send("all", "update", handURL, fmt.Sprintf(`"replace":{"name":["Update %d"]}`, i))
		if res.StatusCode != http.StatusAccepted && res.StatusCode != http.StatusConflict {
			t.Errorf("%d %s", res.StatusCode, res.body)
		}
	}
	group.Wait()
	got := w.file("blog/hand.md")
	var rest strings.Builder
	for line := range strings.Lines(got) {
		if !strings.HasPrefix(line, "title: Update ") && !strings.HasPrefix(line, "updated: ") {
			rest.WriteString(line)
		}
	}
	if !saved[rest.String()] {
		t.Errorf("the file is not a version of the editor:\n%s", got)
	}
}

func TestTwoReceiversUpdateOneNote(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	other := *w
	other.Server = httptest.NewServer(w.receiver(w.openScanned()).Handler())
	defer other.Server.Close()
	location := w.create(formType, "content=Hello&mp-slug=hello")
	var group sync.WaitGroup
	const each = 20
	for part, end := range []*world{w, &other} {
		group.Go(func() {
			for i := range each {
				if res := end.send("all", "update", location, fmt.Sprintf(`"add":{"category":["t%d-%d"]}`, part, i)); res.StatusCode != http.StatusAccepted {
					t.Errorf("%d %s", res.StatusCode, res.body)
				}
			}
		})
	}
	group.Wait()
	if tags := w.source(location)["category"].([]any); len(tags) != 2*each {
		t.Errorf("%d tags were added one by one, the note has %d: %v", 2*each, len(tags), tags)
	}
}
