package wporg

import (
	"encoding/json"
	"maps"

	"github.com/pluginyard/pluginyard/registry"
)

// Bounds of the plugins or themes in one answer, in bytes as JSON. A document
// may have megabytes, so that 250 or 999 of them would fill any memory.
const (
	// MaxFullBytes are given with all their members: a hundred usual ones with
	// their sections. Those behind them lack the large ones, see largeMembers.
	MaxFullBytes = 2 << 20
	// MaxPageBytes are given at all: some thousand without the large members.
	MaxPageBytes = 4 << 20
)

// largeMembers are those that may have more than a few kilobytes, as fields.
var largeMembers = map[registry.Type][]string{
	registry.TypePlugin: {"sections", "reviews", "versions", "screenshots", "contributors", "bare_contributors", "upgrade_notice"},
	registry.TypeTheme:  {"sections", "versions", "screenshots"},
}

// brief is a field of our own: a plugin's description is its short one. WordPress
// up to 3.9 reads it unguarded.
const brief = " brief"

// room is how much of an answer is taken, in bytes. The zero value has all of
// it left.
type room int

// add makes the object of a listing, without its large members where there is
// no room for them; nil where there is none at all.
func (r *room) add(l *registry.Listing, f fields, makeObject func(*registry.Listing, fields) (object, error)) (object, error) {
	made, err := makeObject(l, f)
	if err == nil && int(*r)+size(made) > MaxFullBytes {
		made, err = makeObject(l, maps.Clone(f).with(false, largeMembers[l.Type]...).with(true, brief))
	}
	if err != nil || int(*r)+size(made) > MaxPageBytes {
		return nil, err
	}
	*r += room(size(made))
	return made, nil
}

// size is about how many bytes a value has as JSON.
func size(value any) int {
	switch v := value.(type) {
	case json.RawMessage:
		return len(v)
	case string:
		return len(v) + 2
	case object:
		n := 2
		for _, m := range v {
			n += len(m.key) + 4 + size(m.value)
		}
		return n
	case []any:
		n := 2
		for _, element := range v {
			n += 1 + size(element)
		}
		return n
	}
	return 8
}
