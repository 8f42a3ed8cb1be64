// Package deadlink finds links of a site to addresses of the same site at which nothing is
// published.
//
// A [Checker] compares the links in the index, and those of the navigation, with the files
// of the output folder. [Checker.Check] checks only places that appeared, changed or
// disappeared, so that its cost does not grow with the site. The package renders and writes
// no output.
package deadlink
