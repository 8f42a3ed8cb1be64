// Package migrations holds the numbered SQL scripts that make the index. A released
// script is never edited, only followed by another.
//
// The purpose of the tables is described in site/store.
package migrations

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed *.sql
var files embed.FS

// Scripts returns the scripts in the order of their numbers.
func Scripts() []string {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		panic(fmt.Sprintf("embedded migrations: %v", err)) // the pattern is a constant
	}
	scripts := make([]string, len(names))
	for i, name := range names { // embed.FS lists names in order
		data, err := files.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("embedded migrations: %v", err))
		}
		scripts[i] = string(data)
	}
	return scripts
}
