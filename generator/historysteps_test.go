package generator_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"
)

// stepKinds are the kinds of steps of a history.
var stepKinds = []stepKind{
	{"note", 20, writeAnyNote},
	{"usual", 30, (*history).usualEdit},
	{"visibility", 5, func(h *history, r *rand.Rand) { h.edit(r, "visibility", "unlisted", "private", "public", "") }},
	{"draft", 2, func(h *history, r *rand.Rand) { h.edit(r, "draft", "true", "") }},
	{"alias", 6, func(h *history, r *rand.Rand) { h.edit(r, "aliases", anyAliases...) }},
	{"spelling", 4, func(h *history, r *rand.Rand) { h.edit(r, "tags", "[a]", "[A]", "[B, a]", "[b, C]", "[c, A]", "") }},
	{"capitals", 2, func(h *history, r *rand.Rand) { h.edit(r, "slug", "Same", "same", "X", "x", "N3", "") }},
	{"address", 4, func(h *history, r *rand.Rand) { h.edit(r, "slug", "same", "x", "other", "a", "b", "2", "3", "") }},
	{"moved file", 4, moveAnyFile},
	{"bundle", 4, editBundle},
	{"broken", 3, breakOrCorrect},
	{"page at a list", 4, pageAtAList},
	{"static file at a list", 6, staticAtAList},
	{"date to come", 3, dateToCome},
	{"time", 4, func(h *history, r *rand.Rand) { h.setClock(h.now.Add(time.Duration(1+r.IntN(72)) * time.Hour)) }},
	{"clock ahead", 2, clockAhead},
	{"clock put right", 2, clockPutRight},
	{"configuration", 1, configure},
	{"layout", 3, changeLayout},
	{"build", 40, func(h *history, _ *rand.Rand) { h.build() }},
	{"restart", 4, func(h *history, _ *rand.Rand) { h.restart() }},
	{"missing folder", 2, buildWithoutAFolder},
	{"lost output", 2, func(h *history, _ *rand.Rand) { h.drop("public") }},
	{"lost index", 1, func(h *history, _ *rand.Rand) { h.stop(); h.drop(".starpunk") }},
	{"edit during a build", 8, editDuringABuild},
	{"killed build", 6, killedBuild},
}

var anyAliases = []string{
	"", "[/old/]", "[/old/, /older/]", "[/2026/11/same/]", "[/2026/11/x/, /old/]", "[/tags/a/]", "[/tags/new/]", "[/notes/2026/]",
	"[/2026/11/]", "[/x.html/]", "[/about/]", "[/old/x/]", "[/Old/]", "[/static.txt/, /x/y.txt/]", "[/2026/11/t/a.txt/, /feed.json/x/]",
}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

// writeAnyNote writes one of some notes whole.
func writeAnyNote(h *history, r *rand.Rand) {
	name := fmt.Sprintf("content/notes/n%d.md", r.IntN(12))
	if r.IntN(5) == 0 {
		h.drop(name)
		return
	}
	date := time.Date(2026, time.Month(10+r.IntN(3)), 1+r.IntN(28), r.IntN(24), 0, 0, 0, time.UTC)
	var front []string
	for _, line := range []string{"tags: [" + pick(r, "a", "A", "b", "a, B") + "]", "title: " + pick(r, "One", "Two"), "aliases: " + pick(r, anyAliases[1:]...)} {
		if r.IntN(2) == 0 {
			front = append(front, line)
		}
	}
	h.put(name, note(date.Format(time.RFC3339), strings.Join(front, "\n"), fmt.Sprintf("Text %d [link](n%d.md)", r.IntN(100), r.IntN(12))))
}

// changeLayout replaces the layout of notes by one of few, or by the default. A process
// that only builds reads layouts at its start.
func changeLayout(h *history, r *rand.Rand) {
	defer h.restart()
	if r.IntN(3) == 0 {
		h.drop("layouts/note.html")
		return
	}
	h.put("layouts/note.html", fmt.Sprintf("<p>%d</p>{{with .Prev}}<a href=\"{{.Path}}\">{{.Text}}</a>{{end}}"+
		"{{with .Next}}<a href=\"{{.Path}}\">{{.Text}}</a>{{end}}{{.Note.Content}}", r.IntN(2)))
}

// moveAnyFile gives a note another folder or name, or a folder another name.
func moveAnyFile(h *history, r *rand.Rand) {
	switch r.IntN(6) {
	case 0:
		from, to := "content/notes", "content/posts"
		if r.IntN(2) == 0 {
			from, to = to, from
		}
		h.rename(from, to)
	case 1: // two files exchange their names
		a, textA := h.anyNote(r)
		b, textB := h.anyNote(r)
		if a != "" && a != b {
			h.put(a, textB)
			h.put(b, textA)
		}
	default:
		if name, _ := h.anyNote(r); name != "" {
			h.rename(name, pick(r, "content/notes/", "content/moved/", "content/.trash/")+pick(r, path.Base(name), "n3.md", "x.md"))
		}
	}
}

// editBundle makes, changes or removes a note with files beside it.
func editBundle(h *history, r *rand.Rand) {
	dir := "content/" + pick(r, "trips/t", "trips/u", "a")
	switch r.IntN(8) {
	case 0:
		h.drop(dir)
	case 1:
		h.rename(dir, "content/"+pick(r, "trips/t", "trips/u", "a"))
	case 2:
		h.drop(dir + "/" + pick(r, "index.md", "a.txt", "2026/index.html", "feed.xml"))
	case 3, 4, 5:
		h.put(dir+"/"+pick(r, "a.txt", "b/c.txt", "2/x.txt", "feed.xml", "d/e.md"), note("2026-11-20", "", pick(r, "A", "B")))
	default:
		front := pick(r, "tags: [a]", "permalink: /tags/a/", "permalink: /notes/", "aliases: [/old/]", "slug: x")
		h.put(dir+"/index.md", note("2026-11-20", front, pick(r, "A [a](a.txt)", "B")))
	}
}

// breakOrCorrect adds a mistake to a note, or removes the mistakes of all notes.
func breakOrCorrect(h *history, r *rand.Rand) {
	if r.IntN(2) == 0 {
		for _, name := range h.below("content") {
			if text := h.read(name); strings.Contains(text, brokenLine+"\n") {
				h.put(name, strings.Replace(text, brokenLine+"\n", "", 1))
			}
		}
		return
	}
	if name, text := h.anyNote(r); strings.HasPrefix(text, "---\n") && !strings.Contains(text, brokenLine+"\n") {
		h.put(name, "---\n"+brokenLine+"\n"+strings.TrimPrefix(setLine(text, "tags", ""), "---\n"))
	}
}

// sorted yields the entries of a map in the order of their keys.
func sorted(m map[string]string) func(yield func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for _, key := range sortedNames(m) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

func sortedNames(m map[string]string) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// pageAtAList writes or removes a page that has the address of a list or of a part
// of one.
func pageAtAList(h *history, r *rand.Rand) {
	name := "content/" + pick(r, "p1.md", "p2.md")
	if r.IntN(3) == 0 {
		h.drop(name)
		return
	}
	address := pick(r, "/tags/", "/tags/a/", "/tags/b/", "/tags/a/2026/", "/tags/a/2/", "/notes/", "/notes/2026/", "/articles/", "/2026/", "/2026/11/", "/2026/11/2/", "/tags/a", "/notes/2026")
	front := "permalink: " + address + "\ntitle: A page\n" + pick(r, "", "", "draft: true\n", "visibility: unlisted\n", "date: 2026-11-23\n")
	h.put(name, "---\n"+front+"---\nText\n")
}

// staticAtAList writes or removes a static file that shadows a list, a part of one, or the
// folder of one.
func staticAtAList(h *history, r *rand.Rand) {
	at := pick(r, "tags", "tags/a", "tags/b", "tags/a/2026", "notes", "notes/2026", "articles", "2026", "2026/11", "likes", "feed.xml", "tags/a/feed.xml", "sitemap-2026-11.xml", "old")
	name := "static/" + at
	switch r.IntN(5) {
	case 0, 1:
		h.drop(name)
	case 2:
		h.drop("static")
	case 3:
		h.put(name, pick(r, "one", "two"))
	default:
		h.put(name+"/"+pick(r, "index.html", "x", "2"), pick(r, "one", "two"))
	}
}

// dateToCome schedules a note.
func dateToCome(h *history, r *rand.Rand) {
	if name, text := h.anyNote(r); strings.Contains(text, "\ndate: ") {
		at := h.now.Add(time.Duration(1+r.IntN(96)) * time.Hour)
		h.put(name, setLine(text, pick(r, "date", "date", "expiryDate", "publishDate"), at.Format(time.RFC3339)))
	}
}

// clockAhead sets a wrong clock, such as that of a machine without a battery.
func clockAhead(h *history, r *rand.Rand) {
	if h.right.IsZero() {
		h.right = h.now
	}
	h.setClock(h.now.Add(time.Duration(1+r.IntN(90)) * 24 * time.Hour))
}

func clockPutRight(h *history, _ *rand.Rand) {
	if !h.right.IsZero() {
		h.setClock(h.right)
		h.right = time.Time{}
	}
}

// configure changes a key on which all pages depend.
func configure(h *history, r *rand.Rand) {
	h.stop()
	h.extra = pick(r, "", "\n[feed]\ncount = 3\n", "\n[home]\ncount = 2\n")
	h.note("configuration %q", h.extra)
}

// buildWithoutAFolder builds while a disk is not mounted.
func buildWithoutAFolder(h *history, r *rand.Rand) {
	if !h.guarded {
		return
	}
	folder := pick(r, "content", "static", "media")
	h.note("%s is not mounted", folder)
	back := h.unmount(folder)
	h.build()
	h.note("%s is mounted", folder)
	back()
}

// editDuringABuild edits files after a commit of a build, so that the index has their
// former state.
func editDuringABuild(h *history, r *rand.Rand) {
	at, edits := 1+r.IntN(12), 1+r.IntN(3)
	if r.IntN(3) == 0 { // a first build
		h.stop()
		h.drop(".starpunk")
		if r.IntN(2) == 0 {
			h.drop("public")
		}
	}
	if !h.start() {
		return
	}
	h.commit = func() error {
		if at--; at == 0 {
			h.note("during the next build:")
			for range edits {
				editKinds[r.IntN(len(editKinds))](h, r)
			}
		}
		return nil
	}
	h.note("build")
	_, err := h.g.Build(context.Background())
	h.commit = nil
	if err != nil {
		h.fail("build: %v", err)
	}
	h.build()
}

// editKinds are edits that may be made at any moment.
var editKinds = []func(h *history, r *rand.Rand){writeAnyNote, (*history).usualEdit, moveAnyFile, breakOrCorrect, dateToCome, editBundle,
	func(h *history, r *rand.Rand) { h.edit(r, "visibility", "unlisted", "private", "public", "") },
	func(h *history, r *rand.Rand) { h.edit(r, "slug", "same", "x", "other", "") },
	func(h *history, r *rand.Rand) { h.edit(r, "aliases", anyAliases...) },
	func(h *history, r *rand.Rand) {
		if name, _ := h.anyNote(r); name != "" {
			h.drop(name)
		}
	},
}

// errKilled is the error of a write in a killed process.
var errKilled = errors.New("the process is killed")

// killedBuild ends a process at a commit of a build, which may have been made.
// Another process continues with the same index and output, at once or later.
func killedBuild(h *history, r *rand.Rand) {
	at := 1 + r.IntN(14)
	if !h.start() {
		return
	}
	h.note("build, killed at commit %d", at)
	h.commit = func() error {
		if at--; at <= 0 {
			return errKilled
		}
		return nil
	}
	_, err := h.g.Build(context.Background())
	h.commit = nil
	if err != nil && !errors.Is(err, errKilled) {
		h.fail("killed build: %v", err)
	}
	h.stop()
	if r.IntN(2) == 0 {
		h.build()
	}
}

// Some notes are broken at times, each before it has a page or after.
const (
	brokenNames = 8
	brokenLine  = "tags: [a"
)

func brokenName(i int) string { return fmt.Sprintf("content/notes/broken%d.md", i) }

// usualEdit makes an edit of an author to a random note.
func (h *history) usualEdit(random *rand.Rand) {
	pick := func(ss ...string) string { return ss[random.IntN(len(ss))] }
	name := fmt.Sprintf("content/notes/n%d.md", random.IntN(25))
	switch random.IntN(19) {
	case 0, 1:
		h.drop(name)
		return
	case 16: // a file that notes show, its name in one of two forms
		file := "content/" + pick("images/", "notes/", "other/images/") + pick("w.png", "u\u0308.png", "\u00fc.png")
		if random.IntN(3) == 0 {
			h.drop(file)
		} else {
			h.put(file, pngOf(h.t, 1+random.IntN(3), 2))
		}
		return
	case 17: // a note that may be the one meant by name
		file := "content/" + pick("", "far/away/", "near/", "\u00e9/", "e\u0301/") + pick("wiki.md", "wiki.MD", "wiki/index.md", "caf\u00e9.md", "cafe\u0301.md")
		if random.IntN(3) == 0 {
			h.drop(file)
		} else {
			h.put(file, note("2026-09-0"+fmt.Sprint(1+random.IntN(9)), pick("draft: true", "slug: w"+fmt.Sprint(random.IntN(3)), "title: W"), pick("## Part", "![x](w.png)", "[[n3]]")))
		}
		return
	case 18:
		h.drop(pick("content/images", "content/far", "content/near", "content/wiki"))
		return
	case 14, 15:
		front := pick("tags: [a]", "slug: x", "title: One", brokenLine, brokenLine)
		date := fmt.Sprintf("2026-%02d-%02d", 9+random.IntN(3), 1+random.IntN(28))
		h.put(brokenName(random.IntN(brokenNames)), note(date, front, "Text"))
		return
	case 2:
		target := pick("content/.trash/", "content/other/") + path.Base(name)
		h.rename(name, target)
		return
	case 3:
		h.drop(pick("content/other", "content/.trash", "static/x"))
		return
	case 4:
		h.put("static/x/"+pick("index.html", "y.txt"), pick("one", "two"))
		return
	case 5:
		h.put("content/"+pick("x.md", "tags.md", "index.md"), pick("A page", "---\ntitle: Another\ndraft: true\n---\n"))
		return
	case 6:
		h.setClock(h.now.Add(time.Duration(random.IntN(48)) * time.Hour))
		return
	case 7:
		if random.IntN(2) == 0 {
			h.put("static/p.png", pngOf(h.t, 1+random.IntN(3), 2))
			return
		}
		h.put("content/trips/t/"+pick("index.md", "a.txt", "b/c.txt", "d/e.md"), note("2026-11-20", "", pick("A", "B")))
		return
	case 8: // a file where there is a folder
		file := pick("static/2026/11/same", "static/feed.json/x", "static/2026/11/t/a.txt")
		if random.IntN(3) == 0 {
			h.drop(file)
		} else {
			h.put(file, pick("one", "two"))
		}
		return
	}
	date := time.Date(2026, time.Month(8+random.IntN(5)), 1+random.IntN(28), random.IntN(24), 0, 0, 0, time.UTC).Format(time.RFC3339)
	front := []string{}
	for _, line := range []string{
		"tags: [" + pick("a", "b, c", "A", "B, a", "ä, \"C++\"") + "]", "title: " + pick("One", "Two"), "draft: true",
		"visibility: " + pick("unlisted", "private", "public"), "slug: " + pick("same", "x", "other"), "permalink: " + pick("/feed.atom/", "/notes/feed.xml/", "/2026/10/index.html", "/x.html", "/2026/11/t/a.txt/", "/x.html/y/"),
		"like-of: https://example.org/", "format: html", "photo: /media/aa/aabb.png",
		"aliases: [" + pick("/old/", "/2026/11/same/", "/x/", "/2026/11/, /feed.xml/a/", "/static.txt/, /x/y.txt/, /tags/new/", "/2026/11/t/a.txt/, /feed.json/x/", "/2026/11/same/x/") + "]",
	} {
		if random.IntN(3) == 0 {
			front = append(front, line)
		}
	}
	body := pick("Text", "Long text "+strings.Repeat("and more ", 40), "[link](n3.md)", "[link](../about.md) <b>bold</b>", "![picture](/p.png)\n\n<!--more-->\n\nMore",
		"[[wiki]] [[near/wiki#Part]] [[caf\u00e9]] [x](wiki) [y](cafe\u0301.md) [z](/2026/09/w1/#part)",
		"![[w.png]] ![x](images/w.png) ![y](\u00fc.png) ![[u\u0308.png|20]] [p](../images/w.png)")
	h.put(name, note(date, strings.Join(front, "\n"), body))
}
