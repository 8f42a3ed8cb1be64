package receiver_test

import (
	"reflect"
	"testing"
)

// TestTheDialectsOfContent posts contents in the spellings of apps.
func TestTheDialectsOfContent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, properties string // JSON
		text             string
		html             bool
	}{
		{"text of JF2", `"content":[{"text":"Hello *you*"}]`, "Hello *you*", false},
		{"text without a list", `"content":{"text":"Hello"}`, "Hello", false},
		{"text in its own list", `"content":[{"text":["Hello"]}]`, "Hello", false},
		{"text in an object with properties", `"content":[{"type":["h-content"],"properties":{"text":["Hello"]}}]`, "Hello", false},
		{"HTML takes precedence over text", `"content":[{"text":"Hello","html":"<p>Hello <b>you</b></p>"}]`, "<p>Hello <b>you</b></p>", true},
		{"HTML takes precedence over Markdown", `"content":[{"markdown":"**Hello**","html":"<b>Hello</b>"}]`, "<b>Hello</b>", true},
		{"text replaces empty HTML", `"content":[{"text":"Hello","html":" "}]`, "Hello", false},
		{"text replaces an empty value", `"content":[{"value":"","text":"Hello"}]`, "Hello", false},
		{"Markdown", `"content":[{"markdown":"**Hello**"}]`, "**Hello**", false},
		{"Markdown takes precedence over the derived text", `"content":[{"value":"Hello","markdown":"**Hello**"}]`, "**Hello**", false},
		{"plain", `"content":{"plain":"Hello"}`, "Hello", false},
		{"a media type of plain text", `"content":[{"content-type":"text/plain","value":"Hello"}]`, "Hello", false},
		{"a media type of Markdown", `"content":[{"content-type":"text/markdown; charset=utf-8","value":"*Hello*"}]`, "*Hello*", false},
		{"a media type of HTML", `"content":[{"content-type":"text/html","value":"<i>Hello</i>"}]`, "<i>Hello</i>", true},
		{"a type of HTML", `"content":[{"type":"html","text":"<i>Hello</i>"}]`, "<i>Hello</i>", true},
		{"a media type beside the text", `"content":"<i>Hello</i>","content-type":"text/html"`, "<i>Hello</i>", true},
		{"a media type of plain text beside the text", `"content":["Hello"],"content-type":["text/plain"]`, "Hello", false},
		{"an empty content before another", `"content":["",null,{},{"text":""},{"text":"Hello"}]`, "Hello", false},
		{"HTML among several", `"content":["Hello",{"html":"<b>Hello</b>"}]`, "<b>Hello</b>", true},
		{"the first of several texts", `"content":["Hello","Other"]`, "Hello", false},
		{"an empty object after a text", `"content":["Hello",{"html":""}]`, "Hello", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{})
			n := w.note(w.create(jsonType, `{"type":["h-entry"],"properties":{`+tc.properties+`}}`))
			if n.Content != tc.text || n.HTML != tc.html {
				t.Errorf("%s became %q, HTML: %v; want %q, %v", tc.properties, n.Content, n.HTML, tc.text, tc.html)
			}
			if n.Properties["content-type"] != nil {
				t.Errorf("the media type was stored: %v", n.Properties)
			}
		})
	}
}

func TestANameOrSummaryThatIsAnObject(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, summary, want string }{
		{"text", `[{"text":"Short"}]`, "Short"},
		{"value", `{"value":"Short"}`, "Short"},
		{"HTML as text", `[{"html":"<p>Very <b>short</b> &amp; sweet</p>"}]`, "Very short & sweet"},
		{"the text of HTML", `[{"html":"<p>Short</p>","value":"Short"}]`, "Short"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{})
			n := w.note(w.create(jsonType, `{"properties":{"content":["x"],"summary":`+tc.summary+`,"name":`+tc.summary+`}}`))
			if n.Summary != tc.want || n.Name != tc.want || len(n.Properties) > 0 {
				t.Errorf("the summary is %q, the name %q, other properties %v; want %q", n.Summary, n.Name, n.Properties, tc.want)
			}
		})
	}
}

func TestEmptyPropertiesAreIgnored(t *testing.T) {
	t.Parallel()
	for _, empty := range []string{`""`, `" \n"`, `[]`, `[""]`, `null`, `[null]`, `{}`, `[{}]`, `[[]]`, `{"type":["h-cite"],"properties":{"url":[""],"name":[]}}`} {
		t.Run(empty, func(t *testing.T) {
			w := newWorld(t, setting{})
			location := w.create(jsonType, `{"properties":{"content":"Hello","name":`+empty+`,"like-of":`+empty+`,"photo":`+empty+`,"in-reply-to":`+empty+`,"rsvp":`+empty+`,"checkin":`+empty+
				`,"published":`+empty+`,"post-status":`+empty+`,"visibility":`+empty+`,"mp-slug":`+empty+`}}`)
			if n := w.note(location); n.PostType() != "note" || len(n.Properties) > 0 || n.Name != "" || n.Published.IsZero() {
				t.Errorf("a note with empty properties is a %s with %v", n.PostType(), n.Properties)
			}
			if res := w.send("all", "update", location, `"replace":{"like-of":["https://other.example/"],"mood":["good"]}`); res.StatusCode >= 300 {
				t.Fatalf("%d %s", res.StatusCode, res.body)
			}
			if res := w.send("all", "update", location, `"replace":{"like-of":`+empty+`,"published":`+empty+`},"add":{"mood":`+empty+`,"photo":`+empty+`}`); res.StatusCode >= 300 {
				t.Fatalf("%d %s", res.StatusCode, res.body)
			}
			if n := w.note(location); n.PostType() != "note" || !reflect.DeepEqual(n.Properties, map[string][]any{"mood": {"good"}}) {
				t.Errorf("after an update with %s it is a %s with %v", empty, n.PostType(), n.Properties)
			}
		})
	}
}

func TestAContentWithoutTextIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	w.wantError(w.post("all", jsonType, `{"properties":{"content":[{"colour":"red"}]}}`), 400, "invalid_request")
	w.wantError(w.post("all", jsonType, `{"properties":{"content":[{}],"like-of":[""]}}`), 400, "invalid_request")
}

func TestAnUpdateAcceptsAnySpellingOfAProperty(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	location := w.create(formType, "content=Hello&like_of=https://a.example/")
	w.want(w.send("all", "update", location, `"replace":{"likeOf":["https://b.example/"]},"add":{"in_reply_to":["https://c.example/"]},"delete":{"like_of":[]}`), 202)
	if n := w.note(location); n.Strings("like-of")[0] != "https://b.example/" || n.Strings("in-reply-to")[0] != "https://c.example/" {
		t.Errorf("the note has %v", n.Properties)
	}
	w.want(w.send("all", "update", location, `"delete":["like_of"]`), 202)
	if n := w.note(location); n.PostType() != "reply" || n.Properties["like-of"] != nil {
		t.Errorf("the note has %v", n.Properties)
	}
}
