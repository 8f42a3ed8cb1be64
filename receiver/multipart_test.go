package receiver_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// A part is one part of a multipart body. It is a file if it has a file name.
type part struct{ name, file, data string }

// multipartBody returns parts with a new boundary.
func multipartBody(t *testing.T, parts ...part) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for _, p := range parts {
		create := form.CreateFormField
		if p.file != "" {
			create = func(name string) (io.Writer, error) { return form.CreateFormFile(name, p.file) }
		}
		field, err := create(p.name)
		if err == nil {
			_, err = field.Write([]byte(p.data))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return form.FormDataContentType(), b.String()
}

func TestANoteWithItsPhotosInOneRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	w.watch()
	contentType, body := multipartBody(t,
		part{name: "h", data: "entry"}, part{name: "content", data: "At the harbour"},
		part{"photo[]", "IMG_0001.HEIC", string(photo(t))}, part{"photo[]", "b.png", string(pixel(t))},
		part{name: "mp-photo-alt[]", data: "Boats"}, part{name: "mp-photo-alt[]"})
	res := w.post("create", contentType, body)
	if res.StatusCode != 201 {
		t.Fatalf("%d %s", res.StatusCode, res.body)
	}
	n := w.note(res.Header.Get("Location"))
	photos := n.Properties["photo"]
	if len(photos) != 2 {
		t.Fatalf("the note has the photos %v", photos)
	}
	first, _ := photos[0].(map[string]any)
	second, _ := photos[1].(string)
	jpg, _ := first["value"].(string)
	if first["alt"] != "Boats" || !strings.HasSuffix(jpg, ".jpg") || !strings.HasSuffix(second, ".png") {
		t.Errorf("the note has the photos %v", photos)
	}
	for _, path := range []string{jpg, second} {
		kept, err := os.ReadFile(filepath.Join(w.cfg.Root, filepath.FromSlash(path)))
		if err != nil {
			t.Fatal(err)
		}
		public, err := os.ReadFile(filepath.Join(w.cfg.Build.Output, filepath.FromSlash(path)))
		if err != nil || !bytes.Equal(kept, public) || bytes.Contains(public, []byte("GPS")) {
			t.Errorf("%s on the site: %d bytes, %v; want the stored file, without its location", path, len(public), err)
		}
	}
	page, err := os.ReadFile(filepath.Join(w.cfg.Build.Output, "2026/11/at-the-harbour/index.html"))
	if err != nil || !strings.Contains(string(page), jpg) || !strings.Contains(string(page), second) {
		t.Errorf("the page does not show both photos: %v", err)
	}
}

func TestTheContentOfAFileDeterminesItsProperty(t *testing.T) {
	t.Parallel()
	clip, err := os.ReadFile("../generator/testdata/trial/static/clip.webm")
	if err != nil {
		t.Fatal(err)
	}
	picture, film := string(pixel(t)), string(clip)
	sound := strings.Repeat("\xff\xfb\x90\x00"+strings.Repeat("a", 413), 4) // frames of an MP3
	for _, tc := range []struct {
		name  string
		parts []part
		want  map[string]int // values of each property
	}{
		{"a picture alone", []part{{"file", "a.bin", picture}}, map[string]int{"photo": 1}},
		{"a video alone", []part{{"file", "a.jpg", film}}, map[string]int{"video": 1}},
		{"a sound alone", []part{{"file", "song", sound}}, map[string]int{"audio": 1}},
		{"a list", []part{{"file[]", "a", picture}, {"file[]", "b", film}}, map[string]int{"photo": 1, "video": 1}},
		{"numbered, with a text", []part{{"file[0]", "a", picture}, {name: "mp-photo-alt[0]", data: "A"}, {name: "content", data: "x"}}, map[string]int{"photo": 1}},
		{"other names", []part{{"files[]", "a", picture}, {"media", "b", film}}, map[string]int{"photo": 1, "video": 1}},
		{"a photo alone", []part{{"photo[]", "a.png", picture}}, map[string]int{"photo": 1}},
		{"a video that is sent as a photo", []part{{"photo", "a.png", film}}, map[string]int{"video": 1}},
		{"a picture that is sent as a video", []part{{"video", "a.mp4", picture}}, map[string]int{"photo": 1}},
		{"a video container with sound only", []part{{"audio", "a.webm", film}}, map[string]int{"audio": 1}},
		{"with a type and empty fields", []part{{name: "h", data: "entry"}, {name: "content"}, {"file", "a", picture}}, map[string]int{"photo": 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{})
			contentType, body := multipartBody(t, tc.parts...)
			res := w.post("create", contentType, body)
			if res.StatusCode != 202 {
				t.Fatalf("%d %s", res.StatusCode, res.body)
			}
			n := w.note(res.Header.Get("Location"))
			got := map[string]int{}
			for property, values := range n.Properties {
				got[property] = len(values)
			}
			if !reflect.DeepEqual(got, tc.want) || tc.want[n.PostType()] == 0 {
				t.Errorf("a %s with %v, want %v", n.PostType(), n.Properties, tc.want)
			}
		})
	}
}

func TestFilesOfARefusedNoteAreNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{config: "[receiver]\nmax_upload = \"20KiB\"\n"})
	content, picture := part{name: "content", data: "x"}, part{"photo", "a.png", string(pixel(t))}
	token := part{name: "access_token", data: "create"}
	for _, tc := range []struct {
		name, token string
		parts       []part
		status      int
		want        string
	}{
		{"without a token", "", []part{content, picture}, 401, "before the files"},
		{"with the token after the file", "", []part{content, picture, token}, 401, "before the files"},
		{"with two tokens", "all", []part{token, content, picture}, 400, "send it once"},
		{"with an invalid token", "wrong", []part{content, picture}, 403, "re-authorize"},
		{"with a token for uploads only", "media", []part{content, picture}, 403, "insufficient_scope"},
		{"a web page that is called a picture", "all", []part{content, {"photo", "a.png", "<!doctype html><script>alert(1)</script>"}}, 415, "not accepted"},
		{"a good file before a bad one", "all", []part{content, picture, {"photo", "a.svg", "<svg/>"}}, 415, "not accepted"},
		{"a good file before a date that cannot be parsed", "all", []part{picture, {name: "published", data: "yesterday"}}, 400, "published"},
		{"a good file before a different token", "all", []part{picture, token}, 400, "send it once"},
		{"a file for another property", "all", []part{{"name", "a.png", string(pixel(t))}}, 400, "photo, video or audio"},
		{"more bytes than are allowed", "all", []part{{"photo", "a.png", string(pixel(t)) + strings.Repeat("x", 20<<10)}}, 413, "too large"},
		{"an update", "all", []part{{name: "action", data: "update"}, {name: "url", data: "https://example.org/x/"}, picture}, 400, "JSON"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			contentType, body := multipartBody(t, tc.parts...)
			res := w.post(tc.token, contentType, body)
			if res.StatusCode != tc.status || !strings.Contains(res.body, tc.want) {
				t.Errorf("%d %s, want %d with %q", res.StatusCode, res.body, tc.status, tc.want)
			}
			if notes, files := w.notes(), w.mediaFiles(); len(notes)+len(files) > 0 {
				t.Errorf("content/ holds %q, media/ %q", notes, files)
			}
		})
	}
	contentType, body := multipartBody(t, token, content, picture)
	if res := w.post("", contentType, body); res.StatusCode != 202 || len(w.mediaFiles()) != 1 {
		t.Errorf("with the token before the file: %d %s", res.StatusCode, res.body)
	}
}

func TestARepeatedRequestCreatesOneNote(t *testing.T) {
	t.Parallel()
	request := func(t *testing.T) (contentType, body string) { // with a new boundary each time
		return multipartBody(t, part{name: "content", data: "Twice"}, part{name: "category[]", data: "a"}, part{"photo", "a.png", string(pixel(t))}, part{name: "mp-photo-alt", data: "A"})
	}
	for _, tc := range []struct {
		name   string
		second func(w *world) *response
		notes  int
	}{
		{"with the same body", func(w *world) *response { return w.postAgain("all", request) }, 1},
		{"in another encoding", func(w *world) *response {
			return w.post("all", jsonType, fmt.Sprintf(`{"properties":{"content":["Twice"],"category":["a"],"photo":[{"value":"/media/%s","alt":"A"}]}}`, w.onlyMedia()))
		}, 1},
		{"with an empty command", func(w *world) *response {
			return w.postAgain("all", func(t *testing.T) (contentType, body string) {
				contentType, body = request(t)
				first, rest, _ := strings.Cut(body, "\r\n")
				return contentType, first + "\r\nContent-Disposition: form-data; name=\"mp-syndicate-to[]\"\r\n\r\n\r\n" + first + "\r\n" + rest
			})
		}, 1},
		{"to another process", func(w *world) *response {
			st := w.openStore()
			if err := st.Scan(w.t.Context()); err != nil {
				w.t.Fatal(err)
			}
			w.Config.Handler = w.receiver(st).Handler()
			return w.postAgain("all", request)
		}, 1},
		{"by another app", func(w *world) *response { return w.postAgain("create", request) }, 2},
		{"with one more tag", func(w *world) *response { return w.post("all", formType, "content=Twice&category[]=a&category[]=b") }, 2},
		{"with a slug", func(w *world) *response {
			contentType, body := request(w.t)
			return w.post("all", contentType, strings.Replace(body, `name="category[]"`, `name="mp-slug"`, 1))
		}, 2},
		{"after an edit of the note", func(w *world) *response {
			name := filepath.Join(w.cfg.ContentDir(), "notes/2026/11/22-twice.md")
			data, err := os.ReadFile(name)
			if err != nil {
				w.t.Fatal(err)
			}
			writeFile(w.t, name, string(data)+"More.\n")
			return w.postAgain("all", request)
		}, 2},
		{"after the note was deleted", func(w *world) *response {
			w.post("all", formType, "action=delete&url=https://example.org/2026/11/twice/")
			return w.postAgain("all", request)
		}, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{})
			first := w.postAgain("all", request)
			second := tc.second(w)
			if first.StatusCode != 202 || second.StatusCode != 202 {
				t.Fatalf("%d %s, then %d %s", first.StatusCode, first.body, second.StatusCode, second.body)
			}
			same := first.Header.Get("Location") == second.Header.Get("Location") && first.body == second.body
			if notes := w.notes(); len(notes) != tc.notes || same != (tc.notes == 1) {
				t.Errorf("made %q at %s and %s", notes, first.Header.Get("Location"), second.Header.Get("Location"))
			}
		})
	}
}

func (w *world) postAgain(token string, request func(*testing.T) (contentType, body string)) *response {
	contentType, body := request(w.t)
	return w.post(token, contentType, body)
}

// onlyMedia returns the name of the only upload below media/.
func (w *world) onlyMedia() string {
	w.t.Helper()
	files := w.mediaFiles()
	if len(files) != 1 {
		w.t.Fatalf("media/ holds %q", files)
	}
	rel, err := filepath.Rel(w.cfg.MediaDir(), files[0])
	if err != nil {
		w.t.Fatal(err)
	}
	return filepath.ToSlash(rel)
}

// TestABodyThatIsTooLargeIsReadBeforeTheResponse: a proxy sends the whole body before
// it reads the response, and reports "bad gateway" if the connection is reset.
func TestABodyThatIsTooLargeIsReadBeforeTheResponse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{config: "[receiver]\nmax_upload = \"20KiB\"\n"})
	contentType, body := multipartBody(t, part{"file", "a.png", string(pixel(t)) + strings.Repeat("x", 12<<20)})
	conn, err := net.Dial("tcp", w.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /micropub/media HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer media\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", contentType, len(body), body)
	if err != nil {
		t.Fatalf("the connection was closed while the body was sent: %v", err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("the response is %d, want 413", res.StatusCode)
	}
}
