package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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
	Repo       string      `json:"repo"`             // as configured; another one makes the record void
	Config     string      `json:"config,omitempty"` // of the plugin's entry at the last check, in short
	Repository *Repository `json:"repository,omitempty"`
	Surveyed   time.Time   `json:"surveyed,omitzero"`  // when the repository's facts were last asked for
	Checked    time.Time   `json:"checked,omitzero"`   // when the last check ended well
	Releases   []Release   `json:"releases,omitempty"` // without their notes
	Latest     *Release    `json:"latest,omitempty"`

	Heads    map[string]Commit       `json:"heads,omitempty"` // by branch
	Channels map[string]channelState `json:"channels"`        // by Channel.String()
	Files    map[Digest]keptFile     `json:"files"`           // what may be downloaded
}

// channelState is what one channel serves.
type channelState struct {
	Channel   Channel         `json:"channel"`
	Package   Digest          `json:"package"`
	Inputs    string          `json:"inputs"`    // what the package was built from, in short
	Files     []Digest        `json:"files"`     // installer and images of the package
	Documents []Digest        `json:"documents"` // the forms of its information document
	Update    json.RawMessage `json:"update"`    // the package's update object
	Encoded   string          `json:"encoded"`   // what Update was encoded for, see Service.encoding
	Built     time.Time       `json:"built"`
	Moved     string          `json:"moved,omitempty"` // the commit that the release's tag names now, if it is another
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
	c.Files = make(map[Digest]keptFile, len(r.Files)+8)
	for digest, file := range r.Files {
		c.Files[digest] = file
	}
	return &c
}

// saysAs reports whether two records differ in nothing but when the forge was
// asked. Most checks find nothing new, and whatever was made of all records
// then stays true.
func (r *record) saysAs(other *record) bool {
	a, b := *r, *other
	for _, rec := range []*record{&a, &b} {
		rec.Surveyed, rec.Checked, rec.Config = time.Time{}, time.Time{}, ""
	}
	return reflect.DeepEqual(a, b)
}

func recordName(slug Slug) string { return "plugins/" + string(slug) + ".json" }

// loadRecord reads a plugin's record; a new one if there is none, if it is of
// another repository, or if it cannot be read as one.
func loadRecord(ctx context.Context, store Store, plugin *Plugin) (*record, error) {
	fresh := &record{Repo: plugin.Repo.String(), Channels: map[string]channelState{}, Files: map[Digest]keptFile{}}
	data, err := store.Load(ctx, recordName(plugin.Slug))
	if errors.Is(err, ErrNotFound) {
		return fresh, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load record of %s: %w", plugin.Slug, err)
	}
	rec := &record{}
	if err := json.Unmarshal(data, rec); err != nil {
		return nil, fmt.Errorf("read record of %s: %w: %w", plugin.Slug, ErrCorrupt, err)
	}
	if rec.Repo != fresh.Repo {
		return fresh, nil
	}
	// Decoding leaves up to half of a list empty, and thousands are held.
	rec.Releases = slices.Clone(rec.Releases)
	if rec.Channels == nil {
		rec.Channels = fresh.Channels
	}
	if rec.Files == nil {
		rec.Files = fresh.Files
	}
	return rec, nil
}

func saveRecord(ctx context.Context, store Store, slug Slug, rec *record) error {
	data, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("encode record of %s: %w", slug, err)
	}
	if err := store.Save(ctx, recordName(slug), data); err != nil {
		return fmt.Errorf("save record of %s: %w", slug, err)
	}
	return nil
}

// KeepFor is how long an installer or image may be downloaded after it was
// replaced: longer than any site holds on to an old document.
const KeepFor = 30 * 24 * time.Hour

// keep notes which files a new package has, and retires those that no channel
// has any more.
func (r *record) keep(pkg *Package, state *channelState, now time.Time) {
	state.Files = []Digest{pkg.Installer.Digest}
	r.Files[pkg.Installer.Digest] = keptFile{Blob: pkg.Installer.Blob, Name: pkg.Installer.Name, Type: "application/zip", MD5: pkg.Installer.MD5, Modified: pkg.Revision.Modified}
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
	r.Channels[state.Channel.String()] = *state
	r.retire(now)
}

// retire dates the files that no channel has any more, and forgets those that
// were kept for long enough.
func (r *record) retire(now time.Time) {
	current := map[Digest]bool{}
	for _, state := range r.Channels {
		for _, digest := range state.Files {
			current[digest] = true
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
	r.Repository, r.Surveyed = found.repository, now
	r.Latest = plugin.chooseLatest(found.latest, found.releases)
	r.Releases = withoutNotes(found.releases)
	r.head(plugin.branch(r), found.head)
	for key, state := range r.Channels {
		if !plugin.offers(r, state.Channel) {
			delete(r.Channels, key)
		}
	}
	r.retire(now)
}

// inputs names everything that a package is built from: if it is the same, so
// is the package, except for links and the list of versions.
func inputs(plugin *Plugin, rec *record, rev *Revision) string {
	return fingerprint(struct {
		Format     int
		Plugin     *Plugin
		Repository *Repository
		Release    *Release
		Commit     string
	}{buildFormat, plugin, rec.Repository, rev.Release, rev.Commit})
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
