package site

import (
	"reflect"
	"testing"
)

var simpleFronts = []string{
	"date: 2026-11-22T09:30:00+01:00\ntitle: On files\ntags: [indieweb, go]\n",
	"date: 2026-11-22\nslug: hello-world\ndraft: true\n", "date: 2026-11-20T10:00Z\nupdated: 2026-11-20T10:00:00+01\n",
	"title: \"Quoted: yes\"\nsummary: 'It is'\n",
	"in-reply-to: https://example.org/a?b=c\n", "title: null\n", "title: Yes\n", "tags: [null, 1]\n", "tags: []\n", "tags: [a,]\n",
	"a: 1\n", "a: 1e3\n", "a: 0x1F\n", "a: b: c\n", "a: b #c\n", "a:\n  - b\n", "a: |\n  b\n", "a: b\n\nc: d\n", "# a\nb: c\n",
	"a: é ü\n", "a: 12:30:45\n", "a: 2026-11-22 09:30\n", "a: 2026-1-2\n", "a: b:\n", "a: 'it''s'\n", "a: \"\\u00e9\"\n", "a: b\r\n",
	"a: &x b\n", "a: *x\n", "a: !!str b\n", "a: {b: c}\n", "a: b\n c\n", "a: - b\n", "a: [b c, d/e]\n", "a: (b), c!\n", "a: b  c  \n",
	"a: 2026-11-22:\n", "<<: b\n", "a: ~\n", "a: b\na: c\n", "a: b", "a: [b: c]\n", "a: [b, 'c']\n", "a: [a:b]\n", "a: [https://x]\n",
	"a: 2026-11-20t10:00:00z\n", "a: 2026-11-20 10:00:00+0100\n", "a: 2026-11-20 10:00:00.5Z\n",
}

// FuzzSimpleFields compares simpleFields with the YAML parser.
func FuzzSimpleFields(f *testing.F) {
	for _, s := range simpleFronts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, front string) {
		got, ok := simpleFields(front)
		if !ok || checkText([]byte(front)) != nil {
			return
		}
		want, err := parseYAML(front)
		if err != nil {
			t.Fatalf("%q is read by hand as %v, but the YAML parser reports: %s", front, got, err.msg)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q is read by hand as %#v, by YAML as %#v", front, got, want)
		}
	})
}

func TestCommonFrontMatterIsReadByHand(t *testing.T) {
	for _, front := range simpleFronts[:5] {
		if _, ok := simpleFields(front); !ok {
			t.Errorf("%q is left to YAML", front)
		}
	}
}
