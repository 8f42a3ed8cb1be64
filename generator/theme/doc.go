// Package theme has the layouts of a site and the data that they are executed with.
//
// [Load] reads the default theme and the owner's own layouts. [Theme.Execute] makes a
// page of a [Page]. Layouts are templates of html/template; package compile executes
// them several times as fast, with the same bytes. The data of layouts, from [Page] on,
// is a contract with their authors: docs/layouts.md describes it.
package theme
