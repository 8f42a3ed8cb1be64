package index_test

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"starpunk/site/store/index"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitemigration"
	"zombiezen.com/go/sqlite/sqlitex"
)

// openIndex opens an index with one table, words.
func openIndex(t *testing.T) *index.Index {
	t.Helper()
	x, err := index.Open(t.Context(), index.Options{
		File:   filepath.Join(t.TempDir(), "index.db"),
		Schema: sqlitemigration.Schema{AppID: 1, Migrations: []string{"create table words (word text)"}},
		Log:    slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func words(t *testing.T, x *index.Index) (words []string) {
	t.Helper()
	err := x.Read(t.Context(), func(conn *sqlite.Conn) error {
		return index.Run(conn.Prep("select word from words where word >= :from order by word"), map[string]any{":from": "a"}, func(stmt *sqlite.Stmt) error {
			words = append(words, stmt.ColumnText(0))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return words
}

func TestAWriteIsATransaction(t *testing.T) {
	t.Parallel()
	x := openIndex(t)
	refused := errors.New("refused")
	for _, want := range []error{refused, nil} {
		err := x.Write(t.Context(), func(conn *sqlite.Conn) error {
			if err := sqlitex.Execute(conn, "insert into words values ('hello')", nil); err != nil {
				return err
			}
			return want
		})
		if !errors.Is(err, want) {
			t.Errorf("Write = %v, want %v", err, want)
		}
	}
	if got := words(t, x); len(got) != 1 {
		t.Errorf("the index has %q, want one word", got)
	}
}

func TestAQueryWithoutAValueForAParameterIsAnError(t *testing.T) {
	t.Parallel()
	x := openIndex(t)
	err := x.Read(t.Context(), func(conn *sqlite.Conn) error {
		return index.Run(conn.Prep("select word from words where word = :word"), map[string]any{":other": "a"}, nil)
	})
	if err == nil || err.Error() != "no value for the parameter :word" {
		t.Errorf("Run = %v", err)
	}
}

func TestASignalWakesAllWaitersOnce(t *testing.T) {
	t.Parallel()
	var s index.Signal
	first, second := s.Next(), s.Next()
	s.Send()
	<-first
	<-second
	select {
	case <-s.Next():
		t.Error("the channel of the next signal is closed")
	default:
	}
}
