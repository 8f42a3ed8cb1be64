package render

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"starpunk/generator/markdown"
	"starpunk/site/store"
	"starpunk/site/store/link"
)

func contentRow(i int) *store.Row {
	return &store.Row{File: fmt.Sprintf("%d.md", i), Permalink: fmt.Sprintf("/%d/", i), Hash: sha256.Sum256(fmt.Append(nil, i))}
}

func TestContentIsReadAsItWasWritten(t *testing.T) {
	index := filepath.Join(t.TempDir(), "index.db")
	open := func(meaning string) *contentCache {
		return openContentCache(index, meaning, 1<<20, slog.New(slog.DiscardHandler))
	}
	kept := []*markdown.Content{
		{SelfContained: true},
		{SelfContained: true, HTML: "<p>ü\xff</p>"},
		{SelfContained: true, HTML: strings.Repeat("x", 200), Warnings: []string{"", "a \xff", strings.Repeat("w", 300)}},
		{SelfContained: true, HTML: "y", OwnLinks: []link.OwnLink{{}, {Place: link.Place{Path: "a", Fragment: "b"}, Line: 300, Link: "/a#b"}}},
	}
	descriptions := []string{"", "Ü\xff", strings.Repeat("d", 300), "D"}
	c := open("A")
	for i, r := range kept {
		c.put(contentRow(i), true, r, descriptions[i])
	}
	c.put(contentRow(4), true, &markdown.Content{HTML: "it shows a picture"}, "D")
	c.put(contentRow(5), false, &markdown.Content{SelfContained: true, HTML: "its file changed"}, "D")
	c.close(false)

	c = open("A")
	for i, want := range kept {
		if got, description := c.get(contentRow(i), true); !reflect.DeepEqual(got, want) || description != descriptions[i] {
			t.Errorf("content %d is %+v, %q, want %+v, %q", i, got, description, want, descriptions[i])
		}
	}
	if r, _ := c.get(contentRow(4), true); r != nil {
		t.Error("content that is not self-contained was kept")
	}
	if r, _ := c.get(contentRow(5), true); r != nil {
		t.Error("content of a file that changed was kept")
	}
	if r, _ := c.get(contentRow(1), false); r != nil {
		t.Error("content was found for a file that changed")
	}
	for name, change := range map[string]func(*store.Row){
		"text":    func(r *store.Row) { r.Hash[0]++ },
		"address": func(r *store.Row) { r.Permalink = "/other/" },
		"file":    func(r *store.Row) { r.File = "other.md" },
	} {
		row := contentRow(1)
		change(row)
		if r, _ := c.get(row, true); r != nil {
			t.Errorf("content of a note with another %s was found", name)
		}
	}
	c.close(true)

	c = open("B")
	if r, _ := c.get(contentRow(1), true); r != nil {
		t.Error("content was found for another configuration")
	}
	c.close(true)
}

func TestACacheOfContentHasALimitAndDropsUnusedContent(t *testing.T) {
	const most = 4 * contentCacheBuffer
	index := filepath.Join(t.TempDir(), "index.db")
	open := func() *contentCache { return openContentCache(index, "A", most, slog.New(slog.DiscardHandler)) }
	size := func() int64 {
		info, err := os.Stat(contentCacheFile(index))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	known := func() (known int) {
		c := open()
		defer c.close(false)
		for i := range 100 {
			if r, _ := c.get(contentRow(i), true); r != nil {
				known++
			}
		}
		return known
	}
	c := open()
	for i := range 100 {
		c.put(contentRow(i), true, &markdown.Content{SelfContained: true, HTML: strings.Repeat("x", contentCacheBuffer/16)}, "D")
	}
	c.close(true)
	if n := size(); n > most || n < most/2 {
		t.Errorf("the file has %d bytes, want at most %d", n, most)
	}
	if n := known(); n < 60 || n > 64 {
		t.Errorf("%d records are in the file, want as many as fit", n)
	}
	for _, all := range []bool{false, true} {
		c = open()
		c.get(contentRow(1), true)
		c.close(all)
		if n := known(); (n == 0) != all {
			t.Errorf("%d records are in the file; all pages were rendered with it: %v", n, all)
		}
	}
}

func TestDamagedContentIsNotUsed(t *testing.T) {
	index := filepath.Join(t.TempDir(), "index.db")
	open := func() *contentCache { return openContentCache(index, "A", 1<<20, slog.New(slog.DiscardHandler)) }
	c := open()
	want := map[int]string{}
	for i := range 3 {
		want[i] = fmt.Sprintf("<p>%d</p>", i)
		c.put(contentRow(i), true, &markdown.Content{SelfContained: true, HTML: want[i], Warnings: []string{"W"}}, "D")
	}
	c.close(false)
	whole, err := os.ReadFile(contentCacheFile(index))
	if err != nil {
		t.Fatal(err)
	}
	damaged := map[string][]byte{"empty": nil}
	for i := range whole {
		damaged[fmt.Sprintf("cut at %d", i)] = whole[:i]
		flipped := append([]byte{}, whole...)
		flipped[i] ^= 0x55
		damaged[fmt.Sprintf("another byte at %d", i)] = flipped
	}
	for name, data := range damaged {
		if err := os.WriteFile(contentCacheFile(index), data, 0o600); err != nil {
			t.Fatal(err)
		}
		c := open()
		for i := range 3 {
			if r, description := c.get(contentRow(i), true); r != nil && (r.HTML != want[i] || description != "D" || len(r.Warnings) != 1 || r.Warnings[0] != "W") {
				t.Errorf("%s: content %d is %+v", name, i, r)
			}
			c.put(contentRow(i), true, &markdown.Content{SelfContained: true, HTML: want[i], Warnings: []string{"W"}}, "D")
		}
		c.close(false)
		c = open()
		for i := range 3 {
			if r, _ := c.get(contentRow(i), true); r == nil || r.HTML != want[i] {
				t.Errorf("%s: content %d was kept again and is %+v", name, i, r)
			}
		}
		c.close(false)
	}
}

func TestTheCacheOfContentIsNotNeeded(t *testing.T) {
	index := filepath.Join(t.TempDir(), "index.db")
	if err := os.Mkdir(contentCacheFile(index), 0o777); err != nil {
		t.Fatal(err)
	}
	c := openContentCache(index, "A", 1<<20, slog.New(slog.DiscardHandler))
	c.put(contentRow(1), true, &markdown.Content{SelfContained: true, HTML: "x"}, "D")
	if r, _ := c.get(contentRow(1), true); r != nil {
		t.Error("content was found in a folder")
	}
	c.close(true)
}
