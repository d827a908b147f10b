package registry

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// record is everything that is known of one plugin and changes over time; it
// is stored as a whole under "plugins/SLUG.json" and replaced as a whole, so a
// crash leaves the old one or the new one. Nobody changes a record after it
// was published: a change is made on a copy.
type record struct {
	Repo       string      `json:"repo"`             // as configured; for another one see loadRecord
	Config     string      `json:"config,omitempty"` // of the plugin's entry at the last check, in short
	Repository *Repository `json:"repository,omitempty"`
	// Held is why nothing is built from the repository; Approved is the one that
	// the operator has agreed to, until it was asked about. HeldReleases are
	// releases that are not built again, by tag.
	Held         *Hold            `json:"held,omitempty"`
	Approved     *Origin          `json:"approved,omitempty"`
	HeldReleases map[string]*Hold `json:"held_releases,omitempty"`
	// Finals say what releases were first served from, by tag.
	Finals map[string]final `json:"finals,omitempty"`

	// Withheld is when the forge told us that the repository became private, while
	// its answers do not say so; see believePublic.
	Withheld time.Time `json:"withheld,omitzero"`
	Surveyed time.Time `json:"surveyed,omitzero"`  // when the repository's facts were last asked for
	Checked  time.Time `json:"checked,omitzero"`   // when the last check ended well
	Releases []Release `json:"releases,omitempty"` // without their notes
	Latest   *Release  `json:"latest,omitempty"`
	// Versions are those in the headers of releases that were built, by id:
	// what a release is, whatever its tag says.
	Versions map[int64]string `json:"versions,omitempty"`
	// Offered says since when the release channel offers a release, by id, while
	// that is not lower than Reached: the highest version that was for all sites.
	Offered map[int64]time.Time `json:"offered,omitempty"`
	Reached string              `json:"reached,omitempty"`
	// Whole are the releases, by id, that were for all sites: going back to one
	// begins no rollout.
	Whole map[int64]bool `json:"whole,omitempty"`
	// Beta says that somebody has asked for the beta channel, which is kept
	// fresh from then on.
	Beta bool `json:"beta,omitempty"`

	Heads    map[string]Commit       `json:"heads,omitempty"`   // by branch
	Channels map[string]channelState `json:"channels"`          // by Channel.String()
	Waiting  map[string]channelState `json:"waiting,omitempty"` // by the same: built, to be served once they are signed
	Files    map[Digest]keptFile     `json:"files"`             // what may be downloaded
	Past     []pastState             `json:"past,omitempty"`    // what channels served before, the last one first

	offer  *offer  // what policies leave of it; set before it is published
	before *record // that of the repository configured before, until it is known whether this is the same
}

// channelState is what one channel serves.
type channelState struct {
	Channel Channel `json:"channel"`
	Package Digest  `json:"package"`
	Type    Type    `json:"type"`
	File    string  `json:"file"`              // as Package.File
	Version string  `json:"version"`           // of the package
	Release int64   `json:"release,omitempty"` // id of the release that the package was built from; 0 for a branch
	Tag     string  `json:"tag,omitempty"`     // its tag
	Commit  string  `json:"commit,omitempty"`  // that the package was built from; "" where an older program stored it
	// Displaced says that the release channel served this until something
	// newer came. The last one is kept, to go back to at once.
	Displaced bool            `json:"displaced,omitempty"`
	Inputs    string          `json:"inputs"`           // what the package was built from, in short
	Files     []Digest        `json:"files"`            // installer and images of the package
	Documents []Digest        `json:"documents"`        // the forms of its information document
	Update    json.RawMessage `json:"update"`           // the package's update object
	Listed    string          `json:"listed,omitempty"` // the versions that the documents list, in short
	Encoded   string          `json:"encoded"`          // what Update was encoded for, see Service.encoding
	Built     time.Time       `json:"built"`
}

// again is what a state hands on to the one after it, of the same package
// encoded anew.
func (c *channelState) again() channelState {
	return channelState{Channel: c.Channel, Inputs: c.Inputs, Displaced: c.Displaced}
}

// modified is when clients could first read the channel's documents. That is
// not the revision's own time: a document also changes when an older release
// goes away, and a client that asks by time alone has to learn of it.
func (c *channelState) modified() time.Time { return c.Built.UTC().Truncate(time.Second) }

// keptFile is an installer or an image of this plugin that links may name.
type keptFile struct {
	Blob
	Name     string    `json:"name"`
	Type     string    `json:"type"`
	MD5      string    `json:"md5,omitempty"`
	SHA384   string    `json:"sha384,omitempty"`
	Modified time.Time `json:"modified"`
	Retired  time.Time `json:"retired,omitzero"` // since when no current package holds it
}

// latest is the latest release, or nil. A nil record has none.
func (r *record) latest() *Release {
	if r == nil {
		return nil
	}
	return r.Latest
}

// release finds a published release by id or tag. An id wins over a tag that
// is the same digits. With a prefix, only that plugin's tags are seen, and a
// tag may be named without it.
func (r *record) release(idOrTag, prefix string) *Release {
	id, isID := releaseID(idOrTag)
	if isID {
		for i := range r.Releases {
			if r.Releases[i].ID == id && strings.HasPrefix(r.Releases[i].Tag, prefix) {
				return &r.Releases[i]
			}
		}
	}
	for i := range r.Releases {
		tag := r.Releases[i].Tag
		if strings.HasPrefix(tag, prefix) && (tag == idOrTag || prefix != "" && tag == prefix+idOrTag) {
			return &r.Releases[i]
		}
	}
	return nil
}

// clone copies what a change may touch.
func (r *record) clone() *record {
	c := *r
	c.Channels = make(map[string]channelState, len(r.Channels)+1)
	for key, state := range r.Channels {
		c.Channels[key] = state
	}
	c.Waiting = maps.Clone(r.Waiting)
	c.Files = make(map[Digest]keptFile, len(r.Files)+8)
	for digest, file := range r.Files {
		c.Files[digest] = file
	}
	c.offer = nil
	return &c
}

// saysAs reports whether two records differ in nothing but when the forge was
// asked. Most checks find nothing new, and whatever was made of all records
// then stays true.
func (r *record) saysAs(other *record) bool {
	a, b := *r, *other
	for _, rec := range []*record{&a, &b} {
		rec.Surveyed, rec.Checked, rec.Config, rec.offer, rec.before = time.Time{}, time.Time{}, "", nil, nil
	}
	return reflect.DeepEqual(a, b)
}

// The folders of records, and of their copies.
const (
	pluginsFolder = "plugins/"
	copiesFolder  = "copies/"
)

func recordName(slug Slug) string { return pluginsFolder + string(slug) + ".json" }

// copyName is the name of a record's copy, for when the record is lost. It
// lacks at most the time of the last checks.
func copyName(slug Slug) string { return copiesFolder + string(slug) + ".json" }

func newRecord(plugin *Plugin) *record {
	return &record{Repo: plugin.Repo.String(), Channels: map[string]channelState{}, Files: map[Digest]keptFile{}}
}

// readRecord reads a plugin's record; a new one if it is of another repository.
// The repository's new name in the configuration, as the record knows it, keeps
// the record, and agrees to its new owner. Of a name that it does not know it is
// found out later. What was found, as the repository of that number, agrees to
// nothing: nobody has written its name. The number of a configured one is 0.
// ErrNotFound, and ErrCorrupt if it cannot be read as one.
func readRecord(ctx context.Context, store Store, name string, plugin *Plugin, found int64) (*record, error) {
	fresh := newRecord(plugin)
	rec, err := parsedRecord(ctx, store, name)
	if err != nil {
		return nil, err
	}
	if rec.Repo != fresh.Repo && !rec.renamed(plugin, found) {
		fresh.before = rec
		return fresh, nil
	}
	rec.Repo = fresh.Repo
	// Decoding leaves up to half of a list empty, and thousands are held.
	rec.Releases = slices.Clone(rec.Releases)
	if rec.Channels == nil {
		rec.Channels = fresh.Channels
	}
	if rec.Files == nil {
		rec.Files = fresh.Files
	}
	for key, state := range rec.Channels {
		state.Type = cmp.Or(state.Type, TypePlugin) // written when there was nothing else
		rec.Channels[key] = state
	}
	return rec, nil
}

// renamed reports whether the configuration gives the repository the name that
// the record knows it by. That of a new owner is a yes to that owner. One that
// was found is known by its number too.
func (r *record) renamed(plugin *Plugin, found int64) bool {
	if r.Repository == nil {
		return false
	}
	if found != 0 && r.Repository.ID == found {
		return true
	}
	if held := r.Held; found == 0 && held != nil && held.Cause == HeldOwner && held.Now.Repo.equals(plugin.Repo) {
		r.Approved, r.Held = &held.Now, nil
		return true
	}
	return r.Repository.Repo.equals(plugin.Repo) || strings.EqualFold(r.Repo, plugin.Repo.String())
}

// adopt goes on with the record of the repository configured before, if that is
// the same under another name.
func (r *record) adopt(found *Repository) {
	before := r.before
	if r.before = nil; before == nil || before.Repository == nil || before.Repository.ID == 0 || before.Repository.ID != found.ID {
		return
	}
	repo, withheld := r.Repo, r.Withheld
	*r = *before.clone()
	r.Repo, r.Withheld = repo, withheld
}

// parsedRecord reads a record as it is. ErrCorrupt if it cannot be.
func parsedRecord(ctx context.Context, store recordLoader, name string) (*record, error) {
	data, err := store.Load(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("load record %s: %w", name, err)
	}
	rec := &record{}
	if err := json.Unmarshal(data, rec); err != nil {
		return nil, fmt.Errorf("read record %s: %w: %w", name, ErrCorrupt, err)
	}
	return rec, nil
}

// recordLoader is the part of a [Store] that reads records.
type recordLoader interface {
	Load(ctx context.Context, name string) ([]byte, error)
}

func saveRecord(ctx context.Context, store Store, name string, rec *record) error {
	data, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("encode record %s: %w", name, err)
	}
	return store.Save(ctx, name, data)
}

// KeepFor is how long an installer or image may be downloaded after it was
// replaced: longer than any site holds on to an old document.
const KeepFor = 30 * 24 * time.Hour

// keep makes a new package what its channel serves, and retires the files that
// no channel has any more.
func (r *record) keep(pkg *Package, state *channelState, now time.Time) {
	r.hold(pkg, state)
	r.supersede(state.Channel.String(), state, now)
	r.Channels[state.Channel.String()] = *state
	r.retire(now)
}

// hold notes which files a package has.
func (r *record) hold(pkg *Package, state *channelState) {
	state.Files, state.Commit = []Digest{pkg.Installer.Digest}, pkg.Revision.Commit
	r.Files[pkg.Installer.Digest] = keptFile{Blob: pkg.Installer.Blob, Name: pkg.Installer.Name, Type: installerType, MD5: pkg.Installer.MD5, SHA384: pkg.Installer.SHA384, Modified: pkg.Revision.Modified}
	if release := pkg.Revision.Release; release != nil {
		state.Release, state.Tag = release.ID, release.Tag
	}
	for _, image := range pkg.Images {
		state.Files = append(state.Files, image.Digest)
		r.Files[image.Digest] = keptFile{Blob: image.Blob, Name: image.Name, Type: image.Type, Modified: pkg.Revision.Modified}
	}
	state.Documents = nil
	for _, form := range pkg.Information.forms(&Document{}) {
		if form.blob.Digest != "" {
			state.Documents = append(state.Documents, form.blob.Digest)
		}
	}
}

// builtAs notes the version in a release's header.
func (r *record) builtAs(id int64, version string) {
	if r.Versions[id] == version {
		return
	}
	versions := maps.Clone(r.Versions) // readers hold the old one
	if versions == nil {
		versions = map[int64]string{}
	}
	versions[id] = version
	r.Versions = versions
}

// displace keeps what the release channel serves under its release's own name,
// before another release takes its place. Of those that were displaced before,
// only what is offered stays.
func (r *record) displace(plugin *Plugin, by *Release) {
	current := r.Channels[string(KindRelease)]
	if by == nil || current.Package == "" || current.Release == 0 || current.Release == by.ID {
		return
	}
	kept := plugin.kept(r, func(c *candidate) bool { return c.state == nil })
	for key, state := range r.Channels {
		needed := state.Release == by.ID || slices.ContainsFunc(kept, func(c candidate) bool { return c.release != nil && c.release.ID == state.Release })
		if state.Displaced && !needed {
			delete(r.Channels, key)
		}
	}
	current.Channel, current.Displaced = Channel{KindRelease, current.Tag}, true
	if key := current.Channel.String(); r.Channels[key].Package == "" && plugin.offers(r, current.Channel) {
		r.Channels[key] = current
	}
}

// retire dates the files that no channel has any more, and forgets those that
// were kept for long enough.
func (r *record) retire(now time.Time) {
	current := map[Digest]bool{}
	for _, states := range []map[string]channelState{r.Channels, r.Waiting} {
		for _, state := range states {
			for _, digest := range state.Files {
				current[digest] = true
			}
		}
	}
	for digest, file := range r.Files {
		switch {
		case current[digest]:
			continue
		case file.Retired.IsZero():
			file.Retired = now
			r.Files[digest] = file
		case now.Sub(file.Retired) > KeepFor:
			delete(r.Files, digest)
		}
	}
}

// note takes over what a survey found. Channels that no request can name any
// more, such as a release that was withdrawn, are given up, and their files
// retired.
func (r *record) note(plugin *Plugin, found *surveyed, now time.Time) {
	r.Repository, r.Surveyed = r.believePublic(found.repository, now), now
	r.Held, r.Approved = nil, nil // who calls has judged it
	r.Latest = plugin.chooseLatest(found.latest, found.releases)
	r.Releases = withoutNotes(found.releases)
	r.head(plugin.branch(r), found.head)
	gone := func(id int64) bool {
		return !slices.ContainsFunc(r.Releases, func(release Release) bool { return release.ID == id })
	}
	r.Versions = maps.Clone(r.Versions)
	maps.DeleteFunc(r.Versions, func(id int64, _ string) bool { return gone(id) })
	r.Offered, r.Whole = maps.Clone(r.Offered), maps.Clone(r.Whole)
	maps.DeleteFunc(r.Offered, func(id int64, _ time.Time) bool { return gone(id) })
	maps.DeleteFunc(r.Whole, func(id int64, _ bool) bool { return gone(id) })
	r.forget(func(tag string) bool {
		return !slices.ContainsFunc(r.Releases, func(release Release) bool { return release.Tag == tag })
	})
	for _, states := range []map[string]channelState{r.Channels, r.Waiting} {
		for key, state := range states {
			if !plugin.offers(r, state.Channel) {
				delete(states, key)
			}
		}
	}
	r.retire(now)
}

// inputs names everything that a package is built from: if it is the same, so
// is the package, except for links and the list of versions.
func inputs(plugin *Plugin, rec *record, rev *Revision) string {
	release := rev.Release
	if release != nil {
		plain := release.withoutNotes() // those of all but the latest are not held
		release = &plain
	}
	repository := *rec.Repository
	repository.OwnerID = 0 // no part of any package
	return fingerprint(struct {
		Format     int
		Plugin     *Plugin
		Repository *Repository
		Release    *Release
		Commit     string
	}{buildFormat, plugin, &repository, release, rev.Commit})
}

// fingerprint tells values of plain data apart.
func fingerprint(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic("encode fingerprint: " + err.Error()) // plain data always encodes
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}
