package media

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// A shape describes the bytes of a box that have a meaning. Every box of the
// type has the fixed bytes. If it has entries, the last four fixed bytes are
// their number. The first element of each pair is for version 0 of the box, the
// second for later versions.
type shape struct {
	fixed, entry [2]int64
	reserved     [2][]span // offsets of bytes without a meaning
}

// boxShapes are the shapes of kept boxes (ISO 14496-12 §8; QuickTime File
// Format). The length of any other box depends on its flags, or only a decoder
// can read it.
var boxShapes = map[string]shape{
	"mvhd": {fixed: [2]int64{100, 112}, reserved: [2][]span{{{26, 36}, {72, 96}}, {{38, 48}, {84, 108}}}},
	"tkhd": {fixed: [2]int64{84, 96}, reserved: [2][]span{{{16, 20}, {24, 32}, {38, 40}}, {{24, 28}, {36, 44}, {50, 52}}}},
	"mdhd": {fixed: [2]int64{24, 36}},
	"vmhd": {fixed: [2]int64{12, 12}},
	"smhd": {fixed: [2]int64{8, 8}, reserved: [2][]span{{{6, 8}}, {{6, 8}}}},
	"elst": {fixed: [2]int64{8, 8}, entry: [2]int64{12, 20}},
	"stts": {fixed: [2]int64{8, 8}, entry: [2]int64{8, 8}},
	"ctts": {fixed: [2]int64{8, 8}, entry: [2]int64{8, 8}},
	"cslg": {fixed: [2]int64{24, 44}},
	"stsc": {fixed: [2]int64{8, 8}, entry: [2]int64{12, 12}},
	"stco": {fixed: [2]int64{8, 8}, entry: [2]int64{4, 4}},
	"co64": {fixed: [2]int64{8, 8}, entry: [2]int64{8, 8}},
	"stss": {fixed: [2]int64{8, 8}, entry: [2]int64{4, 4}},
	"stps": {fixed: [2]int64{8, 8}, entry: [2]int64{4, 4}},
	"stsh": {fixed: [2]int64{8, 8}, entry: [2]int64{8, 8}},
	"mehd": {fixed: [2]int64{8, 12}},
	"trex": {fixed: [2]int64{24, 24}},
	"mfhd": {fixed: [2]int64{8, 8}},
	"tfdt": {fixed: [2]int64{8, 12}},
	"mfro": {fixed: [2]int64{8, 8}},
	"pasp": {fixed: [2]int64{8, 8}},
	"clap": {fixed: [2]int64{32, 32}},
	"fiel": {fixed: [2]int64{2, 2}},
	"gama": {fixed: [2]int64{4, 4}},
	"btrt": {fixed: [2]int64{12, 12}},
	"mdcv": {fixed: [2]int64{24, 24}},
	"clli": {fixed: [2]int64{4, 4}},
	"srat": {fixed: [2]int64{8, 8}},
}

// shape overwrites the bytes of a box without a meaning: the reserved bytes,
// and all bytes after the last field.
func (c *isoCleaner) shape(b box) error {
	length, err := c.length(b)
	if err != nil || length < 0 {
		return err
	}
	if s, ok := boxShapes[b.typ]; ok {
		version, err := c.version(b)
		if err != nil {
			return err
		}
		for _, r := range s.reserved[version] {
			c.edit(min(b.from+r.from, b.to), min(b.from+r.to, b.to), "")
		}
	}
	if length < b.to-b.from {
		c.edit(b.from+length, b.to, "")
	}
	return nil
}

// version returns 0, or 1 for any later version of a box.
func (c *isoCleaner) version(b box) (int, error) {
	if b.to == b.from {
		return 0, nil
	}
	version, err := c.body(b, 0, 1)
	if err != nil {
		return 0, err
	}
	return int(min(version[0], 1)), nil
}

// length returns the number of bytes of a box that have a meaning; -1 if it is
// unknown.
func (c *isoCleaner) length(b box) (int64, error) {
	version, err := c.version(b)
	if err != nil {
		return 0, err
	}
	if s, ok := boxShapes[b.typ]; ok {
		return c.counted(b, s.fixed[version], 4, s.entry[version])
	}
	switch b.typ {
	case "stsz", "stz2":
		return c.sizesLength(b)
	case "sidx":
		return c.counted(b, []int64{24, 32}[version], 2, 12)
	case "tfhd", "trun", "tfra":
		return c.flagsLength(b)
	}
	return -1, nil
}

// counted returns the length of a box with entries. Their number is in the last
// bytes of the fixed part.
func (c *isoCleaner) counted(b box, fixed int64, countBytes int, entry int64) (int64, error) {
	if entry == 0 || b.to-b.from < fixed {
		return fixed, nil
	}
	count, err := c.body(b, fixed-int64(countBytes), countBytes)
	return fixed + int64(bigEndian(count))*entry, err
}

// sizesLength returns the length of a table of sizes (ISO 14496-12 §8.7.3).
func (c *isoCleaner) sizesLength(b box) (int64, error) {
	head, err := c.body(b, 4, 8)
	if err != nil {
		return 0, err
	}
	size, count := int64(binary.BigEndian.Uint32(head)), int64(binary.BigEndian.Uint32(head[4:]))
	switch {
	case b.typ == "stz2":
		return 12 + (count*(size&0xff)+7)/8, nil
	case size == 0:
		return 12 + 4*count, nil
	}
	return 12, nil
}

// flagsLength returns the length of a box whose fields depend on its flags (ISO
// 14496-12 §8.8.7, §8.8.8, §8.8.10).
func (c *isoCleaner) flagsLength(b box) (int64, error) {
	head, err := c.body(b, 0, 8)
	if err != nil {
		return 0, err
	}
	flags, number := binary.BigEndian.Uint32(head)&0xffffff, int64(binary.BigEndian.Uint32(head[4:]))
	switch b.typ {
	case "trun":
		return runHead(flags) + number*4*int64(bits.OnesCount32(flags&runFields)), nil
	case "tfhd":
		n := int64(8)
		if flags&fragmentBase != 0 {
			n += 8
		}
		fields := flags & (fragmentDescription | fragmentDuration | fragmentSize | fragmentFlags)
		return n + 4*int64(bits.OnesCount32(fields)), nil
	}
	widths, err := c.body(b, 8, 8) // with the number of entries
	if err != nil {
		return 0, err
	}
	entry := int64(8 + 3)
	if head[0] == 1 {
		entry += 8
	}
	for _, shift := range []int{0, 2, 4} { // the size of a number minus one
		entry += int64(widths[3] >> shift & 3)
	}
	return 16 + entry*int64(binary.BigEndian.Uint32(widths[4:])), nil
}

// groupsKept are the groups of samples that players use, with the size of the
// description of an entry (ISO 14496-12 §8.9, §10).
var groupsKept = map[string]int64{"roll": 2, "prol": 2, "rap ": 1, "sync": 1}

// group keeps the groups of samples of a known kind. Any other group is
// overwritten, because its description can be any text.
func (c *isoCleaner) group(b box) error {
	head, err := c.body(b, 0, 8)
	if err != nil {
		return err
	}
	size, known := groupsKept[strings.ToValidUTF8(string(head[4:]), "")]
	if !known {
		c.free(b)
		return nil
	}
	fixed, entry := int64(12), int64(8)
	switch {
	case b.typ == "sbgp" && head[0] == 1:
		fixed = 16
	case b.typ == "sgpd" && head[0] != 1:
		c.free(b)
		return nil
	case b.typ == "sgpd":
		length, err := c.body(b, 8, 4)
		if err != nil {
			return err
		}
		if int64(bigEndian(length)) != size {
			c.free(b)
			return nil
		}
		fixed, entry = 16, size
	}
	length, err := c.counted(b, fixed, 4, entry)
	if err == nil && length < b.to-b.from {
		c.edit(b.from+length, b.to, "")
	}
	return err
}
