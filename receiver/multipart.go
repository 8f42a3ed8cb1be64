package receiver

import (
	"cmp"
	"io"
	"mime/multipart"
	"slices"
	"strings"

	"starpunk/site"
)

// fileProperties are the properties as which a file may be sent (Micropub
// §3.3).
var fileProperties = []string{"photo", "video", "audio"}

// fileNames are the names under which some apps send a file of any kind. The
// content of the file determines the property.
var fileNames = []string{"file", "files", "media", "image"}

// fileProperty returns the property for a file that was sent under a name and
// has been received at a path, whose extension shows its type. A picture must
// be a photo, and only a picture can be one. Some containers hold either video
// or audio.
func fileProperty(name, path string) string {
	kind, _, _ := strings.Cut(site.MediaType(path), "/")
	property := map[string]string{"image": "photo", "video": "video", "audio": "audio"}[kind]
	if slices.Contains(fileProperties, name) && (property == "" || (name == "photo") == (property == "photo")) {
		return name
	}
	return cmp.Or(property, "photo")
}

// decodeMultipart reads a multipart/form-data request (RFC 7578), part by part.
// A file becomes the path that it will have on the site.
func decodeMultipart(body *boundedBody, boundary string, files fileReceiver) (*request, error) {
	if boundary == "" {
		return nil, errNoBoundary()
	}
	d := &multipartDecoder{
		form:   form{properties: map[string]*formList{}},
		fields: boundedBody{left: maxBodyBytes},
		body:   body, files: files,
	}
	parts := multipart.NewReader(body, boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF { // a wrapped io.EOF means that the body was cut off
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
	fields boundedBody // limits all parts without a file together
	body   *boundedBody
	files  fileReceiver
	count  int // of files
}

// addPart adds a part to the form. If the user chose no file, browsers send an
// empty file without a name, which counts as an empty value.
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
	name, brackets, ok := splitName(part.FormName())
	name = site.PropertyName(name)
	if !ok || !slices.Contains(fileProperties, name) && !slices.Contains(fileNames, name) {
		return invalid("A file must be sent as photo, video or audio.")
	}
	if d.count++; d.count > maxFiles {
		return invalid("The request has more than %d files.", maxFiles)
	}
	if d.count == 1 {
		token, err := oneToken(d.form.lists()["access_token"])
		if err != nil {
			return err
		}
		more, err := d.files.allow(token)
		if err != nil {
			return err
		}
		d.body.left += more
	}
	path, err := d.files.receive(part)
	if err != nil {
		return err
	}
	return d.form.add(joinName(fileProperty(name, path), brackets), path)
}
