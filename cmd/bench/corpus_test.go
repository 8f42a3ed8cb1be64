package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"starpunk/site"
)

func TestACorpusIsTheSameAtEveryRun(t *testing.T) {
	sums := map[string]bool{}
	for range 2 {
		dir := t.TempDir()
		if err := makeSite(dir, corpus{notes: 200, perMonth: 80, seed: 1}); err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		notes := 0
		err := filepath.WalkDir(filepath.Join(dir, "content"), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(name)
			fmt.Fprintf(h, "%s\n%s", name[len(dir):], data)
			if strings.HasPrefix(d.Name(), "_") {
				return err
			}
			notes++
			n, parseErr := site.Parse(name[len(dir)+len("/content/"):], data, time.UTC)
			if parseErr != nil || !strings.HasPrefix(n.Permalink("/:year/:month/:slug/"), "/2026/") {
				t.Errorf("%s: %v", name, parseErr)
			}
			return err
		})
		if err != nil || notes != 200 {
			t.Fatalf("%d notes, %v", notes, err)
		}
		sums[fmt.Sprintf("%x", h.Sum(nil))] = true
	}
	if len(sums) != 1 {
		t.Error("the same seed gives other notes")
	}
}

func TestTheFloorRendersEveryNote(t *testing.T) {
	dir := t.TempDir()
	if err := (corpus{notes: 50, seed: 1}).make(dir); err != nil {
		t.Fatal(err)
	}
	if err := floor(dir); err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "floor", "notes", "*", "*", "*", "index.html"))
	if err != nil || len(pages) != 50 {
		t.Errorf("%d pages, %v", len(pages), err)
	}
}

func TestPlotsAndTablesShowWhatWasMeasured(t *testing.T) {
	var results []result
	for _, n := range []int{1000, 10_000} {
		results = append(results, result{
			place: "RAM disk", notes: n, full: cost{cpu: time.Second}, floor: cost{cpu: time.Second / 2}, hugoFull: cost{cpu: 3 * time.Second},
			posted: latency{samples: []time.Duration{6 * time.Millisecond}}, hugoSaved: latency{samples: []time.Duration{time.Second}},
		})
	}
	table := results[1].table()
	for _, want := range []string{"RAM disk, 10,000 notes", "3.0 × faster", "2.00 × as much", "167 × faster", "6.0 ms"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
	dir := t.TempDir()
	if err := drawPlots(dir, results); err != nil {
		t.Fatal(err)
	}
	for name, line := range map[string]string{"build.svg": "reading, goldmark, writing", "publish.svg": "hugo --watch"} {
		svg, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(svg), line) || strings.Contains(string(svg), "NaN") {
			t.Errorf("%s: %v\n%s", name, err, svg)
		}
	}
}
