package templates

import (
	"fmt"
	"io"
	"time"
)

// Status is the operator's page.
type Status struct {
	Site
	Now      time.Time
	Refresh  int // seconds until the page loads itself again; 0 is never
	Troubled int // plugins that need to be looked at

	TroubledOwners int // owners that do
	Counts         []StateCount
	Plugins        []StatusRow // the worst first
	More           int         // plugins that are left out
	Owners         []OwnerRow
	Allowances     []AllowanceRow
	Queue          *Queue // nil is not known
	Usage          *Usage // nil is not known
}

// StateCount is how many plugins are in a state.
type StateCount struct {
	State  string // "held"
	Word   string // the same for people
	Number int
}

// StatusRow is one plugin or theme as its operator sees it. Times that are zero
// are shown as never.
type StatusRow struct {
	Slug, Repo                  string
	URL                         string // of its page
	State, Word                 string
	Version, Revision, Commit   string // that are served; "" is nothing
	Built, Checked, Tried, Next time.Time
	Error                       string // what is wrong; "" if nothing is
	Failed                      time.Time
	Remedy                      string // what to do about it
}

// OwnerRow is an owner whose repositories are found by their topics.
type OwnerRow struct {
	Name                string
	Held                bool // another account has the name
	Served, Withdrawn   int  // repositories
	Looked, Tried, Next time.Time
	Error               string // what is wrong; "" if nothing is
	Failed              time.Time
	Remedy              string
	Troubles            []string // repositories that are not served, in a sentence each
}

// AllowanceRow is what one credential may still ask for.
type AllowanceRow struct {
	Credential                string
	Limit, Remaining, Reserve int
	Reset, Paused             time.Time
}

// Queue is the builds.
type Queue struct{ Building, Waiting int }

// Usage is what the store takes, in bytes, and in how many files.
type Usage struct {
	Used, Free, Total int64
	Files             int
}

// Status writes the operator's page.
func (p *Pages) Status(w io.Writer, v Status) error { return p.status.Execute(w, v) }

// moment is a time as operators compare it with logs.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// short is the part of a commit by which people know it.
func short(commit string) string { return commit[:min(len(commit), 7)] }

// span is a time, and how far it lies from now in words.
type span struct {
	At    time.Time
	Words string
}

// since says how far a time lies back or ahead: "3 h ago", "in 5 min".
func since(now, t time.Time) span {
	d, past := now.Sub(t), true
	if d < 0 {
		d, past = -d, false
	}
	words := amount(d)
	switch {
	case d < time.Second:
		words = "now"
	case past:
		words += " ago"
	default:
		words = "in " + words
	}
	return span{t, words}
}

func amount(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%d d", d/day)
}
