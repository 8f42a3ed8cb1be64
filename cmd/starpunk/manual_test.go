package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"starpunk/cmd/starpunk/internal/check"

	"github.com/spf13/cobra"
)

// manual returns README.md and the pages below docs/, by their names from the top.
func manual(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	read := func(name string) {
		data, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(data)
	}
	read("README.md")
	err := filepath.WalkDir("../../docs", func(name string, d fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ".md" {
			read(strings.TrimPrefix(filepath.ToSlash(name), "../../"))
		}
		return err
	})
	if err != nil || len(texts) < 20 {
		t.Fatalf("%d pages, %v", len(texts), err)
	}
	return texts
}

var (
	codeBlock  = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	codeSpan   = regexp.MustCompile("``[^`](?:.|\n)*?``|`[^`]*`")
	manualLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading    = regexp.MustCompile(`(?m)^#{1,6} +(.+)$`)
)

// anchors returns the fragments of a page's headings.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		found[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])] = true
	}
	return found
}

func TestEveryLinkOfTheManualLeadsSomewhere(t *testing.T) {
	pages := manual(t)
	links := 0
	for name, text := range pages {
		text = codeSpan.ReplaceAllStringFunc(codeBlock.ReplaceAllString(text, ""), func(code string) string {
			return strings.Repeat("x", len(code)) // it may be the text of a link
		})
		for _, m := range manualLink.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			links++
			file, fragment, _ := strings.Cut(m[1], "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat("../../" + target); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, m[1])
			} else if fragment != "" && !anchors(pages[target])[fragment] {
				t.Errorf("%s links to %s, which has no such heading", name, m[1])
			}
		}
	}
	if links < 50 {
		t.Errorf("found only %d links", links)
	}
}

func TestTheTableOfContentsNamesEveryPage(t *testing.T) {
	pages := manual(t)
	for name := range pages {
		if rel, ok := strings.CutPrefix(name, "docs/"); ok && rel != "README.md" && !strings.HasPrefix(rel, "decisions/") &&
			!strings.Contains(pages["docs/README.md"], "]("+rel+")") {
			t.Errorf("docs/README.md does not name %s", name)
		}
	}
}

var (
	aRecipe = regexp.MustCompile("(?m)^ *(?:[A-Z_]+=\\S+ )?just ([a-z][a-z0-9-]*)|`(?:[A-Z_]+=\\S+ )?just ([a-z][a-z0-9-]*)")
	// a line of a box, or of code within a text
	aCommand = regexp.MustCompile("(?m)(?:^ *|`|&& )(?:\\./|/usr/local/bin/)?starpunk ([a-z][^`#\n&|;]*)")
	aFlag    = regexp.MustCompile(`(?:^|\s)--([a-z][a-z-]*)`)
	recipe   = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*)(?: [^:\n]*)?:`)
)

func TestTheManualDescribesTheReportOfCheck(t *testing.T) {
	pages := manual(t)
	for prefix, of := range map[string]any{"": check.Report{}, "findings[].": check.Finding{}} {
		for field := range reflect.TypeOf(of).Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if member := "`" + prefix + name + "`"; name != "-" && !strings.Contains(pages["docs/check.md"], member) {
				t.Errorf("docs/check.md does not have %s", member)
			}
		}
	}
	if !regexp.MustCompile(`(?m)^#+ .*` + check.GuideStep).MatchString(pages["docs/quickstart.md"]) {
		t.Errorf("docs/quickstart.md has no heading with %q, which is in the remedies of check", check.GuideStep)
	}
}

func TestTheManualNamesRecipesThatExist(t *testing.T) {
	justfile, err := os.ReadFile("../../justfile")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, m := range recipe.FindAllStringSubmatch(string(justfile), -1) {
		known[m[1]] = true
	}
	named := 0
	for name, text := range manual(t) {
		for _, m := range aRecipe.FindAllStringSubmatch(text, -1) {
			named++
			if !known[m[1]+m[2]] {
				t.Errorf("%s names just %s, which is not a recipe", name, m[1]+m[2])
			}
		}
	}
	if named < 5 {
		t.Errorf("found only %d recipes", named)
	}
}

func TestTheManualNamesCommandsAndFlagsThatExist(t *testing.T) {
	named := 0
	for name, text := range manual(t) {
		for _, m := range aCommand.FindAllStringSubmatch(text, -1) {
			named++
			root := newRootCommand()
			root.InitDefaultHelpCmd()
			root.InitDefaultCompletionCmd()
			cmd, _, err := root.Find(strings.Fields(m[1])[:1])
			if err != nil || cmd == root {
				t.Errorf("%s names starpunk %s, which is not a command", name, m[1])
				continue
			}
			for _, f := range aFlag.FindAllStringSubmatch(m[1], -1) {
				if !hasFlag(cmd, f[1]) {
					t.Errorf("%s names starpunk %s: %s has no flag --%s", name, m[1], cmd.Name(), f[1])
				}
			}
		}
	}
	if named < 20 {
		t.Errorf("found only %d commands", named)
	}
}

var (
	aFile = regexp.MustCompile("`([A-Za-z0-9_./-]+/[A-Za-z0-9_-]+\\.(?:go|sql|html|txtar))`")
	aTest = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z][A-Za-z0-9]*\b`)
)

// TestTheManualNamesFilesAndTestsThatExist compares the files of the source and
// the tests that pages name with those of the repository. A file may be named by
// the end of its path.
func TestTheManualNamesFilesAndTestsThatExist(t *testing.T) {
	var files, tests strings.Builder
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files.WriteString(strings.TrimPrefix(filepath.ToSlash(name), "../..") + "\n")
		if strings.HasSuffix(name, "_test.go") {
			data, err := os.ReadFile(name)
			tests.Write(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for name, text := range manual(t) {
		for _, m := range aFile.FindAllStringSubmatch(text, -1) {
			named++
			if !strings.Contains(files.String(), "/"+m[1]+"\n") && !strings.HasPrefix(m[1], "layouts/") { // a site's own
				t.Errorf("%s names the file %s, which does not exist", name, m[1])
			}
		}
		for _, test := range aTest.FindAllString(text, -1) {
			named++
			if !strings.Contains(tests.String(), "func "+test) { // also the beginnings of several
				t.Errorf("%s names %s, which does not exist", name, test)
			}
		}
	}
	if named < 100 {
		t.Errorf("found only %d names", named)
	}
}

func hasFlag(cmd *cobra.Command, name string) bool {
	return name == "help" || cmd.Flags().Lookup(name) != nil || cmd.InheritedFlags().Lookup(name) != nil
}

func TestEveryCommandExplainsItself(t *testing.T) {
	for _, cmd := range newRootCommand().Commands() {
		if cmd.Long == "" || cmd.Example == "" {
			t.Errorf("starpunk %s has no explanation or no example", cmd.Name())
		}
	}
}
