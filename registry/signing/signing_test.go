package signing

import (
	"crypto/sha512"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// ring is a keyring of seeded keys, and of public ones.
func ring(t testing.TB, private, public []byte) *Keyring {
	t.Helper()
	text := ""
	for _, n := range private {
		text += privatePEM(t, seeded(n))
	}
	var file *File
	var err error
	if text != "" {
		if file, err = ParseFile([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	var others []Key
	for _, n := range public {
		key, err := ParsePublicKey(publicText(n))
		if err != nil {
			t.Fatal(err)
		}
		others = append(others, key)
	}
	keys, err := NewKeyring(file, others...)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// signAll signs a digest with every private key, the newest first.
func signAll(keys *Keyring, digest []byte) []string {
	var signatures []string
	for _, key := range keys.Keys() {
		if signature := key.Sign(digest); signature != "" {
			signatures = append(signatures, signature)
		}
	}
	return signatures
}

// verifies reports whether one of the keys made the signature.
func verifies(keys *Keyring, digest []byte, signature string) bool {
	return slices.ContainsFunc(keys.Keys(), func(key Key) bool { return key.Verify(digest, signature) })
}

func TestKeyringSignsWithEveryPrivateKey(t *testing.T) {
	digest := sha512.Sum384([]byte("zip"))
	tests := []struct {
		name            string
		private, public []byte
		trusted, signed int
	}{
		{"nothing", nil, nil, 0, 0},
		{"one key", []byte{1}, nil, 1, 1},
		{"two keys", []byte{2, 1}, nil, 2, 2},
		{"a public key beside", []byte{1}, []byte{2}, 2, 1},
		{"its own public key again", []byte{1}, []byte{1}, 1, 1},
		{"public keys alone", nil, []byte{1, 2}, 2, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			keys := ring(t, tt.private, tt.public)
			if got := len(keys.PublicKeys()); got != tt.trusted {
				t.Errorf("trusts %d keys, want %d", got, tt.trusted)
			}
			signatures := signAll(keys, digest[:])
			if len(signatures) != tt.signed || keys.CanSign() != (tt.signed > 0) {
				t.Errorf("signs with %d keys, want %d", len(signatures), tt.signed)
			}
			for _, signature := range signatures {
				if !verifies(keys, digest[:], signature) {
					t.Errorf("does not verify its own signature %s", signature)
				}
			}
		})
	}
}

func TestSignaturesThatDoNotVerify(t *testing.T) {
	digest, other := sha512.Sum384([]byte("zip")), sha512.Sum384([]byte("zap"))
	keys := ring(t, []byte{1}, nil)
	signature := signAll(keys, digest[:])[0]
	for _, tt := range []struct {
		name      string
		keys      *Keyring
		digest    []byte
		signature string
	}{
		{"of another file", keys, other[:], signature},
		{"by another key", ring(t, []byte{2}, nil), digest[:], signature},
		{"of nothing", keys, nil, signature},
		{"none", keys, digest[:], ""},
		{"cut", keys, digest[:], signature[:80]},
		{"with something behind", keys, digest[:], signature + "\n"},
		{"no base64", keys, digest[:], strings.Repeat("~", len(signature))},
		{"without any key", nil, digest[:], signature},
	} {
		if verifies(tt.keys, tt.digest, tt.signature) {
			t.Errorf("a signature %s verifies", tt.name)
		}
	}
	if got := signAll(keys, digest[:10]); got != nil {
		t.Errorf("something that is no SHA-384 was signed: %v", got)
	}
}

// PHP's sodium is what WordPress verifies with.
func TestPHPVerifiesOurSignatures(t *testing.T) {
	if _, err := exec.LookPath("php"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no php")
		}
		t.Skip("no php")
	}
	zip := []byte("PK\x03\x04 the installer")
	digest := sha512.Sum384(zip)
	keys := ring(t, []byte{2, 1}, nil)
	for i, signature := range signAll(keys, digest[:]) {
		for file, want := range map[string]string{string(zip): "good", string(zip) + " ": "bad"} {
			cmd := exec.Command("php", "-r", `echo sodium_crypto_sign_verify_detached(base64_decode($argv[1]),
				hash('sha384', stream_get_contents(STDIN), true), base64_decode($argv[2])) ? 'good' : 'bad';`, "--", signature, keys.PublicKeys()[i])
			cmd.Stdin = strings.NewReader(file)
			if out, err := cmd.CombinedOutput(); err != nil || string(out) != want {
				t.Errorf("PHP says %s of key %d, %v; want %s", out, i, err, want)
			}
		}
	}
}
