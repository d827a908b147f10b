package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/signing"
)

var crashes = flag.Int("crashes", 20, "how often the server is killed at a random moment")

// A generation begins with an empty data directory and a GitHub with first
// releases only, so that first builds are killed too.
const killsPerGeneration = 10

// The kill comes some requests to GitHub after the work began, and some time
// after that request: together they reach every step of a build.
const (
	mostRequests = 24
	mostDelay    = 40 * time.Millisecond
)

// crashed counts what the whole test did.
type crashed struct {
	inspected
	kills, restarts int
	during          int // kills between the fetch of an archive and the end of its build
	before          int // kills before anything was ever answered
	published       int // versions
	seen            int // of them, before or after a kill
	orphans         int // temporary folders that killed builds left
}

// The server is killed while it builds, again and again; after each kill
// another one starts on the same directory, with GitHub out of reach. It must
// serve, at once, a whole and verified package of every plugin that a client
// ever got, of a version at least as new.
func TestKilledServerServesWholePackagesAfterwards(t *testing.T) {
	program, err := exec.LookPath("pluginyard") // this very test, put there by TestMain
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	var total crashed
	began := time.Now()
	for total.kills < *crashes {
		g := newGeneration(t, program, random, &total)
		for range min(killsPerGeneration, *crashes-total.kills) {
			g.killOnce()
		}
		g.end()
	}
	t.Logf("seed %d: %d kills in %.0f s, %d during a build, %d before any answer; %d restarts without GitHub; %d versions published, %d seen; "+
		"%d packages verified (%d files, %d images, %d KB); no package was damaged, lost or older; %d temporary folders were left",
		seed, total.kills, time.Since(began).Seconds(), total.during, total.before, total.restarts, total.published, total.seen,
		total.packages, total.files, total.images, total.bytes>>10, total.orphans)
	if total.during == 0 {
		t.Error("no kill hit a build")
	}
	if total.orphans > 0 {
		t.Error("temporary folders lie where no later start removes them")
	}
}

// victim is one plugin that is published again and again.
type victim struct {
	slug      string
	repo      *githubtest.Repository
	files     int
	asset     bool            // whether its releases carry an installer
	next      int             // number of the next release
	published map[string]bool // versions
	newest    string
	seen      string // the last version that a client got; "" if none
}

// generation is a data directory with its GitHub.
type generation struct {
	*testing.T
	*visitor
	program string
	random  *rand.Rand
	total   *crashed
	hub     *githubtest.GitHub
	api     *httptest.Server
	folder  string // of the configuration, the data, and temporary files
	victims []*victim

	mu      sync.Mutex
	asked   int           // requests to GitHub since it was switched on
	trigger int           // close pulled at this one
	pulled  chan struct{} // closed when it is time to kill
	busy    int           // requests that GitHub is answering
	rest    *sync.Cond    // told when one is answered
}

func newGeneration(t *testing.T, program string, random *rand.Rand, total *crashed) *generation {
	g := &generation{T: t, visitor: newVisitor(), program: program, random: random, total: total, hub: githubtest.New(), folder: t.TempDir()}
	g.rest = sync.NewCond(&g.mu)
	g.hub.RequireToken(plantedToken)
	g.api = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		g.noteRequest()
		defer g.noteAnswer()
		g.hub.ServeHTTP(out, r)
	}))
	t.Cleanup(g.api.Close)
	var list strings.Builder
	for _, v := range []victim{
		{slug: "hello-yard", files: 3},
		{slug: "fence-post", files: 30, asset: true},
		{slug: "tool-shed", files: 250},
	} {
		v.published = map[string]bool{}
		v.repo = g.hub.AddRepo(githubtest.Repo{Owner: "acme", Name: v.slug, Created: firstRelease})
		g.victims = append(g.victims, &v)
		g.publish(&v)
		fmt.Fprintf(&list, "  - repository: acme/%s\n", v.slug)
	}
	key, err := signing.Generate(firstRelease)
	if err != nil {
		t.Fatal(err)
	}
	if err := createKeyFile(g.path("signing.pem"), key); err != nil {
		t.Fatal(err)
	}
	if g.keys, err = signing.NewKeyring(key); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf("listen: 127.0.0.1:0\nbase_url: %s\ndata: %s\nsigning:\n  key: %s\ngithub:\n  api_url: %s\n  token: ${TOKEN}\n  webhook_secret: ${SECRET}\nlog:\n  level: debug\nplugins:\n%s",
		siteURL, g.path("data"), g.path("signing.pem"), g.api.URL, &list)
	if err := os.WriteFile(g.path("pluginyard.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(g.path("tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *generation) path(name string) string { return filepath.Join(g.folder, name) }

// end counts what is left over.
func (g *generation) end() {
	noSecretIn(g, g.path("data"))
	left, err := filepath.Glob(g.path("tmp/*"))
	if err != nil {
		g.Fatal(err)
	}
	g.total.orphans += len(left)
	for _, v := range g.victims {
		g.total.published += len(v.published)
	}
	g.client.CloseIdleConnections()
	g.api.Close()
}

// publish releases the next version. Old releases go, as lists of them would
// grow without end.
func (g *generation) publish(v *victim) {
	version := fmt.Sprintf("1.%d.0", v.next)
	files := sample(v.slug, version, v.files)
	var assets []githubtest.Asset
	if v.asset {
		d := &demoYard{}
		assets = append(assets, githubtest.Asset{Name: v.slug + "-" + version + ".zip", Data: d.zip(v.slug, files, firstRelease)})
		if d.err != nil {
			g.Fatal(d.err)
		}
	}
	v.published[version] = true // a client may see it before release returns
	release(v.repo, v.next, version, files, assets...)
	v.newest = version
	v.next++
}

// noteRequest pulls the trigger at the request that was chosen for it.
func (g *generation) noteRequest() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy++
	if g.asked++; g.asked == g.trigger {
		close(g.pulled)
	}
}

func (g *generation) noteAnswer() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy--
	g.rest.Broadcast()
}

// awaitRest waits until GitHub has answered all that it was asked.
func (g *generation) awaitRest() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.busy > 0 {
		g.rest.Wait()
	}
}

// arm chooses the moment of the kill.
func (g *generation) arm() (pulled <-chan struct{}, delay time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked, g.trigger, g.pulled = 0, 1+g.random.IntN(mostRequests), make(chan struct{})
	return g.pulled, time.Duration(g.random.Int64N(int64(mostDelay)))
}

// subject is a running server.
type subject struct {
	*exec.Cmd
	out, log *journal
	exited   chan struct{}
}

// launch starts a server and waits until it listens.
func (g *generation) launch() *subject {
	g.Helper()
	s := &subject{Cmd: exec.Command(g.program, "serve", "--config", g.path("pluginyard.yaml")), out: newJournal(), log: newJournal(), exited: make(chan struct{})}
	s.Env = []string{"TMPDIR=" + g.path("tmp"), "HOME=" + g.folder, "TOKEN=" + plantedToken, "SECRET=" + plantedSecret}
	s.Stdout, s.Stderr = s.out, s.log
	if err := s.Start(); err != nil {
		g.Fatal(err)
	}
	go func() {
		s.Wait() // killed, so its error tells nothing
		close(s.exited)
	}()
	g.Cleanup(s.end)
	ctx, cancel := context.WithTimeout(g.Context(), patience)
	defer cancel()
	go func() {
		select {
		case <-s.exited:
			cancel()
		case <-ctx.Done():
		}
	}()
	m, err := s.out.find(ctx, 0, listening)
	if err != nil {
		g.Fatalf("the server does not listen: %v\n%s", err, s.log)
	}
	g.moveTo(strings.TrimPrefix(m[1], "http://"))
	g.hub.OnChange(webhook(m[1]+"/plugins/webhooks/github", plantedSecret, slog.New(slog.DiscardHandler)))
	return s
}

// end kills the server and waits until it is gone.
func (s *subject) end() {
	s.Process.Kill() // an error means that it is gone already
	<-s.exited
}

// killOnce starts a server without GitHub, looks at what it serves, switches
// GitHub on, publishes, and kills it at a random moment.
func (g *generation) killOnce() {
	// What the killed server had asked may still be on its way.
	g.api.CloseClientConnections()
	g.awaitRest()
	g.hub.SetFault(githubtest.Reset())
	g.hub.ResetRequests()
	s := g.launch()
	g.total.restarts++
	missing := g.inspect(s)
	if missing > 0 {
		// What was never built was tried in vain; only another server tries
		// again at once.
		s.end()
	}
	g.hub.SetFault(nil)
	pulled, delay := g.arm()
	if missing > 0 {
		s = g.launch()
	}
	ctx, cancel := context.WithTimeout(g.Context(), patience)
	defer cancel()
	var client sync.WaitGroup
	client.Go(func() { g.use(ctx) })
	select {
	case <-pulled:
	case <-ctx.Done():
		g.Fatalf("GitHub was asked %d times only\n%s", g.asked, s.log)
	}
	timer := time.NewTimer(delay) // the random moment itself, not a wait for anything
	<-timer.C
	s.end()
	cancel()
	g.hub.OnChange(nil)
	client.Wait()
	g.total.kills++
	g.count(s)
	if secret := plantedIn(s.log.String() + s.out.String()); secret != "" {
		g.Errorf("the log holds the %s", secret)
	}
}

// use asks for every plugin in turn, and publishes the next version as soon as
// the newest is served, until the context ends or nobody answers.
func (g *generation) use(ctx context.Context) {
	for first := true; ctx.Err() == nil; first = false {
		for _, v := range g.victims {
			doc, err := g.document(ctx, v.slug)
			if err != nil {
				if !refused(err) && ctx.Err() == nil {
					g.Errorf("before the kill: %v", err)
				}
				return
			}
			if v.seen = doc.Version; v.seen == v.newest || first {
				g.publish(v)
			}
		}
	}
}

// refused reports whether an error is that of a server that is gone.
func refused(err error) bool {
	for _, sign := range []string{"connection refused", "connection reset", "EOF", "broken pipe"} {
		if strings.Contains(err.Error(), sign) {
			return true
		}
	}
	return false
}

// inspect looks at all that a server without GitHub serves, and reports how
// many plugins it does not.
func (g *generation) inspect(s *subject) (missing int) {
	g.Helper()
	built := g.collection()
	for _, v := range g.victims {
		if v.seen == "" && !built[v.slug] {
			missing++ // nobody ever got it
			continue
		}
		doc, found, err := g.whole(g.Context(), v.slug)
		switch {
		case err != nil:
			g.Fatalf("after kill %d: %v; a client had seen version %q\n%s", g.total.kills, err, v.seen, s.log)
		case !v.published[doc.Version]:
			g.Fatalf("after kill %d: %s has version %s, which was never published", g.total.kills, v.slug, doc.Version)
		case v.seen != "" && registry.CompareVersions(doc.Version, v.seen) < 0:
			g.Fatalf("after kill %d: %s has version %s, a client had seen %s", g.total.kills, v.slug, doc.Version, v.seen)
		}
		v.seen = doc.Version
		g.total.add(found)
		for _, r := range g.hub.Requests() {
			if strings.Contains(r.Path, "/"+v.slug) {
				g.Errorf("after kill %d: GitHub was asked for %s of %s, which is in the store", g.total.kills, r.Path, v.slug)
			}
		}
	}
	return missing
}

// collection tells which plugins are built.
func (g *generation) collection() map[string]bool {
	g.Helper()
	answer, err := g.get(g.Context(), "/plugin_info.json")
	if err != nil {
		g.Fatal(err)
	}
	var updates map[string]struct{ Slug string }
	if err := json.Unmarshal(answer.body, &updates); err != nil || answer.status != http.StatusOK {
		g.Fatalf("plugin_info.json: status %d, %v", answer.status, err)
	}
	built := map[string]bool{}
	for slug := range updates {
		built[slug] = true
	}
	return built
}

var (
	archiveFetched = regexp.MustCompile(`msg="github request" .*path=/codeload/acme/([a-z-]+)/`)
	packageBuilt   = regexp.MustCompile(`msg="package built" plugin=([a-z-]+) .*version=(\S+)`)
)

// count tells what the kill hit: a build is between its archive and its end.
func (g *generation) count(s *subject) {
	log := s.log.String()
	building := map[string]int{}
	for _, m := range archiveFetched.FindAllStringSubmatch(log, -1) {
		building[m[1]]++
	}
	for _, m := range packageBuilt.FindAllStringSubmatch(log, -1) {
		building[m[1]]--
		g.total.seen++
	}
	if slices.Max(append(slices.Collect(maps.Values(building)), 0)) > 0 {
		g.total.during++
	}
	if !slices.ContainsFunc(g.victims, func(v *victim) bool { return v.seen != "" }) {
		g.total.before++
	}
}
