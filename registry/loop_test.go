package registry

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"
)

// site is a WordPress site with one plugin, as far as updates go: it compares
// what it is told with the header of what it has, by version_compare, and
// installs what it is offered.
type site struct {
	*bench
	query     Query
	installed string // the Version header of the plugin's main file
}

// The header as get_file_data and _cleanup_header_comment read it.
var (
	versionLine = regexp.MustCompile(`(?mi)^(?:[ \t]*<\?php)?[ \t/*#@]*Version:(.*)$`)
	commentEnd  = regexp.MustCompile(`\s*(?:\*/|\?>).*`)
)

func headerVersion(text string) string {
	text = strings.ReplaceAll(text[:min(len(text), 8192)], "\r", "\n")
	if match := versionLine.FindStringSubmatch(text); match != nil {
		return strings.Trim(commentEnd.ReplaceAllString(match[1], ""), " \t\n\r\x00\x0b")
	}
	return ""
}

// offered is the version and the package that the site is offered; "" if none
// is newer than what it has. Details, collection and links have to agree.
func (s *site) offered(t *testing.T) string {
	t.Helper()
	document, err := s.Information(t.Context(), "hello-yard", s.query)
	if err != nil {
		return ""
	}
	var info struct {
		Version      string
		DownloadLink string `json:"download_link"`
		Update       struct {
			Version, Package string
			NewVersion       string `json:"new_version"`
		} `json:"hello-yard"`
	}
	if err := json.Unmarshal(document.Identity, &info); err != nil {
		t.Fatal(err)
	}
	u := info.Update
	if u.Version != u.NewVersion || u.Version != info.Version || u.Package != info.DownloadLink {
		t.Errorf("the document disagrees with itself: %+v", info)
	}
	collection, err := s.Collection(t.Context(), Selection{Slugs: []Slug{"hello-yard"}}, s.query)
	if err != nil {
		t.Fatal(err)
	}
	var updates map[string]struct{ Version string }
	if err := json.Unmarshal(collection.Identity, &updates); err != nil {
		t.Fatal(err)
	}
	if got := updates["hello-yard"].Version; got != u.Version {
		t.Errorf("the collection offers %q, the document %q", got, u.Version)
	}
	if CompareVersions(u.Version, s.installed) <= 0 {
		return ""
	}
	return u.Version
}

// update installs what is offered, and reports whether anything was.
func (s *site) update(t *testing.T) bool {
	t.Helper()
	version := s.offered(t)
	if version == "" {
		return false
	}
	pkg, err := s.Package(t.Context(), "hello-yard", s.query)
	if err != nil {
		t.Fatal(err)
	}
	main := "hello-yard/hello-yard.php"
	if pkg.Type == TypeTheme {
		main = "hello-yard/style.css"
	}
	got := headerVersion(s.unzip(t, pkg)[main])
	if got != version && CompareVersions(got, version) != 0 {
		t.Errorf("%q was offered, and what was installed says %q", version, got)
	}
	s.installed = got
	return true
}

// rest updates until nothing is offered, and is how many updates that took.
func (s *site) rest(t *testing.T) int {
	t.Helper()
	for n := range 5 {
		if !s.update(t) {
			return n
		}
	}
	t.Error("five updates, and still one is offered")
	return 5
}

// Whatever tag, stable tag and header say, a site is at rest after one update.
func TestNoUpdateLoop(t *testing.T) {
	tags := []string{"v1.2.0", "1.1.0", "hello/1.3.0", "release-7", "v1.2.0-beta1"}
	stables := []string{"1.2.0", "1.1.0", "v1.3.0", "trunk", ""}
	headers := []string{"1.2.0", "1.1.0", "1.3.0", "v1.2.0", "", "1.2.0-beta1", "1.2", "dev", "1.2.0.", "1.2.0 RC 1", "<b>1.2.0</b>", "1.2.0 */ x"}
	refused := map[string]int{}
	for _, header := range headers {
		for _, tag := range tags {
			for _, stable := range stables {
				b := newQuietBench(t)
				files := helloYard("1.2.0")
				line := " * Version: 1.2.0\n"
				files["hello-yard.php"] = strings.Replace(files["hello-yard.php"], line, strings.Replace(line, "1.2.0", header, 1), 1)
				if header == "" {
					files["hello-yard.php"] = strings.Replace(files["hello-yard.php"], " * Version: \n", "", 1)
				}
				files["readme.txt"] = strings.Replace(files["readme.txt"], "Stable tag: 1.2.0\n", "Stable tag: "+stable+"\n", 1)
				b.forge.publish(tag, files)
				for _, installed := range []string{"0.9.0", "", "1.2.0", "v0.9"} {
					s := &site{bench: b, installed: installed}
					if n := s.rest(t); n > 1 {
						t.Errorf("tag %q, stable tag %q, header %q: %d updates from %q", tag, stable, header, n, installed)
					}
				}
				if _, err := b.Information(t.Context(), "hello-yard", Query{}); err != nil {
					refused[header]++
				}
				b.Close()
			}
		}
	}
	// Markup that WordPress would compare, and where nothing names a version.
	if want := map[string]int{"<b>1.2.0</b>": len(tags) * len(stables), "": 2}; !maps.Equal(refused, want) {
		t.Errorf("refused are %v, want %v", refused, want)
	}
}

func TestNoUpdateLoopOfThemes(t *testing.T) {
	for _, header := range []string{"1.2.0", "1.1.0", "v1.3.0", "", "1.2.0-beta1", "dev"} {
		for _, tag := range []string{"v1.2.0", "1.1.0", "v1.3.0"} {
			b := newQuietBench(t)
			files := gardenPath(header)
			if header == "" {
				files["style.css"] = strings.Replace(files["style.css"], "Version: \n", "", 1)
			}
			b.forge.publish(tag, files)
			for _, installed := range []string{"0.9.0", "", "1.2.0"} {
				s := &site{bench: b, installed: installed}
				if n := s.rest(t); n > 1 {
					t.Errorf("tag %q, header %q: %d updates from %q", tag, header, n, installed)
				}
			}
			if _, err := b.Information(t.Context(), "hello-yard", Query{}); err != nil {
				t.Errorf("tag %q, header %q: %v", tag, header, err)
			}
			b.Close()
		}
	}
}

// newQuietBench is a bench of which nothing is logged.
func newQuietBench(t testing.TB, policy ...Policy) *bench {
	plugin := Plugin{Repo: Repo{"acme", "hello-yard"}}
	for _, p := range policy {
		plugin.Policy = p
	}
	return newBench(quiet{t}, plugin)
}

type quiet struct{ testing.TB }

func (quiet) Log(...any) {}

// Through a plugin's life, with policies that come and go: what a site is
// offered is newer than what it has, and it is at rest after one update.
// Nobody is told to go back, nor loses a release that they have.
func TestNoUpdateLoopAcrossPolicies(t *testing.T) {
	beta := Query{Channel: ChannelBeta}
	sites := map[string]*site{}
	b := newQuietBench(t)
	for i := range 20 {
		sites[fmt.Sprintf("c%d", i)] = &site{query: Query{Site: fmt.Sprintf("c%d", i), Environment: "production"}, installed: "1.0.0"}
	}
	sites["unknown"] = &site{installed: "1.0.0"}
	sites["beta"] = &site{query: beta, installed: "1.0.0"}
	publish := func(tag, version string, prerelease bool) func() {
		return func() {
			b.forge.publish(tag, helloYard(version))
			b.forge.set(func() { b.forge.releases[0].Prerelease = prerelease })
		}
	}
	part := func(n int) Rollout { return percent(n) }
	nothing := func() {}
	steps := []struct {
		name   string
		event  func()
		policy Policy
		want   map[string]string // the version that a site has afterwards
		atMost map[string]int    // how many sites have a version
	}{
		{"a release", publish("v1.1.0", "1.1.0", false), Policy{}, map[string]string{"c0": "1.1.0", "unknown": "1.1.0", "beta": "1.1.0"}, nil},
		{"a prerelease", publish("v1.3.0-beta1", "1.3.0-beta1", true), Policy{}, map[string]string{"c0": "1.1.0", "unknown": "1.1.0", "beta": "1.3.0-beta1"}, nil},
		{"a rollout begins", publish("v1.2.0", "1.2.0", false), Policy{Rollout: part(30)}, map[string]string{"unknown": "1.1.0", "beta": "1.3.0-beta1"}, map[string]int{"1.2.0": 12}},
		{"it grows", nothing, Policy{Rollout: part(60)}, map[string]string{"unknown": "1.1.0"}, map[string]int{"1.2.0": 18}},
		{"it shrinks", nothing, Policy{Rollout: part(10)}, map[string]string{"unknown": "1.1.0"}, map[string]int{"1.2.0": 18}},
		{"it is halted", nothing, Policy{Rollout: Rollout{Halt: true, Steps: part(60).Steps}}, map[string]string{"unknown": "1.1.0"}, map[string]int{"1.2.0": 18}},
		{"it is taken back", nothing, Policy{Yanked: []string{"1.2.0"}}, map[string]string{"unknown": "1.1.0"}, map[string]int{"1.2.0": 18}},
		{"a fix whose tag lies", publish("v1.2.1", "1.2.2", false), Policy{Yanked: []string{"1.2.0"}}, map[string]string{"c0": "1.2.2", "unknown": "1.2.2", "beta": "1.3.0-beta1"}, nil},
		{"the fix is taken back by what it was built as", nothing, Policy{Yanked: []string{"1.2.2"}}, map[string]string{"c0": "1.2.2"}, nil},
		{"a release whose header is older than its tag", publish("v1.4.0", "1.2.1", false), Policy{}, map[string]string{"c0": "1.2.2", "unknown": "1.2.2"}, nil},
		{"min_version above all", nothing, Policy{MinVersion: "9"}, map[string]string{"c0": "1.2.2", "beta": "1.3.0-beta1"}, nil},
		{"a release that was built as what is yanked", publish("v1.5.0", "1.4.9", false), Policy{Yanked: []string{"1.4.9"}}, map[string]string{"c0": "1.2.2"}, nil},
		{"the prerelease's release", publish("v1.6.0", "1.6.0", false), Policy{}, map[string]string{"c0": "1.6.0", "unknown": "1.6.0", "beta": "1.6.0"}, nil},
	}
	for _, step := range steps {
		step.event()
		b.clock.advance(time.Hour)
		b.open(quiet{t}, Plugin{Repo: Repo{"acme", "hello-yard"}, Policy: step.policy})
		if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		have := map[string]int{}
		for name, s := range sites {
			s.bench = b
			before := s.installed
			if n := s.rest(t); n > 1 {
				t.Errorf("%s: %s took %d updates", step.name, name, n)
			}
			if CompareVersions(s.installed, before) < 0 {
				t.Errorf("%s: %s went from %s back to %s", step.name, name, before, s.installed)
			}
			if want := step.want[name]; want != "" && s.installed != want {
				t.Errorf("%s: %s has %s, want %s", step.name, name, s.installed, want)
			}
			have[s.installed]++
		}
		for version, most := range step.atMost {
			if have[version] == 0 || have[version] > most {
				t.Errorf("%s: %d sites have %s, want 1 to %d", step.name, have[version], version, most)
			}
		}
	}
}
