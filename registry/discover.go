package registry

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// doubtFor is how long a repository must stay away before that is believed, if
// the forge's list of its owner's repositories is not credible.
const doubtFor = time.Hour

// look compares what was found with an owner with what the forge lists now.
//
// A list may be empty, cut short, or made for weaker credentials. So it is
// believed about what it holds, but nothing is withdrawn because it is not in
// there: the repository itself is asked for, and only what the forge says of it
// counts. Where it says that there is none, which is also what it says of what
// our credentials may not see, the list is the proof that it tells the truth: one
// that has lost half of what it had is none until the same was said for
// doubtFor; and of a repository that is private, one that shows no other
// private one is none at all.
type look struct {
	owner      *Owner
	now        time.Time
	configured func(*Repository) bool // has an entry of its own
	ask        func(Repo) (*Repository, error)

	listed   map[int64]*Repository
	doubtful bool  // the list may be wrong
	private  bool  // it shows a private repository
	blind    bool  // a private one was asked for in vain, and the list shows none
	failed   error // the forge could not say what became of a repository

	left    []found  // what was withdrawn
	refused []string // repositories that can't be served, and why
	unsure  error    // what could not be found out
}

// at makes the owner's next record.
func (l *look) at(before *ownerRecord, list []Repository) *ownerRecord {
	l.listed = make(map[int64]*Repository, len(list))
	for i := range list {
		if r := &list[i]; l.owner.is(r.Repo) {
			l.listed[r.ID] = r
			l.private = l.private || r.Private
		}
	}
	l.doubtful = len(l.listed) == 0 || 2*len(l.listed) < before.Listed
	next := &ownerRecord{Owner: l.owner.Name, OwnerID: cmp.Or(numberOf(l.owner.Name, list), before.OwnerID), Looked: l.now, Listed: len(l.listed)}
	known := map[int64]bool{}
	for _, f := range before.Found {
		known[f.ID] = true
	}
	for _, f := range before.Found {
		if f.Withdrawn != nil && l.now.Sub(f.Withdrawn.At) > KeepFor {
			delete(known, f.ID)
			continue
		}
		if r := l.listed[f.ID]; r == nil {
			l.recreated(&f, known)
		}
		was := f.Withdrawn
		if l.judge(&f); was == nil && f.Withdrawn != nil {
			l.left = append(l.left, f)
		}
		next.Found = append(next.Found, f)
	}
	if next.missing() {
		next.Listed = before.Listed // or the next such list would be credible
	}
	next.Found = append(next.Found, l.news(known)...)
	return next
}

// recreated notes that another repository has the name of one that is not
// there. It takes its place, and the check of the plugin finds that it is
// another one.
func (l *look) recreated(f *found, known map[int64]bool) {
	if !l.owner.is(f.Now) {
		return // it was transferred; its name is free to be given again
	}
	for id, r := range l.listed {
		if !known[id] && strings.EqualFold(r.Repo.Name, f.Now.Name) {
			f.ID, known[id] = id, true
			return
		}
	}
}

// judge decides whether a repository that was found is served on.
func (l *look) judge(f *found) {
	r := l.listed[f.ID]
	if r != nil && l.objects(r) == "" {
		f.seen(r)
		return
	}
	if f.Withdrawn != nil {
		return
	}
	if l.owner.excludes(f.Now.Name) {
		f.withdraw(ReasonExcluded, l.now)
		return
	}
	got, err := l.confirm(f)
	hidden := r != nil && l.objects(r) == ReasonPrivate
	switch {
	case err == nil:
		if reason := l.objects(got); reason != "" && reason != ReasonMoved {
			f.withdraw(reason, l.now)
			return
		}
		f.seen(got) // also of another owner's, whose topics say nothing to us
	case hidden: // that is said of it; nobody may have it until it is said otherwise
		f.withdraw(ReasonPrivate, l.now)
	case errors.Is(err, ErrNotFound):
		l.missed(f)
	case l.failed == nil:
		l.failed = fmt.Errorf("ask about %s, which is not among the repositories of %s: %w", f.Now, l.owner.Name, err)
		l.unsure = l.failed
	}
}

// missed decides what it means that the forge does not know a repository.
func (l *look) missed(f *found) {
	if f.Private && !l.private {
		l.blind = true
		l.unsure = cmp.Or(l.unsure, error(&Error{Kind: ErrCredentials, Message: fmt.Sprintf("GitHub shows none of the private repositories of %s any more, such as %s; if they are still there, give the token its rights back", l.owner.Name, f.Now)}))
		return
	}
	if past(l.now, f.Missing).IsZero() {
		f.Missing = l.now
	}
	if !l.doubtful || l.now.Sub(f.Missing) >= doubtFor {
		f.withdraw(ReasonGone, l.now)
	}
}

// confirm asks for a repository itself, unless the forge has just failed to
// answer for another.
func (l *look) confirm(f *found) (*Repository, error) {
	if l.failed != nil {
		return nil, l.failed
	}
	if l.blind && f.Private {
		return nil, ErrNotFound // as the one before: it would cost a request each time
	}
	return l.ask(f.Now)
}

// objects is why a repository is not served.
func (l *look) objects(r *Repository) Reason {
	if l.configured(r) {
		return ReasonExcluded
	}
	return l.owner.objects(r)
}

// news are the repositories that nobody knew, in the order in which they were
// made.
func (l *look) news(known map[int64]bool) []found {
	var list []found
	for id, r := range l.listed {
		if known[id] || l.objects(r) != "" {
			continue
		}
		plugin, err := l.owner.PluginOf(r.Repo)
		if err != nil {
			l.refused = append(l.refused, fmt.Sprintf("%s is not served: %v; list it under plugins: with a slug", r.Repo, err))
			continue
		}
		list = append(list, found{ID: id, Repo: r.Repo, Now: r.Repo, Slug: plugin.Slug, Private: r.Private, Since: l.now})
	}
	slices.SortFunc(list, func(a, b found) int { return cmp.Compare(a.ID, b.ID) })
	slices.Sort(l.refused)
	return list
}

// seen notes that a repository is there, and may be served.
func (f *found) seen(r *Repository) {
	f.ID, f.Now, f.Private = r.ID, r.Repo, r.Private
	f.Missing, f.Withdrawn = time.Time{}, nil
}

func (f *found) withdraw(reason Reason, now time.Time) {
	f.Withdrawn, f.Missing = &withdrawal{reason, now}, time.Time{}
}
