package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

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

// States lists every state, the best first.
func States() []State {
	return []State{StateFresh, StateStale, StateWaiting, StateHeld, StateWithdrawn, StateExpired, StateFailed}
}

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

// WorstFirst orders what the operator should look at: by state, then those with
// an error, then by slug.
func WorstFirst(a, b Status) int {
	rank := func(s Status) int { return slices.Index(States(), s.State) }
	troubled := func(s Status) int { return min(1, len(s.Error)) }
	return cmp.Or(rank(b)-rank(a), troubled(b)-troubled(a), cmp.Compare(a.Slug, b.Slug))
}

// Status tells the operator of every plugin, in the order of the configuration,
// then of those that were withdrawn. It asks nobody but, for what was never
// looked at, the store.
func (s *Service) Status(ctx context.Context) []Status {
	order := s.roster().order
	list := make([]Status, len(order))
	for i, shelf := range order {
		list[i] = s.status(ctx, shelf)
	}
	return append(list, s.Withdrawn()...)
}

func (s *Service) status(ctx context.Context, shelf *shelf) Status {
	st := Status{Slug: shelf.plugin.Slug, Repo: shelf.plugin.Repo, State: StateFailed}
	if tried := shelf.tried.Load(); tried != 0 {
		st.Tried = time.Unix(0, tried).UTC()
	}
	fault := shelf.fault.Load()
	rec, err := s.stored(ctx, shelf)
	if err == nil && rec.Repository != nil {
		st.Checked, st.Next = rec.Checked, s.due(shelf, rec)
		err = s.standing(shelf, rec, &st, fault)
		if now := rec.repo(&shelf.plugin); now != shelf.plugin.Repo {
			st.Remedy = "it is called otherwise now: write repository: " + now.String()
		}
	} else if err == nil && rec.Held != nil {
		st.State, err = StateHeld, rec.Held.err(shelf.plugin.Slug)
	}
	if fault != nil {
		err, st.Failed = fault.err, fault.at
	}
	if err != nil {
		st.Error, st.Remedy = oneLine(err), remedy(err)
	}
	if st.State == StateFailed && err == nil {
		st.Remedy = "nothing: it is built within minutes of the start, or when it is first asked for"
	}
	return st
}

// standing fills in what of a plugin is served, and gives the reason if that is
// not what should be.
func (s *Service) standing(shelf *shelf, rec *record, st *Status, fault *fault) error {
	if err := s.mayServe(shelf, rec); err != nil {
		st.State = StateWithdrawn
		return err
	}
	cs, err := shelf.plugin.candidates(rec, Query{}, s.cfg.Now())
	if err != nil {
		return err
	}
	c, _ := cs.built()
	if c == nil {
		c = cs.unlisted(rec)
	}
	waiting := cs.waitsBefore(c)
	if c != nil {
		st.Type, st.Version, st.Built, st.Commit = c.state.Type, c.state.Version, c.state.Built, c.state.Commit
		st.Revision = cmp.Or(c.state.Tag, c.state.Channel.Ref, shelf.plugin.branch(rec))
	}
	switch {
	case c != nil && s.tooOld(shelf, rec):
		st.State = StateExpired
		return &Error{Kind: ErrUnavailable, Message: fmt.Sprintf("not checked since %s, which is longer than serve_stale allows", rec.Checked.UTC().Format(time.RFC3339))}
	case waiting != nil:
		st.State = StateWaiting
		return shelf.plugin.waits(waiting)
	case rec.Held != nil:
		st.State = StateHeld
		return rec.Held.err(shelf.plugin.Slug)
	case c == nil:
	case rec.HeldReleases[c.state.Tag] != nil:
		st.State = StateHeld
		return rec.HeldReleases[c.state.Tag].err(shelf.plugin.Slug)
	default:
		st.State = StateFresh
		if _, stale := s.staleness(shelf, s.cfg.Now()); stale || fault != nil && !ofContent(fault.err) {
			st.State = StateStale
		}
	}
	return nil
}

// waitsBefore is the first better candidate than c that waits for its signature.
func (cs *candidates) waitsBefore(c *candidate) *channelState {
	for i := range cs.list {
		if better := &cs.list[i]; better == c {
			break
		} else if better.waiting != nil {
			return better.waiting
		}
	}
	return nil
}

// maxErrorBytes bounds an error on the operator's page.
const maxErrorBytes = 600

// oneLine is an error for the operator: its first line, which leaves out the
// stack of a panic, within maxErrorBytes.
func oneLine(err error) string {
	if known := (*Error)(nil); errors.As(err, &known) && known.Kind == ErrHeld {
		err = errors.New(known.Message) // its cause is the remedy
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	if len(text) > maxErrorBytes {
		text = text[:maxErrorBytes] + "…"
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "")
	}
	return text
}

// Queue is how many packages are being built, and how many wait for a place.
func (s *Service) Queue() (building, waiting int) { return s.builders.counts() }

// Ready reports whether requests can be answered: the records are read, and the
// store can be. The error is of kind ErrUnavailable and says which it is not.
func (s *Service) Ready(ctx context.Context) error {
	for _, shelf := range s.roster().order {
		if _, err := s.stored(ctx, shelf); err != nil {
			return &Error{Kind: ErrUnavailable, Message: fmt.Sprintf("not ready: the record of %s cannot be read from the store; the log says why", shelf.plugin.Slug), Err: err}
		}
	}
	// They are in memory from then on, and say nothing about the store.
	if _, err := s.cfg.Store.Load(ctx, readyRecord); err != nil && !errors.Is(err, ErrNotFound) {
		return &Error{Kind: ErrUnavailable, Message: "not ready: the store cannot be read; what is in memory is still served, and the log says why", Err: err}
	}
	return nil
}

// readyRecord is a record that there need not be, to see whether one could be read.
const readyRecord = "ready"
