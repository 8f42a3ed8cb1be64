package content

import (
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

// SkippedFiles are files that are not published, each with its reason, and that have no
// rows in the index. They are found by scans, and are in memory only. Several goroutines
// may use them at once.
type SkippedFiles struct {
	mu     sync.Mutex
	why    map[string]string // by name, with slashes
	closed map[string]bool   // the names of folders that can't be read
}

// Set records that name is skipped; an empty reason records that it is not.
func (l *SkippedFiles) Set(name, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.closed, name)
	if why == "" {
		delete(l.why, name)
		return
	}
	if l.why == nil {
		l.why = map[string]string{}
	}
	l.why[name] = why
}

// SetUnreadable records that a folder can't be read.
func (l *SkippedFiles) SetUnreadable(folder, why string) {
	l.Set(folder, why)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed == nil {
		l.closed = map[string]bool{}
	}
	l.closed[folder] = true
}

// Unreadable reports whether a folder or one above it can't be read.
func (l *SkippedFiles) Unreadable(folder string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.closed) > 0 {
		if l.closed[folder] {
			return true
		}
		if folder == "" {
			return false
		}
		folder = Dir(folder)
	}
	return false
}

// Forget removes a name and the names below it, before they are examined again. With "" it
// removes all.
func (l *SkippedFiles) Forget(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	within := func(n string) bool { return name == "" || n == name || strings.HasPrefix(n, name+"/") }
	maps.DeleteFunc(l.why, func(n, _ string) bool { return within(n) })
	maps.DeleteFunc(l.closed, func(n string, _ bool) bool { return within(n) })
}

// Lines returns texts like "content/photos: a symbolic link, …", in order. The names are
// relative to folder.
func (l *SkippedFiles) Lines(folder string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []string
	for name, why := range l.why {
		lines = append(lines, path.Join(folder, name)+": "+why)
	}
	slices.Sort(lines)
	return lines
}
