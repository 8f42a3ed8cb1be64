package query_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"starpunk/migrations"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// emptyIndex returns a connection to an index without rows.
func emptyIndex(t *testing.T) *sqlite.Conn {
	t.Helper()
	conn, err := sqlite.OpenConn(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, script := range migrations.Scripts() {
		if err := sqlitex.ExecuteScript(conn, script, nil); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

// whole are the queries that look at all there is, or sort it, and why they
// may.
var whole = map[string]string{
	"any_file":         "stops at the first",
	"briefs":           "the start of a builder",
	"tags":             "gives them all: they are few",
	"any_link":         "stops at the first",
	"any_removal":      "stops at the first",
	"any_list_warning": "stops at the first",
	"any_own_link":     "stops at the first",
	"last_id":          "reads the last row",
	"dead_links":       "reads an index of nothing else",
	"open_places":      "reads an index of nothing else",
	"open_all_places":  "a new output folder",
	"warnings":         "reads an index of nothing else",
	"any_upload":       "stops at the first",
	"problems":         "reads an index of nothing else",
	"notices":          "reads an index of nothing else",
	"redirects":        "reads an index of nothing else",
	"shadowed":         "reads an index of nothing else",
	"count_notes":      "stops at a limit",
	"count_copies":     "stops at a limit",
	"covered":          "goes through the names that it is given",
	"lists_at_stale":   "goes through the names that it is given",
	"pages_at":         "goes through the names that it is given",
	"redirect_at":      "the files of one address",
	"indexes_in":       "goes through the names that it is given",
	"targets_linked":   "goes through the names that it is given",
	"reshadow":         "the files of one address",
	"row_by_permalink": "the files of one address",
	"row_by_alias":     "the files of one address",
	"files_at":         "the files of one address",
	"rebuild_lists":    "another fingerprint",
	"resume_copies":    "the start of a builder",
	"resume_lists":     "the start of a builder",
	"resume_removals":  "the start of a builder",
	"outputs":          "a new output folder",
	"has_pending":      "removals that are not safe yet",
	"removals":         "removals that are not safe yet",
	"uploads":          "uploads that are not copied yet",
	"removals_safe":    "removals that are not safe yet",
}

// queue are the queries that are about what is left to do, all of it or what is
// most urgent.
var queue = map[string]bool{"changed": true, "has_pending": true, "left": true, "next_due": true}

// TestNoQueryReadsAWholeTable holds that the work for one note does not grow with the
// number of notes: every query finds its rows by an index, in the order of its results.
func TestNoQueryReadsAWholeTable(t *testing.T) {
	t.Parallel()
	conn := emptyIndex(t)
	files, err := filepath.Glob("sql/*.sql")
	if err != nil || len(files) < 50 {
		t.Fatalf("found %d queries, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".sql")
		query, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var scans []string
		for _, step := range planOf(t, conn, string(query)) {
			if readsAll(step) {
				scans = append(scans, step)
			}
			if strings.Contains(step, "notes_todo") && !queue[name] {
				t.Errorf("%s goes through all that is left to do, which in a first build is everything: %s", name, step)
			}
		}
		why, ok := whole[name]
		if ok != (len(scans) > 0) {
			t.Errorf("%s reads everything: %q; expected: %v", name, scans, ok)
		}
		for _, step := range scans {
			if why == "reads an index of nothing else" && !readsPartial(step) {
				t.Errorf("%s reads more than an index of nothing else: %s", name, step)
			}
		}
	}
}

// readsAll reports whether a step of a plan reads a whole table, or a whole
// result to sort it. "SCAN m" is a recursive table, as long as its result;
// within an index that holds only what is left to do, all is wanted.
func readsAll(step string) bool {
	if strings.HasPrefix(step, "USE TEMP B-TREE") {
		return true
	}
	table, ok := strings.CutPrefix(step, "SCAN ")
	if !ok {
		return step == "SEARCH notes" // for the least value, without an index
	}
	for _, fine := range []string{"m", "y", "a", "k", "d", "CONSTANT ROW"} {
		if table == fine {
			return false
		}
	}
	return !strings.Contains(table, "USING INDEX notes_todo") && !strings.Contains(table, "USING INDEX notes_waited") && !strings.Contains(table, "USING INDEX notes_problem") &&
		!strings.Contains(table, "USING INDEX notes_pages")
}

// readsPartial reports whether a step of a plan reads nothing but an index, or
// a table, of the few rows that a query is about, or sorts them.
func readsPartial(step string) bool {
	if strings.HasPrefix(step, "USE TEMP B-TREE") || strings.Contains(step, "VIRTUAL TABLE") || step == "SCAN list_warnings" {
		return true
	}
	_, index, _ := strings.Cut(step, " INDEX ")
	index, _, _ = strings.Cut(index, " ")
	return slices.Contains([]string{
		"notes_problem", "notes_shadowed", "notes_notices", "notes_warned", "places_dead", "places_open", "lists_redirect",
	}, index)
}

// planOf returns the steps of the database for a query.
func planOf(t *testing.T, conn *sqlite.Conn, query string) (steps []string) {
	t.Helper()
	stmt, _, err := conn.PrepareTransient("explain query plan " + query)
	if err != nil {
		t.Fatalf("%v in\n%s", err, query)
	}
	defer stmt.Finalize()
	for {
		more, err := stmt.Step() // parameters are null: they do not matter to the plan
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return steps
		}
		steps = append(steps, stmt.GetText("detail"))
	}
}

func TestQueriesOfAPartReadThatPartAlone(t *testing.T) {
	t.Parallel()
	conn := emptyIndex(t)
	for name, want := range map[string]string{
		"changed":         "notes_todo (rev>?)",
		"folders":         "notes_dir (dir>? AND dir<?)",
		"recorded_months": "PRIMARY KEY (address>? AND address<?)",
	} {
		query, err := os.ReadFile("sql/" + name + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		if steps := strings.Join(planOf(t, conn, string(query)), "\n"); !strings.Contains(steps, want) {
			t.Errorf("%s does not use %s:\n%s", name, want, steps)
		}
	}
}

func TestEachQueryIsUsed(t *testing.T) {
	used := map[string]bool{}
	err := filepath.WalkDir("..", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text := strings.Trim(lit.Value, "\"`")
				used[text] = true
				if strings.HasSuffix(text, "_") { // see [store.Store.Sources]
					used[text+"newest"], used[text+"oldest"] = true, true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("sql/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".sql"); !used[name] {
			t.Errorf("no Go file uses %s", file)
		}
	}
}

// A column that a partial index compares with a constant is not compared in the same way
// with a bare parameter: the planner would look at its value, and plan the query again each
// time it is bound.
func TestNoQueryIsPlannedAgainForEachValue(t *testing.T) {
	t.Parallel()
	conn := emptyIndex(t)
	compared := map[string]bool{} // "turns >"
	err := sqlitex.Execute(conn, "select sql from sqlite_schema where type = 'index' and sql like '% where %'", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			_, condition, _ := strings.Cut(strings.Join(strings.Fields(stmt.ColumnText(0)), " "), " where ")
			for term := range strings.SplitSeq(condition, " and ") {
				column, rest, _ := strings.Cut(term, " ")
				operator, value, _ := strings.Cut(rest, " ")
				if strings.Trim(value, "0123456789") == "" || strings.HasPrefix(value, "'") {
					compared[column+" "+operator] = true
				}
			}
			return nil
		},
	})
	if err != nil || !compared["turns >"] {
		t.Fatalf("found %v, %v", compared, err)
	}
	files, err := filepath.Glob("sql/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		query, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, condition, _ := strings.Cut(string(query), "where")
		for comparison := range compared {
			if strings.Contains(condition, " "+comparison+" :") {
				t.Errorf("%s compares %q with a bare parameter, as a partial index does with a constant", file, comparison)
			}
		}
	}
}
