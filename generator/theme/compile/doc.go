// Package compile turns templates of html/template into functions that write the same
// bytes in a tenth of the time.
//
// html/template works out once how each value of a template must be escaped. For every
// page it then interprets the template: it looks up fields and methods by name, calls
// functions through reflection, and writes piece by piece. Here, all of that is done
// once, since the type of the data is known.
//
// A template with an unsupported part is not compiled, and an execution that comes upon
// a possible mistake ends with [ErrMistake]. In both cases html/template makes the page
// and reports the mistake in its own words. The package never decides how to escape: it
// reads the place of each escaping function from the tree that html/template made.
package compile
