package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"starpunk/site"
	"starpunk/site/store/query"

	"golang.org/x/text/unicode/norm"
	"zombiezen.com/go/sqlite"
)

// maxNamesakes bounds how many files are compared that end with the name in a wikilink.
const maxNamesakes = 1000

// A Target is the file below content/ that a link leads to.
type Target struct {
	File      string // relative to content/; "" if there is none
	Permalink string // of the page, if File is a note; "" for an attachment
	Other     string // another file that the link may mean; "" if there is none
	stamp     string // of an attachment
}

// State is equal for two targets if a page may show both alike.
func (t Target) State() string {
	if t.File == "" {
		return ""
	}
	return strings.Join([]string{t.File, t.Permalink, t.stamp, t.Other}, "\n")
}

// PathKey names a file by its path from the top of content/: that of a note with
// or without extension, that of an attachment, or with a slash at its end the
// folder of a bundle.
func PathKey(file string) string {
	if stem, ok := cutNoteExt(file); ok {
		file = stem + strings.ToLower(path.Ext(file))
	}
	return "=" + norm.NFC.String(file)
}

// WikiKey names a file as wikilinks do, by its name, which may have some of the
// folders before it: "tides", "thoughts/tides", "chart.png".
func WikiKey(name string) string {
	return "[[" + nameOf(strings.Trim(name, "/"))
}

// nameOf is the column name of a file: two files with one name differ by case, by
// the form of their letters, or by their extension. The folder of a bundle is its
// name.
func nameOf(file string) string {
	file, _ = cutNoteExt(file)
	if strings.Contains(file, "/") {
		file = strings.TrimSuffix(file, "/index")
	}
	elements := strings.Split(strings.ToLower(norm.NFC.String(file)), "/")
	slices.Reverse(elements)
	return strings.Join(elements, "/") + "/"
}

// cutNoteExt cuts the extension of a note off its file's name.
func cutNoteExt(file string) (stem string, ok bool) {
	if ext := path.Ext(file); site.IsNoteExt(ext) {
		return strings.TrimSuffix(file, ext), true
	}
	return file, false
}

// keysOf are the keys by which links may name a file.
func keysOf(file string) (keys []string) {
	keys = append(keys, PathKey(file))
	if stem, ok := cutNoteExt(file); ok {
		keys = append(keys, PathKey(stem))
		if dir, isIndex := strings.CutSuffix(stem, "/index"); isIndex {
			keys = append(keys, PathKey(dir), PathKey(dir+"/"))
		}
	}
	name := nameOf(file)
	for i := range len(name) {
		if name[i] == '/' {
			keys = append(keys, "[["+name[:i+1])
		}
	}
	return keys
}

// Target returns what a key names.
func (b *Builder) Target(ctx context.Context, key string) (t Target, err error) {
	err = b.db.Read(ctx, func(conn *sqlite.Conn) error {
		t, err = b.target(conn, key)
		return err
	})
	return t, err
}

func (s *Store) target(conn *sqlite.Conn, key string) (Target, error) {
	if name, ok := strings.CutPrefix(key, "[["); ok {
		found, err := s.named(conn, name, strings.TrimSuffix(name, "/")+"0")
		return meant(found, name), err
	}
	file := strings.TrimPrefix(key, "=")
	name := nameOf(strings.TrimSuffix(file, "/"))
	found, err := s.named(conn, name, name+"\x00")
	for _, t := range found {
		if t.isAt(file) {
			return t, err
		}
	}
	return Target{}, err
}

// isAt reports whether a path names the target, which has the same name in small
// letters.
func (t Target) isAt(file string) bool {
	at := norm.NFC.String(t.File)
	if at == file {
		return true
	}
	stem, isNote := cutNoteExt(at)
	if !isNote {
		return false
	}
	if wanted, ok := cutNoteExt(file); ok {
		return stem == wanted && strings.EqualFold(path.Ext(at), path.Ext(file))
	}
	return stem == file || stem == strings.TrimSuffix(file, "/")+"/index"
}

// named returns the published notes and the attachments whose names begin with
// from and come before to, those first that are meant first.
func (s *Store) named(conn *sqlite.Conn, from, to string) (found []Target, err error) {
	named := query.Args{":from": from, ":to": to, ":limit": maxNamesakes}
	err = query.Exec(conn, "named_attachments", named, func(stmt *sqlite.Stmt) error {
		found = append(found, Target{
			File:  stmt.ColumnText(0),
			stamp: fmt.Sprint(stmt.ColumnInt64(1), stmt.ColumnInt64(2), stmt.ColumnInt64(3), stmt.ColumnInt64(4)),
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	named[":now"] = s.nowSeconds()
	err = query.Exec(conn, "named_notes", named, func(stmt *sqlite.Stmt) error {
		found = append(found, Target{File: stmt.ColumnText(0), Permalink: stmt.ColumnText(1)})
		return nil
	})
	slices.SortFunc(found, func(a, b Target) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(len(a.File), len(b.File)), strings.Compare(a.File, b.File))
	})
	return found, err
}

// rank puts notes before attachments.
func (t Target) rank() int {
	if t.Permalink != "" {
		return 0
	}
	return 1
}

// meant is the target of a wikilink: the file at that very path, or else the one
// with the shortest path, as in Obsidian.
func meant(found []Target, name string) Target {
	if len(found) == 0 {
		return Target{}
	}
	for _, t := range found {
		if nameOf(t.File) == name {
			return t
		}
	}
	t := found[0]
	if len(found) > 1 && found[1].rank() == t.rank() {
		t.Other = found[1].File
	}
	return t
}

// staleLinkers has the pages built again that link to a file and saw another
// target than there is now.
func (s *Store) staleLinkers(conn *sqlite.Conn, file string) error {
	keys, err := json.Marshal(keysOf(file))
	if err != nil {
		return fmt.Errorf("names of %s: %w", file, err)
	}
	var linked []string
	err = query.Exec(conn, "targets_linked", query.Args{":targets": string(keys)}, func(stmt *sqlite.Stmt) error {
		linked = append(linked, stmt.ColumnText(0))
		return nil
	})
	for _, key := range linked {
		var t Target
		if err == nil {
			t, err = s.target(conn, key)
		}
		if err == nil {
			err = query.Exec(conn, "linkers_stale", query.Args{":target": key, ":seen": t.State()}, nil)
		}
	}
	return err
}

// replaceLinks records what a page links to and shows, in place of what it did.
func (b *Builder) replaceLinks(m *marking, r *Result) error {
	var before []string
	if m.links {
		err := query.Exec(m.conn, "shown_by", query.Args{":id": r.Row.ID}, func(stmt *sqlite.Stmt) error {
			before = append(before, stmt.ColumnText(0))
			return nil
		})
		if err != nil {
			return err
		}
		if err := query.Exec(m.conn, "delete_links", query.Args{":id": r.Row.ID}, nil); err != nil {
			return err
		}
	}
	m.links = m.links || len(r.Links) > 0
	if err := b.saveLinks(m.conn, r); err != nil {
		return err
	}
	for _, c := range r.Copies {
		if err := markCopied(m.conn, m.number, c); err != nil {
			return err
		}
	}
	for _, source := range before {
		if _, shown := r.Links[source]; shown {
			continue
		}
		if err := dropUnshown(m.conn, source); err != nil {
			return err
		}
	}
	return nil
}

// dropUnshown forgets the copy of an attachment that no page shows or links to any
// more, and has it removed. A page that began to show it meanwhile records it again:
// see [Result.Copies].
func dropUnshown(conn *sqlite.Conn, source string) error {
	shown, err := query.Has(conn, "is_shown", query.Args{":source": source})
	if err != nil || shown {
		return err
	}
	output, err := query.Text(conn, "copy_at", query.Args{":source": source})
	if err != nil || output == "" {
		return err
	}
	if err := query.Exec(conn, "delete_copy", query.Args{":source": source}, nil); err != nil {
		return err
	}
	other, err := query.Text(conn, "copy_of", query.Args{":output": output})
	if err != nil || other != "" {
		return err // a file whose name is the same in the other Unicode form
	}
	if err := query.Exec(conn, "removal_add", query.Args{":output": output}, nil); err != nil {
		return err
	}
	if err := openPlaces(conn, []string{output}); err != nil {
		return err
	}
	return uncover(conn, output)
}

// CopyOf returns the copy of a source that is in the output; the zero Copy if there
// is none.
func (b *Builder) CopyOf(ctx context.Context, source string) (c Copy, err error) {
	err = b.db.Each(ctx, "copy_at", query.Args{":source": source}, func(stmt *sqlite.Stmt) error {
		c = Copy{source, stmt.ColumnText(0), query.Stamp(stmt, 1)}
		return nil
	})
	return c, err
}

// saveLinks records what a page links to. If a target is no longer the one that the
// page shows, the page is stale.
func (b *Builder) saveLinks(conn *sqlite.Conn, r *Result) error {
	stale := false
	for key, seen := range r.Links {
		if strings.HasPrefix(key, "=") || strings.HasPrefix(key, "[[") {
			t, err := b.target(conn, key)
			if err != nil {
				return err
			}
			stale = stale || t.State() != seen
		}
		if err := query.Exec(conn, "put_link", query.Args{":id": r.Row.ID, ":target": key, ":seen": seen}, nil); err != nil {
			return err
		}
	}
	if stale {
		return query.Exec(conn, "row_stale", query.Args{":id": r.Row.ID}, nil)
	}
	return nil
}
