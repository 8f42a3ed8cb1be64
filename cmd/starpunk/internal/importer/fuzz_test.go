package importer_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"starpunk/cmd/starpunk/internal/importer"
	"starpunk/site"
)

// oldFiles are where the tools keep a note.
var oldFiles = map[importer.Tool]string{
	importer.Hugo: "content/blog/a.md", importer.Zola: "content/blog/a.md", importer.Jekyll: "blog/_posts/2020-03-07-a.md",
}

// FuzzRun checks that an imported note of any old site can be read, that its former
// addresses lead to it, and that another run makes no second one.
// No text makes a note be skipped.
func FuzzRun(f *testing.F) {
	for _, seed := range []struct{ front, body string }{
		{"", "{%\u00a0%}{{\u00a0}}{{<\u00a0>}}{{%\u00a0%}}"}, // nothing but a no-break space
		{"", "{% raw %}{{ x }}{% endraw %} {% highlight go %}\nx\n{% endhighlight %} {% link blog/_posts/2020-03-07-a.md %} {% post_url a %} {{ site.baseurl }}/x"},
		{"", "{{< figure src=\"a b.png\" alt=\"[A]\" caption=\"`\" link=\"/\" >}} {{< ref \"a.md#x\" >}} {{</* x */>}} {{% x %}} [a](../a/)\n{{< highlight >}}\nx\n{{< /highlight >}}"},
		{"", "{{ youtube(id=\"x\") }} {% quote(author=\"x\") %}x{% end %} [a](@/blog/a.md?x#y)\n\n[a]: ./a.md\n# A {#a}\n{: .b}"},
		{"slug: ''\nurl: //a//../b/?c#d\npermalink: /:year/:title:output_ext", "Text"},
		{"title: '%2e%2e/ – é'\npath: ../../x\naliases: [x, /y, '', '%00', /a b/]\nredirect_from: /z", "Text"},
		{"draft: true\ncategories: [A/B, ..]\ntags: {a: [b]}", "Text"},
		{"slug: a/b\nwhen: {{x}}", "Text"},
		{"path: .\nurl: /\npermalink: /", "Text"},
		{"Title: A\npublishDate: 2999-01-01\nbuild: {render: 1, list: never, x: y}\nexpiryDate: [2020-01-01]\nheadless: yes\npublished: false", "Text"},
	} {
		for tool := range len(importer.Tools) {
			f.Add(uint8(tool), seed.front, seed.body)
		}
	}
	w := newWorld(f, nil)
	f.Fuzz(func(t *testing.T, number uint8, front, body string) {
		w.t = t
		tool := importer.Tools[int(number)%len(importer.Tools)]
		if err := errors.Join(os.RemoveAll(w.cfg.ContentDir()), os.Mkdir(w.cfg.ContentDir(), 0o777)); err != nil {
			t.Fatal(err)
		}
		w.old = t.TempDir()
		w.write(oldFiles[tool], "---\ndate: 2020-03-07\n"+front+"\n---\nText\n"+body)
		report, err := w.run(importer.Options{From: tool})
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Notes) == 0 {
			if front == "" && utf8.ValidString(body) && !strings.Contains(body, "\x00") {
				t.Errorf("left out: %v", report.Findings)
			}
			return
		}
		for _, alias := range w.note(report).Aliases {
			if alias != site.CleanAddress(alias) {
				t.Errorf("alias %q is not in its own form, %q", alias, site.CleanAddress(alias))
			}
		}
		again, err := w.run(importer.Options{From: tool})
		if err != nil || len(again.Notes) > 0 || again.Present != 1 {
			t.Errorf("again: imported %v, %d there, %v", again.Notes, again.Present, err)
		}
	})
}
