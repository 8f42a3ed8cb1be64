package queue

import (
	"maps"
	"slices"
	"sync"

	"starpunk/site/store/query"
	"starpunk/site/store/table"
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
	for _, address := range slices.Sorted(maps.Keys(m.stale)) { // neighbours in the table, too
		if m.whole.has(address) {
			continue
		}
		whole, err := m.staleSince(address, m.stale[address])
		if err != nil {
			return err
		}
		if whole {
			m.whole.add(address)
		}
	}
	return nil
}

// staleSince records that a list is stale since a place, and reports whether it is stale
// as a whole.
func (m *marking) staleSince(address string, since table.Position) (whole bool, err error) {
	named := query.Args{":address": address, ":since": since.Published, ":permalink": since.Permalink}
	if err := query.Exec(m.conn, "list_stale_since", named, nil); err != nil || m.conn.Changes() > 0 {
		return false, err
	}
	if err := query.Exec(m.conn, "add_list", query.Args{":address": address}, nil); err != nil || m.conn.Changes() > 0 {
		return true, err
	}
	return query.Has(m.conn, "list_stale_whole", query.Args{":address": address})
}
