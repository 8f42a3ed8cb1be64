package importer_test

import (
	"strings"
	"testing"

	"starpunk/cmd/starpunk/internal/importer"
)

// They are comments to StarPunk, too, which needs no hand.
func TestCommentsOfTheOldToolStayAsTheyAre(t *testing.T) {
	for config, tc := range map[string]struct{ file, body string }{
		"_config.yml": {"_posts/2020-03-07-a.md", "A.\n\n{::comment}\none [b](2020-03-07-a.md)\n{:/comment}\n\n{% comment %}two{% endcomment %}\n\n{% # three %}\n\n<!-- four -->"},
		"hugo.toml":   {"content/b/a.md", "A.\n\n{{/* one */}}\n\n{{< comment >}}two{{< /comment >}}\n\n{{% comment %}}\nthree\n{{% /comment %}}\n\n<!-- four -->"},
		"zola.toml":   {"content/b/a.md", "A.\n\n{# one #}\n\n<!-- two -->"},
	} {
		w := newWorld(t, map[string]string{config: "", tc.file: "---\ndate: 2020-03-07\n---\n" + tc.body})
		report, err := w.run(importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Replace(tc.body, "(2020-03-07-a.md)", "(/notes/2020/03/07-a.md)", 1)
		if n := w.note(report); n.Content != want || len(report.Findings) > 0 {
			t.Errorf("%s: %q, said %v, want %q and nothing", config, n.Content, report.Findings, want)
		}
	}
}

// Links to them would lead nowhere without.
func TestIdsOfHeadingsAreKept(t *testing.T) {
	for _, tc := range []struct {
		rule, body, want string
		said             int
	}{
		{"as goldmark reads them", "## A {#a}\n\nText.\n\n# B {#b .c}", "## A {#a}\n\nText.\n\n# B {#b .c}", 0},
		{"behind a colon", "## A {:#a}\n\n# B #  {: .c #b .d }  ", "## A {#a}\n\n# B # {#b .c .d}  ", 0},
		{"in the line below", "## A `{x}` \n{:#a}\nText.", "## A `{x}` {#a}\n\nText.", 0},
		{"other attributes", "## A {: .a}\n## B\n{: #b k=\"v\"}\nText.\n{:#c}", "## A \n## B\n\nText.\n", 3},
		{"two of them", "## A {#a}\n{:#b}\n## C {:#c} {:#d}", "## A {#a}\n\n## C  ", 3},
		{"in code", "    ## A {:#a}\n\n`## B {:#b}`", "    ## A {:#a}\n\n`## B {:#b}`", 0},
	} {
		w := newWorld(t, map[string]string{"_config.yml": "permalink: pretty", "_posts/2020-03-07-a.md": "---\n---\nText.\n\n" + tc.body + "\n\nEnd."})
		report, err := w.run(importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := w.note(report).Content, "Text.\n\n"+tc.want+"\n\nEnd."; got != want || len(report.Findings) != tc.said {
			t.Errorf("%s: %q, said %v, want %q", tc.rule, got, report.Findings, want)
		}
	}
}
