package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"golang.org/x/sync/errgroup"
)

// floor does what no generator can do without: it reads each note, renders its
// text with goldmark and the extensions that StarPunk uses, and writes it to a
// file of its own in a new folder. There is no front matter to understand, no
// template, no list, no index, and no reader who must not see half a page.
func floor(dir string) error {
	out := filepath.Join(dir, "floor")
	markdown := goldmark.New(
		goldmark.WithExtensions(extension.GFM, extension.Footnote),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	content := filepath.Join(dir, "content")
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	err := filepath.WalkDir(content, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "_") {
			return err
		}
		rel, err := filepath.Rel(content, name)
		if err != nil {
			return err
		}
		group.Go(func() error {
			return floorNote(markdown, name, filepath.Join(out, strings.TrimSuffix(rel, ".md"), "index.html"))
		})
		return nil
	})
	if groupErr := group.Wait(); groupErr != nil {
		return groupErr
	}
	return err
}

func floorNote(markdown goldmark.Markdown, from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if end := bytes.Index(data, []byte("\n---\n")); end >= 0 {
		data = data[end+5:]
	}
	var b bytes.Buffer
	if err := markdown.Convert(data, &b); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	return os.WriteFile(to, b.Bytes(), 0o666)
}
