package media

import (
	"encoding/binary"
	"errors"
)

// An isoTrack is a track of pictures or sound.
type isoTrack struct {
	id      uint32
	handler string         // "vide" or "soun"
	tables  map[string]box // the tables with the positions of samples, by their type

	// The size of uncompressed sound, which takes precedence over the tables. 0 if
	// it is unknown.
	packetSamples, packetBytes uint64
}

// track collects the edits and the samples of a kept track. Any other track is
// overwritten.
func (c *isoCleaner) track(b box) error {
	mdia, err := c.child(b, "mdia")
	if err != nil {
		return err
	}
	hdlr, err := c.child(mdia, "hdlr")
	if err != nil {
		return err
	}
	handler, err := c.body(hdlr, 8, 4)
	if err != nil {
		return err
	}
	if h := string(handler); h != "vide" && h != "soun" {
		c.others = true
		c.free(b)
		return nil
	}
	if len(c.kept) == maxTracks {
		return damaged("it has too many tracks")
	}
	id, err := c.trackID(b)
	if err != nil {
		return err
	}
	c.current = &isoTrack{id: id, handler: string(handler), tables: map[string]box{}}
	c.kept = append(c.kept, c.current)
	if err := c.each(b.from, b.to, func(child box) error { return c.box(b.typ, child) }); err != nil {
		return err
	}
	return c.chunks(c.current)
}

// trackID returns the number with which fragments refer to a track (ISO
// 14496-12 §8.3.2); 0 if it has none.
func (c *isoCleaner) trackID(b box) (uint32, error) {
	header, err := c.child(b, "tkhd")
	if errors.Is(err, ErrDamaged) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	version, err := c.body(header, 0, 1)
	if err != nil {
		return 0, err
	}
	at := int64(12)
	if version[0] == 1 {
		at = 20
	}
	id, err := c.body(header, at, 4)
	return uint32(bigEndian(id)), err
}

// child returns the first box of a type in another box.
func (c *isoCleaner) child(parent box, typ string) (box, error) {
	for at := parent.from; at < parent.to; {
		b, ok, err := c.header(at, parent.to)
		if err != nil {
			return box{}, err
		}
		if !ok || b.endless {
			break
		}
		if b.typ == typ {
			return b, nil
		}
		at = b.to
	}
	return box{}, damaged("a track has no box %q", typ)
}

// handler overwrites the name of the handler of a track (ISO 14496-12 §8.4.3)
// and, in QuickTime, its manufacturer.
func (c *isoCleaner) handler(parent string, b box) error {
	kind, err := c.body(b, 8, 4)
	if err != nil {
		return err
	}
	if parent == "mdia" && string(kind) != c.current.handler {
		return damaged("a track has two kinds")
	}
	c.edit(b.from+12, b.to, "")
	return nil
}

// references makes all data references point to the file itself (ISO 14496-12
// §8.7.2). Other references are paths on the owner's computer.
func (c *isoCleaner) references(b box) error {
	if b.to-b.from < 8 {
		return damaged("its box %q is too short", b.typ)
	}
	return c.each(b.from+8, b.to, func(entry box) error {
		if entry.to-entry.from >= 4 {
			c.edit(entry.from, entry.to, "\x00\x00\x00\x01")
		}
		return nil
	})
}

// descriptions collects the edits of the descriptions of samples.
func (c *isoCleaner) descriptions(b box) error {
	version, err := c.body(b, 0, 8) // with a count
	if err != nil {
		return err
	}
	return c.each(b.from+8, b.to, func(entry box) error {
		if c.current.handler == "vide" {
			return c.visual(entry)
		}
		return c.sound(entry, version[0] == 0)
	})
}

// visual overwrites the vendor and the name of the compressor (ISO 14496-12
// §12.1.3; QuickTime File Format, "Video sample description").
func (c *isoCleaner) visual(entry box) error {
	const fields = 78
	if entry.to-entry.from < fields {
		return damaged("the description of its pictures is too short")
	}
	c.edit(entry.from+12, entry.from+24, "")
	c.edit(entry.from+42, entry.from+74, "")
	return c.each(entry.from+fields, entry.to, func(child box) error { return c.box("stsd", child) })
}

// sound overwrites the vendor (ISO 14496-12 §12.2.3; QuickTime File Format,
// "Sound sample description"), and stores the size of uncompressed samples.
func (c *isoCleaner) sound(entry box, quicktime bool) error {
	b, err := c.body(entry, 0, 28)
	if err != nil {
		return err
	}
	c.edit(entry.from+12, entry.from+16, "")
	fields := 28
	version := binary.BigEndian.Uint16(b[8:])
	switch {
	case version == 1 && quicktime:
		fields += 16
	case version == 2 && quicktime:
		fields += 36
	}
	if b, err = c.body(entry, 0, fields); err != nil {
		return err
	}
	c.current.packetSamples, c.current.packetBytes = packet(entry.typ, b)
	return c.each(entry.from+int64(fields), entry.to, func(child box) error { return c.box("stsd", child) })
}

// packet returns how many bytes a number of samples has, from the fields of a
// sound's description. It is known only for the sound of QuickTime.
func packet(format string, b []byte) (samples, bytes uint64) {
	number := func(at int) uint64 { return uint64(binary.BigEndian.Uint32(b[at:])) }
	channels, bits := number(16)>>16, number(16)&0xffff
	switch {
	case len(b) == 28+16:
		return number(28), number(36)
	case len(b) == 28+36:
		return number(60), number(56)
	case format == "raw " || format == "NONE" || format == "twos" || format == "sowt":
		return 1, channels * bits / 8
	case format == "ulaw" || format == "alaw":
		return 1, channels
	}
	return 0, 0
}
