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

// costly returns files of about n lines that may be slow to read as front
// matter.
func costly(n int) map[string]string {
	return map[string]string{
		"unknown keys":                "---\n" + lines(n, func(i int) string { return fmt.Sprintf("drfta%06d: x\n", i) }) + "---\nText",
		"keys that are nearly ours":   "---\n" + lines(n, func(i int) string { return fmt.Sprintf("%cdraft%d: x\n", 'a'+i%26, i) }) + "---\nText",
		"keys in JSON":                "{" + lines(n, func(i int) string { return fmt.Sprintf("\"k%d\": 1,\n", i) }) + "\"draft\": true}\nText",
		"tags of two keys":            "---\ntags: [" + lines(n/2, func(i int) string { return fmt.Sprintf("t%d,", i) }) + "]\ncategories: [" + lines(n/2, func(i int) string { return fmt.Sprintf("c%d,", i) }) + "]\n---\nText",
		"values of a status":          "---\nstatus: [" + lines(n, func(i int) string { return fmt.Sprintf("s%d,", i) }) + "]\n---\nText",
		"lines of a text in TOML":     "+++\n[extra]\nx = '''\n" + strings.Repeat("draft = true\n", n) + "'''\n+++\nText",
		"keys in TOML":                "+++\n" + lines(n, func(i int) string { return fmt.Sprintf("k%d = 1\n", i) }) + "+++\nText",
		"arrays of tables in TOML":    "+++\n" + strings.Repeat("[[a]]\n", n) + "+++\nText",
		"tables in TOML":              "+++\n" + lines(n, func(i int) string { return fmt.Sprintf("[a.t%d]\n", i) }) + "+++\nText",
		"a dotted key in TOML":        "+++\na" + strings.Repeat(".b", 4*n) + " = 1\n+++\nText",
		"a name of a table in TOML":   "+++\n[a" + strings.Repeat(".b", 4*n) + "]\n+++\nText",
		"a list in TOML":              "+++\na = [" + strings.Repeat("1,", 4*n) + "]\n+++\nText",
		"lists in lists in TOML":      "+++\na = " + strings.Repeat("[", 4*n) + strings.Repeat("]", 4*n) + "\n+++\nText",
		"inline tables in TOML":       "+++\na = " + strings.Repeat("{a=", 2*n) + "1" + strings.Repeat("}", 2*n) + "\n+++\nText",
		"tags in one text":            "---\ntags: \"" + lines(n, func(i int) string { return fmt.Sprintf("t%d,", i) }) + "\"\n---\nText",
		"aliases of anchors":          "---\na: &a [b]\nc: [" + strings.Repeat("*a,", 4*n) + "]\n---\nText",
		"merged keys":                 "---\na: &a {b: c}\n" + lines(n, func(i int) string { return fmt.Sprintf("d%d: {<<: *a}\n", i) }) + "---\nText",
		"lists in lists":              "---\na: " + strings.Repeat("[", 4*n) + strings.Repeat("]", 4*n) + "\n---\nText",
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

// Front matter with more than any note needs is a mistake in its line.
func TestFrontMatterBeyondItsBounds(t *testing.T) {
	list := func(n int) string {
		return "[" + lines(n, func(i int) string { return fmt.Sprintf("\"/v%d\", ", i) }) + "]"
	}
	for _, tc := range []struct{ name, front, want string }{
		{"keys", "+++\n" + lines(maxFrontKeys+1, func(i int) string { return fmt.Sprintf("k%d = 1\n", i) }) + "+++\n", ":5002: front matter: more than 5000 keys"},
		{"a long list", "+++\na = 1\nb = [" + strings.Repeat("1,", maxFrontValues) + "]\n+++\n", ":3: b: more than 20000 values"},
		{"a deep list", "+++\na = " + strings.Repeat("[", maxFrontNesting+1) + strings.Repeat("]", maxFrontNesting+1) + "\n+++\n", ":2: a: nested more than 40 levels deep"},
		{"a deep key", "+++\na" + strings.Repeat(".b", maxFrontNesting+1) + " = 1\n+++\n", "nested more than 40 levels deep"},
		{"a deep table", "+++\n[a" + strings.Repeat(".b", maxFrontNesting+1) + "]\n+++\n", "nested more than 40 levels deep"},
		{"inline tables", "+++\na = " + strings.Repeat("{a=", maxFrontNesting+1) + "1" + strings.Repeat("}", maxFrontNesting+1) + "\n+++\n", ":2: a: nested more than 40 levels deep"},
		{"tags", "---\ntitle: a\ntags: " + list(maxFrontList+1) + "\n---\n", ":3: tags: more than 1000 values"},
		{"tags in a text", "---\ntags: \"" + lines(maxFrontList+1, func(i int) string { return fmt.Sprintf("t%d,", i) }) + "\"\n---\n", ":2: tags: more than 1000 values"},
		{"former addresses", "---\naliases: " + list(maxFrontList+1) + "\n---\n", ":2: aliases: more than 1000 values"},
		{"photos", "---\nphoto: " + list(maxFrontList+1) + "\n---\n", ":2: photo: more than 1000 values"},
		{"tags of another generator", "---\ncategories: " + list(maxFrontList+1) + "\n---\n", "more than 1000 tags"},
		{"as many tags as there may be", "---\ntags: " + list(maxFrontList) + "\n---\n", ""},
	} {
		_, err := Parse("2026-05-01-a.md", []byte(tc.front+"Text"), berlin)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
}
