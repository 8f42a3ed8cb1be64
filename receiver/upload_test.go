package receiver_test

import (
	"bytes"
	"encoding/hex"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// gps stands for data that must not be published.
const gps = "GPS 52.5200 13.4050"

// photo returns a JPEG with private data in an EXIF segment and in a comment.
func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4)), nil); err != nil {
		t.Fatal(err)
	}
	segment := func(marker byte, data string) string {
		return string([]byte{0xff, marker, byte((len(data) + 2) >> 8), byte(len(data) + 2)}) + data
	}
	plain := b.String()
	return []byte(plain[:2] + segment(0xe1, "Exif\x00\x00"+gps) + segment(0xfe, gps) + plain[2:] + "<script>" + gps)
}

func pixel(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upload sends a file to the media endpoint.
func (w *world) upload(token, field, name string, data []byte) *response {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile(field, name)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return w.postMedia(token, form.FormDataContentType(), &body)
}

func (w *world) postMedia(token, contentType string, body io.Reader) *response {
	w.t.Helper()
	req, err := http.NewRequest("POST", w.URL+"/micropub/media", body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := w.Client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return &response{res, string(data)}
}

func TestAnUploadIsLiveBeforeTheResponse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	w.watch()
	res := w.upload("create", "file", "../../holiday.png", photo(t))
	path, ok := strings.CutPrefix(res.Header.Get("Location"), "https://example.org/media/")
	if res.StatusCode != 201 || !ok || !strings.HasSuffix(path, ".jpg") || !strings.Contains(res.body, path) {
		t.Fatalf("%d, Location %q, %s", res.StatusCode, res.Header.Get("Location"), res.body)
	}
	if sum, _, _ := strings.Cut(filepath.Base(path), "."); len(sum) != 64 || !strings.HasPrefix(path, sum[:2]+"/") {
		t.Errorf("the name %s is not a hash", path)
	} else if _, err := hex.DecodeString(sum); err != nil {
		t.Error(err)
	}
	public, err := os.ReadFile(filepath.Join(w.cfg.Build.Output, "media", filepath.FromSlash(path)))
	if err != nil {
		t.Fatalf("the site does not have it: %v", err)
	}
	if bytes.Contains(public, []byte("GPS")) {
		t.Error("the published file contains its location")
	}
	if _, err := jpeg.Decode(bytes.NewReader(public)); err != nil {
		t.Error(err)
	}

	second := w.upload("media", "file", "other.jpg", photo(t))
	if second.StatusCode != 201 || second.Header.Get("Location") != res.Header.Get("Location") {
		t.Errorf("the same file again: %d, Location %q", second.StatusCode, second.Header.Get("Location"))
	}
	if files := w.mediaFiles(); len(files) != 1 {
		t.Errorf("media/ holds %q", files)
	}
}

func TestAnUploadIsStoredWithoutAWatcher(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	if res := w.upload("update", "file", "a.png", pixel(t)); res.StatusCode != 201 || len(w.mediaFiles()) != 1 {
		t.Errorf("%d %s; media/ holds %q", res.StatusCode, res.body, w.mediaFiles())
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{config: "[receiver]\nmax_upload = \"20KiB\"\n"})
	html := "<!doctype html><script>alert(1)</script>"
	for _, tc := range []struct {
		name, token, field string
		data               string
		status             int
		want               string
	}{
		{"without a token", "", "file", string(pixel(t)), 401, "unauthorized"},
		{"without a token and in another part", "", "photo", string(pixel(t)), 401, "unauthorized"},
		{"with a token without a scope of Micropub", "profile", "file", string(pixel(t)), 403, "insufficient_scope"},
		{"with a token for deletes only", "undelete", "file", string(pixel(t)), 403, "insufficient_scope"},
		{"in another part", "media", "photo", string(pixel(t)), 400, "no part named"},
		{"a web page that is called a picture", "media", "file", html, 415, "not accepted"},
		{"an SVG, which may contain scripts", "media", "file", `<svg xmlns="http://www.w3.org/2000/svg"/>`, 415, "not accepted"},
		{"a HEIC picture", "media", "file", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", 415, "Most Compatible"},
		{"an empty file", "media", "file", "", 415, "not accepted"},
		{"a truncated picture", "media", "file", string(pixel(t)[:40]), 400, "damaged"},
		{"a file that is too large", "media", "file", string(pixel(t)) + strings.Repeat("x", 20<<10), 413, "too large"},
		{"a body that is far too large", "media", "other", strings.Repeat("x", 2<<20), 413, "too large"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := w.in(t)
			res := w.upload(tc.token, tc.field, "picture.png", []byte(tc.data))
			if res.StatusCode != tc.status || !strings.Contains(res.body, tc.want) {
				t.Errorf("%d %s, want %d with %q", res.StatusCode, res.body, tc.status, tc.want)
			}
		})
	}
	for contentType, status := range map[string]int{"application/json": 415, "image/png": 415, formType: 415, "": 415, "multipart/form-data": 400} {
		res := w.postMedia("media", contentType, strings.NewReader("{}"))
		if res.StatusCode != status || !strings.Contains(res.body, "The Content-Type ") {
			t.Errorf("as %q: %d %s, want %d", contentType, res.StatusCode, res.body, status)
		}
	}
	for body, status := range map[string]int{"x=1": 401, "a[=1": 401, "access_token=wrong": 403, "access_token=media": 415, "a[=1&access_token=media": 415} {
		if res := w.postMedia("", formType, strings.NewReader(body)); res.StatusCode != status {
			t.Errorf("the form %s: %d %s, want %d", body, res.StatusCode, res.body, status)
		}
	}
	if res := w.postMedia("", "multipart/form-data", strings.NewReader("x")); res.StatusCode != 401 {
		t.Errorf("without a token and a boundary: %d %s", res.StatusCode, res.body)
	}
	cut := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n" + string(pixel(t))
	if res := w.postMedia("media", "multipart/form-data; boundary=b", strings.NewReader(cut)); res.StatusCode != 400 {
		t.Errorf("a body without an end: %d %s", res.StatusCode, res.body)
	}
	if res := w.postMedia("media", "multipart/form-data; boundary=b", strings.NewReader(cut+"\r\n--b")); res.StatusCode != 400 {
		t.Errorf("a body that ends after the file: %d %s", res.StatusCode, res.body)
	}
	many := strings.Repeat("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n", 100) + "--b--\r\n"
	if res := w.postMedia("media", "multipart/form-data; boundary=b", strings.NewReader(many)); res.StatusCode != 400 || !strings.Contains(res.body, "more than 20 parts") {
		t.Errorf("a hundred parts: %d %s", res.StatusCode, res.body)
	}
	if files := w.mediaFiles(); len(files) > 0 {
		t.Errorf("media/ holds %q", files)
	}
	left, err := filepath.Glob(filepath.Join(w.cfg.LockDir(), "upload-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %q, %v", left, err)
	}
}

func TestAnUploadMayHaveItsTokenBeforeItsFile(t *testing.T) {
	t.Parallel()
	file := part{"file", "a.png", string(pixel(t))}
	token := func(s string) part { return part{name: "access_token", data: s} }
	for _, tc := range []struct {
		name, header string
		parts        []part
		status       int
	}{
		{"in the body", "", []part{token("media"), file}, 201},
		{"the same token twice", "media", []part{token("media"), file}, 201},
		{"the same token after the file", "media", []part{file, token("media")}, 201},
		{"another token after the file", "media", []part{file, token("create")}, 400},
		{"different tokens before and after the file", "", []part{token("media"), file, token("create")}, 400},
		{"two different ones before the file", "", []part{token("create"), token("media"), file}, 400},
		{"a very long token after the file", "media", []part{file, token(strings.Repeat("x", 2<<20))}, 413},
		{"no token, and other fields and files after the file", "media", []part{file, {name: "x", data: "y"}, {"other", "b.png", string(pixel(t))}, {"file", "c.jpg", string(photo(t))}}, 201},
		{"two different ones", "media", []part{token("create"), file}, 400},
		{"a token after the file only", "", []part{file, token("media")}, 401},
		{"a token without the scope", "", []part{token("undelete"), file}, 403},
		{"an invalid token", "", []part{token("wrong"), file}, 403},
		{"without a file", "", []part{token("media")}, 400},
		{"a token without the scope, and no file", "", []part{token("undelete")}, 403},
		{"an invalid token, and no file", "", []part{token("wrong")}, 403},
		{"two different tokens, and no file", "media", []part{token("create")}, 400},
		{"an empty token, and no file", "", []part{token("")}, 401},
		{"no token, and many parts", "", slices.Repeat([]part{{name: "x"}}, 50), 401},
		{"a very long token", "", []part{token(strings.Repeat("x", 2<<20)), file}, 413},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, setting{})
			contentType, body := multipartBody(t, tc.parts...)
			res := w.postMedia(tc.header, contentType, strings.NewReader(body))
			if res.StatusCode != tc.status || (len(w.mediaFiles()) == 1) != (tc.status == 201) {
				t.Errorf("%d %s; media/ holds %q", res.StatusCode, res.body, w.mediaFiles())
			}
		})
	}
}

func TestStrictBearerRefusesASecondTokenOfAnUpload(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{config: "[receiver]\nstrict_bearer = true\n"})
	file, token := part{"file", "a.png", string(pixel(t))}, part{name: "access_token", data: "media"}
	for _, parts := range [][]part{{token, file}, {file, token}} {
		contentType, body := multipartBody(t, parts...)
		if res := w.postMedia("media", contentType, strings.NewReader(body)); res.StatusCode != 400 || len(w.mediaFiles()) > 0 {
			t.Errorf("%s first: %d %s; media/ holds %q", parts[0].name, res.StatusCode, res.body, w.mediaFiles())
		}
	}
}
