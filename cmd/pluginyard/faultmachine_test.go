package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/store"
	"github.com/pluginyard/pluginyard/registry/store/s3test"
)

// faultyStore is one to which nothing can be written.
type faultyStore struct {
	*store.Store
	cause  atomic.Pointer[error] // nil while it is well
	failed atomic.Int64
}

func (s *faultyStore) fault() error {
	if cause := s.cause.Load(); cause != nil {
		s.failed.Add(1)
		return fmt.Errorf("store: %w: %w", registry.ErrUnavailable, *cause)
	}
	return nil
}

func (s *faultyStore) Put(ctx context.Context, write func(io.Writer) error) (registry.Blob, error) {
	if err := s.fault(); err != nil {
		return registry.Blob{}, err
	}
	return s.Store.Put(ctx, write)
}

func (s *faultyStore) Save(ctx context.Context, name string, data []byte) error {
	if err := s.fault(); err != nil {
		return err
	}
	return s.Store.Save(ctx, name, data)
}

func (s *faultyStore) Delete(ctx context.Context, name string) error {
	if err := s.fault(); err != nil {
		return err
	}
	return s.Store.Delete(ctx, name)
}

// storeFails is a row of a store to which nothing can be written from now on.
func storeFails(name string, cause error) mishap {
	return mishap{
		name: name, machine: func(w *world) { w.disk = &faultyStore{} },
		begin: func(w *world, repo *githubtest.Repository) {
			release(repo, 1, "1.1.0", sample("hello-yard", "1.1.0", patrolFiles))
			w.disk.cause.Store(&cause)
		},
		met:  func(w *world) error { return atLeast("writes that failed", w.disk.failed.Load(), 1) },
		mend: func(w *world) { w.disk.cause.Store(nil) },
	}
}

// bucketCredentials are what the bucket's driver looks for. It would try each
// request for seconds.
func bucketCredentials(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "example", "AWS_SECRET_ACCESS_KEY": "example", "AWS_MAX_ATTEMPTS": "1",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
}

// bucketFails is the row of a store in a bucket that refuses everything.
func bucketFails() mishap {
	return mishap{
		name: "the bucket answers 503 to everything", machine: func(w *world) { w.bucket = s3test.New() }, live: true,
		begin: func(w *world, repo *githubtest.Repository) {
			release(repo, 1, "1.1.0", sample("hello-yard", "1.1.0", patrolFiles))
			w.bucket.SetFault(func(out http.ResponseWriter, _ *http.Request) {
				s3test.Error(out, http.StatusServiceUnavailable, "SlowDown")
			})
		},
		met:  func(w *world) error { return atLeast("requests that failed", int64(w.bucket.Failed()), 1) },
		mend: func(w *world) { w.bucket.SetFault(nil) },
	}
}

// torn is a row of files that were cut in half while no server ran, and of a
// GitHub that is there when one starts, or not.
func torn(name, pattern, begin, logs string, away bool) mishap {
	return mishap{
		name: name, restart: true,
		begin: func(w *world, _ *githubtest.Repository) {
			w.stop()
			tear(w, pattern, []byte(begin))
			if away {
				w.hub.SetFault(githubtest.Reset())
			}
		},
		met: func(w *world) error {
			if err := logged(logs)(w); err != nil || !away {
				return err
			}
			return logged("check failed, the last good package stays up")(w)
		},
	}
}

// tornRows tears the newest package and the record, each with GitHub there and
// away. What GitHub has is made again; else the package before is served.
func tornRows() []mishap {
	const installer, begin, damaged = "blobs/*/*", "PK\x03\x04", `stored (file|package) is damaged.*plugin=hello-yard`
	const record, scheme, copied = "records/plugins/hello-yard.json", "sha256:", `its copy is used" plugin=hello-yard`
	again := torn("installers were torn before a restart", installer, begin, damaged, false)
	back := torn("the newest installer was torn before a restart, and GitHub is away", installer, begin, damaged, true)
	back.upgraded, back.settled, back.lacks = true, "1.0.0", "1.1.0"
	back.met = logged(`stored package is not whole" plugin=hello-yard channel=release version=1.1.0`)
	back.begin = func(w *world, _ *githubtest.Repository) {
		newest := w.mustWhole("hello-yard", "1.1.0").Provenance.SHA256
		w.stop()
		tear(w, "blobs/*/"+newest+"*", []byte(begin))
		w.hub.SetFault(githubtest.Reset())
	}
	return []mishap{
		again, back,
		torn("the plugin's record was torn before a restart", record, scheme, copied, false),
		torn("the plugin's record was torn before a restart, and GitHub is away", record, scheme, copied, true),
	}
}

const year = 365 * 24 * time.Hour

// clockRows have the clock jump, and jump back.
func clockRows() []mishap {
	return []mishap{
		{name: "the clock jumps a year ahead", begin: func(w *world, _ *githubtest.Repository) { w.clock.advance(year) },
			met: checkedAfter(year)},
		{name: "the clock jumps a year ahead, and is put right after a check", begin: func(w *world, _ *githubtest.Repository) { w.clock.advance(year) },
			while: func(w *world, p *patrol) {
				w.checkAgain(time.Minute)
				p.round(w.Context())
				if err := checkedAfter(year)(w); err != nil {
					w.Error(err)
				}
				w.clock.advance(-year)
				p.round(w.Context())
			},
			met: func(w *world) error {
				return atLeast("minutes that the clock was ahead or went back", max(w.clock.ahead.Load(), w.clock.back.Load())/int64(time.Minute), int64(year/time.Minute))
			}},
		{name: "the clock jumps back an hour", begin: func(w *world, _ *githubtest.Repository) { w.clock.advance(-time.Hour) },
			while: func(w *world, p *patrol) {
				if checked := w.checked(); checked.Before(w.clock.now()) {
					w.Errorf("the last check, at %v, does not lie ahead", checked)
				}
				for range 3 {
					p.round(w.Context())
					w.clock.advance(15 * time.Minute)
				}
			},
			met: func(w *world) error {
				return atLeast("minutes that the clock went back", w.clock.back.Load()/int64(time.Minute), 60)
			}},
	}
}

// checkedAfter wants the plugin to have been checked that far in the future.
func checkedAfter(d time.Duration) func(w *world) error {
	return func(w *world) error {
		if checked := w.checked(); checked.Before(time.Now().Add(d - time.Hour)) {
			return fmt.Errorf("it was checked last at %v", checked)
		}
		return nil
	}
}

// checked is when the last check ended well.
func (w *world) checked() time.Time {
	return w.service.Status(w.Context())[0].Checked
}

// machineFaults are those of the machine that the registry runs on.
func machineFaults() []mishap {
	list := []mishap{
		storeFails("the disk is full", syscall.ENOSPC),
		storeFails("the disk is read-only", syscall.EROFS),
		storeFails("the disk fails to write", syscall.EIO),
		bucketFails(),
	}
	list = slices.Concat(list, tornRows(), clockRows(), []mishap{
		{name: "1,024 clients read nothing of a download", live: true, begin: func(w *world, _ *githubtest.Repository) { w.clog(1024) },
			met: func(w *world) error { return atLeast("downloads that are stuck", w.inside.Load(), 1024) }},
		{name: "5,000 ask at once for another plugin, which was never built", live: true, begin: func(w *world, _ *githubtest.Repository) { w.storm(5000) },
			met: func(w *world) error { return atLeast("of the crowd that were served", w.served.Load(), 5000) }},
		{name: "kill -9 during a build; requests after the restart", run: killed},
	})
	for i := range list {
		list[i].part = "machine"
	}
	return list
}

// atLeast is an error where there are fewer.
func atLeast(what string, got, want int64) error {
	if got < want {
		return fmt.Errorf("%d %s, want %d", got, what, want)
	}
	return nil
}

// logged wants the log to say something.
func logged(pattern string) func(w *world) error {
	return func(w *world) error {
		if !said(pattern).MatchString(strings.ReplaceAll(w.log.String(), `\"`, `"`)) {
			return fmt.Errorf("the log does not say %q", pattern)
		}
		return nil
	}
}

// tear cuts the files that begin so in half: one at least.
func tear(w *world, pattern string, begin []byte) {
	w.Helper()
	names, err := filepath.Glob(filepath.Join(w.data, pattern))
	if err != nil {
		w.Fatal(err)
	}
	cut := 0
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			w.Fatal(err)
		}
		if !bytes.HasPrefix(data, begin) {
			continue
		}
		if err := os.Truncate(name, int64(len(data)/2)); err != nil {
			w.Fatal(err)
		}
		cut++
	}
	if cut == 0 {
		w.Fatalf("none of the %d files %s begins with %q: nothing is torn", len(names), pattern, begin)
	}
}

// shed is a plugin that nobody has asked for yet.
var shed = registry.Repo{Owner: "acme", Name: "tool-shed"}

// clog opens connections that ask for a large package and read nothing of it.
func (w *world) clog(n int) {
	noise := make([]byte, 8<<20) // more than the kernel takes of an answer that nobody reads
	if _, err := rand.NewChaCha8([32]byte{}).Read(noise); err != nil {
		w.Fatal(err)
	}
	mark := w.log.mark()
	release(w.hub.Repository(shed.Owner, shed.Name), 1, "1.1.0", with(sample(shed.Name, "1.1.0", 0), map[string]string{"hay.bin": string(noise)}))
	w.clock.advance(registry.SurveyEvery + time.Hour) // 1.0.0 may have been built
	w.must("/" + shed.Name + ".json")
	w.log.await(w, mark, `msg="package built" plugin=`+shed.Name+` .*version=1.1.0`)
	path := strings.TrimPrefix(w.must("/"+shed.Name+".zip").header.Get("Location"), "http://updates.example.com")
	inside := newTurnstile(n)
	w.onEntry(inside.enter)
	defer w.onEntry(func() {})
	for range n {
		conn, err := net.Dial("tcp", *w.at.Load())
		if err != nil {
			w.Fatal(err)
		}
		w.Cleanup(func() { conn.Close() })
		if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
			w.Fatal(err)
		}
		if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: updates.example.com\r\n\r\n", path); err != nil {
			w.Fatal(err)
		}
	}
	select {
	case <-inside.open:
	case <-time.After(patience):
		w.Fatal("the downloads do not begin")
	}
}

// storm has so many ask for a plugin, all before GitHub says anything of it;
// the world ends when all were answered.
func (w *world) storm(n int) {
	inside := newTurnstile(n)
	w.onEntry(func() {
		select {
		case <-inside.open:
		default:
			inside.enter()
		}
	})
	w.before(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/"+shed.Name) {
				select {
				case <-inside.open:
				case <-time.After(patience):
					http.Error(out, "the crowd is not complete", http.StatusInternalServerError)
					return
				}
			}
			next.ServeHTTP(out, r)
		})
	})
	var crowd sync.WaitGroup
	for range n {
		crowd.Go(func() {
			answer, err := w.get(w.Context(), "/"+shed.Name+".json")
			switch {
			case err != nil:
				w.Errorf("one of the crowd: %v", err)
			case answer.status != http.StatusOK:
				w.Errorf("one of the crowd: status %d: %.200s", answer.status, answer.body)
			default:
				w.served.Add(1)
			}
		})
	}
	w.crowd = func() {
		crowd.Wait()
		if got := w.count("/codeload/acme/" + shed.Name); got != 1 || w.served.Load() != int64(n) {
			w.Errorf("%d of %d were served, the archive was fetched %d times, want once", w.served.Load(), n, got)
		}
	}
}

// killed has the real program killed while it builds, first with nothing
// built, then with a version served; another one starts while GitHub is away.
func killed(t *testing.T) (cold, warm string, requests int) {
	program, err := exec.LookPath("pluginyard") // this very test, put there by TestMain
	if err != nil {
		t.Fatal(err)
	}
	g := newGeneration(t, program, nil, &crashed{})
	v := g.victims[0]
	killDuring := func(s *subject, cause func()) {
		g.hub.SetFault(githubtest.Only("/codeload/acme/"+v.slug, func(http.ResponseWriter, *http.Request) bool {
			s.Process.Kill()
			panic(http.ErrAbortHandler)
		}))
		cause()
		<-s.exited
		if state := s.ProcessState; state.Exited() {
			t.Errorf("it was not killed: %v", state)
		}
		g.awaitRest()
		g.hub.SetFault(nil)
	}
	s := g.launch()
	killDuring(s, func() { g.get(t.Context(), "/"+v.slug+".json") }) // its error is the kill
	s = g.launch()
	doc, _, err := g.whole(t.Context(), v.slug)
	if err != nil {
		t.Fatal(err)
	}
	cold = "200, version " + doc.Version + ", from the program that starts next"

	killDuring(s, func() { g.publish(v) })
	g.hub.SetFault(githubtest.Reset())
	s = g.launch()
	p := newPatrol(g.visitor, v.slug)
	p.allow(v.slug, "1.0.0")
	for range 3 {
		p.round(t.Context())
	}
	p.revisit(t.Context())
	requests = int(p.requests.Load())
	seen := p.seen()
	g.hub.SetFault(nil)
	p.allow(v.slug, "1.0.0", "1.1.0", "1.2.0")
	mark := s.log.mark()
	g.publish(v)
	s.log.await(t, mark, `msg="package built" plugin=hello-yard .*version=1.2.0`)
	p.allow(v.slug, "1.2.0")
	p.round(t.Context())
	p.revisit(t.Context())
	(&mishap{}).blame(t, p)
	return cold, fmt.Sprintf("%d, %d, %d | %s | 1.2.0 at the next webhook", requests, len(p.failed), len(p.wrong), seen), requests
}
