package receiver

import (
	"io"
	"mime/multipart"
	"slices"
)

// fileProperties are those that a file may be sent as (Micropub §3.3).
var fileProperties = []string{"photo", "video", "audio"}

// decodeMultipart reads a multipart/form-data request (RFC 7578), part by part.
// A file becomes the path that it will have on the site.
func decodeMultipart(body *boundedBody, boundary string, files fileTaker) (*request, error) {
	if boundary == "" {
		return nil, errNoBoundary()
	}
	d := &multipartDecoder{
		form:   form{properties: map[string]*list{}},
		fields: boundedBody{left: maxBodyBytes},
		body:   body, files: files,
	}
	parts := multipart.NewReader(body, boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF { // wrapped in another, it is a body that was cut off
			return d.form.request()
		}
		if err != nil {
			return nil, bodyError(err)
		}
		if err := d.addPart(part); err != nil {
			return nil, err
		}
	}
}

type multipartDecoder struct {
	form   form
	fields boundedBody // what all parts without a file may have together
	body   *boundedBody
	files  fileTaker
	taken  int // files
}

// addPart takes in a part. Browsers send an empty file without a name where
// none was chosen; it counts as an empty value.
func (d *multipartDecoder) addPart(part *multipart.Part) error {
	if part.FileName() != "" {
		return d.addFile(part)
	}
	d.fields.r = part
	value, err := readBody(&d.fields)
	if err != nil {
		return err
	}
	return d.form.add(part.FormName(), value)
}

func (d *multipartDecoder) addFile(part *multipart.Part) error {
	property, _, ok := splitName(part.FormName())
	if !ok || !slices.Contains(fileProperties, property) {
		return invalid("A file can be sent as photo, video or audio.")
	}
	if d.taken++; d.taken > maxFiles {
		return invalid("The request has more than %d files.", maxFiles)
	}
	if d.taken == 1 {
		token, err := oneToken(d.form.lists()["access_token"])
		if err != nil {
			return err
		}
		more, err := d.files.admit(token)
		if err != nil {
			return err
		}
		d.body.left += more
	}
	path, err := d.files.take(part)
	if err != nil {
		return err
	}
	return d.form.add(part.FormName(), path)
}
