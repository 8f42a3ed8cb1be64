package media

import "encoding/binary"

// maxExifBytes is the length of EXIF data in which the orientation is searched,
// if the format of the file does not limit the data.
const maxExifBytes = bufferBytes

const (
	tagOrientation = 0x0112 // Exif 2.32, 4.6.4 A
	typeShort      = 3
)

// orientation returns the orientation of a picture from its EXIF data, which is
// a TIFF file. It returns 1 (upright) to 8, and 1 if there is no valid value.
func orientation(tiff []byte) byte {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	ifd := uint64(order.Uint32(tiff[4:]))
	if ifd+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[ifd+2:]
	for range order.Uint16(tiff[ifd:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == tagOrientation && order.Uint16(entries[2:]) == typeShort {
			if o := order.Uint16(entries[8:]); o >= 1 && o <= 8 {
				return byte(o)
			}
		}
		entries = entries[12:]
	}
	return 1
}

// orientationOnly returns EXIF data with an orientation and nothing else.
func orientationOnly(o byte) []byte {
	return []byte{
		'M', 'M', 0, '*', 0, 0, 0, 8, // header, and the offset of the only directory
		0, 1, // one entry
		tagOrientation >> 8, tagOrientation & 0xff, 0, typeShort, 0, 0, 0, 1, 0, o, 0, 0,
		0, 0, 0, 0, // no further directory
	}
}
