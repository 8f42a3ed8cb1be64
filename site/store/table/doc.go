// Package table has the table of notes in the index: how a note's file becomes a row, and
// which of several files with one address has the page.
//
// A [Table] reads a file into a [Source], before a transaction, and writes the source to a
// row, within it. A [Row] has all data of a row, with the [Built] mark of its last build; a
// [Brief] has as much of it as a plan of the whole site needs.
//
// The package decides neither which files are read nor which rows are rendered.
package table
