package registry

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
)

// small is news of a plugin that need no survey, until a check takes them.
type small struct {
	mu       sync.Mutex
	branches map[string]string // by name the commit there, "" if that is not known; no more than are served
	releases bool              // there may be a release of a new tag
}

func (n *small) branch(name, commit string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.branches == nil {
		n.branches = map[string]string{}
	}
	n.branches[name] = commit
}

func (n *small) tag() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.releases = true
}

func (n *small) any() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.releases || len(n.branches) > 0
}

// take gives the news and forgets them.
func (n *small) take() (branches map[string]string, releases bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	branches, releases = n.branches, n.releases
	n.branches, n.releases = nil, false
	return branches, releases
}

// checkNews asks for no more than small news say: the list of releases, and the
// heads of branches. It is no check of the plugin, and leaves the time of the
// last one as it is.
func (s *Service) checkNews(ctx context.Context, sh *shelf, branches map[string]string, releases bool) error {
	rec := sh.record.Load()
	if releases {
		news, err := s.mustSurvey(ctx, sh, rec)
		if err != nil {
			return err
		}
		if news {
			return s.checkNow(ctx, sh, true)
		}
	}
	var broken error
	for _, name := range slices.Sorted(maps.Keys(branches)) {
		rec := sh.record.Load()
		channel, served := sh.plugin.keptBranch(rec, name)
		if !served || s.mayServe(sh, rec) != nil {
			continue
		}
		before := rec.Heads[name].SHA
		err := s.checkChannel(ctx, sh, rec, channel, false)
		if err != nil && !errors.Is(err, errWaiting) && !errors.Is(err, ErrHeld) && !errors.Is(err, ErrForbidden) && !ofContent(err) {
			return err
		}
		if ofContent(err) {
			broken = errors.Join(broken, err)
		}
		head := sh.record.Load().Heads[name].SHA
		if commit := branches[name]; commit != "" && head == before && head != commit {
			s.log.Debug("the forge does not show yet what it told of", "plugin", sh.plugin.Slug, "branch", name, "commit", commit)
			sh.told.Store(true) // looked at again
		}
	}
	s.log.Debug("news looked at", "plugin", sh.plugin.Slug, "branches", len(branches), "releases", releases)
	return broken
}
