package receiver_test

import (
	"strings"
	"testing"
)

func TestTheMediaEndpointListsUploadsNewestFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{files: map[string]string{"media/by-hand.pdf": "x", "static/media.css": "x"}})
	w.watch()
	var want []string
	for _, data := range [][]byte{photo(t), pixel(t)} {
		res := w.upload("media", "file", "a", data)
		if res.StatusCode != 201 {
			t.Fatalf("%d %s", res.StatusCode, res.body)
		}
		want = append([]string{res.Header.Get("Location")}, want...)
	}
	want = append(want, "https://example.org/media/by-hand.pdf")
	types := []string{"image/png", "image/jpeg", "application/pdf"}
	after := ""
	for i, address := range want {
		res := w.do(w.request("GET", "/micropub/media?q=source&limit=1&after="+after, "create", "", ""))
		list := res.json(t)
		items, _ := list["items"].([]any)
		if res.StatusCode != 200 || len(items) != 1 {
			t.Fatalf("%d %s", res.StatusCode, res.body)
		}
		item, _ := items[0].(map[string]any)
		if item["url"] != address || item["mime_type"] != types[i] || item["published"] == "" {
			t.Errorf("item %d is %v, want %s, %s", i, item, address, types[i])
		}
		after, _ = list["paging"].(map[string]any)["after"].(string)
	}
	if after != "" {
		t.Errorf("the list continues after its end: %q", after)
	}
}

func TestMediaQueriesThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	for _, tc := range []struct {
		name, token, query string
		status             int
	}{
		{"without a token", "", "q=source", 401},
		{"with a token without the scope", "delete", "q=source", 403},
		{"another query", "media", "q=config", 400},
		{"no query", "media", "", 400},
		{"an invalid cursor", "media", "q=source&after=x", 400},
		{"a cursor that is not an upload", "media", "q=source&after=MSAvZXRj", 400},
		{"a limit that is not a number", "media", "q=source&limit=all", 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := w.do(w.request("GET", "/micropub/media?"+tc.query, tc.token, "", ""))
			if res.StatusCode != tc.status {
				t.Errorf("%d %s, want %d", res.StatusCode, res.body, tc.status)
			}
		})
	}
	res := w.do(w.request("DELETE", "/micropub/media", "media", "", ""))
	if res.StatusCode != 405 || !strings.Contains(res.Header.Get("Allow"), "POST") {
		t.Errorf("DELETE: %d, Allow %q", res.StatusCode, res.Header.Get("Allow"))
	}
}
