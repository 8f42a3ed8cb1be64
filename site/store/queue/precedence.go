package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"starpunk/site"
	"starpunk/site/store/query"
	"starpunk/site/store/table"

	"zombiezen.com/go/sqlite"
)

// This file has the queries for the precedence of outputs, whose table is in
// the documentation of package generator/precedence. It also makes shadowed outputs stale when the output that takes
// precedence appears, moves or is removed. Of two notes with one permalink, reshadow decides.

// Taken returns the sources that take precedence over outputs of a list: a static file, a
// page that has the address of the list, which takes precedence over all outputs, or a page
// that has the address of a part of it.
func (o *Outputs) Taken(ctx context.Context, address string, outputs []string) (by map[string]string, err error) {
	all, err := o.TakenOf(ctx, map[string][]string{address: outputs})
	return all[address], err
}

// TakenOf is Taken for several lists by their addresses.
func (o *Outputs) TakenOf(ctx context.Context, outputs map[string][]string) (map[string]map[string]string, error) {
	addresses, names := claims(outputs)
	pages, err := o.pagesAt(ctx, addresses)
	if err != nil {
		return nil, err
	}
	covered, err := o.CoveredOf(ctx, names)
	if err != nil {
		return nil, err
	}
	taken := map[string]map[string]string{}
	for address, of := range outputs {
		for _, name := range of {
			part, _ := partOf(name, address)
			by := cmp.Or(pages[address], pages[part], covered[name])
			if by == "" {
				continue
			}
			if taken[address] == nil {
				taken[address] = map[string]string{}
			}
			taken[address][name] = by
		}
	}
	return taken, nil
}

// claims returns the addresses at which a page takes precedence over outputs of lists, and
// the outputs themselves.
func claims(outputs map[string][]string) (addresses, names []string) {
	for address, of := range outputs {
		addresses = append(addresses, address)
		for _, name := range of {
			names = append(names, name)
			if part, ok := partOf(name, address); ok {
				addresses = append(addresses, part)
			}
		}
	}
	return addresses, names
}

// partOf returns the address of the page at an output, if it is a part of a list, or
// else "".
func partOf(output, list string) (address string, ok bool) {
	address, ok = strings.CutSuffix("/"+output, "index.html")
	if !ok || address == list {
		return "", false
	}
	return address, true
}

// pagesAt returns the sources of the pages that have some addresses.
func (o *Outputs) pagesAt(ctx context.Context, addresses []string) (pages map[string]string, err error) {
	names, err := query.List(addresses)
	if err != nil {
		return nil, err
	}
	pages = map[string]string{}
	err = o.q.db.Each(ctx, "pages_at", query.Args{":permalinks": names, ":now": o.q.table.NowSeconds()}, func(stmt *sqlite.Stmt) error {
		pages[stmt.ColumnText(0)] = stmt.ColumnText(1)
		return nil
	})
	return pages, err
}

// Covered returns the static file that is copied to an output, or "".
func (o *Outputs) Covered(ctx context.Context, output string) (string, error) {
	return o.q.db.Text(ctx, "copy_of", query.Args{":output": output})
}

// CoveredOf returns the static files that are copied to some outputs, by output.
func (o *Outputs) CoveredOf(ctx context.Context, outputs []string) (covered map[string]string, err error) {
	names, err := query.List(outputs)
	if err != nil {
		return nil, err
	}
	covered = map[string]string{}
	err = o.q.db.Each(ctx, "covered", query.Args{":outputs": names}, func(stmt *sqlite.Stmt) error {
		covered[stmt.ColumnText(0)] = stmt.ColumnText(1)
		return nil
	})
	return covered, err
}

// Below returns a static file that is copied below an output, as if that were a
// folder, or with pages the source of a page there; "" if there is none.
func (o *Outputs) Below(ctx context.Context, output string, pages bool) (string, error) {
	texts, err := o.q.db.Texts(ctx, "copy_below", query.Args{":below": output + "/", ":end": output + "0"})
	if err == nil && len(texts) == 0 && pages {
		texts, err = o.q.db.Texts(ctx, "page_below", query.Args{":below": "/" + output + "/", ":end": "/" + output + "0", ":now": o.q.table.NowSeconds()})
	}
	if err != nil || len(texts) == 0 {
		return "", err
	}
	return texts[0], nil
}

// Owned reports whether an output belongs to a page, a list or a copy that is built. Such
// an output must not be deleted.
func (o *Outputs) Owned(ctx context.Context, output string) (owned bool, err error) {
	err = o.q.db.Read(ctx, func(conn *sqlite.Conn) error {
		found := func(stmt *sqlite.Stmt) error {
			var outputs []string
			if err := json.Unmarshal([]byte(stmt.ColumnText(0)), &outputs); err != nil {
				return fmt.Errorf("index: outputs: %w", err)
			}
			owned = owned || slices.Contains(outputs, output)
			return nil
		}
		for _, permalink := range owners(output) {
			if err := query.Exec(conn, "outputs_of", query.Args{":permalink": permalink}, found); err != nil {
				return err
			}
		}
		return query.Exec(conn, "copy_of", query.Args{":output": output}, func(*sqlite.Stmt) error {
			owned = true
			return nil
		})
	})
	return owned, err
}

// owners returns the addresses of the notes and lists that may have an output: its own,
// and those of the folders above it.
func owners(output string) []string {
	addresses := fileOwners(output)
	for dir := path.Dir(output); dir != "."; dir = path.Dir(dir) {
		addresses = append(addresses, "/"+dir+"/")
	}
	return append(addresses, "/")
}

// fileOwners returns the addresses of the page or the list that have an output as a
// file of their own. The feeds of a list are one list.
func fileOwners(output string) []string {
	address := "/" + output
	if feed, ok := site.MainFeed(address); ok {
		return []string{address, feed}
	}
	return []string{address}
}

// Displace makes everything stale that has an output below the given one, as if that were
// a folder, or an output with the name of a folder above it.
func (o *Outputs) Displace(ctx context.Context, output string) error {
	return o.q.db.Write(ctx, func(conn *sqlite.Conn) error { return uncover(conn, output) })
}

// uncover makes the notes and lists stale that a static file shadowed.
func uncover(conn *sqlite.Conn, output string) error {
	addresses := owners(output)
	for dir := path.Dir(output); dir != "."; dir = path.Dir(dir) {
		addresses = append(addresses, fileOwners(dir)...) // files that could not be written because of the folder
	}
	for _, address := range addresses {
		if address == "/" && output != "index.html" {
			continue // the front page has no other output
		}
		if err := query.Exec(conn, "note_stale", query.Args{":permalink": address}, nil); err != nil {
			return err
		}
		name := "list_known_stale"
		if base := path.Base(address); strings.Contains(base, ".") && base != "index.html" {
			name = "list_stale" // a list without an output has no row
		}
		if err := query.Exec(conn, name, query.Args{":address": address}, nil); err != nil {
			return err
		}
	}
	return displace(conn, output)
}

// displace makes everything stale that has an output below a file, as if that were a
// folder.
func displace(conn *sqlite.Conn, output string) error {
	below := query.Args{":below": "/" + output + "/", ":end": "/" + output + "0"}
	for _, name := range []string{"notes_below_stale", "lists_below_stale"} {
		if err := query.Exec(conn, name, below, nil); err != nil {
			return err
		}
	}
	below[":address"] = "/" + strings.TrimSuffix(output, "index.html")
	if err := query.Exec(conn, "list_known_stale", query.Args{":address": below[":address"]}, nil); err != nil { // a redirect of the configuration
		return err
	}
	return query.Exec(conn, "redirects_stale", below, nil) // redirects without an output have no row
}

// staleShadowed makes the lists stale whose addresses pages took: the pages take
// precedence.
func staleShadowed(conn *sqlite.Conn, results []Result) error {
	var permalinks []string
	for _, r := range results {
		if r.Built != nil && (r.Row.Built == nil || r.Row.Built.Permalink != r.Built.Permalink) {
			permalinks = append(permalinks, r.Built.Permalink)
		}
	}
	if len(permalinks) == 0 {
		return nil
	}
	names, err := query.List(permalinks)
	if err != nil {
		return err
	}
	return query.Exec(conn, "lists_at_stale", query.Args{":addresses": names}, nil)
}

// stalePart makes a whole list stale if a part of it has an address that a page took or
// left: "/2026/11/2/" of "/2026/11/".
func (m *marking) stalePart(address string) error {
	list, name := path.Split(strings.TrimSuffix(address, "/"))
	part, err := strconv.Atoi(name)
	if err != nil || part < 2 {
		return nil // not the number of a part
	}
	return query.Exec(m.conn, "parted_stale", query.Args{":address": list, ":part": part}, nil)
}

// staleDisplaced makes the outputs stale that a note's old or new outputs prevent: a file
// with the name of another's folder, or the reverse.
func (m *marking) staleDisplaced(old, now *table.Built) error {
	for _, pair := range [][2]*table.Built{{old, now}, {now, old}} {
		for _, output := range pair[0].Outputs {
			if slices.Contains(pair[1].Outputs, output) {
				continue
			}
			if path.Base(output) != "index.html" {
				if err := displace(m.conn, output); err != nil {
					return err
				}
			}
			for dir := path.Dir(output); dir != "."; dir = path.Dir(dir) {
				if !strings.Contains(path.Base(dir), ".") {
					continue // such files are rare
				}
				for _, address := range fileOwners(dir) {
					m.touch(address, always)
				}
			}
		}
	}
	return nil
}
