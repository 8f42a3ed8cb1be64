package upload_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"
	"starpunk/site/store/queue"
	"starpunk/site/store/upload"

	"github.com/gofrs/flock"
)

func TestAScanLeavesAnUploadThatIsComingInAlone(t *testing.T) {
	s := storetest.New(t)
	st := s.Open()
	s.Write("media/.starpunk-LEFT.tmp", "half")
	cleaned := false
	u, err := st.Uploads.Receive(t.Context(), strings.NewReader("picture"), 100, func(dst io.Writer, src io.ReaderAt, size int64) (string, error) {
		s.Scan(st) // it needs the content lock, which an upload does not hold
		cleaned = true
		return storetest.AsIs(dst, src, size)
	})
	if err != nil || !cleaned {
		t.Fatalf("Receive: %v", err)
	}
	s.Scan(st)
	if err := u.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	u.Close()
	storetest.SameStrings(t, "files", s.Files("media"), strings.TrimPrefix(u.Path, "/media/"))
}

func TestAnUploadThatIsNotKeptLeavesNothing(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	u, err := st.Uploads.Receive(t.Context(), strings.NewReader("picture"), 100, storetest.AsIs)
	if err != nil {
		t.Fatal(err)
	}
	u.Close()
	damaged := errors.New("damaged")
	_, err = st.Uploads.Receive(t.Context(), strings.NewReader("picture"), 100, func(io.Writer, io.ReaderAt, int64) (string, error) { return "", damaged })
	if !errors.Is(err, damaged) {
		t.Errorf("Receive = %v, want the cleaner's %v", err, damaged)
	}
	if _, err := st.Uploads.Receive(t.Context(), strings.NewReader("picture"), 6, storetest.AsIs); !errors.Is(err, upload.ErrTooLarge) {
		t.Errorf("Receive of 7 bytes where 6 are allowed = %v, want %v", err, upload.ErrTooLarge)
	}
	storetest.SameStrings(t, "files", s.Files("media"))
}

func TestATemporaryFileThatAnotherProcessLocksIsInUse(t *testing.T) {
	s := storetest.New(t)
	s.Write("media/.starpunk-USED.tmp", "half")
	lock := flock.New(filepath.Join(s.Dir, "media/.starpunk-USED.tmp")) // a lock belongs to an open file: as good as another process's
	if ok, err := lock.TryLock(); err != nil || !ok {
		t.Fatal(ok, err)
	}
	st := s.Scanned()
	storetest.SameStrings(t, "files while it is used", s.Files("media"), ".starpunk-USED.tmp")
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	s.Scan(st)
	storetest.SameStrings(t, "files after that", s.Files("media"))
}

func TestMediaListsWhatIsInTheOutputNewestFirst(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	for _, text := range []string{"a", "b", "c"} {
		if _, err := st.Uploads.Save(t.Context(), strings.NewReader(text), 1, storetest.AsIs); err != nil {
			t.Fatal(err)
		}
	}
	wanted, err := st.Copies.WantedUploads(t.Context())
	if err != nil || len(wanted) != 3 {
		t.Fatalf("WantedUploads = %q, %v", wanted, err)
	}
	sources := slices.Clone(wanted)
	s.Write("static/x.css", "x")
	copied(s, st, append(wanted, "static/x.css")...)
	if wanted, err = st.Copies.WantedUploads(t.Context()); err != nil || len(wanted) != 0 {
		t.Errorf("WantedUploads after they were copied = %q, %v", wanted, err)
	}
	var got, want []string
	for _, source := range slices.Backward(sources) {
		want = append(want, "/"+source)
	}
	var last upload.MediaFile
	for range 4 {
		files, err := st.Uploads.Media(t.Context(), last, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			got, last = append(got, f.Path), f
		}
	}
	storetest.SameStrings(t, "Media", got, want...)
}

// copied records that files, from the oldest to the newest, were copied to the
// output.
func copied(s *storetest.Site, st *store.Builder, sources ...string) {
	s.T.Helper()
	var copies []queue.Copy
	for i, source := range sources {
		at := s.Now.Add(time.Duration(i) * time.Second)
		err := os.Chtimes(s.Path(source), at, at)
		info, statErr := os.Lstat(s.Path(source))
		if err := errors.Join(err, statErr); err != nil {
			s.T.Fatal(err)
		}
		copies = append(copies, queue.NewCopy(source, source, info))
	}
	number, err := st.Begin(s.T.Context())
	if err == nil {
		err = st.Copies.Mark(s.T.Context(), number, copies, nil)
	}
	if err != nil {
		s.T.Fatal(err)
	}
}

func TestAReferenceIsFoundAtAnyPlaceOfAFile(t *testing.T) {
	hash := strings.Repeat("0123456789abcdef", 4)
	for _, tc := range []struct {
		name, text string
		unused     bool
	}{
		{"at the start", hash, false},
		{"behind other digits", "ab" + hash, false},
		{"where two buffers meet", strings.Repeat("x", 64<<10-20) + hash, false},
		{"at the end of a long file", strings.Repeat("x", 300<<10) + hash + ".jpg", false},
		{"one digit short", hash[1:], true},
		{"in two pieces", hash[:32] + " " + hash[32:], true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := storetest.New(t)
			s.Now = s.Now.Add(2 * upload.Grace)
			s.Write("media/01/"+hash+".jpg", "picture")
			s.Write("content/trip/data.bin", tc.text)
			files, err := s.Open().Uploads.Unused(t.Context())
			if err != nil || len(files) > 0 != tc.unused {
				t.Errorf("UnusedUploads = %v, %v; want the upload: %v", files, err, tc.unused)
			}
		})
	}
}

// An app that sends a picture again is about to show it.
func TestAnUploadThatIsSentAgainIsNotUnused(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	path, err := st.Uploads.Save(t.Context(), strings.NewReader("picture"), 100, storetest.AsIs)
	if err != nil {
		t.Fatal(err)
	}
	long := s.Now.Add(-3 * upload.Grace)
	if err := os.Chtimes(s.Path(path[1:]), long, long); err != nil {
		t.Fatal(err)
	}
	if files, err := st.Uploads.Unused(t.Context()); err != nil || len(files) != 1 {
		t.Fatalf("UnusedUploads = %v, %v; want the old one", files, err)
	}
	if again, err := st.Uploads.Save(t.Context(), strings.NewReader("picture"), 100, storetest.AsIs); err != nil || again != path {
		t.Fatalf("SaveUpload = %q, %v; want %q", again, err, path)
	}
	if files, err := st.Uploads.DeleteUnused(t.Context()); err != nil || len(files) != 0 {
		t.Errorf("DeleteUnused = %v, %v; want nothing", files, err)
	}
	if _, err := os.Stat(s.Path(path[1:])); err != nil {
		t.Error(err)
	}
}
