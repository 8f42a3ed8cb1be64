// Package comment removes comments from texts: the parts of a note that its author
// wrote for themselves. They are never published.
//
// Common tools have many marks for comments, and a text may come from any of
// them. The table [kinds] lists the marks. [Markdown], [HTML] and [Line] return a
// text without its comments; pages, feeds and labels are made from that text, so
// that they cannot differ.
//
// Code is shown as it was typed, even if it has the marks of a comment in it.
// The whole text decides which parts of it are code, so the package parses
// it. A text without any mark of a comment is returned at once.
//
// In doubt the package hides a text and returns a [Remark].
package comment
