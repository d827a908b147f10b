package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// followers are the owners that are followed. mu is held to change what is
// known of one, and with it the roster; never while the forge is asked.
type followers struct {
	list []*following // as configured
	mu   sync.Mutex
}

// following is an owner, and what is known of it.
type following struct {
	Owner
	discovering sync.Mutex   // held by the discovery under way
	wanted      atomic.Int64 // discoveries asked for and not yet begun, and the one under way

	// What follows is guarded by followers.mu. The record is replaced whole.
	record    *ownerRecord
	loaded    bool      // the record was read, or there is none
	known     bool      // what is in the record can be gone by: it was stored, or the forge has answered
	whole     bool      // nothing that was known of the owner is missing from it
	tried     time.Time // when the last discovery ended
	fault     *fault    // why the last discovery failed, or what it could not find out; nil if neither
	conflicts []string  // repositories whose slug another one has, in a sentence each
	refused   []string  // repositories that can't be served by their name, in a sentence each
	said      time.Time // when the log last told that the owner is held
	unsaved   bool      // that it is held could not be stored, where the operator's approval looks for it
}

// ownerRecord is what was found with one owner. It is stored as a whole under
// "owners/NAME.json", so that all of it is served after a restart, whatever the
// forge says then.
type ownerRecord struct {
	Owner   string    `json:"owner"`
	OwnerID int64     `json:"owner_id,omitempty"` // the forge's number of the account, whatever its name is; 0 is not known
	Held    *Hold     `json:"held,omitempty"`     // another account has the name; nil if none has
	Looked  time.Time `json:"looked,omitzero"`    // when the forge last listed the owner's repositories
	Listed  int       `json:"listed,omitempty"`   // how many there were, when the list was last believed
	Found   []found   `json:"found,omitempty"`
}

// found is a repository that was found.
type found struct {
	ID        int64       `json:"id"`
	Repo      Repo        `json:"repo"`              // its name when it was found, which is its plugin's
	Now       Repo        `json:"now"`               // its name since it was last seen
	Slug      Slug        `json:"slug"`              // of its first name; it stays
	Private   bool        `json:"private,omitempty"` // when it was last seen
	Since     time.Time   `json:"since"`             // who was there first has the slug
	Missing   time.Time   `json:"missing,omitzero"`  // since when the forge does not show it, which is not believed yet
	Withdrawn *withdrawal `json:"withdrawn,omitempty"`
}

func ownerRecordName(owner string) string { return "owners/" + strings.ToLower(owner) + ".json" }

// follow checks the owners, and has them followed once the service runs.
func (s *Service) follow(owners []Owner) error {
	var faults []error
	seen := map[string]bool{}
	for _, owner := range owners {
		owner, err := owner.Normalize()
		if name := strings.ToLower(owner.Name); err == nil && seen[name] {
			err = &Error{Kind: ErrConflict, Message: fmt.Sprintf("owner %s stands twice; keep one of the two", owner.Name)}
		} else {
			seen[name] = true
		}
		faults = append(faults, err)
		s.owners.list = append(s.owners.list, &following{Owner: owner, record: &ownerRecord{Owner: owner.Name}})
	}
	if len(owners) > 0 {
		s.owners.mu.Lock()
		defer s.owners.mu.Unlock()
		s.plugins.Store(s.assemble())
	}
	return errors.Join(faults...)
}

// LoadOwners serves what was found before, without asking the forge. Until it
// was called nothing that has to be found is served. An owner whose record
// can't be read is tried again by [Service.Run].
func (s *Service) LoadOwners(ctx context.Context) error {
	var faults []error
	for _, o := range s.owners.list {
		faults = append(faults, s.loadOwner(ctx, o))
	}
	if len(s.owners.list) > 0 {
		s.owners.mu.Lock()
		defer s.owners.mu.Unlock()
		s.publishRoster()
	}
	return errors.Join(faults...)
}

func (s *Service) loadOwner(ctx context.Context, o *following) error {
	s.owners.mu.Lock()
	loaded := o.loaded
	s.owners.mu.Unlock()
	if loaded {
		return nil
	}
	rec, err := readOwner(ctx, s.cfg.Store, o)
	s.owners.mu.Lock()
	defer s.owners.mu.Unlock()
	switch {
	case errors.Is(err, ErrNotFound):
		o.loaded, o.whole = true, true
	case errors.Is(err, ErrCorrupt):
		s.log.Error("record of an owner is damaged, its repositories have to be found again", "owner", o.Name, "err", err)
		o.loaded = true
	case err != nil:
		return err
	default:
		o.record, o.loaded, o.whole = rec, true, true
		o.known = !rec.Looked.IsZero()
	}
	return nil
}

// valid leaves out what can't be served by the configuration of now, such as a
// slug that has become reserved.
func valid(o *following, list []found) []found {
	var kept []found
	for _, f := range list {
		if _, err := o.entry(&f); err == nil && f.ID != 0 {
			kept = append(kept, f)
		}
	}
	return kept
}

// entry is the plugin of a repository that was found.
func (o *following) entry(f *found) (Plugin, error) {
	plugin := o.Plugin
	plugin.Repo, plugin.Slug = f.Repo, f.Slug
	return plugin.Normalize()
}

// followOwners looks at each owner at the start and once per [Config].Every,
// until the context ends.
func (s *Service) followOwners(ctx context.Context) {
	if len(s.owners.list) == 0 {
		return
	}
	ctx = WithPriority(ctx, PriorityBackground)
	for ctx.Err() == nil {
		next, due := s.nextDiscovery()
		if wait := due.Sub(s.cfg.Now()); wait > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(min(wait, tidyEvery)):
			}
			continue
		}
		_ = s.discover(ctx, next) // logged, and shown by Owners
	}
}

// nextDiscovery is the owner that is to be looked at first, and when.
func (s *Service) nextDiscovery() (next *following, first time.Time) {
	s.owners.mu.Lock()
	defer s.owners.mu.Unlock()
	for _, o := range s.owners.list {
		if due := s.discoveryDue(o); next == nil || due.Before(first) {
			next, first = o, due
		}
	}
	return next, first
}

// discoveryDue is when an owner is to be looked at, called with s.owners.mu
// held.
func (s *Service) discoveryDue(o *following) time.Time {
	tried := past(s.cfg.Now(), o.tried)
	switch {
	case tried.IsZero():
		return tried
	case o.fault != nil:
		return tried.Add(min(s.cfg.Every, toldAgain))
	case o.record.missing():
		return tried.Add(min(s.cfg.Every, doubtFor))
	}
	h := fnv.New32a()
	h.Write([]byte(strings.ToLower(o.Name)))
	return tried.Add(s.cfg.Every + time.Duration(h.Sum32()%1000)*(s.cfg.Every/10)/1000)
}

// missing reports whether a repository is not shown, and that not believed yet.
func (r *ownerRecord) missing() bool {
	for i := range r.Found {
		if !r.Found[i].Missing.IsZero() && r.Found[i].Withdrawn == nil {
			return true
		}
	}
	return false
}

// RefreshOwner looks for an owner's repositories at once, in the background:
// one was made, deleted, renamed, transferred, hidden or shown, or its topics
// have changed. It reports whether that owner is followed.
func (s *Service) RefreshOwner(owner string) bool {
	for _, o := range s.owners.list {
		if !strings.EqualFold(o.Name, owner) {
			continue
		}
		if o.wanted.Add(1) > 1 {
			return true // whoever made it 1 looks until nobody wants more
		}
		s.background(func(ctx context.Context) {
			ctx = WithPriority(ctx, PriorityTold)
			for wanted := o.wanted.Load(); wanted > 0 && ctx.Err() == nil; wanted = o.wanted.Add(-wanted) {
				_ = s.discover(ctx, o)
			}
		})
		return true
	}
	return false
}

// Discover looks for the repositories of all owners once, and waits for that,
// not for what is built of them then.
func (s *Service) Discover(ctx context.Context) error {
	var faults []error
	for _, o := range s.owners.list {
		faults = append(faults, s.discover(ctx, o))
	}
	return errors.Join(faults...)
}

// discover asks the forge what an owner has, and makes that the roster. What
// fails is noted; what was served goes on being served.
func (s *Service) discover(ctx context.Context, o *following) (err error) {
	o.discovering.Lock()
	defer o.discovering.Unlock()
	ctx, cancel := context.WithTimeout(ctx, BuildTime)
	defer cancel()
	ctx, end := s.cfg.Observe.Begin(ctx, WorkDiscover, slog.String("owner", o.Name))
	defer func() { end(err) }()
	if err = s.loadOwner(ctx, o); err == nil {
		err = s.discoverNow(ctx, o)
	}
	if err == nil || s.life.Err() != nil || errors.Is(err, context.Canceled) || errors.Is(err, ErrHeld) {
		return err
	}
	s.owners.mu.Lock()
	defer s.owners.mu.Unlock()
	o.tried, o.fault = s.cfg.Now(), &fault{err: err, at: s.cfg.Now()}
	if errors.Is(err, ErrNotFound) && !o.known { // nobody has to wait for that
		o.known = true
		s.publishRoster()
	}
	s.log.Warn("repositories of an owner could not be looked for, what was found stays", "owner", o.Name, "err", err)
	return err
}

func (s *Service) discoverNow(ctx context.Context, o *following) error {
	list, err := s.cfg.Forge.Repositories(ctx, o.Name)
	if errors.Is(err, ErrNotFound) {
		return &Error{Kind: ErrNotFound, Message: fmt.Sprintf("GitHub knows no owner %s; if it was renamed, write its new name under owners:", o.Name), Err: err}
	}
	if err != nil {
		return fmt.Errorf("list the repositories of %s: %w", o.Name, err)
	}
	s.owners.mu.Lock()
	before := o.record
	s.owners.mu.Unlock()
	if hold := before.judge(list, s.cfg.Now()); hold != nil {
		return s.holdOwner(ctx, o, hold)
	}
	look := &look{
		owner: &o.Owner, now: s.cfg.Now(), configured: s.isConfigured(ctx),
		ask: func(repo Repo) (*Repository, error) { return s.cfg.Forge.Repository(ctx, repo) },
	}
	next := look.at(before, list)
	if err := ctx.Err(); err != nil {
		return err
	}
	saved := s.saveOwner(ctx, next)
	s.adopt(o, next, look)
	return cmp.Or(look.unsure, saved)
}

func (s *Service) saveOwner(ctx context.Context, rec *ownerRecord) error {
	data, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("encode what was found with owner %s: %w", rec.Owner, err)
	}
	if err := s.cfg.Store.Save(ctx, ownerRecordName(rec.Owner), data); err != nil {
		return fmt.Errorf("save what was found with owner %s: %w", rec.Owner, err)
	}
	return nil
}

// adopt makes what was found what is served, also where it could not be stored:
// what has become private must not wait for that. It builds what is new.
func (s *Service) adopt(o *following, next *ownerRecord, l *look) {
	s.owners.mu.Lock()
	told := o.troubles()
	o.record, o.known, o.whole, o.tried, o.fault, o.refused = next, true, true, s.cfg.Now(), nil, l.refused
	fresh := s.publishRoster()
	troubles := o.troubles()
	s.owners.mu.Unlock()
	for _, trouble := range troubles {
		if !slices.Contains(told, trouble) {
			s.log.Warn("repository with the topic is not served", "owner", o.Name, "err", trouble)
		}
	}
	for _, f := range l.left {
		s.log.Warn("plugin is withdrawn", "owner", o.Name, "repo", f.Now.String(), "plugin", f.Slug, "reason", string(f.Withdrawn.Reason))
	}
	for _, sh := range fresh {
		s.log.Info("plugin was found", "owner", sh.owner.Name, "repo", sh.plugin.Repo.String(), "plugin", sh.plugin.Slug)
	}
	s.welcome(fresh)
}

// troubles are the repositories that are not served, and why.
func (o *following) troubles() []string { return slices.Concat(o.conflicts, o.refused) }

// welcome builds plugins that have just been found, and checks those that were
// served before.
func (s *Service) welcome(fresh []*shelf) {
	if len(fresh) == 0 {
		return
	}
	s.background(func(ctx context.Context) {
		var missing []*shelf
		for _, sh := range fresh {
			rec, err := s.stored(ctx, sh)
			if err == nil && rec.Repository != nil {
				sh.told.Store(true)
				s.checkSoon(sh)
				continue
			}
			sh.tried.Store(s.cfg.Now().UnixNano()) // the first build is the check
			missing = append(missing, sh)
		}
		_ = s.warmAll(ctx, missing)
	})
}

// isConfigured tells the repositories that have an entry of their own, whatever
// their name is now.
func (s *Service) isConfigured(ctx context.Context) func(*Repository) bool {
	ids := map[int64]bool{}
	for _, sh := range s.configured {
		if rec, err := s.stored(ctx, sh); err == nil && rec.Repository != nil {
			ids[rec.Repository.ID] = true
		}
	}
	return func(r *Repository) bool { return s.isNamed(r) || r.ID != 0 && ids[r.ID] }
}

// isNamed reports whether a repository's present name has an entry of its own.
func (s *Service) isNamed(r *Repository) bool { return s.named[strings.ToLower(r.Repo.String())] }
