package receiver_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// evilTexts are for properties with text, evilAddresses for properties with an
// address. Each is also sent in the other properties.
var evilTexts = []string{
	`x</title></textarea></style>--></script><script>alert(1)</script>]]><script>alert(2)</script>`,
	`x" onload="alert(1)" x='' onerror='alert(2)'><img src=x onerror=alert(3)><svg/onload=alert(4)>`,
	"[x](javascript:alert(1)) ![x](javascript:alert(2)) <javascript:alert(3)> [x](JaVa&#x09;ScRiPt:alert(4)) [x][1] [x](data:text/html,<script>alert(5)</script>) [x](<java\tscript:alert(6)>) [x](vbscript:x)\n\n[1]: &#106;avascript:alert(7)",
	`<a href="javascript:alert(1)">x</a><a href=" &#14;javascript:alert(2)">x</a><a href="java&Tab;script:alert(3)">x</a><img src="javascript:alert(4)" srcset="javascript:alert(5) 1x"><video poster="javascript:alert(6)" src="data:text/html,x"></video>`,
	`<iframe src="https://evil.example/" srcdoc="<script>alert(1)</script>"></iframe><object data="x"></object><embed src="x"><base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/"><form action="javascript:alert(2)"><button formaction="javascript:alert(3)">x</button></form>`,
	`<svg><script>alert(1)</script><a xlink:href="javascript:alert(2)"><animate onbegin=alert(3) attributeName=x></a></svg><math><mtext></form><form><mglyph><style></math><img src onerror=alert(4)></style></mglyph></form></mtext></math>`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript><template><script>alert(2)</script></template><svg></p><style><a id="</style><img src=1 onerror=alert(3)>">`,
	`<p style="background:url(javascript:alert(1))" onclick=alert(2)>x<link rel=stylesheet href="https://evil.example/"><style>*{}</style>`,
	`{{printf "<script>"}}{{template "x"}}<%= 1 %>${1}`,
}

var evilAddresses = []string{
	`javascript:alert(1)`, ` JavaScript:alert(1)`, "java\tscript:alert(1)", "\x01javascript://example.com/%0aalert(1)", `data:text/html,<script>alert(1)</script>`,
	`https://evil.example/" onmouseover="alert(1)`, "https://evil.example/\n'><script>alert(1)</script>",
}

// evilPosts are posts in which each V is replaced by an evil value.
var evilPosts = func() map[string]string {
	posts := map[string]string{
		"text": `"content":[V]`, "html": `"content":[{"html":V}]`, "html and text": `"content":[{"html":"<p>x</p>","value":V}]`,
		"name": `"name":[V],"content":["x"],"category":[V,"x"]`, "name alone": `"name":[V]`, "summary": `"summary":[V],"name":["x"],"content":["x"],"featured":[V]`,
		"photo": `"photo":["https://example.com/a.jpg",V,{"value":"https://example.com/a.jpg","alt":V},{"value":V,"alt":V}],"content":["x"]`,
		"media": `"photo":[V],"video":[V],"audio":[V],"syndication":[V]`,
		"rsvp":  `"rsvp":[V],"in-reply-to":["https://example.com/"]`, "rsvp to": `"rsvp":["yes"],"in-reply-to":[V]`,
		"read": `"read-status":["finished"],"read-of":[V]`, "read status": `"read-status":[V],"read-of":["https://example.com/"]`,
		"place": `"location":["geo:52.5,13.4;name=x;url=https://example.com/",V,{"type":["h-geo"],"properties":{"latitude":[V],"longitude":[V]}}],"content":["x"]`,
		"geo":   `"location":[V],"checkin":[V],"content":["x"]`,
		"slug":  `"mp-slug":[V],"mp-syndicate-to":[V],"mp-channel":[V],"content":["x"]`,
		"date":  `"published":[V],"content":["x"]`, "update": `"updated":[V],"content":["x"]`, "visibility": `"visibility":[V],"content":["x"]`, "status": `"post-status":[V],"content":["x"]`,
		"event":   `"start":[V],"end":[V],"duration":[V],"url":[V],"uid":[V],"name":["x"],"content":["x"]`,
		"unknown": `"mood":[V],"weather":[{"type":["h-measure"],"properties":{"num":[V],"unit":[{"html":V,"value":V}]}}],"content":["x"]`,
		"a name":  `V:["x"],"content":["x"]`, "names": `"x":[{V:[V]}],"content":["x"]`,
		"ours": `"layout":[V],"title":[V],"aliases":[V],"slug":[V],"description":[V],"lang":[V],"tags":[V],"menu":[V],"format":["html"],"client":[V],"content":["x"]`,
	}
	const card = `"name":[V],"url":[V],"uid":[V],"photo":[V],"note":[V],"summary":[V],"latitude":[V],"longitude":[V],"altitude":[V],"street-address":[V],"locality":[V],"region":[V],"country-name":[V],"postal-code":[V],"tel":[V],"email":[V]`
	for _, name := range []string{"location", "checkin", "author", "category"} {
		posts[name] = `"` + name + `":[{"type":["h-card"],"properties":{` + card + `},"value":V}],"content":["x"]`
		posts[name+" with an address"] = `"` + name + `":[{"type":["h-adr"],"properties":{"name":[V],"url":["https://example.com/"],"locality":[V],"geo":[{"type":["h-geo"],"properties":{"latitude":[V]}}]}}],"content":["x"]`
	}
	for _, name := range []string{"in-reply-to", "like-of", "repost-of", "bookmark-of", "listen-of", "quotation-of"} {
		cite := `"name":[V],"content":[{"html":V,"value":V}],"summary":[V],"published":[V],"photo":[V],"author":[V,{"type":["h-card"],"properties":{` + card + `}}]`
		posts[name+" alone"] = `"` + name + `":[V]`
		posts[name] = `"` + name + `":[{"type":["h-cite"],"properties":{"url":[V],` + cite + `},"value":V},V,{"type":["h-cite"],"properties":{"url":["https://example.com/"],` + cite + `},"html":V}],"content":["x"]`
	}
	return posts
}()

// TestNothingThatIsSentRuns checks that no page and no feed runs a value of any
// property.
func TestNothingThatIsSentRuns(t *testing.T) {
	t.Parallel()
	for _, value := range slices.Concat(evilTexts, evilAddresses) {
		for _, raw := range []bool{false, true} {
			t.Run(fmt.Sprintf("%.40q raw_html=%t", value, raw), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, setting{config: fmt.Sprintf("[markdown]\nraw_html = %t\n[feed]\ncount = 100\n[home]\ncount = 100\n", raw)})
				made := 0
				for field, properties := range evilPosts {
					if !raw && field != "text" && field != "summary" && field != "name" {
						continue // equal to the case with raw HTML
					}
					res := w.post("all", jsonType, "{\"properties\":{"+strings.ReplaceAll(properties, "V", jsonString(value))+"}}")
					switch res.StatusCode {
					case http.StatusAccepted:
						made++
					case http.StatusBadRequest:
					default:
						t.Errorf("%s: %d %s", field, res.StatusCode, res.body)
					}
				}
				w.watch()
				if items := w.feed(); len(items) < made/2 {
					t.Errorf("the feed shows %d of %d notes", len(items), made)
				}
				w.wantNoScripts()
			})
		}
	}
}

// wantNoScripts checks all files of the output.
func (w *world) wantNoScripts() {
	w.t.Helper()
	pages := 0
	err := fs.WalkDir(os.DirFS(w.cfg.Build.Output), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		var found []string
		switch path.Ext(name) {
		case ".html":
			pages++
			found = runsInHTML(w.output(name))
		case ".xml":
			found = runsInXML(w.output(name))
		case ".json":
			found = runsInJSON(w.output(name))
		}
		for _, what := range found {
			w.t.Errorf("%s has %s", name, what)
		}
		return nil
	})
	if err != nil || pages < 3 {
		w.t.Errorf("%d pages, %v", pages, err)
	}
}

// runsInHTML returns the elements and attributes of a page that run something,
// with and without scripting.
func runsInHTML(page string) (found []string) {
	for _, scripting := range []bool{true, false} {
		root, err := html.ParseWithOptions(strings.NewReader(page), html.ParseOptionEnableScripting(scripting))
		if err != nil {
			return []string{err.Error()}
		}
		for n := range root.Descendants() {
			if n.Type == html.ElementNode && slices.Contains([]string{"script", "iframe", "frame", "object", "embed", "applet", "base", "style", "animate", "set"}, n.Data) {
				found = append(found, "the element "+n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || a.Key == "http-equiv" || slices.Contains(addressAttributes, a.Key) && isEvil(a.Val) {
					found = append(found, fmt.Sprintf("%s %s=%q", n.Data, a.Key, a.Val))
				}
			}
		}
	}
	return found
}

var addressAttributes = []string{"href", "src", "srcset", "action", "formaction", "poster", "data", "cite", "background", "ping", "longdesc", "manifest"}

// isEvil reports whether a browser may run an address, or one of a list of
// addresses.
func isEvil(value string) bool {
	for address := range strings.SplitSeq(value, ",") {
		address = strings.ToLower(strings.Map(func(r rune) rune {
			if r <= ' ' {
				return -1
			}
			return r
		}, address))
		for _, scheme := range []string{"javascript:", "vbscript:", "data:"} {
			if strings.HasPrefix(address, scheme) {
				return true
			}
		}
	}
	return false
}

// runsInXML returns the parts of a feed that run something in a feed reader
// that shows descriptions and contents as HTML.
func runsInXML(feed string) (found []string) {
	in, text := "", ""
	for d := xml.NewDecoder(strings.NewReader(feed)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return found
		}
		if err != nil {
			return append(found, err.Error())
		}
		switch token := token.(type) {
		case xml.StartElement:
			in, text = token.Name.Local, ""
			if in == "script" || in == "stylesheet" {
				found = append(found, "the element "+in)
			}
			for _, a := range token.Attr {
				if isEvil(a.Value) {
					found = append(found, fmt.Sprintf("%s %s=%q", in, a.Name.Local, a.Value))
				}
			}
		case xml.CharData:
			text += string(token)
		case xml.EndElement:
			switch in {
			case "description", "encoded", "content", "summary":
				found = append(found, runsInHTML(text)...)
			case "link", "guid", "id", "uri", "url", "comments", "loc":
				if isEvil(text) {
					found = append(found, fmt.Sprintf("%s %q", in, text))
				}
			}
			in = ""
		}
	}
}

// runsInJSON returns the parts of a JSON Feed that run something.
func runsInJSON(feed string) (found []string) {
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, item := range v {
				walk(name, item)
			}
		case []any:
			for _, item := range v {
				walk(name, item)
			}
		case string:
			if name == "content_html" {
				found = append(found, runsInHTML(v)...)
			} else if (strings.HasSuffix(name, "url") || name == "id" || name == "image") && isEvil(v) {
				found = append(found, fmt.Sprintf("%s %q", name, v))
			}
		}
	}
	var document any
	if err := json.Unmarshal([]byte(feed), &document); err != nil {
		return []string{err.Error()}
	}
	walk("", document)
	return found
}

// TestScriptsAreFound checks the functions that find scripts.
func TestScriptsAreFound(t *testing.T) {
	t.Parallel()
	for _, page := range []string{
		"<p><script>x</script>", "<img src=x onerror=x>", `<a href=" Java&#9;script:x">`, `<img srcset="a 1x, javascript:x 2x">`, "<iframe>", "<svg><script>x</script></svg>",
		`<noscript><p title="</noscript><img src=x onerror=x>">`, "<noscript><img onerror=x></noscript>", "<template><script>x</script></template>", `<a href="data:text/html,x">`, `<p style="x">`,
	} {
		feed := "<rss><channel><item><description><![CDATA[" + page + "]]></description></item></channel></rss>"
		json := `{"items":[{"content_html":` + jsonString(page) + `}]}`
		if len(runsInHTML(page)) == 0 || len(runsInXML(feed)) == 0 || len(runsInJSON(json)) == 0 {
			t.Errorf("%s was not found", page)
		}
	}
	for _, feed := range []string{"<rss><link>javascript:x</link></rss>", `<rss><enclosure url="javascript:x"/></rss>`, "<rss><script>x</script></rss>", "<rss>"} {
		if len(runsInXML(feed)) == 0 {
			t.Errorf("%s was not found", feed)
		}
	}
	for _, page := range []string{`<p>javascript:x <a href="/a,javascript">&lt;script></a>`, `<img alt="javascript:x" src="/a.jpg">`} {
		if found := runsInHTML(page); len(found) > 0 {
			t.Errorf("%s was found as %s", page, found)
		}
	}
}
