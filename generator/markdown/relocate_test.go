package markdown

import (
	"net/url"
	"testing"
)

func TestContentIsFitToAnotherPlace(t *testing.T) {
	base, err := url.Parse("https://a.example/2026/11/sea/")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, content, onSite, away string }{
		{"a relative picture", `<img src="waves.svg?a&amp;b">`, `<img src="/2026/11/sea/waves.svg?a&amp;b">`, `<img src="https://a.example/2026/11/sea/waves.svg?a&amp;b">`},
		{"a link to a part", `<a href="#x">x</a>`, `<a href="/2026/11/sea/#x">x</a>`, `<a href="https://a.example/2026/11/sea/#x">x</a>`},
		{"the source of a quotation", `<blockquote cite="/about/">x</blockquote>`, `<blockquote cite="/about/">x</blockquote>`, `<blockquote cite="https://a.example/about/">x</blockquote>`},
		{"a still of a video", `<video poster="p.jpg" src="v.mp4"></video>`, `<video poster="/2026/11/sea/p.jpg" src="/2026/11/sea/v.mp4"></video>`,
			`<video poster="https://a.example/2026/11/sea/p.jpg" src="https://a.example/2026/11/sea/v.mp4"></video>`},
		{"an id, which another note may have, too", `<h2 id="why" class="c">Why</h2>`, `<h4 class="c">Why</h4>`, `<h2 class="c">Why</h2>`},
		{"headings, which are below that of the note", `<h2>a</h2><h3>b</h3><h6>c</h6>`, `<h4>a</h4><h5>b</h5><h6>c</h6>`, `<h2>a</h2><h3>b</h3><h6>c</h6>`},
		{"another site, and mail", `<a href="https://b.example/x">b</a><a href="mailto:a@a.example">m</a>`,
			`<a href="https://b.example/x">b</a><a href="mailto:a@a.example">m</a>`, `<a href="https://b.example/x">b</a><a href="mailto:a@a.example">m</a>`},
		{"cells, for which feeds have no style", `<th class="right">a</th><td class="center">b</td><td class="x">c</td><p class="left">d</p>`,
			`<th class="right">a</th><td class="center">b</td><td class="x">c</td><p class="left">d</p>`, `<th align="right">a</th><td align="center">b</td><td class="x">c</td><p class="left">d</p>`},
		{"other than addresses", `<a href="http://[">x</a>`, `<a href="http://[">x</a>`, `<a href="http://[">x</a>`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Relocate(tc.content, base, false); got != tc.onSite {
				t.Errorf("on the site: %s, want %s", got, tc.onSite)
			}
			if got := Relocate(tc.content, base, true); got != tc.away {
				t.Errorf("away from it: %s, want %s", got, tc.away)
			}
		})
	}
}
