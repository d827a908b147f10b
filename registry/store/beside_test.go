package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pluginyard/pluginyard/registry"
)

const signatureRecord = registry.SignaturesFolder + "hello-yard/0123.json"

func openBeside(t *testing.T, dir string) *Beside {
	t.Helper()
	b, err := OpenBeside(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func TestSignaturesAreSavedBesideAServer(t *testing.T) {
	dir := t.TempDir()
	server := open(t, dir)
	blob := put(t, server, []byte("hello"))
	save(t, server, "plugins/hello-yard.json", "{}")
	write(t, filepath.Join(dir, tempFolder, "DRAFTOFTHESERVER"), "half")

	b := openBeside(t, dir)
	if got, err := b.Load(t.Context(), "plugins/hello-yard.json"); string(got) != "{}" || err != nil {
		t.Errorf("Load = %q, %v", got, err)
	}
	if got, err := b.ReadBlob(t.Context(), blob.Digest, 5); string(got) != "hello" || err != nil {
		t.Errorf("ReadBlob = %q, %v", got, err)
	}
	if _, err := b.ReadBlob(t.Context(), blob.Digest, 4); !errors.Is(err, registry.ErrTooLarge) {
		t.Errorf("ReadBlob of more than the limit = %v", err)
	}
	if err := b.Save(t.Context(), signatureRecord, []byte("signed")); err != nil {
		t.Fatal(err)
	}
	wantRecord(t, server, signatureRecord, "signed")
	if _, err := os.Stat(filepath.Join(dir, tempFolder, "DRAFTOFTHESERVER")); err != nil {
		t.Errorf("the server's draft is gone: %v", err)
	}
	wantRecordable(t, server)
}

func TestNothingButSignaturesCanBeSavedBesideAServer(t *testing.T) {
	dir := t.TempDir()
	server := open(t, dir)
	save(t, server, "plugins/hello-yard.json", "{}")
	b := openBeside(t, dir)
	for _, name := range []string{"plugins/hello-yard.json", "signatures", "signatures/../plugins/hello-yard.json", "signatures/", ""} {
		if err := b.Save(t.Context(), name, []byte("x")); !errors.Is(err, registry.ErrForbidden) && !errors.Is(err, registry.ErrInvalid) {
			t.Errorf("Save of %q = %v", name, err)
		}
	}
	wantRecord(t, server, "plugins/hello-yard.json", "{}")
}

func TestAServerThatStartsDoesNotDisturbTheSigner(t *testing.T) {
	dir := t.TempDir()
	server := open(t, dir)
	b := openBeside(t, dir)
	d, err := b.store.backend.scratch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.file.Write(formatRecord([]byte("signed"))); err != nil {
		t.Fatal(err)
	}
	server.Close()
	server = open(t, dir) // clears tmp/
	if err := b.store.backend.commit(t.Context(), d, recordsFolder+signatureRecord); err != nil {
		t.Fatal(err)
	}
	wantRecord(t, server, signatureRecord, "signed")
}

func TestOneSignerAtATimeClearsWhatAKilledOneLeft(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	b := openBeside(t, dir)
	left := filepath.Join(dir, besideTemp, "LEFTOVER")
	write(t, left, "half")
	if _, err := OpenBeside(t.Context(), dir); !errors.Is(err, registry.ErrConflict) || !strings.Contains(err.Error(), "is being signed, or something in it approved, already") {
		t.Errorf("a second signer: %v", err)
	}
	if _, err := os.Stat(left); err != nil {
		t.Errorf("the second signer took the first one's draft: %v", err)
	}
	b.Close()
	openBeside(t, dir)
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the leftover is still there: %v", err)
	}
}

func TestNoRegistryToSign(t *testing.T) {
	empty := t.TempDir()
	for _, dir := range []string{empty, filepath.Join(empty, "none")} {
		if _, err := OpenBeside(t.Context(), dir); !errors.Is(err, registry.ErrInvalid) || !strings.Contains(err.Error(), "holds no registry") {
			t.Errorf("OpenBeside(%s) = %v", dir, err)
		}
	}
	if entries, err := os.ReadDir(empty); err != nil || len(entries) > 0 {
		t.Errorf("something was made: %v, %v", entries, err)
	}
}

func TestWhatIsDamagedIsLeftToTheServer(t *testing.T) {
	dir := t.TempDir()
	server := open(t, dir)
	blob := put(t, server, []byte("hello"))
	path := filepath.Join(dir, blobKey(blob.Digest))
	write(t, path, "hallo")
	b := openBeside(t, dir)
	if _, err := b.ReadBlob(t.Context(), blob.Digest, 100); !errors.Is(err, registry.ErrCorrupt) {
		t.Errorf("ReadBlob = %v, want corrupt", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("it was moved: %v", err)
	}
	for _, digest := range []registry.Digest{"", "../../etc/passwd", registry.Digest(strings.Repeat("0", 64))} {
		if _, err := b.ReadBlob(t.Context(), digest, 100); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("ReadBlob of %q = %v, want not found", digest, err)
		}
	}
}

// Whoever took over the server must not stop the signer, nor lead it out.
func TestHostileDirectoryDoesNotStopTheSigner(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	open(t, dir)
	b := openBeside(t, dir)
	folder := filepath.Join(dir, recordsFolder, "plugins")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Load(t.Context(), "plugins/pipe.json"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("Load of a pipe = %v", err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, recordsFolder, "signatures")); err != nil {
		t.Fatal(err)
	}
	if err := b.Save(t.Context(), signatureRecord, []byte("signed")); err == nil {
		t.Error("a signature was saved outside of the directory")
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
		t.Errorf("written outside: %v, %v", entries, err)
	}
}

// What root signs, the server has to read.
func TestSignaturesBelongToTheServersUser(t *testing.T) {
	if os.Geteuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("only root can give files away")
		}
		t.Skip("only root can give files away")
	}
	const user = 54321
	dir := t.TempDir()
	server := open(t, dir)
	save(t, server, "plugins/hello-yard.json", "{}")
	if err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, _ error) error { return os.Chown(name, user, user) }); err != nil {
		t.Fatal(err)
	}
	b := openBeside(t, dir)
	if err := b.Save(t.Context(), signatureRecord, []byte("signed")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"signatures", "signatures/hello-yard", signatureRecord} {
		info, err := os.Stat(filepath.Join(dir, recordsFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		if uid, gid, _ := ownerOf(info); uid != user || gid != user {
			t.Errorf("%s belongs to %d:%d, want %d", name, uid, gid, user)
		}
	}
}
