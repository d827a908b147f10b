package registry

import (
	"errors"
	"fmt"
	"time"
)

// Stale says that what is served for a plugin could not be brought up to date
// when it should have been.
type Stale struct {
	Since  time.Time // when the last good check ended
	Reason string    // one of the Reason…
}

// Or is the one of two that has been stale for longer; the zero value is not
// stale.
func (s Stale) Or(other Stale) Stale {
	if s == (Stale{}) || other != (Stale{}) && other.Since.Before(s.Since) {
		return other
	}
	return s
}

// The reasons of [Stale]. They are given to everyone.
const (
	ReasonHeld        = "held" // the operator has to agree to a change of the repository
	ReasonLimited     = "rate limited"
	ReasonCredentials = "credentials refused"
	ReasonNotFound    = "repository not found"
	ReasonUnavailable = "unavailable" // the forge, or our own store
	ReasonLate        = "not checked" // no check has ended yet
)

// lateAfter is how long after it was due a check that has neither ended nor
// failed is late: it is put off by up to a tenth of the interval, and may take as
// long as a build.
func (s *Service) lateAfter() time.Duration { return s.cfg.Every/10 + BuildTime }

// Stale reports whether what is served for a plugin is not known to be what the
// forge has. It asks nobody, and costs next to nothing where it is not.
func (s *Service) Stale(slug string) (Stale, bool) {
	shelf := s.roster().bySlug[Slug(slug)]
	if shelf == nil {
		return Stale{}, false
	}
	return s.staleness(shelf, s.cfg.Now())
}

// StaleAmong is that of the plugins and themes which a collection holds: what is
// stale for longest.
func (s *Service) StaleAmong(selection Selection) (Stale, bool) {
	now := s.cfg.Now()
	var longest Stale
	for _, shelf := range s.selected(selection) {
		stale, is := s.staleness(shelf, now)
		if !is {
			continue
		}
		rec := shelf.record.Load()
		if s.tooOld(shelf, rec) || s.mayServe(shelf, rec) != nil || selection.Type != "" && shelf.plugin.typeIn(rec) != selection.Type {
			continue // left out
		}
		longest = longest.Or(stale)
	}
	return longest, longest != (Stale{})
}

func (s *Service) staleness(shelf *shelf, now time.Time) (Stale, bool) {
	rec := shelf.record.Load()
	if rec == nil || rec.Repository == nil || rec.Checked.IsZero() { // nothing is served
		return Stale{}, false
	}
	if rec.Held != nil {
		return Stale{rec.Held.Good, ReasonHeld}, true
	}
	age := now.Sub(rec.Checked)
	if age < s.cfg.Every {
		return Stale{}, false
	}
	fault := shelf.fault.Load()
	if fault != nil && fault.key == "" && fault.at.After(rec.Checked) && !ofContent(fault.err) {
		return Stale{rec.Checked, reasonOf(fault.err)}, true
	}
	return Stale{rec.Checked, ReasonLate}, age >= s.cfg.Every+s.lateAfter()
}

func reasonOf(err error) string {
	for _, reason := range [...]struct {
		kind error
		word string
	}{{ErrHeld, ReasonHeld}, {ErrLimited, ReasonLimited}, {ErrCredentials, ReasonCredentials}, {ErrNotFound, ReasonNotFound}} {
		if errors.Is(err, reason.kind) {
			return reason.word
		}
	}
	return ReasonUnavailable
}

// expired is what is answered in place of a package that is too old: since when,
// and why. Checks are tried again every 20 seconds where somebody asks.
func (s *Service) expired(shelf *shelf, rec *record) error {
	why := ReasonLate
	if fault := shelf.fault.Load(); fault != nil && fault.at.After(rec.Checked) {
		why = reasonOf(fault.err)
	}
	return &Error{
		Kind: ErrUnavailable, RetryAfter: time.Minute,
		Message: fmt.Sprintf("plugin %s could not be checked since %s (%s), which is longer than serve_stale allows; it is served again as soon as it can be checked", shelf.plugin.Slug, rec.Checked.UTC().Format(time.RFC3339), why),
	}
}
