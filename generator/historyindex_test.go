package generator_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// indexRows are queries of everything in an index that follows from the files of the
// site. Left out are the numbers of rows, revisions and builds, and the stamps of files, on
// which the hash of a bundle depends. Further left out are values that have no effect: of a
// note without a built mark its links, and that it is stale before it is due; of a note
// without a page, that it is shadowed; of a deleted note, its built mark; of a list, an output that a static file replaced.
// Warnings are compared in checkReport.
var indexRows = []string{
	`select file, dir, name, problem, notices, kind, type, status, shows, iif(shows = 0, 0, shadowed) as shadowed, permalink, published, written, label, named, tags, turns, iif(built is null, 0, todo) as todo, gone, words,
	   built_hash = hash as current, built_permalink, built_published, built_lists, built_outputs, iif(built is null, 0, beside) as beside, live from notes where status <> 'deleted' order by file`,
	`select file, permalink, published, problem, shows from notes where status = 'deleted' order by file`,
	`select address, spelled from tags order by address`,
	`select a.address, n.file from aliases a join notes n on n.id = a.note order by 1, 2`,
	`select file, name from attachments order by file`,
	`select n.file, l.target, substr(l.seen, 1, instr(l.seen || char(10), char(10))) as seen from links l join notes n on n.id = l.note where n.built is not null order by 1, 2`,
	`select n.file, o.place, o.fragment, o.line, o.link from own_links o join notes n on n.id = o.note where n.built is not null order by 1, 2, 3`,
	`select distinct p.place, p.fragment, p.state from places p join own_links o using (place, fragment) join notes n on n.id = o.note where n.built is not null order by 1, 2`,
	`select address, stale, outputs, parts, tail, tail_permalink, redirect from lists where outputs <> '[]'
	   and not exists (select 1 from copies where instr(lists.outputs, '"' || output || '"')) order by address`,
	`select address, warnings from list_warnings order by address`,
	`select output from removals where built is null order by output`,
	`select source, output from copies order by source`,
}

// indexOf returns the rows of a site's index, a line each.
func (s *testSite) indexOf(file string) []string {
	s.t.Helper()
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadOnly)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	var lines []string
	for _, query := range indexRows {
		_, table, _ := strings.Cut(query, " from ")
		table, _, _ = strings.Cut(table, " ")
		err := sqlitex.ExecuteTransient(conn, query, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
			var b strings.Builder
			b.WriteString(table)
			for i := range stmt.ColumnCount() {
				fmt.Fprintf(&b, " %s=%q", stmt.ColumnName(i), stmt.ColumnText(i))
			}
			lines = append(lines, b.String())
			return nil
		}})
		if err != nil {
			s.t.Fatalf("%s: %v", query, err)
		}
	}
	return lines
}

// checkIndex compares the rows of the index with those of a clean build.
func (h *history) checkIndex(clean *testSite) {
	if h.stop(); h.fault != "" {
		return
	}
	got, want := h.indexOf(h.path(".starpunk/index.db")), clean.indexOf(clean.path(".starpunk/index.db"))
	if d := diffLines(got, want); d != "" {
		h.fail("rows of the incremental index (-) and of the clean one (+) differ:\n%s", d)
	}
}

// diffLines returns the lines that only one of two lists has.
func diffLines(got, want []string) string {
	count := map[string]int{}
	for _, line := range got {
		count[line]++
	}
	for _, line := range want {
		count[line]--
	}
	var b strings.Builder
	for _, line := range slices.Sorted(maps.Keys(count)) {
		n := count[line]
		switch {
		case n > 0:
			fmt.Fprintf(&b, "- %s\n", line)
		case n < 0:
			fmt.Fprintf(&b, "+ %s\n", line)
		}
	}
	return b.String()
}
