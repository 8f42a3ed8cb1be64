package site

import (
	"strings"
	"testing"
)

func TestCommonSlipsInFrontMatterAreNamedWithTheirRemedy(t *testing.T) {
	for _, tc := range []struct{ fence, front, want string }{
		{"---", "date: 2026-01-01\ntitle: Foo: bar\nx: 1", `3: title: a value with ": " in it needs quotes; write title: "Foo: bar"`},
		{"---", "title: Foo:", `2: title: a value with ": " in it needs quotes; write title: "Foo:"`},
		{"---", "title: It's: fun", `2: title: a value with ": " in it needs quotes; write title: "It's: fun"`},
		{"---", "title: “Foo: bar”", `2: title: a value with ": " in it needs quotes; write title: "“Foo: bar”"`},
		{"---", "title: A \"b\": c", `2: title: a value with ": " in it needs quotes; write title: 'A "b": c'`},
		{"---", "title: @home", `2: title: a value that begins with "@" needs quotes; write title: "@home"`},
		{"---", "title: `x` y", "2: title: a value that begins with \"`\" needs quotes; write title: \"`x` y\""},
		{"---", "title: *bold* x", `2: title: a value that begins with "*" needs quotes`},
		{"---", "title: - a", `2: title: a value that begins with "-" needs quotes; write title: "- a"`},
		{"---", "title: [a] b", `2: title: a value that begins with "[" needs quotes; write title: "[a] b"`},
		{"---", "a: 1\ntitle: \"Foo\nx: 1\ny: 2", `3: title: a quote (") is opened and not closed`},
		{"---", "title: 'Foo", `2: title: a quote (') is opened and not closed`},
		{"---", "title: 'It's'\nx: 1", `2: title: the text ends at its second quote; write '' for a quote within it`},
		{"---", `title: "He said "hi" to me"`, `2: title: the text ends at its second quote; write \" for a quote within it`},
		{"---", `title: "a \d b"`, `2: title: within double quotes a backslash is written twice: \\`},
		{"---", "a: 1\ntags:\n\t- a", `4: a tab at the beginning of the line; write spaces`},
		{"---", "title:Foo\nx: 1", `2: title: a space is missing after the colon; write "title: Foo"`},
		{"---", "x: 1\ntitle:Foo\ny: 2", `3: title: a space is missing after the colon`},
		{"---", "x: 1\ntitle：Foo", `3: title： has a wide colon; write "title: "`},
		{"---", "x: 1\ndraft = true", `3: draft = is TOML; between lines "---" write "draft: …"`},
		{"---", "tags: [a, b\nx: 1", `2: tags: a list is opened and not closed; close it with ]`},
		{"---", "x: 1\n- a", "2: front matter: did not find expected key"},
		{"+++", "title = a", `2: title: a text needs quotes; write title = "a"`},
		{"+++", "x = 1\ntitle = “a”", `3: title: “ is a typographic quote; write "`},
		{"+++", "title = ‘a’", `2: title: ‘ is a typographic quote; write '`},
		{"+++", "title: x", `2: title: is YAML; between lines "+++" write "title = …"`},
		{"+++", "title = \"a", `2: title: a quote (") is opened and not closed`},
		{"+++", "title = 'It's'", `2: title: the text ends at its second quote`},
		{"+++", "my key = 1", `2: my key: a key of more than one word needs quotes`},
		{"+++", "title =", `2: title: has no value`},
	} {
		_, err := Parse("2026-01-01-a.md", []byte(tc.fence+"\n"+tc.front+"\n"+tc.fence+"\nText\n"), berlin)
		if err == nil || !strings.HasPrefix(err.Error(), "content/2026-01-01-a.md:"+tc.want) {
			t.Errorf("%q: %v\nwant %s", tc.front, err, tc.want)
		}
	}
}
