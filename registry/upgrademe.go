package registry

import (
	"context"
	"encoding/json"
	"fmt"
)

// MaxUpgrademeBytes bounds the upgrademe documents that stay in memory: few
// sites still ask for them, so they are made from the information document
// when they do.
const MaxUpgrademeBytes = 8 << 20

// upgrademeInfo are the members of the information document that upgrademe
// passes on to WordPress. It knows "compatibility" too, which says for which
// versions of WordPress users have voted: nobody has.
var upgrademeInfo = []string{
	"name", "slug", "version", "author", "author_profile", "contributors", "requires", "tested", "rating",
	"num_ratings", "downloaded", "last_updated", "added", "homepage", "sections", "download_link", "tags",
}

// Upgrademe is what the plugin upgrademe asks for, which brought updates from
// elsewhere to WordPress before 3.7: an object of new_version, url, package
// and info. It refuses an answer with a fifth member, and one of whose four is
// null. There are none of themes.
func (s *Service) Upgrademe(ctx context.Context, slug string, q Query) (*Document, error) {
	current, err := s.current(ctx, slug, q)
	if err != nil {
		return nil, err
	}
	if current.pkg.Type == TypeTheme {
		return nil, notFoundf("%s is a theme, and upgrademe knows plugins alone; ask for %s.json", slug, slug)
	}
	key := current.information.ETag
	if hit, ok := s.upgrademes.get(key); ok {
		return hit, nil
	}
	v, err := s.once(ctx, "upgrademe/"+key, func(context.Context) (any, error) {
		body, err := upgrademe(current.pkg.Update, current.information.Identity)
		if err != nil {
			return nil, fmt.Errorf("make the upgrademe document of %s: %w", slug, err)
		}
		document, err := NewDocument(body, current.information.Modified)
		if err != nil {
			return nil, fmt.Errorf("compress the upgrademe document of %s: %w", slug, err)
		}
		s.upgrademes.put(key, document, document.bytes())
		return document, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*Document), nil
}

// upgrademe takes its four members from the update object and the information
// document of a plugin.
func upgrademe(updateJSON, informationJSON []byte) ([]byte, error) {
	var offer, known map[string]json.RawMessage
	if err := json.Unmarshal(updateJSON, &offer); err != nil {
		return nil, fmt.Errorf("read the update object: %w", err)
	}
	if err := json.Unmarshal(informationJSON, &known); err != nil {
		return nil, fmt.Errorf("read the information document: %w", err)
	}
	info := object{}
	for _, key := range upgrademeInfo {
		if value, ok := known[key]; ok {
			info = append(info, member{key, value})
		}
	}
	return encodeJSON(object{{"new_version", offer["new_version"]}, {"url", offer["url"]}, {"package", offer["package"]}, {"info", info}})
}
