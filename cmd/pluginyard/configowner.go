package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/store"
)

// maxOwners bounds how many owners one configuration may have: each of them may
// have [registry.MaxRepositories].
const maxOwners = 1000

// ownerTakes reports whether a plugin's key may be said of all plugins of an
// owner: those that name one plugin, a tag or a version may not.
func ownerTakes(name string) bool {
	return !slices.Contains([]string{"repository", "slug", "file", "ref", "path", "tag_prefix", "yanked", "min_version"}, name)
}

// ownerList reads the list of owners.
func (l *loader) ownerList(n *yaml.Node) {
	if isNull(n) || !l.plain(n, "owners", yaml.SequenceNode, "a list") {
		return
	}
	if len(n.Content) > maxOwners {
		l.fault(l.at(n.Line), "owners", "", "%d owners; at most %d are allowed", len(n.Content), maxOwners)
		return
	}
	for i, item := range n.Content {
		l.owner(fmt.Sprintf("owners[%d]", i), item)
	}
}

// owner reads one owner. It is kept only if it has no fault.
func (l *loader) owner(key string, n *yaml.Node) {
	before := len(l.faults)
	var o registry.Owner
	named := false
	plugin, places := l.entry(key, n, ownerTakes, map[string]func(*yaml.Node){
		"name": func(value *yaml.Node) {
			named = !isNull(value)
			l.ownerValue(key+".name", value, func(text string) error { return setOwnerName(&o, text) })
		},
		"topic": func(value *yaml.Node) {
			if value.Kind == yaml.SequenceNode {
				l.pluginValues(key+".topic", value, func(text string) error { return addTopic(&o, text) })
				return
			}
			l.ownerValue(key+".topic", value, func(text string) error { return addTopic(&o, text) })
		},
		"exclude": func(value *yaml.Node) {
			l.pluginValues(key+".exclude", value, func(text string) error { return addExclude(&o, text) })
		},
	})
	o.Plugin = plugin
	if told := slices.ContainsFunc(l.faults[before:], func(f fault) bool { return f.key == key }); !named && !told {
		l.fault(l.at(n.Line), key+".name", "", "missing; every owner needs one, write name: OWNER")
	}
	if len(l.faults) == before {
		l.policyFaults(key, &o.Plugin, places)
	}
	if len(l.faults) > before {
		return
	}
	l.cfg.Owners = append(l.cfg.Owners, o)
	l.owners = append(l.owners, l.at(n.Line))
}

// ownerValue reads a single value of an owner's own keys. One that is written
// may not be empty.
func (l *loader) ownerValue(key string, n *yaml.Node, set func(text string) error) {
	w, ok := l.scalar(key, n)
	if !ok {
		return
	}
	text, ok := l.expand(key, w, false)
	if !ok {
		return
	}
	if err := set(text); err != nil {
		l.fault(w.place, key, w.text, "%v", err)
	}
}

func setOwnerName(o *registry.Owner, text string) (err error) {
	if o.Name, err = registry.ParseOwner(text); err != nil {
		return errors.New("not a GitHub account; write its name alone, such as acme")
	}
	return nil
}

func addTopic(o *registry.Owner, text string) error {
	topic, err := registry.ParseTopic(text)
	if err != nil {
		return errors.New("not a topic; GitHub's are of a-z, 0-9 and -, at most 50 of them, such as wordpress-plugin")
	}
	o.Topics = append(o.Topics, topic)
	return nil
}

func addExclude(o *registry.Owner, text string) error {
	pattern, err := registry.ParseExclude(text)
	if err != nil {
		return errors.New("not a repository's name without its owner, nor a pattern of such names; write for example old-*")
	}
	o.Exclude = append(o.Exclude, pattern)
	return nil
}

// checkOwners refuses an owner that stands twice.
func (l *loader) checkOwners() {
	first := map[string]place{}
	for i, o := range l.cfg.Owners {
		name := strings.ToLower(o.Name)
		if before, ok := first[name]; ok {
			l.fault(l.owners[i], "", "", "owner %s stands at %s too; keep one of the two, topic takes a list", o.Name, before)
			continue
		}
		first[name] = l.owners[i]
	}
}

// addFound adds to the plugins those that a server over the data directory or
// bucket has found with the owners, for commands beside it.
func addFound(ctx context.Context, cfg *config) error {
	if len(cfg.Owners) == 0 {
		return nil
	}
	kept, err := store.OpenReading(ctx, cfg.Data)
	if err != nil {
		return err
	}
	defer kept.Close()
	cfg.Plugins, err = registry.PluginsKept(ctx, kept, cfg.Plugins, cfg.Owners)
	cfg.Owners = nil
	return err
}
