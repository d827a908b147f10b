package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// RecordReader is the part of a [Store] that records are read from.
type RecordReader interface {
	Load(ctx context.Context, name string) ([]byte, error)
}

// PluginsKept are the plugins of a configuration and those that a server has
// found with its owners, as its store says: served or withdrawn.
func PluginsKept(ctx context.Context, store RecordReader, plugins []Plugin, owners []Owner) ([]Plugin, error) {
	kept, err := rosterOf(plugins, owners, keptIn(ctx, store))
	return kept.plugins(), err
}

// FoundPlugin is the plugin or theme of that slug that a server serves by its
// configuration and what it has found, as its store says. ErrNotFound if there
// is none.
func FoundPlugin(ctx context.Context, store RecordReader, plugins []Plugin, owners []Owner, slug string) (Plugin, error) {
	kept, err := rosterOf(plugins, owners, keptIn(ctx, store))
	if err != nil {
		return Plugin{}, err
	}
	if sh := kept.bySlug[Slug(slug)]; sh != nil {
		return sh.plugin, nil
	}
	return Plugin{}, notFoundf("no plugin or theme %.80q in the configuration, nor found with its owners", slug)
}

// keptIn reads what a server has found with an owner.
func keptIn(ctx context.Context, store RecordReader) func(*Service, *following) error {
	return func(_ *Service, o *following) error {
		rec, err := readOwner(ctx, store, o)
		if errors.Is(err, ErrNotFound) {
			return nil // none was found yet
		}
		if err == nil {
			o.record = rec
		}
		return err
	}
}

// PluginsFound are the plugins of a configuration and those that are found with
// its owners now. No store is asked, so that nothing depends on what one claims:
// a repository that a server found under another name is under its present one,
// and of two that want one slug the older one has it.
func PluginsFound(ctx context.Context, forge Forge, plugins []Plugin, owners []Owner) ([]Plugin, error) {
	found, err := rosterOf(plugins, owners, func(s *Service, o *following) error {
		list, err := forge.Repositories(ctx, o.Name)
		if err != nil {
			return fmt.Errorf("list the repositories of %s: %w", o.Name, err)
		}
		look := &look{owner: &o.Owner, configured: s.isNamed}
		o.record = look.at(&ownerRecord{Owner: o.Name}, list)
		return nil
	})
	return found.plugins(), err
}

// rosterOf makes the roster as a server does, of what find finds with each
// owner; nil with an error.
func rosterOf(plugins []Plugin, owners []Owner, find func(*Service, *following) error) (*roster, error) {
	s, err := New(Config{Plugins: plugins, Owners: owners})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for _, o := range s.owners.list {
		if err := find(s, o); err != nil {
			return nil, err
		}
	}
	return s.assemble(), nil
}

// plugins are all of a roster, served or withdrawn; none of a nil one.
func (r *roster) plugins() []Plugin {
	if r == nil {
		return nil
	}
	var list []Plugin
	for _, sh := range r.all() {
		list = append(list, sh.plugin)
	}
	return list
}

// readOwner reads what was found with an owner. ErrNotFound, ErrCorrupt.
func readOwner(ctx context.Context, store RecordReader, o *following) (*ownerRecord, error) {
	data, err := store.Load(ctx, ownerRecordName(o.Name))
	if err != nil {
		return nil, fmt.Errorf("load what was found with owner %s: %w", o.Name, err)
	}
	rec := &ownerRecord{}
	if err := json.Unmarshal(data, rec); err != nil {
		return nil, fmt.Errorf("read what was found with owner %s: %w: %w", o.Name, ErrCorrupt, err)
	}
	rec.Found = valid(o, rec.Found)
	return rec, nil
}
