package registry

import (
	"cmp"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pluginyard/pluginyard/registry/signing"
)

// lookEvery is how often signatures that are missing are looked for in the
// store: another process may have put them there.
const lookEvery = 20 * time.Second

// SignaturesFolder begins the names of the records of signatures.
const SignaturesFolder = "signatures/"

// signature is one key's signature of one installer, and has a record of its
// own: two processes that sign with different keys can't lose each other's.
type signature struct {
	Signature string `json:"signature"` // base64, see package signing
}

func signatureName(slug Slug, digest Digest, key signing.Key) string {
	return SignaturesFolder + string(slug) + "/" + string(digest) + "." + key.ID() + ".json"
}

// signatureOf takes the name of a signature's record apart.
func signatureOf(name string) (slug Slug, digest Digest, ok bool) {
	rest, ok := strings.CutPrefix(name, SignaturesFolder)
	folder, file, found := strings.Cut(rest, "/")
	text, _, dotted := strings.Cut(file, ".")
	return Slug(folder), Digest(text), ok && found && dotted && Digest(text).Valid()
}

// recordStore is the part of a [Store] that holds records.
type recordStore interface {
	Load(ctx context.Context, name string) ([]byte, error)
	Save(ctx context.Context, name string, data []byte) error
}

// loadSignature reads a key's signature of an installer and verifies it; "" if
// there is none. ErrCorrupt if there is one that is not right: that may be the
// work of anybody who can write to the store.
func loadSignature(ctx context.Context, store recordStore, name string, key signing.Key, sha384 []byte) (string, error) {
	data, err := store.Load(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrTooLarge) {
		return "", fmt.Errorf("read signature: %w: %w", ErrCorrupt, err)
	}
	if err != nil {
		return "", fmt.Errorf("load signature: %w", err)
	}
	var kept signature
	if err := json.Unmarshal(data, &kept); err != nil {
		return "", fmt.Errorf("read signature: %w: %w", ErrCorrupt, err)
	}
	if !key.Verify(sha384, kept.Signature) {
		return "", fmt.Errorf("%w: the signature does not verify", ErrCorrupt)
	}
	return kept.Signature, nil
}

// saveSignature signs an installer with a private key and keeps that. With an
// error the signature was made and not kept.
func saveSignature(ctx context.Context, store recordStore, name string, key signing.Key, sha384 []byte) (string, error) {
	made := signature{key.Sign(sha384)}
	data, err := json.Marshal(made)
	if err != nil {
		return made.Signature, fmt.Errorf("encode signature: %w", err)
	}
	if err := store.Save(ctx, name, data); err != nil {
		return made.Signature, fmt.Errorf("save signature: %w", err)
	}
	return made.Signature, nil
}

// signed is what is known of an installer's signatures. Nobody changes one.
type signed struct {
	sha384 string   // of the installer, as hex
	list   []string // base64, by the newest key first; not nil
	bad    []string // records that are not right, or could not be kept; told once
	whole  bool     // every key has signed and that is kept, so there is nothing to look for
	looked time.Time
}

// mustBeSigned reports whether only what somebody else has signed is offered.
func (s *Service) mustBeSigned() bool { return s.cfg.Signing != nil && !s.cfg.Signing.CanSign() }

// signatures are those of an installer, one by each of our keys that signed it;
// our own private keys sign it now if they have not. They are nil where the
// registry has no keys, and empty where it has and nobody has signed yet.
func (s *Service) signatures(ctx context.Context, shelf *shelf, blob Blob, sha384 string) ([]string, error) {
	if s.cfg.Signing == nil {
		return nil, nil
	}
	if known, ok := shelf.signed.Load(blob.Digest); ok {
		known := known.(*signed)
		if now := s.cfg.Now(); known.whole || now.Sub(past(now, known.looked)) < lookEvery {
			return known.list, nil
		}
	}
	v, err := s.once(ctx, "signatures/"+string(shelf.plugin.Slug)+"/"+string(blob.Digest), func(ctx context.Context) (any, error) {
		return s.lookForSignatures(ctx, shelf, blob, sha384)
	})
	if err != nil {
		return nil, err
	}
	return v.(*signed).list, nil
}

func (s *Service) lookForSignatures(ctx context.Context, shelf *shelf, blob Blob, text string) (*signed, error) {
	before := &signed{}
	if known, ok := shelf.signed.Load(blob.Digest); ok {
		before = known.(*signed)
	}
	text, err := s.sha384(ctx, blob, cmp.Or(text, before.sha384))
	if err != nil {
		return nil, err
	}
	sha384, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("read digest of %s: %w: %w", shelf.plugin.Slug, ErrCorrupt, err)
	}
	found := &signed{sha384: text, list: []string{}, whole: true, looked: s.cfg.Now()}
	for _, key := range s.cfg.Signing.Keys() {
		name := signatureName(shelf.plugin.Slug, blob.Digest, key)
		tell := func(message string, err error) {
			if !slices.Contains(before.bad, name) && !slices.Contains(found.bad, name) {
				s.log.Warn(message, "plugin", shelf.plugin.Slug, "digest", string(blob.Digest), "key", key, "err", err)
			}
			found.bad = append(found.bad, name)
		}
		kept, err := loadSignature(ctx, s.cfg.Store, name, key, sha384)
		if err != nil && ctx.Err() == nil {
			// Another process may have written it, so that we can't even read it.
			tell("stored signature cannot be used, it is passed over", err)
			err = nil
		}
		if err != nil {
			return nil, err
		}
		if kept == "" && key.CanSign() {
			if kept, err = saveSignature(ctx, s.cfg.Store, name, key, sha384); err != nil {
				// A full disk is no reason to give out nothing: it can be made again.
				tell("signature cannot be kept, it is made again when it is needed", err)
				found.whole = false
			}
		}
		if kept == "" {
			found.whole = false
			continue
		}
		found.list = append(found.list, kept)
	}
	shelf.signed.Store(blob.Digest, found)
	return found, nil
}

// sha384 is the digest of an installer that signatures are made of, as hex. It
// is read out of the file where an older program did not note it.
func (s *Service) sha384(ctx context.Context, blob Blob, known string) (string, error) {
	if len(known) == hex.EncodedLen(signing.DigestBytes) {
		return known, nil
	}
	file, err := s.cfg.Store.Open(ctx, blob.Digest)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha512.New384()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("read blob %s: %w: %w", blob.Digest, ErrUnavailable, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// sweepSignatures forgets the signatures of files that may not be downloaded
// any more, given the records that there are.
func (s *Service) sweepSignatures(ctx context.Context, plugins *roster, records map[Slug]*record) {
	names, err := s.cfg.Store.Names(ctx, SignaturesFolder)
	for _, name := range names {
		slug, digest, ok := signatureOf(name)
		rec := records[slug]
		if shelf := plugins.shelf(slug); shelf != nil && rec != nil {
			rec = shelf.record.Load() // what was signed meanwhile stays
		}
		if ok && rec != nil {
			if _, kept := rec.Files[digest]; kept {
				continue
			}
		}
		err = errors.Join(err, s.cfg.Store.Delete(ctx, name))
	}
	if err != nil {
		s.log.Warn("signatures of files that are gone could not be removed", "err", err)
	}
	for _, shelf := range plugins.all() {
		rec := shelf.record.Load()
		if rec == nil {
			continue // configured meanwhile
		}
		files := rec.Files
		shelf.signed.Range(func(digest, _ any) bool {
			if _, kept := files[digest.(Digest)]; !kept {
				shelf.signed.Delete(digest)
			}
			return true
		})
	}
}
