package store

import (
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

// A LeftOut is what is left out of a site though it lies in it, and why: what
// no row of the index speaks of. It is filled by looking, and kept in memory.
// Its methods may be called by several goroutines at once.
type LeftOut struct {
	mu     sync.Mutex
	why    map[string]string // by name, with slashes
	closed map[string]bool   // the names of folders that can't be read
}

// Set records that name is left out; because of nothing that it is not.
func (l *LeftOut) Set(name, why string) {
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

// setUnreadable records that a folder can't be read.
func (l *LeftOut) setUnreadable(folder, why string) {
	l.Set(folder, why)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed == nil {
		l.closed = map[string]bool{}
	}
	l.closed[folder] = true
}

// unreadable says whether a folder lies in one that can't be read.
func (l *LeftOut) unreadable(folder string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.closed) > 0 {
		if l.closed[folder] {
			return true
		}
		if folder == "" {
			return false
		}
		folder = dirOf(folder)
	}
	return false
}

// Forget forgets a name and what lies below it, before it is looked at again.
// With "" it forgets all.
func (l *LeftOut) Forget(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	within := func(n string) bool { return name == "" || n == name || strings.HasPrefix(n, name+"/") }
	maps.DeleteFunc(l.why, func(n, _ string) bool { return within(n) })
	maps.DeleteFunc(l.closed, func(n string, _ bool) bool { return within(n) })
}

// Lines are texts like "content/photos: a symbolic link, …", in order. folder is
// what the names are relative to.
func (l *LeftOut) Lines(folder string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []string
	for name, why := range l.why {
		lines = append(lines, path.Join(folder, name)+": "+why)
	}
	slices.Sort(lines)
	return lines
}
