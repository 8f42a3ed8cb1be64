package generator

import (
	"bytes"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/util"
)

// FuzzAutoLinker compares what becomes a link with what goldmark makes one.
func FuzzAutoLinker(f *testing.F) {
	ours := goldmark.New(goldmark.WithParserOptions(parser.WithInlineParsers(util.Prioritized(newAutoLinker(), 999))))
	theirs := goldmark.New(goldmark.WithExtensions(extension.Linkify))
	for _, text := range []string{
		"https://example.org/ http://example.org", "see https://example.org/a_b(c), *www.example.org* and _ftp://example.org_.",
		"(www.example.org) ~me@example.org~ a.b+c@example.co.uk. x@y", "[a https://example.org/](/b) `https://example.org/`",
		"https:/example.org httpss://example.org www. @ a@ @b.org", "a\nhttps://example.org/?a=b&amp;\n\n> www.example.org",
		"0123456789012345678901234567890123456789012345678901234567890123@example.org",
		"01234567890123456789012345678901234567890123456789012345678901234@example.org",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got, want bytes.Buffer
		if err := ours.Convert([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if err := theirs.Convert([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("%q becomes\n%s\ngoldmark makes\n%s", text, &got, &want)
		}
	})
}
