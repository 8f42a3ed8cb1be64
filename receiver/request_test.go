package receiver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

const (
	formType      = "application/x-www-form-urlencoded"
	jsonType      = "application/json"
	boundaryType  = "multipart/form-data; boundary=b"
	entryWithText = `{"type":["h-entry"],"properties":{"content":["Hello"]}}`
)

// A fileCounter receives files like a receiver, but stores none.
type fileCounter struct{ files int }

func (c *fileCounter) allow(string) (int64, error) { return 1 << 20, nil }

func (c *fileCounter) receive(file io.Reader) (string, error) {
	c.files++
	n, err := io.Copy(io.Discard, file)
	if err != nil {
		return "", bodyError(err)
	}
	return fmt.Sprintf("/media/%d-%d-bytes", c.files, n), nil
}

// file returns a part of a multipart body with the boundary "b" that contains a
// file.
func file(name, data string) string {
	return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"a.jpg\"\r\n\r\n" + data + "\r\n"
}

// parts returns a multipart body with the boundary "b" from names and values.
func parts(namesAndValues ...string) string {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary("b")
	for i := 0; i < len(namesAndValues); i += 2 {
		_ = w.WriteField(namesAndValues[i], namesAndValues[i+1])
	}
	_ = w.Close()
	return b.String()
}

// fromJSON parses properties in the notation of these tests.
func fromJSON(t *testing.T, text string) map[string][]any {
	t.Helper()
	if text == "" {
		text = "{}"
	}
	properties := map[string][]any{}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&properties); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return properties
}

func TestAllSpellingsOfARequestHaveOneShape(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, contentType, body, properties, commands string }{
		{"a form", formType, "h=entry&content=Hello", `{"content":["Hello"]}`, ""},
		{"a form with a charset", formType + "; charset=UTF-8", "content=Hello", `{"content":["Hello"]}`, ""},
		{"a form with its type in capitals", "Application/X-WWW-Form-URLencoded", "content=Hello", `{"content":["Hello"]}`, ""},
		{"h is optional", formType, "content=Hello", `{"content":["Hello"]}`, ""},
		{"an ampersand at the end", formType, "content=Hello&", `{"content":["Hello"]}`, ""},
		{"a name without a value", formType, "content=Hello&x", `{"content":["Hello"]}`, ""},
		{"values with brackets", formType, "category[]=a&category[]=b", `{"category":["a","b"]}`, ""},
		{"values with encoded brackets", formType, "category%5B%5D=a&category%5B%5D=b", `{"category":["a","b"]}`, ""},
		{"repeated values", formType, "category=a&category=b", `{"category":["a","b"]}`, ""},
		{"numbered values in their order", formType, "category[1]=b&category[0]=a&category[10]=c", `{"category":["a","b","c"]}`, ""},
		{"mixed spellings in the order sent", formType, "category=c&category[]=b&category[0]=a", `{"category":["c","b","a"]}`, ""},
		{"percent and plus are decoded once", formType, "content=50%25+off%2C+1%2B1+%2525", `{"content":["50% off, 1+1 %25"]}`, ""},
		{"a percent sign that was not encoded", formType, "content=50% off, 100%", `{"content":["50% off, 100%"]}`, ""},
		{"a semicolon is text", formType, "content=a;b=c", `{"content":["a;b=c"]}`, ""},
		{"letters of every script", formType, "content=%C3%BC+%E4%BD%A0+ü", `{"content":["ü 你 ü"]}`, ""},
		{"HTML content", formType, "content[html]=<b>x</b>", `{"content":[{"html":"<b>x</b>"}]}`, ""},
		{"content with a value", formType, "content[value]=x", `{"content":["x"]}`, ""},
		{"content with both in one list", formType, "content[][html]=h&content[][value]=v", `{"content":[{"html":"h"}]}`, ""},
		{"a photo with text", formType, "photo[value]=/a.jpg&photo[alt]=A", `{"photo":[{"value":"/a.jpg","alt":"A"}]}`, ""},
		{"two photos with text", formType, "photo[value]=/a.jpg&photo[alt]=A&photo[value]=/b.jpg&photo[alt]=B",
			`{"photo":[{"value":"/a.jpg","alt":"A"},{"value":"/b.jpg","alt":"B"}]}`, ""},
		{"numbered photos with text", formType, "photo[0][value]=/a.jpg&photo[1][value]=/b.jpg&photo[1][alt]=B&photo[0][alt]=A",
			`{"photo":[{"value":"/a.jpg","alt":"A"},{"value":"/b.jpg","alt":"B"}]}`, ""},
		{"a nested check-in", formType, "checkin[type][]=h-card&checkin[properties][name][]=Caf%C3%A9&checkin[properties][url][]=https://x.example/&checkin[properties][url][]=https://y.example/",
			`{"checkin":[{"type":["h-card"],"properties":{"name":["Café"],"url":["https://x.example/","https://y.example/"]}}]}`, ""},
		{"nested properties without brackets are lists too", formType, "checkin[type]=h-card&checkin[properties][name]=Bar",
			`{"checkin":[{"type":["h-card"],"properties":{"name":["Bar"]}}]}`, ""},
		{"an object in a nested object", formType, "checkin[type]=h-card&checkin[properties][location][type]=h-geo&checkin[properties][location][properties][latitude]=1.5",
			`{"checkin":[{"type":["h-card"],"properties":{"location":[{"type":["h-geo"],"properties":{"latitude":["1.5"]}}]}}]}`, ""},
		{"empty values are dropped", formType, "content=x&name=&summary=+&mp-syndicate-to[]=&category[]=&category[]=a", `{"content":["x"],"category":["a"]}`, `{"mp-syndicate-to":[""]}`},
		{"empty values in objects are dropped", formType, "photo[value]=/a.jpg&photo[alt]=&photo[value]=/b.jpg&photo[alt]=B&content[html]=&content[value]=&checkin[properties][name][]=&checkin[properties][url]=/x",
			`{"photo":[{"value":"/a.jpg"},{"value":"/b.jpg","alt":"B"}],"checkin":[{"properties":{"name":[],"url":["/x"]}}]}`, ""},
		{"empty texts keep their positions", formType, "photo[]=/a.jpg&photo[]=/b.jpg&mp-photo-alt[]=&mp-photo-alt[]=B",
			`{"photo":["/a.jpg",{"value":"/b.jpg","alt":"B"}]}`, `{"mp-photo-alt":["","B"]}`},
		{"the text of an empty photo is dropped", formType, "photo[]=&photo[]=/b.jpg&mp-photo-alt[]=A&mp-photo-alt[]=B",
			`{"photo":[{"value":"/b.jpg","alt":"B"}]}`, `{"mp-photo-alt":["A","B"]}`},
		{"more texts than photos", formType, "photo=/a.jpg&mp-photo-alt[]=A&mp-photo-alt[]=B", `{"photo":[{"value":"/a.jpg","alt":"A"}]}`, `{"mp-photo-alt":["A","B"]}`},
		{"a text with an index is for the photo with that index", formType, "photo[0]=/a.jpg&photo[1]=/b.jpg&mp-photo-alt[1]=B",
			`{"photo":["/a.jpg",{"value":"/b.jpg","alt":"B"}]}`, `{"mp-photo-alt":["","B"]}`},
		{"indexes may begin with 1", formType, "photo[1]=/a.jpg&photo[2]=/b.jpg&mp-photo-alt[2]=B&mp-photo-alt[1]=A",
			`{"photo":[{"value":"/a.jpg","alt":"A"},{"value":"/b.jpg","alt":"B"}]}`, `{"mp-photo-alt":["A","B"]}`},
		{"indexes may have gaps", formType, "photo[2]=/a.jpg&photo[7]=/b.jpg&mp-photo-alt[3]=C&mp-photo-alt[7]=B",
			`{"photo":["/a.jpg",{"value":"/b.jpg","alt":"B"}]}`, `{"mp-photo-alt":["","B"]}`},
		{"a large index makes no large list", formType, "photo[999999999]=/b.jpg&photo[0]=/a.jpg&mp-photo-alt[999999999]=B",
			`{"photo":["/a.jpg",{"value":"/b.jpg","alt":"B"}]}`, `{"mp-photo-alt":["","B"]}`},
		{"equal indexes keep the order sent", formType, "photo[0]=/a.jpg&photo[0]=/b.jpg&mp-photo-alt[0]=A&mp-photo-alt[0]=B",
			`{"photo":[{"value":"/a.jpg","alt":"A"},{"value":"/b.jpg","alt":"B"}]}`, `{"mp-photo-alt":["A","B"]}`},
		{"photos without indexes are counted from 0", formType, "photo[]=/a.jpg&photo[]=/b.jpg&mp-photo-alt[1]=B",
			`{"photo":["/a.jpg",{"value":"/b.jpg","alt":"B"}]}`, `{"mp-photo-alt":["","B"]}`},
		{"a text with an index for a photo that is an object", formType, "photo[0][value]=/a.jpg&photo[1][value]=/b.jpg&mp-photo-alt[1]=B",
			`{"photo":[{"value":"/a.jpg"},{"value":"/b.jpg","alt":"B"}]}`, `{"mp-photo-alt":["","B"]}`},
		{"texts of which some have no index keep the order sent", formType, "photo[]=/a.jpg&photo[]=/b.jpg&mp-photo-alt[1]=A&mp-photo-alt[]=B",
			`{"photo":[{"value":"/a.jpg","alt":"A"},{"value":"/b.jpg","alt":"B"}]}`, `{"mp-photo-alt":["A","B"]}`},
		{"a text for one file of two", boundaryType, file("photo[0]", "abc") + file("photo[1]", "de") + parts("mp-photo-alt[1]", "B"),
			`{"photo":["/media/1-3-bytes",{"value":"/media/2-2-bytes","alt":"B"}]}`, `{"mp-photo-alt":["","B"]}`},
		{"names in the spelling of templates", formType, "like_of=https://a.example/&inReplyTo=https://b.example/&Bookmark-Of[]=https://c.example/", `{"like-of":["https://a.example/"],"in-reply-to":["https://b.example/"],"bookmark-of":["https://c.example/"]}`, ""},
		{"names with the prefix of a class", formType, "u-like-of=https://a.example/&p_name=N&mf-rsvp=yes&e-content[html]=h&listenOf=L", `{"like-of":["https://a.example/"],"name":["N"],"rsvp":["yes"],"content":[{"html":"h"}],"listen-of":["L"]}`, ""},
		{"names in JSON", jsonType, `{"properties":{"in_reply_to":"https://b.example/","postStatus":"draft","mp_slug":"s","Photo":["/a.jpg"]}}`, `{"in-reply-to":["https://b.example/"],"post-status":["draft"],"photo":["/a.jpg"]}`, `{"mp-slug":["s"]}`},
		{"a name in two spellings", jsonType, `{"properties":{"like_of":["b"],"like-of":["a"]}}`, `{"like-of":["a","b"]}`, ""},
		{"unknown names stay unchanged", formType, "My_Thing=x&e-mail=a&p-x=b&mood_swing=c", `{"My_Thing":["x"],"e-mail":["a"],"p-x":["b"],"mood_swing":["c"]}`, ""},
		{"an access token in another spelling is not stored", formType, "content=x&accessToken=secret", `{"content":["x"]}`, ""},
		{"commands are not properties", formType, "content=x&mp-slug=a&mp-something=b", `{"content":["x"]}`, `{"mp-slug":["a"],"mp-something":["b"]}`},
		{"slug is mp-slug", formType, "content=x&slug=a", `{"content":["x"]}`, `{"mp-slug":["a"]}`},
		{"mp-slug takes precedence over slug", formType, "content=x&slug=a&mp-slug=b", `{"content":["x"]}`, `{"mp-slug":["b"]}`},
		{"slug replaces an empty mp-slug", formType, "content=x&mp-slug=&slug=a", `{"content":["x"]}`, `{"mp-slug":["a"]}`},
		{"slug replaces an empty mp-slug in JSON", jsonType, `{"properties":{"content":["x"],"slug":["a"]},"mp-slug":" "}`, `{"content":["x"]}`, `{"mp-slug":["a"]}`},
		{"an empty mp-slug is dropped", formType, "content=x&mp-slug=&slug=", `{"content":["x"]}`, ""},
		{"an access token is never stored", formType, "content=x&access_token=secret", `{"content":["x"]}`, ""},

		{"multipart without a file", boundaryType, parts("h", "entry", "content", "Hello", "category[]", "a", "category[]", "b"), `{"content":["Hello"],"category":["a","b"]}`, ""},
		{"multipart values are not decoded", boundaryType, parts("content", "50%25 + 1+1\r\nline"), `{"content":["50%25 + 1+1\r\nline"]}`, ""},
		{"empty multipart", boundaryType, "--b--\r\n", `{}`, ""},
		{"an empty file field of a browser", boundaryType,
			"--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n" + parts("content", "x"), `{"content":["x"]}`, ""},
		{"files keep their position among the values", boundaryType, file("photo[]", "abc") + file("photo[]", "") + parts("photo[]", "https://example.org/c.jpg"),
			`{"photo":["/media/1-3-bytes","/media/2-0-bytes","https://example.org/c.jpg"]}`, ""},
		{"a text for a file", boundaryType, file("photo", "abc") + parts("mp-photo-alt", "A harbour"), `{"photo":[{"value":"/media/1-3-bytes","alt":"A harbour"}]}`, `{"mp-photo-alt":["A harbour"]}`},
		{"texts for files with indexes", boundaryType, file("photo[1]", "abc") + file("photo[0]", "de") + parts("mp-photo-alt[]", "", "mp-photo-alt[]", "first sent"),
			`{"photo":["/media/2-2-bytes",{"value":"/media/1-3-bytes","alt":"first sent"}]}`, `{"mp-photo-alt":["","first sent"]}`},
		{"a file and its text as an object", boundaryType, file("photo[value]", "abc") + parts("photo[alt]", "A harbour"), `{"photo":[{"value":"/media/1-3-bytes","alt":"A harbour"}]}`, ""},
		{"a video and a sound", boundaryType, file("video", "abc") + file("audio[]", "de") + "--b--\r\n", `{"video":["/media/1-3-bytes"],"audio":["/media/2-2-bytes"]}`, ""},
		{"a boundary in quotes", `multipart/form-data; charset=utf-8; boundary="b"`, parts("content", "x"), `{"content":["x"]}`, ""},

		{"empty objects and lists are dropped", jsonType,
			`{"properties":{"content":["x"],"photo":[{"value":"","alt":""},{"value":"/b.jpg","alt":" "}],"like-of":[[]],"in-reply-to":[{"type":["h-cite"],"properties":{"url":[""],"name":[null]}}],"checkin":[{"type":["h-card"],"properties":{"name":["A",""],"geo":[{"type":["h-geo"],"properties":{}}]}}]}}`,
			`{"content":["x"],"photo":[{"value":"/b.jpg","alt":" "}],"checkin":[{"type":["h-card"],"properties":{"name":["A",""],"geo":[{"type":["h-geo"],"properties":{}}]}}]}`, ""},
		{"false and 0 are not empty", jsonType, `{"properties":{"x":[false,{"a":0}]}}`, `{"x":[false,{"a":0}]}`, ""},
		{"a text for a photo with an empty text", jsonType, `{"properties":{"photo":[{"value":"/a.jpg","alt":""}]},"mp-photo-alt":["A"]}`, `{"photo":[{"value":"/a.jpg","alt":"A"}]}`, `{"mp-photo-alt":["A"]}`},
		{"JSON", jsonType, entryWithText, `{"content":["Hello"]}`, ""},
		{"JSON with a charset", jsonType + ";charset=utf-8", entryWithText, `{"content":["Hello"]}`, ""},
		{"JSON with a byte order mark", jsonType, "\ufeff" + entryWithText, `{"content":["Hello"]}`, ""},
		{"JSON with a type that is not a list", jsonType, `{"type":"h-entry","properties":{"content":["Hello"]}}`, `{"content":["Hello"]}`, ""},
		{"JSON without a type", jsonType, `{"properties":{"content":["Hello"]}}`, `{"content":["Hello"]}`, ""},
		{"scalars become lists", jsonType, `{"properties":{"content":"Hello","rating":4.50,"big":12345678901234567890,"nsfw":true}}`,
			`{"content":["Hello"],"rating":[4.50],"big":[12345678901234567890],"nsfw":[true]}`, ""},
		{"an object becomes a list", jsonType, `{"properties":{"content":{"html":"<b>x</b>"}}}`, `{"content":[{"html":"<b>x</b>"}]}`, ""},
		{"null and empty values are dropped", jsonType, `{"properties":{"content":["x"],"name":[""],"summary":null,"category":[null,"a",""],"location":{}}}`, `{"content":["x"],"category":["a"]}`, ""},
		{"nested objects are stored unchanged", jsonType, `{"properties":{"checkin":[{"type":["h-card"],"properties":{"name":[""],"n":[1.0,null,true]},"value":""}]}}`,
			`{"checkin":[{"type":["h-card"],"properties":{"name":[""],"n":[1.0,null,true]},"value":""}]}`, ""},
		{"commands in JSON", jsonType, `{"properties":{"content":["x"],"mp-slug":["a"]},"mp-syndicate-to":"b"}`, `{"content":["x"]}`, `{"mp-slug":["a"],"mp-syndicate-to":["b"]}`},
		{"texts for photos in JSON", jsonType, `{"properties":{"photo":["/a.jpg",{"value":"/b.jpg"},{"value":"/c.jpg","alt":"C"}],"mp-photo-alt":[null,"B","other"]}}`,
			`{"photo":["/a.jpg",{"value":"/b.jpg","alt":"B"},{"value":"/c.jpg","alt":"C"}]}`, `{"mp-photo-alt":[null,"B","other"]}`},
		{"an access token in JSON is never stored", jsonType, `{"access_token":"secret","properties":{"content":["x"],"access_token":["secret"]}}`, `{"content":["x"]}`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := decodeRequest(tc.contentType, strings.NewReader(tc.body), &fileCounter{})
			if err != nil {
				t.Fatalf("decodeRequest(%q): %v", tc.body, err)
			}
			if want := fromJSON(t, tc.properties); !reflect.DeepEqual(r.Properties, want) {
				t.Errorf("properties\n %v\nwant\n %v", r.Properties, want)
			}
			if want := fromJSON(t, tc.commands); !reflect.DeepEqual(r.Commands, want) {
				t.Errorf("commands\n %v\nwant\n %v", r.Commands, want)
			}
			if r.Action != "create" || r.Type != "entry" {
				t.Errorf("action %q of an h-%s, want create of an h-entry", r.Action, r.Type)
			}
		})
	}
}

func TestActionTypeAndTokenAreNotProperties(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, contentType, body, action, kind, token string }{
		{"a form", formType, "h=event&action=delete&access_token=abc&name=x", "delete", "event", "abc"},
		{"a form with a full type", formType, "h=h-event", "create", "event", ""},
		{"multipart", boundaryType, parts("h", "review", "access_token", "abc"), "create", "review", "abc"},
		{"JSON, which has no token", jsonType, `{"type":["h-event"],"action":"update","access_token":"abc"}`, "update", "event", ""},
		{"an action among the properties is ignored", jsonType, `{"properties":{"action":["delete"]}}`, "create", "entry", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := decodeRequest(tc.contentType, strings.NewReader(tc.body), &fileCounter{})
			if err != nil {
				t.Fatalf("decodeRequest(%q): %v", tc.body, err)
			}
			if r.Action != tc.action || r.Type != tc.kind || r.Token != tc.token {
				t.Errorf("got %q, %q, %q; want %q, %q, %q", r.Action, r.Type, r.Token, tc.action, tc.kind, tc.token)
			}
		})
	}
}

func nested(levels int) string {
	return `{"properties":{"x":[` + strings.Repeat(`{"a":`, levels) + "1" + strings.Repeat("}", levels) + "]}}"
}

func repeated(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return strings.TrimSuffix(strings.TrimSuffix(b.String(), ","), "&")
}

func TestLimitsOfARequest(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", maxNameBytes)
	for _, tc := range []struct {
		name, contentType, body string
		status                  int // 0: accepted
	}{
		{"a form of 1 MiB", formType, "content=" + strings.Repeat("x", maxBodyBytes-8), 0},
		{"a form of 1 MiB and a byte", formType, "content=" + strings.Repeat("x", maxBodyBytes-7), 413},
		{"JSON over 1 MiB", jsonType, `{"properties":{"content":["` + strings.Repeat("x", maxBodyBytes) + `"]}}`, 413},
		{"multipart over 1 MiB", boundaryType, parts("content", strings.Repeat("x", maxBodyBytes)), 413},
		{"multipart without a first boundary", boundaryType, strings.Repeat("x\r\n", maxBodyBytes), 413},
		{"32 levels", jsonType, nested(29), 0},
		{"33 levels", jsonType, nested(30), 400},
		{"10,000 levels", jsonType, nested(10_000), 400},
		{"100,000 levels", jsonType, strings.Repeat("[", 100_000), 400},
		{"brackets 100 deep", formType, "x" + strings.Repeat("[a]", 100) + "=1", 400},
		{"nested properties 20 deep", formType, "x" + strings.Repeat("[properties][a]", 15) + "=1", 400},
		{"1,000 values", formType, repeated("x=%d&", maxValues), 0},
		{"1,001 values", formType, repeated("x=%d&", maxValues+1), 400},
		{"1,001 values in JSON", jsonType, `{"properties":{"x":[` + repeated("%d,", maxValues+1) + `]}}`, 400},
		{"1,001 parts", boundaryType, parts(strings.Fields(strings.Repeat("x y ", maxValues+1))...), 400},
		{"1,000 properties", jsonType, `{"properties":{` + repeated(`"x%d":[],`, maxProperties) + `}}`, 0},
		{"1,001 properties", jsonType, `{"properties":{` + repeated(`"x%d":[],`, maxProperties+1) + `}}`, 400},
		{"1,001 nested properties", jsonType, `{"properties":{"x":{` + repeated(`"x%d":[],`, maxProperties) + `}}}`, 400},
		{"a name of 128 bytes", formType, long + "=1", 0},
		{"a name of 129 bytes", formType, long + "n=1", 400},
		{"a nested name of 129 bytes", formType, "x[" + long + "n]=1", 400},
		{"a name in JSON of 129 bytes", jsonType, `{"properties":{"` + long + `n":[1]}}`, 400},
		{"a name with a line break", jsonType, `{"properties":{"a\nb":[1]}}`, 400},
		{"no name", formType, "=1", 400},
		{"no name in multipart", boundaryType, "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", 400},
		{"brackets without a name", formType, "[a]=1", 400},
		{"a bracket that does not close", formType, "x[a=1", 400},
		{"brackets that cross", formType, "x[a][b=1", 400},
		{"a list in a list", formType, "x[0][1]=a", 400},
		{"a text that is an object too", formType, "x[a]=1&x[a][b]=2", 400},
		{"an object that is a list too", formType, "x[a][b]=1&x[a][]=2", 400},
		{"properties that are a text", formType, "x[properties]=1&x[properties][a]=2", 400},
		{"a NUL character in a form", formType, "content=a%00b", 400},
		{"a NUL character in JSON", jsonType, `{"properties":{"x":[{"properties":{"y":["a\u0000"]}}]}}`, 400},
		{"a form that is not UTF-8", formType, "content=\xff", 400},
		{"an escape that is not UTF-8", formType, "content=%FF", 400},
		{"a name that is not UTF-8", formType, "%FF=x", 400},
		{"a part that is not UTF-8", boundaryType, parts("content", "\xff"), 400},
		{"JSON that is not UTF-8", jsonType, "{\"properties\":{\"content\":[\"\xff\"]}}", 400},
		{"JSON in UTF-16", jsonType + "; charset=utf-16", "\xff\xfe{\x00}\x00", 400},
		{"a number beyond the range of a float", jsonType, `{"properties":{"x":[1e400]}}`, 400},
		{"JSON that ends early", jsonType, `{"properties":{`, 400},
		{"JSON with data after it", jsonType, entryWithText + "x", 400},
		{"two JSON objects", jsonType, entryWithText + entryWithText, 400},
		{"JSON that is a list", jsonType, `[]`, 400},
		{"JSON null", jsonType, `null`, 400},
		{"an empty body as JSON", jsonType, ``, 400},
		{"properties that are a list", jsonType, `{"properties":[]}`, 400},
		{"an invalid type", jsonType, `{"type":["h-Entry<script>"]}`, 400},
		{"an invalid h", formType, "h=../../etc&content=x", 400},
		{"one token twice in a form", formType, "access_token=a&access_token[]=a", 400},
		{"two tokens in one value", formType, "access_token=a,b", 400},
		{"two different tokens in a form", formType, "access_token=a&access_token=b", 400},
		{"a token that is an object", formType, "access_token[x]=a", 400},
		{"multipart without a boundary", "multipart/form-data", parts("content", "x"), 400},
		{"multipart that is cut off between parts", boundaryType, strings.TrimSuffix(parts("content", "x"), "--\r\n"), 400},
		{"multipart that is cut off in a part", boundaryType, "--b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nx", 400},
		{"twenty files", boundaryType, strings.Repeat(file("photo[]", "x"), 20) + "--b--\r\n", 0},
		{"twenty-one files", boundaryType, strings.Repeat(file("photo[]", "x"), 21) + "--b--\r\n", 400},
		{"a file that is not photo, video or audio", boundaryType, file("content", "x") + "--b--\r\n", 400},
		{"files with too many bytes together", boundaryType, file("photo[]", strings.Repeat("x", maxBodyBytes)) + file("photo[]", strings.Repeat("x", maxBodyBytes)) + "--b--\r\n", 413},
		{"text over 1 MiB beside a file", boundaryType, file("photo", "x") + parts("content", strings.Repeat("x", maxBodyBytes/2), "summary", strings.Repeat("x", maxBodyBytes/2+1)), 413},
		{"another media type", "text/plain", "content=x", 415},
		{"no media type", "", "content=x", 415},
		{"an invalid media type", ";;;", "content=x", 415},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := decodeRequest(tc.contentType, strings.NewReader(tc.body), &fileCounter{})
			if err == nil && tc.status == 0 {
				return
			}
			var e *Error
			if !errors.As(err, &e) || e.Status != tc.status {
				t.Fatalf("decodeRequest(%.100q): %v, want status %d", tc.body, err, tc.status)
			}
			if e.Code != "invalid_request" || e.Description == "" {
				t.Errorf("error %q: %q", e.Code, e.Description)
			}
		})
	}
}

func TestAReadErrorIsAClientError(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	for _, contentType := range []string{formType, jsonType, boundaryType} {
		_, err := decodeRequest(contentType, iotest.ErrReader(broken), &fileCounter{})
		var e *Error
		if !errors.As(err, &e) || e.Status != http.StatusBadRequest || !errors.Is(err, broken) {
			t.Errorf("%s: %v, want a 400 that wraps %q", contentType, err, broken)
		}
	}
}

// checkShape checks the shape on which all later steps rely.
func checkShape(t *testing.T, r *request, err error) {
	if err != nil {
		if e, ok := errors.AsType[*Error](err); !ok || e.Status < 400 || e.Status > 415 {
			t.Fatalf("error %v is not a response to a client", err)
		}
		return
	}
	for name, values := range r.Properties {
		if len(values) == 0 || name == "access_token" || strings.HasPrefix(name, "mp-") {
			t.Fatalf("property %q: %v", name, values)
		}
		for _, v := range values {
			if v == nil || v == "" {
				t.Fatalf("property %q has an empty value: %v", name, values)
			}
			checkValue(t, v)
		}
	}
}

func checkValue(t *testing.T, v any) {
	switch v := v.(type) {
	case string, json.Number, bool, nil:
	case []any:
		for _, item := range v {
			checkValue(t, item)
		}
	case map[string]any:
		for _, item := range v {
			checkValue(t, item)
		}
	default:
		t.Fatalf("a value is a %T: %v", v, v)
	}
}

func FuzzForm(f *testing.F) {
	for _, body := range []string{
		"h=entry&content=50%25+off", "a[]=1&a[0]=2&a[b][c][]=3&", "checkin[properties][name][]=x&photo[value]=a&photo[alt]=b",
		"photo[]=&photo[]=b&mp-photo-alt[]=a&mp-photo-alt[]=", "x[][a]=1&x[][a]=2&x[type]=h", "photo[1]=a&photo[7]=b&mp-photo-alt[7]=b", "%=%4&%ff=%zz&[=]",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r, err := decodeRequest(formType, strings.NewReader(body), &fileCounter{})
		checkShape(t, r, err)
		again, errAgain := decodeRequest(formType, strings.NewReader(body), &fileCounter{})
		if (err == nil) != (errAgain == nil) || !reflect.DeepEqual(r, again) {
			t.Fatalf("%q decodes to %v and then to %v", body, r, again)
		}
	})
}

func FuzzMultipart(f *testing.F) {
	f.Add(parts("content", "x", "category[]", "a", "photo[value]", "b"))
	f.Add("--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\nx\r\n--b--\r\n")
	f.Add("--b\r\nContent-Disposition: form-data; name=content\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC\r\n--b--")
	f.Fuzz(func(t *testing.T, body string) {
		r, err := decodeRequest(boundaryType, strings.NewReader(body), &fileCounter{})
		checkShape(t, r, err)
	})
}

func FuzzJSON(f *testing.F) {
	for _, body := range []string{
		entryWithText, `{"type":"h-entry","properties":{"x":1.50,"mp-slug":"a","photo":[{"value":"a"}],"mp-photo-alt":["b"]}}`,
		`{"action":"update","properties":{"checkin":{"type":["h-card"],"properties":{"a":[null,true]}}}}`, `{"properties":{"content":"\ud800"}}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r, err := decodeRequest(jsonType, strings.NewReader(body), &fileCounter{})
		checkShape(t, r, err)
	})
}
