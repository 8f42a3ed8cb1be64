package site

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A slip is a common mistake in a line of front matter that parsers do not explain
// well.
type slip struct {
	line func() *regexp.Regexp
	msg  string // with $key, $value, $quoted and $mark of the line
}

// yamlSlips are tried in this order, on the line where the parser stopped and on the
// lines around it.
var yamlSlips = []slip{
	{lazyRegexp(`^ *\t`), `a tab at the beginning of the line; write spaces`},
	{lazyRegexp(`^ *(?P<key>[^\s:：]+)：`), `$key： has a wide colon; write "$key: "`},
	{lazyRegexp(`^(?P<key>[\p{L}_-]+) = (?P<value>.*)$`), `$key = is TOML; between lines "---" write "$key: …"`},
	{lazyRegexp(`^(?P<key>[\p{L}_-]+):(?P<value>[^\s/:][^:]*)$`), `$key: a space is missing after the colon; write "$key: $value"`},
	{lazyRegexp(`^ *(?:- +)*(?P<key>[^\s:"'#][^:"'#]*): +(?P<value>[^"'\[{|>\s&*!%@` + "`" + `][^#]*: .*|[^"'\[{|>\s&*!%@` + "`" + `][^#]*:)$`), `$key: a value with ": " in it needs quotes; write $key: $quoted`},
	{lazyRegexp(`^ *(?:- +)*(?P<key>[^\s:"'#][^:"'#]*): +(?P<value>[@%` + "`" + `*&!].*)$`), `$key: a value that begins with "$mark" needs quotes; write $key: $quoted`},
	{lazyRegexp(`^ *(?:- +)*(?P<key>[^\s:"'#][^:"'#]*): +(?P<value>[-?] .*)$`), `$key: a value that begins with "$mark" needs quotes; write $key: $quoted`},
	{lazyRegexp(`^ *(?:- +)*(?P<key>[^\s:"'#][^:"'#]*): +(?P<value>"(?:[^"\\]|\\.)*)$`), `$key: a quote (") is opened and not closed`},
	{lazyRegexp(`^ *(?:- +)*(?P<key>[^\s:"'#][^:"'#]*): +(?P<value>'(?:[^']|'')*)$`), `$key: a quote (') is opened and not closed`},
	{lazyRegexp(`^ *(?:- +)*(?P<key>[^\s:"'#][^:"'#]*): +(?P<value>"(?:[^"\\]|\\.)*"\s*[^\s#,].*)$`), `$key: the text ends at its second quote; write \" for a quote within it`},
	{lazyRegexp(`^ *(?:- +)*(?P<key>[^\s:"'#][^:"'#]*): +(?P<value>'(?:[^']|'')*'\s*[^\s#,].*)$`), `$key: the text ends at its second quote; write '' for a quote within it`},
	{lazyRegexp(`^ *(?:- +)*(?P<key>[^\s:"'#][^:"'#]*): +(?P<value>".*\\[^0abtnvfre "/\\N_LPxuU].*")$`), `$key: within double quotes a backslash is written twice: \\`},
	{lazyRegexp(`^ *(?:- +)*(?P<key>[^\s:"'#][^:"'#]*): +(?P<value>\[[^\]]*)$`), `$key: a list is opened and not closed; close it with ]`},
	{lazyRegexp(`^ *(?:- +)*(?P<key>[^\s:"'#][^:"'#]*): +(?P<value>\{[^}]*)$`), `$key: an object is opened and not closed; close it with }`},
	{lazyRegexp(`^ *(?:- +)*(?P<key>[^\s:"'#][^:"'#]*): +(?P<value>\[[^\]]*\]\s*[^\s#,].*)$`), `$key: a value that begins with "$mark" needs quotes; write $key: $quoted`},
}

// tomlText is a text without quotes in TOML.
var tomlText = slip{lazyRegexp(`^\s*(?P<key>[\w-]+)\s*=\s*(?P<value>[\p{L}@#/][^"']*)$`), `$key: a text needs quotes; write $key = $quoted`}

var tomlSlips = []slip{
	{lazyRegexp(`^(?P<key>[\p{L}_-]+): *(?P<value>.*)$`), `$key: is YAML; between lines "+++" write "$key = …"`},
	{lazyRegexp(`^\s*(?P<key>[^=]+?)\s*=.*?(?P<value>[“”„«»])`), `$key: $value is a typographic quote; write "`},
	{lazyRegexp(`^\s*(?P<key>[^=]+?)\s*=.*?(?P<value>[‘’‚‹›])`), `$key: $value is a typographic quote; write '`},
	{lazyRegexp(`^\s*(?P<key>[\w-]+)\s*=\s*$`), `$key: has no value`},
	tomlText,
	{lazyRegexp(`^\s*(?P<key>[\w-]+)\s*=\s*(?P<value>"(?:[^"\\]|\\.)*)$`), `$key: a quote (") is opened and not closed`},
	{lazyRegexp(`^\s*(?P<key>[\w-]+)\s*=\s*(?P<value>'[^']*)$`), `$key: a quote (') is opened and not closed`},
	{lazyRegexp(`^\s*(?P<key>[\w-]+)\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"\s*[^\s#,].*|'[^']*'\s*[^\s#,].*)$`), `$key: the text ends at its second quote; write "…" around it, and \" for a quote within it`},
	{lazyRegexp(`^\s*(?P<key>[\w -]+ [\w -]*?)\s*=`), `$key: a key of more than one word needs quotes; write "$key" = …`},
}

const (
	maxSlipLine  = 500 // bytes of a line that is checked
	maxSlipLines = 200 // lines that are searched for an open quote
)

// findSlip finds a common mistake in the line of a front matter where a parser
// stopped, counted from 1, or in a line before it: the parser finds an open quote at
// the end.
func findSlip(raw string, line int, slips []slip) (at int, msg string) {
	lines := strings.SplitN(raw, "\n", line+2)
	lines = lines[:min(len(lines), line+1)]
	order := []int{line, line - 1, line + 1}
	for i := line - 2; i > 0 && len(order) < maxSlipLines; i-- {
		order = append(order, i)
	}
	for _, number := range order {
		if number < 1 || number > len(lines) {
			continue
		}
		text := strings.TrimRight(lines[number-1], " \t\r")
		if len(text) > maxSlipLine || strings.HasPrefix(strings.TrimLeft(text, " "), "#") {
			continue
		}
		for _, s := range slips {
			if m := s.line().FindStringSubmatch(text); m != nil {
				return number, s.message(m)
			}
		}
	}
	return 0, ""
}

// message returns the message about a line.
func (s slip) message(m []string) string {
	group := func(name string) string {
		if i := s.line().SubexpIndex(name); i >= 0 {
			return strings.TrimSpace(m[i])
		}
		return ""
	}
	value := group("value")
	quoted := "'" + strings.ReplaceAll(value, "'", "''") + "'"
	if !strings.ContainsAny(value, `"\`) {
		quoted = `"` + value + `"`
	}
	_, size := utf8.DecodeRuneInString(value)
	return strings.NewReplacer("$key", group("key"), "$value", value, "$quoted", quoted, "$mark", value[:size]).Replace(s.msg)
}

// describe returns the mistake in a front matter that a parser refused: a common
// mistake, or the parser's own message. line is counted from 1.
func describe(raw string, line int, slips []slip, parser string) *lineError {
	if at, msg := findSlip(raw, line, slips); msg != "" {
		return &lineError{at + 1, msg}
	}
	return &lineError{line + 1, fmt.Sprintf("front matter: %s", parser)}
}
