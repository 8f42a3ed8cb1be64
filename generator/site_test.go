package generator_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/generator"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/durable"
)

// A testSite is a site in a temporary folder.
type testSite struct {
	t        *testing.T
	dir      string
	now      time.Time    // the clock of its builds
	extra    string       // more configuration
	log      *slog.Logger // of its builds; nil: silent
	progress func(generator.Progress)

	clock func() time.Time // nil: now

	guarded bool // missing files are believed to be deleted only when that is certain

	around func(op durable.Op, do func() error) error // is called in place of each write to the index; nil: do
}

const testConfig = `
url = "https://alice.example/"
title = "Alice"
description = "Notes of a test"
timezone = "Europe/Berlin"
nav = [{name = "About", url = "/about/"}]
[author]
name = "Alice Test"
links = ["https://social.example/@alice"]
`

func newTestSite(t *testing.T, files map[string]string) *testSite {
	t.Helper()
	s := &testSite{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	for name, text := range files {
		s.write(name, text)
	}
	return s
}

func (s *testSite) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *testSite) write(name, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o777); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.path(name), []byte(text), 0o666); err != nil {
		s.t.Fatal(err)
	}
}

func (s *testSite) remove(name string) {
	s.t.Helper()
	if err := os.RemoveAll(s.path(name)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *testSite) config() *site.Config {
	s.t.Helper()
	config := testConfig
	if _, err := os.Stat(s.path("content/about.md")); err != nil {
		config = strings.Replace(config, `nav = [{name = "About", url = "/about/"}]`, "", 1)
	}
	return s.configOf(config + s.extra)
}

func (s *testSite) configOf(text string) *site.Config {
	s.t.Helper()
	cfg, err := site.ParseConfig(s.dir, []byte(text), func(string) string { return "" })
	if err != nil {
		s.t.Fatal(err)
	}
	return cfg
}

// with runs f with the parts of a process that opens the site.
func (s *testSite) with(cfg *site.Config, f func(*store.Store, *generator.Generator) error) error {
	s.t.Helper()
	clock := s.clock
	if clock == nil {
		clock = func() time.Time { return s.now }
	}
	st, err := store.Open(context.Background(), cfg, store.Options{Now: clock, AllowRemovals: !s.guarded, Around: s.around})
	if err != nil {
		return err
	}
	defer st.Close()
	g, err := generator.New(cfg, st, generator.Options{Version: "test", Now: clock, Logger: s.log, Progress: s.progress})
	if err != nil {
		return err
	}
	return f(st, g)
}

func (s *testSite) build() *generator.Report {
	s.t.Helper()
	var report *generator.Report
	err := s.with(s.config(), func(_ *store.Store, g *generator.Generator) (err error) {
		report, err = g.Build(context.Background())
		return err
	})
	if err != nil {
		s.t.Fatalf("Build: %v", err)
	}
	return report
}

// preview builds the preview of "serve --dev", and returns its files.
func (s *testSite) preview() map[string]string {
	s.t.Helper()
	cfg := s.config()
	cfg.Development("127.0.0.1:8080")
	err := s.with(cfg, func(_ *store.Store, g *generator.Generator) error {
		_, err := g.Build(context.Background())
		return err
	})
	if err != nil {
		s.t.Fatalf("Build: %v", err)
	}
	return readTree(s.t, s.path(".starpunk/dev/public"))
}

// outputs returns the files of the output folder, except StarPunk's mark.
func (s *testSite) outputs() map[string]string {
	s.t.Helper()
	return readTree(s.t, s.path("public"))
}

func readTree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name != root {
			return nil // a watcher removed it
		}
		if err != nil || d.IsDir() || d.Name() == ".starpunk" {
			return err
		}
		data, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// outputNames returns the names of the files of the output folder, except StarPunk's mark.
func (s *testSite) outputNames() []string {
	return slices.Sorted(maps.Keys(s.outputs()))
}

func (s *testSite) output(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(s.path("public/" + name))
	if err != nil {
		s.t.Fatalf("output: %v", err)
	}
	return string(data)
}

func (s *testSite) hasOutput(name string) bool {
	_, err := os.Stat(s.path("public/" + name))
	return err == nil
}

// clean returns the output of a clean build of the same files, at the same time, in
// another folder with another index.
func (s *testSite) clean() map[string]string {
	s.t.Helper()
	other := &testSite{t: s.t, dir: s.t.TempDir(), now: s.now, extra: s.extra, clock: s.clock}
	for _, folder := range []string{"content", "static", "media", "layouts"} {
		if _, err := os.Stat(s.path(folder)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.CopyFS(other.path(folder), os.DirFS(s.path(folder))); err != nil {
			s.t.Fatal(err)
		}
	}
	other.build()
	return other.outputs()
}

// checkClean reports the differences between the output and that of a clean build.
func (s *testSite) checkClean(when string) {
	s.t.Helper()
	if d := diff(s.outputs(), s.clean()); d != "" {
		s.t.Errorf("%s, incremental (got) and clean (want) differ:\n%s", when, d)
	}
}

// diff returns the differences of two trees; "" if there are none.
func diff(got, want map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if text, ok := got[name]; !ok {
			fmt.Fprintf(&b, "missing %s\n", name)
		} else if text != want[name] {
			fmt.Fprintf(&b, "different %s\n got: %s\nwant: %s\n", name, firstDifference(text, want[name]), firstDifference(want[name], text))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			fmt.Fprintf(&b, "too many %s\n", name)
		}
	}
	return b.String()
}

func firstDifference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return fmt.Sprintf("…%q…", a[max(0, i-40):min(len(a), i+120)])
}

// note returns the text of a note's file.
func note(date, front, body string) string {
	if front != "" {
		front += "\n"
	}
	return "---\ndate: " + date + "\n" + front + "---\n" + body + "\n"
}
