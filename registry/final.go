package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pluginyard/pluginyard/registry/installer"
)

// final is what a release was built from when it was first served. From then on
// it is built from nothing else, whatever the forge says of its tag and files,
// unless the operator agrees: sites that have the version would never get the
// change, and others would get what nobody reviewed.
type final struct {
	Commit string `json:"commit"`
	// Files are those that were attached to the release: what tells each from
	// another one, by name.
	Files map[string]string `json:"files,omitempty"`
	// Published is when the release was, the first time: one made anew is no
	// younger. It is zero where an older program or the operator noted it.
	Published time.Time `json:"published,omitzero"`
}

// finalFrom is what a revision of a release was built from.
func finalFrom(rev *Revision) final {
	return final{rev.Commit, filesOf(rev.Release), rev.Release.Published}
}

// AttachTime is how long after its release was published a zip may still be
// attached to it, in place of none: builds that publish first and upload then
// do so within minutes. The forge tells nobody of that, so releases without one
// are looked at again: first after attachFirst, then at twice that age, and so on.
const (
	AttachTime  = time.Hour
	attachFirst = 5 * time.Minute
)

// attachDue is when to look whether a zip was attached to what is served since
// that was last looked for; zero if it need not be.
func (p *Plugin) attachDue(rec *record, last time.Time) time.Time {
	var first time.Time
	for _, state := range rec.Channels {
		if state.Release == 0 || last.Sub(state.Built) >= AttachTime {
			continue
		}
		i := slices.IndexFunc(rec.Releases, func(r Release) bool { return r.ID == state.Release })
		if i < 0 {
			continue
		}
		release := &rec.Releases[i]
		age := last.Sub(release.Published)
		if age >= AttachTime || p.ownZip(release.Tag, slices.Collect(maps.Keys(filesOf(release)))) != "" {
			continue
		}
		next := attachFirst
		for next <= age {
			next *= 2
		}
		if due := release.Published.Add(min(next, AttachTime)); first.IsZero() || due.Before(first) {
			first = due
		}
	}
	return first
}

// filesOf are the files attached to a release, as in [final].
func filesOf(release *Release) map[string]string {
	files := make(map[string]string, len(release.Files))
	for _, file := range release.Files {
		files[file.Name] = identity(&file)
	}
	return files
}

// identity tells a release's file from another one of its name: by its digest,
// or where the forge gave none by its number and times.
func identity(file *ReleaseFile) string {
	return cmp.Or(file.Digest, fmt.Sprintf("%d/%d/%d", file.ID, file.Size, file.Updated.Unix()))
}

// ownZip is the name of the file, of those attached to a release, that is its
// installer; "" if none is.
func (p *Plugin) ownZip(tag string, names []string) string {
	if i := installer.ReleaseFile(names, string(p.Slug), tag, TagVersion(tag, p.TagPrefix), p.Asset); i >= 0 {
		return names[i]
	}
	return ""
}

// fileChanged compares the zip that a release's installer was made from with
// the one that it would be made from now, both as the configuration chooses: a
// changed configuration is the operator's word. When it is looked at does not
// count, but when the zip was uploaded. None may be attached to a release of
// which nobody knows since when it was out.
func (p *Plugin) fileChanged(f final, release *Release) (was, is string, changed bool) {
	names := slices.Sorted(maps.Keys(f.Files))
	if name := p.ownZip(release.Tag, names); name != "" {
		was = f.Files[name]
	}
	files := filesOf(release)
	var uploaded time.Time
	if name := p.ownZip(release.Tag, slices.Sorted(maps.Keys(files))); name != "" {
		is = files[name]
		uploaded = release.Files[slices.IndexFunc(release.Files, func(f ReleaseFile) bool { return f.Name == name })].Updated
	}
	dated := !f.Published.IsZero() && !uploaded.IsZero()
	if was == "" && is != "" && dated && uploaded.Sub(f.Published) <= AttachTime {
		return was, is, false
	}
	return was, is, was != is
}

// contradicts reports whether a revision is another one than its release was
// first served from, or than the operator has agreed to while it was built.
func (r *record) contradicts(plugin *Plugin, rev *Revision) bool {
	f, known := r.Finals[rev.Ref]
	if rev.Release == nil || !known {
		return false
	}
	_, _, changed := plugin.fileChanged(f, rev.Release)
	return changed || f.Commit != rev.Commit
}

// finish notes what a release was served from, the first time, or for a build
// that was let through.
func (r *record) finish(rev *Revision, built bool) {
	if rev.Release == nil || rev.Commit == "" {
		return
	}
	was, known := r.Finals[rev.Ref]
	if known && !built {
		return
	}
	is := finalFrom(rev)
	if known && was.Published.Before(is.Published) {
		is.Published = was.Published // or whoever makes it anew has another hour to attach a zip
	}
	finals := maps.Clone(r.Finals) // readers hold the old one
	if finals == nil {
		finals = map[string]final{}
	}
	finals[rev.Ref] = is
	r.Finals = finals
}

// forget drops what was served from releases that are gone, once there are more
// of them than a repository is looked at for: a release that is taken away and
// made again is still the one that it was.
func (r *record) forget(gone func(tag string) bool) {
	r.HeldReleases = maps.Clone(r.HeldReleases) // readers hold the old ones
	maps.DeleteFunc(r.HeldReleases, func(tag string, _ *Hold) bool { return gone(tag) })
	if len(r.Finals) > 2*MaxReleases {
		r.Finals = maps.Clone(r.Finals)
		maps.DeleteFunc(r.Finals, func(tag string, _ final) bool { return gone(tag) })
	}
}

// finalOf is what a revision's release was first served from; false if it never
// was, or is no release.
func (s *Service) finalOf(ctx context.Context, shelf *shelf, rec *record, rev *Revision) (final, bool) {
	if rev.Release == nil {
		return final{}, false
	}
	if f, ok := rec.Finals[rev.Ref]; ok {
		return f, true
	}
	// Older programs did not note it, but the package says it.
	for _, state := range rec.Channels {
		if state.Package == "" || !state.of(rev.Release) && state.Tag != rev.Ref {
			continue
		}
		before, err := s.load(ctx, shelf, &state)
		if err != nil {
			continue
		}
		if built := &before.pkg.Revision; built.Release != nil && built.Ref == rev.Ref && built.Commit != "" {
			return finalFrom(built), true
		}
	}
	return final{}, false
}

// releaseChanged is what has changed of a release since it was first served; nil
// if nothing has. The tag is asked for.
func (s *Service) releaseChanged(ctx context.Context, shelf *shelf, rec *record, rev *Revision) (*Hold, error) {
	f, ok := s.finalOf(ctx, shelf, rec, rev)
	if !ok {
		return nil, nil
	}
	hold := shelf.fileHold(rec, rev, f)
	repo := rec.repo(&shelf.plugin)
	commit, err := s.cfg.Forge.Commit(ctx, repo, "tags/"+rev.Ref)
	switch {
	case errors.Is(err, ErrNotFound):
		return hold, nil // its release goes with it, and the next check will see that
	case err != nil:
		return nil, fmt.Errorf("ask for tag %s of %s: %w", rev.Ref, repo, err)
	case commit.SHA == f.Commit && hold == nil:
		return nil, nil
	case hold == nil:
		hold = shelf.releaseHold(HeldTag, rec, rev.Ref)
	}
	hold.Was.Commit, hold.Now.Commit = f.Commit, commit.SHA
	return hold, nil
}

// fileHold is the change of a release's own zip; nil if it is the same.
func (sh *shelf) fileHold(rec *record, rev *Revision, f final) *Hold {
	was, is, changed := sh.plugin.fileChanged(f, rev.Release)
	if !changed {
		return nil
	}
	hold := sh.releaseHold(HeldFile, rec, rev.Ref)
	hold.Was.File, hold.Now.File = was, is
	return hold
}

func (sh *shelf) releaseHold(cause HoldCause, rec *record, tag string) *Hold {
	origin := rec.Repository.origin()
	origin.Tag = tag
	return &Hold{Cause: cause, Was: origin, Now: origin, Private: rec.Repository.Private}
}
