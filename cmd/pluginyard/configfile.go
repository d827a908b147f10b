package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxConfigBytes bounds the configuration file: 10,000 plugins with all their
// keys are about 3 MB.
const maxConfigBytes = 4 << 20

// readFile reads the configuration file: its lists into the configuration, its
// scalars into the map that is returned.
func (l *loader) readFile(name string) map[string]written {
	data, err := l.src.read(name, maxConfigBytes)
	if err != nil {
		l.fault(place{source: name}, "", "", "%v", withoutPath(err))
		return nil
	}
	root, line, err := parseYAML(data)
	if err != nil {
		l.fault(l.at(line), "", "", "%v", err)
		return nil
	}
	scalars := map[string]written{}
	if root != nil {
		l.section(root, "", scalars)
	}
	return scalars
}

// withoutPath drops the path from a file's error, where the place names it.
func withoutPath(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return fmt.Errorf("%s: %w", pathErr.Op, pathErr.Err)
	}
	return err
}

// at is the place of a line of the file; line 0 is the file as a whole.
func (l *loader) at(line int) place {
	return place{source: l.src.file, line: line}
}

// parseYAML reads one document and gives its root, nil if it is empty. Nothing
// is resolved or expanded: a node is what stands in the file, so that a file
// costs no more than its size. An error comes with its line, 0 if unknown.
func parseYAML(data []byte) (root *yaml.Node, line int, err error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, 0, nil
	} else if err != nil {
		line, err = syntaxError(err)
		return nil, line, err
	}
	if err := dec.Decode(&second); err == nil {
		return nil, second.Line, errors.New("a second document begins; put everything into one")
	} else if !errors.Is(err, io.EOF) {
		line, err = syntaxError(err)
		return nil, line, err
	}
	return doc.Content[0], 0, nil
}

var yamlPrefix = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntaxError takes the line out of the YAML library's error, which gives it
// in the text alone.
func syntaxError(err error) (int, error) {
	text := err.Error()
	m := yamlPrefix.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("not YAML: %w", err)
	}
	line, _ := strconv.Atoi(m[1])
	return line, fmt.Errorf("not YAML: %s", strings.TrimPrefix(text, m[0]))
}

// section reads a mapping whose keys begin with prefix ("", "github.").
func (l *loader) section(n *yaml.Node, prefix string, scalars map[string]written) {
	l.pairs(n, strings.TrimSuffix(prefix, "."), func(name string, at *yaml.Node, value *yaml.Node) {
		key := prefix + name
		switch {
		case isSetting(key):
			if w, ok := l.scalar(key, value); ok {
				scalars[key] = w
			}
		case isList(key):
			l.list(key, value)
		case key == "plugins":
			l.pluginList(value)
		case key == "owners":
			l.ownerList(value)
		case key == "github.credentials":
			l.credentialList(key, value)
		case slices.ContainsFunc(knownKeys(""), func(k string) bool { return strings.HasPrefix(k, key+".") }):
			l.section(value, key+".", scalars)
		default:
			l.unknown(at, key, knownKeys(prefix))
		}
	})
}

func isSetting(key string) bool {
	return slices.ContainsFunc(settings(), func(s setting) bool { return s.key == key })
}

func isList(key string) bool {
	return slices.ContainsFunc(lists(), func(s list) bool { return s.key == key })
}

// knownKeys are the keys of the file that begin with prefix, without it.
func knownKeys(prefix string) []string {
	var keys []string
	add := func(key string) {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			keys = append(keys, rest)
		}
	}
	for _, s := range settings() {
		add(s.key)
	}
	for _, s := range lists() {
		add(s.key)
	}
	add("owners")
	add("plugins")
	add("github.credentials")
	return keys
}

// unknown refuses a key, and names those that could have been meant.
func (l *loader) unknown(at *yaml.Node, key string, known []string) {
	var names []string
	for _, k := range known {
		name, _, _ := strings.Cut(k, ".")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	l.fault(l.at(at.Line), word(key), "", "unknown key; this version knows here: %s", strings.Join(names, ", "))
}

// pairs calls f for each key of a mapping that has a value. Null is an empty
// mapping. Anything else, an alias or a key that stands twice is a fault.
func (l *loader) pairs(n *yaml.Node, key string, f func(name string, at, value *yaml.Node)) {
	if isNull(n) || !l.plain(n, key, yaml.MappingNode, "keys with values") {
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			l.fault(l.at(k.Line), key, "", "a key that is not a word; write KEY: VALUE")
			continue
		}
		if line, ok := seen[k.Value]; ok {
			l.fault(l.at(k.Line), word(join(key, k.Value)), "", "stands at line %d already; keep one of them", line)
			continue
		}
		seen[k.Value] = k.Line
		f(k.Value, k, v)
	}
}

// join is the key NAME within the key prefix, "" for the top.
func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

// word is a key as it may stand in a line: cut, and quoted unless it is plain.
func word(key string) string {
	if short := cut(key); strconv.Quote(short) == `"`+key+`"` {
		return key
	}
	return shown(key)
}

// plain checks that a node is of the kind wanted and written without anchors'
// aliases and tags, which would let a small file stand for a large one.
func (l *loader) plain(n *yaml.Node, key string, kind yaml.Kind, wanted string) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		l.fault(l.at(n.Line), key, "", "an alias (%s); write the value out", shown("*"+n.Value))
	case n.Style&yaml.TaggedStyle != 0:
		l.fault(l.at(n.Line), key, "", "a tag (%s); write the value without it", shown(n.Tag))
	case n.Kind != kind:
		l.fault(l.at(n.Line), key, "", "%s wanted here, not %s", wanted, kindName(n.Kind))
	default:
		return true
	}
	return false
}

func kindName(k yaml.Kind) string {
	switch k {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	default:
		return "a single value"
	}
}

// isNull reports whether a key has no value: "key:", "key: null", "key: ~".
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// scalar reads a single value as it is written; false if there is none.
func (l *loader) scalar(key string, n *yaml.Node) (written, bool) {
	if isNull(n) || !l.plain(n, key, yaml.ScalarNode, "a single value") {
		return written{}, false
	}
	return written{place: l.at(n.Line), text: n.Value, vars: true}, true
}

// scalars calls f for each value of a list, with its variables replaced.
func (l *loader) scalars(key string, n *yaml.Node, f func(w written, text string)) {
	if isNull(n) || !l.plain(n, key, yaml.SequenceNode, "a list") {
		return
	}
	for i, item := range n.Content {
		itemKey := fmt.Sprintf("%s[%d]", key, i)
		w, ok := l.scalar(itemKey, item)
		if !ok {
			if isNull(item) {
				l.fault(l.at(item.Line), itemKey, "", "empty; give a value or remove it")
			}
			continue
		}
		if text, ok := l.expand(itemKey, w, false); ok {
			f(w, text)
		}
	}
}

// list reads one of [lists].
func (l *loader) list(key string, n *yaml.Node) {
	i := slices.IndexFunc(lists(), func(s list) bool { return s.key == key })
	list := lists()[i]
	l.scalars(key, n, func(w written, text string) {
		if err := list.add(l.cfg, text); err != nil {
			value := w.text
			if list.secret {
				value = ""
			}
			l.fault(w.place, key, value, "%v", err)
		}
	})
}
