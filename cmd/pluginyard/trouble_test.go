package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

// trouble is something that goes wrong at GitHub or in a repository, and what
// becomes of it in two states: cold, where nothing was ever built, and warm,
// where version 1.0.0 is served.
type trouble struct {
	name string
	// make brings it about. The repository has version 1.0.0 then; in the
	// warm state that is served.
	make func(w *world, repo *githubtest.Repository)
	// cold is the first answer: status and code of an error, or "200" and the
	// version where the registry copes.
	cold string
	// says is what the answer's message, the plugin's page and the log say;
	// where the registry copes, what the page tells the author, if anything.
	says string
	// logs is what the log says beyond that: the cause, for the operator.
	logs string
	// retry is Retry-After of the cold answer, in seconds.
	retry string
	// warm is the later answer; default "200" and 1.0.0, the last good
	// version, or, where the registry copes, the same as cold.
	warm string
	// warmSays is says in the warm state, if it is another.
	warmSays string
	// gone is set where nothing can become good again.
	gone bool
	// check looks further at what is served.
	check func(w *world)
}

// copes reports whether an outcome is an answer of 200.
func copes(outcome string) bool { return strings.HasPrefix(outcome, "200") }

// rows gathers a table from subtests that run side by side.
type rows struct {
	mu   sync.Mutex
	list []string
}

func (r *rows) add(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, fmt.Sprintf(format, args...))
}

func (r *rows) String() string {
	slices.Sort(r.list)
	return strings.Join(r.list, "\n")
}

// runTroubles runs each trouble in both states and shows the table of them.
func runTroubles(t *testing.T, list []trouble) {
	table := &rows{}
	t.Run("each", func(t *testing.T) {
		for i, tc := range list {
			t.Run(tc.name+", cold", func(t *testing.T) {
				t.Parallel()
				table.add("%02d %-46.46s cold  %s", i, tc.name, tc.runCold(t))
			})
			t.Run(tc.name+", warm", func(t *testing.T) {
				t.Parallel()
				table.add("%02d %-46.46s warm  %s", i, tc.name, tc.runWarm(t))
			})
		}
	})
	t.Logf("\n%s", table)
}

func (tc *trouble) world(t *testing.T) (*world, *githubtest.Repository) {
	w := newWorld(t, registry.Plugin{Repo: helloYard})
	repo := w.repo(helloYard)
	release(repo, 0, "1.0.0", sample("hello-yard", "1.0.0", 3))
	return w, repo
}

// runCold looks at the first answer that anybody gets.
func (tc *trouble) runCold(t *testing.T) string {
	w, repo := tc.world(t)
	tc.make(w, repo)
	w.start()
	answer := w.must("/hello-yard.json")
	if copes(tc.cold) {
		return tc.runCoped(w, tc.cold, tc.says)
	}
	var problem struct {
		Code    string
		Message string
		Data    struct{ Status int }
	}
	if err := json.Unmarshal(answer.body, &problem); err != nil {
		t.Fatalf("status %d: %.300s: %v", answer.status, answer.body, err)
	}
	if got := fmt.Sprintf("%d %s", answer.status, problem.Code); got != tc.cold || problem.Data.Status != answer.status {
		t.Errorf("answered %s, want %s: %s", got, tc.cold, problem.Message)
	}
	if got := answer.header.Get("Retry-After"); got != tc.retry {
		t.Errorf("Retry-After is %q, want %q", got, tc.retry)
	}
	tc.wantSays(w, "the answer", problem.Message, tc.says)
	tc.wantSays(w, "the page", w.pageText("/hello-yard/"), tc.says)
	tc.wantLog(w, tc.says)
	for _, path := range []string{"/hello-yard.zip", "/release/hello-yard.proxy"} {
		if again := w.must(path); again.status != answer.status {
			t.Errorf("%s is answered %d, the document %d", path, again.status, answer.status)
		}
	}
	if others := w.must("/plugin_info.json"); others.status != http.StatusOK {
		t.Errorf("the collection is answered %d", others.status)
	}
	if answer.header.Get("Retry-After") != "" {
		return fmt.Sprintf("%s, Retry-After %s: %s", tc.cold, tc.retry, problem.Message)
	}
	return tc.cold + ": " + problem.Message
}

// checkOver is the log's line at the end of a check, good or not.
const checkOver = `msg="(plugin checked|check failed, the last good package stays up)" plugin=hello-yard`

// runWarm looks at what is served after a later check.
func (tc *trouble) runWarm(t *testing.T) string {
	w, repo := tc.world(t)
	w.start()
	w.mustWhole("hello-yard", "1.0.0")
	mark := w.log.mark()
	tc.make(w, repo)
	w.clock.advance(registry.SurveyEvery + time.Hour)
	// The check goes on behind this answer, and may withhold the plugin before
	// a whole visit is over.
	if doc, err := w.document(t.Context(), "hello-yard"); err != nil || doc.Version != "1.0.0" {
		t.Errorf("the stale document is not served at once: %v, %v", doc, err)
	}
	over := w.log.await(t, mark, checkOver)[1]
	warm := cmp.Or(tc.warm, tc.cold)
	if tc.warm == "" && !copes(tc.cold) {
		warm = "200 1.0.0"
	}
	if copes(tc.cold) || !copes(warm) {
		if over != "plugin checked" {
			t.Errorf("%s, want it to be coped with", over)
		}
		if !copes(warm) {
			answer := w.must("/hello-yard.json")
			if got := fmt.Sprint(answer.status); !strings.HasPrefix(warm, got) {
				t.Errorf("answered %s, want %s", got, warm)
			}
			says := cmp.Or(tc.warmSays, tc.says)
			tc.wantSays(w, "the answer", string(answer.body), says)
			tc.wantLog(w, says)
			return warm
		}
		return tc.runCoped(w, warm, cmp.Or(tc.warmSays, tc.says))
	}
	if over == "plugin checked" {
		t.Error("the check found nothing wrong")
	}
	_, version, _ := strings.Cut(warm, " ")
	w.mustWhole("hello-yard", version)
	says := cmp.Or(tc.warmSays, tc.says)
	text := w.pageText("/hello-yard/")
	tc.wantSays(w, "the page", text, says)
	tc.wantSays(w, "the page", text, "This may be out of date")
	tc.wantLog(w, says)
	if !tc.gone {
		w.recover(repo)
	}
	return warm + "; page: " + excerpt(text, says)
}

// recover lets GitHub answer well again, and wants the next release to be
// served and the trouble to be forgotten.
func (w *world) recover(repo *githubtest.Repository) {
	w.Helper()
	w.hub.SetFault(nil)
	w.hanging.Store(nil)
	w.hub.Limit(githubtest.DefaultLimit, w.clock.now())
	release(repo, 2, "1.2.0", sample("hello-yard", "1.2.0", 3))
	mark := w.log.mark()
	w.clock.advance(registry.DefaultEvery + time.Hour)
	w.must("/hello-yard.json")
	if over := w.log.await(w, mark, checkOver)[1]; over != "plugin checked" {
		w.Errorf("after GitHub is well again: %s", over)
	}
	w.mustWhole("hello-yard", "1.2.0")
	// The plugin's own page was rendered a moment ago and may be kept.
	if text := w.pageText("/"); !strings.Contains(text, "1.2.0") || strings.Contains(text, "GitHub") {
		w.Errorf("the catalogue still tells of trouble: %s", text)
	}
}

// runCoped wants a version to be served, and the author to be told.
func (tc *trouble) runCoped(w *world, outcome, says string) string {
	w.Helper()
	_, version, _ := strings.Cut(outcome, " ")
	w.mustWhole("hello-yard", version)
	if tc.check != nil {
		tc.check(w)
	}
	if says == "" {
		return outcome
	}
	text := w.pageText("/hello-yard/")
	tc.wantSays(w, "the page", text, says)
	tc.wantLog(w, says)
	return outcome + "; page: " + excerpt(text, says)
}

// said is a pattern for texts of which a page makes sentences.
func said(pattern string) *regexp.Regexp { return regexp.MustCompile("(?i)" + pattern) }

// excerpt is a little of a text from where it says something.
func excerpt(text, pattern string) string {
	at := said(pattern).FindStringIndex(text)
	if at == nil {
		return ""
	}
	return fmt.Sprintf("%.120s", text[at[0]:])
}

func (tc *trouble) wantSays(w *world, where, text, want string) {
	w.Helper()
	if !said(want).MatchString(text) {
		w.Errorf("%s does not say %q but: %s", where, want, text)
	}
}

// wantLog wants a line at level WARN or ERROR. The log escapes quotes.
func (tc *trouble) wantLog(w *world, says string) {
	w.Helper()
	var loud []string
	for line := range strings.Lines(w.log.String()) {
		if strings.Contains(line, "level=WARN") || strings.Contains(line, "level=ERROR") {
			loud = append(loud, strings.ReplaceAll(line, `\"`, `"`))
		}
	}
	text := strings.Join(loud, "")
	for _, want := range []string{cmp.Or(tc.logs, says), "plugin=hello-yard"} {
		if !said(want).MatchString(text) {
			w.Errorf("the log has no warning or error that says %q:\n%s", want, text)
		}
	}
}

var markup = regexp.MustCompile(`<[^>]*>`)

// pageText is the text of a page for people.
func (w *world) pageText(path string) string {
	w.Helper()
	answer := w.must(path, "Accept: text/html")
	if kind := answer.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
		w.Fatalf("%s is answered with %s", path, kind)
	}
	if strings.Contains(strings.ToLower(string(answer.body)), "<script") {
		w.Errorf("%s holds a script", path)
	}
	return strings.Join(strings.Fields(html.UnescapeString(markup.ReplaceAllString(string(answer.body), " "))), " ")
}
