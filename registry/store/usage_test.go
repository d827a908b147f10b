package store

import (
	"testing"

	"gocloud.dev/blob/memblob"
)

func TestADirectorySaysWhatItTakes(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before, ok := s.Usage(t.Context())
	if !ok || before.Files != 0 || before.Used != 0 || before.Free <= 0 || before.Total < before.Free {
		t.Errorf("an empty directory has %+v, %t", before, ok)
	}
	if err := s.Save(t.Context(), "plugins/hello-yard", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if after, ok := s.Usage(t.Context()); !ok || after.Files != 1 || after.Used <= int64(len("{}")) {
		t.Errorf("with one record it has %+v, %t", after, ok)
	}
}

func TestABucketDoesNotSay(t *testing.T) {
	b := newBucket(memblob.OpenBucket(nil), "mem://", options{temp: t.TempDir()})
	s := newStore(b)
	defer s.Close()
	if usage, ok := s.Usage(t.Context()); ok {
		t.Errorf("a bucket has %+v", usage)
	}
}
