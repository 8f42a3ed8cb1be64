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
	"starpunk/site/store"
)

// A request is one Micropub POST, decoded: the same whichever of its three
// encodings it came in, and however the client spelled it.
type request struct {
	Token  string // access_token of a form (RFC 6750 §2.2)
	Action string // "create" where the client says nothing
	Type   string // of the microformats2 object, without "h-": "entry"
	URL    string // of the note that another action than create is about
	Update update // what the action "update" changes

	// Properties holds what belongs to the note, in the shape that
	// [site.Note.Properties] documents, without what [withoutEmpty] leaves out.
	// Texts for photos (mp-photo-alt) stand with their photos.
	Properties map[string][]any

	// Commands holds what is said to the server alone: mp-slug and its like
	// (Micropub §2.4), under their whole names.
	Commands map[string][]any

	// Uploads are the files that came with it, by the paths of which they stand
	// among the properties. They are not kept yet.
	Uploads []*store.Upload
}

// A fileTaker takes in the files of a multipart request as they are met.
type fileTaker interface {
	// admit says how many bytes of files may come, or that none may. token is
	// the access_token that the body had so far.
	admit(token string) (bytes int64, err error)
	// take reads one file and returns the path that it will have on the site.
	take(file io.Reader) (path string, err error)
}

// decodeRequest reads a body of the given Content-Type. Its errors are of type
// [*Error], but for those of files, and quote nothing of the body. With an error
// comes a request that has the token alone, where all of the body was searched
// for one: whose token it is goes before what is wrong with the rest.
func decodeRequest(contentType string, body io.Reader, files fileTaker) (*request, error) {
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

// bodyError sorts what can go wrong while a body is read.
func bodyError(err error) *Error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		e := invalid("The request is larger than 1 MiB.")
		e.Status = http.StatusRequestEntityTooLarge
		return e
	}
	e := invalid("The body can't be read to its end.")
	e.Err = err
	return e
}

// newRequest sorts what a client sent into what it says to whom.
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
	sent = named(sent)
	for name, values := range sent {
		switch {
		case name == "access_token": // a form's was taken before; it is never kept
		case name == "slug", name == "mp-slug": // see takeSlug
		case strings.HasPrefix(name, "mp-"):
			r.Commands[name] = values
		default:
			r.Properties[name] = values
		}
	}
	r.takeSlug(sent)
	describePhotos(r.Properties["photo"], r.Commands["mp-photo-alt"])
	dropEmpty(r.Properties)
	normalTexts(r.Properties)
	return r, nil
}

// named gives each property the name by which it is known. Values of several
// spellings of one name are one list; its own spelling takes precedence.
func named(sent map[string][]any) map[string][]any {
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

// dropEmpty leaves out what is empty, and the lists in which nothing is left.
func dropEmpty(lists map[string][]any) {
	for name, values := range lists {
		if values = site.WithoutEmptyValues(values); len(values) > 0 {
			lists[name] = values
		} else {
			delete(lists, name)
		}
	}
}

// takeSlug takes mp-slug or, where that is missing or empty, slug, as some
// clients call it.
func (r *request) takeSlug(sent map[string][]any) {
	for _, name := range []string{"mp-slug", "slug"} {
		if firstText(sent[name]) != "" {
			r.Commands["mp-slug"] = sent[name]
			return
		}
	}
}

var rootName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

// setType takes "h-entry", or "entry" as forms have it.
func (r *request) setType(parameter, s string) error {
	if s == "" {
		return nil
	}
	s = strings.TrimPrefix(s, "h-")
	if !rootName.MatchString(s) {
		return invalid("%s is not the name of a microformats2 object such as h-entry.", parameter)
	}
	r.Type = s
	return nil
}

// describePhotos gives each photo the text for it, which clients send as a
// list of its own; an empty one holds the place of a photo without.
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

// firstText is the first value that is a text, or "".
func firstText(values []any) string {
	for _, v := range values {
		if s := scalarText(v); s != "" {
			return s
		}
	}
	return ""
}
