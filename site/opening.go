package site

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A parts value has the parts of a file. Joined, they are the file again.
type parts struct {
	open  string // invisible characters at the beginning, and the line that opens the front matter
	front string // whole lines
	close string // the line that closes it
	body  string
	fence string // "---", "+++", ";;;" or "{", which is JSON without fences; "" for a file without front matter
}

// fences are the lines that open front matter, each with its normal form: those of
// Hugo and Zola, and the ones that gray-matter and Middleman read.
var fences = map[string]string{
	"---": "---", "---yaml": "---", "---yml": "---",
	"+++": "+++", "---toml": "+++",
	";;;": ";;;", "---json": ";;;",
}

// jsonOpening matches the beginning of front matter in JSON, which has no fences. A
// text can begin with a brace, too: {{< figure >}}, {: .note}, {% include %}.
var jsonOpening = lazyRegexp(`^\{\s*"(?:[^"\\\n]|\\.)*"\s*:`)

// cut divides a file. Empty lines and invisible characters before the front matter
// belong to its opening.
func cut(data []byte) (parts, *lineError) {
	text := string(data)
	start := skipUnseen(text)
	first, rest, _ := strings.Cut(text[start:], "\n")
	line := trimUnseen(first)
	fence := fenceKind(line)
	if fence == "" {
		return cutJSON(text, start)
	}
	p := parts{open: text[:len(text)-len(rest)], fence: fence}
	closing := line[:3]
	for after := rest; after != ""; {
		line, next, _ := strings.Cut(after, "\n")
		if trimmed := trimRightUnseen(line); trimmed == closing || fence == "---" && trimmed == "..." {
			p.front = rest[:len(rest)-len(after)]
			p.close = after[:len(after)-len(next)]
			p.body = next
			return p, nil
		}
		after = next
	}
	return p, &lineError{strings.Count(text[:start], "\n") + 1, fmt.Sprintf("front matter begins but does not end; close it with a line %q", closing)}
}

// cutJSON divides a file whose first line is not a fence.
func cutJSON(text string, start int) (parts, *lineError) {
	if first := text[start:min(start+maxKeyRunes*40, len(text))]; !strings.HasPrefix(first, "{") || !jsonOpening().MatchString(first) {
		// Only the byte order mark is removed: an empty line at the beginning is the author's.
		body := strings.TrimPrefix(text, "\uFEFF")
		return parts{open: text[:len(text)-len(body)], body: body}, nil
	}
	p := parts{open: text[:start], fence: "{"}
	end, err := jsonEnd(text[start:])
	if err != nil {
		err.line += strings.Count(p.open, "\n")
		return p, err
	}
	end += start
	if line, _, ended := strings.Cut(text[end:], "\n"); strings.TrimSpace(line) == "" {
		end += len(line)
		if ended {
			end++
		}
	}
	p.front, p.body = text[start:end], text[end:]
	return p, nil
}

// fields reads the front matter. The lines of the fields are counted in the file.
func (p *parts) fields() (fields []Field, err *lineError) {
	before := strings.Count(p.open, "\n")
	switch p.fence {
	case "":
		return nil, nil
	case "---":
		fields, err = yamlFields(p.front)
	case "+++":
		fields, err = tomlFields(p.front)
	default:
		fields, err = jsonFields(p.front)
	}
	if err != nil {
		err.line += before - 1
		return nil, err
	}
	for i := range fields {
		fields[i].Line += before - 1
	}
	return fields, nil
}

// bodyLine returns the line on which the body begins.
func (p *parts) bodyLine() int {
	return strings.Count(p.open, "\n") + strings.Count(p.front, "\n") + strings.Count(p.close, "\n") + 1
}

// isUnseen reports whether a character is invisible: white space, and characters that
// come with copied text, such as a byte order mark.
func isUnseen(r rune) bool {
	if r < utf8.RuneSelf {
		return r <= ' ' || r == '\x7f'
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Cc)
}

func trimUnseen(s string) string { return strings.TrimFunc(s, isUnseen) }

func trimRightUnseen(s string) string { return strings.TrimRightFunc(s, isUnseen) }

// skipUnseen returns the begin of the first line with a visible character, without
// invisible characters at its beginning. Four spaces begin code in Markdown: then
// they belong to the line.
func skipUnseen(text string) int {
	rest := strings.TrimLeftFunc(text, isUnseen)
	start := len(text) - len(rest)
	line := text[strings.LastIndexByte(text[:start], '\n')+1 : start]
	if strings.Contains(line, "\t") || strings.Count(line, " ") > 3 {
		return start - len(line)
	}
	return start
}

// dashes are the characters that editors and keyboards write for a line "---", and
// other characters of lines that are drawn across a page.
const dashes = "-–—‒―−‐‑⸺⸻﹘﹣－_*=~+; "

// isLanguageFence reports whether a line is a fence of gray-matter that names a
// language, as in "---js".
func isLanguageFence(line string) bool {
	name, ok := strings.CutPrefix(line, "---")
	return ok && name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") == ""
}

// isLongFence reports whether a line is a fence with more after it, such as a
// comment or a tag of YAML.
func isLongFence(line string) bool {
	if !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "+++") {
		return false
	}
	c := byteAt(strings.TrimLeft(line[3:], space), 0)
	return isASCIILetter(c) || '0' <= c && c <= '9' || c != 0 && strings.IndexByte("_#!|>&%{", c) >= 0
}

// fenceKind returns the normal form of the front matter's fence that a line is, as in
// fences; "" if it is not a fence.
func fenceKind(line string) string {
	if len(line) > len("---toml") {
		return ""
	}
	return fences[strings.ToLower(line)]
}

// looksLikeFence reports whether a line is probably meant to be a line "---".
func looksLikeFence(line string) bool {
	line = trimUnseen(line)
	if line == "" || isASCIILetter(line[0]) {
		return false
	}
	return strings.Trim(line, dashes) == "" || fenceKind(line) != ""
}

// maxLineKey bounds the characters of a key for [readKeyLine].
const maxLineKey = 41

// readKeyLine divides a line of front matter in YAML or TOML, or of metadata at the
// top of a text without fences: "draft: true", "draft = true", ".. draft: true". The
// key may be quoted, and has letters, digits, "_", "-" and spaces. A regular
// expression took a third of the time to parse a note.
func readKeyLine(line string) (key, value string, ok bool) {
	key, value, ok = cutKey(line)
	value = strings.TrimLeft(value, space)
	return key, value, ok && !strings.Contains(value, "\n")
}

// cutKey divides a text at its first key and the sign after it. It does not look
// beyond that sign.
func cutKey(text string) (key, rest string, ok bool) {
	text = strings.TrimPrefix(text, ".. ")
	text = text[quoteLength(text):]
	end := 0
	for count := 0; count < maxLineKey && end < len(text); count++ {
		r, size := utf8.DecodeRuneInString(text[end:])
		if r != '_' && !unicode.IsLetter(r) && (count == 0 || r != ' ' && r != '-' && !unicode.IsNumber(r)) {
			break
		}
		end += size
	}
	if end == 0 {
		return "", "", false
	}
	key, rest = text[:end], text[end:]
	rest = strings.TrimLeft(rest[quoteLength(rest):], space)
	for _, sign := range keySigns {
		if rest, ok := strings.CutPrefix(rest, sign); ok {
			return key, rest, true
		}
	}
	return "", "", false
}

// keySigns are the signs between a key and its value.
var keySigns = []string{":", "=", "："}

// hasKeySign reports whether a text has one of keySigns.
func hasKeySign(text string) bool {
	return slices.ContainsFunc(keySigns, func(sign string) bool { return strings.Contains(text, sign) })
}

// quoteLength returns 1 if a text begins with a quote, else 0.
func quoteLength(s string) int {
	if c := byteAt(s, 0); c == '"' || c == '\'' {
		return 1
	}
	return 0
}

// commonKeys are well-known keys of front matter, besides ours and those of
// intentRules.
var commonKeys = []string{
	"author", "description", "category", "categories", "tag", "keywords", "lastmod", "permalink", "created", "modified",
	"cover", "lang", "weight", "excerpt", "subtitle",
}

// knownKeys are all keys by which front matter is recognized, as [foldKey] returns
// them.
var knownKeys = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for _, key := range slices.Concat(ownKeys, commonKeys) {
		known[foldKey(key)] = true
	}
	for key := range properKeys() {
		known[key] = true
	}
	for key := range rulesByKey() {
		known[key] = true
	}
	return known
})

// isKnownLine reports whether a line has a key, whether front matter has such a key,
// and whether it keeps the note from being published.
func isKnownLine(line string) (isKey, known, withheld bool) {
	key, value, ok := readKeyLine(trimRightUnseen(line[:min(len(line), maxSlipLine)]))
	if !ok {
		return false, false, false
	}
	folded := foldKey(key)
	near := nearIntent(folded) != ""
	return true, knownKeys()[folded] || near, near || withholds(folded, value)
}

// withholds reports whether the text after a key clearly keeps a note from being
// published.
func withholds(folded, text string) bool {
	r := rulesByKey()[folded]
	if r == nil {
		return false
	}
	text, _, _ = strings.Cut(text, " #")
	switch r.values[valueWord(strings.Trim(text, " ,[]"))] {
	case asDraft, asPrivate, asUnlisted:
		return true
	}
	return false
}

// strayFront finds front matter in a text in which none is read. It would be
// published as a part of the text, and would have no effect. second is true for the
// text below the front matter. It checks the beginning, after invisible characters
// and comments. It also checks the following lines for keys that keep a note from
// being published. line is the line of the file on which the text begins.
func strayFront(text string, line int, second bool) *lineError {
	if isOrdinary(text, second) || !maybeStray(text, second) {
		return nil
	}
	return searchStray(text, line, second)
}

// searchStray is strayFront for a text that needs a search.
func searchStray(text string, line int, second bool) *lineError {
	s := &stray{lines: firstLines(text, maxStrayLines), second: second}
	at, err := s.top()
	if err == nil {
		err = s.below(at)
	}
	if err == nil && !second {
		err = s.withheldIn(at)
	}
	if err != nil {
		err.line += line
	}
	return err
}

// isOrdinary reports whether searchStray certainly finds nothing in a text, as in
// nearly all notes: the text begins with prose, and no line begins like a fence.
func isOrdinary(text string, second bool) bool {
	text = strings.TrimLeftFunc(text, isUnseen)
	if c := byteAt(text, 0); c == '<' || c == '{' || mayHaveFence(text) {
		return false
	}
	afterDashes, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, dashes))
	if _, _, isKey := cutKey(text); isKey || isUnseen(afterDashes) || afterDashes == utf8.RuneError {
		return false
	}
	if second {
		return true
	}
	paragraph, _, _ := strings.Cut(text, "\n\n")
	return !hasKeySign(paragraph)
}

// mayHaveFence reports whether a line of a text may begin with "---" or "+++".
func mayHaveFence(text string) bool {
	for _, fence := range []string{"---", "+++"} {
		for from := 0; ; {
			i := strings.Index(text[from:], fence)
			if i < 0 {
				break
			}
			from += i
			// Line ends are control characters, or end with bytes beyond ASCII.
			if from == 0 || text[from-1] < ' ' || text[from-1] >= utf8.RuneSelf {
				return true
			}
			from++
		}
	}
	return false
}

// maybeStray reports whether a text needs a search. Most texts begin with a line of
// prose, and have no line that looks like a fence.
func maybeStray(text string, second bool) bool {
	if !hasKeySign(text) {
		return false
	}
	text = strings.TrimLeftFunc(text, isUnseen)
	first, _, _ := strings.Cut(text, "\n")
	if head, _, _ := strings.Cut(text, "\n\n"); !second && hasKeySign(head[:min(len(head), maxSlipLine)]) {
		return true
	}
	return hasKeySign(first) || strings.Contains(first, "\r") || isLanguageFence(trimUnseen(first)) || first != "" && strings.ContainsAny(first[:1], "<{") || looksLikeFence(first) ||
		strings.Contains(text, "\n---") || strings.Contains(text, "\n+++")
}

// maxStrayLines bounds the lines of a text in which front matter is searched.
const maxStrayLines = 400

// firstLines returns at most the first n lines of a text, with the line ends of any
// system. A regular expression took 4 % of a build.
func firstLines(text string, n int) []string {
	var lines []string
	for len(lines) < n {
		at, size := lineEnd(text)
		if at < 0 {
			return append(lines, text)
		}
		lines = append(lines, text[:at])
		text = text[at+size:]
	}
	return lines
}

// lineEnd returns the begin and the length of the first line end of a text; -1 if the
// text is one line.
func lineEnd(text string) (at, size int) {
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\r' && strings.HasPrefix(text[i:], "\r\n"):
			return i, 2
		case c >= '\n' && c <= '\r':
			return i, 1
		case c == 0xc2 && strings.HasPrefix(text[i:], "\u0085"):
			return i, len("\u0085")
		case c == 0xe2 && (strings.HasPrefix(text[i:], "\u2028") || strings.HasPrefix(text[i:], "\u2029")):
			return i, len("\u2028")
		}
	}
	return -1, 0
}

// A stray is a search for front matter in lines in which none is read. The lines of
// its mistakes are counted from 0.
type stray struct {
	lines  []string
	second bool
}

// top checks the beginning of the text. at is the line on which the text itself
// begins.
func (s *stray) top() (at int, _ *lineError) {
	at, err := s.skipComments()
	if err != nil || at == len(s.lines) {
		return at, err
	}
	first := trimUnseen(s.lines[at])
	if isLanguageFence(first) && !s.second {
		return at, &lineError{at, fmt.Sprintf("%.20q opens front matter in a language that is not read; write it in YAML, TOML or JSON", first)}
	}
	if looksLikeFence(first) || isLongFence(first) {
		_, known, withheld, end := s.block(at + 1)
		closed := end < len(s.lines) && looksLikeFence(s.lines[end])
		if known > 0 && (withheld || closed || !s.second) {
			return at, &lineError{at, s.fenceMistake(first, at)}
		}
		return at + 1, nil
	}
	if !s.second && s.looksLikeObject(at, first) {
		return at, &lineError{at, `this looks like front matter in JSON that is not read; its keys need quotes: {"title": "…"}`}
	}
	if s.looksUnfenced(at, first) {
		return at, &lineError{at, unfenced}
	}
	return at, nil
}

const unfenced = `this looks like front matter without its fences; put a line "---" before and after it`

// withheldIn finds a line in the first paragraph that clearly keeps the note from
// being published. The lines before it are fences of no known tool, or metadata in
// another form.
func (s *stray) withheldIn(at int) *lineError {
	for i := max(at-1, 0); i < len(s.lines) && (i < at || trimUnseen(s.lines[i]) != ""); i++ {
		if withholdsLine(s.lines[i]) {
			return &lineError{i, unfenced}
		}
	}
	return nil
}

// marks are the signs that other formats, and Markdown, write before or around the
// keys of metadata: ":draft: true", "#+DRAFT: true", "- **draft**: true".
var marks = strings.NewReplacer("**", "", "#+", "", "::", ":")

// withholdsLine reports whether a line has a key with a value that clearly keeps a
// note from being published, after any marks.
func withholdsLine(line string) bool {
	line = marks.Replace(line[:min(len(line), maxSlipLine)])
	line = strings.TrimLeftFunc(line, func(r rune) bool { return isUnseen(r) || strings.ContainsRune("-*+:%;|/.{", r) })
	key, value, ok := readKeyLine(trimRightUnseen(line))
	return ok && withholds(foldKey(key), value)
}

// looksLikeObject reports whether a text begins with an object in something similar
// to JSON. Liquid, Hugo's shortcodes and kramdown begin with a brace, too.
func (s *stray) looksLikeObject(at int, first string) bool {
	line, ok := strings.CutPrefix(first, "{")
	if line = trimUnseen(line); line == "" && at+1 < len(s.lines) {
		line = trimUnseen(s.lines[at+1])
	}
	_, known, _ := isKnownLine(line)
	return ok && known
}

// looksUnfenced reports whether a text begins with lines of front matter. Below the
// front matter, only lines count that keep the note from being published: prose may
// have lines like "Place: Berlin".
func (s *stray) looksUnfenced(at int, first string) bool {
	keys, known, withheld, end := s.block(at)
	switch {
	case withheld:
		return true
	case s.second || known == 0:
		return false
	case end < len(s.lines) && looksLikeFence(s.lines[end]):
		return keys == end-at
	case end < len(s.lines) && trimUnseen(s.lines[end]) != "":
		return false // prose follows
	}
	key, _, _ := readKeyLine(first)
	return known > 1 && slices.ContainsFunc(s.lines[at:end], hasHeadKey) || slices.Contains(ownKeys[:6], key)
}

// hasHeadKey reports whether a line has a title or a date. Metadata of other tools
// have one of them.
func hasHeadKey(line string) bool {
	key, _, ok := readKeyLine(line)
	return ok && (strings.EqualFold(key, "title") || strings.EqualFold(key, "date"))
}

// skipComments skips lines without visible characters, and HTML comments. A comment
// with a line such as "draft: true" or Nikola's ".. status: draft" is front matter.
func (s *stray) skipComments() (at int, _ *lineError) {
	within := false
	for ; at < len(s.lines); at++ {
		line := trimUnseen(s.lines[at])
		if !within && line != "" && !strings.HasPrefix(line, "<!--") {
			return at, nil
		}
		_, _, near := isKnownLine(line)
		if near && strings.HasPrefix(line, ".. ") || within && !s.second && withholdsLine(line) {
			return at, &lineError{at, fmt.Sprintf(`%.60q is another tool's front matter; write it between two lines "---" at the top of the file`, line)}
		}
		if strings.Contains(line, "<!--") {
			within = true
		}
		if within {
			if _, after, ended := strings.Cut(line, "-->"); ended {
				within = false
				if strings.TrimSpace(after) != "" {
					return at + 1, nil
				}
			}
		}
	}
	return at, nil
}

// block counts the lines with keys from a line on, and the lines with keys that front
// matter has. The block ends before an empty line, a fence, or a line of text.
func (s *stray) block(from int) (keys, known int, withheld bool, end int) {
	for end = from; end < len(s.lines); end++ {
		line := s.lines[end]
		isKey, isKnown, withholds := isKnownLine(line)
		switch {
		case isKey:
			keys++
			if isKnown {
				known++
			}
			withheld = withheld || withholds
		case keys > 0 && line != "" && strings.ContainsAny(line[:1], " \t-#]}") && !looksLikeFence(line): // continues the value before
		default:
			return keys, known, withheld, end
		}
	}
	return keys, known, withheld, end
}

// fenceMistake returns the message about a fence whose front matter is not read.
func (s *stray) fenceMistake(first string, at int) string {
	switch {
	case fences[strings.ToLower(first)] == "":
		return fmt.Sprintf(`this looks like front matter, but %.20q is not "---"; write three hyphens`, first)
	case s.second:
		return "a second front matter; move its keys into the first"
	case at > 0:
		return "front matter must be at the beginning of the file; move it there"
	}
	return `this looks like front matter that is not read; begin its first line with "---", and end each line with a line feed`
}

// below searches the rest of the text for a fence with keys after it: in the first
// lines with any key that front matter has, elsewhere with a key that keeps the note
// from being published. It skips code.
func (s *stray) below(at int) *lineError {
	code := codeFence{}
	for i := at; i < len(s.lines); i++ {
		line := strings.TrimRight(s.lines[i], " \t")
		if code.within(line) || line != "---" && line != "+++" {
			continue
		}
		keys, known, withheld, end := s.block(i + 1)
		closed := end < len(s.lines) && strings.TrimRight(s.lines[end], " \t") == line
		if keys > 0 && closed && (withheld || known > 0 && i-at < 3 && !s.second) {
			return &lineError{i, s.fenceMistake(line, i)}
		}
	}
	return nil
}

// A codeFence finds the fenced code of a text, line by line.
type codeFence struct{ open string }

// within reports whether the next line is code, or one of its fences.
func (c *codeFence) within(line string) bool {
	text := strings.TrimLeft(line, " ")
	mark := text[:len(text)-len(strings.TrimLeft(text, "`"))]
	if mark == "" {
		mark = text[:len(text)-len(strings.TrimLeft(text, "~"))]
	}
	isFence := len(mark) >= 3 && len(line)-len(text) <= 3
	switch {
	case c.open == "" && isFence:
		c.open = mark
		return true
	case c.open != "" && isFence && mark[0] == c.open[0] && len(mark) >= len(c.open) && strings.TrimSpace(text[len(mark):]) == "":
		c.open = ""
		return true
	}
	return c.open != ""
}

// hiddenIntents returns the lines of a front matter that keep the note from
// being published, but are read as a part of another value: below a table of
// TOML, or in quotes that are not closed.
func (p *parts) hiddenIntents(fields []Field) (hidden []Field) {
	before := strings.Count(p.open, "\n")
	eachLine := strings.Count(p.front, "\n") == len(fields)
	for i, f := range fields {
		eachLine = eachLine && f.Line == before+i+1
	}
	if eachLine {
		return nil
	}
	number := before
	for line := range strings.Lines(p.front) {
		number++
		line = strings.TrimLeftFunc(line[:min(len(line), maxSlipLine)], func(r rune) bool { return r >= utf8.RuneSelf && isUnseen(r) })
		if set := strings.TrimLeft(line, " \t"); p.fence == "+++" && startsInner(set) {
			line = set // TOML also reads an indented line
		}
		key, value, ok := readKeyLine(trimRightUnseen(line))
		if ok && withholds(foldKey(key), value) && !slices.ContainsFunc(fields, func(f Field) bool { return f.Line == number }) {
			hidden = append(hidden, Field{key, value, number})
		}
	}
	return hidden
}

// startsInner reports whether a line begins with a key that can only be meant for the
// note.
func startsInner(line string) bool {
	key, _, ok := readKeyLine(line)
	return ok && slices.Contains(innerKeys, foldKey(key))
}

// maxOpeningLines bounds the lines that [Withheld] reads.
const maxOpeningLines = 200

// Withheld reports whether a file that [Parse] refuses has a line in its possible
// front matter that keeps the note from being published, such as "draft: true". Its
// author wants that, whatever mistakes the file has.
func Withheld(data []byte) bool {
	text := string(data[:min(len(data), maxFrontMatter)])
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "") // of UTF-16, the letters of English remain
	text = text[skipUnseen(text):]
	object := strings.HasPrefix(text, "{") || strings.HasPrefix(text, ";;;") || strings.HasPrefix(text, "---json")
	fences := 0
	for i, line := range firstLines(text, maxOpeningLines) {
		if len(line) > maxSlipLine || i > 0 && fences == 0 && strings.HasPrefix(line, "#") {
			continue
		}
		if looksLikeFence(line) && !strings.HasPrefix(line, "=======") {
			if fences++; fences == 2 {
				return false
			}
			continue
		}
		if object {
			line = strings.TrimLeft(line, " \t{,")
		}
		if _, _, withheld := isKnownLine(line); withheld {
			return true
		}
	}
	return false
}

const space = "\t\n\f\r "

// byteAt returns the byte at i, 0 after the end of s.
func byteAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}
