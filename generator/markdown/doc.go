// Package markdown renders the content of notes into HTML that is safe in a page.
//
// A [Renderer] is goldmark with what a personal site needs: bounds for the cost of
// any text, code with colours, bare addresses and wikilinks as links, ids for
// headings, links to files as permalinks, and no comments. [Renderer.Render] takes a
// note and a [Page], which has functions to look up files, and returns a [Content]:
// the HTML, what the page depends on, and warnings with file and line. [Relocate]
// changes a finished content for a feed or for the front page.
//
//	note ─▶ hideComments ─▶ goldmark (boundedParser ─▶ linkTransformer ─▶ nodeRenderer)
//	     ─▶ shorten ─▶ sanitise and fitHTML, where HTML is let through ─▶ Content
//
// The package reads no file and writes none. It does not know layouts or feeds.
package markdown
