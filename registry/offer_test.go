package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func helloPolicy(policy Policy) Plugin {
	return Plugin{Repo: Repo{"acme", "hello-yard"}, Policy: policy}
}

// twoReleases is a bench that served 1.2.0 and then 1.3.0.
func twoReleases(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	b.checked(t)
	return b
}

func (b *bench) checked(t *testing.T) {
	t.Helper()
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
}

// offers are the versions that queries get.
func (b *bench) offers(t *testing.T, want map[Query]string) {
	t.Helper()
	for q, version := range want {
		if got := b.document(t, q)["version"]; got != version {
			t.Errorf("%+v: version = %v, want %s", q, got, version)
		}
	}
}

// A bad release is taken back at once, without GitHub, and comes back so.
func TestTakingAReleaseBackNeedsNobody(t *testing.T) {
	b := twoReleases(t)
	b.forge.set(func() { b.forge.fail = ErrUnavailable })
	b.open(t, helloPolicy(Policy{Yanked: []string{"1.3.0"}}))
	b.offers(t, map[Query]string{
		{}: "1.2.0", {Channel: ChannelBeta}: "1.2.0", {Environment: "production"}: "1.2.0",
		{UpdateID: "v1.3.0"}: "1.3.0", {UpdateID: "1.3.0"}: "1.3.0",
	})
	if got := b.collection(t); !strings.Contains(string(got.Identity), `"new_version":"1.2.0"`) || !got.Modified.IsZero() {
		t.Errorf("the collection of %s is %s", got.Modified, got.Identity)
	}
	if document, err := b.Information(t.Context(), "hello-yard", Query{}); err != nil || !document.Modified.IsZero() {
		t.Errorf("an older document came back and says that it is of %s; %v", document.Modified, err)
	}
	entry, err := b.Entry(t.Context(), "hello-yard")
	if err != nil || entry.Package.Version != "1.2.0" || entry.Downloads[0].Standing.String() != "taken back" || entry.Downloads[1].Standing != (Standing{}) {
		t.Errorf("the page shows %+v, %v", entry, err)
	}

	b.forge.set(func() { b.forge.fail = nil })
	b.checked(t) // the release channel serves 1.2.0 by now
	b.offers(t, map[Query]string{{}: "1.2.0", {UpdateID: "v1.3.0"}: "1.3.0"})
	versions := b.document(t, Query{})["versions"].(map[string]any)
	if versions["1.3.0"] == nil || versions["1.2.0"] == nil {
		t.Errorf("versions are %v", versions)
	}
	b.forge.set(func() { b.forge.fail = ErrUnavailable })
	b.open(t, helloPolicy(Policy{}))
	b.offers(t, map[Query]string{{}: "1.3.0", {UpdateID: "v1.2.0"}: "1.2.0"})
	if got := b.forge.count("Archive"); got != 2 {
		t.Errorf("%d archives were fetched, want 2", got)
	}
}

func TestOnlyTheLastReleaseIsKeptToGoBackTo(t *testing.T) {
	b := twoReleases(t)
	for _, version := range []string{"1.4.0", "1.5.0"} {
		b.forge.publish("v"+version, helloYard(version))
		b.checked(t)
	}
	var kept []string
	for key := range b.roster().bySlug["hello-yard"].record.Load().Channels {
		kept = append(kept, key)
	}
	if len(kept) != 2 || b.roster().bySlug["hello-yard"].record.Load().Channels["release/v1.4.0"].Package == "" {
		t.Errorf("kept are %v, want release and release/v1.4.0", kept)
	}
}

// A release whose header says what is taken back shows only when it is built.
func TestWhatItWasBuiltAsIsTakenBack(t *testing.T) {
	b := newBench(t, helloPolicy(Policy{Yanked: []string{"1.2.9"}}))
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.forge.publish("v1.3.0", helloYard("1.2.9"))
	b.offers(t, map[Query]string{{}: "1.2.0"})
	b.forge.publish("v1.4.0", helloYard("1.2.9"))
	b.checked(t)
	b.forge.set(func() { b.forge.fail = ErrUnavailable })
	b.offers(t, map[Query]string{{}: "1.2.0"})
}

func TestVersionsAreWhatReleasesWereBuiltAs(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.1.0", helloYard("1.0.9"))
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	if versions := b.document(t, Query{})["versions"].(map[string]any); versions["1.1.0"] == nil {
		t.Errorf("a release that was never built is listed by its tag, not as %v", versions)
	}
	b.document(t, Query{UpdateID: "v1.1.0"})
	b.clock.advance(SurveyEvery)
	b.checked(t)
	versions := b.document(t, Query{})["versions"].(map[string]any)
	if want := "https://updates.example.com/release/hello-yard.zip?update_id=v1.1.0"; versions["1.0.9"] != want || versions["1.1.0"] != nil {
		t.Errorf("versions are %v, want 1.0.9 at %s", versions, want)
	}
	b.offers(t, map[Query]string{{UpdateID: "1.0.9"}: "1.0.9"})
	b.forge.publish("v1.3.0", helloYard("1.2.0"))
	b.checked(t)
	versions = b.document(t, Query{})["versions"].(map[string]any)
	if !strings.Contains(fmt.Sprint(versions["1.2.0"]), "/packages/") || versions["v1.2.0"] == nil {
		t.Errorf("of two releases that say 1.2.0 both are listed: %v", versions)
	}
}

// Once asked for, the beta channel is as fresh as the release.
func TestBetaIsKeptFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		publish := func(tag, version string) {
			b.forge.publish(tag, helloYard(version))
			b.forge.set(func() { b.forge.releases[0].Prerelease = strings.Contains(tag, "beta") })
		}
		publish("v1.2.0", "1.2.0")
		publish("v1.3.0-beta1", "1.3.0-beta1")
		b.document(t, Query{})
		b.checked(t)
		if got := b.forge.count("Archive"); got != 1 {
			t.Errorf("%d archives were fetched before anybody asked for beta, want 1", got)
		}
		b.offers(t, map[Query]string{{Channel: ChannelBeta}: "1.3.0-beta1", {}: "1.2.0", {Channel: ChannelStable, Environment: "staging"}: "1.2.0"})
		publish("v1.3.0-beta2", "1.3.0-beta2")
		b.Refresh(Repo{"acme", "hello-yard"})
		synctest.Wait()
		b.forge.set(func() { b.forge.fail = ErrUnavailable })
		b.offers(t, map[Query]string{{Channel: ChannelBeta}: "1.3.0-beta2", {}: "1.2.0"})
		b.forge.set(func() { b.forge.fail = nil })
		publish("v1.3.0", "1.3.0")
		b.Refresh(Repo{"acme", "hello-yard"})
		synctest.Wait()
		b.offers(t, map[Query]string{{Channel: ChannelBeta}: "1.3.0", {}: "1.3.0"})
		b.Close()
	})
}

// A switch that only documents show changes them without a build.
func TestBackgroundUpdatesAreSwitchedOffAndOn(t *testing.T) {
	b := twoReleases(t)
	b.document(t, Query{UpdateID: "v1.2.0"})
	b.forge.set(func() { b.forge.fail = ErrUnavailable })
	for _, off := range []bool{true, false, true} {
		b.open(t, helloPolicy(Policy{DisableAutoupdate: off}))
		collection := string(b.collection(t).Identity)
		update, err := json.Marshal(b.document(t, Query{})["hello-yard"])
		if err != nil {
			t.Fatal(err)
		}
		old, err := json.Marshal(b.document(t, Query{UpdateID: "v1.2.0"})["hello-yard"])
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{collection, string(update), string(old)} {
			if strings.Contains(text, `"disable_autoupdate":true`) != off {
				t.Errorf("switched off: %v; got %s", off, text)
			}
		}
	}
}

// The release before is there, and stays, for sites that must wait.
func TestARolloutKeepsBothReleases(t *testing.T) {
	b := newBench(t, helloPolicy(Policy{Rollout: Rollout{Steps: []RolloutStep{{Percent: 30}, {After: 100 * 24 * time.Hour, Percent: 100}}}}))
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	if b.PerSite("hello-yard") || b.PerSite("") {
		t.Error("a plugin with one release depends on the site")
	}
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	b.checked(t)
	if !b.PerSite("hello-yard") || !b.PerSite("") || b.PerSite("fence-post") {
		t.Error("a rollout does not depend on the site, or more than it does")
	}
	b.forge.set(func() { b.forge.fail = ErrUnavailable })
	// Their places are 5, 25 and 36 of 100: see TestPlacesStay.
	b.offers(t, map[Query]string{
		{Site: "c0"}: "1.3.0", {Site: "c999"}: "1.3.0", {Site: "u0123456789abcdef0123456789abcdef"}: "1.2.0", {}: "1.2.0",
		{UpdateID: "v1.3.0"}: "1.3.0", {Channel: ChannelBeta}: "1.3.0",
	})
	for site, version := range map[string]string{"c0": "1.3.0", "": "1.2.0"} {
		document, err := b.Collection(t.Context(), Selection{}, Query{Site: site})
		if err != nil || !strings.Contains(string(document.Identity), `"new_version":"`+version+`"`) {
			t.Errorf("the collection of site %q is %s, %v", site, document.Identity, err)
		}
	}
	if got := b.forge.count("Archive"); got != 2 {
		t.Errorf("%d archives were fetched, want 2", got)
	}
	b.clock.advance(20 * 24 * time.Hour) // not yet too old to be served
	b.offers(t, map[Query]string{{}: "1.2.0"})
	b.open(t, helloPolicy(Policy{Rollout: Rollout{Steps: []RolloutStep{{Percent: 30}, {After: 24 * time.Hour, Percent: 100}}}}))
	b.offers(t, map[Query]string{{}: "1.3.0", {Site: "c0"}: "1.3.0"})
	if b.PerSite("hello-yard") {
		t.Error("a rollout that is over depends on the site")
	}
	entry, err := b.Entry(t.Context(), "hello-yard")
	if err != nil || entry.Package.Version != "1.3.0" {
		t.Errorf("the page shows %+v, %v", entry, err)
	}
}

// A new configuration is warm before the first site asks.
func TestARolloutIsWarmAfterAStart(t *testing.T) {
	b := newBench(t, helloPolicy(Policy{Rollout: percent(10)}))
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	if err := b.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.forge.set(func() { b.forge.fail = ErrUnavailable })
	b.offers(t, map[Query]string{{}: "1.2.0", {Site: "c0"}: "1.3.0"})
}

// While the newest release cannot be built, everybody has the one before.
func TestARolloutOfWhatCannotBeBuilt(t *testing.T) {
	b := newBench(t, helloPolicy(Policy{Rollout: percent(10)}))
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.forge.publish("v1.3.0", map[string]string{"hello-yard.php": "<?php // no header"})
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); !errors.Is(err, ErrInvalid) {
		t.Errorf("check: %v", err)
	}
	b.offers(t, map[Query]string{{}: "1.2.0", {Site: "c0"}: "1.2.0"})
}

func TestEnvironmentsAreOfferedWhatTheConfigurationSays(t *testing.T) {
	plugin := helloPolicy(Policy{Environments: map[string]string{"staging": "beta", "local": "branch:develop"}})
	plugin.Branches = []string{"develop"}
	b := newBench(t, plugin)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.forge.publish("v1.3.0-beta1", helloYard("1.3.0-beta1"))
	b.forge.set(func() { b.forge.releases[0].Prerelease = true })
	b.forge.commit("main", helloYard("1.4.0-dev"))
	b.forge.commit("develop", helloYard("2.0.0-dev"))
	want := map[Query]string{
		{}: "1.2.0", {Environment: "production"}: "1.2.0", {Environment: "staging"}: "1.3.0-beta1", {Environment: "development"}: "1.4.0-dev",
		{Environment: "local"}: "2.0.0-dev", {Environment: "local", Channel: ChannelStable}: "1.2.0", {Environment: "local", Kind: KindBranch}: "1.4.0-dev",
	}
	b.offers(t, want)
	for q, version := range want {
		document, err := b.Collection(t.Context(), Selection{}, q)
		if err != nil || !strings.Contains(string(document.Identity), `"new_version":"`+version+`"`) {
			t.Errorf("%+v: the collection is %s, %v, want %s", q, document.Identity, err, version)
		}
	}
}
