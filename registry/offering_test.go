package registry

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry/signing"
)

const day = 24 * time.Hour

var unbuildable = map[string]string{"nothing.txt": "x"}

// offeredTo counts the sites of 300 by the version that they are offered, "" if
// nothing is. Collections have to agree with documents.
func (b *bench) offeredTo(t *testing.T, q Query) map[string]int {
	t.Helper()
	got := map[string]int{}
	for i := range 300 {
		q.Site = fmt.Sprint("c", i)
		s := &site{bench: b, query: q}
		got[s.offered(t)]++
	}
	return got
}

// released publishes a release as of now, and checks.
func (b *bench) released(t *testing.T, version string, files map[string]string) {
	t.Helper()
	b.forge.publish("v"+version, files)
	b.forge.set(func() {
		b.forge.releases[0].Published = b.clock.Now()
		b.forge.releases[0].Prerelease = strings.Contains(version, "beta")
	})
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil && !ofContent(err) {
		t.Fatal(err)
	}
}

func (b *bench) signed(t *testing.T, file *signing.File) {
	t.Helper()
	b.sign(t, file)
	b.clock.advance(lookEvery)
	b.checked(t)
}

func steps(steps ...RolloutStep) Policy { return Policy{Rollout: Rollout{Steps: steps}} }

func TestANewReleaseSpreadsNoHalfRolledOne(t *testing.T) {
	policy := steps(RolloutStep{Percent: 10}, RolloutStep{After: 2 * day, Percent: 100})
	b := newBench(t, helloPolicy(policy))
	b.released(t, "1.2.0", helloYard("1.2.0"))
	b.clock.advance(10 * day)
	b.released(t, "1.3.0", helloYard("1.3.0"))
	before := b.offeredTo(t, Query{})
	if before["1.3.0"] < 10 || before["1.3.0"] > 60 || before["1.2.0"] != 300-before["1.3.0"] {
		t.Fatalf("a tenth is offered 1.3.0: %v", before)
	}
	b.clock.advance(time.Hour)
	b.released(t, "1.3.1", helloYard("1.3.1"))
	b.forge.set(func() { b.forge.fail = ErrUnavailable })
	got := b.offeredTo(t, Query{})
	if got["1.3.1"] == 0 || got["1.2.0"] < 200 || got["1.3.0"] > before["1.3.0"] || got[""] > 0 {
		t.Errorf("an hour after 1.3.1: %v", got)
	}
	if got := b.offeredTo(t, Query{Channel: ChannelBeta}); got["1.3.1"] != 300 {
		t.Errorf("beta is not rolled out: %v", got)
	}
	policy.Rollout.Halt = true
	b.open(t, helloPolicy(policy))
	for _, channel := range []string{"", ChannelBeta} {
		if got := b.offeredTo(t, Query{Channel: channel}); got["1.2.0"] != 300 {
			t.Errorf("halted, channel %q: %v", channel, got)
		}
	}
	b.forge.set(func() { b.forge.fail = nil })
	policy.Rollout.Halt = false
	b.open(t, helloPolicy(policy))
	b.clock.advance(2 * day)
	b.checked(t)
	if got := b.offeredTo(t, Query{}); got["1.3.1"] != 300 {
		t.Errorf("after its last step: %v", got)
	}
	// What was for all stays so, whatever the next release's steps are.
	b.open(t, helloPolicy(steps(RolloutStep{Percent: 10})))
	b.released(t, "1.4.0", helloYard("1.4.0"))
	if got := b.offeredTo(t, Query{}); got["1.3.1"] < 240 || got["1.4.0"] == 0 || len(got) != 2 {
		t.Errorf("the next one: %v", got)
	}
}

func TestARolloutBeginsWhenTheReleaseIsOffered(t *testing.T) {
	policy := steps(RolloutStep{Percent: 10}, RolloutStep{After: 2 * day, Percent: 100})
	tenth := func(t *testing.T, b *bench) {
		t.Helper()
		if got := b.offeredTo(t, Query{}); got["1.3.0"] == 0 || got["1.3.0"] > 60 || got["1.2.0"] != 300-got["1.3.0"] {
			t.Errorf("a tenth is offered 1.3.0: %v", got)
		}
	}
	t.Run("a prerelease that becomes the release", func(t *testing.T) {
		b := newBench(t, helloPolicy(policy))
		b.released(t, "1.2.0", helloYard("1.2.0"))
		b.forge.publish("v1.3.0", helloYard("1.3.0"))
		b.forge.set(func() { b.forge.releases[0].Prerelease = true })
		b.document(t, Query{UpdateID: "v1.2.0"})
		b.checked(t)
		b.offers(t, map[Query]string{{Channel: ChannelBeta}: "1.3.0"})
		b.clock.advance(10 * day)
		b.forge.set(func() { b.forge.releases[0].Prerelease = false })
		if _, err := b.survey(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
			t.Fatal(err)
		}
		tenth(t, b) // before its package is the release channel's
		b.checked(t)
		tenth(t, b)
		b.open(t, helloPolicy(policy))
		tenth(t, b)
		b.clock.advance(2 * day)
		b.offers(t, map[Query]string{{}: "1.3.0"})
	})
	t.Run("one that waited for its signature", func(t *testing.T) {
		file := newKeys(t)
		b := elsewhere(t, file, helloPolicy(policy))
		b.released(t, "1.2.0", helloYard("1.2.0"))
		b.signed(t, file)
		b.released(t, "1.3.0", helloYard("1.3.0"))
		b.clock.advance(3 * day)
		b.signed(t, file)
		tenth(t, b)
	})
}

func TestWhatCannotBeBuiltIsPassedOver(t *testing.T) {
	beta := Policy{Environments: map[string]string{"staging": "beta"}}
	for _, tt := range []struct {
		name     string
		policy   Policy
		versions []string // ? cannot be built
		query    Query
		want     string
	}{
		{"a prerelease", beta, []string{"1.2.0", "2.0.0-beta1?"}, Query{Environment: "staging"}, "1.2.0"},
		{"a prerelease above another", beta, []string{"1.2.0", "2.0.0-beta1", "2.0.0-beta2?"}, Query{Environment: "staging"}, "2.0.0-beta1"},
		{"the release before one that is rolled out", Policy{Rollout: percent(0)}, []string{"1.1.0", "1.2.0?", "1.3.0"}, Query{}, "1.1.0"},
		{"the newest, with the last good one taken back", Policy{Yanked: []string{"1.3.0"}}, []string{"1.2.0", "1.3.0", "1.4.0?"}, Query{}, "1.2.0"},
		{"two releases", Policy{MinVersion: "1.0.0"}, []string{"1.2.0", "1.3.0?", "1.4.0?"}, Query{}, "1.2.0"},
		{"two releases without policies", Policy{}, []string{"1.2.0", "1.3.0?", "1.4.0?"}, Query{}, "1.2.0"},
	} {
		for _, life := range []string{"checked one by one", "met at once", "met by lists"} {
			if life != "checked one by one" && strings.HasSuffix(tt.name, "without policies") {
				continue // nothing is stored, so the error says why
			}
			t.Run(tt.name+", "+life, func(t *testing.T) {
				b := newQuietBench(t, tt.policy)
				for _, version := range tt.versions {
					version, bad := strings.CutSuffix(version, "?")
					files := helloYard(version)
					if bad {
						files = unbuildable
					}
					b.forge.publish("v"+version, files)
					b.forge.set(func() { b.forge.releases[0].Prerelease = strings.Contains(version, "beta") })
					if life == "checked one by one" {
						_ = b.check(t.Context(), b.roster().bySlug["hello-yard"])
					}
				}
				if life == "met by lists" {
					if _, err := b.survey(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
						t.Fatal(err)
					}
					for range len(tt.versions) {
						if _, err := b.Built(t.Context(), "hello-yard", tt.query); err == nil {
							break
						}
						b.settle(t)
					}
				}
				for range 2 {
					s := &site{bench: b, query: tt.query}
					if got := s.offered(t); got != tt.want {
						t.Errorf("offered %q, want %s", got, tt.want)
					}
				}
				l, err := b.Built(t.Context(), "hello-yard", tt.query)
				if err != nil || l.Version != tt.want {
					t.Errorf("lists have %+v, %v", l, err)
				}
			})
		}
	}
}

// settle waits for what was begun behind requests.
func (b *bench) settle(t *testing.T) {
	t.Helper()
	for waits := true; waits; {
		waits = false
		b.behind.Range(func(key, _ any) bool {
			waits = true
			channel := Channel{Kind: KindRelease}
			if _, ref, found := strings.Cut(key.(string), "/release/"); found {
				channel.Ref = ref
			}
			_, _ = b.buildNow(t.Context(), b.roster().bySlug["hello-yard"], channel) // joins it, or finds it done
			return true
		})
	}
}

func TestAWaitingReleaseIsPassedOver(t *testing.T) {
	for name, tt := range map[string]struct {
		policy  Policy
		version string // the one that waits
		query   Query
		want    string
	}{
		"a prerelease":                            {Policy{Environments: map[string]string{"staging": "beta"}}, "2.0.0-beta1", Query{Environment: "staging"}, "1.3.0"},
		"a fix of what was taken back":            {Policy{Yanked: []string{"1.3.0"}}, "1.4.0", Query{}, "1.2.0"},
		"a fix of what was taken back, for betas": {Policy{Yanked: []string{"1.3.0"}}, "1.4.0", Query{Channel: ChannelBeta}, "1.2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			file := newKeys(t)
			b := elsewhere(t, file, helloPolicy(Policy{}))
			for _, version := range []string{"1.2.0", "1.3.0"} {
				b.released(t, version, helloYard(version))
				b.signed(t, file)
			}
			b.open(t, helloPolicy(tt.policy))
			b.released(t, tt.version, helloYard(tt.version))
			for range 2 {
				if got := b.offeredTo(t, tt.query); got[tt.want] != 300 {
					t.Errorf("while it waits, sites are offered %v", got)
				}
			}
			b.signed(t, file)
			if got := b.offeredTo(t, tt.query); got[tt.version] != 300 {
				t.Errorf("signed, sites are offered %v", got)
			}
		})
	}
}

func TestAReleaseThatIsTakenBackWhileItWaitsIsNeverServed(t *testing.T) {
	for _, seen := range []string{"requests", "the look for signatures", "a check"} {
		t.Run(seen, func(t *testing.T) {
			file := newKeys(t)
			plugin := helloPolicy(Policy{Yanked: []string{"1.3.0"}})
			b := elsewhere(t, file)
			b.forge.publish("v1.2.0", helloYard("1.2.0"))
			b.forge.publish("v1.3.0", helloYard("1.3.0"))
			if _, err := b.Information(t.Context(), "hello-yard", Query{}); !errors.Is(err, errWaiting) {
				t.Fatal(err)
			}
			b.open(t, plugin)
			b.sign(t, file, plugin)
			b.clock.advance(lookEvery)
			shelf := b.roster().bySlug["hello-yard"]
			switch seen {
			case "the look for signatures":
				rec, err := b.stored(t.Context(), shelf)
				if err != nil {
					t.Fatal(err)
				}
				waiting := rec.Waiting["release"]
				if current, err := b.admit(t.Context(), shelf, &waiting); current != nil || err != nil {
					t.Errorf("admitted %v, %v", current, err)
				}
			case "a check":
				b.checked(t)
			}
			if document, err := b.Information(t.Context(), "hello-yard", Query{}); !errors.Is(err, errWaiting) || !strings.Contains(err.Error(), "1.2.0") {
				t.Errorf("answered %v, %v; want that 1.2.0 waits", document != nil, err)
			}
			b.signed(t, file)
			b.offers(t, map[Query]string{{}: "1.2.0"})
		})
	}
}

func TestATagThatMovesWhileItsPackageWaitsIsBuiltAgain(t *testing.T) {
	file := newKeys(t)
	b := elsewhere(t, file)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.forge.set(func() { b.forge.heads["tags/v1.2.0"] = b.forge.heads["main"] })
	_, _ = b.Information(t.Context(), "hello-yard", Query{})
	files := helloYard("1.2.0")
	files["includes/b.php"] = "<?php\n"
	sha := b.forge.commit("main", files)
	b.forge.set(func() { b.forge.trees["v1.2.0"], b.forge.heads["tags/v1.2.0"] = files, Commit{SHA: sha} })
	if got := fmt.Sprint(b.sign(t, file)); !strings.Contains(got, "refused") {
		t.Errorf("signed %s", got)
	}
	b.clock.advance(SurveyEvery)
	b.checked(t)
	if got := fmt.Sprint(b.sign(t, file)); got != "[signed hello-yard 1.2.0]" {
		t.Errorf("signed %s", got)
	}
	b.clock.advance(lookEvery)
	b.offers(t, map[Query]string{{}: "1.2.0"})
}

// Two releases that came since the last check keep nobody waiting.
func TestTheLastGoodOneAnswersUntilTheNewestIsBuilt(t *testing.T) {
	for _, withdrawn := range []bool{false, true} {
		b := newBench(t)
		b.forge.publish("v1.2.0", helloYard("1.2.0"))
		b.document(t, Query{})
		b.forge.publish("v1.3.0", helloYard("1.3.0"))
		b.forge.publish("v1.4.0", helloYard("1.4.0"))
		b.forge.set(func() {
			if withdrawn {
				b.forge.releases = b.forge.releases[:2]
			}
		})
		shelf := b.roster().bySlug["hello-yard"]
		if _, err := b.change(t.Context(), shelf, func(next *record) error {
			releases := withoutNotes(b.forge.releases)
			next.Releases, next.Latest = releases, &releases[0]
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		b.forge.set(func() { b.forge.fail = ErrUnavailable })
		asked := len(b.forge.asked)
		b.offers(t, map[Query]string{{}: "1.2.0"})
		if l, err := b.Built(t.Context(), "hello-yard", Query{}); err != nil || l.Version != "1.2.0" {
			t.Errorf("lists have %+v, %v", l, err)
		}
		if got := b.forge.asked[asked:]; len(got) > 0 {
			t.Errorf("withdrawn %v: the forge was asked for %v", withdrawn, got)
		}
	}
}

func TestWhatIsNamedIsNotReplaced(t *testing.T) {
	b := newQuietBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.forge.publish("v1.3.0", unbuildable)
	_ = b.check(t.Context(), b.roster().bySlug["hello-yard"])
	b.offers(t, map[Query]string{{}: "1.2.0", {Channel: ChannelBeta}: "1.2.0"})
	if _, err := b.Information(t.Context(), "hello-yard", Query{UpdateID: "v1.3.0"}); !ofContent(err) {
		t.Errorf("update_id of what cannot be built: %v", err)
	}
	b.open(quiet{t}, Plugin{Repo: Repo{"acme", "hello-yard"}, Ref: "v1.3.0"})
	if _, err := b.Information(t.Context(), "hello-yard", Query{}); !ofContent(err) {
		t.Errorf("a pin of what cannot be built: %v", err)
	}
}

func TestWhatWasForAllCanBeHalted(t *testing.T) {
	b := twoReleases(t)
	b.open(t, helloPolicy(Policy{Rollout: Rollout{Halt: true}}))
	for _, channel := range []string{"", ChannelBeta} {
		if got := b.offeredTo(t, Query{Channel: channel}); got["1.2.0"] != 300 {
			t.Errorf("halted, channel %q: %v", channel, got)
		}
	}
}

// A hint that cannot be saved is no reason to answer nothing.
func TestBetaIsServedFromAFullDisk(t *testing.T) {
	b := twoReleases(t)
	b.document(t, Query{Channel: ChannelBeta})
	b.store.fail = func(string) error { return fmt.Errorf("disk full: %w", ErrUnavailable) }
	b.open(t, helloYardPlugin)
	b.store.fail = nil
	b.document(t, Query{})
	b.store.fail = func(string) error { return fmt.Errorf("disk full: %w", ErrUnavailable) }
	b.offers(t, map[Query]string{{Channel: ChannelBeta}: "1.3.0"})
	b.store.fail = nil
}

func TestGoingBackToWhatWasForAllBeginsNoRollout(t *testing.T) {
	policy := steps(RolloutStep{Percent: 10}, RolloutStep{After: 2 * day, Percent: 100})
	forAll := func(t *testing.T, b *bench) {
		t.Helper()
		for _, version := range []string{"1.2.0", "1.3.0", "1.3.1", "1.3.2"} {
			b.released(t, version, helloYard(version))
			b.clock.advance(3 * day)
			b.checked(t)
		}
	}
	t.Run("two are yanked", func(t *testing.T) {
		b := newBench(t, helloPolicy(policy))
		forAll(t, b)
		yanked := policy
		yanked.Yanked = []string{"1.3.1", "1.3.2"}
		b.open(t, helloPolicy(yanked))
		b.checked(t)
		if got := b.offeredTo(t, Query{}); got["1.3.0"] != 300 {
			t.Errorf("offered %v, want 1.3.0 to all", got)
		}
	})
	t.Run("two are deleted", func(t *testing.T) {
		b := newBench(t, helloPolicy(policy))
		forAll(t, b)
		b.forge.set(func() { b.forge.releases = b.forge.releases[2:] })
		b.roster().bySlug["hello-yard"].told.Store(true)
		b.checked(t)
		if got := b.offeredTo(t, Query{}); got["1.3.0"] != 300 {
			t.Errorf("offered %v, want 1.3.0 to all", got)
		}
	})
	t.Run("it began as a prerelease", func(t *testing.T) {
		beta := policy
		beta.Environments = map[string]string{"staging": ChannelBeta}
		b := newBench(t, helloPolicy(beta))
		b.released(t, "1.2.0", helloYard("1.2.0"))
		b.clock.advance(3 * day)
		b.checked(t)
		b.forge.publish("v1.3.0", helloYard("1.3.0"))
		b.forge.set(func() {
			b.forge.releases[0].Prerelease, b.forge.releases[0].Published = true, b.clock.Now()
		})
		b.checked(t)
		b.offeredTo(t, Query{Environment: "staging"})
		b.forge.set(func() { b.forge.releases[0].Prerelease = false })
		b.clock.advance(time.Hour)
		b.roster().bySlug["hello-yard"].told.Store(true)
		b.checked(t)
		b.clock.advance(3 * day)
		b.checked(t)
		b.released(t, "1.3.1", helloYard("1.3.1"))
		beta.Yanked = []string{"1.3.1"}
		b.open(t, helloPolicy(beta))
		b.checked(t)
		if got := b.offeredTo(t, Query{}); got["1.3.0"] != 300 {
			t.Errorf("offered %v, want 1.3.0 to all", got)
		}
	})
}
