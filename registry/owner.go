package registry

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Owner is an account of the forge whose repositories are served for one of
// their topics, without being configured one by one.
type Owner struct {
	Name    string
	Topics  []string // any of them makes a repository ours; default DefaultTopic
	Exclude []string // repositories that are left out: names, or patterns of [path.Match]; in any case

	// Plugin is what holds for each that is found. What names one plugin alone
	// (Repo, Slug, File, Path, TagPrefix) stays empty.
	Plugin Plugin
}

// DefaultTopic is the topic that a repository has to have.
const DefaultTopic = "wordpress-plugin"

// topicPattern is GitHub's rule: lower-case letters, digits and hyphens, at
// most 50 of them.
var topicPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,49}$`)

// ParseOwner checks that s can be an account of the forge.
func ParseOwner(s string) (string, error) {
	if !ownerPattern.MatchString(s) {
		return "", invalidf("owner %q is not a GitHub account: write its name alone", s)
	}
	return s, nil
}

// ParseTopic checks that s can be a topic of a repository.
func ParseTopic(s string) (string, error) {
	if !topicPattern.MatchString(s) {
		return "", invalidf("topic %q: GitHub's topics are of a-z, 0-9 and -, at most 50 of them", s)
	}
	return s, nil
}

// ParseExclude checks a repository's name, or a pattern for such names.
func ParseExclude(s string) (string, error) {
	if _, err := path.Match(s, ""); err != nil || s == "" || strings.Contains(s, "/") {
		return "", invalidf("exclude %q: write a repository's name without its owner, or a pattern such as old-*", s)
	}
	return strings.ToLower(s), nil
}

// Normalize checks the owner and fills in defaults.
func (o Owner) Normalize() (Owner, error) {
	if _, err := ParseOwner(o.Name); err != nil {
		return o, err
	}
	o.Topics, o.Exclude = slices.Clone(o.Topics), slices.Clone(o.Exclude)
	if len(o.Topics) == 0 {
		o.Topics = []string{DefaultTopic}
	}
	for i, topic := range o.Topics {
		var err error
		if o.Topics[i], err = ParseTopic(topic); err != nil {
			return o, fmt.Errorf("owner %s: %w", o.Name, err)
		}
	}
	for i, pattern := range o.Exclude {
		var err error
		if o.Exclude[i], err = ParseExclude(pattern); err != nil {
			return o, fmt.Errorf("owner %s: %w", o.Name, err)
		}
	}
	if _, err := o.PluginOf(Repo{o.Name, "any-name"}); err != nil {
		return o, fmt.Errorf("owner %s: %w", o.Name, err)
	}
	return o, nil
}

// PluginOf is the entry of one of the owner's repositories. ErrInvalid where its
// name can't be made a slug.
func (o *Owner) PluginOf(repo Repo) (Plugin, error) {
	plugin := o.Plugin
	plugin.Repo = repo
	return plugin.Normalize()
}

// excludes reports whether a repository's name is left out.
func (o *Owner) excludes(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(o.Exclude, func(pattern string) bool {
		ok, _ := path.Match(pattern, name)
		return ok
	})
}

// is reports whether a repository is the owner's.
func (o *Owner) is(repo Repo) bool { return strings.EqualFold(repo.Owner, o.Name) }

// objects is why a repository, as the forge describes it, is not served; "" if
// it is.
func (o *Owner) objects(r *Repository) Reason {
	switch {
	case o.excludes(r.Repo.Name):
		return ReasonExcluded
	case r.Private && o.Plugin.Access != AccessPublic:
		return ReasonPrivate
	case !o.is(r.Repo):
		return ReasonMoved
	case !slices.ContainsFunc(r.Topics, func(topic string) bool { return slices.Contains(o.Topics, topic) }):
		return ReasonTopic
	}
	return ""
}
