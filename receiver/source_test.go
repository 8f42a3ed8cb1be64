package receiver

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"starpunk/site/store"
)

// FuzzCursor checks that a cursor is decoded to the encoded position, and that an
// invalid cursor is a client error.
func FuzzCursor(f *testing.F) {
	f.Add(int64(1_700_000_000), "/2023/11/hello/", "MTcwMDAwMDAwMCAvMjAyMy8xMS9oZWxsby8")
	f.Add(int64(-1), "", "")
	f.Add(int64(1<<62), "/a b/\x00\xff", "IA")
	f.Add(int64(0), " ", "MCA=")
	f.Add(int64(0), "x", "OTk5OTk5OTk5OTk5OTk5OTk5OTkgYQ") // a number that is too large
	f.Add(int64(0), "x", "MTIz")                           // no name
	f.Add(int64(0), "x", "not base64!")
	f.Fuzz(func(t *testing.T, at int64, name, given string) {
		text := formatCursor(at, name)
		if strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Fatalf("%q must be escaped in an address", text)
		}
		if backAt, backName, ok := splitCursor(text); !ok || backAt != at || backName != name {
			t.Fatalf("%d %q became %d %q, %v", at, name, backAt, backName, ok)
		}
		for _, key := range []string{"after", "before"} {
			sel, err := parseSelection(query{key: {given}})
			var refused *Error
			switch {
			case strings.TrimSpace(given) == "":
				if err != nil || sel.From != nil {
					t.Fatalf("a %s without text gave %+v, %v", key, sel, err)
				}
			case err != nil:
				if !errors.As(err, &refused) || refused.Status != http.StatusBadRequest {
					t.Fatalf("%s=%q gave %v, want 400", key, given, err)
				}
			default:
				decoded, ok := parseCursor(cursor(&store.Row{Published: time.Unix(sel.From.Published, 0), Permalink: sel.From.Permalink}))
				if !ok || *decoded != *sel.From || sel.Oldest != (key == "before") {
					t.Fatalf("%s=%q is the position %+v, which is encoded as %+v", key, given, sel.From, decoded)
				}
			}
		}
	})
}
