package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// banned has the words and idioms that make a text hard to read, each with the
// words to write instead. docs/contributing.md has the rules and the glossary.
var banned = []rule{
	{`(?:says?|said) (?:whether|if)`, "reports whether"},
	{`(?:says?|said) (?:that|what|which|how|who|where|when|why|so)`, "reports, names, describes"},
	{`stands?|stood|standing`, "is, has, appears"},
	{`(?:go|goes|going|went) (?:before|first)`, "takes precedence over, precedes"},
	{`goes (?:on|away)`, "continues, is removed"},
	{`somebody|someone|nobody|no one|whoever`, "the owner, a client, another process, no process"},
	{`(?:in|has|have|takes?|took|taken) the place of`, "instead of, replaces"},
	{`makes? way|making way|made way`, "is replaced by, is removed for"},
	{`(?:is|are|was|were) to be`, "must be, will be"},
	{`to be had`, "available"},
	{`by now|as yet`, "already, yet"},
	{`hears?|heard`, "receives, is notified"},
	{`tells|told`, "reports, notifies"},
	{`asks`, "requests, prompts, queries"},
	{`knows`, "has, stores, recognizes"},
	{`went`, "was removed, was sent"},
	{`(?:is|are|was|were|be) gone|(?:is|are|was|were) no more`, "does not exist, was deleted"},
	{`(?:those|that) (?:that|which|who)`, "the notes that (name the noun)"},
	{`(?:is|are|was|were) (?:no|none)`, "is not a"},
	{`(?:is|are|was|were) there(?: *[.,;:)]|$)|what (?:is|was) there`, "exists"},
	{`lies|lay`, "is"},
	{`(?:its|their|whose) turn`, "due"},
	{`patience`, "timeout, retry"},
	{`anew`, "again"},
	{`seldom`, "rarely"},
	{`mend|mends|mended|mending`, "fix, correct"},
	{`nought|whence|lest|hitherto|aright|thereof`, "a common word"},
}

// A rule has an expression of words, and the words to write instead.
type rule struct{ words, write string }

// plain has the phrases with words of banned that are good English.
var plain = regexp.MustCompile(`(?i)\b(?:stands? for|stand-ins?|what went wrong|went wrong|goes wrong|` +
	`(?:who|readers?) knows|asks (?:you|(?:a few |\w+ )?questions?|for (?:a|the) (?:password|code|token))|` +
	`there (?:is|are|was|were) (?:then |also |often |still |as a rule )?(?:no|none)|` +
	`(?:is|are|was|were) no (?:longer|less|better|worse|different|reason|need|point|more than)|` +
	`lay out)\b`)

var (
	unplainOpening = regexp.MustCompile(`(?:^|[.!;] )(?:What [^.?!;]*(?:[.!;]|$)|Else\b)`) // questions may open with What
	markdownTarget = regexp.MustCompile(`\]\([^)]*\)|<[^>]*>`)
)

// A rulebook has the expressions of banned, each with the words to write instead.
type rulebook struct {
	any *regexp.Regexp // matches where one of them does
	all map[*regexp.Regexp]string
}

func compileRules() rulebook {
	book := rulebook{all: map[*regexp.Regexp]string{unplainOpening: "a noun, or Otherwise"}}
	var words []string
	for _, b := range banned {
		words = append(words, b.words)
		book.all[regexp.MustCompile(`(?i)\b(?:`+b.words+`)(?:\b|$)`)] = b.write
	}
	book.any = regexp.MustCompile(`(?i)\b(?:` + strings.Join(words, "|") + `)(?:\b|$)|` + unplainOpening.String())
	return book
}

// A passage is a text for people: a comment, a message, a paragraph.
type passage struct {
	file  string
	line  int
	text  string // without line ends
	title bool   // may open with "What"
}

// TestPlainEnglish holds that comments, messages, names of tests and the manual
// keep away from the words that banned lists.
func TestPlainEnglish(t *testing.T) {
	byFolder := map[string][]passage{}
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(filepath.ToSlash(name), "../../")
		if d.IsDir() && (rel != "../.." && strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if read := passagesOf(rel); read != nil && !d.IsDir() {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			for _, p := range read(t, string(data)) {
				p.file = rel
				byFolder[path.Dir(rel)] = append(byFolder[path.Dir(rel)], p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rules := compileRules()
	for _, folder := range slices.Sorted(maps.Keys(byFolder)) {
		t.Run(folder, func(t *testing.T) {
			for _, p := range byFolder[folder] {
				for _, line := range p.findings(rules) {
					t.Error(line)
				}
			}
		})
	}
}

// findings returns a line for each phrase of p that is not plain.
func (p passage) findings(rules rulebook) (lines []string) {
	text := plain.ReplaceAllStringFunc(p.text, func(s string) string { return strings.Repeat("_", len(s)) })
	if !rules.any.MatchString(text) {
		return nil
	}
	for words, write := range rules.all {
		if p.title && words == unplainOpening {
			continue
		}
		for _, at := range words.FindAllStringIndex(text, -1) {
			from, to := max(0, at[0]-50), min(len(text), at[1]+50)
			lines = append(lines, fmt.Sprintf("%s:%d: write %s: …%s «%s» %s…", p.file, p.line, write, text[from:at[0]], text[at[0]:at[1]], text[at[1]:to]))
		}
	}
	slices.Sort(lines)
	return lines
}

// passagesOf returns the function that reads the passages of a file, nil if the
// file has none to check.
func passagesOf(name string) func(*testing.T, string) []passage {
	if path.Base(name) == "plainenglish_test.go" {
		return nil
	}
	switch path.Ext(name) {
	case ".go":
		return goPassages(strings.HasSuffix(name, "_test.go"))
	case ".sql":
		return func(_ *testing.T, text string) []passage { return commentLines(text, "--") }
	case ".txtar":
		return func(_ *testing.T, text string) []passage { return commentLines(text, "#") }
	case ".md":
		if strings.HasPrefix(name, "docs/") || !strings.Contains(name, "/") {
			return func(_ *testing.T, text string) []passage { return markdownPassages(text) }
		}
	}
	return nil
}

// goPassages returns the reader of a Go file: comments, texts in quotes and the
// names of tests. Of a test's texts it takes the messages and the names of cases;
// the others are data.
func goPassages(isTest bool) func(*testing.T, string) []passage {
	return func(t *testing.T, source string) (found []passage) {
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, "", source, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		add := func(at token.Pos, text string) {
			found = append(found, passage{line: files.Position(at).Line, text: strings.Join(strings.Fields(text), " ")})
		}
		for _, c := range file.Comments {
			add(c.Pos(), c.Text())
		}
		quoted := func(e ast.Expr) {
			if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING && strings.Contains(lit.Value, " ") {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					add(lit.Pos(), text)
				}
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if name, ok := strings.CutPrefix(n.Name.Name, "Test"); ok && isTest {
					add(n.Pos(), words(name))
				}
			case *ast.BasicLit:
				if !isTest {
					quoted(n)
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && isTest && strings.Contains("Errorf Fatalf Logf Skipf Run", f.Sel.Name) && len(n.Args) > 0 {
					quoted(n.Args[0])
				}
			case *ast.CompositeLit:
				for _, e := range n.Elts {
					if row, ok := e.(*ast.CompositeLit); ok && isTest && len(row.Elts) > 1 {
						quoted(row.Elts[0])
					}
				}
			}
			return true
		})
		return found
	}
}

// words returns the words of a name in camel case: "What it writes".
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// commentLines returns the comments that begin with mark, lines that follow each
// other as one.
func commentLines(text, mark string) (found []passage) {
	last := 0
	for i, line := range strings.Split(text, "\n") {
		at := strings.Index(line, mark)
		if at < 0 || at > 0 && (mark == "#" || line[at-1] != ' ') {
			continue
		}
		comment := strings.TrimSpace(line[at+len(mark):])
		if at == 0 && last == i && last > 0 {
			found[len(found)-1].text += " " + comment
		} else {
			found = append(found, passage{line: i + 1, text: comment})
		}
		if at == 0 {
			last = i + 1
		}
	}
	return found
}

// markdownPassages returns the paragraphs, items and headings of a page, without
// its code and the targets of its links.
func markdownPassages(text string) (found []passage) {
	newlines := func(code string) string { return strings.Repeat("\n", strings.Count(code, "\n")) }
	text = codeSpan.ReplaceAllStringFunc(codeBlock.ReplaceAllStringFunc(text, newlines), func(code string) string {
		return "x" + newlines(code)
	})
	open := false
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(markdownTarget.ReplaceAllString(line, "]"))
		switch {
		case line == "":
			open = false
		case open && !strings.HasPrefix(line, "- ") && !strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "#"):
			found[len(found)-1].text += " " + line
		default:
			title := strings.HasPrefix(line, "#")
			found = append(found, passage{line: i + 1, text: strings.TrimLeft(line, "-# "), title: title})
			open = !title
		}
	}
	return found
}
