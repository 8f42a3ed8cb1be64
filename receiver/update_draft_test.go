package receiver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// oldDraft is the file of a draft that an app created in October without a
// date.
const oldDraft = "---\ndate: 2026-10-05T10:00:00+02:00\ndate-given: false\nupdated: 2026-10-06T10:00:00+02:00\ndraft: true # not yet\n---\nLater\n"

const oldDraftURL = "https://example.org/2026/10/later/"

func TestADraftWithoutADateGetsTheDateOfItsPublication(t *testing.T) {
	t.Parallel()
	const (
		today   = "date: 2026-11-22T09:30:00+01:00\n"
		october = "date: 2026-10-05T10:00:00+02:00\n"
		publish = `"replace":{"post-status":["published"]}`
	)
	for _, tc := range []struct{ name, file, members, now, location string }{
		{"published", oldDraft, publish, today, "https://example.org/2026/11/later/"},
		{
			"published by a client that sends back all properties", oldDraft,
			`"replace":{"post-status":["published"],"published":["2026-10-05T10:00:00+02:00"],"content":["Later"]}`, today, "https://example.org/2026/11/later/",
		},
		{"published with another slug", oldDraft, `"replace":{"post-status":["published"],"mp-slug":["soon"]}`, today + "slug: soon\n", "https://example.org/2026/11/soon/"},
		{
			"published with a date", oldDraft, `"replace":{"post-status":["published"],"published":["2026-09-01"]}`,
			"date: 2026-09-01T00:00:00+02:00\nupdated: 2026-11-22T09:30:00+01:00\n", "https://example.org/2026/09/later/",
		},
		{"given a date, and still a draft", oldDraft, `"replace":{"published":["2026-10-07"]}`, "date: 2026-10-07T00:00:00+02:00\nupdated: 2026-11-22T09:30:00+01:00\ndraft: true # not yet\n", ""},
		{
			"changed, and still a draft", oldDraft, `"replace":{"content":["Later"]}`,
			october + "date-given: false\nupdated: 2026-11-22T09:30:00+01:00\ndraft: true # not yet\n", "",
		},
		{"with a given date", strings.Replace(oldDraft, "date-given: false\n", "", 1), publish, october + "updated: 2026-11-22T09:30:00+01:00\n", ""},
		{
			"with a date that its author marked as given", strings.Replace(oldDraft, "given: false", "given: true", 1), publish,
			october + "date-given: true\nupdated: 2026-11-22T09:30:00+01:00\n", "",
		},
		{
			"published by its author in the file", strings.Replace(oldDraft, "draft: true # not yet\n", "", 1), `"replace":{"content":["Later"]}`,
			october + "updated: 2026-11-22T09:30:00+01:00\n", "",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{
				files: map[string]string{"content/notes/2026/10/05-later.md": tc.file},
			})
			w.watch()
			res := w.send("all", "update", oldDraftURL, tc.members)
			status := http.StatusNoContent
			if tc.location != "" {
				status = http.StatusCreated
			}
			w.want(res, status)
			if got := res.Header.Get("Location"); got != tc.location {
				t.Errorf("Location %q, want %q", got, tc.location)
			}
			if got := w.file("notes/2026/10/05-later.md"); got != "---\n"+tc.now+"---\nLater\n" {
				t.Errorf("got\n%s\nwant\n%s", got, tc.now)
			}
			if tc.location != "" {
				w.output(strings.TrimPrefix(tc.location, "https://example.org/") + "index.html")
				w.missing("2026/10/later/index.html")
			}
		})
	}
}

func TestADraftKeepsWhetherItsDateWasGiven(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, token, body, want string }{
		{"a draft", "all", "content=Hi&post-status=draft", "date: 2026-11-22T09:30:00+01:00\ndate-given: false\ndraft: true\n"},
		{"a draft because of its token", "draft", "content=Hi", "date: 2026-11-22T09:30:00+01:00\ndate-given: false\ndraft: true\n"},
		{"a draft with a date", "all", "content=Hi&post-status=draft&published=2026-11-01", "date: 2026-11-01T00:00:00+01:00\ndraft: true\n"},
		{"no draft", "all", "content=Hi", "date: 2026-11-22T09:30:00+01:00\nclient"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{})
			w.post(tc.token, formType, tc.body)
			notes := w.notes()
			if len(notes) != 1 {
				t.Fatalf("notes: %q", notes)
			}
			if got := w.file(notes[0]); !strings.HasPrefix(got, "---\n"+tc.want) {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

func TestAnAddressThatWasNeverPublicGetsNoRedirect(t *testing.T) {
	t.Parallel()
	scheduled := "---\ndate: 2026-12-24T10:00:00+01:00\n---\nXmas\n"
	for _, tc := range []struct{ name, date, now string }{
		{"to a later month", "2027-01-06", "2027/01"},
		{"into the past", "2026-10-01", "2026/10"},
	} {
		t.Run("scheduled, and moved "+tc.name, func(t *testing.T) {
			w := newWorld(t, setting{files: map[string]string{"content/notes/2026/12/24-xmas.md": scheduled}})
			w.watch()
			res := w.send("all", "update", "https://example.org/2026/12/xmas/", fmt.Sprintf(`"replace":{"published":[%q]}`, tc.date))
			w.want(res, http.StatusCreated)
			if got := res.Header.Get("Location"); got != "https://example.org/"+tc.now+"/xmas/" {
				t.Errorf("Location %q", got)
			}
			if got := w.file("notes/2026/12/24-xmas.md"); strings.Contains(got, "aliases") || !strings.Contains(got, "date: "+tc.date) {
				t.Errorf("the file is %q", got)
			}
		})
	}
}

func TestThePageOfADraftInAPreviewMovesOnPublication(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{
		preview: true,
		files:   map[string]string{"content/notes/2026/10/05-later.md": oldDraft},
	})
	w.watch()
	w.output("2026/10/later/index.html")
	w.want(w.send("all", "update", oldDraftURL, `"replace":{"post-status":["published"]}`), http.StatusCreated)
	w.output("2026/11/later/index.html")
	w.missing("2026/10/later/index.html")
}
