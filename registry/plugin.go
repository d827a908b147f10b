package registry

import (
	"fmt"
	"regexp"
	"strings"
)

// Repo names a repository of the forge.
type Repo struct {
	Owner string `json:"owner"`
	Name  string `json:"name"`
}

func (r Repo) String() string { return r.Owner + "/" + r.Name }

// GitHub's own rules: an owner is letters, digits and inner hyphens; a
// repository's name also dots and underscores.
var (
	ownerPattern = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?$`)
	namePattern  = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
)

// ParseRepo reads "OWNER/NAME". A leading https://github.com/ and a trailing
// .git or slash are forgiven, since that is what people paste.
func ParseRepo(s string) (Repo, error) {
	trimmed := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(s, "https://github.com/"), "/"), ".git")
	owner, name, ok := strings.Cut(trimmed, "/")
	if !ok || !ownerPattern.MatchString(owner) || !namePattern.MatchString(name) || strings.Trim(name, ".") == "" {
		return Repo{}, &Error{Kind: ErrInvalid, Message: fmt.Sprintf("repository %q is not of the form OWNER/NAME", s)}
	}
	return Repo{Owner: owner, Name: name}, nil
}

// Slug is a plugin's directory name in wp-content/plugins. WordPress.org's
// rule (plugins/info): ^[a-z0-9_-]+$.
type Slug string

var slugPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,199}$`)

// reserved are first path segments that the HTTP surface keeps for itself,
// now or for WordPress.org's API.
var reserved = map[string]bool{
	"admin": true, "assets": true, "branch": true, "core": true, "downloads": true, "events": true,
	"healthz": true, "metrics": true, "packages": true, "patterns": true, "plugin": true,
	"plugin-checksums": true, "plugin_info": true, "plugins": true, "readyz": true, "release": true, "secret-key": true,
	"stats": true, "status": true, "theme": true, "theme_info": true, "themes": true,
	"translations": true, "webhooks": true, "wp-json": true,
}

// ParseSlug checks that s can be a plugin's directory and a path segment of ours.
func ParseSlug(s string) (Slug, error) {
	if !slugPattern.MatchString(s) {
		return "", &Error{Kind: ErrInvalid, Message: fmt.Sprintf("slug %q: only a-z, 0-9, - and _ are allowed, at most 200 of them, starting with a letter or digit", s)}
	}
	if reserved[s] {
		return "", &Error{Kind: ErrInvalid, Message: fmt.Sprintf("slug %q is reserved for the registry's own paths; choose another", s)}
	}
	return Slug(s), nil
}

// Source says where a plugin's packages come from.
type Source string

// The sources that a configuration may name. Either is both: production sites
// get the release, all others the branch.
const (
	SourceRelease Source = "release"
	SourceBranch  Source = "branch"
	SourceEither  Source = "either"
)

// Access says who may read a plugin whose repository is private.
type Access string

// AccessPublic serves a private repository's plugin to everyone. The zero
// value serves only what is public on the forge.
const AccessPublic Access = "public"

// Plugin is one entry of the configuration: a repository and what WordPress
// calls it. Only Repo must be given; [Plugin.Normalize] completes the rest.
type Plugin struct {
	Repo      Repo
	Slug      Slug     // default: last element of Path, else the repository's name in lower case
	File      string   // main file within the plugin's folder, "hello-yard.php", or "style.css" of a theme; default: found by its header
	Source    Source   // default: either
	Ref       string   // a tag to pin (release) or a branch in place of the default one
	Branches  []string // further branches that a request may name
	Path      string   // sub-folder of a monorepo that holds the plugin; "" is the root
	TagPrefix string   // only releases whose tag starts with it are this plugin's
	Asset     string   // glob for the release file that is the installer
	Readme    string   // readme within the plugin's folder; default: readme.txt, readme.md in any case
	Access    Access
	Sections  []string // sections of the readme to show, in order; default: the reference registry's ten

	// Policy does not change what is built, so it is no part of the entry's
	// fingerprint: it holds from the next request on.
	Policy Policy `json:"-"`
}

// Query is what a request says about the package it wants.
type Query struct {
	Kind        Kind   // from the path: release, branch, or "" to choose
	Environment string // wp_get_environment_type(): production, staging, development, local; any other is production
	UpdateID    string // a release id, a tag, or an allowed branch
	Channel     string // "stable", "beta", or "" for what the environment's is
	// Site tells sites apart for gradual rollouts, and says nothing of them: a
	// cohort's number that the updater made up, or else a hash of the address
	// in the User-Agent. "" is not known.
	Site string
}

// Type is what a package is to WordPress.
type Type string

// The types of packages. One slug names a plugin or a theme, never both.
const (
	TypePlugin Type = "plugin"
	TypeTheme  Type = "theme"
)

// Kind is one of the two kinds of channel.
type Kind string

// The kinds of channel.
const (
	KindRelease Kind = "release"
	KindBranch  Kind = "branch"
)

// Channel is what a request resolves to. An empty Ref is the latest release or
// the default branch.
type Channel struct {
	Kind Kind   `json:"kind"`
	Ref  string `json:"ref,omitempty"`
}

// String is the channel's key in a record and in logs: "release",
// "release/v1.2.0", "branch", "branch/develop".
func (c Channel) String() string {
	if c.Ref == "" {
		return string(c.Kind)
	}
	return string(c.Kind) + "/" + c.Ref
}
