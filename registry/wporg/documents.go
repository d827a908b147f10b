package wporg

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/pluginyard/pluginyard/registry"
)

// MaxDocumentBytes bounds the decoded documents that stay in memory. They are
// about as large as the documents, some 20 KB each.
const MaxDocumentBytes = 32 << 20

// document is a decoded information document: its members that this API gives
// out, as JSON.
type document map[string]json.RawMessage

// documents holds those that were used lately by ETag, in two halves: what is
// used goes into the young one, and when that is full it becomes the old one,
// whose documents are forgotten. The zero value is ready.
type documents struct {
	mu         sync.Mutex // guards all that follows
	young, old map[string]document
	bytes      int // of young
}

// of decodes the document of a listing, once.
func (d *documents) of(l *registry.Listing) (document, error) {
	etag := l.Information.ETag
	d.mu.Lock()
	doc, ok := d.young[etag]
	if !ok {
		doc = d.old[etag]
	}
	d.mu.Unlock()
	if ok {
		return doc, nil
	}
	if doc == nil {
		if err := json.Unmarshal(l.Information.Identity, &doc); err != nil {
			return nil, fmt.Errorf("read the document of %s: %w", l.Slug, err)
		}
		for key := range doc {
			if !given[key] {
				delete(doc, key)
			}
		}
	}
	size := len(l.Information.Identity)
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.young[etag]; ok {
		return doc, nil
	}
	if d.bytes += size; d.young == nil || d.bytes > MaxDocumentBytes/2 {
		d.old, d.young, d.bytes = d.young, map[string]document{}, size
	}
	d.young[etag] = doc
	return doc, nil
}

// text is a member that is a string; "" if it is none.
func (d document) text(key string) string {
	var s string
	if json.Unmarshal(d[key], &s) != nil {
		return ""
	}
	return s
}

// object is a member that is an object, decoded; nil if it is none.
func (d document) object(key string) object {
	if d[key] == nil {
		return nil
	}
	value, err := decodeJSON(d[key])
	if err != nil {
		return nil
	}
	o, _ := value.(object)
	return o
}

// or is a member, or what stands for it where it is not known.
func (d document) or(key, fallback string) json.RawMessage {
	if value, ok := d[key]; ok && string(value) != "null" {
		return value
	}
	return json.RawMessage(fallback)
}

// given are the members that are given out of documents, of plugins and
// themes. The others are for readers of our own documents, or say the same
// under another name.
var given = membersOf(pluginRows, themeRows, []row{{key: "extended_author"}})

func membersOf(tables ...[]row) map[string]bool {
	members := map[string]bool{}
	for _, table := range tables {
		for _, row := range table {
			members[row.key] = true
		}
	}
	return members
}

// row is one member of an answer.
type row struct {
	key      string
	fallback string // as JSON, where it is not known; "" leaves it out
}
