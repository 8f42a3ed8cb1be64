package site

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// inFront returns a note with some lines of front matter. Its name has a date.
func inFront(t *testing.T, line string) *Note {
	t.Helper()
	return mustParse(t, "2026-01-02-a.md", "---\n"+line+"\n---\nText\n")
}

// public reports whether a note is visible for everybody at once.
func public(n *Note) bool {
	return !n.Draft && n.Visibility == Public && n.ShownFrom.IsZero() && n.ShownUntil.IsZero() && n.Published.Year() == 2026
}

func TestAKeyThatMeansNotPublicIsObeyedInAnySpelling(t *testing.T) {
	for _, line := range []string{
		"draft: true", "Draft: true", "DRAFT: TRUE", "draft: True", "draft: yes", "draft: on", "draft: y", "draft: 1", "draft: 1.0",
		`draft: "true"`, "draft: 'Yes'", "draft: “true”", `"draft": true`, "draft : true", "draft:   true   ", "draft: true # not yet",
		"draft: !!bool yes", "draft: !!str true", "draft: [true]", "draft: &d true", "\u200bdraft: true", "draft\u00a0: true", "d-raft: true",
		"isDraft: true", "is_draft: true", "is-draft: yes",
		"published: false", "published: no", "published: off", "published: 0", `published: "false"`, "Published: No", "published: n", "published: F",
		"publish: false", "publish: never", "dg-publish: false", "dgPublish: false", "share: false",
		"status: draft", "Status: Draft", "status: [draft]", "status: DRAFT", "status: pending", "status: wip", "status: In Progress", "status: in_progress",
		"post-status: draft", "post_status: draft", "postStatus: draft", "status: auto-draft", "status: private", "status: hidden",
		"visibility: private", "Visibility: Private", "visibility: members", "visibility: draft", "visibility: followers", "visibility: unlisted",
		"access: private", "private: true", "Private: yes", "is_private: 1", "public: false", "isPublic: no", "hidden: true", "hide: true",
		"unlisted: true", "listed: false", "password: secret", "password: 1234", "protected: true", "deleted: 2026-01-03", "deleted: true",
		"publishDate: 2999-01-01", "publish_date: 2999-01-01", "pubDate: Jan 08 2999", "published: 2999-01-01", "published_at: 2999-01-01T10:00:00Z",
		"expiryDate: 2026-02-01", "expirydate: 2026-02-01", "expires: 2026-02-01", "unpublishDate: 2026-02-01",
		"headless: true", "build: {render: never}", "_build: {render: false}", "build:\n  list: never", "build: {list: local}", "build: false",
		"render: false", "permalink: false", "permalink: {build: false}", "url: false", "routable: false",
		"eleventyExcludeFromCollections: true", "eleventyExcludeFromCollections: [posts]",
		"sitemap: false", "sitemap: {disable: true}", "sitemap: {exclude: yes}", "noindex: true", "robots: noindex", "robots: noindex, nofollow", "robotsNoIndex: true",
		"<<: {draft: true}", "base: &b {draft: true}\n<<: *b", "extra: {draft: true}", "properties: {post-status: [draft]}",
		"wip: true", "unpublished: yes", "noPublish: true", "do_not_publish: true", "saveAsDraft: true", "secret: true", "confidential: yes",
		"mp-status: draft", "wp_status: private", "publish_status: draft", "publicationStatus: Draft", "draft-status: draft", "mp-visibility: private",
		"scheduled: 2999-01-01", "scheduled_at: 2999-01-01", "embargo: 2999-01-01", "goLive: 2999-01-01", "publish_from: 2999-01-01", "scheduled: true",
		"expiration: 2026-02-01", "expires_at: 2026-02-01", "unpublish: 2026-02-01", "visible_until: 2026-02-01",
		"properties: {post_status: draft}", "properties: {postStatus: [draft]}", "properties: {Visibility: [private]}",
		"wordpress: {status: private}", "ghost: {visibility: members}", "micropub: {post-status: draft}", "seo: {noindex: true}", "Params: {Draft: yes}",
		"tool: {draft: true}", "tool: {post-status: [draft]}", "foo:\n  draft: true", "params: {a: {draft: true}}", "a: {b: {c: {isDraft: yes}}}",
		"a: &a {draft: true}\nb: &b\n  <<: *a\n<<: *b", "extra:\n  <<: {private: true}",
		"draft: false\npublish: false", "published: true\ndraft: true", "visibility: public\nprivate: true", "{draft: true}", "{draft:true}",
	} {
		n, err := Parse("2026-01-02-a.md", []byte("---\n"+line+"\n---\nText\n"), berlin)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		} else if public(n) {
			t.Errorf("%s: the note is public", line)
		}
	}
}

func TestIntentsInTOML(t *testing.T) {
	for _, lines := range []string{
		"draft = true", "Draft = true", `draft = "yes"`, "draft = 1", "published = false", "render = false", "publishDate = 2999-01-01", "expiryDate = 2026-02-01T00:00:00Z",
		"[build]\nrender = \"never\"", "build.render = \"never\"", "[extra]\ndraft = true", "[params]\nprivate = true",
		"[[extra]]\ndraft = true", "[menu]\n[menu.main]\n  draft = true", "[cover]\nimage = 'x'\n\tdraft = true", "[tool.more]\ndraft = true", "_build.list = \"never\"", "draft = [true]", "draft = {}",
	} {
		if n := mustParse(t, "2026-01-02-a.md", "+++\n"+lines+"\n+++\nText\n"); public(n) {
			t.Errorf("%s: the note is public", lines)
		}
	}
}

func TestAValueThatIsNotUnderstoodMakesADraftWithANotice(t *testing.T) {
	for _, tc := range []struct{ line, want string }{
		{`draft: "maybe"`, `draft: "maybe" is not understood, so that the note is a draft; write true or false`},
		{"Draft: maybe", `Draft: "maybe" is not understood`},
		{"draft:", "draft: has no value, so that the note is a draft; write true or false"},
		{`draft: ""`, "draft: has no value"}, {"draft: ~", "draft: has no value"}, {"draft: []", "draft: has no value"},
		{"draft: {until: June}", `draft: "{…}" is not understood`}, {"draft: 2", `draft: "2" is not`}, {"draft: -1", `draft: "-1" is not`},
		{"published:", "published: has no value"}, {"published: later", `published: "later" is not`}, {"publish: perhaps", "publish: "},
		{"private:", "private: has no value"}, {"private: sort of", "private: "}, {"visibility:", "visibility: has no value, so that the note is a draft; write public, unlisted or private"},
		{"visibility: sometimes", `visibility: "sometimes" is not`}, {"status: mystery", `status: "mystery" is not understood, so that the note is a draft; write published or draft`},
		{"publishDate: soon", `publishDate: "soon" is not understood, so that the note is a draft; write a date such as 2026-11-22T09:30:00+01:00`},
		{"expiryDate: June", "expiryDate: "}, {"build: sometimes", "build: "}, {"build: {render: perhaps}", "build: render: "}, {"headless: maybe", "headless: "},
	} {
		n := inFront(t, tc.line)
		if !n.Draft || len(n.Notices) != 1 || n.Notices[0].Line != 2 || !strings.HasPrefix(n.Notices[0].Msg, tc.want) {
			t.Errorf("%s: draft %v, notices %v, want …%s…", tc.line, n.Draft, n.Notices, tc.want)
		}
	}
}

func TestAnIntentThatMayNotBeOneIsObeyedAndNamed(t *testing.T) {
	for line, want := range map[string]string{
		"tool: {draft: true}":     "tool: draft: in a table, and taken for the note's own",
		"a: {b: {isDraft: true}}": "a: b: isDraft: in a table",
		"share: false":            `share: write "draft: true", which this is taken for, or remove it if it is about buttons`,
	} {
		if n := inFront(t, line); !n.Draft || len(n.Notices) != 1 || !strings.HasPrefix(n.Notices[0].Msg, want) {
			t.Errorf("%s: draft %v, notices %v", line, n.Draft, n.Notices)
		}
	}
}

func TestTrueInQuotesIsNamed(t *testing.T) {
	n := inFront(t, `draft: "true"`)
	if want := `draft: "true" is a text, and taken for true; write it without quotes`; !n.Draft || len(n.Notices) != 1 || n.Notices[0].Msg != want {
		t.Errorf("got %v, want %q", n.Notices, want)
	}
}

func TestAKeyThatIsNearlyOneOfTheTableHoldsTheNoteBack(t *testing.T) {
	for key, want := range map[string]string{
		"Drfat": "draft", "drafft": "draft", "darft": "draft", "drafts": "draft", "vissibility": "visibility", "visiblity": "visibility",
		"publihsed": "published", "publised": "published", "privat": "private", "statsu": "status", "hiden": "hidden", "unlsited": "unlisted",
		"publishdata": "publishDate", "post-staus": "post-status",
	} {
		n := inFront(t, key+": true")
		if !n.Draft || len(n.Notices) != 1 || !strings.Contains(n.Notices[0].Msg, fmt.Sprintf("unknown key %q, did you mean %q?", key, want)) {
			t.Errorf("%s: draft %v, notices %v", key, n.Draft, n.Notices)
		}
	}
}

func TestKeysThatAreNotAboutPublishingLeaveTheNotePublic(t *testing.T) {
	for _, line := range []string{
		"draft: false", "draft: no", "Draft: off", "draft: 0", `draft: "false"`, "published: true", "published: yes", "publish: true", "dg-publish: true",
		"published: 2026-01-01", "date: 2026-01-02\npublishDate: 2025-01-01", "date: 2026-01-02\npubDate: Jul 08 2022", "publishDate:", "expiryDate:", "expiryDate: never", "expiryDate: 0001-01-01T00:00:00Z",
		"status: published", "status: publish", "status: evergreen", "status:", "post-status: published", "visibility: public", "visibility: PUBLIC",
		"private: false", "hidden: no", "unlisted: false", "password:", `password: ""`, "headless: false", "deleted: false", "deleted:",
		"build: {render: always}", "build: {publishResources: false}", "sitemap: true", "sitemap: {priority: 0.5}", "sitemap: monthly", "robots: index, follow", "robots: all",
		"permalink: /x/", "hide: [toc]", "extra: {status: anything}", "extra: {featured: true}", "# draft: true", "robots:", "access:", "access: public",
		"properties: {draft: true}", "properties: {a: {draft: true}}", "cover: {hidden: true}", "comments: {status: closed}", "gallery: [{hidden: true}]", "params: {cover: {hidden: true}}", "tool: {draft: maybe}", "published_in: A journal",
		"published_by: A house", "headers: x", "status: 🌱", "status: stable", "visibility: world", "scheduled: false", "embargo:", "wip: false",
		"eleventyExcludeFromCollections: false", "render: true", "url: /x/", "summary: 'draft: true'", "summary: |\n  draft: true",
	} {
		if n := inFront(t, line); !public(n) || len(n.Notices) > 0 {
			t.Errorf("%s: %+v", line, n)
		}
	}
}

// None of these keys of other tools is a misspelling of ours.
func TestWellKnownKeysOfOtherToolsAreNotNoticed(t *testing.T) {
	for key := range strings.FieldsSeq(`weight menu menus author authors cover toc lang language languages type types series keywords image images
		thumbnail featured_image featured feature comments math mathjax katex mermaid cascade outputs resources linkTitle isCJKLanguage markup
		translationKey categories category tag name subtitle sidebar sidebar_position sidebar_label nav nav_order parent has_children order eleventyNavigation
		eleventyComputed template in_search_index insert_anchor_links sort_by paginate_by transparent excerpt excerpt_separator
		last_modified_at modified lastmod description abstract authors_list cssclasses cssclass publisher source sources data dates stats
		photos videos audios update updates id uuid uid guid syndicate-to mp-syndicate-to mp-slug location place city country rating review
		isbn book show_reading_time showToc TocOpen ShowBreadCrumbs hideMeta hideSummary disableShare canonicalURL editPost license copyright
		changefreq priority page pages collection collections pagination paginate css js scripts styles head header footer hero banner icon
		emoji color theme version versions alt caption width height duration episode season podcast enclosure mood weather music related
		social twitter facebook mastodon og opengraph redirect redirect_to redirect_from created created_at modified_at date_created episodes
		team team_url release path team-url position index_title menu_name notice note info error warning help`) {
		n := inFront(t, key+": some")
		if len(n.Notices) > 0 || !public(n) {
			t.Errorf("%s: %v", key, n.Notices)
		}
	}
}

func TestSpellingsOfAProperty(t *testing.T) {
	for _, key := range []string{"like-of", "like_of", "likeOf", "LikeOf", "LIKE_OF", "Like-Of", "mf-like-of", "mf_like_of"} {
		if n := inFront(t, key+": https://example.org/1"); len(n.Strings("like-of")) != 1 || n.PostType() != "like" {
			t.Errorf("%s: %v", key, n.Properties)
		}
	}
	n := inFront(t, "Title: A\nTags: [b]\nSUMMARY: c\nin_reply_to: https://example.org/2\nbookmarkOf: https://example.org/3")
	if n.Name != "A" || n.Category[0] != "b" || n.Summary != "c" || len(n.Properties) != 2 {
		t.Errorf("got %+v", n)
	}
}

func TestWhenANoteIsShown(t *testing.T) {
	at := func(s string) time.Time {
		parsed, ok := ParseTime(s, berlin)
		if !ok {
			t.Fatal(s)
		}
		return parsed
	}
	n := inFront(t, "date: 2026-01-02\npublishDate: 2026-03-01\nexpiryDate: 2026-04-01")
	for when, want := range map[string]bool{"2026-02-28": true, "2026-03-01": false, "2026-03-31": false, "2026-04-01": true} {
		if got := n.OutOfTime(at(when)); got != want {
			t.Errorf("out of time at %s: %v", when, got)
		}
	}
	for when, want := range map[string]string{"2026-02-01": "2026-03-01", "2026-03-01": "2026-04-01", "2026-04-01": ""} {
		if _, got := n.Turns(at(when)); got.IsZero() != (want == "") || want != "" && !got.Equal(at(want)) {
			t.Errorf("next change after %s: %v", when, got)
		}
	}
	if n := inFront(t, "publishDate: 2026-03-01"); n.Published.Month() != 3 || !n.ShownFrom.IsZero() {
		t.Errorf("without a date: %v, %v", n.Published, n.ShownFrom)
	}
	if n := inFront(t, "date: 2026-01-02\npublishDate: 2026-01-01"); n.Published.Day() != 2 || !n.ShownFrom.IsZero() {
		t.Errorf("before the date: %v, %v", n.Published, n.ShownFrom)
	}
	roundTrip(t, mustParse(t, "a/b.md", "---\ndate: 2026-01-02\npublishDate: 2026-03-01\nexpiryDate: 2026-04-01\n---\nText"))
}

// The table of the manual is the table of the program.
func TestTheManualHasTheKeysThatKeepANoteBack(t *testing.T) {
	manual, err := os.ReadFile("../docs/writing.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, r := range intentRules {
		rows = append(rows, r.manualRow())
	}
	if want := strings.Join(rows, "\n"); !strings.Contains(string(manual), want) {
		t.Errorf("docs/writing.md, \"What keeps a note from being published\", must have these rows:\n%s", want)
	}
}

// manualRow returns a rule as a row of the manual's table.
func (r rule) manualRow() string {
	names := map[effect]string{asUnlisted: "unlisted", asPrivate: "private", asDraft: "draft", asUnclear: "draft, reported", notBefore: "kept back until then", notAfter: "kept back from then on"}
	var cells []string
	cell := func(values string, e effect) {
		if e != noEffect && values != "" {
			cells = append(cells, values+": "+names[e])
		}
	}
	for _, e := range []effect{asDraft, asPrivate, asUnlisted} {
		var words []string
		for word, does := range r.values {
			if does == e {
				words = append(words, "`"+word+"`")
			}
		}
		slices.Sort(words)
		cell(strings.Join(words, " "), e)
		for _, key := range slices.Sorted(maps.Keys(r.below)) {
			cell(belowWords(key, r.below[key], e), e)
		}
	}
	cell("a date", r.date)
	switch {
	case r.empty == asUnclear && r.other == asUnclear:
		return r.manualLine(strings.Join(cells, "; ") + ` \*`) // explained below the table
	case len(cells) == 0:
		cell("any value", r.other)
	default:
		cell("else", r.other)
	}
	cell("empty", r.empty)
	return r.manualLine(strings.Join(cells, "; "))
}

func (r rule) manualLine(effects string) string {
	return "| `" + strings.Join(r.keys, "` `") + "` | " + effects + " | " + r.tools + " |"
}

func belowWords(key string, r rule, e effect) string {
	var words []string
	for word, does := range r.values {
		if does == e {
			words = append(words, "`"+key+": "+word+"`")
		}
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}
