// Package redirect has the former addresses of a site: aliases of notes, and redirects of
// the configuration.
//
// A [Redirects] finds the target of a former address, and the mistakes in redirects of the
// configuration. A [Maps] writes files from which a web server can answer with the status
// 301. The page at a former address, for other servers, is an output like that of a list:
// packages generator and render make it.
package redirect
