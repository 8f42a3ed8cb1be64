package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"sync"
)

// Flags of a page (RFC 3533 §6).
const (
	oggContinued = 1 // the page begins with the rest of a packet
	oggFirst     = 2
	oggLast      = 4
)

// The beginnings of comment headers.
const (
	vorbisComments = "\x03vorbis"
	opusComments   = "OpusTags"
)

// maxSetupBytes limits the codebooks of Vorbis, which have about 4 KiB.
const maxSetupBytes = 1 << 20

// An oggPage is a page of a stream. It is valid until the next page is read.
type oggPage struct {
	flags    byte
	position uint64 // of the sound at the end of the page; all ones if no packet ends in it
	serial   uint32
	lacing   []byte // sizes of its segments
	payload  []byte
}

// An oggCleaner copies an Ogg file page by page.
type oggCleaner struct {
	*stream
	serial   uint32
	sequence uint32  // number of the next written page
	page     oggPage // the last page that was read
	segments int     // number of its segments that were read as parts of packets
	offset   int     // of the next segment in its payload
}

// cleanOgg copies consecutive streams of sound. In each stream, the comment
// header is rewritten with the kept comments. That changes the number of pages
// before the sound, so every page gets a new number and checksum. Pages of
// sound are otherwise unchanged. All data after the last page is removed.
func cleanOgg(s *stream) error {
	o := &oggCleaner{stream: s}
	for first := true; ; first = false {
		b, err := o.head(4)
		if err != nil {
			return err
		}
		if string(b) != "OggS" && !first {
			return nil
		}
		if err := o.link(first); err != nil {
			return err
		}
	}
}

// link copies one stream (a "link" of a "chained" file, RFC 3533 §4).
func (o *oggCleaner) link(first bool) error {
	if err := o.read(); err != nil {
		return err
	}
	o.serial, o.sequence, o.segments = o.page.serial, 0, len(o.page.lacing)
	headers, magic := 0, ""
	switch p := o.page.payload; {
	case o.page.flags&oggFirst == 0 || len(o.page.lacing) != 1:
	case len(p) == 30 && bytes.HasPrefix(p, []byte("\x01vorbis")): // Vorbis I §4.2.2
		headers, magic = 2, vorbisComments
	case len(p) >= 19 && len(p) < 255 && bytes.HasPrefix(p, []byte("OpusHead")): // RFC 7845 §5.1
		headers, magic = 1, opusComments
	}
	if headers == 0 && first {
		return notAccepted("Only Ogg files with Vorbis or Opus sound are accepted. " + sendOther)
	} else if headers == 0 {
		return damaged("a later part of the Ogg file is not Vorbis or Opus sound")
	}
	o.write(&o.page)
	if err := o.headers(headers, magic); err != nil {
		return err
	}
	return o.sound()
}

// read reads and checks the next page (RFC 3533 §6).
func (o *oggCleaner) read() error {
	b, err := o.peek(27)
	if err != nil {
		return err
	}
	if string(b[:5]) != "OggS\x00" {
		return damaged("a page of the Ogg file is malformed")
	}
	segments := int(b[26])
	if b, err = o.peek(27 + segments); err != nil {
		return err
	}
	n := 27 + segments
	for _, size := range b[27:] {
		n += int(size)
	}
	if b, err = o.take(n); err != nil {
		return err
	}
	p := oggPage{
		flags:    b[5] & (oggContinued | oggFirst | oggLast),
		position: binary.LittleEndian.Uint64(b[6:]),
		serial:   binary.LittleEndian.Uint32(b[14:]),
		lacing:   b[27 : 27+segments],
		payload:  b[27+segments:],
	}
	sum := oggSum(0, b[:22])
	sum = oggSum(sum, []byte{0, 0, 0, 0})
	if oggSum(sum, b[26:]) != binary.LittleEndian.Uint32(b[22:]) {
		return damaged("the checksum of a page of the Ogg file is wrong")
	}
	o.page, o.segments, o.offset = p, 0, 0
	return nil
}

// next reads the next page of the same stream.
func (o *oggCleaner) next() error {
	if err := o.read(); err != nil {
		return err
	}
	if o.page.flags&oggFirst != 0 || o.page.serial != o.serial {
		return notAccepted("The Ogg file has more than one sound at a time. " + sendOther)
	}
	return nil
}

// write writes a page as the next page of its stream.
func (o *oggCleaner) write(p *oggPage) {
	head := append([]byte("OggS\x00"), p.flags)
	head = binary.LittleEndian.AppendUint64(head, p.position)
	head = binary.LittleEndian.AppendUint32(head, o.serial)
	head = binary.LittleEndian.AppendUint32(head, o.sequence)
	head = append(head, 0, 0, 0, 0, byte(len(p.lacing)))
	head = append(head, p.lacing...)
	binary.LittleEndian.PutUint32(head[22:], oggSum(oggSum(0, head), p.payload))
	o.sequence++
	o.put(head)
	o.put(p.payload)
}

// headers writes the comment header and, for Vorbis, the setup header, on
// separate pages (RFC 7845 §3, Vorbis I §A.2).
func (o *oggCleaner) headers(n int, magic string) error {
	comments, err := cleanComments(&oggPacket{o: o}, magic)
	if err != nil {
		return err
	}
	packets := [][]byte{comments}
	if n == 2 {
		setup, err := io.ReadAll(io.LimitReader(&oggPacket{o: o}, maxSetupBytes+1))
		if err != nil {
			return err
		}
		if len(setup) > maxSetupBytes || !bytes.HasPrefix(setup, []byte("\x05vorbis")) {
			return damaged("the Vorbis setup header is malformed")
		}
		packets = append(packets, setup)
	}
	if o.segments != len(o.page.lacing) {
		return damaged("the sound of the Ogg file does not begin on a new page")
	}
	o.paginate(packets)
	return nil
}

// paginate writes header packets. A segment shorter than 255 bytes ends its
// packet (RFC 3533 §5).
func (o *oggCleaner) paginate(packets [][]byte) {
	p := oggPage{position: math.MaxUint64}
	for i, packet := range packets {
		for more := true; more; {
			n := min(len(packet), 255)
			p.lacing = append(p.lacing, byte(n))
			p.payload = append(p.payload, packet[:n]...)
			packet = packet[n:]
			if more = n == 255; !more {
				p.position = 0
			}
			if last := !more && i == len(packets)-1; last || len(p.lacing) == 255 {
				o.write(&p)
				p = oggPage{position: math.MaxUint64}
				if more {
					p.flags = oggContinued
				}
			}
		}
	}
}

// sound copies pages up to the last page of the stream.
func (o *oggCleaner) sound() error {
	for o.left() > 0 {
		b, err := o.head(6)
		if err != nil {
			return err
		}
		if len(b) == 6 && string(b[:4]) == "OggS" && b[5]&oggFirst != 0 {
			return nil // the next link begins, although this one has no end
		}
		if err := o.next(); err != nil {
			return err
		}
		o.write(&o.page)
		if o.page.flags&oggLast != 0 {
			return nil
		}
	}
	return nil
}

// An oggPacket reads the packet after the segments that were read before. The
// packet may extend over several pages.
type oggPacket struct {
	o     *oggCleaner
	rest  []byte // of the current segment
	final bool   // the current segment is the last one
}

func (p *oggPacket) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		if p.final {
			return 0, io.EOF
		}
		if p.o.segments == len(p.o.page.lacing) {
			if err := p.o.next(); err != nil {
				return 0, err
			}
			continue
		}
		n := int(p.o.page.lacing[p.o.segments])
		p.rest = p.o.page.payload[p.o.offset : p.o.offset+n]
		p.o.segments++
		p.o.offset += n
		p.final = n < 255
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// oggTable is the table for the polynomial of RFC 3533 §6, highest bit first.
var oggTable = sync.OnceValue(func() *[256]uint32 {
	var table [256]uint32
	for i := range table {
		sum := uint32(i) << 24
		for range 8 {
			carry := sum >> 31
			sum = sum<<1 ^ carry*0x04c11db7
		}
		table[i] = sum
	}
	return &table
})

// oggSum continues the checksum of a page, which begins with 0. hash/crc32 does
// not support this CRC-32, because it processes the lowest bit first.
func oggSum(sum uint32, b []byte) uint32 {
	table := oggTable()
	for _, c := range b {
		sum = sum<<8 ^ table[byte(sum>>24)^c]
	}
	return sum
}
