package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pluginyard": main})
}

// The command as its users see it: each script runs the real program. Beside
// testscript's own commands there are:
//
//	code N pluginyard …          run it, and want that exit code
//	github                       an emulated GitHub with the demo's plugins;
//	                             sets GITHUB, and PLUGINYARD_GITHUB_API_URL
//	start NAME pluginyard …      run it until it says where it listens; sets NAME
//	end NAME [SIGNAL]            signal it (TERM) and want exit code 0; its output
//	                             becomes stdout and stderr
//	get|post URL [HEADER…]       one request, no redirects; the body becomes
//	                             stdout, status and headers stderr
//	publish NAME QUERY           publish a release at the GitHub of the demo NAME
//	until REGEXP URL             ask until the body matches
//	absent PATTERN               no file matches
//	mode MODE FILE               want a file's permissions, in octal
//	picture FILE WIDTH HEIGHT    make a PNG
//	big FILE KILOBYTES           make a large file
//	replace FILE OLD NEW         replace text in a file
//	pack ZIP FOLDER TOP COMMENT  pack a folder below another's name
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TMPDIR", env.WorkDir)
			env.Values[processes{}] = map[string]*process{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":    scriptCode,
			"github":  scriptGitHub,
			"start":   scriptStart,
			"end":     scriptEnd,
			"get":     scriptRequest(http.MethodGet),
			"post":    scriptRequest(http.MethodPost),
			"publish": scriptPublish,
			"until":   scriptUntil,
			"absent":  scriptAbsent,
			"mode":    scriptMode,
			"picture": scriptPicture,
			"big":     scriptBig,
			"replace": scriptReplace,
			"pack":    scriptPack,
		},
	})
}

// processes is the key of a script's processes, by name.
type processes struct{}

func scriptCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command [args]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	got := 0
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func scriptGitHub(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: github")
	}
	hub, err := demoGitHub(demoHost, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	ts.Check(err)
	server := httptest.NewServer(withControl(hub))
	ts.Defer(server.Close)
	ts.Setenv("GITHUB", server.URL)
	ts.Setenv("PLUGINYARD_GITHUB_API_URL", server.URL)
}

// process is a running program of a script.
type process struct {
	cmd    *exec.Cmd
	out    watched
	stderr bytes.Buffer
	exited chan struct{} // closed when it has ended
	err    error         // how, once exited is closed
}

// watched is output that can be waited for.
type watched struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	more chan struct{} // is sent to after each write, unless nobody looks
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf.Write(p)
	select {
	case w.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

var listening = regexp.MustCompile(`(?m)^listening on (http://[^\s,;]+).*\n`)

func scriptStart(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME command [args]")
	}
	program := args[1]
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if file := filepath.Join(dir, program); !strings.ContainsRune(program, '/') && isFile(file) {
			program = file
		}
	}
	p := &process{cmd: exec.Command(program, args[2:]...), exited: make(chan struct{})}
	p.out.more = make(chan struct{}, 1)
	p.cmd.Dir = ts.MkAbs(".")
	p.cmd.Env = scriptEnv(ts)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.stderr
	ts.Check(p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	ts.Defer(func() {
		p.cmd.Process.Kill()
		<-p.exited
	})
	ts.Value(processes{}).(map[string]*process)[args[0]] = p
	for {
		if m := listening.FindStringSubmatch(p.out.String()); m != nil {
			ts.Setenv(args[0], m[1])
			return
		}
		select {
		case <-p.out.more:
		case <-p.exited:
			ts.Fatalf("%s ended: %v\n%s%s", args[0], p.err, p.out.String(), p.stderr.String())
		}
	}
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// scriptEnv is the environment of a script's own commands.
func scriptEnv(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "WORK", "PLUGINYARD_GITHUB_API_URL", "PLUGINYARD_CONFIG", "PLUGINYARD_LISTEN", "PLUGINYARD_SIGNING_KEY", "TOKEN"} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

func scriptEnd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: end NAME [TERM|INT]")
	}
	p := ts.Value(processes{}).(map[string]*process)[args[0]]
	if p == nil {
		ts.Fatalf("no process %s", args[0])
	}
	signal := syscall.SIGTERM
	if len(args) == 2 && args[1] == "INT" {
		signal = syscall.SIGINT
	}
	ts.Check(p.cmd.Process.Signal(signal))
	<-p.exited
	io.WriteString(ts.Stdout(), p.out.String())
	io.WriteString(ts.Stderr(), p.stderr.String())
	if p.err != nil {
		ts.Fatalf("%s ended with %v\n%s", args[0], p.err, p.stderr.String())
	}
}

// scriptClient follows no redirect: scripts look at it.
func scriptClient() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func scriptRequest(method string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < 1 {
			ts.Fatalf("usage: %s URL [HEADER...]", strings.ToLower(method))
		}
		request, err := http.NewRequest(method, args[0], nil)
		ts.Check(err)
		for _, header := range args[1:] {
			name, value, _ := strings.Cut(header, ":")
			request.Header.Set(name, strings.TrimSpace(value))
		}
		answer, err := scriptClient().Do(request)
		ts.Check(err)
		defer answer.Body.Close()
		fmt.Fprintf(ts.Stderr(), "%s\n", answer.Status)
		answer.Header.Write(ts.Stderr())
		_, err = io.Copy(ts.Stdout(), answer.Body)
		ts.Check(err)
	}
}

var publishing = regexp.MustCompile(`curl -X POST '(http://[^?]+)\?`)

func scriptPublish(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: publish NAME QUERY")
	}
	p := ts.Value(processes{}).(map[string]*process)[args[0]]
	if p == nil {
		ts.Fatalf("no process %s", args[0])
	}
	m := publishing.FindStringSubmatch(p.out.String())
	if m == nil {
		ts.Fatalf("%s says nothing of publishing:\n%s", args[0], p.out.String())
	}
	answer, err := http.Post(m[1]+"?"+args[1], "", nil)
	ts.Check(err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		ts.Fatalf("%s", answer.Status)
	}
}

func scriptAbsent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: absent PATTERN")
	}
	names, err := filepath.Glob(args[0])
	ts.Check(err)
	if len(names) > 0 {
		ts.Fatalf("there are %s", strings.Join(names, ", "))
	}
}

func scriptMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode MODE FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if mode := fmt.Sprintf("%o", info.Mode().Perm()); mode != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], mode, args[0])
	}
}

func scriptUntil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: until REGEXP URL")
	}
	want, err := regexp.Compile(args[0])
	ts.Check(err)
	// Bounded by count, not by time: each try is a request that is answered.
	const tries = 20_000
	var last []byte
	for range tries {
		answer, err := scriptClient().Get(args[1])
		ts.Check(err)
		last, err = io.ReadAll(answer.Body)
		answer.Body.Close()
		ts.Check(err)
		if want.Match(last) {
			ts.Stdout().Write(last)
			return
		}
	}
	ts.Fatalf("%s never matched; the last answer was\n%s", args[0], last)
}
