package media

import (
	"bufio"
	"encoding/binary"
	"io"
)

// A table reads the numbers of a table of samples, one after the other.
type table struct {
	in    *bufio.Reader
	count uint64 // of declared entries
}

// open opens a table of a track. The entries begin at an offset of its body,
// after their number. A missing table is empty.
func (c *isoCleaner) open(t *isoTrack, typ string, offset int64) (table, error) {
	b, ok := t.tables[typ]
	if !ok {
		return table{}, nil
	}
	count, err := c.body(b, offset-4, 4)
	if err != nil {
		return table{}, err
	}
	section := io.NewSectionReader(c.section, b.from+offset, b.to-b.from-offset)
	return table{bufio.NewReader(section), uint64(binary.BigEndian.Uint32(count))}, nil
}

// number reads a number of the given size.
func (t table) number(bytes int) (uint64, error) {
	b, err := t.in.Peek(bytes)
	if err != nil {
		return 0, readError(err)
	}
	n := bigEndian(b)
	_, err = t.in.Discard(bytes)
	return n, err
}

// chunks adds the samples of a track. They are in chunks, whose offsets are in
// one table (ISO 14496-12 §8.7.5).
func (c *isoCleaner) chunks(t *isoTrack) error {
	width := 4
	offsets, err := c.open(t, "stco", 8)
	if _, ok := t.tables["co64"]; ok && err == nil {
		width = 8
		offsets, err = c.open(t, "co64", 8)
	}
	if err != nil {
		return err
	}
	runs, err := c.newRuns(t)
	if err != nil {
		return err
	}
	sizes, err := c.newSizes(t)
	if err != nil {
		return err
	}
	for chunk := range offsets.count {
		at, err := offsets.number(width)
		if err != nil {
			return err
		}
		samples, err := runs.samples(chunk + 1)
		if err != nil {
			return err
		}
		n, err := sizes.sum(samples)
		if err != nil {
			return err
		}
		if n == 0 {
			continue // an empty chunk may have any offset
		}
		if n > uint64(c.size) || at > uint64(c.size)-n {
			return damaged("it ends before its last sample")
		}
		if err := c.sample(int64(at), int64(at+n)); err != nil {
			return err
		}
	}
	return nil
}

// sample adds a part of the file that belongs to a kept track.
func (c *isoCleaner) sample(from, to int64) error {
	if from == to {
		return nil
	}
	if last := len(c.samples) - 1; last >= 0 && c.samples[last].to == from {
		c.samples[last].to = to
		return nil
	}
	if len(c.samples) == maxSpans {
		return tooManyParts()
	}
	c.samples = append(c.samples, span{from, to})
	return nil
}

// A runTable returns the number of samples of each chunk (ISO 14496-12 §8.7.4).
// It has runs of chunks with equal numbers.
type runTable struct {
	table
	current, next uint64 // samples in each chunk of this run, and of the next run
	first         uint64 // chunk of the next run; 0 if there is none
}

func (c *isoCleaner) newRuns(t *isoTrack) (*runTable, error) {
	entries, err := c.open(t, "stsc", 8)
	r := &runTable{table: entries}
	if err == nil {
		err = r.advance()
	}
	return r, err
}

// advance makes the next run the current one, and reads the one after it.
func (r *runTable) advance() error {
	r.current, r.first = r.next, 0
	if r.count == 0 {
		return nil
	}
	r.count--
	entry, err := r.number(8)
	if err != nil {
		return err
	}
	r.first, r.next = entry>>32, entry&0xffffffff
	_, err = r.number(4) // index of the description
	return err
}

// samples returns the number of samples in a chunk, the first of which is 1.
func (r *runTable) samples(chunk uint64) (uint64, error) {
	for r.first > 0 && r.first <= chunk {
		if err := r.advance(); err != nil {
			return 0, err
		}
	}
	return r.current, nil
}

// A sizeTable returns the sizes of samples (ISO 14496-12 §8.7.3).
type sizeTable struct {
	table
	track    *isoTrack
	bits     byte   // of an entry
	constant uint64 // size of all samples, if the table has no entries
	half     uint64 // the last byte, if only one of its two entries was read
}

func (c *isoCleaner) newSizes(t *isoTrack) (*sizeTable, error) {
	s := &sizeTable{track: t, bits: 32}
	typ := "stsz"
	if _, ok := t.tables["stz2"]; ok {
		typ = "stz2"
	}
	b, ok := t.tables[typ]
	if !ok {
		return s, nil
	}
	size, err := c.body(b, 4, 4)
	if err != nil {
		return nil, err
	}
	switch typ {
	case "stsz":
		s.constant = bigEndian(size)
	case "stz2":
		s.bits = size[3]
	}
	if s.bits != 4 && s.bits != 8 && s.bits != 16 && s.bits != 32 {
		return nil, damaged("its box %q is malformed", typ)
	}
	s.table, err = c.open(t, typ, 12)
	return s, err
}

// sum returns the number of bytes of the next n samples, or of all remaining
// samples if there are fewer.
func (s *sizeTable) sum(n uint64) (uint64, error) {
	n = min(n, s.count)
	s.count -= n
	if s.constant > 0 {
		return s.sumConstant(n), nil
	}
	total := uint64(0)
	for range n {
		size, err := s.next()
		if err != nil {
			return 0, err
		}
		total += size
	}
	return total, nil
}

// next reads an entry.
func (s *sizeTable) next() (uint64, error) {
	if s.bits != 4 {
		return s.number(int(s.bits / 8))
	}
	if s.half > 0 {
		size := s.half & 15
		s.half = 0
		return size, nil
	}
	b, err := s.number(1)
	s.half = b | 1<<8
	return b >> 4, err
}

// sumConstant returns the number of bytes of n samples of equal size. In
// QuickTime, the declared size of uncompressed sound is often one byte. All
// factors have 32 bits.
func (s *sizeTable) sumConstant(n uint64) uint64 {
	total := n * s.constant
	if t := s.track; t.packetSamples > 0 {
		packets := (n + t.packetSamples - 1) / t.packetSamples
		total = max(total, packets*t.packetBytes)
	}
	return total
}
