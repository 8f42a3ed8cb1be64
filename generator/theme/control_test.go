package theme

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEveryControlIsFoundAtAnyPlace(t *testing.T) {
	for r := rune(0); r < 0x500; r++ {
		for at := range 17 {
			page := strings.Repeat("é", at%3) + strings.Repeat("a", at) + string(r) + strings.Repeat("b", 16-at)
			want := r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7F && r < 0xA0
			if got := hasControl([]byte(page)); got != want {
				t.Fatalf("%U at %d of %q: %v, want %v", r, at, page, got, want)
			}
			if clean := string(withoutControls([]byte(page))); want && clean != strings.Replace(page, string(r), "", 1) || !want && clean != page {
				t.Fatalf("%q became %q", page, clean)
			}
		}
	}
}

// BenchmarkControls is what pages pay for being looked at.
func BenchmarkControls(b *testing.B) {
	page, err := os.ReadFile("testdata/golden/2026/11/hello/index.html")
	if err != nil || !utf8.Valid(page) {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		if hasControl(page) {
			b.Fatal("a golden page has controls")
		}
	}
}
