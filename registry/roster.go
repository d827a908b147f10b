package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// roster is the plugins that are served. Nobody changes one that was published:
// a change is made on a copy, which takes its place whole.
type roster struct {
	bySlug    map[Slug]*shelf
	order     []*shelf     // as configured, then what was found with each owner, by slug
	rolling   []*shelf     // those of order with a rollout
	withdrawn []*withdrawn // by slug
	looking   []string     // owners of whom nothing is known yet
	unread    bool         // something that was known of an owner could not be read: there may be more plugins
}

// roster is the plugins that are served now. Who needs several of them in one
// piece of work asks once.
func (s *Service) roster() *roster { return s.plugins.Load() }

func (s *Service) newShelf(plugin Plugin) *shelf {
	return &shelf{plugin: plugin, part: partOf(plugin.Slug), encoding: fingerprint([]any{documentFormat, s.cfg.Links, plugin.Policy.DisableAutoupdate})}
}

// add puts a plugin at the end. ErrConflict if its slug is taken.
func (r *roster) add(sh *shelf) error {
	if other := r.bySlug[sh.plugin.Slug]; other != nil {
		return &Error{Kind: ErrConflict, Message: fmt.Sprintf("%s and %s both claim the slug %q; give one of them another slug", other.plugin.Repo, sh.plugin.Repo, sh.plugin.Slug)}
	}
	r.bySlug[sh.plugin.Slug] = sh
	r.order = append(r.order, sh)
	if sh.plugin.Policy.Rollout.on() {
		r.rolling = append(r.rolling, sh)
	}
	return nil
}

// left is the withdrawn plugin with that slug; nil if there is none.
func (r *roster) left(slug Slug) *withdrawn {
	i, ok := slices.BinarySearchFunc(r.withdrawn, slug, func(w *withdrawn, slug Slug) int { return cmp.Compare(w.plugin.Slug, slug) })
	if !ok {
		return nil
	}
	return r.withdrawn[i]
}

// shelf is the plugin with that slug, served or withdrawn; nil if there is none.
func (r *roster) shelf(slug Slug) *shelf {
	if sh := r.bySlug[slug]; sh != nil {
		return sh
	}
	if w := r.left(slug); w != nil {
		return w.shelf
	}
	return nil
}

// all are the plugins whose records and files are kept: what is served, and
// what is withdrawn.
func (r *roster) all() []*shelf {
	list := slices.Clone(r.order)
	for _, w := range r.withdrawn {
		list = append(list, w.shelf)
	}
	return list
}

// claim is one owner's repository that asks for a slug.
type claim struct {
	found *found
	owner *following
}

// claims are all repositories that were found, those first that were there
// first. A repository that went from one followed owner to another stays where
// it was found first, unless it was withdrawn there.
func claims(owners []*following) []claim {
	var list []claim
	present := map[int64]bool{}
	for _, o := range owners {
		for i := range o.record.Found {
			f := &o.record.Found[i]
			list = append(list, claim{f, o})
			present[f.ID] = present[f.ID] || f.Withdrawn == nil
		}
	}
	list = slices.DeleteFunc(list, func(c claim) bool { return c.found.Withdrawn != nil && present[c.found.ID] })
	slices.SortStableFunc(list, func(a, b claim) int {
		return cmp.Or(a.found.Since.Compare(b.found.Since), cmp.Compare(a.found.ID, b.found.ID))
	})
	seen := map[int64]bool{}
	return slices.DeleteFunc(list, func(c claim) bool {
		before := seen[c.found.ID]
		seen[c.found.ID] = true
		return before
	})
}

// assemble makes the roster of what is configured and what is known to be
// found, and tells each owner which of its repositories have no place. Who is
// configured has its slug; else who was there first, which the owners' records
// say, so that a restart decides no other way. It is called with s.owners.mu
// held.
func (s *Service) assemble() *roster {
	next := &roster{bySlug: make(map[Slug]*shelf, len(s.configured))}
	for _, sh := range s.configured {
		_ = next.add(sh) // New has told conflicts
	}
	before := s.roster()
	winners := map[Slug]claim{}
	for _, o := range s.owners.list {
		o.conflicts = nil
	}
	for _, c := range claims(s.owners.list) {
		if s.named[strings.ToLower(c.found.Now.String())] {
			continue
		}
		taken := Repo{}
		if sh := next.bySlug[c.found.Slug]; sh != nil {
			taken = sh.plugin.Repo
		} else if winner, ok := winners[c.found.Slug]; ok {
			taken = winner.found.Now
		}
		if taken == (Repo{}) {
			winners[c.found.Slug] = c
		} else if c.found.Withdrawn == nil {
			c.owner.conflicts = append(c.owner.conflicts, fmt.Sprintf("%s is not served: %s has the slug %s already; list it under plugins: with another slug", c.found.Now, taken, c.found.Slug))
		}
	}
	for _, o := range s.owners.list {
		var served []*shelf
		for i := range o.record.Found {
			f := &o.record.Found[i]
			if winners[f.Slug].found != f {
				continue
			}
			sh := s.place(before, o, f)
			if f.Withdrawn == nil {
				served = append(served, sh)
			} else {
				next.withdrawn = append(next.withdrawn, &withdrawn{sh, *f.Withdrawn})
			}
		}
		slices.SortFunc(served, func(a, b *shelf) int { return cmp.Compare(a.plugin.Slug, b.plugin.Slug) })
		for _, sh := range served {
			_ = next.add(sh) // winners have different slugs
		}
		if !o.known {
			next.looking = append(next.looking, o.Name)
		}
		next.unread = next.unread || !o.whole
		slices.Sort(o.conflicts)
	}
	slices.SortFunc(next.withdrawn, func(a, b *withdrawn) int { return cmp.Compare(a.plugin.Slug, b.plugin.Slug) })
	return next
}

// place is the shelf of a repository. One that takes the place of another
// repository's reads the record, and finds out there whether they are the same.
func (s *Service) place(before *roster, o *following, f *found) *shelf {
	old := before.shelf(f.Slug)
	if old != nil && old.owner == o && old.plugin.Repo == f.Repo {
		return old
	}
	if old != nil && old.owner != nil {
		old.leave()
	}
	plugin, _ := o.entry(f) // checked when it was found, and when it was loaded
	sh := s.newShelf(plugin)
	sh.owner, sh.id = o, f.ID
	return sh
}

// leave has a shelf change the plugin's record no more.
func (sh *shelf) leave() {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.left = true
}

// publishRoster makes what is configured and found what is served, and returns
// the plugins that were not served before. It is called with s.owners.mu held.
func (s *Service) publishRoster() (fresh []*shelf) {
	before, next := s.roster(), s.assemble()
	for _, sh := range next.order {
		if was := before.bySlug[sh.plugin.Slug]; was != sh {
			fresh = append(fresh, sh)
		}
	}
	s.plugins.Store(next)
	if !slices.Equal(before.order, next.order) {
		s.changes.Add(1) // after the roster: whoever has this count sees that one
	}
	for _, sh := range before.all() {
		if now := next.shelf(sh.plugin.Slug); now == nil {
			s.forget(sh)
		}
	}
	return fresh
}

// forget removes what is stored of a plugin that has been withdrawn for
// [KeepFor]. Its files are swept, since nothing refers to them.
func (s *Service) forget(sh *shelf) {
	sh.leave()
	if err := forget(s.life, s.cfg.Store, sh.plugin.Slug); err != nil {
		s.log.Warn("record of a withdrawn plugin could not be removed", "plugin", sh.plugin.Slug, "err", err)
	}
}

// stillLooking is what is said of an unknown slug while it may turn out to be a
// plugin; nil once all owners were asked.
func (r *roster) stillLooking() error {
	if len(r.looking) == 0 {
		return nil
	}
	return &Error{Kind: ErrUnavailable, RetryAfter: 30 * time.Second, Message: "still looking for the plugins and themes of " + strings.Join(r.looking, ", ")}
}
