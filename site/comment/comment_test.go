package comment

import (
	"strings"
	"testing"
)

func TestMarkdownWithoutComments(t *testing.T) {
	for _, tc := range []struct{ rule, text, want string }{
		{"a comment in a line", "a %%secret%% b", "a  b"},
		{"a comment in a word", "a%%secret%%b", "ab"},
		{"a comment at the end of a line makes no line break", "a  %%secret%%\nb", "a\nb"},
		{"a comment at the start of a line makes no code", "   %%secret%%  b", "   b"},
		{"a comment that has its line alone takes the line with it", "a\n%%secret%%\nb", "a\nb"},
		{"a comment over lines of a paragraph", "a %%secret\nsecret%% b", "a  b"},
		{"a block", "a\n\n%%\nsecret\n\n- secret\n%%\n\nb", "a\n\n\n\nb"},
		{"text after a block", "%%\nsecret\n%% b %%secret%% c", "b  c"},
		{"a block in a quotation", "> a\n> %%\n> secret\n> %%\n> b", "> a\n> \n> b"},
		{"a block in an item", "- a\n  %%secret\n\n  secret%%\n- b", "- a\n  \n- b"},
		{"a fence in a comment", "%%\n```\nsecret\n%%\na\n\n```\n%%b%%\n```", "\na\n\n```\n%%b%%\n```"},
		{"code in a block", "%%\n```\nx %% y\n```\nsecret\n%%\na", "\na"},
		{"a backtick in a comment", "a %%secret`s%% `b` %%secret%%", "a  `b`"},
		{"empty comments", "a %%%% b", "a  b"},
		{"cells of a table", "| a %%secret%% | b |\n|---|---|\n| %%secret%% | c |", "| a  | b |\n|---|---|\n|  | c |"},
		{"a heading", "# a %%secret%%\n\nb", "# a\n\nb"},
		{"the text and the title of a link", `[a %%secret%%](/b "c %%secret%%")`, `[a ](/b "c ")`},
		{"the text of a picture", `![a %%secret%%](/b)`, `![a ](/b)`},
		{"a definition", "[a]: /b \"%%secret%%\"\n\n[a]", "[a]: /b \"\"\n\n[a]"},
		{"HTML", "<div title=\"%%secret%%\">\n%%secret%%\n</div>", "<div title=\"\">\n</div>"},

		{"code is shown as typed", "`%%a%%` ``{% comment %}b{% endcomment %}``", "`%%a%%` ``{% comment %}b{% endcomment %}``"},
		{"fenced code", "```\n%%a%%\n<!-- b -->\n```", "```\n%%a%%\n<!-- b -->\n```"},
		{"the text after a fence", "```go %%a%%\n```", "```go %%a%%\n```"},
		{"indented code", "    %%a%%\n\nb", "    %%a%%\n\nb"},
		{"code in a quotation and an item", "> - ```\n>   %%a%%\n>   ```", "> - ```\n>   %%a%%\n>   ```"},
		{"code ends with its item", "- ```\n  a\n%%secret%% b", "- ```\n  a\nb"},
		{"code in HTML", "<code>%%a%%</code> and <pre>\n{% comment %}b{% endcomment %}\n</pre>", "<code>%%a%%</code> and <pre>\n{% comment %}b{% endcomment %}\n</pre>"},
		{"an element that is not closed is not code", "<code>a %%secret%%", "<code>a"},
		{"an escaped mark is text", `\%%a\%% and \\%%secret%%b`, `\%%a\%% and \\b`},

		{"a percent sign", "100%% sure", "100%% sure"},
		{"percent signs in paragraphs", "100%% sure.\n\n50%% off.", "100%% sure.\n\n50%% off."},
		{"printf", `printf("%%") and`, `printf("%%") and`},
		{"a verb", "use %d%% for it", "use %d%% for it"},
		{"two marks in one paragraph are a comment", "from 50%% secret 60%% on", "from 50 on"},
		{"a percent sign before a comment", "100%% sure %%secret%% and 50%% off", "100%% sure  and 50%% off"},
		{"marks in quotes", "\"%%\" and \"%%\" and (%%) and '%%'", "\"%%\" and \"%%\" and (%%) and '%%'"},
		{"a comment in brackets", "(%%(secret)%%) `a`%%`secret`%%", "() `a`"},
		{"a percent sign before code", "100%% sure `a %% b`", "100%% sure `a %% b`"},
		{"a comment from one paragraph to another", "a %%secret\n\nsecret%% b", "a  b"},
		{"a mark in code closes none", "a %%secret\n\n```\nx %% y\n```\n\nsecret%% b", "a  b"},
		{"nothing closes it in a line", "a %%secret\n\nb", "a\n\nb"},
		{"nothing closes it at the start of a line", "a\n\n%%\nsecret\n\nsecret", "a\n\n"},

		{"kramdown", "a\n\n{::comment}\nsecret\n\nsecret\n{:/comment}\n\nb", "a\n\n\n\nb"},
		{"kramdown in a line", "a {::comment}secret{:/} b {::comment secret=\"1\" /} c", "a  b  c"},
		{"kramdown, with attributes", "{::comment x=\"1\"}\nsecret\n{:/comment}\na {: .b}", "\na {: .b}"},
		{"Liquid", "a {% comment %}secret{% endcomment %} b {%- comment -%}\nsecret\n{%- endcomment -%} c", "a  b  c"},
		{"Liquid within Liquid", "{% comment %}secret{% comment %}secret{% endcomment %}secret{% endcomment %}a", "a"},
		{"Liquid over paragraphs", "a {% comment %}secret\n\n- secret\n\nsecret {% endcomment %}b", "a b"},
		{"Liquid in a line", "a {% # secret %} b {%- # secret\n  # secret -%} c", "a  b  c"},
		{"Liquid that nothing closes", "a {% comment %} secret\n\nsecret", "a"},
		{"Django", `{% comment "secret" %}secret{% endcomment %}a`, "a"},
		{"Zola", `{% comment() %}secret{% end %}a`, "a"},
		{"Go templates", "a {{/* secret */}} b {{- /* secret\n*/ -}} c", "a  b  c"},
		{"Hugo", "a {{< comment >}}secret{{< /comment >}} b {{% comment %}}secret{{% /comment %}} c {{<comment/>}}", "a  b  c"},
		{"a shortcode of Hugo that is shown", "{{</* figure */>}} {{%/* a */%}}", "{{</* figure */>}} {{%/* a */%}}"},
		{"Handlebars", "a {{! secret }} {{!-- secret }} secret --}} b", "a   b"},
		{"Jinja", "a {# secret #} b {#- secret\n\nsecret -#} c {#secret#} d", "a  b  c  d"},
		{"ids of headings are not comments", "# a {#b}\n\n# c {#d}\n\n#}", "# a {#b}\n\n# c {#d}\n\n#}"},
		{"nothing closes it, and it may be something else", "a {# b", "a {# b"},
		{"MDX", "a {/* secret */} b", "a  b"},
		{"Critic Markup", "a {>>secret<<} b", "a  b"},
		{"a definition as a comment", "a\n[//]: # (secret\nsecret)\nb\n\n[comment]: <> \"secret\"\n", "a\n\nb\n\n"},

		{"HTML that parsers know stays for them", "a <!-- b --> c\n\n<!-- d\n\nd -->\n\n<!--more-->\n", "a <!-- b --> c\n\n<!-- d\n\nd -->\n\n<!--more-->\n"},
		{"HTML over paragraphs", "a <!-- secret\n\nsecret --> b", "a  b"},
		{"HTML in an element", "<div>\n<!-- secret\n\nsecret -->\n</div>", "<div>\n\n</div>"},
		{"HTML that nothing closes", "a <!-- secret\n\nb", "a\n\nb"},
		{"HTML in the title of a link", `[a](/b "<!-- secret -->c")`, `[a](/b "c")`},
		{"HTML in a word of a link", "[a](/<!--secret-->b)", "[a](/b)"},
		{"a comment in a comment", "<!-- %% --> a <!-- %% -->", "<!-- %% --> a <!-- %% -->"},
		{"an empty comment", "a <!--> b", "a <!--> b"},
		{"not an empty comment", "a <!--> secret --> b", "a  b"},
		{"HTML in code", "`<!-- a -->` `<!--`", "`<!-- a -->` `<!--`"},
		{"footnotes", "a[^1]\n\n[^1]: b\n\n    c %%secret%%", "a[^1]\n\n[^1]: b\n\n    c"},
	} {
		if got := Markdown(tc.text, plainParser()); got.String != tc.want {
			t.Errorf("%s: Markdown(%q) = %q, want %q", tc.rule, tc.text, got.String, tc.want)
		}
	}
}

func TestRemarksNameTheLineAsWritten(t *testing.T) {
	for _, tc := range []struct {
		text string
		line int
		msg  string // "": there is none
	}{
		{"a %%b%%\n%%\nc\n%%\nd <!-- e -->", 0, ""},
		{"100%% sure", 0, ""},
		{"a\n%%b%%\n\n%%\n\n%%\n\nc %%d", 7, "nothing closes the comment that begins with %%d; the rest of its paragraph is not shown"},
		{"a\n\n%%\nb", 2, "nothing closes the comment that begins with %%; the rest of the text is not shown"},
		{"a\n50%% to 60%%", 1, `the text between %% and %% is a comment and is not shown; write \%% for percent signs`},
		{"5 %% 3 and 7 %% 2", 0, `the text between %% and %% is a comment and is not shown; write \%% for percent signs`},
		{"a %%b\n\nc%%", 0, `the text from %% to the next %% is a comment and is not shown; write \%% for percent signs`},
		{"a\nb <!-- c", 1, "nothing closes the comment that begins with <!--; the rest of its paragraph is not shown"},
		{"{% comment %}", 0, "nothing closes the comment that begins with {%; the rest of the text is not shown"},
	} {
		got := Markdown(tc.text, plainParser())
		switch {
		case tc.msg == "" && len(got.Remarks) == 0:
		case len(got.Remarks) != 1, got.Remarks[0] != Remark{tc.line, tc.msg}:
			t.Errorf("Markdown(%q): remarks %v, want line %d: %q", tc.text, got.Remarks, tc.line, tc.msg)
		}
	}
}

func TestLinesAreCountedAsWritten(t *testing.T) {
	text := "line 0\n%%line 1%%\nline 2\n\n%%\n5\n%%\n\nline 8 %%\n9 `\n10%%\nline 11\n%%\n\n\n%%line 15\nline 16"
	got := Markdown(text, plainParser())
	for i, line := range strings.Split(got.String, "\n") {
		if want, ok := strings.CutPrefix(line, "line "); ok && !strings.HasPrefix(strings.Split(text, "\n")[got.Line(i)], strings.TrimSpace("line "+want)) && !strings.Contains(strings.Split(text, "\n")[got.Line(i)], line) {
			t.Errorf("line %d, %q, is said to be line %d as written", i, line, got.Line(i))
		}
	}
}

func TestHTMLWithoutComments(t *testing.T) {
	for _, tc := range []struct{ rule, text, want string }{
		{"Liquid", "<p>a {% comment %}<b>secret</b>{% endcomment %}</p>", "<p>a </p>"},
		{"its own comments are left to parsers", "a<!-- b -->c<!-- d", "a<!-- b -->c<!-- d"},
		{"percent signs", "<p>%%a%%</p>", "<p>%%a%%</p>"},
		{"code", "<pre>{# a #}</pre>{# secret #}", "<pre>{# a #}</pre>"},
	} {
		if got := HTML(tc.text); got.String != tc.want {
			t.Errorf("%s: HTML(%q) = %q, want %q", tc.rule, tc.text, got.String, tc.want)
		}
	}
}

func TestLineWithoutComments(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"a %%secret%% b", "a  b"},
		{"use `%%` and %%secret%%`%%a%%`", "use `%%` and `%%a%%`"},
		{"a <!-- secret -->b", "a b"},
		{"100%% sure", "100%% sure"},
		{"{# b", "{# b"},
		{"a {% comment %}secret", "a"},
	} {
		if got := Line(tc.text); got.String != tc.want {
			t.Errorf("Line(%q) = %q, want %q", tc.text, got.String, tc.want)
		}
	}
}

// The removal of a comment can make another comment, any number of times.
func TestCommentsThatAppearOneAfterTheOther(t *testing.T) {
	const n = 3_000
	for name, s := range map[string]string{
		"on one line":                     strings.Repeat("[//]: # (secret) ", n),
		"within each other":               strings.Repeat("<", n) + "!-- secret -->" + strings.Repeat("!-- secret -->", n),
		"within each other, of two kinds": strings.Repeat("{%", n) + "%secret%%" + strings.Repeat("% comment %}secret{% endcomment %}", n),
	} {
		calls := 0
		r := remover{Text: Text{String: s}}
		r.structure = func(s string) structure {
			calls++
			return structure{blocks: []span{{0, len(s)}}}
		}
		r.run()
		if strings.Contains(r.String, "secret") {
			t.Errorf("%s: %.60q… is left", name, r.String)
		}
		if r.rounds > 2*maxRounds+1 || calls > maxRounds {
			t.Errorf("%s: %d rounds, %d of them with the structure of the text", name, r.rounds, calls)
		}
		if len(r.Remarks) == 0 {
			t.Errorf("%s: nothing is reported", name)
		}
	}
}
