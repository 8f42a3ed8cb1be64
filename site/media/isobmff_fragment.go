package media

import "encoding/binary"

// Flags of the boxes "tfhd" and "trun" (ISO 14496-12 §8.8.7, §8.8.8).
const (
	fragmentBase        = 0x1
	fragmentDescription = 0x2
	fragmentDuration    = 0x8
	fragmentSize        = 0x10
	fragmentFlags       = 0x20
	fragmentFromMoof    = 0x20000

	runOffset     = 0x1
	runFirstFlags = 0x4
	runSize       = 0x200
	runFields     = 0xf00 // each sample has four bytes for each of these flags
)

// An isoFragment is the current box "moof" (ISO 14496-12 §8.8). It describes
// the positions of samples.
type isoFragment struct {
	defaults map[uint32]uint64 // size of the samples of each track, from "trex"
	moof     int64             // offset of the box
	base     int64             // base of the offsets of the track
	next     int64             // end of the last samples
	size     uint64            // of each sample of the track, unless a run has sizes
}

func (f *isoFragment) begin(moof box) {
	f.moof, f.next = moof.at, moof.at
}

// trackDefaults stores the size of the samples of a track (ISO 14496-12
// §8.8.3).
func (c *isoCleaner) trackDefaults(b box) error {
	fields, err := c.body(b, 4, 16)
	if err != nil {
		return err
	}
	if c.fragment.defaults == nil {
		c.fragment.defaults = map[uint32]uint64{}
	}
	if len(c.fragment.defaults) == maxTracks {
		return damaged("it has too many tracks")
	}
	c.fragment.defaults[binary.BigEndian.Uint32(fields)] = bigEndian(fields[12:])
	return nil
}

// trackFragment reads the position of the samples of a track. It reports
// whether the track is kept. A fragment of any other track is overwritten.
func (c *isoCleaner) trackFragment(b box) (known bool, err error) {
	header, err := c.child(b, "tfhd")
	if err != nil {
		return false, err
	}
	head, err := c.body(header, 0, 8)
	if err != nil {
		return false, err
	}
	flags, id := binary.BigEndian.Uint32(head), binary.BigEndian.Uint32(head[4:])
	for _, t := range c.kept {
		known = known || t.id == id
	}
	if !known {
		c.free(b)
		return false, nil
	}
	f := &c.fragment
	f.base, f.size = f.next, f.defaults[id]
	at := int64(8)
	if flags&fragmentFromMoof != 0 {
		f.base = f.moof
	}
	if flags&fragmentBase != 0 {
		base, err := c.body(header, at, 8)
		if err != nil {
			return false, err
		}
		if f.base = int64(bigEndian(base)); f.base < 0 {
			return false, damaged("it ends before its last sample")
		}
		at += 8
	}
	for _, flag := range []uint32{fragmentDescription, fragmentDuration} {
		if flags&flag != 0 {
			at += 4
		}
	}
	if flags&fragmentSize != 0 {
		size, err := c.body(header, at, 4)
		if err != nil {
			return false, err
		}
		f.size = bigEndian(size)
	}
	f.next = f.base
	return true, nil
}

// run adds the samples of a run (ISO 14496-12 §8.8.8). They follow each other,
// from an offset or after the samples of the previous run.
func (c *isoCleaner) run(b box) error {
	head, err := c.body(b, 0, 8)
	if err != nil {
		return err
	}
	f := &c.fragment
	flags, count := binary.BigEndian.Uint32(head), uint64(binary.BigEndian.Uint32(head[4:]))
	at := f.next
	if flags&runOffset != 0 {
		offset, err := c.body(b, 8, 4)
		if err != nil {
			return err
		}
		at = f.base + int64(int32(bigEndian(offset)))
	}
	total, err := c.runBytes(b, flags, count)
	if err != nil {
		return err
	}
	if at < 0 || total > uint64(c.size) || at > c.size-int64(total) {
		return damaged("it ends before its last sample")
	}
	f.next = at + int64(total)
	return c.sample(at, f.next)
}

// runBytes returns the number of bytes of the samples of a run.
func (c *isoCleaner) runBytes(b box, flags uint32, count uint64) (uint64, error) {
	if flags&runSize == 0 {
		return count * c.fragment.size, nil // both have 32 bits
	}
	t, err := c.open(&isoTrack{tables: map[string]box{"trun": b}}, "trun", runHead(flags))
	if err != nil {
		return 0, err
	}
	total := uint64(0)
	for range count {
		for field := uint32(0x100); field <= 0x800; field <<= 1 {
			if flags&field == 0 {
				continue
			}
			n, err := t.number(4)
			if err != nil {
				return 0, err
			}
			if field == runSize {
				total += n
			}
		}
	}
	return total, nil
}

// runHead returns the number of bytes of the box "trun" before its samples.
func runHead(flags uint32) int64 {
	n := int64(8)
	for _, flag := range []uint32{runOffset, runFirstFlags} {
		if flags&flag != 0 {
			n += 4
		}
	}
	return n
}
