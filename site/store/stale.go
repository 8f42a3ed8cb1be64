package store

import (
	"sync"

	"zombiezen.com/go/sqlite"
)

// A wholeLists is the addresses of lists that are known to be stale as a whole: a first
// build makes each list stale once and not once for each note. Only the process that
// holds the build lock writes lists. The zero value is ready.
type wholeLists struct {
	mu        sync.Mutex
	addresses map[string]struct{}
}

func (w *wholeLists) has(address string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.addresses[address]
	return ok
}

func (w *wholeLists) add(address string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.addresses == nil {
		w.addresses = map[string]struct{}{}
	}
	w.addresses[address] = struct{}{}
}

// forget forgets all addresses: lists were written, or another process may have.
func (w *wholeLists) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.addresses = nil
}

// saveStale records the lists that are stale.
func (m *marking) saveStale() error {
	for address, since := range m.stale {
		if m.whole.has(address) {
			continue
		}
		named := args{":address": address, ":since": since.Published, ":permalink": since.Permalink}
		changed, whole := false, false
		err := exec(m.conn, "list_stale_since", named, func(stmt *sqlite.Stmt) error {
			changed, whole = true, stmt.ColumnBool(0)
			return nil
		})
		if err == nil && !changed {
			whole, err = has(m.conn, "list_stale_whole", args{":address": address})
		}
		if err != nil {
			return err
		}
		if whole {
			m.whole.add(address)
		}
	}
	return nil
}
