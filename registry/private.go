package registry

import (
	"context"
	"fmt"
	"time"
)

// A repository that is private is served to nobody, unless its configuration says
// so. The forge says it in answers and in webhooks: whatever says that it is
// private counts at once, whatever says that it is public has to be an answer to
// a survey.

// What a webhook has told of a repository and is not in the record yet. The last
// one counts.
const (
	toldNothing int32 = iota
	toldPrivate
	toldPublic
)

// doubtPublic is how long after a webhook told that a repository became private
// answers to the contrary are not believed: they may come from a copy at the
// forge that is late. It is asked again after toldAgain.
const doubtPublic = 2 * toldAgain

// mayServe refuses a private repository's plugin unless the configuration
// says that anybody may have it.
func (s *Service) mayServe(shelf *shelf, rec *record) error {
	if (rec.Repository.Private || shelf.privacy.Load() == toldPrivate) && shelf.plugin.Access != AccessPublic {
		return &Error{Kind: ErrForbidden, Message: fmt.Sprintf("the repository of %s is private, so it is not served; its operator can set \"access: public\" to serve it to everyone", shelf.plugin.Slug)}
	}
	return nil
}

// sayPrivate tells the operator that a plugin is not served.
func (s *Service) sayPrivate(shelf *shelf) {
	if shelf.plugin.Access != AccessPublic {
		s.log.Warn("plugin is not served: its repository is private and its configuration does not say access: public", "plugin", shelf.plugin.Slug, "repo", shelf.plugin.Repo.String())
	}
}

// hearPrivacy notes what news say of whether the repository is private, and
// reports whether that is new. It waits for nobody.
func (s *Service) hearPrivacy(sh *shelf, rec *record, news *News) bool {
	told := toldNothing
	switch {
	case sh.plugin.Access == AccessPublic:
	case rec != nil && rec.Repository != nil && news.ID != 0 && rec.Repository.ID != 0 && rec.Repository.ID != news.ID: // a namesake's
	case news.Kind == NewsPublic:
		told = toldPublic
	case news.Kind == NewsPrivate, news.Private && (rec == nil || rec.Repository == nil || !rec.Repository.Private || sh.privacy.Load() == toldPublic):
		told = toldPrivate
	}
	if told == toldNothing {
		return false
	}
	if sh.privacy.Swap(told) != told {
		s.changes.Add(1) // collections leave it out from now on
	}
	return true
}

// notePrivacy makes what the forge told us outlive us, before it is confirmed.
func (s *Service) notePrivacy(ctx context.Context, sh *shelf) error {
	told := sh.privacy.Load()
	if told == toldNothing {
		return nil
	}
	_, err := s.change(ctx, sh, func(next *record) error {
		next.Withheld = time.Time{}
		if told == toldPrivate {
			next.Withheld = s.cfg.Now()
			next.becomePrivate()
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note that %s became private or public: %w", sh.plugin.Repo, err)
	}
	sh.privacy.CompareAndSwap(told, toldNothing) // the record says it
	return nil
}

// doubted reports whether it is soon to be asked again whether the repository is
// private. Where the forge does not show it to us, that ends by itself, and it
// stays withheld.
func (r *record) doubted(now time.Time) bool {
	return r.Held == nil && now.Sub(past(now, r.Withheld)) < doubtPublic+2*toldAgain
}

// becomePrivate notes that the repository is private, and reports whether that
// is new.
func (r *record) becomePrivate() bool {
	if r.Repository == nil || r.Repository.Private {
		return false
	}
	private := *r.Repository // readers hold the old one
	private.Private = true
	r.Repository = &private
	return true
}

// believePublic is what a survey found, as it is believed.
func (r *record) believePublic(found *Repository, now time.Time) *Repository {
	if found.Private || r.Withheld.IsZero() || now.Sub(past(now, r.Withheld)) >= doubtPublic {
		r.Withheld = time.Time{}
		return found
	}
	doubted := *found
	doubted.Private = true
	return &doubted
}
