package media

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// pngChunks are the chunks that determine the appearance of the picture, each
// with the largest size of its data (PNG, third edition, section 11).
var pngChunks = map[string]int64{
	"IHDR": 13, "PLTE": 768, "IDAT": math.MaxInt32, "IEND": 0,
	"cHRM": 32, "cICP": 4, "gAMA": 4, "iCCP": math.MaxInt32, "sBIT": 4, "sRGB": 1,
	"mDCV": 24, "mDCv": 24, "cLLI": 8, "cLLi": 8, // an earlier draft had the second spelling
	"bKGD": 6, "hIST": 512, "tRNS": 256, "pHYs": 9, "sPLT": math.MaxInt32,
	"acTL": 8, "fcTL": 26, "fdAT": math.MaxInt32,
}

// A pngCleaner copies a PNG file chunk by chunk.
type pngCleaner struct {
	*stream
	previous string // type of the previous chunk
	data     bool   // whether IDAT was copied
	exif     bool
}

// cleanPNG keeps the chunks of pngChunks, and the orientation. It removes
// chunks of text and time, chunks of applications, and all data after IEND. A
// wrong checksum is an error.
func cleanPNG(s *stream) error {
	p := &pngCleaner{stream: s}
	if err := p.keep(int64(len(pngSignature))); err != nil {
		return err
	}
	for p.previous != "IEND" {
		if err := p.chunk(); err != nil {
			return err
		}
	}
	if !p.data {
		return damaged("the PNG file has no picture")
	}
	return nil
}

func (p *pngCleaner) chunk() error {
	head, err := p.take(8)
	if err != nil {
		return err
	}
	n, name := int64(binary.BigEndian.Uint32(head)), string(head[4:])
	if n+4 > p.left() {
		return damaged("it ends in the middle of the PNG chunk %q", name)
	}
	limit, known := pngChunks[name]
	switch {
	case (p.previous == "") != (name == "IHDR"):
		return damaged("the PNG file does not begin with one IHDR chunk")
	case name == "IDAT" && p.data && p.previous != name:
		return damaged("the picture of the PNG file is interrupted")
	case known && (n > limit || name == "IHDR" && n != limit):
		return damaged("the PNG chunk %q has the wrong size", name)
	case !known && name[0]&0x20 == 0: // a critical chunk (section 5.4)
		return damaged("the PNG chunk %q is unknown", name)
	}
	p.previous = name
	p.data = p.data || name == "IDAT"
	switch {
	case known:
		return p.keepChunk(name, n)
	case name == "eXIf" && !p.exif:
		p.exif = true
		return p.exifChunk(n)
	}
	return p.drop(n + 4)
}

// keepChunk copies n bytes of data and checks the CRC after them.
func (p *pngCleaner) keepChunk(name string, n int64) error {
	p.put(binary.BigEndian.AppendUint32(nil, uint32(n)))
	p.put([]byte(name))
	sum := crc32.ChecksumIEEE([]byte(name))
	for n > 0 {
		b, err := p.some(n)
		if err != nil {
			return err
		}
		p.put(b)
		sum = crc32.Update(sum, crc32.IEEETable, b)
		n -= int64(len(b))
	}
	b, err := p.take(4)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint32(b) != sum {
		return damaged("the checksum of the PNG chunk %q is wrong", name)
	}
	p.put(b)
	return nil
}

// exifChunk writes a chunk with the orientation alone (section 11.3.4.5), if
// the picture is not upright.
func (p *pngCleaner) exifChunk(n int64) error {
	b, err := p.peek(int(min(n, maxExifBytes)))
	if err != nil {
		return err
	}
	if o := orientation(b); o > 1 {
		chunk := append([]byte("eXIf"), orientationOnly(o)...)
		p.put(binary.BigEndian.AppendUint32(nil, uint32(len(chunk)-4)))
		p.put(binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk)))
	}
	return p.drop(n + 4)
}
