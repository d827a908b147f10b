package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

// mishap is a row of the table in RELIABILITY.md: something that fails around
// the registry, and what sites see of it.
type mishap struct {
	part string // of the table
	name string
	// begin brings it about: before the registry starts, or while it serves
	// version 1.0.0 to a patrol.
	begin func(w *world, repo *githubtest.Repository)
	// mend ends it, beyond what [world.mend] does.
	mend func(w *world)
	// settled is the version that is served once checks have met the fault;
	// default 1.0.0.
	settled string
	// ahead is set where version 1.1.0 is released and served before.
	ahead bool
	// refuses is set where the right answer is to refuse the plugin.
	refuses bool
	// after says what happens instead of recovery, where there is none by itself.
	after string
	// restart is set where the fault is met by a program that starts anew.
	restart bool
	// live is set where begin needs a registry that is running.
	live bool
	// upgraded is set where 1.1.0 was built after 1.0.0, before it begins.
	upgraded bool
	// while has more happen before the checks that meet the fault.
	while func(w *world, p *patrol)
	// met is an error unless the fault took place.
	met func(w *world) error
	// lacks is a version whose package can't be had until the fault ends, and
	// lacking how many requests for it failed.
	lacks   string
	lacking int
	// machine prepares the world's store.
	machine func(w *world)
	// run replaces all of that.
	run func(t *testing.T) (cold, warm string, requests int)
}

// bystander is a plugin that nobody releases.
var bystander = registry.Repo{Owner: "acme", Name: "garden-gate"}

const reliability = "../../RELIABILITY.md"

// For each fault: while it lasts, a patrol of visitors goes on asking a
// registry that was built before; every answer has to be there and to be what
// was published. A registry that never built anything has to say what is wrong.
// Afterwards the next release has to be served. The table goes into
// RELIABILITY.md with -update.
func TestFaults(t *testing.T) {
	bucketCredentials(t)
	list := slices.Concat(networkFaults(), githubFaults(), repositoryFaults(), machineFaults())
	if raced {
		list = append(slices.Concat(networkFaults(), repositoryFaults())[:8], machineFaults()...)
	}
	table := make([]string, len(list))
	var mu sync.Mutex
	requests, failed := 0, 0
	t.Run("each", func(t *testing.T) {
		for i, f := range list {
			t.Run(f.part+": "+f.name, func(t *testing.T) {
				t.Parallel()
				proven := f.met != nil || f.run != nil
				if f.run == nil {
					f.run = f.inWorlds
				}
				cold, warm, n := f.run(t)
				if !proven && (f.part == "machine" || f.part == "network" && strings.HasPrefix(cold, "200")) {
					t.Error("nothing shows that it took place")
				}
				row := fmt.Sprintf("| %s | %s | %s | %s |\n", f.part, f.name, cold, warm)
				mu.Lock()
				defer mu.Unlock()
				table[i], requests, failed = row, requests+n, failed+f.lacking
			})
		}
	})
	if t.Failed() || raced {
		return
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d faults, %d requests while they lasted, %d failed, 0 wrong.\n\n", len(list), requests, failed)
	b.WriteString("| where | fault | nothing built yet: the answer | built: requests, failed, wrong | versions served meanwhile | recovery |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- |\n")
	for _, row := range table {
		b.WriteString(row)
	}
	t.Logf("\n%s", &b)
	golden(t, &b)
}

// golden holds the table against the one in RELIABILITY.md.
func golden(t *testing.T, table *bytes.Buffer) {
	const begin, end = "<!-- faults -->\n\n", "\n<!-- end of faults -->"
	data, err := os.ReadFile(reliability)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	old, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no table of faults", reliability)
	}
	if *update {
		rewrite(t, reliability, []byte(before+begin+table.String()+end+after))
		return
	}
	want := strings.Split(old, "\n")
	for i, line := range strings.Split(table.String(), "\n") {
		if i >= len(want) || line != want[i] {
			t.Errorf("%s differs (-update rewrites it):\ngot  %s\nwant %s", reliability, line, want[min(i, len(want)-1)])
		}
	}
}

// inWorlds runs a fault in a world where nothing was built, and in another.
func (f *mishap) inWorlds(t *testing.T) (cold, warm string, requests int) {
	warm, requests = f.runWarm(t)
	return f.runCold(t), warm, requests
}

func (f *mishap) world(t *testing.T) (*world, *githubtest.Repository) {
	w := newWorld(t, registry.Plugin{Repo: helloYard}, registry.Plugin{Repo: bystander}, registry.Plugin{Repo: shed})
	if f.machine != nil {
		f.machine(w)
	}
	repo := w.repo(helloYard)
	release(repo, 0, "1.0.0", sample("hello-yard", "1.0.0", patrolFiles))
	if f.ahead {
		w.newest = release(repo, 1, "1.1.0", sample("hello-yard", "1.1.0", patrolFiles))
	}
	release(w.repo(bystander), 0, "1.0.0", sample("garden-gate", "1.0.0", patrolFiles))
	release(w.repo(shed), 0, "1.0.0", sample("tool-shed", "1.0.0", patrolFiles))
	return w, repo
}

// runCold is what the first visitor of all is answered.
func (f *mishap) runCold(t *testing.T) string {
	w, repo := f.world(t)
	if f.restart {
		return "– (there is nothing to tear)"
	}
	if f.live {
		w.start()
		f.begin(w, repo)
	} else {
		f.begin(w, repo)
		w.start()
	}
	answer := w.must("/hello-yard.json")
	if w.crowd != nil {
		w.crowd()
	}
	f.wantMet(w)
	var got struct{ Version, Code, Message string }
	if err := json.Unmarshal(answer.body, &got); err != nil {
		t.Fatalf("status %d: %.300s: %v", answer.status, answer.body, err)
	}
	if got.Version != "" {
		if _, err := checkInstaller(w.must("/release/hello-yard.proxy").body, "hello-yard", got.Version); err != nil {
			t.Errorf("the first package: %v", err)
		}
		return fmt.Sprintf("%d, version %s", answer.status, got.Version)
	}
	after := ""
	if seconds := answer.header.Get("Retry-After"); seconds != "" {
		n, err := strconv.Atoi(seconds)
		if err != nil {
			t.Errorf("Retry-After is %q", seconds)
		}
		after = fmt.Sprintf(", again in %d s", n/30*30)
	}
	return fmt.Sprintf("%d `%s`%s: %s", answer.status, got.Code, after, cell(got.Message))
}

var moment = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ][\d:.]+Z?`)

// Which of the first three requests fails first is chance.
var firstAsked = regexp.MustCompile(`(repository|releases of|latest release of) acme`)

// Waits are drawn out by a few seconds at random.
var waiting = regexp.MustCompile(`\b(\d+h)?\d+m\d+s\b`)

// cell is a text as part of a table, without times and chance.
func cell(text string) string {
	text = firstAsked.ReplaceAllString(text, "repository acme")
	text = waiting.ReplaceAllStringFunc(text, func(s string) string {
		if d, err := time.ParseDuration(s); err == nil {
			return d.Truncate(30 * time.Second).String()
		}
		return s
	})
	return strings.ReplaceAll(moment.ReplaceAllString(text, "…"), "|", `\|`)
}

// runWarm has a patrol ask before, while and after the fault lasts.
func (f *mishap) runWarm(t *testing.T) (row string, requests int) {
	w, repo := f.world(t)
	w.start()
	p := newPatrol(w.visitor, "hello-yard", "garden-gate")
	first := "1.0.0"
	if f.ahead {
		first = "1.1.0"
	}
	p.allow("hello-yard", first)
	p.allow("garden-gate", "1.0.0")
	if f.upgraded {
		w.mustWhole("hello-yard", "1.0.0")
		release(repo, 1, "1.1.0", sample("hello-yard", "1.1.0", patrolFiles))
		if over := w.checkAgain(registry.SurveyEvery + time.Hour); over != "plugin checked" {
			t.Fatal(over)
		}
		first = "1.1.0"
		p.allow("hello-yard", first)
	}
	w.mustWhole("hello-yard", first)
	w.mustWhole("garden-gate", "1.0.0")
	p.round(t.Context())
	before := p.requests.Load()

	settled := cmp.Or(f.settled, "1.0.0")
	p.allow("hello-yard", first, settled)
	p.fresh()
	p.refuses, p.lacks = f.refuses, f.lacks
	f.begin(w, repo)
	if f.restart {
		w.start()
		p.allow("hello-yard", settled)
	}
	if f.while != nil {
		f.while(w, p)
	}
	mark := w.log.mark()
	w.clock.advance(registry.SurveyEvery + time.Hour)
	p.round(t.Context())
	w.log.await(t, mark, checkOver)
	p.allow("hello-yard", settled)
	p.round(t.Context())
	w.clock.advance(5 * 24 * time.Hour)
	p.round(t.Context())
	if w.crowd != nil {
		w.crowd()
	}
	p.revisit(t.Context())
	f.wantMet(w)
	requests = int(p.requests.Load() - before)
	during := "refused, 403"
	if !f.refuses {
		during = p.seen()
	} else if p.refused == 0 {
		t.Error("the plugin is not refused")
	}
	f.blame(t, p)
	counted := fmt.Sprint(requests)
	if f.lacks != "" {
		if p.lacking == 0 {
			t.Errorf("the package of %s is not lacking", f.lacks)
		}
		during += "; the package of " + f.lacks + ", 503"
	}
	f.lacking = p.lacking
	if f.refuses {
		counted, requests = "–", 0 // how soon it is refused is chance
	}
	return fmt.Sprintf("%s, %d, %d | %s | %s", counted, len(p.failed)+f.lacking, len(p.wrong), during, f.recovers(w, repo, p)), requests
}

// wantMet wants the fault to have taken place.
func (f *mishap) wantMet(w *world) {
	w.Helper()
	if f.met == nil {
		return
	}
	if err := f.met(w); err != nil {
		w.Errorf("the fault did not take place: %v", err)
	}
}

// What shows that a fault took place shows nothing where none did.
func TestFaultsThatDidNotTakePlace(t *testing.T) {
	bucketCredentials(t)
	for _, f := range slices.Concat(networkFaults(), githubFaults(), repositoryFaults(), machineFaults()) {
		if f.met == nil {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			w, _ := f.world(t)
			w.start()
			w.mustWhole("hello-yard", "1.0.0")
			w.checkAgain(registry.SurveyEvery + time.Hour)
			w.stop()
			w.start()
			w.mustWhole("hello-yard", "1.0.0")
			if f.met(w) == nil {
				t.Error("it is said to have taken place")
			}
		})
	}
}

// blame tells of every answer that was not right.
func (f *mishap) blame(t *testing.T, p *patrol) {
	t.Helper()
	for kind, list := range map[string][]string{"failed": p.failed, "wrong": p.wrong} {
		if len(list) > 0 {
			t.Errorf("%d of %d requests %s: %s", len(list), p.requests.Load(), kind, strings.Join(list[:min(5, len(list))], "\n"))
		}
	}
}

// recovers ends the fault and wants the next release to be served.
func (f *mishap) recovers(w *world, repo *githubtest.Repository, p *patrol) string {
	w.Helper()
	if f.after != "" {
		return f.after
	}
	mark := w.log.mark()                                                // a check under way may find the release already
	p.allow("hello-yard", cmp.Or(f.settled, "1.0.0"), "1.1.0", "1.2.0") // such a check may build what the fault kept from it
	w.mend()
	if f.mend != nil {
		f.mend(w)
	}
	release(repo, 2, "1.2.0", sample("hello-yard", "1.2.0", patrolFiles))
	w.clock.advance(registry.SurveyEvery + time.Hour)
	p.refuses = false
	if f.refuses {
		w.must("/hello-yard.json") // begins the check, and is refused once more
	}
	if !f.refuses {
		p.round(w.Context())
	}
	w.log.await(w, mark, `msg="package built" plugin=hello-yard .*version=1.2.0`)
	w.log.await(w, mark, `msg="plugin checked" plugin=hello-yard`)
	p.allow("hello-yard", "1.2.0")
	p.round(w.Context())
	p.revisit(w.Context())
	if tb, ok := w.TB.(*testing.T); ok {
		f.blame(tb, p)
	}
	return "1.2.0 at the next check"
}

// mend lets GitHub answer well again.
func (w *world) mend() {
	w.hub.SetFault(nil)
	w.hanging.Store(nil)
	w.wire.Store(nil)
	w.hub.Limit(githubtest.DefaultLimit, w.clock.now())
}
