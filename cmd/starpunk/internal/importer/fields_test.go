package importer_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/cmd/starpunk/internal/importer"
	"starpunk/site"
)

// A date without an offset is what the clock showed where the old site was.
func TestDatesAreReadInTheZoneOfTheOldSite(t *testing.T) {
	for _, tc := range []struct{ rule, config, text, file, front, want, says string }{
		{"Jekyll", "_config.yml", "timezone: America/New_York", "_posts/2020-03-07-a.md", "date: 2020-03-07 21:30\n", "2020-03-07T21:30:00-05:00", ""},
		{"Jekyll: a time that YAML has in UTC", "_config.yml", "timezone: America/New_York", "_posts/2020-03-07-a.md", "date: 2020-03-07 21:30:00\n", "2020-03-07T16:30:00-05:00", ""},
		{"Jekyll: such a time and no zone", "_config.yml", "title: x", "_posts/2020-03-07-a.md", "date: 2020-03-07 21:30:00\n", "2020-03-07T21:30:00Z", ""},
		{"Jekyll: a day", "_config.yml", "timezone: America/New_York", "_posts/2020-03-07-a.md", "date: 2020-03-07\n", "2020-03-07T00:00:00-05:00", ""},
		{"Jekyll: a date in the name", "_config.yml", "timezone: America/New_York", "_posts/2020-03-07-a.md", "", "2020-03-07T00:00:00-05:00", ""},
		{"Hugo", "hugo.toml", "timeZone = 'Europe/Oslo'", "content/blog/a.md", "date: 2020-07-07\n", "2020-07-07T00:00:00+02:00", ""},
		{"an offset takes precedence", "hugo.toml", "timeZone = 'Europe/Oslo'", "content/blog/a.md", "date: 2020-07-07T10:00:00-03:00\n", "2020-07-07T10:00:00-03:00", ""},
		{"none", "hugo.toml", "", "content/blog/a.md", "date: 2020-07-07\n", "2020-07-07T00:00:00Z", ""},
		{"an unknown one", "_config.yml", "timezone: Mars/Olympus", "_posts/2020-03-07-a.md", "", "2020-03-07T00:00:00Z",
			`_config.yml:1: timezone "Mars/Olympus" is unknown: dates without an offset are read in this site's time zone, UTC`},
		{"that of the machine", "_config.yml", "timezone: Local", "_posts/2020-03-07-a.md", "", "2020-03-07T00:00:00Z", `"Local" is unknown`},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			w := newWorld(t, map[string]string{tc.config: tc.text, tc.file: "---\n" + tc.front + "---\nText.\n"})
			report, err := w.run(importer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			for _, f := range report.Findings {
				said += f.String() + "\n"
			}
			if got := w.note(report).Published.Format(time.RFC3339); got != tc.want || !strings.Contains(said, tc.says) || (said == "") != (tc.says == "") {
				t.Errorf("%s, said %q, want %s and %q", got, said, tc.want, tc.says)
			}
		})
	}
}

func TestATimeOfAChangeIsReadAsTheDateIs(t *testing.T) {
	w := newWorld(t, map[string]string{"_config.yml": "timezone: America/New_York", "_posts/2020-03-07-a.md": "---\nlast_modified_at: 2020-03-09 21:30:00\n---\nText.\n"})
	report, err := w.run(importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.note(report).Updated.Format(time.RFC3339), "2020-03-09T17:30:00-04:00"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestOnlyHugoTakesKeysInAnyCase(t *testing.T) {
	const front = "Draft: true\nTitle: A title\nDATE: 2020-03-07\nTags: [one]\nLastMod: 2020-04-01\nPublishdate: 2020-03-07\nIn-Reply-To: https://b.example/\nWeight: 3\n"
	for _, tc := range []struct {
		config, file string
		want         site.Note
		unknown      int
	}{
		{"hugo.toml", "content/blog/a.md", site.Note{Draft: true, Name: "A title", Category: []string{"one"}}, 1},
		{"zola.toml", "content/blog/a.md", site.Note{Draft: true}, 7}, // an intent not to publish counts however it is written
		{"_config.yml", "a.md", site.Note{Draft: true}, 7},
	} {
		w := newWorld(t, map[string]string{tc.config: "", tc.file: "---\n" + front + "---\nText.\n"})
		report, err := w.run(importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		n := w.note(report)
		if n.Draft != tc.want.Draft || n.Name != tc.want.Name || !slices.Equal(n.Category, tc.want.Category) {
			t.Errorf("%s: %+v, want %+v", tc.config, n, tc.want)
		}
		if hugo := tc.config == "hugo.toml"; hugo != (n.Published.Year() == 2020 && n.Updated.Month() == 4 && len(n.Strings("in-reply-to")) == 1) {
			t.Errorf("%s: published %v, updated %v, %v", tc.config, n.Published, n.Updated, n.Properties)
		}
		unknown := 0
		for _, f := range report.Findings {
			if strings.HasPrefix(f.Kind, "key ") {
				unknown++
			}
		}
		if unknown != tc.unknown {
			t.Errorf("%s: %v, want %d unknown keys", tc.config, report.Findings, tc.unknown)
		}
	}
}
