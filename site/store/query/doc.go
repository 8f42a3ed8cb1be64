// Package query has the queries of the index, and runs them by name.
//
// The query NAME is the file sql/NAME.sql. [Exec] runs it on a connection; a [DB] gives
// connections and transactions, and counts the rows that queries for builds return. The
// package has no row of Go: the packages that use a table turn its rows into values.
package query
