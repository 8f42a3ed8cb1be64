package media

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// Limits of the processed parts of a file. An hour of video has about ten thousand
// chunks of samples.
const (
	maxBoxes = 1 << 18
	maxEdits = 1 << 16
	maxSpans = 1 << 18
)

// A span is a part of the file.
type span struct{ from, to int64 }

// An edit overwrites a part of the file with lead, followed by zeros.
type edit struct {
	span
	lead string
}

// An isoCleaner plans the edits of a file of the ISO base media format (ISO
// 14496-12) or of QuickTime, its predecessor.
type isoCleaner struct {
	*stream
	quicktime  bool
	boxes      int  // number of processed boxes
	movie      bool // "moov" was processed
	fragmented bool // some samples are not described by "moov"
	others     bool // some tracks are not kept
	fragment   isoFragment
	current    *isoTrack // the track of the current boxes
	kept       []*isoTrack
	end        int64  // of the last kept box
	media      []span // bodies of "mdat"
	samples    []span // of the kept tracks
	edits      []edit
}

// cleanISOBMFF keeps everything that is needed to play pictures and sound. All
// kept parts stay at their offsets, because a file refers to its own offsets.
// Boxes "free" of the same size replace all other boxes: user data, metadata,
// XMP, and every track that has neither pictures nor sound, such as tracks in
// which cameras record their location. Media data without a reference from a
// kept track becomes zero, and so do times and names.
func cleanISOBMFF(s *stream) (Type, error) {
	c := &isoCleaner{stream: s}
	if err := c.plan(); err != nil {
		return Type{}, err
	}
	if err := c.copy(); err != nil {
		return Type{}, err
	}
	isVideo := func(t *isoTrack) bool { return t.handler == "vide" }
	switch {
	case c.quicktime:
		return Type{"video/quicktime", "mov"}, nil
	case slices.ContainsFunc(c.kept, isVideo):
		return Type{"video/mp4", "mp4"}, nil
	}
	return Type{"audio/mp4", "m4a"}, nil
}

// plan processes all boxes and collects the edits.
func (c *isoCleaner) plan() error {
	if err := c.brands(); err != nil {
		return err
	}
	if err := c.outermost(); err != nil {
		return err
	}
	switch {
	case len(c.kept) == 0:
		return damaged("it has neither pictures nor sound")
	case c.fragmented && c.others:
		return notAccepted("A fragmented video with data tracks is not accepted. Export it as a common MP4.")
	}
	if err := c.unreferenced(); err != nil {
		return err
	}
	if len(c.edits) > maxEdits {
		return tooManyParts()
	}
	slices.SortFunc(c.edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	return nil
}

// copy writes the file with the edits.
func (c *isoCleaner) copy() error {
	for _, e := range c.edits {
		if e.from >= c.end {
			break
		}
		if err := c.keep(e.from - c.at); err != nil {
			return err
		}
		c.put([]byte(e.lead))
		c.zero(e.to - e.from - int64(len(e.lead)))
		if err := c.drop(e.to - e.from); err != nil {
			return err
		}
	}
	return c.keep(c.end - c.at)
}

// brands reads the file type box, which old QuickTime files do not have.
func (c *isoCleaner) brands() error {
	b, ok, err := c.header(0, c.size)
	if err != nil {
		return err
	}
	c.quicktime = b.typ != "ftyp"
	if c.quicktime {
		return nil
	}
	n := b.to - b.from
	if !ok || n < 8 || n > 512 || n%4 != 0 {
		return damaged("its file type box is malformed")
	}
	body, err := c.read(b.from, int(n))
	if err != nil {
		return err
	}
	brands := []string{string(body[:4])} // followed by a version and the compatible brands
	for rest := body[8:]; len(rest) > 0; rest = rest[4:] {
		brands = append(brands, string(rest[:4]))
	}
	if err := c.accept(brands); err != nil {
		return err
	}
	c.overwriteUnknownBrands(b.from, brands)
	return nil
}

// overwriteUnknownBrands overwrites the version of the major brand and every
// brand that players do not use. Such a brand may name the maker of a camera,
// or be any text.
func (c *isoCleaner) overwriteUnknownBrands(at int64, brands []string) {
	general := "isom"
	if c.quicktime {
		general = "qt  "
	}
	for i, brand := range brands {
		if !strings.Contains(acceptedBrands+otherBrands, " "+brand+" ") {
			c.edit(at, at+4, general)
		}
		at += 4
		if i == 0 {
			c.edit(at, at+4, "")
			at += 4
		}
	}
}

// Accepted brands of videos, and other brands that players use.
const (
	acceptedBrands = " isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 avc1 dash MSNV M4A  M4B  M4V  "
	otherBrands    = " qt   \x00\x00\x00\x00 isoa isob isoc mp71 hvc1 hev1 av01 msdh msix dsms cmfc cmfs cmff cmf2 hlsf piff isml dby1 mmp4 3gp4 3gp5 3gp6 3gp7 3g2a 3g2b M4P  f4v  "
)

// accept accepts or refuses a file by its brands. The first one is the major
// brand.
func (c *isoCleaner) accept(brands []string) error {
	any := func(list string) bool {
		return slices.ContainsFunc(brands, func(brand string) bool { return strings.Contains(list, " "+brand+" ") })
	}
	c.quicktime = brands[0] == "qt  "
	switch {
	case any(" avif avis "):
		return notAccepted("AVIF is not accepted. " + sendOther)
	case any(" heic heix heim heis hevc hevx hevm hevs mif1 msf1 "):
		return notAccepted("HEIC is not accepted; send JPEG (iOS: Settings › Camera › Most Compatible).")
	case c.quicktime, any(acceptedBrands):
		return nil
	}
	return notAccepted("This kind of video or picture is not accepted. " + sendOther)
}

// outermost collects the edits of all boxes. The file ends after the last kept
// box.
func (c *isoCleaner) outermost() error {
	for at := int64(0); at < c.size; {
		b, ok, err := c.header(at, c.size)
		if err != nil {
			return err
		}
		known := isKept("", b.typ)
		if !ok && !known && c.movie {
			return nil // other data after the boxes
		}
		if !ok {
			return damaged("it ends in the middle of its box %q", b.typ)
		}
		if known {
			c.end = b.to
		}
		if err := c.box("", b); err != nil {
			return err
		}
		at = b.to
	}
	return nil
}

// unreferenced collects the parts of the media data without a reference from a
// kept track. It returns an error if a reference leads outside of the media
// data.
func (c *isoCleaner) unreferenced() error {
	slices.SortFunc(c.samples, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	samples := c.samples
	for _, m := range c.media {
		covered := m.from
		for len(samples) > 0 && samples[0].from < m.to {
			s := samples[0]
			if s.from < m.from || s.to > m.to {
				break
			}
			c.edit(covered, s.from, "")
			covered = max(covered, s.to)
			samples = samples[1:]
		}
		c.edit(covered, m.to, "")
	}
	if len(samples) > 0 {
		return damaged("its samples are not in its media data")
	}
	return nil
}

// edit adds an edit of a part of the file, unless the part is empty.
func (c *isoCleaner) edit(from, to int64, lead string) {
	if from < to && len(c.edits) <= maxEdits {
		c.edits = append(c.edits, edit{span{from, to}, lead})
	}
}

// free adds the edit that turns a box into a box "free" of zeros (ISO 14496-12
// §8.1.2).
func (c *isoCleaner) free(b box) {
	lead := []byte("free")
	if b.from-b.at == 16 {
		lead = binary.BigEndian.AppendUint64(lead, uint64(b.to-b.at))
	}
	c.edit(b.at+4, b.to, string(lead))
}
