package receiver

import (
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/site"
)

// FuzzNote checks that the file of a note is read back as the same note, so
// that a query returns the sent properties.
func FuzzNote(f *testing.F) {
	cfg, err := site.ParseConfig(f.TempDir(), []byte("url = \"https://example.org/\"\ntitle = \"T\"\n"), func(string) string { return "" })
	if err != nil {
		f.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	rc := &Receiver{cfg: cfg, log: slog.New(slog.DiscardHandler), now: func() time.Time { return at }}
	token := &indieauth.Token{Scope: []string{"create"}, ClientID: "https://app.example/"}
	for _, properties := range []string{
		`{"content":["a\r\nb\n"],"name":[" A "],"category":["x","y"],"published":["2026-01-02T03:04:05Z"]}`,
		`{"content":{"html":"<p>"},"photo":[{"value":"https://example.org/a.jpg","alt":"\u2028"}],"post-status":"draft"}`,
		`{"checkin":{"type":["h-card"],"properties":{"name":["1"],"n":[1.50,-0,1e3],"b":[true,null,[[]],{}]}},"~":["null","2026-01-01","- a"]}`,
		`{"x":["0x1F","0o17","1_000",".5","~","=","<<","!!str a","&a","*a","? a","yes","On","2026-11-22","-"," a","a ","\ta","a\n b\n\n","#a","a: b","|","\u0085","\ufeff","\r"]}`,
		`{"x":[1E300,1e-400,-0,0.10,1e-5,12345678901234567890123,{"yes":1,"<<":2,"1.5":3,"null":4," ":5}],"<<":[1],"1":[2],"yes":[3]}`,
		`{"title":["kept"],"properties":{"x":1},"name":[{"a":1},2]}`,
	} {
		f.Add(properties)
	}
	f.Fuzz(func(t *testing.T, properties string) {
		req, err := decodeRequest("application/json", strings.NewReader(`{"properties":`+properties+`}`), &fileCounter{})
		if err != nil {
			return
		}
		n, err := rc.newNote(req, token)
		if err != nil {
			if e := asError(err); e.Status != 400 {
				t.Fatalf("%s: %v", properties, err)
			}
			return
		}
		n.File = "notes/2026/11/22-" + n.Slug + ".md"
		data, err := n.Format()
		if err != nil {
			t.Fatalf("%s: %v", properties, err)
		}
		read, err := site.Parse(n.File, data, cfg.Location)
		if err != nil {
			t.Fatalf("%s was written as\n%s\nwhich cannot be read: %v", properties, data, err)
		}
		sent, got := source(t, cfg, n), source(t, cfg, read)
		if !reflect.DeepEqual(sent, got) {
			for _, name := range slices.Sorted(maps.Keys(sent)) {
				if !reflect.DeepEqual(sent[name], got[name]) {
					t.Errorf("%s: %q, read back as %q", name, sent[name], got[name])
				}
			}
			t.Fatalf("%s was written as\n%s", properties, data)
		}
	})
}

// source returns the answer of a query in the form that a client parses.
func source(t *testing.T, cfg *site.Config, n *site.Note) map[string]any {
	data, err := json.Marshal(properties(cfg, n))
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var v map[string]any
	if err := dec.Decode(&v); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	return v
}
