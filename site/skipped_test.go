package site_test

import (
	"strings"
	"testing"

	"starpunk/site"
)

func TestAPathWithAHiddenElementIsSkipped(t *testing.T) {
	hidden := func(file string) bool {
		for element := range strings.SplitSeq(file, "/") {
			if strings.HasSuffix(element, "~") || element != "" && strings.Contains("._~", element[:1]) {
				return true
			}
		}
		return false
	}
	var cfg site.Config
	paths := []string{""}
	for range 6 {
		var longer []string
		for _, path := range paths {
			if got := cfg.Skipped(path); got != hidden(path) {
				t.Fatalf("Skipped(%q) = %v, want %v", path, got, !got)
			}
			for _, next := range []string{"a", "/", ".", "_", "~"} {
				longer = append(longer, path+next)
			}
		}
		paths = longer
	}
}
