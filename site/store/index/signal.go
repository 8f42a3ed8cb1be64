package index

import "sync"

// A Signal wakes goroutines of this process. Several goroutines may use it at once. The
// zero value is ready.
type Signal struct {
	mu   sync.Mutex
	next chan struct{} // closed by Send; nil while no goroutine waits
}

// Next returns a channel that is closed by the next Send.
func (s *Signal) Next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		s.next = make(chan struct{})
	}
	return s.next
}

// Send wakes all goroutines that wait.
func (s *Signal) Send() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != nil {
		close(s.next)
		s.next = nil
	}
}
