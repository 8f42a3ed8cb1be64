package importer

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// ignoreKeys are the settings with the files that a tool ignores.
var ignoreKeys = map[Tool]string{Hugo: "ignoreFiles", Zola: "ignored_content", Jekyll: "exclude"}

// findIgnored reads the patterns of files that the tool ignores: regular expressions
// of Hugo, globs of the others. An invalid pattern is an error: the import would
// publish these files.
func (old *oldSite) findIgnored() error {
	key := ignoreKeys[old.tool]
	for _, pattern := range texts(lookup(old.config, key)) {
		switch old.tool {
		case Zola: // its asterisks also match slashes
			pattern = strings.ReplaceAll(strings.ReplaceAll(pattern, "**", "*"), "*", "**")
			old.ignored = append(old.ignored, globPattern(pattern))
		case Jekyll:
			old.ignored = append(old.ignored, globPattern(strings.Trim(strings.TrimPrefix(pattern, "./"), "/")))
		case Hugo:
			re, err := regexp.Compile(pattern)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", old.file, key, err)
			}
			old.ignored = append(old.ignored, re)
		}
	}
	return nil
}

// isIgnored reports whether the tool ignores a file or a folder. Hugo compares the
// absolute name of a file, Zola that or a part of it.
func (old *oldSite) isIgnored(file, where string) bool {
	if len(old.ignored) == 0 {
		return false
	}
	names := []string{file}
	if whole, err := filepath.Abs(where); err == nil && old.tool != Jekyll {
		names = append(names, filepath.ToSlash(whole), filepath.Base(where))
	}
	return slices.ContainsFunc(old.ignored, func(re *regexp.Regexp) bool { return slices.ContainsFunc(names, re.MatchString) })
}
