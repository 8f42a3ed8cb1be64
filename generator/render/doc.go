// Package render turns the notes and lists of a site into the bytes of their outputs.
//
// A [Renderer] has the configuration, the layouts and the caches of a site.
// [Renderer.Page] renders the page of a note, [Renderer.List] the files of a list: front
// page, archive, tags, post types, feeds and site maps.
//
//	note ──▶ content (package markdown) ──┬──▶ model.go ──▶ layout ──▶ page
//	          ▲                           └──▶ feed.go ──▶ RSS, Atom, JSON Feed
//	          └─ contentcache.go, from build to build; notecache.go, from list to list
//
// A list is rendered from a [plan.Plan]. Only the front page and the feeds read notes. The
// addresses of lists are in package list, the data and the execution of layouts in package
// theme, and the formats of feeds in package feed.
//
// The package reads the index and the files that a note names. It writes no output and no
// row: the caller does. Its only file is the cache of rendered content, which may be deleted
// at any time.
package render
