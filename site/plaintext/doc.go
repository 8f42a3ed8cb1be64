// Package plaintext returns the text that a reader sees of Markdown or HTML, on
// one line: for lists, titles of pages and feeds.
//
// [Markdown] reads a text in one pass and no further than its limit, without a tree:
//
//	line ─▶ blockText (quotes, lists, code, tables, footnotes)
//	     ─▶ inlineText (emphasis, links, code, entities) ─▶ excerpt, one space between words
//
// Its result is a label and not a rendering: it supports the blocks that notes have,
// not all of their nesting. [MarkdownWithHTML] needs goldmark, and is slower.
//
// The package also has the two kinds of links that StarPunk reads beyond CommonMark,
// for the labels here and for the pages of the generator: a [WikiLink], and a
// [BareAddress]. It reads no file, and removes no comments of authors: the caller
// does that first.
package plaintext
