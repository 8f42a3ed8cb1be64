package site

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func TestFrontMatterIsReadWhereToolsAndEditorsPutIt(t *testing.T) {
	for name, text := range map[string]string{
		"an empty line before it":         "\n---\ndraft: true\n---\nSECRET",
		"many empty lines":                "\r\n \n\t\n---\ndraft: true\n---\nSECRET",
		"a byte order mark":               "\ufeff---\ndraft: true\n---\nSECRET",
		"a byte order mark and a line":    "\ufeff\n---\ndraft: true\n---\nSECRET",
		"two byte order marks":            "\ufeff\ufeff---\ndraft: true\n---\nSECRET",
		"a zero-width space":              "\u200b---\ndraft: true\n---\nSECRET",
		"characters that can't be seen":   "\u2060\u00ad\u200e\u00a0---\u200b\ndraft: true\n---\u00a0\nSECRET",
		"spaces before the fence":         "  ---\ndraft: true\n---\nSECRET",
		"spaces behind it":                "---  \ndraft: true\n---\t\nSECRET",
		"TOML behind an empty line":       "\n+++\ndraft = true\n+++\nSECRET",
		"JSON":                            "{\n  \"title\": \"Not yet\",\n  \"draft\": true\n}\n\nSECRET",
		"JSON on one line":                "{\"draft\": true}\nSECRET",
		"JSON behind a byte order mark":   "\ufeff\n{ \"draft\" : \"yes\" }\nSECRET",
		"JSON with a brace in a text":     "{\"title\": \"a } b\", \"draft\": 1}\nSECRET",
		"JSON between semicolons":         ";;;\n\"draft\": true,\n\"title\": \"x\"\n;;;\nSECRET",
		"an object between semicolons":    ";;;\n{\"draft\": true}\n;;;\nSECRET",
		"a fence that names JSON":         "---json\n{\"draft\": true}\n---\nSECRET",
		"a fence that names TOML":         "---toml\ndraft = true\n---\nSECRET",
		"a fence that names YAML":         "---yaml\ndraft: true\n---\nSECRET",
		"a fence that YAML ends with":     "---\ndraft: true\n...\nSECRET",
		"lines that end as on Windows":    "---\r\ndraft: true\r\n---\r\nSECRET",
		"a key in quotes that go on":      "---\ntitle: \"a\ndraft: true\nb\"\n---\nSECRET",
		"a key below a table of TOML":     "+++\ntitle = \"a\"\n[extra]\nx = 1\ndraft = true\n+++\nSECRET",
		"a key below another table":       "+++\ntitle = \"a\"\n[author]\nname = \"x\"\ndraft = true\n+++\nSECRET",
		"a key set in below a table":      "+++\n[menu.main]\n  weight = 1\n  draft = true\n+++\nSECRET",
		"a key in wide letters":           "---\nｄｒａｆｔ: ｔｒｕｅ\n---\nSECRET",
		"a tag of YAML without a value":   "---\ndraft: !!bool\n---\nSECRET",
		"a key below a table, and a note": "+++\n[menu.main]\nweight = 1\n\npublished = false # not yet\n+++\nSECRET",
	} {
		n, err := Parse("2026-05-01-a.md", []byte(text), berlin)
		if err != nil || !n.Draft || n.Content != "SECRET" {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
}

func TestTextThatLooksLikeFrontMatterIsNotPublished(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"<!-- idea for june -->\n---\ndraft: true\n---\nSECRET", "2: front matter must be at the beginning of the file"},
		{"<!--\nan idea\n-->\n\n---\ntitle: x\n---\nSECRET", "5: front matter must be at the beginning"},
		{"# A title\n---\ndraft: true\n---\nSECRET", "2: front matter must be at the beginning"},
		{"Some text.\n\n---\ntitle: x\n---\nSECRET", "3: front matter must be at the beginning"},
		{strings.Repeat("Text.\n\n", 20) + "---\ndraft: true\n---\nSECRET", "41: front matter must be at the beginning"},
		{"–––\ndraft: true\n–––\nSECRET", `1: this looks like front matter, but "–––" is not "---"; write three hyphens`},
		{"—-\ndraft: true\n—-\nSECRET", `1: this looks like front matter, but "—-" is not`},
		{"—\ntitle: x\n—\nSECRET", `1: this looks like front matter, but "—" is not`},
		{"--\ntitle: x\n--\nSECRET", `1: this looks like front matter, but "--" is not`},
		{"----\ntitle: x\n----\nSECRET", `1: this looks like front matter, but "----" is not`},
		{"- - -\ntitle: x\n- - -\nSECRET", `1: this looks like front matter, but "- - -" is not`},
		{"***\ndraft: true\n***\nSECRET", `1: this looks like front matter, but "***" is not`},
		{"===\ndraft: true\n===\nSECRET", `1: this looks like front matter, but "===" is not`},
		{"−−−\ndraft: true\n---\nSECRET", `1: this looks like front matter, but "−−−" is not`},
		{"\n\n–––\nDraft: yes\nSECRET", "3: this looks like front matter"},
		{"---\rdraft: true\r---\rSECRET", "1: this looks like front matter that is not read"},
		{"    ---\n    draft: true\n    ---\nSECRET", "1: "},
		{"draft: true\n\nSECRET", `1: this looks like front matter without its fences; put a line "---" before and after it`},
		{"Title: My note\nDate: 2026-05-01\nStatus: draft\n\nSECRET", "1: this looks like front matter without its fences"},
		{"Title: My note\nDate: 2026-05-01\n\nSECRET", "1: this looks like front matter without its fences"},
		{"title: My note\n---\nSECRET", "1: this looks like front matter without its fences"},
		{"title: My note\n\nSECRET", "1: this looks like front matter without its fences"},
		{"Drfat: true\n\nSECRET", "1: this looks like front matter without its fences"},
		{"<!--\n.. title: A\n.. status: draft\n-->\nSECRET", `3: ".. status: draft" is another tool's front matter`},
		{".. title: A\n.. status: private\n\nSECRET", "1: this looks like front matter without its fences"},
		{"{title: \"x\", draft: true}\nSECRET", "1: this looks like front matter in JSON"},
		{"{\n  draft: true\n}\nSECRET", "1: this looks like front matter in JSON"},
		{"{\"draft\": true\nSECRET", "2: front matter in JSON: "},
		{"{\"draft\": true,}\nSECRET", "1: front matter in JSON: "},
		{"\n{\n\"title\": x\n}\nSECRET", "3: front matter in JSON: "},
		{"{\"a\": 1, \"title\": \"x\", \"title\": \"y\"}\nSECRET", "1: title: duplicate key; first set on line 1"},
		{"---js\n{draft: true}\n---\nSECRET", `1: "---js" opens front matter in a language that is not read`},
		{"--- # a draft\ndraft: true\n---\nSECRET", `1: this looks like front matter, but "--- # a draft" is not "---"`},
		{"--- !!map\ntitle: x\n---\nSECRET", `1: this looks like front matter, but "--- !!map" is not "---"`},
		{"--- yaml\ntitle: x\n---\nSECRET", `1: this looks like front matter, but "--- yaml" is not "---"`},
		{"+++toml\ntitle = 'x'\n+++\nSECRET", `1: this looks like front matter, but "+++toml" is not "---"`},
		{"```yaml\ntitle: x\ndraft: true\n```\n\nSECRET", "3: this looks like front matter without its fences"},
		{"/*\ntitle: x\ndraft: true\n*/\nSECRET", "3: this looks like front matter without its fences"},
		{"＋＋＋\ntitle = 'x'\ndraft = true\n＋＋＋\nSECRET", "3: this looks like front matter without its fences"},
		{"\\---\ntitle: x\ndraft: true\n\\---\nSECRET", "3: this looks like front matter without its fences"},
		{":title: x\n:status: draft\n\nSECRET", "2: this looks like front matter without its fences"},
		{"#+TITLE: x\n#+DRAFT: true\n\nSECRET", "2: this looks like front matter without its fences"},
		{"- title:: x\n- public:: false\n\nSECRET", "2: this looks like front matter without its fences"},
		{"- **draft**: true\n\nSECRET", "1: this looks like front matter without its fences"},
		{"<!--\ntitle: x\ndraft: true\n-->\nSECRET", `3: "draft: true" is another tool's front matter`},
		{"\n\n---\ntitle: x\nSECRET", `3: front matter begins but does not end; close it with a line "---"`},
		{"\n---\ntitle: x\ndate: never\n---\nSECRET", "4: date: "},
	} {
		n, err := Parse("2026-05-01-a.md", []byte(tc.text), berlin)
		if err == nil || !strings.HasPrefix(err.Error(), "content/2026-05-01-a.md:"+tc.want) {
			t.Errorf("%q: %v, %v\nwant %s", tc.text, n, err, tc.want)
		}
	}
}

func TestFrontMatterBelowTheFirstMakesADraft(t *testing.T) {
	for _, tc := range []struct {
		text string
		line int
		want string
	}{
		{"---\ntitle: x\n---\n---\ndraft: true\n---\nSECRET", 4, "a second front matter; move its keys into the first; the note is a draft until then"},
		{"---\ntitle: x\n---\n\n---\ntags: [a]\n---\nSECRET", 5, "a second front matter"},
		{"---\n---\ndraft: true\n---\nSECRET", 3, "this looks like front matter"},
		{"---\ntitle: x\n---\n+++\ndraft = true\n+++\nSECRET", 4, "a second front matter"},
		{"---\ntitle: x\n---\ndraft: true\n\nSECRET", 4, "this looks like front matter"},
	} {
		n, err := Parse("2026-05-01-a.md", []byte(tc.text), berlin)
		if err != nil || !n.Draft || len(n.Notices) != 1 || n.Notices[0].Line != tc.line || !strings.HasPrefix(n.Notices[0].Msg, tc.want) {
			t.Errorf("%q: %+v, %v\nwant %d: %s", tc.text, n, err, tc.line, tc.want)
		}
	}
}

func TestTextThatIsNotFrontMatterIsPublished(t *testing.T) {
	const front = "---\ntitle: x\n---\n"
	for _, text := range []string{
		"Hello: a note.", "Note: this is a note.\n\nText", "https://example.org/?a=b", "***\n\nText", "---\n\nText\n\n---\n\nMore", "# Title\n\n---\n\nText: more\n\n---\n",
		"{{< figure src=\"a.png\" >}}\n\nText", "{% include x.html title=\"y\" %}\nText", "{: .note}\nText", "{#id}\nText", "{sic} title: text",
		"Place: Berlin\nTime: 10:00\n\nText", "Text\n\n```yaml\n---\ndraft: true\n---\n```\n\nMore", "Text\n\n~~~~\n---\ndraft: true\n---\n~~~~\n",
		"Text\n\n    ---\n    draft: true\n    ---\n", "<!-- draft: true -->\nText", "Text\n---\nTitle: a heading above\n\nText", "- title: x\n- date: y\n",
		"Status: sunny\n\nText", "Public: everybody\n\nText", "x = y\n\nText", "\"draft\": true is JSON", "> draft: true\n> is YAML", "`draft: true`",
		"Text\n\n```yaml\ndraft: true\n```", "--- and dashes: two", "Status:\nsunny", "Heading\n=======\n\nText", "Text\n\n>>>>>>> seven quotes", "A <<<<<<< B",
	} {
		for _, before := range []string{"", front} {
			if before == "" && strings.HasPrefix(text, "---") {
				continue
			}
			n, err := Parse("2026-05-01-a.md", []byte(before+text+"\n"), berlin)
			if err != nil || n.Draft || len(n.Notices) > 0 || n.Content != NormalText(text) {
				t.Errorf("%q: %+v, %v", before+text, n, err)
			}
		}
	}
}

func TestAVersionThatIsNotMergedIsHeldBack(t *testing.T) {
	for text, want := range map[string]string{
		"---\ntitle: x\n---\n<<<<<<< HEAD\nA\n=======\nB\n>>>>>>> main\n":                   "4: two versions of the text were not merged",
		"---\n<<<<<<< HEAD\ntitle: x\n=======\ntitle: y\n>>>>>>> main\n---\nA\n":            "2: two versions",
		"<<<<<<< HEAD\n---\ndraft: true\n---\n=======\n>>>>>>> main\n":                      "1: two versions",
		"Text\r\n<<<<<<< a.md\r\nA\r\n||||||| base\r\nB\r\n=======\r\nC\r\n>>>>>>> b\r\n":   "2: two versions",
		"Text\n<<<<<<<\nA\n=======\nB\n>>>>>>>\n":                                           "2: two versions",
		"A\n=======\nB\n>>>>>>> 3f9a1c2 (a commit)\n":                                       "4: two versions",
		"```\ncode\n```\n<<<<<<< HEAD\n```\nx\n```\n":                                       "4: two versions",
		"<<<<<<< Conflict 1 of 1\n%%%%%%% Changes\n-A\n+++++++ Contents\nB\n>>>>>>> ends\n": "1: two versions",
	} {
		if n, err := Parse("2026-05-01-a.md", []byte(text), berlin); err == nil || !strings.HasPrefix(err.Error(), "content/2026-05-01-a.md:"+want) {
			t.Errorf("%q: %v, %v; want %s", text, n, err, want)
		}
	}
	for _, text := range []string{
		"About git:\n\n```\n<<<<<<< HEAD\nA\n=======\nB\n>>>>>>> main\n```\n", "~~~ diff\n<<<<<<< HEAD\n~~~\n", "    <<<<<<< HEAD\n    A\n    =======\n",
		">>>>>>> a quote in a quote", "Title\n=======\n\nText", "<<<<<<<< eight", "Use `<<<<<<<` marks.",
	} {
		if _, err := Parse("2026-05-01-a.md", []byte(text), berlin); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestCopiesThatSyncProgramsKeepOfAConflict(t *testing.T) {
	for _, file := range []string{
		"notes/2026-05-01-a.sync-conflict-20260501-100000-ABCDEF7.md", "a.sync-conflict-20260501-100000.md",
		"a (conflicted copy 2026-05-01).md", "a (conflicted copy 2026-05-01 100000).md", "a (Ida's conflicted copy 2026-05-01).md",
		"a (Ida's conflicted copy 2026-05-01) 2.md", "a (ida's MacBook Pro's conflicted copy 2026-05-01 (1)).md", "a (Case Conflict 1).md",
		"a_conflict-20260501-100000.md", "a (Conflicted copy Phone 202605011000).md", "a (SFConflict ida@example.org 2026-05-01-10-00-00).md",
		"a_nas_May-01-100000-2026_Conflict.md", "a [conflicted].md", "a (conflicted).md", "a (conflict).md", "a-laptop-safeBackup-0001.md", "a (DESKTOP-QRI9EIH conflict 2026-05-01).md",
		"a (In Konflikt stehende Kopie von Ida 2026-05-01).md", "a (Idas in Konflikt stehende Kopie 2026-05-01).md", "a (Copie en conflit de Ida 2026-05-01).md",
		"a (Copia en conflicto de Ida 2026-05-01).md", "a (Copia in conflitto di Ida 2026-05-01).md", "a (Cópia em conflito de Ida 2026-05-01).md",
		"a (Conflicterende kopie van Ida 2026-05-01).md", "a (конфликтующая копия 2026-05-01).md", "a (Ida の競合コピー 2026-05-01).md", "a (Ida 的冲突副本 2026-05-01).md",
		"trip (Ida's conflicted copy 2026-05-01)/index.md", "photo (Ida's conflicted copy 2026-05-01).jpg", "Makefile (Ida's conflicted copy 2026-05-01)",
	} {
		if !IsConflictCopy(file) {
			t.Errorf("%s: not recognised", file)
		}
	}
	for _, file := range []string{
		"a.md", "a (1).md", "a 2.md", "a copy.md", "a (copy).md", "conflict.md", "conflict-of-interest.md", "2026-05-01-the-conflict-copy.md",
		"a (draft).md", "a (2026-05-01).md", "resolving-a-conflict (part 2).md", "a.sync-conflict.md", "[conflict]/a.md", "a [x].md", "a (on conflict).md",
	} {
		if IsConflictCopy(file) {
			t.Errorf("%s: taken for a copy", file)
		}
	}
}

func TestCopiesThatEditorsKeepOfAFile(t *testing.T) {
	cfg := &Config{}
	for _, name := range []string{
		"#index.md#", "index.md.bak", "index.md.bak2", "index.md.orig", "index.md.rej", "index.md.swp", "index.md.swo", "index.md.tmp", "index.md.save",
		"index.md.old", "index.md.1", "index.md (1)", "index.md-e", "index.md___jb_tmp___", "index.md.kate-swp", "index.md.sb-1234abcd-xYz",
		"index_BACKUP_1234.md", "index.REMOTE.1234.md", "index.markdown.bak", "INDEX.MD.BAK", "harbour.png.bak", "index.md.disabled", "index.md.icloud",
	} {
		if !IsEditorCopy(name) || !cfg.Skipped("notes/trip/"+name) {
			t.Errorf("%s is not taken for the copy of an editor", name)
		}
	}
	for _, name := range []string{
		"index.md", "a.md.md", "a.md.txt", "a.md.html", "a.md.pdf", "#hash.md", "original.md", "bak.md", "a-bak.md", "a.orig.jpg", "old.png", "a.old", "v1.2.md",
		"2026-05-01-why-.md.md", "a.tmp", "base.md", "a (1).md", "a copy.md", "track.mp3", "a.swift", "a.md5", "LOCAL_1234.md", "a.mdx",
	} {
		if IsEditorCopy(name) {
			t.Errorf("%s is taken for the copy of an editor", name)
		}
	}
}

// readKeyLine and the functions for fences replaced these expressions.
var (
	oldLanguageFence = regexp.MustCompile(`^---[a-z]+$`)
	oldLongFence     = regexp.MustCompile(`^(?:---|\+\+\+)\s*[\w#!|>&%{].*$`)
	oldKeyLine       = regexp.MustCompile(`^(?:\.\. )?["']?([\p{L}_][\p{L}\p{N}_ -]{0,40})["']?\s*[:=：]\s*(.*)$`)
)

func FuzzReadKeyLine(f *testing.F) {
	for _, line := range []string{
		"draft: true", "draft:", "draft = true", ".. status: draft", `"draft" : yes`, `'draft': "x"`, `"draft" = `, "Entwürfe：ja", "_a-b c2:x", "ａｂ: c",
		"draft: a\nb", "draft:\n", "a\n: b", "draft :\t\r x", ".. : x", "", ":", `": x`, "1a: b", "a\xff: b", "a: \xff", "two  words  : x", `a "b: c`,
		"a23456789012345678901234567890123456789 1: x", "a23456789012345678901234567890123456789 12: x", "a2345678901234567890123456789012345678901  : x",
		"---js", "---", "---JS", "--- js", "--- #x", "---\t!tag", "+++ x", "+++", "+++\n#", "---é", "---jsé", "---_", "--- -",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		key, value, ok := readKeyLine(line)
		want := oldKeyLine.FindStringSubmatch(line)
		if ok != (want != nil) || ok && (key != want[1] || value != want[2]) {
			t.Errorf("readKeyLine(%q) = %q, %q, %v; want %q", line, key, value, ok, want)
		}
		if strings.Contains(line, "\n") {
			return
		}
		if got, want := isLanguageFence(line), oldLanguageFence.MatchString(line); got != want {
			t.Errorf("isLanguageFence(%q) = %v", line, got)
		}
		if got, want := isLongFence(line), oldLongFence.MatchString(line); got != want {
			t.Errorf("isLongFence(%q) = %v", line, got)
		}
	})
}

// FuzzIsOrdinary checks that a search would not find anything in a text that is not
// searched.
func FuzzIsOrdinary(f *testing.F) {
	for _, text := range []string{
		"draft: true\n\ntext", "<!--\n.. status: draft\n-->\n", "Text.\n\n---\ndraft: true\n---\n", "Text.\r+++\rdraft = true\r+++\r", "{title: x, draft: true}",
		"***\ndraft: true\n***\n", "—–\u200b\ndraft: true\n—–", ";;;\ndraft: true\n;;;", "- **draft**: true\n\nText", "#+DRAFT: true\nText", "\u2028—\u2028draft: true\u2028—",
		"Text.\u0085---\u0085draft: true\u0085---\u0085", "  draft: true\n", "---js\ndraft: true\n---", "--- # x\ndraft: true\n---", "text\n\ndraft: true", strings.Repeat("—", 200) + "\ndraft: true",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, second := range []bool{false, true} {
			if isOrdinary(text, second) {
				if err := searchStray(text, 1, second); err != nil {
					t.Errorf("%q (second: %v) is taken for ordinary: %d: %s", text, second, err.line, err.msg)
				}
			}
		}
	})
}

// TestOrdinaryTextsHaveNoFrontMatter does the same as FuzzIsOrdinary, with texts
// from parts of front matter.
func TestOrdinaryTextsHaveNoFrontMatter(t *testing.T) {
	lines := []string{
		"", "", " ", "\u200b", "---", "--- ", "----", "+++", "***", "—", ";;;", "---js", "---yaml", "--- # note", "...", "draft: true", "Draft：yes", "draft = true", "  draft: true",
		`"draft": true`, "title: x", "date: 2026-05-01", "status: draft", ".. status: draft", "- **draft**: true", "#+DRAFT: true", ":draft: true", "Drfat: true",
		"<!--", "-->", "<!-- draft: true -->", "{", "}", "{title: x, draft: true}", "Some text.", "Some text: more", "https://example.org/", "- item", "# Title", "```", "> quote", "    code", "| a | b |",
	}
	ends := []string{"\n", "\n", "\n", "\n", "\r\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029"}
	random := rand.New(rand.NewPCG(1, 2))
	ordinary := 0
	for range 50_000 {
		var b strings.Builder
		end := ends[random.IntN(len(ends))]
		for range 1 + random.IntN(8) {
			b.WriteString(lines[random.IntN(len(lines))] + end)
		}
		for _, second := range []bool{false, true} {
			if !isOrdinary(b.String(), second) {
				continue
			}
			ordinary++
			if err := searchStray(b.String(), 1, second); err != nil {
				t.Fatalf("%q (second: %v) is taken for ordinary: %d: %s", b.String(), second, err.line, err.msg)
			}
		}
	}
	if ordinary < 1000 {
		t.Errorf("only %d texts are ordinary", ordinary)
	}
}
