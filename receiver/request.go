package receiver

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"starpunk/site"
	"starpunk/site/store/upload"
)

// A request is one decoded Micropub POST. It has the same shape for all three
// encodings and all spellings of clients.
type request struct {
	Token  string // access_token of a form (RFC 6750 §2.2)
	Action string // "create" if the client sends none
	Type   string // of the microformats2 object, without "h-": "entry"
	URL    string // of the note, for all actions except create
	Update update // the changes of the action "update"

	// Properties holds the properties of the note, in the shape that
	// [site.Note.Properties] documents, without empty values. Texts for photos
	// (mp-photo-alt) are part of their photos.
	Properties map[string][]any

	// Commands holds the instructions for the server: mp-slug and its like
	// (Micropub §2.4), under their full names.
	Commands map[string][]any

	// Uploads are the files of the request. Their paths are among the
	// properties. They are not kept yet.
	Uploads []*upload.Upload
}

// A fileReceiver receives the files of a multipart request as they arrive.
type fileReceiver interface {
	// allow returns the number of bytes that files may have, or an error if the
	// request may have no files. token is the access_token in the body so far.
	allow(token string) (bytes int64, err error)
	// receive reads one file and returns the path that it will have on the
	// site.
	receive(file io.Reader) (path string, err error)
}

// decodeRequest reads a body of the given Content-Type. Its errors are of type
// [*Error], except those of files, and quote nothing of the body. With an
// error, the request contains only the token, if the whole body was searched
// for one: an error about the token takes precedence over other errors.
func decodeRequest(contentType string, body io.Reader, files fileReceiver) (*request, error) {
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		mediaType = ""
	}
	bounded := &boundedBody{r: body, left: maxBodyBytes}
	switch mediaType {
	case "application/x-www-form-urlencoded":
		return decodeForm(bounded)
	case "multipart/form-data":
		return decodeMultipart(bounded, parameters["boundary"], files)
	case "application/json":
		return decodeJSON(bounded)
	}
	return nil, unsupportedMedia("The Content-Type of the request must be application/json, application/x-www-form-urlencoded or multipart/form-data.")
}

// readBody reads a whole body as text.
func readBody(body io.Reader) (string, error) {
	data, err := io.ReadAll(body)
	if err != nil {
		return "", bodyError(err)
	}
	if !utf8.Valid(data) {
		return "", invalid("The body is not UTF-8.")
	}
	return string(data), nil
}

// bodyError returns the response for an error while a body is read.
func bodyError(err error) *Error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		e := invalid("The request is larger than 1 MiB.")
		e.Status = http.StatusRequestEntityTooLarge
		return e
	}
	e := invalid("The body cannot be read to its end.")
	e.Err = err
	return e
}

// newRequest separates the properties of the note from the instructions for the
// server.
func newRequest(action string, sent map[string][]any) (*request, error) {
	if err := checkBounds(sent); err != nil {
		return nil, err
	}
	r := &request{
		Action: cmp.Or(action, "create"), Type: "entry",
		Properties: map[string][]any{}, Commands: map[string][]any{},
	}
	if r.Action != "create" {
		r.URL = firstText(sent["url"])
	}
	sent = canonicalNames(sent)
	for name, values := range sent {
		switch {
		case name == "access_token": // the token of a form was read before; a token is never stored
		case name == "slug", name == "mp-slug": // see setSlug
		case strings.HasPrefix(name, "mp-"):
			r.Commands[name] = values
		default:
			r.Properties[name] = values
		}
	}
	r.setSlug(sent)
	describePhotos(r.Properties["photo"], r.Commands["mp-photo-alt"])
	dropEmpty(r.Properties)
	normalizeTexts(r.Properties)
	return r, nil
}

// canonicalNames returns the lists under the canonical names of their
// properties. Values of several spellings of one name form one list; the values
// of the canonical spelling come first.
func canonicalNames(sent map[string][]any) map[string][]any {
	all := make(map[string][]any, len(sent))
	for _, spelling := range slices.Sorted(maps.Keys(sent)) {
		name := site.PropertyName(spelling)
		if name == spelling {
			all[name] = append(append([]any{}, sent[name]...), all[name]...)
		} else {
			all[name] = append(append([]any{}, all[name]...), sent[spelling]...)
		}
	}
	return all
}

// dropEmpty removes empty values, and the lists that are empty then.
func dropEmpty(lists map[string][]any) {
	for name, values := range lists {
		if values = site.WithoutEmptyValues(values); len(values) > 0 {
			lists[name] = values
		} else {
			delete(lists, name)
		}
	}
}

// setSlug uses mp-slug or, if that is missing or empty, slug, which some
// clients send.
func (r *request) setSlug(sent map[string][]any) {
	for _, name := range []string{"mp-slug", "slug"} {
		if firstText(sent[name]) != "" {
			r.Commands["mp-slug"] = sent[name]
			return
		}
	}
}

var rootName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

// setType sets the type from "h-entry", or from "entry" as in forms.
func (r *request) setType(parameter, s string) error {
	if s == "" {
		return nil
	}
	s = strings.TrimPrefix(s, "h-")
	if !rootName.MatchString(s) {
		return invalid("%s must be the name of a microformats2 object such as h-entry.", parameter)
	}
	r.Type = s
	return nil
}

// describePhotos adds to each photo its text, which clients send in a separate
// list. An empty text belongs to a photo without one.
func describePhotos(photos, texts []any) {
	for i, alt := range texts {
		text, _ := alt.(string)
		if i >= len(photos) || text == "" {
			continue
		}
		switch photo := photos[i].(type) {
		case string:
			if photo != "" {
				photos[i] = map[string]any{"value": photo, "alt": text}
			}
		case map[string]any:
			if site.IsEmptyValue(photo["alt"]) {
				photo["alt"] = text
			}
		}
	}
}

// firstText returns the first value that is a text, or "".
func firstText(values []any) string {
	for _, v := range values {
		if s := site.ScalarText(v); s != "" {
			return s
		}
	}
	return ""
}
