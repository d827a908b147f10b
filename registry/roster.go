package registry

import "fmt"

// roster is the plugins that are served. Nobody changes one that was published:
// a change is made on a copy, which takes its place whole.
type roster struct {
	bySlug  map[Slug]*shelf
	order   []*shelf // as configured
	rolling []*shelf // those of order with a rollout
}

// roster is the plugins that are served now. Who needs several of them in one
// piece of work asks once.
func (s *Service) roster() *roster { return s.plugins.Load() }

func (s *Service) newShelf(plugin Plugin) *shelf {
	return &shelf{plugin: plugin, encoding: fingerprint([]any{documentFormat, s.cfg.Links, plugin.Policy.DisableAutoupdate})}
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
