package registry

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Normalize completes an entry of the configuration and checks it. Errors name
// the key.
func (p Plugin) Normalize() (Plugin, error) {
	p.Source = cmp.Or(p.Source, SourceEither)
	if p.Path != "" {
		p.Path = strings.Trim(p.Path, "/")
		if p.Path != path.Clean(p.Path) || p.Path == ".." || strings.HasPrefix(p.Path, "../") {
			return p, invalidf("path %q must be a folder within the repository, without . or ..", p.Path)
		}
	}
	if p.Slug == "" {
		p.Slug = Slug(defaultSlug(cmp.Or(path.Base("/"+p.Path), "/"), p.Repo.Name))
	}
	slug, err := ParseSlug(string(p.Slug))
	if err != nil {
		return p, fmt.Errorf("plugin %s: %w", p.Repo, err)
	}
	p.Slug = slug
	if p.File, err = mainFile(p.File, slug); err != nil {
		return p, err
	}
	switch p.Source {
	case SourceRelease, SourceBranch, SourceEither:
	default:
		return p, invalidf("source %q must be release, branch or either", p.Source)
	}
	if p.Access != "" && p.Access != AccessPublic {
		return p, invalidf("access %q must be public, or left out", p.Access)
	}
	if _, err := path.Match(p.Asset, ""); err != nil {
		return p, invalidf("asset %q is not a file pattern: %v", p.Asset, err)
	}
	if faults := p.CheckPolicy(); len(faults) > 0 {
		return p, fmt.Errorf("plugin %s: %w", p.Slug, faults[0])
	}
	return p, nil
}

// mainFile accepts a plugin basename ("hello-yard/hello-yard.php"), a file of
// the plugin's folder, or a theme's style.css, and gives the file.
func mainFile(file string, slug Slug) (string, error) {
	name := strings.TrimPrefix(file, string(slug)+"/")
	if name != "" && (strings.Contains(name, "/") || !strings.EqualFold(path.Ext(name), ".php") && name != stylesheet) {
		return "", invalidf("file %q must be %s/NAME.php, a file at the top of the plugin, or style.css of a theme", file, slug)
	}
	return name, nil
}

var slugJunk = regexp.MustCompile(`[^a-z0-9_-]+`)

// defaultSlug is the folder's name within a monorepo, else the repository's, in
// lower case: the directory that an author's own clone would have.
func defaultSlug(folder, repo string) string {
	name := folder
	if name == "/" || name == "." {
		name = repo
	}
	return strings.Trim(slugJunk.ReplaceAllString(strings.ToLower(name), "-"), "-_")
}

func invalidf(format string, args ...any) error {
	return &Error{Kind: ErrInvalid, Message: fmt.Sprintf(format, args...)}
}

func notFoundf(format string, args ...any) error {
	return &Error{Kind: ErrNotFound, Message: fmt.Sprintf(format, args...)}
}

// byEnvironment completes a query that names nothing but its environment with
// what the configuration offers there.
func (p *Plugin) byEnvironment(rec *record, q Query) Query {
	q.Environment = environmentClass(q.Environment)
	if q.Kind != "" || q.UpdateID != "" || q.Channel != "" {
		return q
	}
	offered := p.Policy.Environments[q.Environment]
	if name, ok := strings.CutPrefix(offered, branchColon); ok {
		q.Kind, q.UpdateID = KindBranch, name
		return q
	}
	switch offered {
	case offerBranch:
		q.Kind = KindBranch
	case ChannelStable, ChannelBeta:
		q.Kind, q.Channel = KindRelease, offered
	}
	return q
}

// isDefault reports whether an update_id is the reference registry's word for
// "whatever is current", and not the name of a release or branch of ours.
func (p *Plugin) isDefault(rec *record, id string) bool {
	return (id == "latest" || id == "default") && rec.release(id, p.TagPrefix) == nil && !p.allowsBranch(rec, id)
}

// kind chooses between release and branch: the path's word first, then the
// configured source, then what update_id names, then the channel, then the
// environment.
func (p *Plugin) kind(rec *record, q Query) (Kind, error) {
	switch {
	case p.Source == SourceEither && q.Kind != "":
		return q.Kind, nil
	case p.Source == SourceEither:
		return p.eitherKind(rec, q), nil
	case q.Kind != "" && string(q.Kind) != string(p.Source):
		return "", notFoundf("plugin %s is served from its %s only; ask for /%s/%s.json", p.Slug, p.Source, p.Source, p.Slug)
	}
	return Kind(p.Source), nil
}

func (p *Plugin) eitherKind(rec *record, q Query) Kind {
	switch {
	case q.UpdateID != "" && rec.release(q.UpdateID, p.TagPrefix) != nil:
		return KindRelease
	case q.UpdateID != "" && p.allowsBranch(rec, q.UpdateID):
		return KindBranch
	case q.UpdateID != "" && rec.byVersion(p, q.UpdateID) != nil:
		return KindRelease
	case q.Channel != "" || q.Environment == "production":
		return KindRelease
	case q.Environment != "":
		return KindBranch
	case rec.latest() == nil && p.pinned(rec) == nil:
		return KindBranch
	}
	return KindRelease
}

func (p *Plugin) branchChannel(rec *record, id string) (Channel, error) {
	switch {
	case id == "" || id == p.branch(rec):
		return Channel{Kind: KindBranch}, nil
	case p.allowsBranch(rec, id):
		return Channel{Kind: KindBranch, Ref: id}, nil
	}
	return Channel{}, notFoundf("plugin %s does not offer a branch %q", p.Slug, id)
}

// branch is the branch of the branch channel: the configured ref unless that
// is a release's tag, else the repository's default branch.
func (p *Plugin) branch(rec *record) string {
	if p.Ref != "" && p.Source != SourceRelease && p.pinned(rec) == nil {
		return p.Ref
	}
	return rec.Repository.DefaultBranch
}

func (p *Plugin) allowsBranch(rec *record, name string) bool {
	return name == p.branch(rec) || slices.Contains(p.Branches, name)
}

// offers reports whether a request may still come to a channel.
func (p *Plugin) offers(rec *record, channel Channel) bool {
	switch {
	case channel.Kind == KindBranch:
		return p.Source != SourceRelease && (channel.Ref == "" || p.allowsBranch(rec, channel.Ref))
	case channel.Ref == "":
		return p.Source != SourceBranch && p.chosenRelease(rec) != nil
	}
	return p.Source != SourceBranch && rec.release(channel.Ref, p.TagPrefix) != nil
}

// pinned is the release that the configured ref names, or nil.
func (p *Plugin) pinned(rec *record) *Release {
	if p.Ref == "" || p.Source == SourceBranch {
		return nil
	}
	return rec.release(p.Ref, p.TagPrefix)
}

// chosenRelease is what the release channel serves unless policies take it
// back: the pinned release, else the latest; nil if there is neither. A pin that
// names nothing serves nothing when only releases are offered, since it must
// never be passed over in silence.
func (p *Plugin) chosenRelease(rec *record) *Release {
	if release := p.pinned(rec); release != nil {
		return release
	}
	if p.Ref != "" && p.Source == SourceRelease {
		return nil
	}
	return rec.latest()
}

// chooseLatest is the latest release of a plugin: what the forge says, or,
// where the tags of a monorepo tell its plugins apart, the highest version
// with our prefix.
func (p *Plugin) chooseLatest(forgeLatest *Release, releases []Release) *Release {
	if p.TagPrefix == "" {
		return forgeLatest
	}
	var best *Release
	for i := range releases {
		release := &releases[i]
		version := TagVersion(release.Tag, p.TagPrefix)
		if release.Prerelease || version == "" || !strings.HasPrefix(release.Tag, p.TagPrefix) {
			continue
		}
		if best == nil || CompareVersions(version, TagVersion(best.Tag, p.TagPrefix)) > 0 {
			best = release
		}
	}
	return best
}

// releaseID reads an update_id that is a release's number.
func releaseID(s string) (int64, bool) {
	id, err := strconv.ParseInt(s, 10, 64)
	return id, err == nil && id > 0
}

// offeredBranches are the branches that may be asked for, the default one
// first; none where only releases are served.
func (p *Plugin) offeredBranches(rec *record) []string {
	if p.Source == SourceRelease || rec.Repository == nil {
		return nil
	}
	branches := []string{p.branch(rec)}
	for _, branch := range p.Branches {
		if !slices.Contains(branches, branch) {
			branches = append(branches, branch)
		}
	}
	return branches
}
