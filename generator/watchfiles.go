package generator

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// open watches the folders that exist.
func (w *watcher) open() {
	w.folders, w.foldersMoved = map[string]bool{}, false
	var err error
	if w.notify, err = fsnotify.NewWatcher(); err != nil {
		w.g.log.Warn("cannot watch files; they are scanned every 10 seconds", "error", err)
		w.notify, w.polling = nil, true
		return
	}
	w.errs = make(chan error, 1)
	go listen(w.notify, w.errs)
	if w.wakeUpFile != "" {
		w.add(w.wakeUpFile)
	}
	// The watch of the site's folder reports folders that are made later.
	w.add(w.g.cfg.Root)
	w.addContent()
	for root := range w.roots {
		w.addTree(root)
	}
}

// listen receives the errors of the watches until they are closed. The library holds its
// lock until an error is received, and the watcher may be about to add a watch, which
// needs the lock: so listen never waits for the watcher.
func listen(notify *fsnotify.Watcher, trouble chan<- error) {
	for err := range notify.Errors {
		select {
		case trouble <- err:
		default: // the watcher has not handled the last error, which makes it scan everything
		}
	}
}

// reopen closes all watches and opens them again. The watch of a folder that moved has its
// old name, because the kernel watches the inode and not the path, and so have the watches
// of the folders in it.
func (w *watcher) reopen() {
	w.close()
	w.open()
}

func (w *watcher) close() {
	if w.notify != nil {
		_ = w.notify.Close() // its error loses no data
	}
}

// add watches one folder. If the system refuses that, the site is scanned at intervals.
func (w *watcher) add(dir string) {
	if w.notify == nil {
		return
	}
	err := w.notify.Add(dir)
	if err == nil {
		w.folders[dir] = true
		return
	}
	if errors.Is(err, fs.ErrNotExist) || w.polling {
		return
	}
	w.g.log.Warn("cannot watch a folder; everything is scanned every 10 seconds", "folder", dir, "error", err,
		"remedy", "raise the limit of inotify watches (fs.inotify.max_user_watches)")
	w.polling = true
}

// addContent watches content/. If it is a link, the names of the watches begin with the
// link, not with its target.
func (w *watcher) addContent() {
	w.addTree(w.g.cfg.ContentDir() + string(filepath.Separator))
}

// addTree watches a folder and all folders in it.
func (w *watcher) addTree(dir string) {
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			w.add(filepath.Clean(name))
		}
		return nil // the scan reports folders that can't be read
	})
}

// event records a change of a file, and reports whether it concerns the site. It does not
// read the file yet: a program that saves a file often changes it more than once.
func (w *watcher) event(e fsnotify.Event) bool {
	rel, isContent := below(w.g.cfg.ContentDir(), e.Name)
	if isContent && strings.HasPrefix(filepath.Base(rel), ".starpunk-") {
		return false // the temporary file of a writer, which will rename it
	}
	// A change of permissions may make a folder readable.
	if e.Has(fsnotify.Create) || e.Has(fsnotify.Chmod) {
		if info, err := os.Lstat(e.Name); err == nil && info.IsDir() && w.isWatched(e.Name) {
			w.addTree(e.Name)
		}
	}
	now := time.Now()
	if w.folders[e.Name] && (e.Has(fsnotify.Rename) || e.Has(fsnotify.Remove)) {
		delete(w.folders, e.Name)
		if e.Has(fsnotify.Rename) {
			w.foldersMoved = true
			w.markAllChanged(now)
			w.latest = now
		}
	}
	if isContent {
		w.latest = now
		w.changed[filepath.ToSlash(rel)] = now
		return true
	}
	for root := range w.roots {
		if rel, ok := below(root, e.Name); ok {
			if root == w.g.cfg.LayoutsDir() {
				rel = "" // all layouts are read together
			}
			w.latest = now
			w.touched[watchedPath{root, filepath.ToSlash(rel)}] = now
		}
	}
	return true
}

// isWatched reports whether changes in a folder concern the site.
func (w *watcher) isWatched(name string) bool {
	if _, ok := below(w.g.cfg.ContentDir(), name); ok {
		return true
	}
	for root := range w.roots {
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

// watchFailed handles an error of the watches. After an overflow of the kernel's queue,
// events are lost, and a scan finds their changes.
func (w *watcher) watchFailed(err error) {
	if errors.Is(err, fsnotify.ErrEventOverflow) {
		w.g.counters.overflows.Add(1)
		w.g.log.Warn("too many changes at once to follow them one by one; everything is scanned")
	} else {
		w.g.log.Warn("cannot watch files; everything is scanned", "error", err)
	}
	w.foldersMoved = true // the lost event may be the move of a folder
	w.markAllChanged(anHourAgo())
}
