package receiver_test

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"starpunk/site"

	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// TestRequestsOfApps sends the requests in testdata/clients, each app in its own
// dialect, byte by byte to a server that publishes. A file names the source from
// which the app's way of building requests was read. It has a sequence of requests
// with their expected effects:
//
//	-- a note/head --    request line and headers; line ends become CRLF
//	-- a note/body --    the exact body, without the last line end
//	-- a note/parts --   or a multipart body: line ends become CRLF
//	-- a note/answer --  status and Location, if any
//	-- a note/json --    members of the answer
//	-- a note/page --    microformats of the note's page
//	-- a note/source --  all properties of the note from q=source
//	-- a note/feed --    of its item: the title, and words of the HTML
//
// The note is the last one that was created. {{length}} stands for the length of
// the body, {{photo}} for a JPEG with its location, {{media}} for the address of
// that file on the site.
func TestRequestsOfApps(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/clients/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no recorded requests: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(archive.Comment), "\nRead from:") {
				t.Errorf("%s does not name its source", name)
			}
			types := `["` + strings.Join(site.PostTypes, `", "`) + `"]`
			w := newWorld(t, setting{config: "feed.count = 100\nfeed.types = " + types + "\n"})
			w.watch()
			app := &app{world: w}
			for _, e := range exchanges(t, archive) {
				t.Run(e.name, func(t *testing.T) {
					app.world = w.in(t)
					app.play(e)
				})
			}
		})
	}
}

// An exchange is one request with its expected effects, by the last part of the
// file's name.
type exchange struct {
	name string
	part map[string]string
}

func exchanges(t *testing.T, archive *txtar.Archive) []*exchange {
	t.Helper()
	known := []string{"head", "body", "parts", "answer", "json", "page", "source", "feed"}
	var all []*exchange
	for _, f := range archive.Files {
		name, part, ok := strings.Cut(f.Name, "/")
		if !ok || !slices.Contains(known, part) {
			t.Fatalf("-- %s -- must end in one of %q", f.Name, known)
		}
		if part == "head" {
			all = append(all, &exchange{name, map[string]string{}})
		}
		if len(all) == 0 || all[len(all)-1].name != name {
			t.Fatalf("-- %s -- does not follow its head", f.Name)
		}
		all[len(all)-1].part[part] = string(f.Data)
	}
	return all
}

// An app sends a sequence of requests.
type app struct {
	*world
	location string // of the last note that was created
}

func (a *app) play(e *exchange) {
	a.t.Helper()
	res := a.sendRaw(a.raw(e))
	if answer := a.answer(res); answer != a.fill(e.part["answer"]) {
		a.t.Fatalf("the answer is %q, want %q; %s", answer, a.fill(e.part["answer"]), res.body)
	}
	if location := res.Header.Get("Location"); location != "" && !strings.Contains(location, "/media/") {
		a.location = location
	}
	if want, ok := e.part["json"]; ok {
		a.compare("the answer", any(res.json(a.t)), want)
	}
	if want, ok := e.part["source"]; ok {
		a.compareSource(want)
	}
	if want, ok := e.part["page"]; ok {
		a.compare("the page", a.page(), want)
	}
	if want, ok := e.part["feed"]; ok {
		a.compareFeed(want)
	}
	if strings.Contains(e.part["parts"], "{{photo}}") {
		a.wantNoGPS()
	}
}

// raw returns a request as it is sent.
func (a *app) raw(e *exchange) string {
	body := strings.TrimSuffix(e.part["body"], "\n")
	if parts, ok := e.part["parts"]; ok {
		body = strings.ReplaceAll(parts, "\n", "\r\n")
	}
	body = a.fill(strings.ReplaceAll(body, "{{photo}}", string(photo(a.t))))
	head := a.fill(strings.ReplaceAll(e.part["head"], "{{length}}", strconv.Itoa(len(body))))
	return strings.ReplaceAll(head, "\n", "\r\n") + "\r\n" + body
}

// fill replaces {{media}} by the address of the only uploaded file.
func (a *app) fill(text string) string {
	if !strings.Contains(text, "{{media}}") {
		return text
	}
	files := a.mediaFiles()
	if len(files) != 1 {
		a.t.Fatalf("media/ holds %q, want one file", files)
	}
	name, err := filepath.Rel(a.cfg.MediaDir(), files[0])
	if err != nil {
		a.t.Fatal(err)
	}
	return strings.ReplaceAll(text, "{{media}}", a.cfg.Absolute("/media/"+filepath.ToSlash(name)))
}

// sendRaw sends bytes over a new connection and reads one response.
func (w *world) sendRaw(request string) *response {
	w.t.Helper()
	conn, err := net.Dial("tcp", w.Listener.Addr().String())
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(conn, request)
		sent <- err
	}()
	method, _, _ := strings.Cut(request, " ")
	res, err := readResponse(conn, method)
	if err != nil {
		_ = conn.Close()
		w.t.Fatalf("%.200q: %v (sent: %v)", request, err, <-sent)
	}
	return res
}

func readResponse(r io.Reader, method string) (*response, error) {
	res, err := http.ReadResponse(bufio.NewReader(r), &http.Request{Method: method})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return &response{res, string(body)}, err
}

func (a *app) answer(res *response) string {
	text := strconv.Itoa(res.StatusCode) + "\n"
	if location := res.Header.Get("Location"); location != "" {
		text += "Location: " + location + "\n"
	}
	return text
}

// compare checks that got has everything in a JSON text. Further members of
// objects are ignored; null means a missing member.
func (a *app) compare(what string, got any, want string) {
	a.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(a.fill(want)), &v); err != nil {
		a.t.Fatalf("the expected value of %s is not JSON: %v", what, err)
	}
	if at := difference(got, v); at != "" {
		text, _ := json.MarshalIndent(got, "", "  ")
		a.t.Errorf("%s differs at %s from\n%s\ngot\n%s", what, at, want, text)
	}
}

// difference returns the place where got lacks something of want; "" if there
// is none.
func difference(got, want any) string {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return "an object"
		}
		for name, v := range want {
			if at := difference(object[name], v); at != "" {
				return name + " › " + at
			}
		}
		return ""
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return fmt.Sprintf("a list of %d", len(want))
		}
		for i, v := range want {
			if at := difference(list[i], v); at != "" {
				return fmt.Sprintf("%d › %s", i, at)
			}
		}
		return ""
	}
	if object, ok := got.(map[string]any); ok && want != nil { // HTML; want is its text
		got = object["value"]
	}
	if reflect.DeepEqual(got, want) {
		return ""
	}
	return fmt.Sprintf("%v", want)
}

// compareSource checks that a note has the expected properties, the properties
// of every note, and nothing else: no command and no token is stored.
func (a *app) compareSource(want string) {
	a.t.Helper()
	properties := a.source(a.location)
	var named map[string]any
	if err := json.Unmarshal([]byte(a.fill(want)), &named); err != nil {
		a.t.Fatal(err)
	}
	usual := map[string]any{"url": []any{a.location}, "visibility": []any{"public"}, "post-status": []any{"published"}}
	for name, values := range usual {
		if named[name] == nil {
			named[name] = values
		}
	}
	for _, name := range []string{"published", "updated"} {
		if named[name] == nil {
			delete(properties, name)
		}
	}
	if !reflect.DeepEqual(properties, named) {
		got, _ := json.MarshalIndent(properties, "", "  ")
		a.t.Errorf("q=source gives\n%s\nwant\n%s", got, want)
	}
}

// page returns the microformats at the note's address; nil if there is no page.
func (a *app) page() any {
	a.t.Helper()
	u, err := url.Parse(a.location)
	if err != nil {
		a.t.Fatal(err)
	}
	name := filepath.Join(a.cfg.Build.Output, filepath.FromSlash(u.Path), "index.html")
	data, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		a.t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(string(data)))
	if err != nil {
		a.t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if len(rootTypes(n)) > 0 && within(n, atom.Main) {
			return microformat(n, u)
		}
	}
	a.t.Fatalf("%s has no microformats:\n%s", a.location, data)
	return nil
}

func within(n *html.Node, element atom.Atom) bool {
	for ancestor := range n.Ancestors() {
		if ancestor.DataAtom == element {
			return true
		}
	}
	return false
}

// microformat parses an element by the rules of
// https://microformats.org/wiki/microformats2-parsing, without implied
// properties.
func microformat(root *html.Node, base *url.URL) map[string]any {
	properties := map[string]any{}
	var read func(*html.Node)
	read = func(n *html.Node) {
		for child := range n.ChildNodes() {
			nested := len(rootTypes(child)) > 0
			for _, class := range classes(child) {
				prefix, name, ok := strings.Cut(class, "-")
				if !ok || !slices.Contains([]string{"p", "u", "dt", "e"}, prefix) {
					continue
				}
				var value any
				if nested {
					value = microformat(child, base)
				} else {
					value = propertyValue(child, prefix, base)
				}
				values, _ := properties[name].([]any)
				properties[name] = append(values, value)
			}
			if !nested {
				read(child)
			}
		}
	}
	read(root)
	types := []any{}
	for _, t := range rootTypes(root) {
		types = append(types, t)
	}
	return map[string]any{"type": types, "properties": properties}
}

func propertyValue(n *html.Node, prefix string, base *url.URL) any {
	attribute := map[string]map[atom.Atom]string{
		"p":  {atom.Data: "value", atom.Abbr: "title", atom.Img: "alt"},
		"u":  {atom.A: "href", atom.Link: "href", atom.Img: "src", atom.Audio: "src", atom.Video: "src", atom.Data: "value"},
		"dt": {atom.Time: "datetime", atom.Data: "value"},
	}[prefix][n.DataAtom]
	if attribute != "" {
		value := attributeOf(n, attribute)
		if u, err := base.Parse(value); prefix == "u" && err == nil {
			value = u.String()
		}
		if alt := attributeOf(n, "alt"); n.DataAtom == atom.Img && alt != "" && prefix == "u" {
			return map[string]any{"value": value, "alt": alt}
		}
		return value
	}
	if prefix == "e" {
		return map[string]any{"value": textOf(n), "html": innerHTML(n)}
	}
	return textOf(n)
}

func rootTypes(n *html.Node) []string {
	return slices.DeleteFunc(classes(n), func(c string) bool { return !strings.HasPrefix(c, "h-") })
}

func classes(n *html.Node) []string { return strings.Fields(attributeOf(n, "class")) }

func attributeOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// textOf returns the text of an element, with a line break where one is shown.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode:
			b.WriteString(strings.ReplaceAll(d.Data, "\n", " "))
		case d.DataAtom == atom.Br:
			b.WriteString("\n")
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func innerHTML(n *html.Node) string {
	var b strings.Builder
	for child := range n.ChildNodes() {
		if err := html.Render(&b, child); err != nil {
			return err.Error()
		}
	}
	return strings.TrimSpace(b.String())
}

// A feedItem is one item of the RSS feed.
type feedItem struct {
	Title *string `xml:"title"`
	Link  string  `xml:"link"`
	HTML  string  `xml:"description"`
}

// feed returns the items of the site's feed by their addresses.
func (w *world) feed() map[string]feedItem {
	w.t.Helper()
	var doc struct {
		Items []feedItem `xml:"channel>item"`
	}
	if err := xml.Unmarshal([]byte(w.output("feed.xml")), &doc); err != nil {
		w.t.Fatal(err)
	}
	items := map[string]feedItem{}
	for _, item := range doc.Items {
		items[item.Link] = item
	}
	return items
}

// compareFeed compares the item of the note in the feed; null means no item.
func (a *app) compareFeed(want string) {
	a.t.Helper()
	var wanted *struct {
		Title *string
		HTML  []string
	}
	if err := json.Unmarshal([]byte(a.fill(want)), &wanted); err != nil {
		a.t.Fatal(err)
	}
	item, ok := a.feed()[a.location]
	switch {
	case wanted == nil && ok:
		a.t.Errorf("the feed has %+v", item)
	case wanted == nil:
	case !ok:
		a.t.Errorf("the feed lacks %s", a.location)
	case !reflect.DeepEqual(item.Title, wanted.Title):
		a.t.Errorf("the title in the feed is %v, want %v", item.Title, wanted.Title)
	default:
		for _, words := range wanted.HTML {
			if !strings.Contains(item.HTML, words) {
				a.t.Errorf("the feed has\n%s\nwithout %s", item.HTML, words)
			}
		}
	}
}

// wantNoGPS checks all uploads in the output.
func (a *app) wantNoGPS() {
	a.t.Helper()
	err := filepath.WalkDir(filepath.Join(a.cfg.Build.Output, "media"), func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if strings.Contains(string(data), gps) {
			a.t.Errorf("%s contains its location", name)
		}
		return err
	})
	if err != nil {
		a.t.Error(err)
	}
}
