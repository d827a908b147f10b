package registry

import (
	"cmp"
	"slices"
	"strings"
)

// News is what the forge told us, by a webhook, that has changed. Nothing of it
// is believed but that it is worth to ask; only that a repository is private is
// acted upon at once, since being wrong that way harms nobody.
type News struct {
	Kind     NewsKind
	Delivery string // names the delivery, also when it is delivered again; "" is not known

	Repo   Repo   // which it is about, as it is called now; zero where it is about an owner
	ID     int64  // of that repository at the forge; 0 is not known
	Before Repo   // what it was called until now; zero if that has not changed
	Ref    string // the branch, the tag, or a release's tag; "" is any
	Commit string // what the branch names now; "" is not known
	Gone   bool   // whether the branch or tag was deleted
	// Private says that the repository is private, whatever the news are about.
	Private bool

	// Owners are those whose list of repositories, or what we may read of it,
	// may be another one now.
	Owners []string
}

// NewsKind says what has changed, so that nothing else is asked for.
type NewsKind int

// The kinds of news. The zero value is anything of a repository.
const (
	NewsRepository   NewsKind = iota // its facts, or anything
	NewsPrivate                      // it became private
	NewsPublic                       // it became public
	NewsNothing                      // nothing that is asked for; only Private counts
	NewsRelease                      // one of its releases
	NewsBranch                       // where a branch is
	NewsTag                          // where a tag is
	NewsInstallation                 // what our credentials may read of Owners
)

// Heard is what comes of [News].
type Heard struct {
	Duplicate bool // the same delivery was taken before
	Plugins   int  // that are looked at again, behind the call
	Owners    int  // that are looked at again
}

// forgetful is a [Forge] that can drop what it holds to read an owner's
// repositories with, such as tokens that have the permissions of an hour ago.
type forgetful interface{ Forget(owner string) }

// Tell takes news, has what they concern asked for in the background, and
// returns at once: it waits for no store, forge or build. The delivery counts as
// taken once that is begun; but it is taken again while what it concerns waits
// to be tried again.
func (s *Service) Tell(news News) Heard {
	concerned := s.concerned(&news)
	failed := slices.ContainsFunc(concerned, func(sh *shelf) bool { return sh.told.Load() })
	if news.Delivery != "" && !s.deliveries.claim(news.Delivery, s.cfg.Now()) && !failed {
		return Heard{Duplicate: true}
	}
	var heard Heard
	for _, owner := range news.Owners {
		if f, ok := s.cfg.Forge.(forgetful); ok && news.Kind == NewsInstallation {
			f.Forget(owner)
		}
		if s.RefreshOwner(owner) {
			heard.Owners++
		}
	}
	for _, sh := range concerned {
		if s.hear(sh, &news) {
			heard.Plugins++
			s.checkSoon(sh)
		}
	}
	return heard
}

// concerned is the plugins that news are about: those of the repository, by its
// names or its id, since the configuration may name it as it was called long
// ago; of an installation those of its owners that could not be read.
func (s *Service) concerned(news *News) []*shelf {
	var list []*shelf
	for _, sh := range s.roster().order {
		repo := sh.plugin.Repo
		if news.Kind == NewsInstallation {
			if sh.fault.Load() != nil && slices.ContainsFunc(news.Owners, func(owner string) bool { return strings.EqualFold(owner, repo.Owner) }) {
				list = append(list, sh)
			}
			continue
		}
		known := sh.record.Load()
		if repo.equals(news.Repo) || repo.equals(news.Before) || known.repo(&sh.plugin).equals(news.Repo) || news.ID != 0 && known != nil && known.Repository != nil && known.Repository.ID == news.ID {
			list = append(list, sh)
		}
	}
	return list
}

// hear notes what news mean for a plugin, and reports whether the forge has to
// be asked. Of a plugin whose record is not in memory everything is asked for:
// to read it would be to wait.
func (s *Service) hear(sh *shelf, news *News) bool {
	rec := sh.record.Load()
	privacy := s.hearPrivacy(sh, rec, news)
	if privacy || news.Kind != NewsNothing && (rec == nil || rec.Repository == nil) {
		sh.told.Store(true)
		return true
	}
	p := &sh.plugin
	switch news.Kind {
	case NewsBranch:
		channel, served := p.keptBranch(rec, news.Ref)
		rev := &Revision{Channel: channel, Commit: news.Commit}
		if !served || news.Commit != "" && rec.Heads[news.Ref].SHA == news.Commit && rec.has(channel, inputs(p, rec, rev)) {
			return false
		}
		sh.news.branch(news.Ref, news.Commit)
		return true
	case NewsTag:
		known := slices.ContainsFunc(rec.Releases, func(r Release) bool { return r.Tag == news.Ref })
		switch {
		case p.Source == SourceBranch || !strings.HasPrefix(news.Ref, p.TagPrefix) || news.Gone && !known:
			return false
		case !known:
			sh.news.tag()
			return true
		}
	case NewsRelease:
		if p.Source == SourceBranch || news.Ref != "" && !strings.HasPrefix(news.Ref, p.TagPrefix) {
			return false
		}
	case NewsNothing:
		return false
	}
	sh.told.Store(true)
	return true
}

// keptBranch is the channel that is kept up to date from a branch.
func (p *Plugin) keptBranch(rec *record, name string) (Channel, bool) {
	for _, c := range p.kept(rec, never) {
		if c.channel.Kind == KindBranch && cmp.Or(c.channel.Ref, p.branch(rec)) == name {
			return c.channel, true
		}
	}
	return Channel{}, false
}

// Refresh asks the forge at once about the plugins of a repository, in the
// background, and about everything that may have changed, not only releases.
// It reports whether any plugin is of that repository.
func (s *Service) Refresh(repo Repo) bool {
	return s.Tell(News{Repo: repo}).Plugins > 0
}
