package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// ApprovalsFolder begins the names of the records of approvals.
const ApprovalsFolder = "approvals/"

// approval is the operator's yes to one origin, which the server looks for and
// then removes. Each has a record of its own, named by what it agrees to.
type approval struct {
	Now   Origin            `json:"now"`
	Files map[string]string `json:"files,omitempty"` // of a release, as in [final]
	Given time.Time         `json:"given"`
}

func (a *approval) name(slug Slug) string {
	return ApprovalsFolder + string(slug) + "/" + fingerprint(a.Now) + ".json"
}

// ApproveConfig is what [Approve] works with.
type ApproveConfig struct {
	Plugin  Plugin // as the configuration has it, normalized
	Forge   Forge  // asked for Rebuild alone
	Store   recordStore
	Rebuild string // the tag of a release to build again from where it points now; "" is none
	Yes     bool   // agree; else only tell
	Now     func() time.Time
}

// Approval is what [Approve] has found.
type Approval struct {
	// Held is what nothing is built from at present: the repository, and
	// releases by their tags.
	Held []Hold
	// Agreed is what was agreed to, or would be with Yes; nil if there is
	// nothing to agree to.
	Agreed *Hold
}

// Approve says yes to what a server holds, over the store that the server may be
// using: to a repository of another owner, or to one release as it is now. The
// server goes on within a minute. What was agreed to is exactly what was told:
// what has changed again by then stays held. ErrNotFound if the server knows no
// such plugin or release.
func Approve(ctx context.Context, cfg ApproveConfig) (*Approval, error) {
	slug := cfg.Plugin.Slug
	data, err := cfg.Store.Load(ctx, recordName(slug))
	if errors.Is(err, ErrNotFound) {
		return nil, notFoundf("the server has never asked about plugin %s", slug)
	}
	rec := &record{}
	if err == nil {
		err = json.Unmarshal(data, rec)
	}
	if err != nil {
		return nil, fmt.Errorf("read the record of plugin %s: %w", slug, err)
	}
	found := &Approval{}
	if rec.Held != nil {
		found.Held = append(found.Held, *rec.Held)
	}
	for _, tag := range slices.Sorted(maps.Keys(rec.HeldReleases)) {
		found.Held = append(found.Held, *rec.HeldReleases[tag])
	}
	yes := &approval{Given: cfg.Now().UTC()}
	switch {
	case cfg.Rebuild != "":
		if found.Agreed, yes.Files, err = releaseNow(ctx, &cfg, rec); err != nil {
			return nil, err
		}
	default:
		found.Agreed = rec.Held
	}
	if found.Agreed == nil || !cfg.Yes {
		return found, nil
	}
	yes.Now = found.Agreed.Now
	data, err = json.Marshal(yes)
	if err == nil {
		err = cfg.Store.Save(ctx, yes.name(slug), data)
	}
	if err != nil {
		return nil, fmt.Errorf("save the approval: %w", err)
	}
	return found, nil
}

// releaseNow is a release as the forge has it now, beside what it was first
// served from; nil if that is the same.
func releaseNow(ctx context.Context, cfg *ApproveConfig, rec *record) (*Hold, map[string]string, error) {
	plugin := &cfg.Plugin
	if rec.Held != nil {
		return nil, nil, &Error{Kind: ErrHeld, Message: fmt.Sprintf("the repository of %s is held, so nothing is built from it; approve that first, or see to it", plugin.Slug)}
	}
	before, ok := rec.Finals[cfg.Rebuild]
	if !ok || rec.Repository == nil {
		return nil, nil, notFoundf("plugin %s has never served a release %q; name its tag", plugin.Slug, cfg.Rebuild)
	}
	repo := rec.repo(plugin)
	found, err := cfg.Forge.Repository(ctx, repo)
	if err != nil {
		return nil, nil, fmt.Errorf("ask about %s: %w", repo, err)
	}
	if hold := rec.judge(plugin, found); hold != nil {
		return nil, nil, hold.err(plugin.Slug)
	}
	release, err := cfg.Forge.Release(ctx, repo, cfg.Rebuild)
	if err != nil {
		return nil, nil, fmt.Errorf("ask for release %s of %s: %w", cfg.Rebuild, repo, err)
	}
	commit, err := cfg.Forge.Commit(ctx, repo, "tags/"+cfg.Rebuild)
	if err != nil {
		return nil, nil, fmt.Errorf("ask for tag %s of %s: %w", cfg.Rebuild, repo, err)
	}
	hold := &Hold{Cause: HeldTag, Was: rec.Repository.origin(), Since: cfg.Now(), Private: rec.Repository.Private}
	hold.Was.Tag = cfg.Rebuild
	hold.Now = hold.Was
	hold.Was.Commit, hold.Now.Commit = before.Commit, commit.SHA
	if hold.Was.File, hold.Now.File, _ = plugin.fileChanged(before, release); hold.Was.File != hold.Now.File {
		hold.Cause = HeldFile
	}
	if hold.Was == hold.Now {
		return nil, nil, nil
	}
	return hold, filesOf(release), nil
}

// approveAll looks for what operators have agreed to, until the context ends.
func (s *Service) approveAll(ctx context.Context) {
	for ctx.Err() == nil {
		names, err := s.cfg.Store.Names(ctx, ApprovalsFolder)
		for _, name := range names {
			if strings.HasPrefix(name, ownerApprovals) {
				err = errors.Join(err, s.approveOwner(ctx, name))
				continue
			}
			err = errors.Join(err, s.approve(ctx, name))
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("approvals cannot be read", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookEvery):
		}
	}
}

// approve does what one record agrees to, if that is still what is there, and
// removes it.
func (s *Service) approve(ctx context.Context, name string) error {
	slug, _, _ := strings.Cut(strings.TrimPrefix(name, ApprovalsFolder), "/")
	shelf := s.roster().bySlug[Slug(slug)]
	if shelf == nil {
		return nil // it may be configured again
	}
	data, err := s.cfg.Store.Load(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	yes := &approval{}
	if err == nil {
		err = json.Unmarshal(data, yes)
	}
	if err != nil && !errors.Is(err, ErrCorrupt) && !isSyntax(err) {
		return fmt.Errorf("load approval: %w", err)
	}
	fits := false
	var channels []Channel
	if err == nil {
		_, err = s.change(ctx, shelf, func(next *record) error {
			if yes.Now.Tag == "" {
				fits = next.agree(yes)
			} else {
				channels, fits = next.agreeToRelease(yes)
			}
			if !fits {
				return errUnchanged
			}
			return nil
		})
		if err != nil && !errors.Is(err, errUnchanged) {
			return err
		}
	}
	if err := s.cfg.Store.Delete(ctx, name); err != nil {
		return err
	}
	if !fits {
		s.log.Warn("approval is of something that is not held, or not any more; look at it again", "plugin", slug, "now", yes.Now)
		return nil
	}
	s.log.Warn("approved by the operator", "plugin", slug, "now", yes.Now)
	shelf.said.Clear()
	shelf.told.Store(true)
	s.checkSoon(shelf)
	for _, channel := range channels {
		s.buildBehind(shelf, channel)
	}
	return nil
}

func isSyntax(err error) bool {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	return errors.As(err, &syntax) || errors.As(err, &kind)
}

// agree takes over that a repository was approved, and reports whether it is the
// one that is held.
func (r *record) agree(yes *approval) bool {
	if r.Held == nil || r.Held.Now != yes.Now {
		return false
	}
	r.Held, r.Approved = nil, &yes.Now
	return true
}

// agreeToRelease takes over what a release is to be built from, and reports
// whether it was ever built. The channels are those of the release's own name,
// which no check looks after.
func (r *record) agreeToRelease(yes *approval) (own []Channel, fits bool) {
	tag := yes.Now.Tag
	if r.Held != nil || r.Repository == nil || !r.Repository.origin().sameRepository(Origin{Repo: yes.Now.Repo, ID: yes.Now.ID, OwnerID: yes.Now.OwnerID}) || r.Finals[tag].Commit == "" || yes.Now.Commit == "" {
		return nil, false
	}
	r.Finals = maps.Clone(r.Finals) // readers hold the old one
	r.Finals[tag] = final{Commit: yes.Now.Commit, Files: yes.Files}
	r.releaseHold(tag)
	maps.DeleteFunc(r.Waiting, func(_ string, state channelState) bool { return state.Tag == tag })
	for key, state := range r.Channels {
		if state.Tag != tag {
			continue
		}
		state.Inputs = "" // it is built again
		r.Channels[key] = state
		if state.Channel.Ref != "" {
			own = append(own, state.Channel)
		}
	}
	return own, true
}
