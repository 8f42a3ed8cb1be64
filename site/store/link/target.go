package link

import (
	"cmp"
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
	return "[[" + NameOf(strings.Trim(name, "/"))
}

// NameOf is the column name of a file: two files with one name differ by case, by
// the form of their letters, or by their extension. The folder of a bundle is its
// name.
func NameOf(file string) string {
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
	name := NameOf(file)
	for i := range len(name) {
		if name[i] == '/' {
			keys = append(keys, "[["+name[:i+1])
		}
	}
	return keys
}

// Find returns the file that a key names at a moment, in seconds since the Unix epoch.
func Find(conn *sqlite.Conn, key string, now int64) (Target, error) {
	if name, ok := strings.CutPrefix(key, "[["); ok {
		found, err := named(conn, name, strings.TrimSuffix(name, "/")+"0", now)
		return meant(found, name), err
	}
	file := strings.TrimPrefix(key, "=")
	name := NameOf(strings.TrimSuffix(file, "/"))
	found, err := named(conn, name, name+"\x00", now)
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
func named(conn *sqlite.Conn, from, to string, now int64) (found []Target, err error) {
	args := query.Args{":from": from, ":to": to, ":limit": maxNamesakes}
	err = query.Exec(conn, "named_attachments", args, func(stmt *sqlite.Stmt) error {
		found = append(found, Target{
			File:  stmt.ColumnText(0),
			stamp: fmt.Sprint(stmt.ColumnInt64(1), stmt.ColumnInt64(2), stmt.ColumnInt64(3), stmt.ColumnInt64(4)),
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	args[":now"] = now
	err = query.Exec(conn, "named_notes", args, func(stmt *sqlite.Stmt) error {
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
		if NameOf(t.File) == name {
			return t
		}
	}
	t := found[0]
	if len(found) > 1 && found[1].rank() == t.rank() {
		t.Other = found[1].File
	}
	return t
}

// StaleLinkers has the pages built again that link to a file and saw another
// target than there is now.
func StaleLinkers(conn *sqlite.Conn, file string, now int64) error {
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
			t, err = Find(conn, key, now)
		}
		if err == nil {
			err = query.Exec(conn, "linkers_stale", query.Args{":target": key, ":seen": t.State()}, nil)
		}
	}
	return err
}
