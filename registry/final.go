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
}

// AttachTime is how long after its release was published a zip may still be
// attached to it, in place of none: builds that publish first and upload then
// do so within minutes.
const AttachTime = time.Hour

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
// changed configuration is the operator's word.
func (p *Plugin) fileChanged(f final, release *Release, now time.Time) (was, is string, changed bool) {
	names := slices.Sorted(maps.Keys(f.Files))
	if name := p.ownZip(release.Tag, names); name != "" {
		was = f.Files[name]
	}
	files := filesOf(release)
	if name := p.ownZip(release.Tag, slices.Sorted(maps.Keys(files))); name != "" {
		is = files[name]
	}
	if was == "" && is != "" && now.Sub(release.Published) < AttachTime {
		return was, is, false
	}
	return was, is, was != is
}

// finish notes what a release was served from, the first time, or for a build
// that was let through.
func (r *record) finish(rev *Revision, built bool) {
	if rev.Release == nil || rev.Commit == "" {
		return
	}
	if _, known := r.Finals[rev.Ref]; known && !built {
		return
	}
	finals := maps.Clone(r.Finals) // readers hold the old one
	if finals == nil {
		finals = map[string]final{}
	}
	finals[rev.Ref] = final{rev.Commit, filesOf(rev.Release)}
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
			return final{built.Commit, filesOf(built.Release)}, true
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
	hold := s.fileHold(shelf, rec, rev, f)
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
func (s *Service) fileHold(shelf *shelf, rec *record, rev *Revision, f final) *Hold {
	was, is, changed := shelf.plugin.fileChanged(f, rev.Release, s.cfg.Now())
	if !changed {
		return nil
	}
	hold := shelf.releaseHold(HeldFile, rec, rev.Ref)
	hold.Was.File, hold.Now.File = was, is
	return hold
}

func (sh *shelf) releaseHold(cause HoldCause, rec *record, tag string) *Hold {
	origin := rec.Repository.origin()
	origin.Tag = tag
	return &Hold{Cause: cause, Was: origin, Now: origin, Private: rec.Repository.Private}
}
