package registry

import "time"

// OwnerStatus is what the operator is told of an owner that is followed. Like
// [Status] it is not for the public.
type OwnerStatus struct {
	Name      string    `json:"name"`
	Served    int       `json:"served"`             // repositories
	Withdrawn int       `json:"withdrawn"`          // repositories that were served within 30 days
	Looked    time.Time `json:"looked,omitzero"`    // when the forge last listed the repositories
	Tried     time.Time `json:"tried,omitzero"`     // when the last discovery ended, well or not
	Next      time.Time `json:"next,omitzero"`      // when the next one is due
	Error     string    `json:"error,omitempty"`    // why it failed, or what it could not find out
	Failed    time.Time `json:"failed,omitzero"`    // when that was
	Held      bool      `json:"held,omitempty"`     // another account has the name: Error says so, and nothing is discovered
	Remedy    string    `json:"remedy,omitempty"`   // what the operator can do about the error
	Troubles  []string  `json:"troubles,omitempty"` // repositories that have the topic and are not served, and what to do about it
}

// Owners is the status of each owner that is followed, as configured.
func (s *Service) Owners() []OwnerStatus {
	s.owners.mu.Lock()
	defer s.owners.mu.Unlock()
	list := make([]OwnerStatus, 0, len(s.owners.list))
	plugins := s.roster()
	for _, o := range s.owners.list {
		status := OwnerStatus{Name: o.Name, Looked: o.record.Looked, Tried: o.tried, Next: s.discoveryDue(o), Troubles: o.troubles()}
		for _, sh := range plugins.order {
			if sh.owner == o {
				status.Served++
			}
		}
		for _, w := range plugins.withdrawn {
			if w.owner == o {
				status.Withdrawn++
			}
		}
		switch held := o.record.Held; {
		case held != nil:
			status.Held, status.Error, status.Failed, status.Remedy = true, held.Message(), held.Since, held.Remedy(o.sign())
		case o.fault != nil:
			status.Error, status.Failed, status.Remedy = oneLine(o.fault.err), o.fault.at, remedy(o.fault.err)
		}
		list = append(list, status)
	}
	return list
}

// Looking reports whether nothing is known yet of the repositories of some
// owner, so that there may be more plugins than are listed.
func (s *Service) Looking() bool { return len(s.roster().looking) > 0 }
