package store

import "sync"

// A bell wakes whoever waits in this process. It may be used by several
// goroutines at once; the zero value is ready.
type bell struct {
	mu   sync.Mutex
	next chan struct{} // closed when it rings; nil while nobody listens
}

// heard returns a channel that is closed at the next ring.
func (b *bell) heard() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}
