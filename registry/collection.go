package registry

import (
	"context"
	"encoding/json"
	"time"
)

// gathered is a collection that was made, and the state of things it was made
// for. Once in [Config].Every it is made anew: plugins may have become too old
// to be served.
type gathered struct {
	changes  uint64
	made     time.Time
	document *Document
}

// Collection holds the update objects of all plugins that may be served, by
// slug. A plugin that has not been built yet is left out, and its build is
// begun: the request does not wait for it.
func (s *Service) Collection(ctx context.Context, q Query) (*Document, error) {
	q = Query{Kind: q.Kind, Environment: environmentClass(q.Environment)}
	changes := s.changes.Load()
	if v, ok := s.gathered.Load(q); ok {
		if hit := v.(*gathered); hit.changes == changes && s.cfg.Now().Sub(hit.made) < s.cfg.Every {
			return hit.document, nil
		}
	}
	v, err := s.once(ctx, "collection/"+string(q.Kind)+"/"+q.Environment, func(ctx context.Context) (any, error) {
		changes := s.changes.Load()
		document, err := s.gather(ctx, q)
		if err != nil {
			return nil, err
		}
		s.gathered.Store(q, &gathered{changes, s.cfg.Now(), document})
		return document, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*Document), nil
}

// environmentClass keeps apart only what makes a difference.
func environmentClass(environment string) string {
	switch environment {
	case "", "production":
		return environment
	}
	return "development"
}

func (s *Service) gather(ctx context.Context, q Query) (*Document, error) {
	collection := object{}
	var newest time.Time
	for _, shelf := range s.order {
		rec, err := s.stored(ctx, shelf)
		if err != nil {
			s.log.Error("record cannot be read, the plugin is left out of the collection", "plugin", shelf.plugin.Slug, "err", err)
			continue
		}
		if rec.Repository == nil {
			s.checkBehind(shelf)
			continue
		}
		if s.mayServe(shelf, rec) != nil {
			continue
		}
		channel, err := shelf.plugin.resolve(rec, q)
		if err != nil {
			continue // this plugin does not offer what was asked for
		}
		state, ok := rec.Channels[channel.String()]
		if !ok {
			s.buildBehind(shelf, channel)
			continue
		}
		if s.fresh(shelf, rec) != nil {
			continue
		}
		if state.Encoded != s.encoding {
			current, err := s.load(ctx, shelf, state.Package)
			if err != nil {
				s.log.Error("stored package is damaged, leaving it out of the collection", "plugin", shelf.plugin.Slug, "err", err)
				s.buildBehind(shelf, channel)
				continue
			}
			state.Update = current.pkg.Update
		}
		collection = append(collection, member{string(shelf.plugin.Slug), json.RawMessage(state.Update)})
		if state.Built.After(newest) {
			newest = state.Built
		}
	}
	body, err := encodeJSON(collection)
	if err != nil {
		return nil, err
	}
	return NewDocument(body, newest.UTC().Truncate(time.Second))
}

// buildBehind builds a channel in the background, however many ask for it.
func (s *Service) buildBehind(shelf *shelf, channel Channel) {
	key := string(shelf.plugin.Slug) + "/" + channel.String()
	if _, waits := s.behind.LoadOrStore(key, true); waits {
		return
	}
	s.background(func(ctx context.Context) {
		defer s.behind.Delete(key)
		// A failure is logged and remembered by the build itself.
		_, _ = s.buildNow(ctx, shelf, channel)
	})
}
