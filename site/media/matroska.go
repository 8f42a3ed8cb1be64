package media

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Limits of a video. An hour has about two hundred thousand blocks.
const (
	maxElements = 1 << 21
	maxTracks   = 64
)

// unknownSize is the size of an element that ends before the first element that
// cannot be its child (RFC 8794 §6.2). A live recording does not have the size
// at the beginning.
const unknownSize = -1

// A webmCleaner copies a WebM file element by element.
type webmCleaner struct {
	*stream
	elements int             // number of processed elements
	webm     bool            // the header declares WebM
	tracks   map[uint64]bool // numbers of the tracks of pictures and sound
	others   bool            // whether there are other tracks
	clusters bool            // whether pictures or sound were copied
}

// cleanWebM keeps the elements that are needed to play pictures and sound. All
// kept elements stay at their offsets, because a file refers to its own
// offsets. Void elements of the same size replace all other elements: tags,
// titles, dates, attachments, subtitles, data tracks. Names of programs are
// mandatory, and become empty.
func cleanWebM(s *stream) error {
	w := &webmCleaner{stream: s, tracks: map[uint64]bool{}}
	for _, id := range []uint32{idEBML, idSegment} {
		e, err := w.next(s.size)
		if err != nil {
			return err
		}
		if e.id != id {
			return damaged("the WebM file does not begin with a header and a segment")
		}
		if err := w.master(e, s.size); err != nil {
			return err
		}
		if !w.webm {
			return notAccepted("WebM is the only accepted kind of Matroska. Send WebM or MP4.")
		}
	}
	if !w.clusters {
		return damaged("the WebM file has neither pictures nor sound")
	}
	return nil
}

// A webmHead is the beginning of an element.
type webmHead struct {
	id    uint32
	bytes int64 // of the head itself
	size  int64 // of the content, or unknownSize
}

// next returns the head of the next element, which must not extend beyond end.
// It does not move.
func (w *webmCleaner) next(end int64) (webmHead, error) {
	b, err := w.head(12)
	if err != nil {
		return webmHead{}, err
	}
	if w.elements++; w.elements > maxElements {
		return webmHead{}, tooManyParts()
	}
	e, ok := parseElement(b)
	if !ok || e.bytes > end-w.at || e.size > end-w.at-e.bytes {
		return e, damaged("an element of the WebM file is malformed or ends too late")
	}
	return e, nil
}

// master copies the next element with its kept children.
func (w *webmCleaner) master(e webmHead, end int64) error {
	open := e.size == unknownSize
	if open && e.id != idSegment && e.id != idCluster {
		return damaged("an element of the WebM file has no size")
	}
	if err := w.keep(e.bytes); err != nil {
		return err
	}
	if !open {
		end = w.at + e.size
	}
	for w.at < end {
		child, err := w.next(end)
		if err != nil {
			return err
		}
		if open && isSibling(child.id, e.id) {
			return nil
		}
		if err := w.element(child, e.id, end); err != nil {
			return err
		}
	}
	return nil
}

// isSibling reports whether an element belongs after another one, and not into
// it.
func isSibling(id, of uint32) bool {
	known, ok := webmElements[id]
	return ok && known.parent == webmElements[of].parent
}

// element copies a child of parent, or replaces it by a Void element.
func (w *webmCleaner) element(e webmHead, parent uint32, end int64) error {
	known := webmElements[e.id]
	drop := known.kind == asVoid || known.parent != parent
	if !drop {
		var err error
		if drop, err = w.dropped(e); err != nil {
			return err
		}
	}
	switch {
	case drop:
		return w.void(e)
	case known.kind == asMaster:
		return w.master(e, end)
	case e.size < 0 || known.kind == asNumber && e.size > 8:
		return damaged("an element of the WebM file has the wrong size")
	case known.kind == asBlank:
		if err := w.keep(e.bytes); err != nil {
			return err
		}
		w.zero(e.size)
		return w.drop(e.size)
	}
	return w.keep(e.bytes + e.size)
}

// dropped reports whether an element is removed although its kind is kept.
func (w *webmCleaner) dropped(e webmHead) (bool, error) {
	at := w.at + e.bytes
	switch e.id {
	case idDocType:
		value, err := w.content(at, e.size)
		w.webm = string(bytes.TrimRight(value, "\x00")) == "webm"
		return false, err
	case idSeek:
		value, err := w.find(idSeekID, at, e.size)
		return webmElements[uint32(bigEndian(value))].parent != idSegment, err
	case idTrackEntry:
		return w.track(at, e.size)
	case idCluster:
		w.clusters = true
		if len(w.tracks) == 0 {
			return false, damaged("the WebM file does not describe its tracks")
		}
	case idSimpleBlock, idBlock:
		b, err := w.content(at, e.size)
		return !w.tracks[blockTrack(b)], err
	case idBlockGroup:
		if w.others { // a group must not remain without its block
			b, err := w.find(idBlock, at, e.size)
			return !w.tracks[blockTrack(b)], err
		}
	}
	return false, nil
}

// track stores the number of a track. It reports whether the track has neither
// pictures nor sound.
func (w *webmCleaner) track(at, size int64) (bool, error) {
	kind, err := w.find(idTrackType, at, size)
	if err != nil {
		return false, err
	}
	if k := bigEndian(kind); k != 1 && k != 2 { // video, audio (RFC 9559 §5.1.4.1.3)
		w.others = true
		return true, nil
	}
	encodings, err := w.find(idContentEncodings, at, size)
	if err != nil {
		return false, err
	}
	if encodings != nil || len(w.tracks) == maxTracks {
		return false, notAccepted("The WebM file is encrypted, or has more tracks than browsers play.")
	}
	number, err := w.find(idTrackNumber, at, size)
	if err != nil {
		return false, err
	}
	w.tracks[bigEndian(number)] = true
	return false, nil
}

// void writes a Void element (RFC 8794 §11.3.2) of the size of e instead of e.
func (w *webmCleaner) void(e webmHead) error {
	if e.size < 0 {
		return damaged("an element of the WebM file has no size")
	}
	total := e.bytes + e.size
	head := []byte{idVoid, 0x80 | byte(total-2)}
	if total > 2+126 {
		head = binary.BigEndian.AppendUint64([]byte{idVoid}, 1<<56|uint64(total-9))
	}
	w.put(head)
	w.zero(total - int64(len(head)))
	return w.drop(total)
}

// find returns the first bytes of the first child with the given ID, of an
// element whose content has the given offset and size; nil if there is none.
func (w *webmCleaner) find(id uint32, at, size int64) ([]byte, error) {
	end := at + size
	for at < end {
		b, err := w.content(at, end-at)
		if err != nil {
			return nil, err
		}
		if w.elements++; w.elements > maxElements {
			return nil, tooManyParts()
		}
		e, ok := parseElement(b)
		if !ok || e.size < 0 {
			break
		}
		at += e.bytes
		if e.id == id {
			return w.content(at, min(e.size, end-at))
		}
		at += e.size
	}
	return nil, nil
}

// content returns at most the first 12 bytes of an element's content; never
// nil.
func (w *webmCleaner) content(at, size int64) ([]byte, error) {
	return w.read(at, int(max(0, min(size, 12))))
}

// parseElement reads the beginning of an element (RFC 8794 §5, §6).
func parseElement(b []byte) (webmHead, bool) {
	if len(b) == 0 {
		return webmHead{}, false
	}
	n := bits.LeadingZeros8(b[0]) + 1
	if n > 4 || len(b) <= n {
		return webmHead{}, false
	}
	size, m := variableInt(b[n:])
	if m == 0 {
		return webmHead{}, false
	}
	e := webmHead{id: uint32(bigEndian(b[:n])), bytes: int64(n + m), size: int64(size)}
	if size == 1<<(7*m)-1 {
		e.size = unknownSize
	}
	return e, true
}

// variableInt reads a number of one to eight bytes (RFC 8794 §4). n is the
// number of bytes, 0 if b is too short.
func variableInt(b []byte) (value uint64, n int) {
	if len(b) == 0 {
		return 0, 0
	}
	n = bits.LeadingZeros8(b[0]) + 1
	if n > 8 || n > len(b) {
		return 0, 0
	}
	return bigEndian(b[:n]) &^ (1 << (7 * n)), n
}

// blockTrack returns the number of the track at the beginning of a block (RFC
// 9559 §10.1).
func blockTrack(b []byte) uint64 {
	track, _ := variableInt(b)
	return track
}

// bigEndian reads up to eight bytes as a number.
func bigEndian(b []byte) uint64 {
	var v uint64
	for _, c := range b[:min(len(b), 8)] {
		v = v<<8 | uint64(c)
	}
	return v
}
