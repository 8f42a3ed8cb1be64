package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"
)

// benchNotes is how many notes the site of the benchmarks has; another number
// in STARPUNK_BENCH_NOTES.
const benchNotes = 100_000

// benchSite is a large site with its index, which is made once: the folder in
// STARPUNK_BENCH_DIR keeps it.
func benchSite(b *testing.B) *store.Builder {
	b.Helper()
	n := benchNotes
	if s := os.Getenv("STARPUNK_BENCH_NOTES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	dir := os.Getenv("STARPUNK_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	dir = filepath.Join(dir, fmt.Sprint("notes-", n))
	if _, err := os.Stat(filepath.Join(dir, "content")); err != nil {
		writeNotes(b, dir, n)
	}
	cfg, err := storetest.ParseConfig(dir, "")
	if err != nil {
		b.Fatal(err)
	}
	st, err := storetest.OpenStore(b.Context(), cfg, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	if err := st.Scan(b.Context()); err != nil {
		b.Fatal(err)
	}
	return st
}

// writeNotes writes n notes over ten years: short texts of common words, and
// the word "needle" in the oldest alone.
func writeNotes(b *testing.B, dir string, n int) {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("the tide comes in over the flats and a bird calls from the far end of the pier while the harbour lights go out one by one")
	begin := time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		at := begin.Add(time.Duration(i) * 10 * 365 * 24 * time.Hour / time.Duration(n))
		var text strings.Builder
		for range 10 + random.IntN(60) {
			text.WriteString(words[random.IntN(len(words))] + " ")
		}
		if i == 0 {
			text.Reset()
			text.WriteString("needle")
		}
		name := filepath.Join(dir, "content/notes", at.Format("2006/01"), fmt.Sprintf("%s-n%d.md", at.Format("02"), i))
		err := os.MkdirAll(filepath.Dir(name), 0o777)
		if err == nil {
			data := fmt.Sprintf("---\ndate: %s\ntags: [tag%d]\n---\n%s\n", at.Format(time.RFC3339), random.IntN(200), &text)
			err = os.WriteFile(name, []byte(data), 0o666)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSources measures the query of an app that shows its owner's notes.
func BenchmarkSources(b *testing.B) {
	st := benchSite(b)
	middle := &store.Position{Published: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC).Unix()}
	oldest := &store.Position{Published: time.Date(2016, 1, 2, 0, 0, 0, 0, time.UTC).Unix()}
	for _, bm := range []struct {
		name string
		ask  store.Sources
	}{
		{"newest", store.Sources{Limit: 21}},
		{"from the middle", store.Sources{Limit: 21, From: middle}},
		{"the oldest", store.Sources{Limit: 21, From: oldest}},
		{"of a type", store.Sources{Limit: 21, Type: "note", From: middle}},
		{"with a common word", store.Sources{Limit: 21, Filter: "harbour"}},
		{"with a word of the oldest alone", store.Sources{Limit: 21, Filter: "Needle"}},
		{"with a word that none has", store.Sources{Limit: 21, Filter: "hay", Hidden: true}},
		{"of a type with a word that none has", store.Sources{Limit: 21, Type: "note", Filter: "hay"}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := st.Sources(b.Context(), bm.ask); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
