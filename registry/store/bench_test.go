package store

import (
	"io"
	"testing"
)

// BenchmarkOpen opens a blob that was verified: what a warm download costs
// before its first byte.
func BenchmarkOpen(b *testing.B) {
	for _, l := range locations()[:2] {
		b.Run(l.name, func(b *testing.B) {
			s := l.open(b)
			digest := put(b, s, noise(50_000)).Digest
			b.ReportAllocs()
			for b.Loop() {
				r, err := s.Open(b.Context(), digest)
				if err != nil {
					b.Fatal(err)
				}
				r.Close()
			}
		})
	}
}

// BenchmarkVerify opens a blob of 50 KB for the first time in a process.
func BenchmarkVerify(b *testing.B) {
	s := open(b, b.TempDir())
	digest := put(b, s, noise(50_000)).Digest
	b.SetBytes(50_000)
	b.ReportAllocs()
	for b.Loop() {
		s.backend.(*directory).verified.drop(digest)
		r, err := s.Open(b.Context(), digest)
		if err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}

// BenchmarkPut stores 50 KB: new bytes, with all that makes them durable; new
// bytes without syncing, which is our own part of it; and bytes that are there.
func BenchmarkPut(b *testing.B) {
	for _, c := range []struct {
		name      string
		sync, new bool
	}{{"new", true, true}, {"new, unsynced", false, true}, {"there already", true, false}} {
		b.Run(c.name, func(b *testing.B) {
			s := open(b, b.TempDir())
			if d := s.backend.(*directory); !c.sync {
				d.disk = unsynced{d.disk}
			}
			content := noise(50_000)
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if c.new {
					content[0], content[1], content[2] = byte(i), byte(i>>8), byte(i>>16)
				}
				if _, err := s.Put(b.Context(), func(w io.Writer) error { _, err := w.Write(content); return err }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLoad loads a record of 4 KB.
func BenchmarkLoad(b *testing.B) {
	for _, l := range locations()[:2] {
		b.Run(l.name, func(b *testing.B) {
			s := l.open(b)
			save(b, s, "plugins/hello-yard.json", string(noise(4000)))
			b.SetBytes(4000)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Load(b.Context(), "plugins/hello-yard.json"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkNames lists 10,000 records, as a start does.
func BenchmarkNames(b *testing.B) {
	s := open(b, b.TempDir())
	d := s.backend.(*directory)
	d.disk = unsynced{d.disk}
	for i := range 10_000 {
		save(b, s, "plugins/"+string(sum([]byte{byte(i), byte(i >> 8)})), "{}")
	}
	b.ReportAllocs()
	for b.Loop() {
		if names, err := s.Names(b.Context(), "plugins/"); len(names) != 10_000 || err != nil {
			b.Fatal(len(names), err)
		}
	}
}
