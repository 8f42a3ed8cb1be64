package query

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"starpunk/site/store/filestamp"
	"starpunk/site/store/index"

	"zombiezen.com/go/sqlite"
)

//go:embed sql/*.sql
var files embed.FS

// texts returns the queries by name. It reads the files once: queries run too often to
// search the files each time.
var texts = sync.OnceValue(func() map[string]string {
	texts := map[string]string{}
	entries, err := files.ReadDir("sql")
	for _, e := range entries {
		data, readErr := files.ReadFile("sql/" + e.Name())
		err = errors.Join(err, readErr)
		texts[strings.TrimSuffix(e.Name(), ".sql")] = strings.TrimSpace(string(data))
	}
	if err != nil {
		panic(fmt.Sprintf("embedded queries: %v", err)) // they are part of the program
	}
	return texts
})

// Args are the named parameters of a query.
type Args map[string]any

// Exec runs the query sql/NAME.sql and passes each row to row, which may be nil.
//
// In queries a limit is written "0 + :limit", and so is a parameter that is compared like
// the condition of a partial index: the planner looks at the value of a bare parameter, and
// then plans the query again each time it is bound.
func Exec(conn *sqlite.Conn, name string, named Args, row func(*sqlite.Stmt) error) error {
	stmt, err := conn.Prepare(texts()[name])
	if err == nil {
		err = errors.Join(index.Run(stmt, named, row), stmt.Reset())
	}
	if err != nil {
		return fmt.Errorf("index: %s: %w", name, err)
	}
	return nil
}

// Has reports whether a query returns a row.
func Has(conn *sqlite.Conn, name string, named Args) (found bool, err error) {
	err = Exec(conn, name, named, func(*sqlite.Stmt) error {
		found = true
		return nil
	})
	return found, err
}

// Text returns the text of the only row of a query, "" if it returns no row.
func Text(conn *sqlite.Conn, name string, named Args) (text string, err error) {
	err = Exec(conn, name, named, func(stmt *sqlite.Stmt) error {
		text = stmt.ColumnText(0)
		return nil
	})
	return text, err
}

// List returns texts as a JSON list, as parameters and columns have it.
func List(texts []string) (string, error) {
	if texts == nil {
		return "[]", nil
	}
	data, err := json.Marshal(texts)
	return string(data), err
}

// Stamp reads the stamp in four columns of a row, from the given one on.
func Stamp(stmt *sqlite.Stmt, column int) filestamp.Stamp {
	return filestamp.Stamp{
		Size: stmt.ColumnInt64(column), Mtime: stmt.ColumnInt64(column + 1),
		Ctime: stmt.ColumnInt64(column + 2), Inode: stmt.ColumnInt64(column + 3),
	}
}

// StateInt reads a number of the state table; 0 if the table does not have it.
func StateInt(conn *sqlite.Conn, key string) (v int64, err error) {
	err = Exec(conn, "state_get", Args{":key": key}, func(stmt *sqlite.Stmt) error {
		v = stmt.ColumnInt64(0)
		return nil
	})
	return v, err
}

// StateText reads a text of the state table; "" if the table does not have it.
func StateText(conn *sqlite.Conn, key string) (v string, err error) {
	return Text(conn, "state_get", Args{":key": key})
}

// SetState sets a value of the state table.
func SetState(conn *sqlite.Conn, key string, value any) error {
	return Exec(conn, "state_set", Args{":key": key, ":value": value}, nil)
}
