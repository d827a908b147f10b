package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// The first line of a record: scheme, digest of the rest, newline.
const (
	checksumScheme = "sha256:"
	checksumBytes  = len(checksumScheme) + 2*sha256.Size + len("\n")
)

// Load reads a record. ErrNotFound if there is none, ErrCorrupt if its bytes
// do not match its checksum; saving it again mends it.
func (s *Store) Load(ctx context.Context, name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	b, err := s.backend.read(ctx, recordsFolder+name, MaxRecordBytes+int64(checksumBytes))
	if err != nil {
		return nil, fmt.Errorf("load record %s: %w", name, err)
	}
	data, ok := parseRecord(b)
	if !ok {
		return nil, &registry.Error{
			Kind:    registry.ErrCorrupt,
			Message: fmt.Sprintf("load record %s: its bytes do not match its checksum", name),
		}
	}
	return data, nil
}

// Save replaces a record whole; it is durable on return. A name is slash
// separated and of [a-z0-9._-] only, and can't also be the folder of another:
// beside "a/b" there is no "a". ErrInvalid; ErrTooLarge above [MaxRecordBytes].
func (s *Store) Save(ctx context.Context, name string, data []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	if len(data) > MaxRecordBytes {
		return &registry.Error{
			Kind:    registry.ErrTooLarge,
			Message: fmt.Sprintf("save record %s: %d bytes; at most %d can be kept", name, len(data), MaxRecordBytes),
		}
	}
	ctx, end := s.begin(ctx, "save")
	err := s.save(ctx, recordsFolder+name, data)
	end(err)
	if err != nil {
		return fmt.Errorf("save record %s: %w", name, err)
	}
	return nil
}

func (s *Store) save(ctx context.Context, key string, data []byte) error {
	d, err := s.backend.scratch()
	if err != nil {
		return err
	}
	defer s.backend.discard(d)
	if _, err := d.file.Write(formatRecord(data)); err != nil {
		return unavailable("take its bytes", err)
	}
	return s.backend.commit(ctx, d, key)
}

// Delete removes a record; none is no error.
func (s *Store) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := s.backend.remove(ctx, recordsFolder+name); err != nil {
		return fmt.Errorf("delete record %s: %w", name, err)
	}
	return nil
}

// Names lists the records whose name starts with prefix, sorted by bytes. The
// prefix need not end at a slash; "" lists all.
func (s *Store) Names(ctx context.Context, prefix string) ([]string, error) {
	if !prefixOfName(prefix) {
		return nil, nil
	}
	var names []string
	err := s.backend.list(ctx, recordsFolder+prefix, func(o object) error {
		if name := strings.TrimPrefix(o.key, recordsFolder); checkName(name) == nil {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list records %s: %w", prefix, err)
	}
	slices.Sort(names)
	return names, nil
}

// formatRecord puts the checksum before the data.
func formatRecord(data []byte) []byte {
	sum := sha256.Sum256(data)
	b := make([]byte, 0, checksumBytes+len(data))
	b = append(b, checksumScheme...)
	b = hex.AppendEncode(b, sum[:])
	b = append(b, '\n')
	return append(b, data...)
}

// parseRecord returns the data of a record, in the memory of b, and whether it
// matches its checksum.
func parseRecord(b []byte) ([]byte, bool) {
	if len(b) < checksumBytes {
		return nil, false
	}
	data := b[checksumBytes:]
	sum := sha256.Sum256(data)
	var line [checksumBytes]byte
	want := append(line[:0], checksumScheme...)
	want = hex.AppendEncode(want, sum[:])
	want = append(want, '\n')
	return data, bytes.Equal(b[:checksumBytes], want)
}

// checkName reports what is wrong with the name of a record.
func checkName(name string) error {
	var fault string
	switch {
	case name == "":
		fault = "it is empty"
	case len(name) > MaxNameBytes:
		fault = fmt.Sprintf("it is longer than %d bytes", MaxNameBytes)
	case strings.IndexFunc(name, notOfName) >= 0:
		fault = "only a to z, 0 to 9, dot, underscore, hyphen and slash may be in it"
	default:
		for segment := range strings.SplitSeq(name, "/") {
			if segment == "" || segment == "." || segment == ".." {
				fault = "there is nothing, or only dots, between two slashes"
			}
			if len(segment) > MaxSegmentBytes {
				fault = fmt.Sprintf("it has more than %d bytes between two slashes", MaxSegmentBytes)
			}
		}
	}
	if fault == "" {
		return nil
	}
	return &registry.Error{
		Kind:    registry.ErrInvalid,
		Message: fmt.Sprintf("record name %.80q: %s", name, fault),
	}
}

func notOfName(c rune) bool {
	return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' && c != '/'
}

// prefixOfName reports whether any name can start with prefix.
func prefixOfName(prefix string) bool {
	return checkName(prefix+"x") == nil
}
