package receiver_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// sample is a site with a few notes.
var sample = map[string]string{
	"content/notes/2026/11/01-one.md":         "---\ndate: 2026-11-01T10:00:00+01:00\ntags: [Go, indie web]\n---\nFirst words\n",
	"content/notes/2026/11/02-two.md":         "---\ndate: 2026-11-02T10:00:00+01:00\ntitle: Second\n---\nAn article\n",
	"content/notes/2026/11/03-three.md":       "---\ndate: 2026-11-03T10:00:00+01:00\ntags: [go]\nlike-of: https://x.example/\n---\n",
	"content/notes/2026/11/04-draft.md":       "---\ndate: 2026-11-04T10:00:00+01:00\ndraft: true\n---\nUnfinished\n",
	"content/notes/2026/11/05-mine.md":        "---\ndate: 2026-11-05T10:00:00+01:00\nvisibility: private\n---\nSecret\n",
	"content/notes/2026/11/06-quiet.md":       "---\ndate: 2026-11-06T10:00:00+01:00\nvisibility: unlisted\n---\nQuiet\n",
	"content/notes/2027/01/01-soon.md":        "---\ndate: 2027-01-01T10:00:00+01:00\n---\nSoon\n",
	"content/.trash/notes/2026/11/07-gone.md": "---\ndate: 2026-11-07T10:00:00+01:00\n---\nGone\n",
	"content/notes/2026/11/08-broken.md":      "---\ndate: never\n---\nBroken\n",
	"content/about.md":                        "# About\n\nMe.\n",
	"content/index.md":                        "Welcome.\n",
}

func TestTheAnswersOfConfigQueries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: sample, config: "syndicate_to = [{uid = \"https://x.example/\", name = \"X\"}]\n"})
	w.watch() // only tags of notes with a page are listed
	want := `{"media-endpoint":"https://example.org/micropub/media","categories":["Go","indie web"],"channels":[],"mp":["slug","photo-alt"],"post-status":["published","draft"],
		"post-types":[{"name":"Note","type":"note"},{"name":"Article","type":"article"},{"name":"Photo","type":"photo"},{"name":"Video","type":"video"},
		{"name":"Audio","type":"audio"},{"name":"Bookmark","type":"bookmark"},{"name":"Event","type":"event"},{"name":"Reply","type":"reply"},{"name":"Like","type":"like"},
		{"name":"Repost","type":"repost"},{"name":"RSVP","type":"rsvp"},{"name":"Check-in","type":"checkin"},{"name":"Read","type":"read"},{"name":"Review","type":"review"}],
		"q":["config","source","syndicate-to","category","channel","post-types","contact"],
		"syndicate-to":[{"uid":"https://x.example/","name":"X"}],"visibility":["public","unlisted","private"]}`
	for _, query := range []string{"q=config", "", "q=", "q[]=config"} {
		res := w.get("create", query)
		wantJSON(t, query, res, want)
		if got := res.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("?%s: Cache-Control %q", query, got)
		}
	}
	for query, want := range map[string]string{
		"q=syndicate-to":             `{"syndicate-to":[{"uid":"https://x.example/","name":"X"}]}`,
		"q=category":                 `{"categories":["Go","indie web"]}`,
		"q=category&filter=IND":      `{"categories":["indie web"]}`,
		"q=category&filter=nothing":  `{"categories":[]}`,
		"q=category&limit=1":         `{"categories":["Go"]}`,
		"q=category&filter=i&limit=": `{"categories":["indie web"]}`,
		"q=channel":                  `{"channels":[]}`,
		"q=contact":                  `{"contacts":[]}`,
	} {
		wantJSON(t, query, w.get("create", query), want)
	}
	for _, query := range []string{"q=unknown", "q=category&limit=-1", "q=category&limit=x", "q=config&x=%FF", "q=config&x[=1", "q=" + strings.Repeat("x", 9000)} {
		if res := w.get("create", query); res.StatusCode != 400 || res.json(t)["error"] != "invalid_request" {
			t.Errorf("?%.50s: %d %s, want 400", query, res.StatusCode, res.body)
		}
	}
}

func TestAnEmptySiteAnswersWithEmptyLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	for query, want := range map[string]string{
		"q=syndicate-to": `{"syndicate-to":[]}`,
		"q=category":     `{"categories":[]}`,
		"q=source":       `{"items":[],"paging":{}}`,
	} {
		wantJSON(t, query, w.get("create", query), want)
	}
}

func wantJSON(t *testing.T, what string, res *response, want string) {
	t.Helper()
	var expected any
	if err := json.Unmarshal([]byte(want), &expected); err != nil {
		t.Fatalf("%s: %v", want, err)
	}
	if res.StatusCode != 200 {
		t.Errorf("%s: %d %s", what, res.StatusCode, res.body)
		return
	}
	if got := any(res.json(t)); !reflect.DeepEqual(got, expected) {
		t.Errorf("%s:\n%s\nwant\n%s", what, res.body, want)
	}
}

func TestTheSourceOfANote(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: sample})
	for _, tc := range []struct{ name, query, want string }{
		{"a note", "url=https://example.org/2026/11/one/",
			`{"type":["h-entry"],"properties":{"content":["First words"],"category":["Go","indie web"],"published":["2026-11-01T10:00:00+01:00"],
			"url":["https://example.org/2026/11/one/"],"post-status":["published"],"visibility":["public"]}}`},
		{"some properties", "url=https://example.org/2026/11/one/&properties[]=content&properties[]=category&properties[]=nothing",
			`{"properties":{"content":["First words"],"category":["Go","indie web"]}}`},
		{"one property", "url=https://example.org/2026/11/one/&properties=content", `{"properties":{"content":["First words"]}}`},
		{"numbered properties", "url=https://example.org/2026/11/one/&properties[0]=content", `{"properties":{"content":["First words"]}}`},
		{"an address without its slash", "url=https://example.org/2026/11/two&properties=name", `{"properties":{"name":["Second"]}}`},
		{"an address with a fragment", "url=https://example.org/2026/11/two/%23x&properties=name", `{"properties":{"name":["Second"]}}`},
		{"a host in capitals", "url=HTTPS://EXAMPLE.org/2026/11/two/&properties=name", `{"properties":{"name":["Second"]}}`},
		{"a draft", "url=https://example.org/2026/11/draft/&properties=post-status", `{"properties":{"post-status":["draft"]}}`},
		{"a private note", "url=https://example.org/2026/11/mine/&properties=visibility", `{"properties":{"visibility":["private"]}}`},
		{"a scheduled note", "url=https://example.org/2027/01/soon/&properties=content", `{"properties":{"content":["Soon"]}}`},
		{"a page", "url=https://example.org/about/", `{"type":["h-entry"],"properties":{"content":["# About\n\nMe."],
			"url":["https://example.org/about/"],"post-status":["published"],"visibility":["public"]}}`},
		{"the front page", "url=https://example.org/&properties=content", `{"properties":{"content":["Welcome."]}}`},
		{"the front page without its slash", "url=https://example.org&properties=content", `{"properties":{"content":["Welcome."]}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := w.in(t)
			wantJSON(t, tc.query, w.get("create", "q=source&"+tc.query), tc.want)
		})
	}
}

func TestSourcesThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: sample})
	for _, tc := range []struct{ name, token, url string }{
		{"an unknown address", "create", "https://example.org/2026/11/nothing/"},
		{"another site", "create", "https://x.example/2026/11/one/"},
		{"another scheme", "create", "http://example.org/2026/11/one/"},
		{"another port", "create", "https://example.org:8443/2026/11/one/"},
		{"a user name", "create", "https://a@example.org/2026/11/one/"},
		{"a query", "create", "https://example.org/2026/11/one/?x=1"},
		{"a path alone", "create", "/2026/11/one/"},
		{"a file name", "create", "https://example.org/notes/2026/11/01-one.md"},
		{"no address at all", "create", "%zz%"},
		{"a deleted note", "create", "https://example.org/2026/11/gone/"},
		{"a note that was never readable", "create", "https://example.org/2026/11/broken/"},
		{"a draft, for a token that only uploads", "media", "https://example.org/2026/11/draft/"},
		{"a private note, for a token that only deletes", "undelete", "https://example.org/2026/11/mine/"},
		{"a scheduled note, for a token that only uploads", "media", "https://example.org/2027/01/soon/"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := w.in(t)
			if res := w.get(tc.token, "q=source&url="+tc.url); res.StatusCode != 400 || res.json(t)["error"] != "invalid_request" {
				t.Errorf("%d %s, want 400 invalid_request", res.StatusCode, res.body)
			}
		})
	}
}

func TestASourceHasTheSentProperties(t *testing.T) {
	t.Parallel()
	for _, properties := range []string{
		`{"content":["Plain <b>text</b>\n\n    code\nwith / and 50% off"]}`,
		`{"content":[{"html":"<p>HTML</p>"}],"name":["A & B"],"summary":["<3"]}`,
		`{"photo":["https://example.org/media/a.jpg",{"value":"https://example.org/media/b.jpg","alt":"B"},"https://x.example/c.jpg"]}`,
		`{"in-reply-to":[{"type":["h-cite"],"properties":{"url":["https://example.org/2026/a/"],"name":["/not/an/address"]}}],"rsvp":["yes"]}`,
		`{"checkin":[{"type":["h-card"],"properties":{"name":["Café"],"latitude":[52.5200],"open":[true],"nothing":[null]}}]}`,
		`{"category":["b","a","Ünï","b c"],"like-of":["https://x.example/?a=1&b=2"]}`,
		`{"weather":["/rain/"],"title":["kept"],"aliases":["/about/"],"layout":["x"],"content":["Text"]}`,
		`{"name":["One","Two"],"content":["a","b"]}`,
		`{"syndication":["https://x.example/1","https://y.example/2"],"number":[1,2.50],"published":["2026-11-22T01:02:03-07:00"]}`,
	} {
		t.Run(properties, func(t *testing.T) {
			w := newWorld(t, setting{})
			location := w.create(jsonType, `{"properties":`+properties+`}`)
			var sent map[string]json.RawMessage
			if err := json.Unmarshal([]byte(properties), &sent); err != nil {
				t.Fatal(err)
			}
			query := "q=source&url=" + location
			for name := range sent {
				query += "&properties[]=" + name
			}
			wantJSON(t, query, w.get("create", query), `{"properties":`+properties+`}`)
		})
	}
}

// slugs returns the last path elements of the items of a list.
func slugs(t *testing.T, res *response) (slugs []string, before, after string) {
	t.Helper()
	var list struct {
		Items []struct {
			Type       []string
			Properties struct {
				URL []string `json:"url"`
			}
		}
		Paging struct{ Before, After string }
	}
	if err := json.Unmarshal([]byte(res.body), &list); err != nil || res.StatusCode != 200 {
		t.Fatalf("%s: %d %s", res.Request.URL, res.StatusCode, res.body)
	}
	for _, item := range list.Items {
		elements := strings.Split(strings.TrimSuffix(item.Properties.URL[0], "/"), "/")
		slugs = append(slugs, elements[len(elements)-1])
	}
	return slugs, list.Paging.Before, list.Paging.After
}

func TestListsOfSources(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: sample})
	for _, tc := range []struct{ name, token, query, want string }{
		{"everything, newest first", "create", "", "soon quiet mine draft three two one"},
		{"oldest first", "create", "&order=asc", "one two three draft mine quiet soon"},
		{"public and unlisted notes", "media", "", "quiet three two one"},
		{"drafts", "create", "&post-status=draft", "draft"},
		{"drafts, for a token that may not see them", "media", "&post-status=draft", ""},
		{"published", "create", "&post-status=published", "soon quiet mine three two one"},
		{"articles", "create", "&post-type=article", "two"},
		{"likes", "media", "&post-type=like", "three"},
		{"draft articles", "create", "&post-type=article&post-status=draft", ""},
		{"draft notes", "create", "&post-type=note&post-status=draft", "draft"},
		{"notes, oldest first", "media", "&post-type=note&order=asc", "one quiet"},
		{"notes with a word", "create", "&filter=WORDS", "one"},
		{"notes with a tag", "create", "&filter=go", "three one"},
		{"notes with a tag, oldest first", "create", "&filter=go&order=asc", "one three"},
		{"notes with a tag that are of a type", "create", "&filter=go&post-type=note", "one"},
		{"notes with a letter", "create", "&filter=i", "quiet draft three one"},
		{"notes with a letter for a token that may not see drafts", "media", "&filter=i", "quiet three one"},
		{"drafts with a letter", "create", "&filter=i&post-status=draft", "draft"},
		{"published notes with a letter", "create", "&filter=i&post-status=published", "quiet three one"},
		{"drafts with a letter, for a token that may not see them", "media", "&filter=i&post-status=draft", ""},
		{"a limit and an offset of those with a letter", "create", "&filter=i&limit=1&offset=2", "three"},
		{"a limit", "create", "&limit=2", "soon quiet"},
		{"a limit of 0", "create", "&limit=0", ""},
		{"a very large limit", "create", "&limit=2000000000", "soon quiet mine draft three two one"},
		{"an offset", "create", "&limit=2&offset=5", "two one"},
		{"an offset after the end", "create", "&offset=50", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := w.in(t)
			got, _, _ := slugs(t, w.get(tc.token, "q=source"+tc.query))
			if strings.Join(got, " ") != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

// TestASearchIgnoresCase checks that a search ignores the case of all scripts.
func TestASearchIgnoresCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: map[string]string{
		"content/notes/2026/11/01-one.md": "---\ndate: 2026-11-01\ntitle: ÄPFEL und Birnen\n---\n",
		"content/notes/2026/11/02-two.md": "---\ndate: 2026-11-02\ntags: [Ελλάδα]\n---\nText\n",
	}})
	for filter, want := range map[string]string{"äpfel": "one", "Äpfel": "one", "ΕΛΛΆΔΑ": "two", "birnen": "one"} {
		got, _, _ := slugs(t, w.get("create", "q=source&filter="+url.QueryEscape(filter)))
		if strings.Join(got, " ") != want {
			t.Errorf("filter %q found %q, want %q", filter, got, want)
		}
	}
}

func TestAnItemOfAListHasATypeAndProperties(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: sample})
	wantJSON(t, "one item", w.get("create", "q=source&post-type=article"), `{"items":[{"type":["h-entry"],"properties":{"name":["Second"],"content":["An article"],
		"url":["https://example.org/2026/11/two/"],"published":["2026-11-02T10:00:00+01:00"],"post-status":["published"],"visibility":["public"]}}],"paging":{}}`)
	wantJSON(t, "a property", w.get("create", "q=source&post-type=article&properties[]=name"), `{"items":[{"properties":{"name":["Second"]}}],"paging":{}}`)
}

func TestInvalidListQueries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: sample})
	for _, query := range []string{
		"limit=-1", "limit=x", "offset=-1", "offset=9999999", "order=up", "post-type=poem", "post-status=gone",
		"after=x", "after=!!", "before=%3D", "after=MQ&before=MQ",
	} {
		if res := w.get("create", "q=source&"+query); res.StatusCode != 400 {
			t.Errorf("%s: %d %s, want 400", query, res.StatusCode, res.body)
		}
	}
}

func TestCursorsStayRightWhileNotesAreAdded(t *testing.T) {
	t.Parallel()
	for _, order := range []string{"desc", "asc"} {
		t.Run(order, func(t *testing.T) {
			w := newWorld(t, setting{files: sample})
			want, _, _ := slugs(t, w.get("create", "q=source&order="+order))
			page, before, after := slugs(t, w.get("create", "q=source&limit=2&order="+order))
			if before != "" {
				t.Errorf("the first page has a cursor for an earlier one: %s", before)
			}
			got := page
			for after != "" {
				// Every new note shifts the first page of "desc".
				w.create(formType, "content=new&published=2030-01-01T00:00:00Z&post-status=draft")
				w.create(formType, "content=new&published=1999-01-01T00:00:00Z&post-status=draft")
				page, before, after = slugs(t, w.get("create", "q=source&limit=2&order="+order+"&after="+after))
				got = append(got, page...)
				back, _, _ := slugs(t, w.get("create", "q=source&limit=2&order="+order+"&before="+before))
				if earlier := got[:len(got)-len(page)]; !slices.Equal(back, earlier[len(earlier)-2:]) {
					t.Errorf("the page before %q is %q, want the end of %q", page, back, earlier)
				}
				if len(got) >= len(want) {
					break
				}
			}
			if !slices.Equal(got[:len(want)], want) {
				t.Errorf("page by page: %q, want %q", got, want)
			}
		})
	}
}
