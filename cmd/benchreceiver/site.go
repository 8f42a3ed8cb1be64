package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

var words = strings.Fields("the tide comes in over the flats and a bird calls from the far end of the pier while the harbour lights go out one by one")

// sentence returns some words, the same for the same random source.
func sentence(random *rand.Rand) string {
	var b strings.Builder
	for range 20 + random.IntN(60) {
		b.WriteString(words[random.IntN(len(words))] + " ")
	}
	return strings.TrimSpace(b.String())
}

// writeSite makes a site with 80 notes a month up to last month, unless it
// exists already.
func writeSite(dir string, notes int) error {
	if _, err := os.Stat(filepath.Join(dir, "starpunk.toml")); err == nil {
		return nil
	}
	random := rand.New(rand.NewPCG(1, uint64(notes)))
	last := time.Now().UTC().AddDate(0, -1, 0)
	for i := range notes {
		at := last.Add(-time.Duration(i) * (30 * 24 * time.Hour / 80)).Truncate(time.Second)
		name := filepath.Join(dir, "content/notes", at.Format("2006/01"), fmt.Sprintf("%s-n%d.md", at.Format("02"), i))
		text := fmt.Sprintf("---\ndate: %s\ntags: [tag%d, tag%d]\n---\n%s\n",
			at.Format(time.RFC3339), random.IntN(50), random.IntN(200), sentence(random))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "starpunk.toml"), []byte("url = \"https://ida.example/\"\ntitle = \"Ida\"\n"), 0o666)
}
