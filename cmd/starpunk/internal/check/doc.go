// Package check finds the problems of a site: in its files, and from outside, with
// the requests of an app.
//
// [Run] makes the checks of steps (check.go) in their order. Each is a method that
// returns findings; a [Finding] is an observation, and a problem has its remedy, with
// the lines for Caddy and nginx where the web server is the cause. A step is skipped
// if it needs an earlier one that has a problem, so that one cause is one problem.
//
// All requests are limited in time, number and bytes. They change nothing: the only
// token that they send to the site is made up.
package check
