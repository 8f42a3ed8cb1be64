package loss

import (
	"slices"
	"sync"
	"time"
)

// recentLosses counts the files of each folder that counted as deleted a moment ago.
// It is safe for concurrent use.
type recentLosses struct {
	mu   sync.Mutex
	last map[string][]recentLoss
}

type recentLoss struct {
	at    time.Time
	files int
}

func (r *recentLosses) add(folder string, at time.Time, files int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == nil {
		r.last = map[string][]recentLoss{}
	}
	r.last[folder] = append(r.last[folder], recentLoss{at, files})
}

// since counts the files that were lost since a time, and forgets all others.
func (r *recentLosses) since(folder string, since time.Time) (files int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.last[folder]) == 0 {
		return 0
	}
	r.last[folder] = slices.DeleteFunc(r.last[folder], func(l recentLoss) bool { return l.at.Before(since) })
	for _, l := range r.last[folder] {
		files += l.files
	}
	return files
}
