package receiver

import (
	"io"
	"mime/multipart"
)

// decodeMultipart reads a multipart/form-data request (RFC 7578), part by part.
func decodeMultipart(body io.Reader, boundary string) (*request, error) {
	if boundary == "" {
		return nil, invalid("The Content-Type has no boundary.")
	}
	f := &form{properties: map[string]*list{}}
	parts := multipart.NewReader(body, boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF { // wrapped in another, it is a body that was cut off
			return f.request()
		}
		if err != nil {
			return nil, bodyError(err)
		}
		if err := f.addPart(part); err != nil {
			return nil, err
		}
	}
}

// addPart takes in a part that is no file. Browsers send an empty file without
// a name where none was chosen; it counts as an empty value.
func (f *form) addPart(part *multipart.Part) error {
	if part.FileName() != "" {
		return unsupportedMedia("A file can't be sent with the note; send it to the media endpoint, and its URL here.")
	}
	value, err := readBody(part)
	if err != nil {
		return err
	}
	return f.add(part.FormName(), value)
}
