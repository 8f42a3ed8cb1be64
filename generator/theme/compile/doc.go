// Package compile turns templates of html/template into functions that write
// the same bytes in a tenth of the time.
//
// html/template works out once how each value of a template is to be escaped,
// and then interprets it: it looks up fields and methods by name, calls
// functions through reflection and writes piece by piece, for every page again.
// With the type of the data known, all of that can be done once.
//
// A template that uses what this package doesn't know is not compiled, and a
// run that comes upon what html/template may call a mistake is given up: both
// say so, and html/template does that page, with its own words for what is
// wrong. So it never decides what is right, and never how to escape: where
// each escaping function stands is read from the tree that html/template made.
package compile
