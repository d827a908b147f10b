// Package signing signs installers as WordPress core verifies them, and reads
// and writes the keys for it. It touches no file.
//
// A signature is Ed25519 (RFC 8032) over the raw 48 bytes of the zip's SHA-384,
// written as base64 of its 64 bytes; a public key is base64 of its 32 bytes.
// That is what WordPress's verify_file_signature takes from
// X-Content-Signature or from the .sig beside a zip, and compares with
// wp_trusted_keys. Several keys may sign while one takes over from another.
package signing

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// DigestBytes is the size of the digest that is signed: SHA-384's.
const DigestBytes = sha512.Size384

// MaxKeys bounds the keys of a file and of a registry. Every one of them is a
// header of each download, and WordPress tries each with each key it trusts;
// two are enough to rotate.
const MaxKeys = 8

// Key is a public key, and its private one where we have it. However it is
// printed, it shows the public key alone.
type Key struct {
	public  ed25519.PublicKey
	private ed25519.PrivateKey // nil where somebody else signs
}

// ParsePublicKey reads a public key as [Key.String] gives it.
func ParsePublicKey(text string) (Key, error) {
	raw := decode(text, ed25519.PublicKeySize)
	if raw == nil {
		return Key{}, fmt.Errorf("not a public key, which is base64 of %d bytes; copy it from \"pluginyard keys show\"", ed25519.PublicKeySize)
	}
	return Key{public: raw}, nil
}

// CanSign reports whether the private key is there.
func (k Key) CanSign() bool { return k.private != nil }

// String is the public key as wp_trusted_keys wants it, base64 of 32 bytes.
func (k Key) String() string { return base64.StdEncoding.EncodeToString(k.public) }

// ID is the public key as 64 hex digits, which may be a file's name.
func (k Key) ID() string { return hex.EncodeToString(k.public) }

// Format writes the public key whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }

// LogValue is the public key.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// Sign signs a SHA-384 digest of [DigestBytes] bytes: base64 of 64 bytes, the
// same for the same digest. "" without a private key.
func (k Key) Sign(digest []byte) string {
	if !k.CanSign() || len(digest) != DigestBytes {
		return ""
	}
	return base64.StdEncoding.EncodeToString(ed25519.Sign(k.private, digest))
}

// Verify reports whether the key made the signature of the digest.
func (k Key) Verify(digest []byte, signature string) bool {
	raw := decode(signature, ed25519.SignatureSize)
	return raw != nil && len(digest) == DigestBytes && len(k.public) == ed25519.PublicKeySize && ed25519.Verify(k.public, digest, raw)
}

// decode reads base64 of so many bytes, or gives nil. It is written in one way
// alone: the decoder would pass over line ends, and what it reads may become a
// header.
func decode(text string, size int) []byte {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != size || len(text) != base64.StdEncoding.EncodedLen(size) {
		return nil
	}
	return raw
}

// Keyring holds the keys of a registry, the newest first. A nil Keyring has
// none. Nobody changes one after it was made.
type Keyring struct{ keys []Key }

// NewKeyring makes a keyring of the keys of a file and of public keys besides,
// whose private ones live elsewhere. One that is in both is the file's. Without
// any key it is nil.
func NewKeyring(file *File, others ...Key) (*Keyring, error) {
	var keys []Key
	if file != nil {
		keys = file.Keys()
	}
	for _, other := range others {
		if !slices.ContainsFunc(keys, func(k Key) bool { return bytes.Equal(k.public, other.public) }) {
			keys = append(keys, other)
		}
	}
	switch {
	case len(keys) == 0:
		return nil, nil
	case len(keys) > MaxKeys:
		return nil, fmt.Errorf("%d keys; at most %d can be in use at once, retire the oldest", len(keys), MaxKeys)
	}
	return &Keyring{keys}, nil
}

// Format writes the public keys whatever the verb.
func (k Keyring) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.keys) }

// ErrNoPrivateKey is the error of whoever wanted to sign with public keys.
var ErrNoPrivateKey = errors.New("there is no private key in it, so nothing can be signed with it")

// Keys are the keys, the newest first.
func (k *Keyring) Keys() []Key {
	if k == nil {
		return nil
	}
	return slices.Clone(k.keys)
}

// CanSign reports whether there is a private key.
func (k *Keyring) CanSign() bool { return k != nil && slices.ContainsFunc(k.keys, Key.CanSign) }

// PublicKeys are the public keys as WordPress's wp_trusted_keys wants them,
// base64 of 32 bytes, the newest first.
func (k *Keyring) PublicKeys() []string {
	var keys []string
	for _, key := range k.Keys() {
		keys = append(keys, key.String())
	}
	return keys
}
