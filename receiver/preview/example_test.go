package preview_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"

	"starpunk/receiver/preview"
)

// A preview answers like a static web host.
func ExampleNew() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	if err := os.WriteFile(filepath.Join(folder, "index.html"), []byte("<h1>Hello</h1>"), 0o644); err != nil {
		fmt.Println(err)
		return
	}
	h := preview.New(folder, slog.New(slog.DiscardHandler))
	for _, path := range []string{"/", "/nothing/"} {
		response := httptest.NewRecorder()
		h.ServeHTTP(response, httptest.NewRequest("GET", path, nil))
		fmt.Println(path, response.Code, response.Header().Get("Content-Type"))
	}
	// Output:
	// / 200 text/html; charset=utf-8
	// /nothing/ 404 text/plain; charset=utf-8
}
