package generator_test

import (
	"fmt"
	"strings"
	"testing"

	"starpunk/generator"
)

// The neighbours of a note link to it only if lists show it. An alias is not such a list.
func TestNeighboursFollowTheVisibilityOfANote(t *testing.T) {
	for _, aliases := range []string{"", "aliases: [/old/]\n"} {
		for _, hidden := range []string{"unlisted", "private"} {
			t.Run(fmt.Sprintf("%s %q", hidden, aliases), func(t *testing.T) {
				s := newTestSite(t, map[string]string{
					"content/n1.md": note("2026-01-01", "", "One"),
					"content/n3.md": note("2026-01-03", "", "Three"),
				})
				for _, visibility := range []string{"public", hidden, "public"} {
					s.write("content/n2.md", note("2026-01-02", aliases+"visibility: "+visibility, "Two"))
					s.build()
					for _, beside := range []string{"n1", "n3"} {
						linked := strings.Contains(s.output("2026/01/"+beside+"/index.html"), "/2026/01/n2/")
						if linked != (visibility == "public") {
							t.Errorf("the note is %s, and that %s links to it is %v", visibility, beside, linked)
						}
					}
					s.checkClean("the note is " + visibility)
				}
			})
		}
	}
}

// A firstBuildEdit is done to a note after the scan of a first build.
type firstBuildEdit struct {
	name string
	do   func(s *testSite, file, date string)
}

var firstBuildEdits = []firstBuildEdit{
	{"delete", func(s *testSite, file, _ string) { s.remove(file) }},
	{"move the file", func(s *testSite, file, _ string) {
		s.move(file, strings.Replace(file, "content/", "content/moved/", 1))
	}},
	{"change the address", func(s *testSite, file, date string) { s.write(file, note(date, "slug: other", "Another text")) }},
	{"change the date", func(s *testSite, file, _ string) { s.write(file, note("2025-05-05", "", "Another text")) }},
	{"put off", func(s *testSite, file, _ string) { s.write(file, note("2099-01-01", "", "Another text")) }},
	{"make unlisted", func(s *testSite, file, date string) {
		s.write(file, note(date, "visibility: unlisted", "Another text"))
	}},
	{"make private", func(s *testSite, file, date string) { s.write(file, note(date, "visibility: private", "Another text")) }},
	{"make a draft", func(s *testSite, file, date string) { s.write(file, note(date, "draft: true", "Another text")) }},
	{"give a title", func(s *testSite, file, date string) { s.write(file, note(date, "title: Another", "Another text")) }},
	{"break", func(s *testSite, file, date string) { s.write(file, note(date, "tags: [a", "Another text")) }},
}

// A page shows the data that the index has of other notes, also before they have pages of
// their own. If one of these notes changes before its page is built, the shown data are
// wrong.
func TestANoteThatChangesDuringAFirstBuildLeavesNothing(t *testing.T) {
	files := map[string]string{}
	for i := range 5 {
		files[fmt.Sprintf("content/n%d.md", i)] = note(fmt.Sprintf("2026-01-0%d", i+1), "", fmt.Sprintf("Note %d [link](n%d.md)", i, (i+2)%5))
	}
	for _, edit := range firstBuildEdits {
		for _, doing := range []string{"copying", "pages", "lists"} { // before the pages, before the lists, after some
			t.Run(edit.name+" "+doing, func(t *testing.T) {
				t.Parallel()
				s := newTestSite(t, files)
				edited := false
				s.progress = func(p generator.Progress) {
					if p.Doing == doing && !edited {
						edited = true
						edit.do(s, "content/n2.md", "2026-01-03")
					}
				}
				s.build()
				s.progress = nil
				s.build()
				if edit.name == "break" && s.hasOutput("2026/01/n2/index.html") {
					return // its last good page stays
				}
				s.checkClean("after an edit")
			})
		}
	}
}

// The same between two batches of pages: the newest notes have their pages, and the
// next of their neighbours changes before it has its own.
func TestANoteThatChangesBetweenTwoBatchesLeavesNothing(t *testing.T) {
	const size = 600 // more than two batches
	files := map[string]string{}
	for i := range size {
		date := fmt.Sprintf("2026-%02d-%02dT12:00:%02dZ", 1+i/60, 1+i%28, i%60)
		files[fmt.Sprintf("content/n%03d.md", i)] = note(date, "", fmt.Sprintf("Note %d [link](n%03d.md)", i, (i*479+13)%size))
	}
	s := newTestSite(t, files)
	edited := false
	s.progress = func(p generator.Progress) {
		if p.Doing != "pages" || edited {
			return
		}
		edited = true
		for i := 3; i < size; i += 12 { // also notes of later batches
			name := fmt.Sprintf("content/n%03d.md", i)
			_, rest, _ := strings.Cut(files[name], "date: ")
			date, _, _ := strings.Cut(rest, "\n")
			if edit := firstBuildEdits[i/12%len(firstBuildEdits)]; edit.name != "break" { // it would keep its last good page
				edit.do(s, name, date)
			}
		}
	}
	s.build()
	s.progress = nil
	s.build()
	s.checkClean("after edits between two batches")
}
