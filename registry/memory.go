package registry

import (
	"sync"
	"time"
)

// heldMost is the longest that a memory holds a value.
const heldMost = time.Hour

// memory holds values until a time, within heldMost. The zero value is ready.
type memory[T any] struct {
	mu     sync.RWMutex
	values map[string]held[T]
}

type held[T any] struct {
	value T
	until time.Time
}

// get gives a value that has not expired.
func (m *memory[T]) get(key string, now time.Time) (value T, ok bool) {
	m.mu.RLock()
	h, ok := m.values[key]
	m.mu.RUnlock()
	if !ok || !pending(now, h.until, heldMost) {
		return value, false
	}
	return h.value, true
}

// put holds a value until a time.
func (m *memory[T]) put(key string, value T, until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil {
		m.values = map[string]held[T]{}
	}
	m.values[key] = held[T]{value, until}
}

// add holds a value until a time, and reports whether there was none.
func (m *memory[T]) add(key string, value T, now, until time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h, ok := m.values[key]; ok && pending(now, h.until, heldMost) {
		return false
	}
	if m.values == nil {
		m.values = map[string]held[T]{}
	}
	m.values[key] = held[T]{value, until}
	return true
}

// tidy drops what has expired.
func (m *memory[T]) tidy(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, h := range m.values {
		if !pending(now, h.until, heldMost) {
			delete(m.values, key)
		}
	}
}

// recent holds values that were used lately, within a bound on their bytes. It
// has two halves: what is used goes into the young one, and when that is full
// it becomes the old one, whose values are forgotten. A read of a value in use
// costs a read lock. The zero value holds nothing; limit has to be set.
type recent[T any] struct {
	limit int64 // bytes of both halves together

	mu         sync.RWMutex
	young, old map[string]weighed[T]
	bytes      int64 // of young
}

type weighed[T any] struct {
	value T
	bytes int64
}

// get gives a value that was used lately.
func (r *recent[T]) get(key string) (value T, ok bool) {
	r.mu.RLock()
	w, ok := r.young[key]
	old := false
	if !ok {
		w, old = r.old[key]
	}
	r.mu.RUnlock()
	if old {
		r.put(key, w.value, w.bytes)
	}
	return w.value, ok || old
}

// put holds a value of so many bytes.
func (r *recent[T]) put(key string, value T, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, there := r.young[key]
	if r.bytes += bytes - before.bytes; r.young == nil || !there && r.bytes > r.limit/2 {
		r.old, r.young, r.bytes = r.young, map[string]weighed[T]{}, bytes
	}
	r.young[key] = weighed[T]{value, bytes}
}

// drop forgets a value.
func (r *recent[T]) drop(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bytes -= r.young[key].bytes
	delete(r.young, key)
	delete(r.old, key)
}

// age forgets what was not used since the last call.
func (r *recent[T]) age() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.old, r.young, r.bytes = r.young, nil, 0
}
