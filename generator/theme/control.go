package theme

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// withoutControls returns a page without the characters that HTML can't have (HTML,
// §13.2.3.5): controls other than tabs and line ends. A note may have them in its
// text, its front matter, or as &#1;. A page that has none is returned itself.
func withoutControls(page []byte) []byte {
	if !hasControl(page) {
		return page
	}
	return bytes.Map(func(r rune) rune {
		if notHTML(r) {
			return -1
		}
		return r
	}, page)
}

func notHTML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7F && r <= 0x9F || r == 0xFFFE || r == 0xFFFF
}

// hasControl reports whether withoutControls removes anything from a page. It looks
// at eight bytes at a time where all of them are printable ASCII.
func hasControl(page []byte) bool {
	for i := 0; i < len(page); {
		if i+8 <= len(page) && isPrintable(binary.LittleEndian.Uint64(page[i:])) {
			i += 8
			continue
		}
		for stop := min(i+8, len(page)); i < stop; {
			if c := page[i]; c == '\n' || ' ' <= c && c < 0x7F {
				i++
				continue
			}
			r, size := utf8.DecodeRune(page[i:])
			if notHTML(r) {
				return true
			}
			i += size
		}
	}
	return false
}

// isPrintable reports whether eight bytes are printable ASCII.
func isPrintable(word uint64) bool {
	const ones = 0x0101010101010101
	below := word - ' '*ones
	del := word ^ 0x7F*ones
	return (word|below|(del-ones)&^del)&(0x80*ones) == 0
}
