package registry

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// released is a record of releases, newest first: "2.0.0-beta?" is a
// prerelease, "1.3.0=1.2.9" was built as another version than its tag says.
func released(tags ...string) *record {
	rec := &record{Repository: &Repository{DefaultBranch: "main"}, Versions: map[int64]string{}}
	for i, tag := range tags {
		tag, built, _ := strings.Cut(tag, "=")
		tag, prerelease := strings.CutSuffix(tag, "?")
		id := int64(100 + len(tags) - i)
		rec.Releases = append(rec.Releases, Release{ID: id, Tag: tag, Prerelease: prerelease, Published: testDay.AddDate(0, 0, -i)})
		if built != "" {
			rec.Versions[id] = built
		}
	}
	for i := range rec.Releases {
		if !rec.Releases[i].Prerelease {
			rec.Latest = &rec.Releases[i]
			break
		}
	}
	return rec
}

var testDay = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// What requests get under a policy. "release" is the release channel, whose
// release stands behind the @.
func TestResolveByPolicy(t *testing.T) {
	tests := []struct {
		name   string
		plugin Plugin
		rec    *record
		query  Query
		want   string // "" is not found
	}{
		{"a yanked release is passed over", Plugin{Policy: Policy{Yanked: []string{"1.3.0"}}}, released("v1.3.0", "v1.2.0", "v1.1.0"), Query{}, "release@v1.2.0"},
		{"the highest is taken, not the newest", Plugin{Policy: Policy{Yanked: []string{"1.3.0"}}}, released("v1.3.0", "v1.1.9", "v1.2.0"), Query{}, "release@v1.2.0"},
		{"1.10 is higher than 1.9", Plugin{Policy: Policy{Yanked: []string{"2.0"}}}, released("2.0", "1.9", "1.10"), Query{}, "release@1.10"},
		{"a prerelease takes no release's place", Plugin{Policy: Policy{Yanked: []string{"1.3.0"}}}, released("v2.0.0-beta?", "v1.3.0", "v1.2.0"), Query{}, "release@v1.2.0"},
		{"an older one that is yanked changes nothing", Plugin{Policy: Policy{Yanked: []string{"1.2.0"}}}, released("v1.3.0", "v1.2.0"), Query{}, "release@v1.3.0"},
		{"what the forge calls latest stays, though another is higher", Plugin{Policy: Policy{Yanked: []string{"1.2.0"}}}, released("v1.3.0", "v9.0.0"), Query{}, "release@v1.3.0"},
		{"a yanked release is named by its tag", Plugin{Policy: Policy{Yanked: []string{"release-7"}}}, released("release-7", "v1.2.0"), Query{}, "release@v1.2.0"},
		{"a yanked release is named by a v", Plugin{Policy: Policy{Yanked: []string{"v1.3.0"}}}, released("1.3.0", "v1.2.0"), Query{}, "release@v1.2.0"},
		{"a yanked release is named by its header", Plugin{Policy: Policy{Yanked: []string{"1.2.9"}}}, released("v1.3.0=1.2.9", "v1.2.0"), Query{}, "release@v1.2.0"},
		{"a yanked release is named by its tag whatever its header says", Plugin{Policy: Policy{Yanked: []string{"1.3.0"}}}, released("v1.3.0=1.2.9", "v1.2.0"), Query{}, "release@v1.2.0"},
		{"all yanked is nothing", Plugin{Policy: Policy{Yanked: []string{"1.3.0", "1.2.0"}}}, released("v1.3.0", "v1.2.0"), Query{}, ""},
		{"all yanked is no branch either", Plugin{Policy: Policy{Yanked: []string{"1.3.0"}}}, released("v1.3.0"), Query{Environment: "production"}, ""},
		{"a yanked release by its tag", Plugin{Policy: Policy{Yanked: []string{"1.3.0"}}}, released("v1.3.0", "v1.2.0"), Query{UpdateID: "v1.3.0"}, "release/v1.3.0"},
		{"a yanked release by its version", Plugin{Policy: Policy{Yanked: []string{"1.3.0"}}}, released("v1.3.0", "v1.2.0"), Query{UpdateID: "1.3.0"}, "release/v1.3.0"},
		{"a release by what it was built as", Plugin{}, released("v1.3.0", "v1.2.1=1.2.0"), Query{UpdateID: "1.2.0"}, "release/v1.2.1"},
		{"min_version takes what is lower", Plugin{Policy: Policy{MinVersion: "1.3.0"}}, released("v1.2.0", "v1.3.0"), Query{}, "release@v1.3.0"},
		{"min_version keeps what is equal", Plugin{Policy: Policy{MinVersion: "1.2.0"}}, released("v1.2.0"), Query{}, "release@v1.2.0"},
		{"min_version above all is nothing", Plugin{Policy: Policy{MinVersion: "2"}}, released("v1.2.0"), Query{}, ""},
		{"min_version goes by the header", Plugin{Policy: Policy{MinVersion: "1.2.0"}}, released("v1.3.0=1.1.0", "v1.2.0"), Query{}, "release@v1.2.0"},
		{"min_version lets pass what nobody knows yet", Plugin{Policy: Policy{MinVersion: "1.2.0"}}, released("release-7", "v1.2.0"), Query{}, "release@release-7"},
		{"a pin that is taken back by its header is nothing", Plugin{Ref: "v1.2.0", Policy: Policy{Yanked: []string{"1.1.5"}}}, released("v1.3.0", "v1.2.0=1.1.5"), Query{}, ""},
		{"a monorepo's other plugins are passed over", Plugin{TagPrefix: "yard/", Policy: Policy{Yanked: []string{"2.0.0"}}}, released("yard/2.0.0", "other/3.0.0", "yard/1.0.0"), Query{}, "release@yard/1.0.0"},

		{"beta is the highest prerelease", Plugin{}, released("v2.0.0-beta1?", "v2.0.0-beta2?", "v1.3.0"), Query{Channel: "beta"}, "release/v2.0.0-beta2"},
		{"beta is the release where that is higher", Plugin{}, released("v2.0.0", "v2.0.0-beta2?"), Query{Channel: "beta"}, "release@v2.0.0"},
		{"beta is a release that the forge does not call latest", Plugin{}, released("v1.3.0", "v2.0.0"), Query{Channel: "beta"}, "release/v2.0.0"},
		{"a yanked prerelease is passed over", Plugin{Policy: Policy{Yanked: []string{"2.0.0-beta2"}}}, released("v2.0.0-beta2?", "v2.0.0-beta1?", "v1.3.0"), Query{Channel: "beta"}, "release/v2.0.0-beta1"},
		{"beta where there are prereleases alone", Plugin{}, released("v2.0.0-beta1?"), Query{Channel: "beta"}, "release/v2.0.0-beta1"},
		{"beta where the releases are taken back", Plugin{Policy: Policy{Yanked: []string{"1.3.0"}}}, released("v2.0.0-beta1?", "v1.3.0"), Query{Channel: "beta"}, "release/v2.0.0-beta1"},
		{"beta of a pinned plugin is the pin", Plugin{Ref: "v1.2.0"}, released("v2.0.0-beta1?", "v1.3.0", "v1.2.0"), Query{Channel: "beta"}, "release@v1.2.0"},
		{"beta where there is nothing", Plugin{}, released(), Query{Channel: "beta"}, ""},
		{"beta of a plugin of branches is the branch", Plugin{Source: SourceBranch}, released(), Query{Channel: "beta"}, "branch"},
		{"an update_id wins over the channel", Plugin{}, released("v2.0.0-beta1?", "v1.3.0", "v1.2.0"), Query{Channel: "beta", UpdateID: "v1.2.0"}, "release/v1.2.0"},
		{"a path wins over the channel", Plugin{}, released("v2.0.0-beta1?", "v1.3.0"), Query{Channel: "beta", Kind: KindBranch}, "branch"},
		{"a path and the channel agree", Plugin{}, released("v2.0.0-beta1?", "v1.3.0"), Query{Channel: "beta", Kind: KindRelease}, "release/v2.0.0-beta1"},
		{"the channel wins over the environment", Plugin{}, released("v1.3.0"), Query{Channel: "stable", Environment: "staging"}, "release@v1.3.0"},

		{"an environment is offered beta", Plugin{Policy: Policy{Environments: map[string]string{"staging": "beta"}}}, released("v2.0.0-beta1?", "v1.3.0"), Query{Environment: "staging"}, "release/v2.0.0-beta1"},
		{"another environment is not", Plugin{Policy: Policy{Environments: map[string]string{"staging": "beta"}}}, released("v2.0.0-beta1?", "v1.3.0"), Query{Environment: "development"}, "branch"},
		{"production may be offered beta", Plugin{Policy: Policy{Environments: map[string]string{"production": "beta"}}}, released("v2.0.0-beta1?", "v1.3.0"), Query{Environment: "production"}, "release/v2.0.0-beta1"},
		{"and with it every word that is no environment", Plugin{Policy: Policy{Environments: map[string]string{"production": "beta"}}}, released("v2.0.0-beta1?", "v1.3.0"), Query{Environment: "preview"}, "release/v2.0.0-beta1"},
		{"an environment is offered the release", Plugin{Policy: Policy{Environments: map[string]string{"local": "stable"}}}, released("v1.3.0"), Query{Environment: "local"}, "release@v1.3.0"},
		{"an environment is offered the branch", Plugin{Policy: Policy{Environments: map[string]string{"production": "branch"}}}, released("v1.3.0"), Query{Environment: "production"}, "branch"},
		{"an environment is offered a branch by its name", Plugin{Branches: []string{"develop"}, Policy: Policy{Environments: map[string]string{"local": "branch:develop"}}}, released("v1.3.0"), Query{Environment: "local"}, "branch/develop"},
		{"what the request says wins over its environment", Plugin{Policy: Policy{Environments: map[string]string{"staging": "beta"}}}, released("v2.0.0-beta1?", "v1.3.0"), Query{Environment: "staging", Channel: "stable"}, "release@v1.3.0"},
		{"a path wins over the environment", Plugin{Policy: Policy{Environments: map[string]string{"staging": "beta"}}}, released("v2.0.0-beta1?", "v1.3.0"), Query{Environment: "staging", Kind: KindRelease}, "release@v1.3.0"},

		{"a rollout leaves out whom nobody knows", Plugin{Policy: Policy{Rollout: percent(99)}}, released("v1.3.0", "v1.2.0"), Query{}, "release/v1.2.0"},
		{"a rollout to all is for those too", Plugin{Policy: Policy{Rollout: percent(100)}}, released("v1.3.0", "v1.2.0"), Query{}, "release@v1.3.0"},
		{"a rollout without a release before is for all", Plugin{Policy: Policy{Rollout: percent(0)}}, released("v1.3.0", "v1.4.0-beta?"), Query{}, "release@v1.3.0"},
		{"a rollout falls back to what may be offered", Plugin{Policy: Policy{Yanked: []string{"1.2.0"}, Rollout: percent(0)}}, released("v1.3.0", "v1.2.0", "v1.1.0"), Query{}, "release/v1.1.0"},
		{"a halted rollout", Plugin{Policy: Policy{Rollout: Rollout{Halt: true}}}, released("v1.3.0", "v1.2.0"), Query{Site: "c1"}, "release/v1.2.0"},
		{"a rollout is not for beta", Plugin{Policy: Policy{Rollout: percent(0)}}, released("v1.3.0", "v1.2.0"), Query{Channel: "beta"}, "release@v1.3.0"},
		{"a rollout is not for those who name a release", Plugin{Policy: Policy{Rollout: percent(0)}}, released("v1.3.0", "v1.2.0"), Query{UpdateID: "v1.3.0"}, "release@v1.3.0"},
		{"a rollout is not for a pin", Plugin{Ref: "v1.3.0", Policy: Policy{Rollout: percent(0)}}, released("v1.3.0", "v1.2.0"), Query{}, "release@v1.3.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.plugin.Repo = Repo{"acme", "hello-yard"}
			plugin, err := tt.plugin.Normalize()
			if err != nil {
				t.Fatal(err)
			}
			channel, err := plugin.resolve(tt.rec, tt.query, testDay)
			if tt.want == "" {
				if !errors.Is(err, ErrNotFound) || err.Error() == "" {
					t.Errorf("resolve = %v, %v; want not found", channel, err)
				}
				return
			}
			got := channel.String()
			if stable := plugin.offer(tt.rec).stable; got == "release" && stable != nil {
				got += "@" + stable.Tag
			}
			if err != nil || got != tt.want {
				t.Errorf("resolve = %v, %v; want %s", got, err, tt.want)
			}
		})
	}
}

// resolve is the channel that a query means above all.
func (p *Plugin) resolve(rec *record, q Query, now time.Time) (Channel, error) {
	cs, err := p.candidates(rec, q, now)
	if err != nil {
		return Channel{}, err
	}
	c, _ := cs.next(0)
	return c.channel, nil
}

func percent(n int) Rollout { return Rollout{Steps: []RolloutStep{{Percent: n}}} }

func TestNothingLeftSaysWhy(t *testing.T) {
	for want, policy := range map[string]Policy{
		"plugin hello-yard: version 1.3.0 is taken back (yanked) by":                                 {Yanked: []string{"1.3.0"}},
		"plugin hello-yard: version 1.3.0 is below the lowest that is offered (min_version 2.0) by":  {MinVersion: "2.0"},
		"plugin hello-yard: version 1.3.0 is taken back (yanked) by its registry's configuration, a": {MinVersion: "2.0", Yanked: []string{"v1.3.0"}},
	} {
		plugin := Plugin{Slug: "hello-yard", Source: SourceEither, Policy: policy}
		_, err := plugin.resolve(released("v1.3.0"), Query{}, testDay)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("resolve: %v, want %q", err, want)
		}
	}
}

// taken are the sites of some thousands that a rollout takes.
func taken(rollout Rollout, slug Slug, tag string, at time.Duration) map[string]bool {
	sites := map[string]bool{}
	for i := range 10_000 {
		site := fmt.Sprintf("u%x", i)
		if takes(rollout.percent(testDay, testDay.Add(at)), slug, tag, site) {
			sites[site] = true
		}
	}
	return sites
}

func TestARolloutTakesItsShare(t *testing.T) {
	for _, part := range []int{0, 1, 5, 20, 50, 99, 100} {
		got, want := len(taken(percent(part), "hello-yard", "v1.3.0", 0)), 100*part
		// Three standard deviations of a binomial distribution are 150 at most.
		if got < want-150 || got > want+150 || part%100 == 0 && got != want {
			t.Errorf("%d %%: %d of 10,000 sites", part, got)
		}
	}
}

func TestARolloutOnlyGrows(t *testing.T) {
	before := map[string]bool{}
	for part := 0; part <= 100; part += 5 {
		now := taken(percent(part), "hello-yard", "v1.3.0", 0)
		for site := range before {
			if !now[site] {
				t.Fatalf("%s had the release and is taken out at %d %%", site, part)
			}
		}
		before = now
	}
}

func TestARolloutTakesOtherSitesFirstEachTime(t *testing.T) {
	first, second := taken(percent(20), "hello-yard", "v1.3.0", 0), taken(percent(20), "hello-yard", "v1.4.0", 0)
	other := taken(percent(20), "fence-post", "v1.3.0", 0)
	for _, next := range []map[string]bool{second, other} {
		both := 0
		for site := range next {
			if first[site] {
				both++
			}
		}
		if both < 250 || both > 550 { // a fifth of a fifth is 400
			t.Errorf("%d sites of 10,000 are first twice, want about 400", both)
		}
	}
}

func TestARolloutGoesByItsSteps(t *testing.T) {
	day := 24 * time.Hour
	rollout := Rollout{Steps: []RolloutStep{{After: 0, Percent: 10}, {After: 2 * day, Percent: 50}, {After: 5 * day, Percent: 100}}}
	late := Rollout{Steps: []RolloutStep{{After: day, Percent: 50}}}
	for _, tt := range []struct {
		name    string
		rollout Rollout
		at      time.Duration
		want    int
	}{
		{"before it is published", rollout, -time.Second, 0},
		{"at once", rollout, 0, 10},
		{"until the next step", rollout, 2*day - 1, 10},
		{"at the next step", rollout, 2 * day, 50},
		{"at the last one", rollout, 5 * day, 100},
		{"for ever after", rollout, 5000 * day, 100},
		{"before the first step", late, day - 1, 0},
		{"at the first step", late, day, 50},
		{"without steps", Rollout{}, 0, 100},
		{"halted", Rollout{Halt: true, Steps: rollout.Steps}, 9 * day, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.rollout.percent(testDay, testDay.Add(tt.at)); got != tt.want {
				t.Errorf("%d %%, want %d", got, tt.want)
			}
		})
	}
}

func TestAHaltedRolloutTakesNobody(t *testing.T) {
	rollout := percent(50)
	rollout.Halt = true
	if got := len(taken(rollout, "hello-yard", "v1.3.0", 0)); got != 0 {
		t.Errorf("%d sites", got)
	}
}

func TestPlacesStay(t *testing.T) {
	// Fixed: another hash would send half of a rollout's sites back.
	for site, want := range map[string]int{"c0": 5, "c999": 25, "u0123456789abcdef0123456789abcdef": 36} {
		if got := place("hello-yard", "v1.3.0", site); got != want {
			t.Errorf("%s has place %d, want %d", site, got, want)
		}
	}
	site := strings.Repeat("x", 1000)
	if a, b := place("hello-yard", "v1.3.0", site), place("hello-yard", "v1.3.0", site); a != b {
		t.Error("a long name has two places")
	}
}

func TestStandings(t *testing.T) {
	rec := released("v1.3.0", "v1.2.0", "v1.1.0", "v1.0.0")
	plugin := Plugin{Slug: "hello-yard", Source: SourceEither, Policy: Policy{Yanked: []string{"1.1.0"}, MinVersion: "1.1.0", Rollout: percent(20)}}
	for i, want := range []string{"for 20\u00a0% of sites", "", "taken back", "not offered any more"} {
		if got := plugin.standing(rec, &rec.Releases[i], testDay).String(); got != want {
			t.Errorf("%s: %q, want %q", rec.Releases[i].Tag, got, want)
		}
	}
	plugin.Policy.Rollout.Halt = true
	if got := plugin.standing(rec, &rec.Releases[0], testDay).String(); got != "halted" {
		t.Errorf("halted: %q", got)
	}
}
