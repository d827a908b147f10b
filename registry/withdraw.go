package registry

import (
	"fmt"
	"time"
)

// Reason is why a plugin that was found is not served any more.
type Reason string

// The reasons.
const (
	ReasonPrivate  Reason = "private"  // the repository was made private
	ReasonGone     Reason = "gone"     // it was deleted, or hidden from us
	ReasonTopic    Reason = "topic"    // its owner took the topic away
	ReasonExcluded Reason = "excluded" // the configuration leaves it out

	// ReasonMoved is none to withdraw it: somebody else has the repository now,
	// so the check of the plugin holds it.
	ReasonMoved Reason = "moved"
)

// reasons is the one table of what is said of each: to sites, and to the
// operator.
var reasons = map[Reason]struct{ said, remedy string }{
	ReasonPrivate:  {"its repository was made private", "make the repository public again, or say access: public for its owner to serve it to everyone"},
	ReasonGone:     {"its repository was deleted or made private", "if it was not, the token has lost its right to read the repository: give it back"},
	ReasonTopic:    {"its repository is not marked for this registry any more", "give the repository its topic back on GitHub"},
	ReasonExcluded: {"this registry leaves it out", "take it off the owner's exclude list"},
}

// withdrawal says that a plugin is not served any more, and since when.
type withdrawal struct {
	Reason Reason    `json:"reason"`
	At     time.Time `json:"at"`
}

// withdrawn is a plugin that was found and is not served any more. Its record
// and its files are kept for [KeepFor], should it come back.
type withdrawn struct {
	*shelf
	why withdrawal
}

// gone is what whoever asks for the plugin is told.
func (w *withdrawn) gone() error {
	return &Error{Kind: ErrGone, Message: fmt.Sprintf("%s is not served any more: %s", w.plugin.Slug, reasons[w.why.Reason].said)}
}

// status is what the operator is told.
func (w *withdrawn) status() Status {
	status := Status{
		Slug: w.plugin.Slug, Repo: w.plugin.Repo, State: StateWithdrawn,
		Error: reasons[w.why.Reason].said, Failed: w.why.At, Remedy: reasons[w.why.Reason].remedy,
	}
	if rec := w.record.Load(); rec != nil {
		status.Checked = rec.Checked
	}
	return status
}

// Withdrawn is the status of each plugin that was found with an owner and is
// not served any more.
func (s *Service) Withdrawn() []Status {
	var list []Status
	for _, w := range s.roster().withdrawn {
		list = append(list, w.status())
	}
	return list
}
