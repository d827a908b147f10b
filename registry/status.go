package registry

import "time"

// State is what the operator has to know of a plugin, in a word.
type State string

// The states, the best first.
const (
	StateFresh     State = "fresh"     // checked in time, and served
	StateStale     State = "stale"     // the last good package is served, the forge can't be asked
	StateWaiting   State = "waiting"   // built, and to be served once it is signed
	StateHeld      State = "held"      // something changed that the operator has to agree to; the last good package is served
	StateWithdrawn State = "withdrawn" // the repository is gone or private: not served any more
	StateExpired   State = "expired"   // older than serve_stale: not served any more
	StateFailed    State = "failed"    // nothing could be built yet
)

// Status is what the operator is told of one plugin. Nothing in it is secret,
// but it is not for the public: a private repository's name may be.
type Status struct {
	Slug     Slug      `json:"slug"`
	Repo     Repo      `json:"repository"`
	Type     Type      `json:"type,omitempty"`
	State    State     `json:"state"`
	Version  string    `json:"version,omitempty"`  // that is served by default
	Revision string    `json:"revision,omitempty"` // its tag or branch
	Commit   string    `json:"commit,omitempty"`
	Built    time.Time `json:"built,omitzero"`
	Checked  time.Time `json:"checked,omitzero"` // when the last check ended well
	Tried    time.Time `json:"tried,omitzero"`   // when the last check began
	Next     time.Time `json:"next,omitzero"`    // when the next one is due
	Error    string    `json:"error,omitempty"`  // why the last check or build failed
	Failed   time.Time `json:"failed,omitzero"`  // when that was
	Remedy   string    `json:"remedy,omitempty"` // what the operator can do about it
}
