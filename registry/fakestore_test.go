package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// memoryStore is a store in memory whose steps can be made to fail.
type memoryStore struct {
	mu      sync.Mutex
	blobs   map[Digest][]byte
	records map[string][]byte
	fail    func(step string) error
}

func newMemoryStore() *memoryStore {
	return &memoryStore{blobs: map[Digest][]byte{}, records: map[string][]byte{}}
}

// failBy has the steps fail from now on, also those of work in the background.
func (m *memoryStore) failBy(fail func(step string) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = fail
}

func (m *memoryStore) step(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail == nil {
		return nil
	}
	return m.fail(name)
}

func (m *memoryStore) Put(_ context.Context, write func(io.Writer) error) (Blob, error) {
	if err := m.step("put"); err != nil {
		return Blob{}, err
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return Blob{}, err
	}
	sum := sha256.Sum256(b.Bytes())
	digest := Digest(hex.EncodeToString(sum[:]))
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blobs[digest] = b.Bytes()
	return Blob{Digest: digest, Size: int64(b.Len())}, nil
}

type memoryBlob struct{ *bytes.Reader }

func (m *memoryStore) Open(_ context.Context, digest Digest) (BlobReader, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.blobs[digest]
	if !ok {
		return nil, ErrNotFound
	}
	return memoryBlob{bytes.NewReader(data)}, nil
}

func (m *memoryStore) Load(_ context.Context, name string) ([]byte, error) {
	if err := m.step("load"); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.records[name]
	if !ok {
		return nil, ErrNotFound
	}
	return data, nil
}

func (m *memoryStore) Save(_ context.Context, name string, data []byte) error {
	if err := m.step("save"); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records[name] = slices.Clone(data)
	return nil
}

func (m *memoryStore) Delete(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.records, name)
	return nil
}

func (m *memoryStore) Names(_ context.Context, prefix string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name := range m.records {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func (m *memoryStore) Collect(_ context.Context, keep map[Digest]bool, _ time.Time) (int, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	count, size := 0, int64(0)
	for digest, data := range m.blobs {
		if !keep[digest] {
			count, size = count+1, size+int64(len(data))
			delete(m.blobs, digest)
		}
	}
	return count, size, nil
}
