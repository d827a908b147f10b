package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// TypeOf says whether a slug is a plugin or a theme, for whoever writes its
// updater, which an author ships in the first release. So no package has to be
// served: one that waits for its signature tells, and so does one whose
// releases are all taken back. Where nothing was ever built, it is built first.
func (s *Service) TypeOf(ctx context.Context, slug string) (Type, error) {
	shelf, err := s.find(slug)
	if err != nil {
		return "", err
	}
	rec, err := s.known(ctx, shelf)
	if err != nil {
		return "", err
	}
	if err := s.mayServe(shelf, rec); err != nil {
		return "", err
	}
	if kind := shelf.plugin.typeIn(rec); kind != "" {
		return kind, nil
	}
	current, err := s.current(ctx, slug, Query{})
	if err == nil {
		return current.pkg.Type, nil
	}
	// What was built just now may wait for its signature.
	if kind := shelf.plugin.typeIn(shelf.record.Load()); kind != "" {
		return kind, nil
	}
	return "", err
}

// StoredType is what a server's records say that a plugin is; "" is not known.
// It only reads.
func StoredType(ctx context.Context, records interface {
	Load(ctx context.Context, name string) ([]byte, error)
}, plugin *Plugin) (Type, error) {
	data, err := records.Load(ctx, recordName(plugin.Slug))
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("load record of %s: %w", plugin.Slug, err)
	}
	rec := &record{}
	if err := json.Unmarshal(data, rec); err != nil {
		return "", fmt.Errorf("read record of %s: %w: %w", plugin.Slug, ErrCorrupt, err)
	}
	if rec.Repo != plugin.Repo.String() {
		return "", nil // of another repository that had the slug
	}
	return plugin.typeIn(rec), nil
}

// ConfiguredType is what the configured main file says; "" if none is.
func (p *Plugin) ConfiguredType() Type {
	if p.File == "" {
		return ""
	}
	return typeOf(p.File)
}

// typeIn is what the configuration or a record says that a plugin is: the
// package built last decides. "" where there is none.
func (p *Plugin) typeIn(rec *record) Type {
	if kind := p.ConfiguredType(); kind != "" {
		return kind
	}
	var last *channelState
	for _, states := range []map[string]channelState{rec.Channels, rec.Waiting} {
		for _, key := range sortedKeys(states) {
			if state := states[key]; last == nil || state.Built.After(last.Built) {
				last = &state
			}
		}
	}
	if last == nil {
		return ""
	}
	return last.kind()
}
