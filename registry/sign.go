package registry

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sync/semaphore"

	"github.com/pluginyard/pluginyard/registry/signing"
)

// SigningStore is what [Sign] needs of a store that a server may be using.
// Package registry/store implements it.
type SigningStore interface {
	recordStore
	// ReadBlob reads a blob of at most limit bytes, verified. ErrNotFound,
	// ErrTooLarge, ErrCorrupt.
	ReadBlob(ctx context.Context, digest Digest, limit int64) ([]byte, error)
}

// SignConfig is what [Sign] works with.
type SignConfig struct {
	// Plugins are those of the registry, as its configuration has them. They
	// are trusted, and the forge is; nothing in the store is.
	Plugins []Plugin
	Forge   Forge
	Store   SigningStore
	Keys    []signing.Key       // private ones
	Temp    string              // folder for archives while they are built; default os.TempDir
	DryRun  bool                // say what would be looked at; ask the forge nothing
	Told    func(SigningResult) // called for each package, in the order of the plugins
}

// SigningOutcome is what became of a package that may have to be signed.
type SigningOutcome string

// The outcomes. Those that have an Err are failures.
const (
	SigningDone    SigningOutcome = "signed"  // it was signed
	SigningKnown   SigningOutcome = "known"   // all keys had signed it
	SigningWanted  SigningOutcome = "wanted"  // it would have been signed, but for DryRun
	SigningPassed  SigningOutcome = "passed"  // the branch has moved on: the server will build it again
	SigningRefused SigningOutcome = "refused" // the forge has something else
	SigningFailed  SigningOutcome = "failed"  // it could not be found out what the forge has
)

// SigningResult is the outcome of one package.
type SigningResult struct {
	Plugin  Slug
	Version string // as the store says; "" is not known
	Source  string // "release v1.2.0", "branch main"; "" is not known
	Digest  Digest // SHA-256 of the installer in the store; "" is not known
	Outcome SigningOutcome
	Err     error
}

// Sign signs what the store holds with every key that has not, without trusting
// it: each installer is made again from what the forge has now, and signed if
// it is the same to the byte. So whoever has taken over the server, or its
// store, can have nothing signed that is not in the repositories. It returns an
// error only if the context ends.
func Sign(ctx context.Context, cfg SignConfig) error {
	service, err := New(Config{Plugins: cfg.Plugins, Forge: cfg.Forge, Temp: cfg.Temp})
	if err != nil {
		return err
	}
	defer service.Close()
	for _, shelf := range service.roster().order {
		s := &signer{SignConfig: cfg, service: service, shelf: shelf}
		s.Temp = service.cfg.Temp
		err := sheltered(func() error { s.all(ctx); return nil })
		if err != nil {
			s.Told(SigningResult{Plugin: shelf.plugin.Slug, Outcome: SigningFailed, Err: err})
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// signer signs the packages of one plugin.
type signer struct {
	SignConfig
	service *Service // that is asked about the forge, and has no store
	shelf   *shelf
	kept    *record // what the store claims
	found   *record // what the forge says; nil until it was asked
}

// all looks at every package that a channel serves, or that waits.
func (s *signer) all(ctx context.Context) {
	plugin := &s.shelf.plugin
	result := SigningResult{Plugin: plugin.Slug}
	data, err := s.Store.Load(ctx, recordName(plugin.Slug))
	if errors.Is(err, ErrNotFound) {
		return // the server has not built it yet
	}
	kept := &record{}
	if err == nil {
		err = json.Unmarshal(data, kept)
	}
	if err != nil {
		result.Outcome, result.Err = SigningFailed, fmt.Errorf("read the record of plugin %s: %w", plugin.Slug, err)
		s.Told(result)
		return
	}
	s.kept = kept
	done := map[Digest]bool{}
	for _, states := range []map[string]channelState{kept.Waiting, kept.Channels} {
		for _, key := range sortedKeys(states) {
			state := states[key]
			if done[state.Package] || ctx.Err() != nil {
				continue
			}
			done[state.Package] = true
			s.Told(s.one(ctx, &state))
		}
	}
}

func sortedKeys(states map[string]channelState) []string {
	keys := make([]string, 0, len(states))
	for key := range states {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// one looks at one package.
func (s *signer) one(ctx context.Context, state *channelState) SigningResult {
	result := SigningResult{Plugin: s.shelf.plugin.Slug, Version: printable(state.Version)}
	fail := func(outcome SigningOutcome, err error) SigningResult {
		result.Outcome, result.Err = outcome, err
		return result
	}
	data, err := s.Store.ReadBlob(ctx, state.Package, maxDocument)
	pkg := &Package{}
	if err == nil {
		err = json.Unmarshal(data, pkg)
	}
	if err != nil {
		return fail(SigningFailed, fmt.Errorf("read the package: %w", err))
	}
	if !pkg.Installer.Digest.Valid() {
		return fail(SigningFailed, errors.New("read the package: its installer has no digest"))
	}
	result.Version, result.Digest = printable(pkg.Version), pkg.Installer.Digest
	result.Source = string(KindBranch) + " " + printable(pkg.Revision.Ref)
	if pkg.Revision.Release != nil {
		result.Source = string(KindRelease) + " " + printable(pkg.Revision.Ref)
	}
	switch wanted, err := s.unsigned(ctx, pkg); {
	case err != nil:
		return fail(SigningFailed, err)
	case !wanted:
		result.Outcome = SigningKnown
		return result
	case s.DryRun:
		result.Outcome = SigningWanted
		return result
	}
	made, err := s.rebuild(ctx, &pkg.Revision)
	switch {
	case errors.Is(err, errMovedOn):
		result.Outcome = SigningPassed
		return result
	case errors.Is(err, errDiffers):
		return fail(SigningRefused, err)
	case err != nil:
		return fail(SigningFailed, err)
	case made.Digest != pkg.Installer.Digest:
		return fail(SigningRefused, fmt.Errorf("%w: the store holds an installer with the SHA-256 %s, and what %s has makes %s; its tag may have been moved since, which is harmless where you did it; else find out who changed it before anything is served again",
			errDiffers, pkg.Installer.Digest, s.shelf.plugin.Repo, made.Digest))
	}
	if err := s.sign(ctx, made); err != nil {
		return fail(SigningFailed, err)
	}
	result.Outcome = SigningDone
	return result
}

// errMovedOn: a branch has other commits by now.
var errMovedOn = errors.New("the branch has moved on")

// errDiffers: the store claims what the forge denies.
var errDiffers = errors.New("not what the repository holds")

// unsigned reports whether a key has not signed a package yet.
func (s *signer) unsigned(ctx context.Context, pkg *Package) (bool, error) {
	sha384, err := hex.DecodeString(pkg.Installer.SHA384)
	if err != nil || len(sha384) != signing.DigestBytes {
		return true, nil // an older program did not note it
	}
	for _, key := range s.Keys {
		kept, err := loadSignature(ctx, s.Store, signatureName(s.shelf.plugin.Slug, pkg.Installer.Digest, key), key, sha384)
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return false, err
		}
		if kept == "" {
			return true, nil
		}
	}
	return false, nil
}

// sign signs an installer that we have made ourselves.
func (s *signer) sign(ctx context.Context, made *Installer) error {
	sha384, err := hex.DecodeString(made.SHA384)
	if err != nil {
		return err
	}
	for _, key := range s.Keys {
		if _, err := saveSignature(ctx, s.Store, signatureName(s.shelf.plugin.Slug, made.Digest, key), key, sha384); err != nil {
			return err
		}
	}
	return nil
}

// rebuild makes the installer of what the store calls a revision, out of what
// the forge has under that name now. A commit that the store names is not used:
// forges give out commits of anybody's fork as the repository's own.
func (s *signer) rebuild(ctx context.Context, claimed *Revision) (*Installer, error) {
	plugin := &s.shelf.plugin
	if s.found == nil {
		answer, err := s.service.ask(ctx, plugin, plugin.Repo)
		if err != nil {
			return nil, fmt.Errorf("ask about %s: %w", plugin.Repo, err)
		}
		if err := s.mayBeTrusted(answer.repository); err != nil {
			return nil, err
		}
		s.found = &record{}
		s.found.note(plugin, answer, s.service.cfg.Now())
	}
	channel := Channel{Kind: KindBranch, Ref: claimed.Ref}
	if claimed.Release != nil {
		channel.Kind = KindRelease
	}
	if channel.Ref == "" || !plugin.offers(s.found, channel) {
		return nil, fmt.Errorf("%w: %s has no %s %s, or the configuration does not offer it", errDiffers, plugin.Repo, channel.Kind, printable(channel.Ref))
	}
	rev, err := s.service.revision(ctx, s.shelf, s.found, channel)
	if err != nil {
		return nil, err
	}
	if channel.Kind == KindBranch && rev.Commit != claimed.Commit {
		return nil, errMovedOn
	}
	temp, err := os.MkdirTemp(s.Temp, "pluginyard-sign-")
	if err != nil {
		return nil, fmt.Errorf("%w: make a temporary folder: %w", ErrUnavailable, err)
	}
	ctx, cancel := context.WithTimeout(ctx, BuildTime)
	defer cancel()
	b := &builder{
		forge: s.Forge, store: discard{}, temp: temp, drawing: semaphore.NewWeighted(1), stable: s.service.cfg.WordPress,
		plugin: plugin, repo: s.found.Repository, rev: *rev,
	}
	defer b.close()
	var made Installer
	err = sheltered(func() error {
		made, err = b.rebuildInstaller(ctx)
		return err
	})
	return &made, cmp.Or(err, ctx.Err())
}

// mayBeTrusted refuses a repository that is another owner's than the
// configuration says, or another one than the server built from. Nobody's yes in
// the store counts, but the name in our own configuration does.
func (s *signer) mayBeTrusted(found *Repository) error {
	plugin := &s.shelf.plugin
	if !strings.EqualFold(found.Repo.Owner, plugin.Repo.Owner) {
		return fmt.Errorf("%w: %s belongs to another owner now and is %s; if that is right, write its new name in the configuration", errDiffers, plugin.Repo, found.Repo)
	}
	if before := s.kept.Repository; before != nil && before.ID != 0 && before.ID != found.ID {
		return fmt.Errorf("%w: %s is another repository than the server built from; if that is right, its operator runs \"pluginyard approve %s\"", errDiffers, plugin.Repo, plugin.Slug)
	}
	return nil
}

// rebuildInstaller makes the installer as [builder.build] does, and nothing else.
func (b *builder) rebuildInstaller(ctx context.Context) (Installer, error) {
	if err := b.download(ctx); err != nil {
		return Installer{}, err
	}
	pkg, selection, err := b.describe(ctx)
	if err != nil {
		return Installer{}, err
	}
	return b.installer(ctx, selection, pkg.Version)
}
