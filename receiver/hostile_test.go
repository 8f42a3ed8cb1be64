package receiver_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"image"
	"image/color/palette"
	"image/gif"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"starpunk/receiver"
)

// files returns all files of the site's folder except databases and locks.
func (w *world) files() map[string]string {
	w.t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(w.cfg.Root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, ".starpunk/") && !strings.HasPrefix(d.Name(), "upload-") {
			return err
		}
		data, err := os.ReadFile(filepath.Join(w.cfg.Root, filepath.FromSlash(name)))
		files[name] = string(data)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return files
}

const partsType = "multipart/form-data; boundary=b"

// head returns the beginning of a request with the given Content-Length.
func head(path, contentType string, length int) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: example.org\r\nAuthorization: Bearer all\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", path, contentType, length)
}

func whole(path, contentType, body string) string {
	return head(path, contentType, len(body)) + body
}

// many joins formatted short names that are all different.
func many(n int, format, separator string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, "p"+strconv.FormatInt(int64(i), 36))
	}
	return strings.Join(all, separator)
}

func TestHostileRequestsWriteNothing(t *testing.T) {
	t.Parallel()
	const micropub, media = "/micropub", "/micropub/media"
	w := newWorld(t, setting{config: "[receiver]\nmax_upload = \"64KiB\"\n", files: map[string]string{"content/blog/hand.md": handWritten}})
	before := w.files()
	mebi := 10 << 20
	part := func(disposition, content string) string {
		return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n"
	}
	file := strings.TrimSuffix(part(`name="file"; filename="a.png"`, string(pixel(t))), "\r\n")
	update := func(url, members string) string {
		return whole(micropub, jsonType, fmt.Sprintf(`{"action":"update","url":%q,%s}`, url, members))
	}
	for _, tc := range []struct {
		name, request string
		status        int
	}{
		{"a form of 10 MB", whole(micropub, formType, "content="+strings.Repeat("x", mebi)), 413},
		{"a form of 10 MB of names", whole(micropub, formType, strings.Repeat("x&", mebi/2)), 413},
		{"JSON of 10 MB", whole(micropub, jsonType, `{"properties":{"content":["`+strings.Repeat("x", mebi)+`"]}}`), 413},
		{"10 MB of brackets", whole(micropub, jsonType, strings.Repeat("[", mebi)), 413},
		{"a part of 10 MB", whole(micropub, partsType, part(`name="content"`, strings.Repeat("x", mebi))+"--b--\r\n"), 413},
		{"10 MB before the first part", whole(micropub, partsType, strings.Repeat("x", mebi)+"\r\n"+part(`name="content"`, "x")+"--b--\r\n"), 400},
		{"an upload of 10 MB", whole(media, partsType, part(`name="file"; filename="a.png"`, string(pixel(t))+strings.Repeat("x", mebi))+"--b--\r\n"), 413},
		{"10 MB before the upload", whole(media, partsType, part(`name="x"`, strings.Repeat("x", mebi))+part(`name="file"; filename="a.png"`, string(pixel(t)))+"--b--\r\n"), 413},
		{"lists 10,000 levels deep", whole(micropub, jsonType, `{"properties":{"x":`+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)+`}}`), 400},
		{"objects 10,000 levels deep", whole(micropub, jsonType, `{"properties":{"x":`+strings.Repeat(`{"x":`, 10_000)+"1"+strings.Repeat("}", 10_000)+`}}`), 400},
		{"an update 10,000 levels deep", update(handURL, `"add":{"x":`+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)+`}`), 400},
		{"brackets 10,000 levels deep", whole(micropub, formType, "x"+strings.Repeat("[x]", 10_000)+"=1"), 400},
		{"100,000 properties in JSON", whole(micropub, jsonType, `{"properties":{`+many(100_000, `"%s":1`, ",")+`}}`), 400},
		{"100,000 properties in a form", whole(micropub, formType, many(100_000, "%s=1", "&")), 400},
		{"100,000 values in a form", whole(micropub, formType, strings.Repeat("x[]=1&", 100_000)), 400},
		{"100,000 nested properties", whole(micropub, jsonType, `{"properties":{"x":[{`+many(100_000, `"%s":1`, ",")+`}]}}`), 400},
		{"100,000 properties to delete", update(handURL, `"delete":[`+many(100_000, `"%s"`, ",")+`]`), 400},
		{"more than 1,000 parts", whole(micropub, partsType, strings.Repeat(part(`name="x"`, "1"), 1001)+"--b--\r\n"), 400},
		{"1,000 parts before the upload", whole(media, partsType, strings.Repeat(part(`name="x"`, "1"), 1000)+part(`name="file"; filename="a.png"`, string(pixel(t)))+"--b--\r\n"), 400},
		{"a part with 10,000 headers", whole(micropub, partsType, "--b\r\nContent-Disposition: form-data; name=x\r\n"+strings.Repeat("X: y\r\n", 10_001)+"\r\n1\r\n--b--\r\n"), 400},
		{"NUL in a form", whole(micropub, formType, "content=a%00b"), 400},
		{"NUL in the name of a property", whole(micropub, formType, "content=x&a%00=b"), 400},
		{"NUL in JSON", whole(micropub, jsonType, `{"properties":{"content":["a\u0000b"]}}`), 400},
		{"NUL in a nested value", whole(micropub, jsonType, `{"properties":{"x":[{"y":["a\u0000b"]}]}}`), 400},
		{"NUL in a part", whole(micropub, partsType, part("name=content", "a\x00b")+"--b--\r\n"), 400},
		{"NUL in a slug", whole(micropub, formType, "content=x&mp-slug=a%00.md"), 400},
		{"NUL in an update", update(handURL, `"add":{"category":["a\u0000b"]}`), 400},
		{"NUL in a header", strings.Replace(whole(micropub, formType, "content=x"), "Bearer", "Bea\x00rer", 1), 400},
		{"a line break in the name of a property", whole(micropub, formType, "content=x&a%0d%0alayout:%20x=b"), 400},
		{"an SVG with a script", whole(media, partsType, part(`name="file"; filename="a.png"`, `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)+"--b--\r\n"), 415},
		{"a page with the name of a picture", whole(media, partsType, part(`name="file"; filename="a.png"`, `<!doctype html><script>alert(1)</script>`)+"--b--\r\n"), 415},
		{"a script with the name of a picture", whole(media, partsType, part(`name="file"; filename="a.gif"`, `alert("GIF89a")`)+"--b--\r\n"), 415},
		{"a script that begins like a picture", whole(media, partsType, part(`name="file"; filename="a.gif"`, `GIF89a/*  */=1;alert(1)`)+"--b--\r\n"), 400},
		{"an SVG with a script in a note", whole(micropub, partsType, part("name=content", "x")+part(`name="photo"; filename="a.png"`, `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)+"--b--\r\n"), 415},
		{"a picture and a page in a note", whole(micropub, partsType, part(`name="photo[]"; filename="a.png"`, string(pixel(t)))+part(`name="photo[]"; filename="b.png"`, `<!doctype html><script>alert(1)</script>`)+"--b--\r\n"), 415},
		{"a picture and a date that cannot be parsed", whole(micropub, partsType, part(`name="photo"; filename="a.png"`, string(pixel(t)))+part("name=published", "soon")+"--b--\r\n"), 400},
		{"a picture as something else", whole(micropub, partsType, part(`name="content"; filename="a.png"`, string(pixel(t)))+"--b--\r\n"), 400},
		{"1,000 pictures in a note", whole(micropub, partsType, strings.Repeat(part(`name="photo[]"; filename="a.png"`, string(pixel(t))), 1000)+"--b--\r\n"), 400},
		{"a picture of 10 MB in a note", whole(micropub, partsType, part(`name="photo"; filename="a.png"`, string(pixel(t))+strings.Repeat("x", mebi))+"--b--\r\n"), 413},
		{"an upload with truncated chunks", strings.Replace(head(media, partsType, 0), "Content-Length: 0", "Transfer-Encoding: chunked", 1) + fmt.Sprintf("%x\r\n%s\r\nx\r\n", len(file), file), 400},
		{"an update outside of the site", update("https://example.org/../../../etc/passwd", `"add":{"category":["x"]}`), 400},
		{"an update of a file", update("https://example.org/../content/blog/hand.md", `"add":{"category":["x"]}`), 400},
		{"an update of an address with NUL", update(`https://example.org/2026/11/hand/`+"\x00", `"add":{"category":["x"]}`), 400},
		{"a delete outside of the site", whole(micropub, formType, "action=delete&url=https://example.org/%2e%2e/%2e%2e/etc/passwd"), 400},
		{"a negative length", head(micropub, formType, -1) + "content=x", 400},
		{"a length that is not a number", strings.Replace(whole(micropub, formType, "content=x"), "Length: 9", "Length: nine", 1), 400},
		{"two lengths", strings.Replace(whole(micropub, formType, "content=x"), "Length: 9", "Length: 9\r\nContent-Length: 8", 1), 400},
		{"a chunk without a length", strings.Replace(head(micropub, formType, 0), "Content-Length: 0", "Transfer-Encoding: chunked", 1) + "x\r\ncontent=x\r\n0\r\n\r\n", 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := w.in(t)
			if res := w.sendRaw(tc.request); res.StatusCode != tc.status || len(res.body) > 1000 {
				t.Errorf("%d %.2000s, want %d", res.StatusCode, res.body, tc.status)
			}
			if after := w.files(); !maps.Equal(after, before) {
				t.Errorf("it wrote: %q", after)
			}
		})
	}
}

// stream sends the beginning of a request and then calls send. It returns the
// response, or nil if the connection ended without one.
func (w *world) stream(listener net.Listener, begin string, send func(net.Conn) error) *response {
	w.t.Helper()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(conn, begin)
		sent <- cmp.Or(err, send(conn))
	}()
	res, _ := readResponse(conn, "POST") // an error means that there is no response
	_ = conn.Close()
	<-sent
	return res
}

func TestAnEndlessBodyIsRefused(t *testing.T) {
	t.Parallel()
	chunked := func(path, contentType string) string {
		return strings.Replace(head(path, contentType, 0), "Content-Length: 0", "Transfer-Encoding: chunked", 1)
	}
	chunk := "10000\r\n" + strings.Repeat("x", 1<<16) + "\r\n"
	forever := func(conn net.Conn) error {
		for {
			if _, err := io.WriteString(conn, chunk); err != nil {
				return err
			}
		}
	}
	w := newWorld(t, setting{config: "[receiver]\nmax_upload = \"64KiB\"\n"})
	before := w.files()
	file := "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n" + string(pixel(t))
	for name, begin := range map[string]string{
		"form":   chunked("/micropub", formType) + "8\r\ncontent=\r\n",
		"json":   chunked("/micropub", jsonType) + "1d\r\n{\"properties\":{\"content\":[\"he\r\n",
		"upload": chunked("/micropub/media", partsType) + fmt.Sprintf("%x\r\n%s\r\n", len(file), file),
	} {
		t.Run(name, func(t *testing.T) {
			w := w.in(t)
			if res := w.stream(w.Listener, begin, forever); res == nil || res.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("the response is %v, want 413", res)
			}
			if after := w.files(); !maps.Equal(after, before) {
				t.Errorf("it wrote: %q", after)
			}
		})
	}
}

// TestAnEndlessHeaderIsCutOff checks that connections which send their header byte
// by byte, or nothing, are closed after a timeout.
func TestAnEndlessHeaderIsCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	server := receiver.NewServer(w.receiver(w.store).Handler(), 0, w.log.Logger())
	server.ReadHeaderTimeout, server.IdleTimeout = 200*time.Millisecond, 200*time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	for name, begin := range map[string]string{
		"a header":                 "POST /micropub HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		"a first line":             "GET /",
		"a second request":         "GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /hea",
		"a length of many headers": "GET /health HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-A: b\r\n", 100),
	} {
		t.Run(name+" byte by byte", func(t *testing.T) {
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, err = io.WriteString(conn, begin)
			for ; err == nil; time.Sleep(20 * time.Millisecond) { // until the server closes the connection
				_, err = io.WriteString(conn, "x")
			}
		})
	}
	t.Run("silence after an answer", func(t *testing.T) {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		_, _ = io.ReadAll(conn) // until the server closes the connection
	})
}

// TestAWrongLength: if the announced length is longer than the body, the server
// waits until the client disconnects or the request times out.
func TestAWrongLength(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	before := w.files()
	server := receiver.NewServer(w.receiver(w.store).Handler(), 0, w.log.Logger())
	server.ReadTimeout = 300 * time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	for _, tc := range []struct{ name, contentType, body string }{
		{"a form", formType, "content=Hello"},
		{"JSON", jsonType, `{"properties":{"content":["Hello"]}}`},
		{"multipart", partsType, "--b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nHello"},
	} {
		begin := head("/micropub", tc.contentType, len(tc.body)+10) + tc.body
		t.Run(tc.name+", then the end of the stream", func(t *testing.T) {
			w := w.in(t)
			if res := w.stream(listener, begin, func(conn net.Conn) error { return conn.(*net.TCPConn).CloseWrite() }); res != nil && res.StatusCode != 400 {
				t.Errorf("%d, want 400", res.StatusCode)
			}
		})
		t.Run(tc.name+", then silence", func(t *testing.T) {
			w := w.in(t)
			if res := w.stream(listener, begin, func(net.Conn) error { return nil }); res != nil && res.StatusCode != 400 {
				t.Errorf("%d, want 400", res.StatusCode)
			}
		})
	}
	t.Run("byte by byte", func(t *testing.T) {
		w := w.in(t)
		res := w.stream(listener, head("/micropub", formType, 1000)+"content=", func(conn net.Conn) error {
			for {
				if _, err := io.WriteString(conn, "x"); err != nil {
					return err
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
		if res != nil && res.StatusCode != 400 {
			t.Errorf("%d, want 400", res.StatusCode)
		}
	})
	if after := w.files(); !maps.Equal(after, before) {
		t.Errorf("a truncated request became %q", after)
	}

	// A body longer than its announced length is cut; the rest is an invalid request.
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, head("/micropub", formType, len("content=Hello"))+"content=Hello%20world\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answers, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answers), "HTTP/1.1 202 ") || !strings.Contains(string(answers), "HTTP/1.1 400 ") {
		t.Errorf("the responses are\n%s\n%v", answers, err)
	}
	if note := w.note("https://example.org/2026/11/hello/"); note.Content != "Hello" {
		t.Errorf("the note is %q", note.Content)
	}
}

// TestASlugIsNeverAPath checks that no slug of a client leads out of the folder of
// its notes.
func TestASlugIsNeverAPath(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	file := regexp.MustCompile(`^notes/2026/11/22-[\p{L}\p{N}-]{1,80}\.md$`)
	address := regexp.MustCompile(`^https://example\.org/2026/11/[\w%-]{1,300}/$`)
	slugs := []string{
		"../../../etc/passwd", "/etc/passwd", `..\..\windows`, "C:\\x", ".", "..", "....//....//x", "%2e%2e%2f%2e%2e%2fx", "..%c0%af..%c0%afx",
		".git/config", ".htaccess", "index.html", "feed.xml", "a/b/c", "a//b", "~root", "$HOME", "`id`", "$(id)", "; rm -rf .", "|id", "*", "-rf",
		"x\r\nSet-Cookie: a=b", "x\nlayout: evil", "x\r\n\r\n<script>alert(1)</script>", "\u202egnp.exe", "\u2024\u2024\uff0fx", "CON", "nul.md", "a.md", "note.md/",
		"---", "\t", "\u2028", "e\u0301", strings.Repeat("a", 5000), strings.Repeat("../", 2000) + "etc/passwd", "<script>", "\"onload=\"", "javascript:alert(1)",
	}
	for i, slug := range slugs {
		form := fmt.Sprintf(`{"properties":{"content":["Note %d"],"mp-slug":[%s]}}`, i, jsonString(slug))
		res := w.post("all", jsonType, form)
		if res.StatusCode != http.StatusAccepted || !address.MatchString(res.Header.Get("Location")) || len(res.Cookies()) > 0 {
			t.Errorf("%.40q: %d, Location %q, %s", slug, res.StatusCode, res.Header.Get("Location"), res.body)
		}
	}
	if notes := w.notes(); len(notes) != len(slugs) {
		t.Errorf("%d notes became %d files", len(slugs), len(notes))
	}
	for name := range w.files() {
		if rest, ok := strings.CutPrefix(name, "content/"); !ok || !file.MatchString(rest) {
			t.Errorf("it wrote %q", name)
		}
	}
	first := "https://example.org/2026/11/etc-passwd/"
	for i, slug := range slugs {
		res := w.send("all", "update", first, fmt.Sprintf(`"replace":{"mp-slug":[%s]}`, jsonString(slug)))
		if location := res.Header.Get("Location"); res.StatusCode >= 300 || location != "" && !address.MatchString(location) {
			t.Errorf("moved to %.40q: %d, Location %q, %s", slug, res.StatusCode, location, res.body)
		}
		if i > 20 {
			break // each redirect is a row of the database; a few are enough
		}
	}
	for _, query := range []string{"..%2f..%2fetc%2fpasswd", "file:///etc/passwd", "https://example.org/%2e%2e/%2e%2e/starpunk.toml", "https://example.org/2026/11/etc-passwd/../../../content/x%00"} {
		if res := w.get("all", "q=source&url="+query); res.StatusCode != 400 {
			t.Errorf("%s: %d %s", query, res.StatusCode, res.body)
		}
	}
}

// TestALineBreakMakesNoFrontMatter checks that a line break stays in its value.
func TestALineBreakMakesNoFrontMatter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	for _, end := range []string{"\r\n", "\n", "\r", "\u0085", "\u2028"} {
		evil := "x" + end + "---" + end + "draft: true" + end + "aliases: [/]" + end + "---" + end + "y"
		location := w.create(jsonType, fmt.Sprintf(`{"properties":{"content":["Hello"],"name":[%[1]s],"summary":[%[1]s],"category":[%[1]s],"like-of":["https://example.com/"],"mood":[%[1]s],"photo":[{"value":"https://example.com/a.jpg","alt":%[1]s}]}}`, jsonString(evil)))
		n := w.note(location)
		if n.Draft || len(n.Aliases) > 0 || strings.TrimSpace(n.Content) != "Hello" || fmt.Sprint(n.Properties["mood"]) != fmt.Sprint([]any{evil}) {
			t.Errorf("%q became %+v", end, n)
		}
	}
}

// TestAFileNameIsIgnored checks that the content of an upload determines its type,
// and never its name.
func TestAFileNameIsIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	stored := regexp.MustCompile(`^media/[0-9a-f]{2}/[0-9a-f]{64}\.png$`)
	for _, name := range []string{
		"../../../etc/cron.d/x", "/etc/passwd", `..\..\x.png`, ".htaccess", "x.php", "x.png.html", "x.svg", "x.png\x00.html", `x.png\"; filename=\"y.html`,
		"x.png\"; name=\"other", "..", ".", "<script>alert(1)</script>.png", strings.Repeat("a", 3000) + ".html",
	} {
		for _, disposition := range []string{`name="file"; filename="` + name + `"`, `name="file"; filename="x.png"; filename*=UTF-8''` + url.PathEscape(name)} {
			body := "--b\r\nContent-Disposition: form-data; " + disposition + "\r\nContent-Type: text/html\r\n\r\n" + string(pixel(t)) + "\r\n--b--\r\n"
			res := w.sendRaw(whole("/micropub/media", partsType, body))
			if res.StatusCode != 201 && res.StatusCode != 400 {
				t.Errorf("%.40q: %d %s", disposition, res.StatusCode, res.body)
			}
		}
	}
	files := w.files()
	for name := range files {
		if !stored.MatchString(name) {
			t.Errorf("it wrote %q", name)
		}
	}
	if len(files) != 1 {
		t.Errorf("one picture became %d files", len(files))
	}
}

// TestAPictureIsNeverAScript uses a file that is both a picture and a script. It
// gets the extension of a picture and keeps only the bytes that the picture needs.
func TestAPictureIsNeverAScript(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := gif.Encode(&b, image.NewPaletted(image.Rect(0, 0, 0x2a2f, 1), palette.WebSafe), nil); err != nil {
		t.Fatal(err)
	}
	picture := strings.TrimSuffix(b.String(), ";")
	if !strings.HasPrefix(picture, "GIF89a/*") {
		t.Fatalf("%q does not start a comment", picture[:8])
	}
	evil := "*/=1;alert(1)//"
	picture += "\x21\xfe" + string(rune(len(evil))) + evil + "\x00;" + evil + "<script>alert(1)</script>"
	w := newWorld(t, setting{})
	w.watch()
	res := w.upload("media", "file", "a.js", []byte(picture))
	w.want(res, http.StatusCreated)
	path, ok := strings.CutPrefix(res.Header.Get("Location"), "https://example.org/")
	if !ok || !strings.HasSuffix(path, ".gif") {
		t.Fatalf("it is at %s", res.Header.Get("Location"))
	}
	public := w.output(path)
	if strings.Contains(public, "*/") || strings.Contains(public, "alert") {
		t.Errorf("the site has a script:\n%q", public)
	}
	if _, err := gif.Decode(strings.NewReader(public)); err != nil {
		t.Error(err)
	}
}

func jsonString(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(data)
}
