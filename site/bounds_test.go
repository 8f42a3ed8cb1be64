package site

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// lines joins n lines of a file.
func lines(n int, line func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(line(i))
	}
	return b.String()
}

// costly are files of about n lines that a reader of front matter may take long
// for.
func costly(n int) map[string]string {
	return map[string]string{
		"unknown keys":                "---\n" + lines(n, func(i int) string { return fmt.Sprintf("drfta%06d: x\n", i) }) + "---\nText",
		"keys that are nearly ours":   "---\n" + lines(n, func(i int) string { return fmt.Sprintf("%cdraft%d: x\n", 'a'+i%26, i) }) + "---\nText",
		"keys in JSON":                "{" + lines(n, func(i int) string { return fmt.Sprintf("\"k%d\": 1,\n", i) }) + "\"draft\": true}\nText",
		"tags of two keys":            "---\ntags: [" + lines(n/2, func(i int) string { return fmt.Sprintf("t%d,", i) }) + "]\ncategories: [" + lines(n/2, func(i int) string { return fmt.Sprintf("c%d,", i) }) + "]\n---\nText",
		"values of a status":          "---\nstatus: [" + lines(n, func(i int) string { return fmt.Sprintf("s%d,", i) }) + "]\n---\nText",
		"lines of a text in TOML":     "+++\n[extra]\nx = '''\n" + strings.Repeat("draft = true\n", n) + "'''\n+++\nText",
		"fences of a text":            "Text\n" + strings.Repeat("---\ntitle: x\n", n),
		"a long line":                 "title: " + strings.Repeat("x: ", 4*n) + "\n\nText",
		"merge marks":                 strings.Repeat("=======\n", n) + ">>>>>>> x\n",
		"a mistake at the end":        "---\n" + strings.Repeat("a: \"b\" # c: d\n", n) + "x: y: z\n---\nText",
		"an object that does not end": "{\"a\": [" + strings.Repeat("1,\n", 4*n),
	}
}

func TestTheCostOfFrontMatterGrowsWithItsSize(t *testing.T) {
	allocated := func(text string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = Parse("2026-05-01-a.md", []byte(text), berlin) // a mistake costs, too
		_ = Withheld([]byte(text))
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	more := costly(16_000)
	for name, text := range costly(4_000) {
		a, b := allocated(text), allocated(more[name])
		if b > 6*a+4<<20 {
			t.Errorf("%s: %d bytes are allocated for %d, %d for %d", name, a, len(text), b, len(more[name]))
		}
	}
}
