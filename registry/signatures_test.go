package registry

import (
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry/signing"
)

var helloYardPlugin = Plugin{Repo: Repo{"acme", "hello-yard"}}

// newKeys is a new key file.
func newKeys(t testing.TB) *signing.File {
	t.Helper()
	file, err := signing.Generate(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// private is a keyring that signs.
func private(t testing.TB, file *signing.File) *signing.Keyring {
	t.Helper()
	ring, err := signing.NewKeyring(file)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// public is a keyring of the public keys of files, as a server has that may not
// sign.
func public(t testing.TB, files ...*signing.File) *signing.Keyring {
	t.Helper()
	var keys []signing.Key
	for _, file := range files {
		for _, key := range file.Keys() {
			key, err := signing.ParsePublicKey(key.String())
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, key)
		}
	}
	ring, err := signing.NewKeyring(nil, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// signatures are those with which the served installer goes out, each verified
// with the key of its place.
func (b *bench) signatures(t testing.TB) []string {
	t.Helper()
	pkg, err := b.Package(t.Context(), "hello-yard", Query{})
	if err != nil {
		t.Fatal(err)
	}
	file, err := b.OpenFile(t.Context(), "hello-yard", pkg.Installer.Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha512.Sum384(data)
	for _, signature := range file.Signatures {
		if !slices.ContainsFunc(b.keys.Keys(), func(key signing.Key) bool { return key.Verify(digest[:], signature) }) {
			t.Errorf("signature %s does not verify", signature)
		}
	}
	return file.Signatures
}

// kept are the names of the records of signatures.
func (b *bench) kept() []string {
	var names []string
	for name := range b.store.records {
		if strings.HasPrefix(name, SignaturesFolder) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestWithoutKeysNothingIsSigned(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	if got := b.signatures(t); got != nil || len(b.kept()) > 0 {
		t.Errorf("signatures %v, records %v", got, b.kept())
	}
}

func TestAnInstallerIsSignedBeforeItIsPublished(t *testing.T) {
	b := newBench(t)
	b.keys = private(t, newKeys(t))
	b.open(t, helloYardPlugin)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	var order []string
	b.store.failBy(func(step string) error { order = append(order, step); return nil })
	b.document(t, Query{})
	if len(b.kept()) != 1 || b.store.records["plugins/hello-yard.json"] == nil {
		t.Fatalf("kept %v", b.kept())
	}
	if got := b.signatures(t); len(got) != 1 {
		t.Errorf("%d signatures, want 1", len(got))
	}
	image := b.roster().bySlug["hello-yard"].record.Load().Channels["release"].Files[1]
	file, err := b.OpenFile(t.Context(), "hello-yard", image)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if file.Signatures != nil {
		t.Errorf("an image is signed: %v", file.Signatures)
	}
}

func TestAStoreThatCannotKeepASignaturePublishesNothing(t *testing.T) {
	b := newBench(t)
	b.keys = private(t, newKeys(t))
	b.open(t, helloYardPlugin)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	saves := 0
	b.store.failBy(func(step string) error {
		if saves++; step == "save" && len(b.store.records) > 0 && b.roster().bySlug["hello-yard"].record.Load().Latest.Tag == "v1.3.0" {
			return fmt.Errorf("disk full: %w", ErrUnavailable)
		}
		return nil
	})
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); !errors.Is(err, ErrUnavailable) {
		t.Errorf("check says %v, want unavailable", err)
	}
	if got := b.document(t, Query{})["version"]; got != "1.2.0" || len(b.kept()) != 1 {
		t.Errorf("version = %v with signatures %v, want the old one", got, b.kept())
	}
	b.store.failBy(nil)
	b.clock.advance(time.Hour)
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Error(err)
	}
	if got := b.document(t, Query{})["version"]; got != "1.3.0" || len(b.signatures(t)) != 1 {
		t.Errorf("version = %v, want the new one, signed", got)
	}
}

func TestANewKeySignsWhatIsThere(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	keys := newKeys(t)
	for want := 1; want <= 3; want++ {
		b.keys = private(t, keys)
		b.open(t, helloYardPlugin)
		got := b.signatures(t)
		if len(got) != want || len(b.kept()) != want {
			t.Errorf("%d signatures, %d kept; want %d", len(got), len(b.kept()), want)
		}
		if want > 1 && slices.Equal(got[:1], got[1:2]) {
			t.Errorf("two keys sign alike: %v", got)
		}
		var err error
		if keys, err = keys.Rotate(b.clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.forge.count("Archive"); got != 1 {
		t.Errorf("built %d times, want once", got)
	}
}

func TestAFullDiskStopsNoDownload(t *testing.T) {
	b := newBench(t)
	file := newKeys(t)
	b.keys = private(t, file)
	b.open(t, helloYardPlugin)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	rotated, err := file.Rotate(b.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	b.keys = private(t, rotated)
	b.open(t, helloYardPlugin)
	b.store.fail = func(step string) error {
		if step == "save" {
			return fmt.Errorf("disk full: %w", ErrUnavailable)
		}
		return nil
	}
	if got := b.signatures(t); len(got) != 2 || len(b.kept()) != 1 {
		t.Errorf("%d signatures, %d kept; want both, one of them kept", len(got), len(b.kept()))
	}
	if _, err := b.Information(t.Context(), "hello-yard", Query{Channel: ChannelBeta}); err != nil {
		t.Errorf("the beta channel is refused: %v", err)
	}
	b.store.fail = nil
	b.clock.advance(lookEvery)
	if got := b.signatures(t); len(got) != 2 || len(b.kept()) != 2 {
		t.Errorf("with room again: %d signatures, %d kept; want both", len(got), len(b.kept()))
	}
}

// A store of a program that noted no SHA-384.
func TestAnOldStoreIsSignedToo(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	if _, err := b.change(t.Context(), b.roster().bySlug["hello-yard"], func(next *record) error {
		for digest, file := range next.Files {
			file.SHA384 = ""
			next.Files[digest] = file
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	b.keys = private(t, newKeys(t))
	b.open(t, helloYardPlugin)
	if got := b.signatures(t); len(got) != 1 {
		t.Errorf("%d signatures, want 1", len(got))
	}
}

func TestSignaturesThatAreNotRightArePassedOver(t *testing.T) {
	file, other := newKeys(t), newKeys(t)
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	pkg, err := b.Package(t.Context(), "hello-yard", Query{})
	if err != nil {
		t.Fatal(err)
	}
	key, digest := file.Keys()[0], sha512.Sum384([]byte("another zip"))
	name := signatureName("hello-yard", pkg.Installer.Digest, key)
	for what, text := range map[string]string{
		"nonsense":                "~",
		"empty":                   "",
		"of another file":         `{"signature":"` + key.Sign(digest[:]) + `"}`,
		"by another key":          `{"signature":"` + other.Keys()[0].Sign(digest[:]) + `"}`,
		"with a header behind it": `{"signature":"` + key.Sign(digest[:]) + `\r\nX-Evil: 1"}`,
	} {
		t.Run(what, func(t *testing.T) {
			b.store.records[name] = []byte(text)
			b.keys = public(t, file)
			b.open(t, helloYardPlugin)
			if got := b.signatures(t); got == nil || len(got) != 0 {
				t.Errorf("signatures = %v, want an empty list", got)
			}
			b.keys = private(t, file)
			b.open(t, helloYardPlugin)
			if got := b.signatures(t); len(got) != 1 {
				t.Errorf("it was not signed again: %v", got)
			}
		})
	}
}

func TestSweepForgetsSignaturesWithTheirFiles(t *testing.T) {
	b := newBench(t)
	b.keys = private(t, newKeys(t))
	b.open(t, helloYardPlugin)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	before := b.kept()
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	b.store.records["signatures/gone-plugin/"+strings.Repeat("0", 64)+".1.json"] = []byte("{}")
	b.sweep(t.Context())
	if got := b.kept(); len(got) != 2 {
		t.Errorf("kept %v, want those of the new and of the retired installer", got)
	}
	b.clock.advance(KeepFor + time.Hour)
	for range 2 { // the first check retires, the second finds it old
		b.forge.publish("v1.4."+fmt.Sprint(b.clock.Now().Unix()), helloYard("1.4.0"))
		if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
			t.Fatal(err)
		}
		b.clock.advance(KeepFor + time.Hour)
	}
	b.sweep(t.Context())
	if got := b.kept(); slices.Contains(got, before[0]) || len(got) == 0 {
		t.Errorf("kept %v, want nothing of the first installer", got)
	}
	known := map[Digest]bool{}
	b.roster().bySlug["hello-yard"].signed.Range(func(digest, _ any) bool { known[digest.(Digest)] = true; return true })
	for digest := range known {
		if _, ok := b.roster().bySlug["hello-yard"].record.Load().Files[digest]; !ok {
			t.Errorf("signatures of %s are still in memory: %v", digest, slices.Collect(maps.Keys(known)))
		}
	}
}

func TestNamesOfSignaturesAreTakenApart(t *testing.T) {
	digest := Digest(strings.Repeat("ab", 32))
	key := newKeys(t).Keys()[0]
	if slug, got, ok := signatureOf(signatureName("hello-yard", digest, key)); slug != "hello-yard" || got != digest || !ok {
		t.Errorf("got %q, %q, %v", slug, got, ok)
	}
	for _, name := range []string{"", "signatures/", "signatures/x", "signatures/x/y", "signatures/x/y.z", "plugins/x/" + string(digest) + ".z"} {
		if _, _, ok := signatureOf(name); ok {
			t.Errorf("%q is taken for a signature's", name)
		}
	}
}

// Whatever lies in the store, what is served verifies and is one header.
func FuzzLoadSignature(f *testing.F) {
	file := newKeys(f)
	key, sum := file.Keys()[0], sha512.Sum384([]byte("zip"))
	f.Add([]byte(`{"signature":"` + key.Sign(sum[:]) + `"}`))
	f.Add([]byte(`{"signature":["` + key.Sign(sum[:]) + `"]}`))
	f.Add([]byte(`{"signature":"` + key.Sign(sum[:]) + `\n"}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		store := newMemoryStore()
		store.records["signatures/x"] = data
		signature, err := loadSignature(t.Context(), store, "signatures/x", key, sum[:])
		if err != nil && (signature != "" || !errors.Is(err, ErrCorrupt)) {
			t.Fatalf("got %q, %v", signature, err)
		}
		if err == nil && (!key.Verify(sum[:], signature) || strings.ContainsAny(signature, "\r\n")) {
			t.Fatalf("served %q", signature)
		}
	})
}
