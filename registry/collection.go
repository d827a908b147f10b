package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Selection says which plugins and themes a collection holds.
type Selection struct {
	Type  Type   // only those; "" is both
	Slugs []Slug // only those, see [ParseSlugs]; nil is all
}

// MaxSlugs is how many plugins and themes one request may name: several times
// what a large site has installed.
const MaxSlugs = 200

// ParseSlugs reads a list of slugs, "hello-yard,fence-post", as a [Selection]
// wants it: sorted, none twice, never nil. What cannot be a slug is left out
// like a slug that nobody has: one plugin's mistake must not hide the others.
func ParseSlugs(text string) ([]Slug, error) {
	slugs := []Slug{}
	for part := range strings.SplitSeq(text, ",") {
		slug, err := ParseSlug(part)
		if err != nil {
			continue
		}
		if len(slugs) == MaxSlugs {
			return nil, &Error{Kind: ErrInvalid, Message: fmt.Sprintf("slugs names more than %d plugins and themes; ask in several requests", MaxSlugs)}
		}
		slugs = append(slugs, slug)
	}
	slices.Sort(slugs)
	return slices.Compact(slugs), nil
}

// MaxGatheredBytes bounds the collections that are kept: requests choose which
// plugins they hold, and rollouts make variants.
const MaxGatheredBytes = 64 << 20

// gathered is a collection that was made, and the state of things it was made
// for. It is made anew once in [Config].Every, and when something in it may have
// become too old to be served.
type gathered struct {
	changes  uint64
	made     time.Time
	until    time.Time // when something in it is too old to be served
	document *Document
}

// Collection holds the update objects of the selected plugins and themes that
// may be served, by slug; unknown slugs are left out. One that has not been
// built yet is left out too, and its build is begun: the request does not wait
// for it.
func (s *Service) Collection(ctx context.Context, selection Selection, q Query) (*Document, error) {
	changes := s.changes.Load() // before all else: that must be of what is gathered, or of before
	shelves := s.selected(selection)
	q.UpdateID, q.Environment = "", environmentClass(q.Environment)
	key := s.collectionKey(selection, shelves, q)
	if hit, ok := s.gathered.get(key); ok && hit.changes == changes && s.holds(hit.made, hit.until) {
		return hit.document, nil
	}
	v, err := s.once(ctx, fmt.Sprintf("collection/%d/%s", changes, key), func(ctx context.Context) (any, error) {
		document, until, err := s.gather(ctx, shelves, selection.Type, q)
		if err != nil {
			return nil, err
		}
		s.gathered.put(key, &gathered{changes, s.cfg.Now(), until, document}, document.bytes()+int64(2*len(key)))
		return document, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*Document), nil
}

// selected are the plugins with the selection's slugs.
func (s *Service) selected(selection Selection) []*shelf {
	plugins := s.roster()
	if selection.Slugs == nil {
		return plugins.order
	}
	var shelves []*shelf
	for _, slug := range selection.Slugs {
		if shelf := plugins.bySlug[slug]; shelf != nil {
			shelves = append(shelves, shelf)
		}
	}
	return shelves
}

// collectionKey tells collections apart: by the known slugs alone, and by
// which candidate answers the site rather than by the site. So there are no more of
// them than answers that differ.
func (s *Service) collectionKey(selection Selection, shelves []*shelf, q Query) string {
	var room [256]byte
	key := append(room[:0], selection.Type...)
	for _, part := range [...]string{string(q.Kind), q.Environment, q.Channel} {
		key = append(append(key, '/'), part...)
	}
	if selection.Slugs != nil {
		for _, shelf := range shelves {
			key = append(append(key, ','), shelf.plugin.Slug...)
		}
		key = append(key, '.')
	}
	if len(s.roster().rolling) == 0 {
		return string(key)
	}
	now := s.cfg.Now()
	for _, shelf := range shelves {
		rec := shelf.record.Load()
		if !shelf.plugin.Policy.Rollout.on() || rec == nil || rec.Repository == nil {
			continue
		}
		key = append(key, '+')
		if cs, err := shelf.plugin.candidates(rec, q, now); err == nil {
			if c, i := cs.built(); c != nil {
				key = strconv.AppendInt(key, int64(i), 10)
			}
		}
	}
	return string(key)
}

// environmentClass is WordPress's environment that a word stands for; "" is not
// said. A word of a site's own, or a misspelt one, stands for production: whoever
// wants development code says so in WordPress's words.
func environmentClass(environment string) string {
	if environment == "" || slices.Contains(environments[:], environment) {
		return environment
	}
	return environments[0]
}

// gather makes a collection, and says when something in it is too old.
func (s *Service) gather(ctx context.Context, shelves []*shelf, only Type, q Query) (document *Document, until time.Time, err error) {
	collection := object{}
	var newest time.Time
	timeless := false
	for _, shelf := range shelves {
		timeless = timeless || shelf.plugin.Policy.restricts()
		state, err := s.built(ctx, shelf, q)
		if err != nil || only != "" && state.kind() != only {
			continue
		}
		collection = append(collection, member{string(shelf.plugin.Slug), json.RawMessage(state.Update)})
		until = s.expires(shelf, until)
		if state.Built.After(newest) {
			newest = state.Built
		}
	}
	body, err := encodeJSON(collection)
	if err != nil {
		return nil, until, err
	}
	if timeless {
		newest = time.Time{} // see shelf.modified
	}
	document, err = newDocument(body, newest.UTC().Truncate(time.Second), brotliLevelQuick)
	return document, until, err
}

// expires is the earlier one of a time, if there is one, and when a plugin is too
// old to be served unless it is checked before.
func (s *Service) expires(shelf *shelf, until time.Time) time.Time {
	end := shelf.record.Load().Checked.Add(s.cfg.Every + s.cfg.ServeStale)
	if !until.IsZero() && until.Before(end) {
		return until
	}
	return end
}

// holds reports whether something made of several plugins may still be given
// out.
func (s *Service) holds(made, until time.Time) bool {
	now := s.cfg.Now()
	return now.Sub(past(now, made)) < s.cfg.Every && (until.IsZero() || now.Before(until))
}

// kind is a plugin or a theme; packages of older programs are plugins.
func (c *channelState) kind() Type {
	if c.Type == "" {
		return TypePlugin
	}
	return c.Type
}

// buildBehind builds a channel in the background, however many ask for it.
func (s *Service) buildBehind(shelf *shelf, channel Channel) {
	if s.isPutOff(shelf, s.cfg.Now()) {
		return
	}
	key := string(shelf.plugin.Slug) + "/" + channel.String()
	if _, waits := s.behind.LoadOrStore(key, true); waits {
		return
	}
	s.background(func(ctx context.Context) {
		defer s.behind.Delete(key)
		// A failure is logged and remembered by the build itself.
		_, _ = s.buildNow(WithPriority(ctx, PriorityBackground), shelf, channel)
	})
}
