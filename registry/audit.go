package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// AuditStore is what an audit reads a store by. A server may be using the store
// at the same time.
type AuditStore interface {
	recordLister
	// ReadBlob reads a blob of at most limit bytes into memory. ErrNotFound,
	// and ErrCorrupt if its bytes do not match its digest.
	ReadBlob(ctx context.Context, digest Digest, limit int64) ([]byte, error)
	// CheckBlob hashes a blob and says its size. ErrNotFound, ErrCorrupt.
	CheckBlob(ctx context.Context, digest Digest) (bytes int64, err error)
	// Blobs calls found for each blob, in no order.
	Blobs(ctx context.Context, found func(Blob) error) error
	// Quarantined calls found for each blob that was moved aside.
	Quarantined(ctx context.Context, found func(Blob) error) error
}

// AuditConfig is what an [Audit] is made from.
type AuditConfig struct {
	Store AuditStore
	// Progress is told how many bytes of how many were read; default nobody.
	Progress func(done, total int64)
}

// AuditFault is something in a store that is not as it should be.
type AuditFault struct {
	Name    string `json:"name"`             // of the record, or the digest of the blob
	Plugin  Slug   `json:"plugin,omitempty"` // whose it is
	Message string `json:"message"`          // what is wrong
	Remedy  string `json:"remedy"`           // what happens by itself, or what to do
}

// AuditReport is what an audit found.
type AuditReport struct {
	Plugins     int          `json:"plugins"` // with a record
	Records     int          `json:"records"` // all of them
	Blobs       int          `json:"blobs"`   // files that records refer to
	Bytes       int64        `json:"bytes"`   // of those
	Unused      int          `json:"unused"`  // blobs that no record refers to
	UnusedBytes int64        `json:"unused_bytes"`
	Aside       int          `json:"quarantined"` // damaged blobs that a server moved aside
	AsideBytes  int64        `json:"quarantined_bytes"`
	Faults      []AuditFault `json:"faults"`
}

// The remedies of an audit.
const (
	remedyCopy     = "its copy is whole, and a server uses that when it starts; the next change writes it again"
	remedyCopyGone = "the next change of the plugin writes it again"
	remedyAnew     = "a server begins anew and builds the plugin from GitHub; restore a backup if GitHub is out of reach"
	remedyBuild    = "a server builds it again when it is asked for, and serves the package before meanwhile; restore a backup if GitHub is out of reach"
	remedyKept     = "only sites with an old document ask for it; restore a backup if they matter"
	remedySign     = "it is signed again when it is next asked for, by the server or by \"pluginyard sign\""
	remedyAgain    = "it is asked for again; nothing has to be done"
	remedyUnused   = "nothing refers to it; \"pluginyard store gc\" removes it"
)

// reference is where a blob is named.
type reference struct {
	plugin Slug
	what   string // "installer hello-yard.1.2.0.zip"
	size   int64  // bytes; 0 is not known
	remedy string
}

// auditor is one audit.
type auditor struct {
	AuditConfig
	report *AuditReport
	wanted map[Digest]reference // some 150 bytes each
	suspects
}

// suspects are faults that may be due to a server that works meanwhile, by the
// plugin.
type suspects map[Slug][]Digest

// Audit reads every record and every blob of a store and reports what is torn,
// damaged or missing. An error is one of the store's that ends it. It changes
// nothing, and what a server changes meanwhile is no fault.
func Audit(ctx context.Context, cfg AuditConfig) (*AuditReport, error) {
	a := &auditor{AuditConfig: cfg, report: &AuditReport{Faults: []AuditFault{}}, wanted: map[Digest]reference{}}
	if err := a.records(ctx); err != nil {
		return nil, err
	}
	there, total, err := a.there(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.blobs(ctx, there, total); err != nil {
		return nil, err
	}
	if err := a.settle(ctx); err != nil {
		return nil, err
	}
	err = a.Store.Quarantined(ctx, func(blob Blob) error {
		a.report.Aside++
		a.report.AsideBytes += blob.Size
		return nil
	})
	slices.SortFunc(a.report.Faults, func(a, b AuditFault) int {
		return strings.Compare(string(a.Plugin)+" "+a.Name, string(b.Plugin)+" "+b.Name)
	})
	return a.report, err
}

// add notes a fault.
func (a *auditor) add(fault AuditFault) { a.report.Faults = append(a.report.Faults, fault) }

// records reads every record, and notes what the plugins' refer to.
func (a *auditor) records(ctx context.Context) error {
	slugs, err := storedSlugs(ctx, a.Store)
	if err != nil {
		return err
	}
	for _, slug := range slugs {
		rec, err := a.plugin(ctx, slug)
		if err != nil {
			return err
		}
		if rec == nil {
			continue
		}
		a.report.Plugins++
		if err := a.refer(ctx, slug, rec); err != nil {
			return err
		}
	}
	names, err := a.Store.Names(ctx, "")
	if err != nil {
		return err
	}
	a.report.Records = len(names)
	for _, name := range names {
		if strings.HasPrefix(name, pluginsFolder) || strings.HasPrefix(name, copiesFolder) {
			continue
		}
		switch _, err := a.Store.Load(ctx, name); {
		case err == nil || errors.Is(err, ErrNotFound): // gone meanwhile
		case !damaged(err):
			return err
		case strings.HasPrefix(name, SignaturesFolder):
			slug, _, _ := signatureOf(name)
			a.add(AuditFault{Name: name, Plugin: slug, Message: "the record is damaged", Remedy: remedySign})
		default:
			a.add(AuditFault{Name: name, Message: "the record is damaged", Remedy: remedyAgain})
		}
	}
	return nil
}

// damaged reports whether it is what was read that is wrong.
func damaged(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) || errors.Is(err, ErrTooLarge)
}

// plugin reads a plugin's record and its copy, and gives the better; nil if
// there is none.
func (a *auditor) plugin(ctx context.Context, slug Slug) (*record, error) {
	rec, err := parsedRecord(ctx, a.Store, recordName(slug))
	if err != nil && !damaged(err) {
		return nil, err
	}
	twin, twinErr := parsedRecord(ctx, a.Store, copyName(slug))
	if twinErr != nil && !damaged(twinErr) {
		return nil, twinErr
	}
	switch {
	case err != nil && twinErr != nil:
		a.add(AuditFault{Name: recordName(slug), Plugin: slug, Message: "the record is damaged, and it has no whole copy", Remedy: remedyAnew})
		return nil, nil
	case errors.Is(err, ErrNotFound):
		a.add(AuditFault{Name: recordName(slug), Plugin: slug, Message: "the record is missing", Remedy: remedyCopy})
		return twin, nil
	case err != nil:
		a.add(AuditFault{Name: recordName(slug), Plugin: slug, Message: "the record is damaged", Remedy: remedyCopy})
		return twin, nil
	case twinErr != nil && !errors.Is(twinErr, ErrNotFound):
		a.add(AuditFault{Name: copyName(slug), Plugin: slug, Message: "the record's copy is damaged", Remedy: remedyCopyGone})
	}
	return rec, nil
}

// refer notes what a record refers to. What is served counts before what was.
func (a *auditor) refer(ctx context.Context, slug Slug, rec *record) error {
	for digest, file := range rec.Files {
		a.want(digest, reference{slug, "file " + file.Name, file.Size, remedyKept})
	}
	for _, past := range rec.Past {
		a.state(slug, rec, &past.channelState, "past "+past.Channel.String(), remedyKept)
	}
	for _, states := range []map[string]channelState{rec.Waiting, rec.Channels} {
		for _, key := range sortedKeys(states) {
			state := states[key]
			a.state(slug, rec, &state, key, remedyBuild)
			data, err := a.Store.ReadBlob(ctx, state.Package, maxDocument)
			if err != nil && !damaged(err) {
				return err
			}
			if err == nil && json.Unmarshal(data, &Package{}) != nil {
				a.add(AuditFault{Name: string(state.Package), Plugin: slug, Message: "the package of " + key + " cannot be read as one", Remedy: remedyBuild})
			}
		}
	}
	return ctx.Err()
}

// state notes what one package consists of.
func (a *auditor) state(slug Slug, rec *record, state *channelState, key, remedy string) {
	of := fmt.Sprintf(" of %s, version %s", key, printable(state.Version))
	a.want(state.Package, reference{slug, "package" + of, 0, remedy})
	for _, digest := range state.Documents {
		a.want(digest, reference{slug, "document" + of, 0, remedy})
	}
	for _, digest := range state.Files {
		file := rec.Files[digest]
		a.want(digest, reference{slug, strings.TrimSpace("file "+file.Name) + of, file.Size, remedy})
	}
}

func (a *auditor) want(digest Digest, ref reference) {
	if digest != "" {
		a.wanted[digest] = ref
	}
}

// there lists the blobs that are there, and counts those that nobody wants.
func (a *auditor) there(ctx context.Context) (there map[Digest]bool, total int64, err error) {
	there = make(map[Digest]bool, len(a.wanted))
	err = a.Store.Blobs(ctx, func(blob Blob) error {
		if _, wanted := a.wanted[blob.Digest]; !wanted {
			a.report.Unused++
			a.report.UnusedBytes += blob.Size
			return nil
		}
		there[blob.Digest] = true
		total += blob.Size
		return nil
	})
	return there, total, err
}

// blobs hashes every blob that is wanted.
func (a *auditor) blobs(ctx context.Context, there map[Digest]bool, total int64) error {
	a.suspects = suspects{}
	var done int64
	for digest, ref := range a.wanted {
		size, err := a.Store.CheckBlob(ctx, digest)
		if err != nil && !damaged(err) {
			return err
		}
		if there[digest] {
			done += size
		}
		if a.Progress != nil {
			a.Progress(min(done, total), total)
		}
		if err == nil && (ref.size == 0 || ref.size == size) {
			a.report.Blobs++
			a.report.Bytes += size
			continue
		}
		a.suspects[ref.plugin] = append(a.suspects[ref.plugin], digest)
	}
	return nil
}

// settle looks again at what is wrong: a server may have replaced the record,
// or built the package again.
func (a *auditor) settle(ctx context.Context) error {
	for slug, digests := range a.suspects {
		now := map[Digest]bool{}
		rec, err := anyRecord(ctx, a.Store, slug)
		if err != nil && !damaged(err) {
			return err
		}
		if err == nil {
			rec.reach(now)
		}
		for _, digest := range digests {
			if !now[digest] {
				continue
			}
			_, err := a.Store.CheckBlob(ctx, digest)
			ref, fault := a.wanted[digest], "is missing"
			switch {
			case err == nil:
				continue
			case !damaged(err):
				return err
			case !errors.Is(err, ErrNotFound):
				fault = "is damaged"
			}
			a.add(AuditFault{Name: string(digest), Plugin: slug, Message: ref.what + " " + fault, Remedy: ref.remedy})
		}
	}
	return nil
}
