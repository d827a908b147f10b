package registry

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Policy says which of a plugin's releases sites are offered. It takes nothing
// away: every published release can still be downloaded by its name.
type Policy struct {
	// MinVersion is the lowest version that is offered; "" is any.
	MinVersion string
	// Yanked versions, or tags, are not offered.
	Yanked []string
	// DisableAutoupdate stops background updates, whatever a site's owner
	// chose; the update stays on offer.
	DisableAutoupdate bool
	// Environments says what sites of an environment are offered unless they
	// ask for something else: "stable", "beta", "branch", or "branch:NAME".
	// An environment that is not named gets what [Plugin.Source] says.
	Environments map[string]string
	Rollout      Rollout
}

// What a request may ask for with [Query.Channel], and an environment may be
// offered.
const (
	ChannelStable = "stable"
	ChannelBeta   = "beta"

	offerBranch = "branch"          // the branch channel
	branchColon = offerBranch + ":" // and the name of a branch
)

// PolicyError is a fault in a [Policy].
type PolicyError struct {
	Key     string // as in the configuration: "environments.staging", "rollout.steps[1]"
	Value   string
	Message string // what to do
}

func (e *PolicyError) Error() string {
	return fmt.Sprintf("%s %q: %s", e.Key, e.Value, e.Message)
}

// Unwrap gives the kind.
func (e *PolicyError) Unwrap() error { return ErrInvalid }

// environments are what wp_get_environment_type can say; the first is what it
// says by default.
var environments = [...]string{"production", "staging", "development", "local"}

// Environments are the names that a policy may have something to say of.
func Environments() []string { return slices.Clone(environments[:]) }

// CheckPolicy lists the faults of a plugin's policy.
func (p *Plugin) CheckPolicy() []*PolicyError {
	var faults []*PolicyError
	fault := func(key, value, format string, args ...any) {
		faults = append(faults, &PolicyError{key, value, fmt.Sprintf(format, args...)})
	}
	policy := &p.Policy
	if policy.MinVersion != "" && cleanVersion(policy.MinVersion) == "" {
		fault("min_version", policy.MinVersion, "not a version; write for example 1.2.0")
	}
	for i, yanked := range policy.Yanked {
		if yanked == "" || len(yanked) > MaxVersion {
			fault(fmt.Sprintf("yanked[%d]", i), yanked, "not a version; write for example 1.3.0")
		}
	}
	if p.Ref != "" && policy.withholds("", p.Ref, TagVersion(p.Ref, p.TagPrefix)) {
		fault("ref", p.Ref, "this release is taken back by yanked or min_version; pin another one")
	}
	for _, name := range slices.Sorted(maps.Keys(policy.Environments)) {
		key, offered := "environments."+name, policy.Environments[name]
		if !slices.Contains(environments[:], name) {
			fault(key, offered, "no environment of WordPress's; it has %s", strings.Join(environments[:], ", "))
			continue
		}
		branch, named := strings.CutPrefix(offered, branchColon)
		switch isBranch := named || offered == offerBranch; {
		case !isBranch && offered != ChannelStable && offered != ChannelBeta:
			fault(key, offered, "write stable, beta, branch or branch:NAME")
		case isBranch && p.Source == SourceRelease:
			fault(key, offered, "source: release offers no branch; write stable or beta, or change source")
		case !isBranch && p.Source == SourceBranch:
			fault(key, offered, "source: branch offers no releases; write branch or branch:NAME, or change source")
		case named && branch != p.Ref && !slices.Contains(p.Branches, branch):
			fault(key, offered, "no branch that is offered; add it to branches, or write branch for the default one")
		}
	}
	for i, step := range policy.Rollout.Steps {
		key := fmt.Sprintf("rollout.steps[%d]", i)
		switch {
		case step.Percent < 0 || step.Percent > 100:
			fault(key+".percent", fmt.Sprint(step.Percent), "write a number from 0 to 100")
		case i > 0 && step.After <= policy.Rollout.Steps[i-1].After:
			fault(key+".after", step.After.String(), "not after the step before; write the steps in their order")
		case i > 0 && step.Percent < policy.Rollout.Steps[i-1].Percent:
			fault(key+".percent", fmt.Sprint(step.Percent), "fewer than the step before; sites that have the release cannot be taken out again")
		}
	}
	return faults
}

// namesBeta reports whether an environment is offered the beta channel.
func (p *Policy) namesBeta() bool {
	for _, offered := range p.Environments {
		if offered == ChannelBeta {
			return true
		}
	}
	return false
}

// restricts reports whether what sites are offered may be another release than
// the latest, or one for some of them.
func (p *Policy) restricts() bool {
	return p.MinVersion != "" || len(p.Yanked) > 0 || p.Rollout.on()
}

// withholds reports whether a release may not be offered: by the version that
// it was built as, "" if it never was, else by its tag's. What is yanked is
// named by either, or by the tag: whoever takes a release back must not have to
// know that its tag and its header disagree.
func (p *Policy) withholds(built, tag, tagged string) bool {
	return p.yanks(built, tag, tagged) || p.outdates(built, tagged)
}

func (p *Policy) yanks(built, tag, tagged string) bool {
	for _, yanked := range p.Yanked {
		version := yanked
		if clean := cleanVersion(yanked); clean != "" {
			version = clean
		}
		if tag != "" && yanked == tag || built != "" && CompareVersions(built, version) == 0 || tagged != "" && CompareVersions(tagged, version) == 0 {
			return true
		}
	}
	return false
}

// outdates reports whether a version is below the lowest one. One that is not
// known is not.
func (p *Policy) outdates(built, tagged string) bool {
	version := built
	if version == "" {
		version = tagged
	}
	return p.MinVersion != "" && version != "" && CompareVersions(version, cleanVersion(p.MinVersion)) < 0
}
