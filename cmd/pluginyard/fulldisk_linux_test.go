package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/store"
)

// tinyDisk mounts a file system of its own, in memory, on a new folder.
func tinyDisk(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "mode=0755,size=128m"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("mount: %v", err)
		}
		t.Skipf("only root can mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder
}

func remount(t testing.TB, folder string, flags uintptr) {
	t.Helper()
	if err := syscall.Mount("", folder, "", syscall.MS_REMOUNT|flags, "size=128m"); err != nil {
		t.Fatal(err)
	}
}

// fill writes until the disk has not a byte left, or leaves some.
func fill(t testing.TB, folder string, leave int64) (empty func()) {
	t.Helper()
	ballast := filepath.Join(folder, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	for block := bytes.Repeat([]byte("x"), 4096); err == nil; {
		_, err = f.Write(block)
	}
	info, _ := f.Stat()
	f.Truncate(info.Size() - leave)
	f.Close()
	return func() { os.Remove(ballast) }
}

// archives counts the downloads of archives since the requests were reset.
func (w *world) archives() int {
	n := 0
	for _, r := range w.hub.Requests() {
		if strings.Contains(r.Path, "/zip") {
			n++
		}
	}
	return n
}

// A disk that takes nothing costs no request and no download: what is stored is
// served, the operator is told why nothing new is, and when there is room again
// what is new is built.
func TestADiskThatTakesNothing(t *testing.T) {
	for _, tc := range []struct {
		name string
		make func(w *world, folder string) (mend func())
		says string
	}{
		{"full", func(w *world, folder string) func() { return fill(w, folder, 0) }, "the disk is full"},
		{"nearly full", func(w *world, folder string) func() { return fill(w, folder, store.MinFreeBytes-1<<20) }, "the disk is full"},
		{"read-only", func(w *world, folder string) func() {
			w.stop() // which has files open to write
			remount(w, folder, syscall.MS_RDONLY)
			w.start()
			return func() { w.stop(); remount(w, folder, 0); w.start() }
		}, "the file system is read-only"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			disk := tinyDisk(t)
			w := newWorld(t, registry.Plugin{Repo: helloYard})
			w.data = filepath.Join(disk, "data")
			repo := w.repo(helloYard)
			release(repo, 0, "1.0.0", sample("hello-yard", "1.0.0", 3))
			w.start()
			w.mustWhole("hello-yard", "1.0.0")
			mend := tc.make(w, disk)
			release(repo, 1, "1.1.0", sample("hello-yard", "1.1.0", 3))
			w.hub.ResetRequests()
			if over := w.checkAgain(registry.DefaultEvery + time.Hour); over == "plugin checked" {
				t.Error("the check found nothing wrong")
			}
			w.mustWhole("hello-yard", "1.0.0")
			if text := w.pageText("/hello-yard/"); !strings.Contains(text, tc.says) {
				t.Errorf("the page does not say that %s: %s", tc.says, text)
			}
			if log := w.log.String(); !strings.Contains(log, tc.says) {
				t.Errorf("the log does not say that %s", tc.says)
			}
			for range 30 { // ten minutes of visits
				w.clock.advance(20 * time.Second)
				w.mustWhole("hello-yard", "1.0.0")
			}
			if n := w.archives(); n > 0 {
				t.Errorf("%d archives were downloaded in vain", n)
			}
			asked := len(w.hub.Requests())
			if asked > 60 {
				t.Errorf("GitHub was asked %d times", asked)
			}

			w.stop() // and another server begins with what there is
			w.start()
			w.mustWhole("hello-yard", "1.0.0")
			mend()
			w.clock.advance(time.Hour)
			w.untilVersion("1.1.0")
			t.Logf("%s: 31 whole visits, none failed; GitHub was asked %d times, 0 archives", tc.name, asked)
		})
	}
}

// A directory that nobody can write to any more is served for as long as GitHub
// can be asked, longer than what is stale may be.
func TestAReadOnlyDirectoryIsServedForYears(t *testing.T) {
	disk := tinyDisk(t)
	w := newWorld(t, registry.Plugin{Repo: helloYard})
	w.data = filepath.Join(disk, "data")
	release(w.repo(helloYard), 0, "1.0.0", sample("hello-yard", "1.0.0", 3))
	w.start()
	w.mustWhole("hello-yard", "1.0.0")
	w.stop()
	remount(t, disk, syscall.MS_RDONLY)
	w.start()
	for range 100 {
		w.checkAgain(7 * 24 * time.Hour)
	}
	w.mustWhole("hello-yard", "1.0.0")
	if text := w.pageText("/hello-yard/"); !strings.Contains(text, "the file system is read-only") {
		t.Errorf("the page does not say so: %s", text)
	}
	w.hub.SetFault(githubtest.Reset())
	w.clock.advance(registry.DefaultServeStale - 24*time.Hour)
	w.mustWhole("hello-yard", "1.0.0")
}

// The program itself, as an ordinary user, without a folder that it may write.
func TestAnOrdinaryUserServesAReadOnlyDirectory(t *testing.T) {
	disk := tinyDisk(t)
	program, err := exec.LookPath("pluginyard")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, registry.Plugin{Repo: helloYard})
	w.data = filepath.Join(disk, "data")
	release(w.repo(helloYard), 0, "1.0.0", sample("hello-yard", "1.0.0", 3))
	w.start()
	w.mustWhole("hello-yard", "1.0.0")
	w.stop()
	w.hub.SetFault(githubtest.Reset())

	if err := os.Chmod(filepath.Dir(disk), 0o755); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(disk, "pluginyard")
	if err := os.Link(program, copied); err != nil {
		data, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied, data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const nobody = 65534
	if err := filepath.WalkDir(w.data, func(name string, _ os.DirEntry, _ error) error { return os.Chown(name, nobody, nobody) }); err != nil {
		t.Fatal(err)
	}
	remount(t, disk, syscall.MS_RDONLY)
	command := exec.CommandContext(t.Context(), copied, "serve", "--listen", "127.0.0.1:0", "--base-url", siteURL, "--data", w.data,
		"--github-api-url", w.api.URL, "--repo", "acme/hello-yard")
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	command.Env = []string{"TMPDIR=/nonexistent", "PATH=" + disk}
	command.Dir = "/"
	out := &bytes.Buffer{}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		command.Process.Signal(os.Interrupt)
		if err := command.Wait(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}()
	line := make([]byte, 200)
	n, _ := stdout.Read(line)
	address, _, ok := strings.Cut(strings.TrimPrefix(string(line[:n]), "listening on http://"), ",")
	if !ok {
		t.Fatalf("it said %q", line[:n])
	}
	w.moveTo(address)
	w.mustWhole("hello-yard", "1.0.0")
}
