package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/pluginyard/pluginyard/registry"
)

// maxPlugins bounds how many plugins one configuration may have: several times
// what one machine was measured with.
const maxPlugins = 50_000

// maxPluginList bounds a list within one plugin: branches, sections.
const maxPluginList = 100

// pluginKey is a key of a plugin whose value is a single one.
type pluginKey struct {
	name string
	set  func(p *registry.Plugin, text string) error
}

// pluginKeys is the one table of a plugin's scalars, in the order in which
// they are read: file looks at the slug.
func pluginKeys() []pluginKey {
	return []pluginKey{
		{"repository", func(p *registry.Plugin, text string) (err error) {
			if p.Repo, err = registry.ParseRepo(text); err != nil {
				return errors.New("not of the form OWNER/REPO")
			}
			return nil
		}},
		{"slug", setSlug},
		{"file", setMainFile},
		{"source", func(p *registry.Plugin, text string) error {
			p.Source = registry.Source(text)
			if !slices.Contains([]registry.Source{registry.SourceRelease, registry.SourceBranch, registry.SourceEither}, p.Source) {
				return errors.New("write release, branch or either")
			}
			return nil
		}},
		{"ref", func(p *registry.Plugin, text string) error { p.Ref = text; return checkRef(text) }},
		{"path", func(p *registry.Plugin, text string) error {
			p.Path = strings.Trim(strings.TrimPrefix(text, "./"), "/")
			return checkPath(p.Path)
		}},
		{"tag_prefix", func(p *registry.Plugin, text string) error {
			p.TagPrefix = text
			return checkRef(strings.TrimSuffix(text, "/"))
		}},
		{"asset", func(p *registry.Plugin, text string) error {
			p.Asset = text
			if _, err := path.Match(text, ""); err != nil || strings.Contains(text, "/") {
				return errors.New("not a pattern for a file's name; write for example hello-yard-*.zip")
			}
			return nil
		}},
		{"readme", func(p *registry.Plugin, text string) error { p.Readme = text; return checkPath(text) }},
		{"access", func(p *registry.Plugin, text string) error {
			if p.Access = registry.Access(text); p.Access != registry.AccessPublic {
				return errors.New("write public, or leave the key out: a private repository is then not served")
			}
			return nil
		}},
		{"min_version", func(p *registry.Plugin, text string) error { p.Policy.MinVersion = text; return nil }},
		{"disable_autoupdate", func(p *registry.Plugin, text string) (err error) {
			p.Policy.DisableAutoupdate, err = parseSwitch(text)
			return err
		}},
	}
}

// pluginLists is the one table of a plugin's lists.
func pluginLists() []struct {
	name string
	add  func(p *registry.Plugin, text string) error
} {
	return []struct {
		name string
		add  func(p *registry.Plugin, text string) error
	}{
		{"branches", func(p *registry.Plugin, text string) error {
			p.Branches = append(p.Branches, text)
			return checkRef(text)
		}},
		{"sections", func(p *registry.Plugin, text string) error {
			p.Sections = append(p.Sections, text)
			if text == "" || len(text) > maxSection || strings.ContainsFunc(text, unicode.IsControl) {
				return fmt.Errorf("not a section; write its title in the readme, of at most %d bytes, or its key such as other_notes", maxSection)
			}
			return nil
		}},
		{"yanked", func(p *registry.Plugin, text string) error {
			p.Policy.Yanked = append(p.Policy.Yanked, text)
			return nil
		}},
	}
}

// maxSection bounds a section's title, in bytes.
const maxSection = 200

// pluginList reads the list of plugins.
func (l *loader) pluginList(n *yaml.Node) {
	if isNull(n) || !l.plain(n, "plugins", yaml.SequenceNode, "a list") {
		return
	}
	if len(n.Content) > maxPlugins {
		l.fault(l.at(n.Line), "plugins", "", "%d plugins; at most %d are allowed", len(n.Content), maxPlugins)
		return
	}
	for i, item := range n.Content {
		l.plugin(fmt.Sprintf("plugins[%d]", i), item)
	}
}

// plugin reads one plugin. It is kept only if it has no fault.
func (l *loader) plugin(key string, n *yaml.Node) {
	before := len(l.faults)
	p, places := l.entry(key, n, func(string) bool { return true }, nil)
	told := slices.ContainsFunc(l.faults[before:], func(f fault) bool { return f.key == key || f.key == key+".repository" })
	if p.Repo == (registry.Repo{}) && !told {
		l.fault(l.at(n.Line), key+".repository", "", "missing; every plugin needs one, write repository: OWNER/REPO")
	}
	if len(l.faults) == before {
		l.policyFaults(key, &p, places)
	}
	if len(l.faults) > before {
		return
	}
	l.cfg.Plugins = append(l.cfg.Plugins, p)
	l.plugins = append(l.plugins, l.at(n.Line))
}

// entry reads what is said of one plugin, or of all plugins of an owner: those
// of a plugin's keys that it takes, and keys of its own by name. It also gives
// where the keys stand, for faults that show only when all are read.
func (l *loader) entry(key string, n *yaml.Node, takes func(name string) bool, own map[string]func(value *yaml.Node)) (registry.Plugin, map[string]place) {
	var p registry.Plugin
	scalars := map[string]written{}
	places := map[string]place{}
	l.pairs(n, key, func(name string, at, value *yaml.Node) {
		places[name] = l.at(at.Line)
		if read := own[name]; read != nil {
			read(value)
			return
		}
		known := slices.DeleteFunc(pluginNames(), func(name string) bool { return !takes(name) })
		if !slices.Contains(known, name) {
			l.unknown(at, join(key, name), slices.AppendSeq(known, maps.Keys(own)))
			return
		}
		if ofPolicy(name) && l.lacks(key+"."+name, value) {
			return
		}
		for _, list := range pluginLists() {
			if list.name == name {
				l.pluginValues(key+"."+name, value, func(text string) error { return list.add(&p, text) })
				return
			}
		}
		for _, group := range pluginGroups() {
			if group.name == name {
				group.read(&policyReader{loader: l, key: key, policy: &p.Policy, places: places}, value)
				return
			}
		}
		if w, ok := l.scalar(key+"."+name, value); ok {
			scalars[name] = w
		}
	})
	for _, k := range pluginKeys() {
		w, ok := scalars[k.name]
		if !ok {
			continue
		}
		text, ok := l.expand(key+"."+k.name, w, false)
		if ok && text == "" && ofPolicy(k.name) {
			l.fault(w.place, key+"."+k.name, w.text, noValue)
		}
		if !ok || text == "" { // elsewhere an empty value is as none
			continue
		}
		if err := k.set(&p, text); err != nil {
			l.fault(w.place, key+"."+k.name, w.text, "%v", err)
		}
	}
	return p, places
}

// pluginNames are all keys of a plugin.
func pluginNames() []string {
	var names []string
	for _, k := range pluginKeys() {
		names = append(names, k.name)
	}
	for _, k := range pluginGroups() {
		names = append(names, k.name)
	}
	for _, k := range pluginLists() {
		names = append(names, k.name)
	}
	return names
}

// pluginValues reads a list within a plugin.
func (l *loader) pluginValues(key string, n *yaml.Node, add func(text string) error) {
	if len(n.Content) > maxPluginList {
		l.fault(l.at(n.Line), key, "", "%d values; at most %d are allowed", len(n.Content), maxPluginList)
		return
	}
	l.scalars(key, n, func(w written, text string) {
		if err := add(text); err != nil {
			l.fault(w.place, key, w.text, "%v", err)
		}
	})
}

func setSlug(p *registry.Plugin, text string) error {
	slug, err := registry.ParseSlug(text)
	if err != nil {
		// The fault shows the value already.
		return errors.New(strings.TrimLeft(strings.TrimPrefix(err.Error(), fmt.Sprintf("slug %q", text)), ": "))
	}
	p.Slug = slug
	return nil
}

// setMainFile reads "hello-yard.php", or WordPress's name of a plugin,
// "hello-yard/hello-yard.php", which says the slug as well; or "style.css", which
// says that it is a theme.
func setMainFile(p *registry.Plugin, text string) error {
	folder, name, ok := strings.Cut(text, "/")
	if !ok {
		folder, name = "", text
	}
	if strings.Contains(name, "/") || !fs.ValidPath(name) || !strings.HasSuffix(strings.ToLower(name), ".php") && name != "style.css" {
		return errors.New("not a plugin's main file; write hello-yard.php or hello-yard/hello-yard.php, or style.css for a theme")
	}
	p.File = name
	if !ok {
		return nil
	}
	if p.Slug != "" && folder != string(p.Slug) {
		return fmt.Errorf("its folder is not the slug %s; make them the same", p.Slug)
	}
	return setSlug(p, folder)
}

// checkPath accepts a clean relative path of slashes.
func checkPath(text string) error {
	if !fs.ValidPath(text) || text == "." || strings.ContainsAny(text, "\\\x00") {
		return errors.New("not a path within the repository; write it without .., a leading slash or empty elements")
	}
	return nil
}

// checkRef refuses what git itself does not take for the name of a tag or
// branch (git check-ref-format).
func checkRef(text string) error {
	bad := text == "" || len(text) > 255 || text == "@" ||
		strings.HasPrefix(text, "-") || strings.HasPrefix(text, "/") || strings.HasSuffix(text, "/") || strings.HasSuffix(text, ".") ||
		strings.Contains(text, "..") || strings.Contains(text, "//") || strings.Contains(text, "@{") ||
		strings.ContainsAny(text, " ~^:?*[\\\x7f")
	for _, part := range strings.Split(text, "/") {
		bad = bad || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock")
	}
	for _, c := range text {
		bad = bad || c < ' '
	}
	if bad {
		return errors.New("git allows no such name of a tag or branch")
	}
	return nil
}
