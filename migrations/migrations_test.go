package migrations_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"starpunk/migrations"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func TestScriptsComeInTheOrderOfTheirNumbers(t *testing.T) {
	names, err := filepath.Glob("*.sql")
	if err != nil {
		t.Fatal(err)
	}
	scripts := migrations.Scripts()
	if len(scripts) != len(names) || len(scripts) == 0 {
		t.Fatalf("%d scripts of %d files", len(scripts), len(names))
	}
	numbered := regexp.MustCompile(`^(\d{3})_[a-z_]+\.sql$`)
	for i, name := range names { // sorted by name
		m := numbered.FindStringSubmatch(name)
		if m == nil {
			t.Errorf("%s is not called NNN_name.sql", name)
			continue
		}
		if n, err := strconv.Atoi(m[1]); err != nil || n != i+1 {
			t.Errorf("%s is instead of number %d", name, i+1)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if scripts[i] != string(data) {
			t.Errorf("script %d is not %s", i+1, name)
		}
	}
}

func TestScriptsMakeAnEmptyDatabaseIntoAnIndex(t *testing.T) {
	conn, err := sqlite.OpenConn(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for i, script := range migrations.Scripts() {
		if err := sqlitex.ExecuteScript(conn, script, nil); err != nil {
			t.Fatalf("script %d: %v", i+1, err)
		}
	}
	err = sqlitex.Execute(conn, "pragma integrity_check", &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		if answer := stmt.ColumnText(0); answer != "ok" {
			t.Errorf("integrity check: %s", answer)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	err = sqlitex.Execute(conn, "select name from pragma_table_list where schema = 'main' and type = 'table' and not strict and name not like 'sqlite_%'",
		&sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
			t.Errorf("table %s is not strict", stmt.ColumnText(0))
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
}
