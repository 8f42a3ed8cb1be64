package loss_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"
)

// guardedSite is a site with some notes in content/notes, all built.
func guardedSite(t *testing.T, notes int) (*storetest.Site, *store.Builder) {
	s := storetest.New(t)
	s.Guarded = true
	for i := range notes {
		s.Post(fmt.Sprintf("notes/%03d.md", i), "2024-10-01T10:00:00Z")
	}
	st := s.Scanned()
	s.Build(st)
	return s, st
}

// removeNotes removes the notes of a guarded site from one number to another.
func removeNotes(s *storetest.Site, from, to int) {
	s.T.Helper()
	for i := from; i < to; i++ {
		s.Remove(fmt.Sprintf("content/notes/%03d.md", i))
	}
}

// lost returns the number of rows that will be removed from the site.
func lost(s *storetest.Site, st *store.Builder) (n int) {
	s.T.Helper()
	for _, r := range s.Pending(st) {
		if !r.HasPage && r.Built != nil {
			n++
		}
	}
	return n
}

// missingReport returns what is reported of missing files.
func missingReport(s *storetest.Site, st *store.Builder) string {
	s.T.Helper()
	return strings.Join(slices.DeleteFunc(s.Problems(st), func(p string) bool { return !strings.Contains(p, "missing") }), "\n")
}

func TestWhichMissingNotesAreTakenForDeleted(t *testing.T) {
	for _, test := range []struct {
		name    string
		notes   int
		change  func(s *storetest.Site)
		removed int
		report  string // "": none
	}{
		{"a few", 20, func(s *storetest.Site) { removeNotes(s, 0, 10) }, 10, ""},
		{"half of many", 40, func(s *storetest.Site) { removeNotes(s, 0, 20) }, 20, ""},
		{"a few of a few", 5, func(s *storetest.Site) { removeNotes(s, 0, 5) }, 5, ""},
		{"most of many", 20, func(s *storetest.Site) { removeNotes(s, 0, 11) }, 0, "content/: 11 notes are missing, such as content/notes/000.md, content/notes/001.md, content/notes/002.md."},
		{"all of many", 20, func(s *storetest.Site) { removeNotes(s, 0, 20) }, 0, "content/: 20 notes are missing"},
		{"all, where the folder is empty", 5, func(s *storetest.Site) { s.Remove("content"); s.Mkdir("content") }, 0, "content/: was found empty: 5 notes are missing"},
		{"all, where hidden files are left", 5, func(s *storetest.Site) {
			s.Remove("content/notes")
			s.Write("content/.stfolder", "")
			s.Mkdir("content/lost+found")
		}, 0, "was found empty"},
		{"the only one", 1, func(s *storetest.Site) { s.Remove("content/notes") }, 0, "content/: was found empty: content/notes/000.md is missing. Their"},
		{"those of a renamed folder", 20, func(s *storetest.Site) { s.Rename("content/notes", "content/posts") }, 20, ""},
		{"notes in the trash", 20, func(s *storetest.Site) { s.Rename("content/notes", "content/.trash/notes") }, 20, ""},
		{"notes that are ignored from now on", 20, func(s *storetest.Site) { s.Extra = "[content]\nignore = [\"notes/**\"]\n" }, 20, ""},
		{"those of a folder that is a link now", 20, func(s *storetest.Site) {
			s.Rename("content/notes", "elsewhere")
			if err := os.Symlink(s.Path("elsewhere"), s.Path("content/notes")); err != nil {
				s.T.Fatal(err)
			}
		}, 0, "20 notes are missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := guardedSite(t, test.notes)
			test.change(s)
			st := s.Open()
			s.Scan(st)
			if got := lost(s, st); got != test.removed {
				t.Errorf("%d notes will be removed, want %d", got, test.removed)
			}
			if got := missingReport(s, st); !strings.Contains(got, test.report) || test.report == "" && got != "" {
				t.Errorf("reported is %q, want %q", got, test.report)
			}
		})
	}
}

func TestASecondLookAMinuteLaterIsBelieved(t *testing.T) {
	s, st := guardedSite(t, 20)
	removeNotes(s, 0, 15)
	for _, test := range []struct {
		after   time.Duration
		change  func()
		removed int
	}{
		{0, func() {}, 0},
		{59 * time.Second, func() {}, 0},
		{30 * time.Second, func() { removeNotes(s, 15, 16) }, 0}, // others are missing now: the minute begins again
		{59 * time.Second, func() { s.Post("notes/new.md", "2024-10-02T10:00:00Z") }, 0},
		{time.Second, func() {}, 16},
	} {
		s.Now = s.Now.Add(test.after)
		test.change()
		st = s.Open() // also as another process, or after a restart
		s.Scan(st)
		if got := lost(s, st); got != test.removed {
			t.Fatalf("after %v more, %d notes will be removed, want %d", test.after, got, test.removed)
		}
	}
	if got := missingReport(s, st); got != "" {
		t.Errorf("still reported: %s", got)
	}
}

func TestAnEmptyFolderIsNeverBelievedByTime(t *testing.T) {
	s, st := guardedSite(t, 20)
	s.Rename("content", "elsewhere")
	s.Mkdir("content")
	s.Scan(st)
	s.Post("notes/new.md", "2024-10-02T10:00:00Z") // by an app, while the disk is not mounted
	for range 3 {
		s.Now = s.Now.Add(time.Hour)
		s.Scan(st)
	}
	if got := lost(s, st); got != 0 {
		t.Errorf("%d notes will be removed", got)
	}
	if s.Row(st, "notes/new.md") == nil {
		t.Error("a new note is not in the index")
	}
	s.Remove("content")
	s.Rename("elsewhere", "content")
	s.Scan(st)
	if got := missingReport(s, st); !strings.Contains(got, "content/notes/new.md is missing") {
		t.Errorf("when the notes are back, reported is %q", got)
	}
	s.Now = s.Now.Add(time.Minute)
	s.Scan(st)
	if got := missingReport(s, st); got != "" {
		t.Errorf("a minute later, reported is %q", got)
	}
}

func TestNotesThatComeBackOneByOneAreWaitedFor(t *testing.T) {
	s, st := guardedSite(t, 30)
	s.Rename("content", "elsewhere")
	s.Mkdir("content/notes")
	s.Write("content/readme.txt", "")
	s.Scan(st)
	for i := range 30 {
		name := fmt.Sprintf("notes/%03d.md", i)
		s.Rename("elsewhere/"+name, "content/"+name)
		s.Now = s.Now.Add(10 * time.Second)
		s.Scan(st)
		if got := lost(s, st); got != 0 {
			t.Fatalf("with %d notes back, %d will be removed", i+1, got)
		}
	}
	if got := missingReport(s, st); got != "" {
		t.Errorf("still reported: %s", got)
	}
}

func TestNotesThatVanishOneByOneAreCounted(t *testing.T) {
	s, st := guardedSite(t, 40)
	removed := 0
	for i := range 40 {
		removeNotes(s, i, i+1)
		s.Refresh(st, fmt.Sprintf("notes/%03d.md", i))
		removed = lost(s, st)
	}
	if removed > 20 {
		t.Errorf("%d of 40 notes will be removed within a moment", removed)
	}
	if got := missingReport(s, st); !strings.Contains(got, fmt.Sprintf("%d notes are missing", 40-removed)) {
		t.Errorf("reported is %q", got)
	}
	s.Now = s.Now.Add(61 * time.Second)
	s.Scan(st)
	if got := lost(s, st); got != 40 {
		t.Errorf("a minute later %d notes will be removed, want 40", got)
	}
}

func TestNotesThatAreDeletedNowAndThenAreRemovedAtOnce(t *testing.T) {
	s, st := guardedSite(t, 20)
	for i := range 20 {
		removeNotes(s, i, i+1)
		s.Now = s.Now.Add(7 * time.Second)
		s.Refresh(st, fmt.Sprintf("notes/%03d.md", i))
	}
	if got := lost(s, st); got != 20 {
		t.Errorf("%d of 20 notes that were deleted one by one will be removed", got)
	}
}

func TestANoteThatAnAppDeletesIsRemovedAtOnce(t *testing.T) {
	s, st := guardedSite(t, 20)
	removeNotes(s, 0, 15)
	s.Scan(st)
	row := s.Row(st, "notes/017.md")
	if _, err := st.Delete(t.Context(), row.File, row.Permalink); err != nil {
		t.Fatal(err)
	}
	s.Scan(st)
	if got := lost(s, st); got != 1 {
		t.Errorf("%d notes will be removed, want the one that was deleted", got)
	}
}

func TestTheOwnerMayAllowEveryRemoval(t *testing.T) {
	s, st := guardedSite(t, 20)
	if any, err := st.AllowRemovals(t.Context()); any || err != nil {
		t.Fatalf("AllowRemovals where nothing is missing: %v, %v", any, err)
	}
	s.Remove("content")
	s.Mkdir("content")
	s.Scan(st)
	if lost(s, st) != 0 {
		t.Fatal("an empty folder is believed")
	}
	// By a process that is not the one that builds.
	if any, err := s.Open().AllowRemovals(t.Context()); !any || err != nil {
		t.Fatalf("AllowRemovals: %v, %v", any, err)
	}
	s.Scan(st)
	if got := lost(s, st); got != 20 {
		t.Errorf("%d notes will be removed, want 20", got)
	}
}

func TestAProcessMayBeAllowedEveryRemoval(t *testing.T) {
	s, st := guardedSite(t, 20)
	s.Remove("content")
	options := s.Options()
	options.AllowRemovals = true
	allowed := s.OpenTo(s.Config(), options)
	s.Scan(allowed)
	if got := lost(s, allowed); got != 20 {
		t.Errorf("of a missing folder %d notes will be removed, want 20", got)
	}
	looks, err := st.SecondLooks(t.Context())
	if err != nil || len(looks) > 0 {
		t.Errorf("second looks: %v, %v", looks, err)
	}
}
