package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry/signing"
)

// secrets are what a test has planted, by what they are.
type secrets map[string]string

// plant makes up a secret that looks like nothing else.
func (s secrets) plant(name string) string {
	s[name] = "planted" + rand.Text()
	return s[name]
}

// in names each secret that a text holds, plain or in another's clothes.
func (s secrets) in(text string) []string {
	var found []string
	for name, secret := range s {
		raw := []byte(secret)
		for form, dressed := range map[string]string{
			"plain": secret, "hex": hex.EncodeToString(raw), "escaped": url.QueryEscape(secret),
			"base64":    strings.TrimRight(base64.StdEncoding.EncodeToString(raw), "="),
			"base64url": strings.TrimRight(base64.URLEncoding.EncodeToString(raw), "="),
			// Behind a user's name of any length, as in basic authentication.
			"base64, one off": base64.StdEncoding.EncodeToString(append([]byte("x"), raw...))[4:24],
			"base64, two off": base64.StdEncoding.EncodeToString(append([]byte("xx"), raw...))[4:24],
		} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(dressed)) {
				found = append(found, name+" ("+form+")")
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestPlantedSecretsAreFoundInAllTheirClothes(t *testing.T) {
	s := secrets{}
	secret := s.plant("secret")
	for _, text := range []string{
		"x" + secret, "X" + strings.ToUpper(hex.EncodeToString([]byte(secret))), url.QueryEscape(secret),
		base64.StdEncoding.EncodeToString([]byte("x-access-token:" + secret)),
		base64.StdEncoding.EncodeToString([]byte("a:" + secret)), base64.StdEncoding.EncodeToString([]byte("ab:" + secret)),
	} {
		if len(s.in(text)) == 0 {
			t.Errorf("not found in %s", text)
		}
	}
	if found := s.in("what is nobody's secret"); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

// none wants a text to hold no secret.
func (s secrets) none(t testing.TB, where, text string) {
	t.Helper()
	if found := s.in(text); len(found) > 0 {
		t.Errorf("%s holds the %s", where, strings.Join(found, ", the "))
	}
}

// harvest is a collector of traces, which repeats the headers that it refuses.
type harvest struct {
	journal
	failing atomic.Bool
}

func (h *harvest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(r.Body)
	}
	data, _ := io.ReadAll(body)
	fmt.Fprintf(h, "%s\n%s\n", r.URL.Path, data)
	if h.failing.Load() {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintln(w, "bad credentials:", r.Header)
	}
}

// plantedWorld is the real program, from its command line on, with a secret in
// every place that may have one.
type plantedWorld struct {
	*testing.T
	secrets
	hub    *githubtest.GitHub
	repos  map[string]*githubtest.Repository // the public ones, by name
	folder string
	out    *journal // stdout and the log
	traces *harvest
	fault  atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]
	public string // address
	admin  string

	compressed int // answers so far

	ended chan int
	stop  context.CancelFunc
}

func plantSecrets(t *testing.T) *plantedWorld {
	w := &plantedWorld{T: t, secrets: secrets{}, repos: map[string]*githubtest.Repository{}, hub: githubtest.New(), folder: t.TempDir(), out: newJournal(), traces: &harvest{journal: journal{more: make(chan struct{})}}, ended: make(chan int, 1)}
	w.hub.RequireToken(w.plant("token"))
	add := func(repo githubtest.Repo) *githubtest.Repository {
		repo.License, repo.Created = "GPL-2.0", firstRelease
		return w.hub.AddRepo(repo)
	}
	w.hub.AddToken(w.plant("owner's token"), "beta")
	for owner, name := range publics() {
		repo := add(githubtest.Repo{Owner: owner, Name: name})
		release(repo, 0, "1.0.0", sample(name, "1.0.0", 3))
		w.repos[name] = repo
	}
	private := add(githubtest.Repo{Owner: "acme", Name: "gate-keeper", Private: true})
	content := w.plant("content of a private repository")
	release(private, 0, "1.0.0", with(sample("gate-keeper", "1.0.0", 1), map[string]string{
		"inc/" + content + ".php": "<?php // " + content, "readme.txt": "=== " + content + " ===\n\n" + content + "\n",
	}))
	api := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if fault := w.fault.Load(); fault != nil && (*fault)(out, r) {
			return
		}
		w.hub.ServeHTTP(out, r)
	}))
	collector := httptest.NewServer(w.traces)
	t.Cleanup(func() { api.Close(); collector.Close() })

	w.write("token", w.secrets["token"]+"\n")
	w.write("beta", w.secrets["owner's token"]+"\n")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	app := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	w.secrets["App's private key"] = strings.Split(app, "\n")[5]
	w.write("app.pem", app)
	w.hub.App(12, &key.PublicKey)
	signer, err := signing.Generate(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	text := string(signer.Text())
	for _, line := range strings.Split(text, "\n") {
		if len(line) > 40 && !strings.Contains(line, " ") && !strings.Contains(line, "--") {
			w.secrets["signing key"] = line
		}
	}
	w.write("signing.pem", text)
	os.Chmod(filepath.Join(w.folder, "signing.pem"), 0o600)
	w.write("webhook", w.plant("webhook secret"))
	w.write("pluginyard.yaml", fmt.Sprintf(`listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
base_url: %[6]s
data: %[1]s/data
github:
  api_url: %[2]s
  token_file: %[1]s/token
  webhook_secret_file: %[1]s/webhook
  credentials:
    - {owner: beta, token_file: %[1]s/beta}
    - owner: gamma
      app: {id: 12, private_key: %[1]s/app.pem}
refresh: {every: 1h}
signing: {key: %[1]s/signing.pem}
log: {level: debug, requests: all, addresses: full}
tracing:
  endpoint: %[3]s
  ratio: 1
  headers: ["Authorization: Bearer %[4]s", "X-Team: %[5]s"]
shutdown_timeout: 20s
plugins:
  - repository: acme/hello-yard
  - repository: acme/gate-keeper
  - repository: beta/fence-post
  - repository: gamma/garden-gate
  - repository: beta/nothing-there
`, w.folder, api.URL, collector.URL, w.plant("header of traces"), w.plant("second header of traces"), siteURL))
	return w
}

// publics are owners with a repository of each; each is read with credentials of
// its own.
func publics() map[string]string {
	return map[string]string{"acme": "hello-yard", "beta": "fence-post", "gamma": "garden-gate"}
}

func (w *plantedWorld) write(name, text string) {
	w.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, name), []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
}

// serve runs the program until stop is called.
func (w *plantedWorld) serve(more ...string) {
	w.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	w.Cleanup(cancel)
	mark := w.out.mark()
	go func() {
		args := append([]string{"serve", "--config", filepath.Join(w.folder, "pluginyard.yaml")}, more...)
		w.ended <- run(ctx, args, strings.NewReader(""), w.out, w.out, nil)
	}()
	w.admin = w.out.await(w, mark, `status and metrics at (http://[^/]+)/status`)[1]
	w.public = w.out.await(w, mark, `listening on (http://[^,]+),`)[1]
	w.hub.OnChange(webhook(w.public+strings.TrimPrefix(siteURL, "http://updates.example.com")+"/webhooks/github", secret(w.secrets["webhook secret"]), slog.New(slog.DiscardHandler)))
}

// look asks for everything that anybody can ask for, with secrets of clients in
// the requests, and wants none of any in what comes.
func (w *plantedWorld) look(when string) {
	w.Helper()
	prefix := w.public + strings.TrimPrefix(siteURL, "http://updates.example.com")
	for _, path := range []string{
		"/", "/hello-yard/", "/gate-keeper/", "/nothing-there/", "/hello-yard.json", "/gate-keeper.json", "/nothing-there.json", "/hello-yard.zip",
		"/release/hello-yard.json", "/branch/hello-yard.json", "/release/hello-yard.proxy", "/hello-yard.upgrademe", "/plugin_info.json",
		"/hello-yard/updater.php", "/healthz", "/readyz", "/packages/hello-yard.1.0.0.zip", "/packages/gate-keeper.1.0.0.zip", "/no/such/page",
		"/fence-post/", "/fence-post.json", "/garden-gate/", "/garden-gate.json", "/plugins/info/1.2/",
	} {
		w.ask(when, prefix+path+"?license="+w.secrets["licence key"]+"&token="+w.secrets["licence key"])
	}
	w.none(w, when+": the traces", w.traces.String())
	for _, path := range []string{"/status", "/status.json", "/metrics"} {
		if code := w.ask(when, w.admin+path+"?key="+w.secrets["licence key"]); code != 200 {
			w.Errorf("%s: %s answers %d", when, path, code)
		}
	}
}

func (w *plantedWorld) ask(when, address string) int {
	w.Helper()
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		w.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+w.secrets["client's authorization"])
	request.Header.Set("Cookie", "session="+w.secrets["client's cookie"])
	request.Header.Set("Referer", "https://example.com/?key="+w.secrets["licence key"])
	request.Header.Set("Accept-Encoding", "br")
	request.Header.Set("Traceparent", "00-"+strings.Repeat("a", 32)+"-"+strings.Repeat("b", 16)+"-01")
	request.SetBasicAuth("alice", w.secrets["client's password"])
	answer, err := (&http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(request)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	var plain io.Reader = answer.Body
	if answer.Header.Get("Content-Encoding") == "br" {
		plain = brotli.NewReader(answer.Body)
		w.compressed++
	}
	body, err := io.ReadAll(plain)
	if err != nil {
		w.Error(err)
	}
	where := when + ": " + request.URL.Path
	w.none(w, where+", its body", string(body))
	w.none(w, where+", its headers", fmt.Sprint(answer.Header))
	return answer.StatusCode
}

// checked releases a version of each, which webhooks tell of, and waits for what
// becomes of it.
func (w *plantedWorld) checked(n int) (became []string) {
	w.Helper()
	version := fmt.Sprintf("1.%d.0", n)
	for name, repo := range w.repos {
		mark := w.out.mark()
		release(repo, n, version, sample(name, version, 3))
		became = append(became, w.out.await(w, mark, `msg="?(plugin checked|check failed[^"]*|package built|package cannot be built)"? plugin=`+name)[1])
	}
	return became
}

func TestNoPlantedSecretComesOut(t *testing.T) {
	t.Parallel()
	w := plantSecrets(t)
	for _, name := range []string{"licence key", "client's authorization", "client's cookie", "client's password"} {
		w.plant(name)
	}
	signed, echo := w.plant("signed address"), w.plant("answer of GitHub")
	w.serve()
	for _, name := range publics() {
		w.out.await(t, 0, `msg="package built" plugin=`+name)
	}
	w.look("when all is well")

	// An answer that repeats everything it was sent, and says more.
	repeat := func(status int, kind string) func(http.ResponseWriter, *http.Request) bool {
		return func(out http.ResponseWriter, r *http.Request) bool {
			out.Header().Set("Content-Type", kind)
			out.Header().Set("X-Secret", echo)
			out.WriteHeader(status)
			fmt.Fprintf(out, `{"message":"%s %s","documentation_url":"https://example.com/?%s"}`, echo, r.Header.Get("Authorization"), echo)
			return true
		}
	}
	only := func(part string, f func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
		return func(out http.ResponseWriter, r *http.Request) bool {
			return strings.Contains(r.URL.Path, part) && f(out, r)
		}
	}
	sent := func(then func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
		return func(out http.ResponseWriter, r *http.Request) bool {
			switch {
			case strings.Contains(r.URL.Path, "/zipball/"):
				// localhost is another host than 127.0.0.1: what lies there is not the API's.
				_, port, _ := strings.Cut(r.Host, ":")
				http.Redirect(out, r, "http://localhost:"+port+"/signed?token="+signed+"&X-Amz-Signature="+signed, http.StatusFound)
				return true
			case r.URL.Path == "/signed":
				return then(out, r)
			}
			return false
		}
	}
	n := 0
	for _, fault := range []struct {
		name string
		make func(http.ResponseWriter, *http.Request) bool
	}{
		{"401", repeat(401, "application/json")},
		{"403", repeat(403, "application/json")},
		{"404", repeat(404, "application/json")},
		{"500", repeat(500, "application/json")},
		{"a page in place of JSON", repeat(200, "text/html")},
		{"JSON of another shape", repeat(200, "application/json")},
		{"an archive that is none", only("/codeload/", repeat(200, "application/zip"))},
		{"a signed address that answers 403", sent(repeat(403, "application/xml"))},
		{"a signed address that answers 500", sent(repeat(500, "application/xml"))},
		{"a signed address that resets", sent(githubtest.Reset())},
		{"a signed address that is cut off", sent(func(out http.ResponseWriter, r *http.Request) bool {
			out.Header().Set("Content-Length", "100000")
			io.WriteString(out, "PK\x03\x04"+echo)
			panic(http.ErrAbortHandler)
		})},
		{"a redirect to nowhere", only("/zipball/", func(out http.ResponseWriter, r *http.Request) bool {
			http.Redirect(out, r, "http://alice:"+signed+"@127.0.0.1:1/"+signed[:7]+"?token="+signed, http.StatusFound)
			return true
		})},
		{"a limit", func(out http.ResponseWriter, r *http.Request) bool {
			out.Header().Set("Retry-After", "1")
			return repeat(429, "application/json")(out, r)
		}},
	} {
		n++
		w.fault.Store(&fault.make)
		became := w.checked(n)
		w.look(fault.name)
		w.none(t, fault.name+": the log", w.out.String())
		t.Logf("%s: %v", fault.name, became)
	}
	w.fault.Store(nil)
	w.traces.failing.Store(true)
	w.stop()
	if code := <-w.ended; code != exitOK {
		t.Errorf("exit code %d", code)
	}
	w.none(t, "what the program wrote", w.out.String())
	traces := w.traces.String()
	w.none(t, "the traces", traces)
	for _, want := range []string{"/v1/traces", "GET ", "check", "build", "forge", "store"} {
		if !strings.Contains(traces, want) {
			t.Errorf("the traces have no %q", want)
		}
	}
	for _, want := range []string{"github request", "msg=request", "check failed"} {
		if !strings.Contains(w.out.String(), want) {
			t.Errorf("the log has no %q: nothing was looked at", want)
		}
	}
	if w.compressed < 20 {
		t.Errorf("only %d answers were compressed", w.compressed)
	}
	w.noneBeneath(filepath.Join(w.folder, "data"))
	if t.Failed() {
		t.Logf("log:\n%.20000s", w.out)
	}
}

// noneBeneath wants no file beneath a folder to hold a secret, packed or not.
func (w *plantedWorld) noneBeneath(folder string) {
	w.Helper()
	count := 0
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(name)
		count++
		w.none(w, name, name+"\n"+string(data))
		if unpacked, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
			text, _ := io.ReadAll(unpacked)
			w.none(w, name+", unpacked", string(text))
		}
		// What is not brotli's is an error at once.
		text, _ := io.ReadAll(io.LimitReader(brotli.NewReader(bytes.NewReader(data)), 8<<20))
		w.none(w, name+", unpacked", string(text))
		return err
	})
	if err != nil {
		w.Error(err)
	}
	if count < 5 {
		w.Errorf("only %d files were stored", count)
	}
}

// What is said of a command line or a configuration that is wrong is said to
// whoever starts the program, and kept by whatever starts it.
func TestNoPlantedSecretIsInWhatIsRefused(t *testing.T) {
	s := secrets{}
	for _, name := range []string{"token", "webhook secret", "password", "bucket's key", "header"} {
		s.plant(name)
	}
	folder := t.TempDir()
	config := func(text string) []string {
		name := filepath.Join(folder, "pluginyard.yaml")
		if err := os.WriteFile(name, []byte(text+"\nplugins: [{repository: acme/hello-yard}]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{"serve", "--config", name}
	}
	long := "-----BEGIN PRIVATE KEY-----\n" + s["token"] + "\n-----END PRIVATE KEY-----"
	for name, args := range map[string][]string{
		"help":                        {"serve", "--help"},
		"an unknown flag":             {"serve", "--github-token", s["token"], "--no-such-flag"},
		"a token and an App":          {"serve", "--repo", "acme/hello-yard", "--github-token", s["token"], "--github-app-id", "1", "--github-app-private-key", long},
		"a key that is none":          {"serve", "--repo", "acme/hello-yard", "--github-app-id", "1", "--github-app-private-key", long},
		"a signing key as a flag":     {"serve", "--repo", "acme/hello-yard", "--signing-key", long},
		"basic authentication":        {"serve", "--repo", "acme/hello-yard", "--github-api-url", "https://alice:" + s["password"] + "@github.example.com"},
		"base_url with a password":    config("base_url: https://alice:" + s["password"] + "@updates.example.com"),
		"endpoint with a password":    config("tracing: {endpoint: \"https://alice:" + s["password"] + "@traces.example.com\"}"),
		"a header that is none":       config("tracing: {endpoint: http://127.0.0.1:1, headers: [\"" + s["header"] + "\"]}"),
		"a secret that is no text":    config("github: {token: [" + s["token"] + "]}"),
		"a secret under a wrong key":  config("github: {webhook_secret: {value: " + s["webhook secret"] + "}}"),
		"a variable within a secret":  config("github: {token: \"${" + s["token"] + "\"}"),
		"a bucket that is not there":  config("data: s3://bucket?region=x&endpoint=http://127.0.0.1:1&secret=" + s["bucket's key"]),
		"a bucket with a password":    config("data: s3://alice:" + s["bucket's key"] + "@bucket"),
		"a bucket of an unknown kind": config("data: ftp://alice:" + s["bucket's key"] + "@bucket"),
		"an address that is in use":   config("listen: 256.256.256.256:1\ngithub: {token: " + s["token"] + "}"),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			t.Chdir(t.TempDir()) // where the store is by default
			var out bytes.Buffer
			code := run(ctx, args, strings.NewReader(""), &out, &out, []string{"GITHUB_TOKEN=" + s["token"], "AWS_ACCESS_KEY_ID=alice", "AWS_SECRET_ACCESS_KEY=" + s["bucket's key"]})
			s.none(t, "what it says", out.String())
			if (code == exitOK) != (name == "help") || out.Len() == 0 {
				t.Errorf("exit code %d, and it says %q", code, out.String())
			}
		})
	}
}
