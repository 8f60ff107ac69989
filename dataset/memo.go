package dataset

import "sync"

// memo keeps what was derived from a column or a frame, so that nothing is computed twice. Values are immutable and
// live as long as their column; each derives at most a few bytes per row and key, so the memory is a small multiple of
// the data's own.
type memo struct {
	mu      sync.Mutex
	entries map[memoKey]*memoEntry
}

type memoKey struct {
	lo, rows int
	key      any
}

type memoEntry struct {
	once  sync.Once
	value any
}

func newMemo() *memo { return &memo{} }

// get runs make outside the lock: others who ask for the same key wait, those who ask for another do not.
func (m *memo) get(k memoKey, make func() any) any {
	m.mu.Lock()
	if m.entries == nil {
		m.entries = map[memoKey]*memoEntry{}
	}
	e := m.entries[k]
	if e == nil {
		e = &memoEntry{}
		m.entries[k] = e
	}
	m.mu.Unlock()
	e.once.Do(func() { e.value = make() })
	return e.value
}
