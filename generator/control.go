package generator

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// withoutControls is a copy of a page without the characters that HTML can't
// have (HTML, §13.2.3.5): controls other than tabs and line ends. A note may have
// them in its text, its front matter, or as &#1;.
func withoutControls(page []byte) []byte {
	if !hasControl(page) {
		return bytes.Clone(page)
	}
	return bytes.Map(func(r rune) rune {
		if notHTML(r) {
			return -1
		}
		return r
	}, page)
}

func notHTML(r rune) bool { return notXML(r) || r >= 0x7F && r <= 0x9F }

// hasControl looks at eight bytes at a time: nearly all pages have none.
func hasControl(page []byte) bool {
	for len(page) > 0 {
		n := min(8, len(page))
		if n < 8 || !isPrintable(binary.LittleEndian.Uint64(page)) {
			for i := range n {
				if r, _ := utf8.DecodeRune(page[i:]); notHTML(r) {
					return true
				}
			}
		}
		page = page[n:]
	}
	return false
}

// isPrintable says of eight bytes whether all are printable ASCII.
func isPrintable(word uint64) bool {
	const ones = 0x0101010101010101
	below := word - ' '*ones
	del := word ^ 0x7F*ones
	return (word|below|(del-ones)&^del)&(0x80*ones) == 0
}
