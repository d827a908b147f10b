package registry

import "time"

// Allowance is what a forge lets one of our credentials ask for yet, as its last
// answer said.
type Allowance struct {
	Credential string    `json:"credential"`      // names it without revealing it: "default", "owner acme", "installation 123"
	Limit      int       `json:"limit"`           // requests in each period; 0 is not known yet
	Remaining  int       `json:"remaining"`       // of them, in this period
	Reserve    int       `json:"reserve"`         // of them, kept for work that is not in the background
	Reset      time.Time `json:"reset,omitzero"`  // when the period ends
	Paused     time.Time `json:"paused,omitzero"` // until when nothing is asked at all; zero if it may be
}
