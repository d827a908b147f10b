package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// An owner's name says who may publish to every site that has one of its
// plugins. A name that its account gives up is free for anybody, so what is
// followed is the account of the number that was there first.

// ownerApprovals begins the names of the records that approve an owner. No slug
// has a dot.
const ownerApprovals = ApprovalsFolder + "owner."

// sign is what stands for an owner in place of a slug: "@acme".
func (o *following) sign() Slug { return Slug("@" + strings.ToLower(o.Name)) }

// numberOf is the number of the account whose repositories are listed; 0 if the
// list does not say.
func numberOf(owner string, list []Repository) int64 {
	for i := range list {
		if r := &list[i]; strings.EqualFold(r.Repo.Owner, owner) && r.OwnerID != 0 {
			return r.OwnerID
		}
	}
	return 0
}

// judge compares the account that a list is of with the one that was there
// first; nil if nothing speaks against it.
func (r *ownerRecord) judge(list []Repository, now time.Time) *Hold {
	number := numberOf(r.Owner, list)
	if number == 0 && r.Held != nil {
		return r.Held // that account has nothing at present
	}
	if number == 0 || r.OwnerID == 0 || number == r.OwnerID {
		return nil
	}
	was, is := Origin{Repo: Repo{Owner: r.Owner}, OwnerID: r.OwnerID}, Origin{Repo: Repo{Owner: r.Owner}, OwnerID: number}
	if r.Held != nil && r.Held.Now == is {
		return r.Held
	}
	return &Hold{Cause: HeldName, Was: was, Now: is, Since: now, Good: r.Looked}
}

// holdOwner notes that an owner's name is another account's: nothing that is
// listed is taken up, and nothing that was found is withdrawn. It returns that
// as an error.
func (s *Service) holdOwner(ctx context.Context, o *following, hold *Hold) error {
	s.owners.mu.Lock()
	next, unsaved := *o.record, o.unsaved
	s.owners.mu.Unlock()
	var saved error
	if next.Held != hold || unsaved {
		next.Held = hold
		saved = s.saveOwner(ctx, &next)
	}
	now := s.cfg.Now()
	s.owners.mu.Lock()
	o.record, o.unsaved, o.tried, o.fault = &next, saved != nil, now, nil
	tell := now.Sub(past(now, o.said)) >= repeatEvery
	if tell {
		o.said = now
	}
	s.owners.mu.Unlock()
	if tell {
		s.log.Error("owner is held: another account has the name", "owner", o.Name,
			"was", hold.Was.OwnerID, "now", hold.Now.OwnerID, "since", hold.Since, "remedy", hold.Remedy(o.sign()))
	}
	return errors.Join(&Error{Kind: ErrHeld, Message: "owner " + o.Name + " is held: " + hold.Message(), Err: errors.New(hold.Remedy(o.sign()))}, saved)
}

// ApproveOwner tells what a server holds of an owner that it follows, and says
// yes to that if it is to, over the store that the server may be using. The
// server goes on within a minute. ErrNotFound if no such owner is followed.
func ApproveOwner(ctx context.Context, kept recordStore, owners []Owner, name string, yes bool, now time.Time) (*Approval, error) {
	for _, owner := range owners {
		if !strings.EqualFold(owner.Name, name) {
			continue
		}
		rec, err := readOwner(ctx, kept, &following{Owner: owner})
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
		found := &Approval{}
		if err != nil || rec.Held == nil {
			return found, nil
		}
		found.Held, found.Agreed = []Hold{*rec.Held}, rec.Held
		if !yes {
			return found, nil
		}
		given := &approval{Now: rec.Held.Now, Given: now.UTC()}
		data, err := json.Marshal(given)
		if err == nil {
			err = kept.Save(ctx, given.name(Slug("owner."+strings.ToLower(owner.Name))), data)
		}
		if err != nil {
			return nil, fmt.Errorf("save the approval: %w", err)
		}
		return found, nil
	}
	return nil, notFoundf("no owner %.80q under owners:", name)
}

// approveOwner does what one record agrees to, if that is still what is there,
// and removes it.
func (s *Service) approveOwner(ctx context.Context, name string) error {
	owner, _, _ := strings.Cut(strings.TrimPrefix(name, ownerApprovals), "/")
	for _, o := range s.owners.list {
		if !strings.EqualFold(o.Name, owner) || !o.discovering.TryLock() {
			continue // the next look finds it
		}
		defer o.discovering.Unlock()
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
		if err = s.loadOwner(ctx, o); err != nil {
			return err
		}
		s.owners.mu.Lock()
		next := *o.record
		s.owners.mu.Unlock()
		if next.Held == nil || next.Held.Now != yes.Now {
			s.log.Warn("approval is of something that is not held, or not any more; look at it again", "owner", o.Name, "now", yes.Now.OwnerID)
			return s.cfg.Store.Delete(ctx, name)
		}
		next.OwnerID, next.Held = yes.Now.OwnerID, nil
		if err := s.saveOwner(ctx, &next); err != nil {
			return err
		}
		s.owners.mu.Lock()
		o.record, o.said = &next, time.Time{}
		s.owners.mu.Unlock()
		s.log.Warn("approved by the operator", "owner", o.Name, "now", yes.Now.OwnerID)
		s.RefreshOwner(o.Name)
		return s.cfg.Store.Delete(ctx, name)
	}
	return nil
}
