package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"time"
)

// Hold is a change at the forge that nothing is built from until the operator
// agrees to it: a repository that somebody else has now, or a release whose
// content is another one under the same version. What was built before stays up.
type Hold struct {
	Cause HoldCause `json:"cause"`
	Was   Origin    `json:"was"`
	Now   Origin    `json:"now"`
	Since time.Time `json:"since"` // when it was found
	// Good is when the last check before that ended well; zero if none did.
	Good time.Time `json:"good,omitzero"`
	// Private says that names in it are not for the public.
	Private bool `json:"private,omitempty"`
}

// HoldCause is why something is held.
type HoldCause string

// The causes.
const (
	HeldOwner      HoldCause = "owner"      // the repository was transferred to another owner
	HeldRepository HoldCause = "repository" // another repository has the name
	HeldTag        HoldCause = "tag"        // a release that was served: its tag names another commit
	HeldFile       HoldCause = "file"       // a release that was served: its own zip is another one
	HeldName       HoldCause = "name"       // of an owner that is followed: another account has the name
)

// Origin says exactly where something comes from, so that an approval of one
// origin is none of another. Of a repository the last three are empty.
type Origin struct {
	Repo    Repo   `json:"repo"`
	ID      int64  `json:"id,omitempty"`       // of the repository; 0 is not known
	OwnerID int64  `json:"owner_id,omitempty"` // 0 is not known
	Tag     string `json:"tag,omitempty"`
	Commit  string `json:"commit,omitempty"`
	File    string `json:"file,omitempty"` // tells the release's own zip from another one; "" is none
}

// origin is that of a repository.
func (r *Repository) origin() Origin { return Origin{Repo: r.Repo, ID: r.ID, OwnerID: r.OwnerID} }

// ownedAs reports whether two repositories are of one owner, whose name may
// have changed.
func (o Origin) ownedAs(other Origin) bool {
	if o.OwnerID != 0 && other.OwnerID != 0 {
		return o.OwnerID == other.OwnerID
	}
	return strings.EqualFold(o.Repo.Owner, other.Repo.Owner)
}

// sameRepository reports whether a repository is the one that was agreed to;
// its name does not count.
func (o Origin) sameRepository(other Origin) bool {
	return o.ID == other.ID && o.ownedAs(other) && o.Tag == other.Tag
}

func (r Repo) equals(other Repo) bool { return strings.EqualFold(r.String(), other.String()) }

// judge compares the repository that the forge has under the plugin's name with
// the one that the plugin is known to be of, or else with the configuration. Nil
// if it may be built from.
func (r *record) judge(plugin *Plugin, found *Repository) *Hold {
	now := found.origin()
	if r.Approved != nil && r.Approved.sameRepository(now) {
		return nil
	}
	hold := &Hold{Cause: HeldOwner, Was: Origin{Repo: plugin.Repo}, Now: now, Private: found.Private}
	if r.Repository != nil {
		hold.Was = r.Repository.origin()
		hold.Private = hold.Private || r.Repository.Private
	}
	switch was := hold.Was; {
	case was.ID != 0 && now.ID != 0 && was.ID != now.ID:
		hold.Cause = HeldRepository
		return hold
	case !was.ownedAs(now):
		return hold
	}
	return nil
}

// repo is the name to ask the forge under: the one that the repository was last
// known by, since a former name costs a redirect each time, and may be taken by
// a stranger.
func (r *record) repo(plugin *Plugin) Repo {
	if r == nil || r.Repository == nil || r.Repository.Repo.equals(plugin.Repo) {
		return plugin.Repo
	}
	return r.Repository.Repo
}

// Message is what has changed, for people.
func (h *Hold) Message() string {
	switch {
	case h.Cause == HeldName:
		return fmt.Sprintf("the name %s is another account's now than it was (number %d, not %d); what was found stays up, and nothing of that account's is taken up until the registry's operator agrees", h.Now.Repo.Owner, h.Now.OwnerID, h.Was.OwnerID)
	case h.Cause == HeldTag && h.Private:
		return fmt.Sprintf("tag %s was moved after it was released; the package built first stays up, since sites may have it. Publish the change as a new release", h.Now.Tag)
	case h.Cause == HeldTag:
		return fmt.Sprintf("tag %s of %s was moved from commit %.7s to %.7s after it was released; the package built first stays up, since sites may have it. Publish the change as a new release", h.Now.Tag, h.Now.Repo, h.Was.Commit, h.Now.Commit)
	case h.Cause == HeldFile:
		return fmt.Sprintf("the zip of release %s was replaced, added or taken away after it was released; the package built first stays up, since sites may have it. Publish the change as a new release", h.Now.Tag)
	case h.Private:
		return "the repository was transferred, or is another one now; nothing is built from it until the registry's operator agrees"
	case h.Cause == HeldRepository:
		return fmt.Sprintf("%s is another repository now than it was (number %d, not %d); nothing is built from it until the registry's operator agrees", h.Now.Repo, h.Now.ID, h.Was.ID)
	}
	return fmt.Sprintf("repository %s was transferred to another owner and is %s now; nothing is built from it until the registry's operator agrees", h.Was.Repo, h.Now.Repo)
}

// Remedy is what the operator can do about it.
func (h *Hold) Remedy(slug Slug) string {
	switch h.Cause {
	case HeldName:
		return fmt.Sprintf("if the owner was renamed, write its new name under owners:; if the account that has the name now may be trusted with every site, run: pluginyard approve %s", slug)
	case HeldTag, HeldFile:
		return fmt.Sprintf("find out who changed it; sites that have the version never get the change, so publish a new release, or serve what is there now with: pluginyard approve %s --rebuild %s", slug, h.Now.Tag)
	case HeldOwner:
		return fmt.Sprintf("find out whether the new owner may be trusted with every site that has it; if so run: pluginyard approve %s, or write repository: %s in the configuration", slug, h.Now.Repo)
	}
	return fmt.Sprintf("find out who made it, and whether they may be trusted with every site that has the plugin; if so run: pluginyard approve %s", slug)
}

// err is the hold as an error for everyone, with the remedy for the operator.
func (h *Hold) err(slug Slug) *Error {
	return &Error{Kind: ErrHeld, Message: fmt.Sprintf("plugin %s is held: %s", slug, h.Message()), Err: errors.New(h.Remedy(slug))}
}

// heldFor is why the operator has to look at what is served: the repository is
// held, or the release of that tag; nil if neither is.
func (r *record) heldFor(tag string) *Hold {
	if r.Held != nil {
		return r.Held
	}
	return r.HeldReleases[tag]
}

// hold notes that nothing may be built from the repository as it was found, and
// returns that as an error. One that was transferred may have become private,
// which counts at once; that it is public again is its new owner's word.
func (s *Service) hold(ctx context.Context, shelf *shelf, hold *Hold, found *Repository) error {
	private := found.Private && hold.Cause == HeldOwner
	_, err := s.change(ctx, shelf, func(next *record) error {
		noted := private && next.becomePrivate()
		hold.Since, hold.Good = s.cfg.Now(), next.Checked
		if before := next.Held; before != nil {
			hold.Good = before.Good
			if before.Now == hold.Now && before.Was == hold.Was {
				hold.Since, hold.Private = before.Since, hold.Private || before.Private
				if !noted && *hold == *before {
					return errUnchanged
				}
			}
		}
		next.Held = hold
		return nil
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		return err
	}
	if shelf.saysNow("held "+string(hold.Cause), s.cfg.Now()) {
		s.log.Error("plugin is held: its repository is not the one that it was", "plugin", shelf.plugin.Slug, "cause", string(hold.Cause),
			"was", hold.Was, "now", hold.Now, "since", hold.Since, "remedy", hold.Remedy(shelf.plugin.Slug))
	}
	return hold.err(shelf.plugin.Slug)
}

// holdRelease notes that a release is another one than was served.
func (s *Service) holdRelease(ctx context.Context, shelf *shelf, hold *Hold) error {
	tag := hold.Now.Tag
	_, err := s.change(ctx, shelf, func(next *record) error {
		if before := next.HeldReleases[tag]; before != nil && before.Now == hold.Now {
			return errUnchanged
		}
		hold.Since, hold.Good = s.cfg.Now(), next.Checked
		next.HeldReleases = maps.Clone(next.HeldReleases) // readers hold the old one
		if next.HeldReleases == nil {
			next.HeldReleases = map[string]*Hold{}
		}
		next.HeldReleases[tag] = hold
		return nil
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		return err
	}
	if shelf.saysNow("held "+string(hold.Cause)+" "+tag, s.cfg.Now()) {
		message := "tag was moved, the package built first stays up"
		if hold.Cause == HeldFile {
			message = "the zip of a release was changed, the package built first stays up"
		}
		s.log.Error(message, "plugin", shelf.plugin.Slug, "tag", tag, "was", hold.Was, "now", hold.Now, "remedy", hold.Remedy(shelf.plugin.Slug))
	}
	return nil
}

// release ends the hold of a release.
func (r *record) releaseHold(tag string) {
	if r.HeldReleases[tag] == nil {
		return
	}
	r.HeldReleases = maps.Clone(r.HeldReleases) // readers hold the old one
	delete(r.HeldReleases, tag)
}

// errUnchanged ends a change that would change nothing.
var errUnchanged = errors.New("nothing changes")

// repeatEvery is how often the log tells again of what the operator has to see
// to.
const repeatEvery = 24 * time.Hour

// saysNow reports whether the log is to tell of something now: at first, and
// once a day from then on.
func (sh *shelf) saysNow(what string, now time.Time) bool {
	last, said := sh.said.Load(what)
	if said && now.Sub(past(now, last.(time.Time))) < repeatEvery {
		return false
	}
	sh.said.Store(what, now)
	return true
}

// LogValue shows an origin in the log.
func (o Origin) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("repo", o.Repo.String()), slog.Int64("id", o.ID)}
	if o.Tag != "" {
		attrs = append(attrs, slog.String("tag", o.Tag), slog.String("commit", o.Commit), slog.String("file", o.File))
	}
	return slog.GroupValue(attrs...)
}

// verifiedFor is how long the repository is known to be the one that it was:
// long enough for what one check or one first build does.
const verifiedFor = time.Minute

// verify asks whether the repository is still the one that it was, and may be
// served, before anything is built from it: a request may begin a build long
// after the last survey. That costs a conditional request. It returns the record
// to build by.
func (s *Service) verify(ctx context.Context, shelf *shelf, rec *record) (*record, error) {
	if rec.Held != nil {
		return nil, rec.Held.err(shelf.plugin.Slug)
	}
	if now := s.cfg.Now(); now.Sub(past(now, time.Unix(0, shelf.verified.Load()))) >= verifiedFor {
		repo := rec.repo(&shelf.plugin)
		found, err := s.cfg.Forge.Repository(ctx, repo)
		if err != nil {
			return nil, fmt.Errorf("ask about %s: %w", repo, err)
		}
		if hold := rec.judge(&shelf.plugin, found); hold != nil {
			return nil, s.hold(ctx, shelf, hold, found)
		}
		if found.Private && !rec.Repository.Private {
			s.sayPrivate(shelf)
			if _, err := s.learn(ctx, shelf, func(next *record) error { next.becomePrivate(); return nil }); err != nil {
				return nil, err
			}
		}
		shelf.verified.Store(s.cfg.Now().UnixNano())
	}
	rec = shelf.record.Load() // it may have become private since the build began
	return rec, s.mayServe(shelf, rec)
}

// sayRenamed tells the operator of a repository's new name.
func (s *Service) sayRenamed(shelf *shelf, rec *record) {
	if now := rec.repo(&shelf.plugin); now != shelf.plugin.Repo && shelf.saysNow("renamed "+now.String(), s.cfg.Now()) {
		s.log.Warn("repository was renamed and is followed; write its new name in the configuration", "plugin", shelf.plugin.Slug, "repo", shelf.plugin.Repo.String(), "now", now.String())
	}
}
