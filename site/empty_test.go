package site

import (
	"strings"
	"testing"
)

func TestANoteThatShowsNothingIsEmpty(t *testing.T) {
	for _, tc := range []struct {
		front, body string
		want        bool
	}{
		{"", "", true}, {"", " \n\u200b\n", true}, {"", "<!-- todo -->", true}, {"", "<!-- one -->\n\n<!-- two\n -->\n", true}, {"", "<!-- never closed", true},
		{"", "%% an idea %%", true}, {"", "{% comment %}\n\ntodo\n{% endcomment %}", true}, {"title: \"%%todo%%\"", "{# todo #}", true},
		{"format: html", "<!-- todo -->{% comment %}todo{% endcomment %}", true}, {"", "    %%code%%", false}, {"", "%%todo%% Text", false},
		{"tags: [idea]", "<!-- todo -->", true}, {"photo: \"\"", "", true}, {"like-of: []\nphoto: [{}]", "", true},
		{"syndication: https://a.example/1", "", true}, {"title: \" \"", "", true}, {"x: 1", "", true},
		{"properties: {uid: \"https://other.example/\"}", "", true}, {"properties: {author: Eve, featured: /a.jpg}", "", true},
		{"properties: {listen-of: https://music.example/}", "", false}, {"properties: {pulse: 60}", "", false}, {"start: 2026-05-01\nproperties: {pulse: 60}", "", false},
		{"", "Text", false}, {"", "<!-- todo --> Text", false}, {"", "![](a.png)", false}, {"title: A", "", false}, {"summary: A", "", false},
		{"like-of: https://a.example/", "", false}, {"photo: /a.jpg", "", false}, {"properties: {mood: good}", "", false}, {"layout: contact", "", false}, {"rating: 5\nproperties: {rating: 5}", "", false},
	} {
		if got := mustParse(t, "2026-05-01-a.md", "---\n"+tc.front+"\n---\n"+tc.body).IsEmpty(); got != tc.want {
			t.Errorf("%q %q is empty: %v", tc.front, tc.body, got)
		}
	}
	if mustParse(t, "index.md", "").IsEmpty() {
		t.Error("the front page has lists, and counts as empty")
	}
}

func TestAnEmptyPropertyDoesNotCount(t *testing.T) {
	for _, empty := range []string{`""`, `" "`, "[]", `[""]`, "{}", "[{}]", "null", "~", "[null]", `{value: ""}`, `[{value: "", alt: ""}]`, "{type: [h-cite]}", "{type: h-cite, properties: {url: [\"\"]}}", "[[]]", ""} {
		for _, property := range renderedProperties {
			n := mustParse(t, "2026-05-01-a.md", "---\n"+property+": "+empty+"\n---\nText")
			if len(n.Properties) != 0 || n.PostType() != "note" {
				t.Errorf("%s: %s gives %v, a %s", property, empty, n.Properties, n.PostType())
			}
		}
	}
	n := mustParse(t, "2026-05-01-a.md", "---\nphoto: [\"\", /a.jpg, {}]\nproperties: {listen-of: \"\", mood: good}\n---\n")
	if len(n.Properties["photo"]) != 1 || len(n.Properties) != 2 {
		t.Errorf("got %v", n.Properties)
	}
}

func TestTagsOfAllKeysAreJoined(t *testing.T) {
	for front, want := range map[string]string{
		"tags: [tides]\ncategories: [boats]":                                "tides,boats",
		"categories: [boats]\ntags: [tides, boats]":                         "tides,boats",
		"Tags: tides, sea\ncategory: Boats\ntag: sea":                       "tides,sea,Boats",
		"taxonomies: {tags: [a], categories: [b], x: [c]}\nCategories: [d]": "d,a,b",
		"tags: []\ncategories: [boats]":                                     "boats",
	} {
		if got := strings.Join(mustParse(t, "2026-05-01-a.md", "---\n"+front+"\n---\nText").Category, ","); got != want {
			t.Errorf("%q: %s, want %s", front, got, want)
		}
	}
}
