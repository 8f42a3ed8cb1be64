package content

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"starpunk/site"
	"starpunk/site/store/durable"
)

// maxUnread bounds how many files that are not read are named one by one.
const maxUnread = 100

// textFiles are the extensions of files that look like notes and are not read.
var textFiles = []string{
	".txt", ".text", ".mdown", ".mkd", ".mkdn", ".mdwn", ".mdx", ".qmd", ".rmd", ".org", ".rst", ".adoc", ".asciidoc", ".textile",
	".html", ".htm", ".rtf", ".doc", ".docx", ".odt", ".tex",
}

// maxOpeningBytes is how much of a text is read for its front matter.
const maxOpeningBytes = 64 << 10

// isWithheldText reports whether a file is the text of another tool, such as
// index.mdx, whose front matter keeps it from being published.
func isWithheldText(name string) bool {
	if !slices.Contains(textFiles, strings.ToLower(filepath.Ext(name))) {
		return false
	}
	f, err := durable.OpenRegular(name)
	if err != nil {
		return false // it can't be copied either
	}
	defer f.Close()
	opening, err := io.ReadAll(io.LimitReader(f, maxOpeningBytes))
	return err == nil && site.Withheld(opening)
}

// Unread returns the files below content/ that look like notes to their author, and that
// are not read as notes, each with the reason. The files of bundles are published as they
// are. It examines the whole folder.
func (f *Folder) Unread(ctx context.Context) (unread []string, err error) {
	more := 0
	err = f.unreadIn(ctx, "", false, func(file string) {
		if len(unread) == maxUnread {
			more++
			return
		}
		unread = append(unread, fmt.Sprintf("content/%s: is not read: the names of notes end in .md or .markdown", file))
	})
	if more > 0 {
		unread = append(unread, fmt.Sprintf("content: %d more files are not read", more))
	}
	return unread, err
}

func (f *Folder) unreadIn(ctx context.Context, dir string, inBundle bool, found func(file string)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(f.Path(dir))
	if err != nil {
		return nil // what can't be read is reported by a scan
	}
	isIndex := func(e fs.DirEntry) bool {
		return dir != "" && f.cfg.IsNote(Join(dir, e.Name())) && IsBundle(Join(dir, e.Name()))
	}
	inBundle = slices.ContainsFunc(entries, isIndex) || inBundle && !f.hasNote(dir)
	for _, e := range entries {
		name := Join(dir, e.Name())
		if name == site.TrashDir || f.Skips(name) {
			continue
		}
		if e.IsDir() {
			if err := f.unreadIn(ctx, name, inBundle, found); err != nil {
				return err
			}
			continue
		}
		if !inBundle && e.Type().IsRegular() && slices.Contains(textFiles, strings.ToLower(path.Ext(name))) {
			found(name)
		}
	}
	return nil
}
