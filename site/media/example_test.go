package media_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"starpunk/site/media"
)

// Clean copies the files that it accepts, and refuses all others with a sentence
// for the person who sent them.
func ExampleClean() {
	upload := strings.NewReader("<script>alert(1)</script>")
	_, err := media.Clean(io.Discard, upload, upload.Size())
	var refusal *media.Error
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Sentence)
	}

	const pixel = "GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00"
	upload = strings.NewReader(pixel + "!\xfe\x09a comment\x00;")
	var clean strings.Builder
	typ, err := media.Clean(&clean, upload, upload.Size())
	fmt.Println(typ.MIME, err, strings.Contains(clean.String(), "comment"))
	// Output:
	// This type of file is not accepted. Send JPEG, PNG, GIF, WebP, MP4, MOV, WebM, MP3, M4A or Ogg (Vorbis or Opus).
	// image/gif <nil> false
}
