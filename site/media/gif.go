package media

import "bytes"

// A gifCleaner copies a GIF file block by block.
type gifCleaner struct {
	*stream
	control []byte // the graphic control extension for the next image
	images  bool   // at least one image was copied
	loops   bool   // the number of loops was copied
}

// cleanGIF keeps the images, their timing and the number of repetitions
// (GIF89a, sections 18 to 27). It removes comments, plain text, the extensions
// of other applications (XMP, ICC), and all data after the trailer.
func cleanGIF(s *stream) error {
	g := &gifCleaner{stream: s}
	b, err := g.take(13)
	if err != nil {
		return err
	}
	g.put(b)
	if err := g.keep(colorTableBytes(b[10])); err != nil {
		return err
	}
	for g.left() > 0 || !g.images { // many files lack only the trailer
		b, err := g.take(1)
		if err != nil {
			return err
		}
		kind := b[0]
		if kind == 0x3b {
			break
		}
		if err := g.block(kind); err != nil {
			return err
		}
	}
	if !g.images {
		return damaged("the GIF file has no image")
	}
	g.put([]byte{0x3b})
	return nil
}

// colorTableBytes returns the size of the color table that packed fields
// declare.
func colorTableBytes(fields byte) int64 {
	if fields&0x80 == 0 {
		return 0
	}
	return 3 << (fields&7 + 1)
}

func (g *gifCleaner) block(kind byte) error {
	switch kind {
	case 0x2c:
		return g.image()
	case 0x21:
		b, err := g.take(1)
		if err != nil {
			return err
		}
		return g.extension(b[0])
	}
	return damaged("the GIF file has an unknown block")
}

func (g *gifCleaner) image() error {
	g.images = true
	g.put(g.control)
	g.control = nil
	g.put([]byte{0x2c})
	b, err := g.take(9)
	if err != nil {
		return err
	}
	g.put(b)
	if err := g.keep(colorTableBytes(b[8]) + 1); err != nil { // with the LZW minimum code size
		return err
	}
	for {
		b, err := g.peek(1)
		if err != nil {
			return err
		}
		n := int64(b[0])
		if err := g.keep(1 + n); err != nil || n == 0 {
			return err
		}
	}
}

func (g *gifCleaner) extension(label byte) error {
	switch label {
	case 0xf9:
		b, err := g.take(6)
		if err != nil {
			return err
		}
		if b[0] != 4 || b[5] != 0 {
			return damaged("a graphic control extension of the GIF file is malformed")
		}
		g.control = append([]byte{0x21, label}, b...)
		return nil
	case 0xff:
		b, err := g.head(12)
		if err != nil {
			return err
		}
		if name := string(b); name == "\x0bNETSCAPE2.0" || name == "\x0bANIMEXTS1.0" {
			return g.loop()
		}
	case 0x01:
		g.control = nil // it belonged to the text
	}
	return g.dropBlocks()
}

// loop keeps the number of repetitions of the animation. It is in the data
// block 1, low, high of an extension that Netscape introduced.
func (g *gifCleaner) loop() error {
	b, err := g.take(12)
	if err != nil {
		return err
	}
	name := bytes.Clone(b)
	if b, err = g.head(4); err != nil {
		return err
	}
	if len(b) == 4 && b[0] == 3 && b[1] == 1 && !g.loops {
		g.loops = true
		g.put([]byte{0x21, 0xff})
		g.put(name)
		g.put(b)
		g.put([]byte{0})
	}
	return g.dropBlocks()
}

// dropBlocks removes data sub-blocks and the terminator after them.
func (g *gifCleaner) dropBlocks() error {
	for {
		b, err := g.take(1)
		if err != nil {
			return err
		}
		if b[0] == 0 {
			return nil
		}
		if err := g.drop(int64(b[0])); err != nil {
			return err
		}
	}
}
