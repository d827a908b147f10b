package store

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// childVariable tells the test binary to be a child that works on a store
// until it is killed: what to do, a colon, and the directory.
const childVariable = "STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if todo := os.Getenv(childVariable); todo != "" {
		task, dir, _ := strings.Cut(todo, ":")
		if err := child(task, dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(task, dir string) error {
	s, err := Open(context.Background(), dir)
	if err != nil {
		return err
	}
	if task == "fill" {
		return fill(s)
	}
	if task == "churn unsynced" {
		d := s.backend.(*directory)
		d.disk = unsynced{d.disk}
	}
	return churn(s)
}

// crashRecord is what the child saves: a number that only grows, and the
// blobs that it put before.
type crashRecord struct {
	Number int
	Blobs  []registry.Blob
}

// churn puts blobs and saves records that name them, for ever. It writes a
// line at every step; "saved NAME NUMBER" once a record is durable.
func churn(s *Store) error {
	ctx := context.Background()
	const records = 4
	last := 0
	for i := range records {
		var r crashRecord
		b, err := s.Load(ctx, fmt.Sprintf("plugins/r%d.json", i))
		if errors.Is(err, registry.ErrNotFound) {
			continue
		}
		if err = errors.Join(err, json.Unmarshal(b, &r)); err != nil {
			return err
		}
		last = max(last, r.Number)
	}
	for number := last + 1; ; number++ {
		r := crashRecord{Number: number}
		for range 2 {
			blob, err := s.Put(ctx, func(w io.Writer) error {
				fmt.Println("writing")
				w.Write(noise(rand.IntN(200_000)))
				fmt.Println("wrote")
				return nil
			})
			if err != nil {
				return err
			}
			fmt.Println("put")
			r.Blobs = append(r.Blobs, blob)
		}
		b, err := json.Marshal(r)
		if err != nil {
			return err
		}
		b = append(b, bytes.Repeat([]byte(" "), rand.IntN(50_000))...)
		name := fmt.Sprintf("plugins/r%d.json", number%records)
		if err := s.Save(ctx, name, b); err != nil {
			return err
		}
		fmt.Println("saved", name, number)
		if number%4 == 0 {
			if err := collect(s); err != nil {
				return err
			}
			fmt.Println("collected")
		}
	}
}

// collect keeps what the records name.
func collect(s *Store) error {
	ctx := context.Background()
	keep := make(map[registry.Digest]bool)
	names, err := s.Names(ctx, "")
	for _, name := range names {
		var r crashRecord
		b, loadErr := s.Load(ctx, name)
		err = errors.Join(err, loadErr, json.Unmarshal(b, &r))
		for _, blob := range r.Blobs {
			keep[blob.Digest] = true
		}
	}
	if err != nil {
		return err
	}
	_, _, err = s.Collect(ctx, keep, time.Now().Add(time.Hour))
	return err
}

// TestDirectoryKilled kills a child that works on a store, again and again, at
// random moments. Whatever the child had been told was durable must be there,
// every record whole and every blob that it names right.
func TestDirectoryKilled(t *testing.T) {
	const kills = 200
	dir := t.TempDir()
	saved := make(map[string]int) // the last number that was reported, by record
	for i := range kills {
		// A kill can't tell whether a file was synced, but syncing changes
		// where the time goes; it is slow, so every fourth does.
		task := "churn unsynced"
		if i%4 == 0 {
			task = "churn"
		}
		killChild(t, task, dir, 1+rand.IntN(20), saved)
		if t.Failed() {
			return
		}
	}
	if len(saved) == 0 {
		t.Error("no child came to saving a record")
	}
	s := open(t, dir)
	wantNoTemp(t, s)
	if keys := keysOf(t, s, quarantineFolder); len(keys) != 0 {
		t.Errorf("quarantine = %q, want nothing", keys)
	}
}

// killChild lets a child write a number of lines and kills it, then checks
// what it left.
func killChild(t *testing.T, task, dir string, lines int, saved map[string]int) {
	cmd := childCommand(task, dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewScanner(stdout)
	for n := 0; out.Scan(); n++ {
		var name string
		var number int
		if _, err := fmt.Sscanf(out.Text(), "saved %s %d", &name, &number); err == nil {
			saved[name] = number
		}
		if n == lines {
			cmd.Process.Kill() // and read what it still managed to write
		}
	}
	if err := cmd.Wait(); err == nil || stderr.Len() > 0 {
		t.Fatalf("the child ended with %v before it was killed: %s", err, &stderr)
	}

	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, number := range saved {
		var r crashRecord
		b, err := s.Load(t.Context(), name)
		if err = errors.Join(err, json.Unmarshal(b, &r)); err != nil {
			t.Fatal(err)
		}
		if r.Number < number {
			t.Errorf("record %s has number %d; %d was durable", name, r.Number, number)
		}
	}
	names, err := s.Names(t.Context(), "")
	if err != nil {
		t.Error(err)
	}
	for _, name := range names {
		var r crashRecord
		b, err := s.Load(t.Context(), name)
		if err = errors.Join(err, json.Unmarshal(b, &r)); err != nil {
			t.Error(err)
		}
		for _, blob := range r.Blobs {
			checkBlob(t, s, blob.Digest)
		}
	}
}

// childCommand runs this test binary as a child.
func childCommand(task, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+task+":"+dir)
	return cmd
}

// fillLimit is the size of the largest file that the child "fill" may write.
const fillLimit = 100_000

// fill writes more than the system lets it, as on a full disk.
func fill(s *Store) error {
	ctx := context.Background()
	if _, err := s.Put(ctx, writing([]byte("before"))); err != nil {
		return err
	}
	if err := s.Save(ctx, "r", []byte("before")); err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: fillLimit, Max: fillLimit}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	_, err := s.Put(ctx, func(w io.Writer) error {
		w.Write(noise(2 * fillLimit))
		return nil // a writer that lost the error
	})
	if !errors.Is(err, registry.ErrUnavailable) || !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("Put = %w, want unavailable, file too large", err)
	}
	err = s.Save(ctx, "r", noise(2*fillLimit))
	if !errors.Is(err, registry.ErrUnavailable) || !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("Save = %w, want unavailable, file too large", err)
	}
	return nil
}

func TestDirectoryWritesFail(t *testing.T) {
	dir := t.TempDir()
	if out, err := childCommand("fill", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if entries, err := os.ReadDir(dir + "/" + tempFolder); err != nil || len(entries) != 0 {
		t.Errorf("temporary files are left: %v, %v", entries, err)
	}
	s := open(t, dir)
	wantBlob(t, s, []byte("before"))
	wantRecord(t, s, "r", "before")
	if keys := keysOf(t, s, blobsFolder); len(keys) != 1 {
		t.Errorf("blobs = %q, want one", keys)
	}
}
