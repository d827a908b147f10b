package githubtest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// Repo declares a repository.
type Repo struct {
	Owner, Name   string
	Description   string
	Homepage      string
	DefaultBranch string // default "main"
	License       string // SPDX identifier
	Topics        []string
	Private       bool // seen only with the token of RequireToken
	Archived      bool
	Properties    map[string]any // custom properties: string, []string or nil
	Created       time.Time
}

// Repository is one emulated repository.
type Repository struct {
	g  *GitHub
	id int64

	// What follows is guarded by g.mu.
	repo     Repo
	deleted  bool
	objects  objects
	branches map[string]string // name to commit
	tags     map[string]string
	releases []*release
	pushed   time.Time // of the newest commit
	updated  time.Time

	publishMu  sync.Mutex // held while Control publishes
	archivesMu sync.Mutex // guards archives, which is filled while g.mu is only held for reading
	archives   map[string]*archive
}

// ID is the repository's id, which stays when it is renamed.
func (r *Repository) ID() int64 { return r.id }

func (r *Repository) fullName() string {
	r.g.mu.RLock()
	defer r.g.mu.RUnlock()
	return r.repo.fullName()
}

// Commit makes the files the content of a branch and returns the commit's SHA,
// which depends on the content, the branch's previous commit and the time. It
// panics if a file can't be read. A branch begins where the default branch is.
func (r *Repository) Commit(branch, message string, files fs.FS, when time.Time) string {
	found := newObjects()
	tree, err := found.readTree(files, ".")
	if err != nil {
		panic("githubtest: commit to " + branch + ": " + err.Error())
	}
	return r.commitTree(branch, message, tree, found, when)
}

// commitTree makes a tree, which is in objects or in the repository, the
// content of a branch.
func (r *Repository) commitTree(branch, message, tree string, found objects, when time.Time) string {
	r.g.mu.Lock()
	before := r.branches[branch]
	parent := before
	if parent == "" {
		parent = r.branches[r.repo.DefaultBranch]
	}
	r.objects.add(found)
	c := r.objects.putCommit(commit{
		tree: tree, parent: parent, message: message, author: r.repo.Owner,
		email: strings.ToLower(r.repo.Owner) + "@example.com", when: when.UTC().Truncate(time.Second),
	})
	r.branches[branch] = c.sha
	if c.when.After(r.pushed) {
		r.pushed, r.updated = c.when, c.when
	}
	events := r.pushEvents("refs/heads/"+branch, before, c.sha)
	r.g.mu.Unlock()
	r.g.tell(events...)
	return c.sha
}

// Tag points a tag at a commit; it may move one. It panics if there is no such
// commit.
func (r *Repository) Tag(name, sha string) {
	r.g.mu.Lock()
	if r.objects.commits[sha] == nil {
		r.g.mu.Unlock()
		panic("githubtest: tag " + name + " of unknown commit " + sha)
	}
	before := r.tags[name]
	r.tags[name] = sha
	events := r.pushEvents("refs/tags/"+name, before, sha)
	r.g.mu.Unlock()
	r.g.tell(events...)
}

// DeleteTag removes a tag. Its release becomes a draft, as on GitHub.
func (r *Repository) DeleteTag(name string) {
	r.g.mu.Lock()
	before := r.tags[name]
	delete(r.tags, name)
	for _, o := range r.releases {
		if o.Tag == name {
			o.Draft = true
		}
	}
	var events []Delivery
	if before != "" {
		events = r.pushEvents("refs/tags/"+name, before, "")
	}
	r.g.mu.Unlock()
	r.g.tell(events...)
}

// DeleteBranch removes a branch. It panics if that is the default one.
func (r *Repository) DeleteBranch(name string) {
	r.g.mu.Lock()
	before := r.branches[name]
	if name == r.repo.DefaultBranch {
		r.g.mu.Unlock()
		panic("githubtest: the default branch " + name + " cannot be deleted")
	}
	delete(r.branches, name)
	var events []Delivery
	if before != "" {
		events = r.pushEvents("refs/heads/"+name, before, "")
	}
	r.g.mu.Unlock()
	r.g.tell(events...)
}

// Asset is a file attached to a release.
type Asset struct {
	Name     string
	Type     string // default application/zip
	Data     []byte
	NoDigest bool   // as GitHub answered before June 2025
	Digest   string // a digest to answer in place of the true one
}

// Release declares a release of an existing tag.
type Release struct {
	Tag        string
	Name       string
	Body       string
	Draft      bool
	Prerelease bool
	Published  time.Time // default: when the tag's commit was made
	Assets     []Asset
}

// release is a declared release with what GitHub adds to it.
type release struct {
	Release
	id      int64
	created time.Time // of the commit
	assets  []*asset
}

type asset struct {
	Asset
	id       int64
	digest   string // as answered; "" is null
	uploaded time.Time
}

// Release adds a release and returns its id. It panics if the tag does not
// exist, unless it is a draft's, or has a release.
func (r *Repository) Release(rel Release) int64 {
	r.g.mu.Lock()
	sha := r.tags[rel.Tag]
	taken := slices.ContainsFunc(r.releases, func(o *release) bool {
		return o.Tag == rel.Tag && !o.Draft && !rel.Draft
	})
	if sha == "" && !rel.Draft || taken {
		r.g.mu.Unlock()
		panic("githubtest: release of tag " + rel.Tag + ", which does not exist or has one")
	}
	made := &release{Release: rel, id: r.g.nextID()}
	if c := r.objects.commits[sha]; c != nil {
		made.created = c.when
	} else {
		made.created = rel.Published.UTC().Truncate(time.Second)
	}
	if made.Published.IsZero() {
		made.Published = made.created
	}
	made.Published = made.Published.UTC().Truncate(time.Second)
	made.Release.Assets = nil
	for _, a := range rel.Assets {
		made.assets = append(made.assets, r.newAsset(a, made.Published))
	}
	r.releases = append(r.releases, made)
	// GitHub lists the newest commit's release first.
	slices.SortStableFunc(r.releases, func(a, b *release) int {
		return cmp.Or(b.created.Compare(a.created), cmp.Compare(b.id, a.id))
	})
	var events []Delivery
	if !rel.Draft {
		events = r.releaseEvents(made, "created", "published", publishedAs(rel.Prerelease))
	}
	r.g.mu.Unlock()
	r.g.tell(events...)
	return made.id
}

func (r *Repository) newAsset(a Asset, uploaded time.Time) *asset {
	if a.Type == "" {
		a.Type = "application/zip"
	}
	made := &asset{Asset: a, id: r.g.nextID(), digest: a.Digest, uploaded: uploaded}
	if made.digest == "" && !a.NoDigest {
		sum := sha256.Sum256(a.Data)
		made.digest = "sha256:" + hex.EncodeToString(sum[:])
	}
	return made
}

// DeleteRelease removes a release; its tag stays.
func (r *Repository) DeleteRelease(id int64) {
	r.g.mu.Lock()
	var events []Delivery
	i := slices.IndexFunc(r.releases, func(o *release) bool { return o.id == id })
	if i >= 0 {
		events = r.releaseEvents(r.releases[i], "deleted")
		r.releases = slices.Delete(r.releases, i, i+1)
	}
	r.g.mu.Unlock()
	r.g.tell(events...)
}

func publishedAs(prerelease bool) (action string) {
	if prerelease {
		return "prereleased"
	}
	return "released"
}

// EditRelease changes a release's name, text, Draft or Prerelease; what else
// change does has no effect. It panics if there is no such release.
func (r *Repository) EditRelease(id int64, change func(*Release)) {
	r.g.mu.Lock()
	i := slices.IndexFunc(r.releases, func(o *release) bool { return o.id == id })
	if i < 0 {
		r.g.mu.Unlock()
		panic("githubtest: no such release")
	}
	o := r.releases[i]
	before, after := o.Release, o.Release
	change(&after)
	o.Name, o.Body, o.Draft, o.Prerelease = after.Name, after.Body, after.Draft, after.Prerelease
	var actions []string
	switch {
	case before.Draft && !o.Draft:
		actions = []string{"published", publishedAs(o.Prerelease)}
	case !before.Draft && o.Draft:
		actions = []string{"unpublished"}
	case before.Prerelease && !o.Prerelease:
		actions = []string{"released", "edited"}
	default:
		actions = []string{"edited"}
	}
	events := r.releaseEvents(o, actions...)
	r.g.mu.Unlock()
	r.g.tell(events...)
}

// Set changes the repository's declaration: renames, makes private, archives.
// The old name redirects to the new one, as on GitHub. It panics if the new
// name is another's.
func (r *Repository) Set(change func(*Repo)) {
	r.g.mu.Lock()
	before, after := r.repo, r.repo.clone()
	change(&after)
	after = after.clone()
	old, name := strings.ToLower(before.fullName()), strings.ToLower(after.fullName())
	if other := r.g.repos[name]; name != old && other != nil {
		r.g.mu.Unlock()
		panic("githubtest: repository " + after.fullName() + " exists")
	}
	r.repo, r.updated = after, r.g.now()
	if !r.deleted && name != old {
		delete(r.g.repos, old)
		delete(r.g.moved, name)
		r.g.repos[name] = r
		r.g.moved[old] = r.id
	}
	var events []Delivery
	for _, action := range changes(before, after) {
		events = append(events, r.repositoryEvent(action, before))
	}
	if !reflect.DeepEqual(before.Properties, after.Properties) {
		events = append(events, r.propertiesEvent(before.Properties))
	}
	r.g.mu.Unlock()
	r.g.tell(events...)
}

// Delete removes the repository: GitHub answers 404 from then on.
func (r *Repository) Delete() {
	r.g.mu.Lock()
	if r.deleted {
		r.g.mu.Unlock()
		return
	}
	r.deleted = true
	delete(r.g.repos, strings.ToLower(r.repo.fullName()))
	delete(r.g.byID, r.id)
	event := r.repositoryEvent("deleted", r.repo)
	r.g.mu.Unlock()
	r.g.tell(event)
}

// resolve finds the commit that a branch, tag, commit name (whole, or seven
// digits or more of it) or "HEAD" stands for; nil if none. Where a tag and a
// branch share a name the tag wins, as in git.
func (r *Repository) resolve(ref string) *commit {
	if ref == "" || ref == "HEAD" {
		return r.objects.commits[r.branches[r.repo.DefaultBranch]]
	}
	// A whole name is never taken for a branch that is called so.
	sha := strings.ToLower(ref)
	if c := r.objects.commits[sha]; c != nil {
		return c
	}
	if _, at := r.resolveRef(ref); at != "" {
		return r.objects.commits[at]
	}
	if len(sha) < 7 || len(sha) >= 40 {
		return nil
	}
	var found *commit
	for name, c := range r.objects.commits {
		if strings.HasPrefix(name, sha) {
			if found != nil {
				return nil // ambiguous
			}
			found = c
		}
	}
	return found
}

// resolveRef finds a tag or branch by its short or full name and returns the
// full one with its commit's name; both are "" if there is none.
func (r *Repository) resolveRef(ref string) (full, sha string) {
	short := strings.TrimPrefix(ref, "refs/")
	if name, ok := strings.CutPrefix(short, "tags/"); ok && r.tags[name] != "" {
		return "refs/tags/" + name, r.tags[name]
	}
	if name, ok := strings.CutPrefix(short, "heads/"); ok && r.branches[name] != "" {
		return "refs/heads/" + name, r.branches[name]
	}
	if sha := r.tags[ref]; sha != "" {
		return "refs/tags/" + ref, sha
	}
	if sha := r.branches[ref]; sha != "" {
		return "refs/heads/" + ref, sha
	}
	return "", ""
}

// latest is the published release that is no prerelease and whose commit is
// the newest; nil if there is none. See GitHub's "Get the latest release".
func (r *Repository) latest() *release {
	i := slices.IndexFunc(r.releases, func(o *release) bool { return !o.Draft && !o.Prerelease })
	if i < 0 {
		return nil
	}
	return r.releases[i]
}
