package media

import (
	"encoding/binary"
	"slices"
	"strings"
)

// boxesKept are the boxes that are needed to play a file, by their parent box.
// The parent of the outermost boxes is "", and that of boxes in the
// descriptions of samples is "stsd" (ISO 14496-12, table 1; QuickTime File
// Format).
var boxesKept = map[string]string{
	"":     "ftyp moov mdat moof sidx mfra",
	"moov": "mvhd trak mvex",
	"trak": "tkhd edts mdia",
	"edts": "elst",
	"mdia": "mdhd hdlr minf",
	"minf": "vmhd smhd hdlr dinf stbl",
	"dinf": "dref",
	"stbl": "stsd stts ctts cslg stsc stsz stz2 stco co64 stss stps stsh sbgp sgpd",
	"stsd": "avcC hvcC lhvC vvcC av1C vpcC dvcC dvvC dvwC esds wave dOps dfLa alac dac3 dec3 dac4 pcmC " +
		"colr pasp clap fiel gama btrt mdcv clli SmDm CoLL chan chnl srat",
	"mvex": "mehd trex",
	"moof": "mfhd traf",
	"traf": "tfhd tfdt trun sbgp sgpd",
	"mfra": "tfra mfro",
}

func isKept(parent, typ string) bool {
	return slices.Contains(strings.Fields(boxesKept[parent]), typ)
}

// A box is an element of the file: a size, a type of four letters, a body.
type box struct {
	typ      string
	at       int64 // offset of the size
	from, to int64 // offsets of the body
	endless  bool  // without a size: the last box of the file, or padding in another box
}

// header reads the beginning of a box (ISO 14496-12 §4.2). ok is false if the
// box does not end before end; its typ may be valid even then.
func (c *isoCleaner) header(at, end int64) (b box, ok bool, err error) {
	if end-at < 8 {
		return box{at: at}, false, nil
	}
	if c.boxes++; c.boxes > maxBoxes || len(c.edits) > maxEdits {
		return box{}, false, tooManyParts()
	}
	head, err := c.read(at, int(min(16, end-at)))
	if err != nil {
		return box{}, false, err
	}
	size := uint64(binary.BigEndian.Uint32(head))
	b = box{typ: string(head[4:8]), at: at, from: at + 8}
	switch {
	case size == 0:
		size = uint64(end - at)
		b.endless = true
	case size == 1 && len(head) == 16:
		size = binary.BigEndian.Uint64(head[8:])
		b.from += 8
	}
	if size < uint64(b.from-at) || size > uint64(end-at) {
		return b, false, nil
	}
	b.to = at + int64(size)
	return b, true, nil
}

// each calls f for the boxes between two offsets. QuickTime may end a list of
// boxes with zeros. These, and a rest shorter than a box, are overwritten.
func (c *isoCleaner) each(from, to int64, f func(box) error) error {
	for at := from; at < to; {
		b, ok, err := c.header(at, to)
		if err != nil {
			return err
		}
		if b.endless || to-at < 8 {
			c.edit(at, to, "")
			return nil
		}
		if !ok {
			return damaged("its box %q is longer than the one that holds it", b.typ)
		}
		if err := f(b); err != nil {
			return err
		}
		at = b.to
	}
	return nil
}

// box collects the edits of a box.
func (c *isoCleaner) box(parent string, b box) error {
	if !isKept(parent, b.typ) {
		c.free(b)
		return nil
	}
	switch b.typ {
	case "moov":
		if c.movie {
			return damaged("it contains more than one movie")
		}
		c.movie = true
	case "moof":
		if !c.movie {
			return damaged("a fragment of its movie comes before the description")
		}
		c.fragmented = true
		c.fragment.begin(b)
	case "traf":
		if known, err := c.trackFragment(b); err != nil || !known {
			return err
		}
	case "trun":
		if err := c.run(b); err != nil {
			return err
		}
	case "trex":
		if err := c.trackDefaults(b); err != nil {
			return err
		}
	case "mdat":
		c.media = append(c.media, span{b.from, b.to})
	case "trak":
		return c.track(b)
	case "mvhd", "tkhd", "mdhd":
		if err := c.overwriteTimes(b); err != nil {
			return err
		}
	case "sbgp", "sgpd":
		return c.group(b)
	case "hdlr":
		return c.handler(parent, b)
	case "dref":
		return c.references(b)
	case "stsd":
		return c.descriptions(b)
	case "stsc", "stsz", "stz2", "stco", "co64":
		c.current.tables[b.typ] = b
	}
	if _, ok := boxesKept[b.typ]; !ok {
		return c.shape(b)
	}
	return c.each(b.from, b.to, func(child box) error { return c.box(b.typ, child) })
}

// overwriteTimes overwrites the times of creation and of modification of a
// movie or a track: the first two numbers of 32 bits, or of 64 bits in version
// 1 (ISO 14496-12 §8.2.2, §8.3.2, §8.4.2).
func (c *isoCleaner) overwriteTimes(b box) error {
	version, err := c.body(b, 0, 1)
	if err != nil {
		return err
	}
	n := int64(8)
	if version[0] == 1 {
		n = 16
	}
	if b.to-b.from < 4+n {
		return damaged("its box %q is too short", b.typ)
	}
	c.edit(b.from+4, b.from+4+n, "")
	return nil
}

// body returns a copy of n bytes of the body of a box.
func (c *isoCleaner) body(b box, offset int64, n int) ([]byte, error) {
	if offset+int64(n) > b.to-b.from {
		return nil, damaged("its box %q is too short", b.typ)
	}
	return c.read(b.from+offset, n)
}
