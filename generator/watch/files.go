package watch

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Files follows the files in the folders of a site. Only one goroutine may use it.
type Files struct {
	Changes

	o       Options
	notify  *fsnotify.Watcher // nil: changes can't be watched
	folders map[string]bool   // the names of the watched folders
	errs    chan error        // errors of the watches; the first of several that come together
	polling bool              // some folder can't be watched

	foldersMoved bool // a watch may have a former name of its folder
}

// Options are the options of a Files.
type Options struct {
	Site    string   // the folder of the site; its watch reports folders that are made later
	Content string   // the folder of the notes, which may be a link
	Folders []string // the other folders
	// Whole is one of Folders, of which all files are read together: a change of one is a
	// change of the folder.
	Whole string
	// WakeUpFile is a file to which other processes write when a client waits. Its events
	// are not changes. "": there is none.
	WakeUpFile string
	Logger     *slog.Logger
	Overflows  *atomic.Int64 // counts the overflows of the kernel's queue of changes
}

// Open watches the folders that exist.
func Open(o Options) *Files {
	f := &Files{o: o}
	f.open()
	return f
}

func (f *Files) open() {
	f.folders, f.foldersMoved = map[string]bool{}, false
	var err error
	if f.notify, err = fsnotify.NewWatcher(); err != nil {
		f.o.Logger.Warn("cannot watch files; they are scanned every 10 seconds", "error", err)
		f.notify, f.polling = nil, true
		return
	}
	f.errs = make(chan error, 1)
	go listen(f.notify, f.errs)
	if f.o.WakeUpFile != "" {
		f.add(f.o.WakeUpFile)
	}
	f.add(f.o.Site)
	f.addContent()
	for _, root := range f.o.Folders {
		f.addTree(root)
	}
}

// listen receives the errors of the watches until they are closed. The library holds its
// lock until an error is received, and the caller may be about to add a watch, which
// needs the lock: so listen never waits for the caller.
func listen(notify *fsnotify.Watcher, trouble chan<- error) {
	for err := range notify.Errors {
		select {
		case trouble <- err:
		default: // the caller has not handled the last error, which makes it scan everything
		}
	}
}

// Close closes all watches.
func (f *Files) Close() {
	if f.notify != nil {
		_ = f.notify.Close() // its error loses no data
	}
}

// Polling reports whether some folder can't be watched: then everything must be scanned at
// intervals.
func (f *Files) Polling() bool { return f.polling }

// Events returns the events of the kernel, for [Files.Event]; nil if there are none.
func (f *Files) Events() <-chan fsnotify.Event {
	if f.notify == nil {
		return nil
	}
	return f.notify.Events
}

// Errors returns the errors of the watches, for [Files.Failed].
func (f *Files) Errors() <-chan error { return f.errs }

// IsWakeUp reports whether an event is a wake-up by another process.
func (f *Files) IsWakeUp(e fsnotify.Event) bool { return e.Name == f.o.WakeUpFile }

// FoldersMoved records that a folder may have moved. The kernel watches inodes and not paths:
// the watches of the folder, and of the folders in it, then have the former names.
func (f *Files) FoldersMoved() { f.foldersMoved = true }

// Renew watches new folders below content/. If a folder moved, it opens all watches again.
func (f *Files) Renew() {
	if f.foldersMoved {
		f.Close()
		f.open()
		return
	}
	f.addContent()
}

// MarkAll records a change of everything at a time.
func (f *Files) MarkAll(at time.Time) {
	f.Mark(Path{f.o.Content, ""}, at)
	for _, root := range f.o.Folders {
		f.Mark(Path{root, ""}, at)
	}
}

// add watches one folder. If the system refuses that, the site is scanned at intervals.
func (f *Files) add(dir string) {
	if f.notify == nil {
		return
	}
	err := f.notify.Add(dir)
	if err == nil {
		f.folders[dir] = true
		return
	}
	if errors.Is(err, fs.ErrNotExist) || f.polling {
		return
	}
	f.o.Logger.Warn("cannot watch a folder; everything is scanned every 10 seconds", "folder", dir, "error", err,
		"remedy", "raise the limit of inotify watches (fs.inotify.max_user_watches)")
	f.polling = true
}

// addContent watches the notes. If their folder is a link, the names of the watches begin
// with the link, not with its target.
func (f *Files) addContent() {
	f.addTree(f.o.Content + string(filepath.Separator))
}

// addTree watches a folder and all folders in it.
func (f *Files) addTree(dir string) {
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			f.add(filepath.Clean(name))
		}
		return nil // the scan reports folders that can't be read
	})
}

// Event records a change of a file. It returns false only for the temporary file of a writer.
func (f *Files) Event(e fsnotify.Event) bool {
	rel, isContent := below(f.o.Content, e.Name)
	if isContent && strings.HasPrefix(filepath.Base(rel), ".starpunk-") {
		return false // the temporary file of a writer, which will rename it
	}
	// A change of permissions may make a folder readable.
	if e.Has(fsnotify.Create) || e.Has(fsnotify.Chmod) {
		if info, err := os.Lstat(e.Name); err == nil && info.IsDir() && f.isWatched(e.Name) {
			f.addTree(e.Name)
		}
	}
	now := time.Now()
	if f.folders[e.Name] && (e.Has(fsnotify.Rename) || e.Has(fsnotify.Remove)) {
		delete(f.folders, e.Name)
		if e.Has(fsnotify.Rename) {
			f.foldersMoved = true
			f.MarkAll(now)
			f.latest = now
		}
	}
	if isContent {
		f.latest = now
		f.Mark(Path{f.o.Content, filepath.ToSlash(rel)}, now)
		return true
	}
	for _, root := range f.o.Folders {
		if rel, ok := below(root, e.Name); ok {
			if root == f.o.Whole {
				rel = ""
			}
			f.latest = now
			f.Mark(Path{root, filepath.ToSlash(rel)}, now)
		}
	}
	return true
}

// isWatched reports whether changes in a folder concern the site.
func (f *Files) isWatched(name string) bool {
	if _, ok := below(f.o.Content, name); ok {
		return true
	}
	for _, root := range f.o.Folders {
		if _, ok := below(root, name); ok {
			return true
		}
	}
	return false
}

// below returns the path of name relative to root, "" for root itself.
func below(root, name string) (rel string, ok bool) {
	if name == root {
		return "", true
	}
	return strings.CutPrefix(name, root+string(filepath.Separator))
}

// LongAgo returns a time at which a change is quiet already.
func LongAgo() time.Time { return time.Now().Add(-time.Hour) }

// Failed handles an error of the watches. After an overflow of the kernel's queue, events
// are lost: everything counts as changed, and a scan finds their changes.
func (f *Files) Failed(err error) {
	if errors.Is(err, fsnotify.ErrEventOverflow) {
		f.o.Overflows.Add(1)
		f.o.Logger.Warn("too many changes at once to follow them one by one; everything is scanned")
	} else {
		f.o.Logger.Warn("cannot watch files; everything is scanned", "error", err)
	}
	f.foldersMoved = true // the lost event may be the move of a folder
	f.MarkAll(LongAgo())
}
