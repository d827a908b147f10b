package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// unknownFields lists the fields of value that none of the schemas describes.
// OpenAPI lets an object have more than is described unless it says otherwise;
// an emulator that has more is misspelt or made up. schemas are all that may
// apply at this place: alternatives are not told apart.
func unknownFields(d *description, schemas []any, value any, at string) []string {
	known := known{d: d, fields: map[string][]any{}}
	for _, schema := range schemas {
		known.add(schema)
	}
	var found []string
	switch value := value.(type) {
	case []any:
		for i, v := range value {
			found = append(found, unknownFields(d, known.items, v, at+"/"+strconv.Itoa(i))...)
		}
	case map[string]any:
		if known.open || len(known.fields) == 0 {
			return nil
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			inner, ok := known.fields[name]
			if !ok && at+"/"+name == errorStatus {
				continue
			}
			if !ok {
				found = append(found, fmt.Sprintf("at %s/%s: GitHub describes no such field", at, name))
				continue
			}
			found = append(found, unknownFields(d, inner, value[name], at+"/"+name)...)
		}
	}
	return found
}

// errorStatus is a field that GitHub sends with every error and describes for
// its basic error only, not for answers 422.
const errorStatus = "/status"

// known is what a set of schemas describes together.
type known struct {
	d      *description
	fields map[string][]any
	items  []any
	open   bool // further fields are described, or allowed expressly
}

func (k *known) add(schema any) {
	s, ok := schema.(map[string]any)
	if !ok {
		return
	}
	if ref, ok := s["$ref"].(string); ok {
		k.add(k.d.lookup(parsePointer(strings.TrimPrefix(ref, "#"))))
		return
	}
	for _, choice := range []string{"allOf", "anyOf", "oneOf"} {
		list, _ := s[choice].([]any)
		for _, one := range list {
			k.add(one)
		}
	}
	if more, ok := s["additionalProperties"]; ok && more != false {
		k.open = true
	}
	fields, _ := s["properties"].(map[string]any)
	for name, field := range fields {
		k.fields[name] = append(k.fields[name], field)
	}
	if items, ok := s["items"]; ok {
		k.items = append(k.items, items)
	}
}
