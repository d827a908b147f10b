package signing

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// MaxFileBytes bounds a key file: [MaxKeys] keys with their comments are a
// tenth of it, anything larger is some other file.
const MaxFileBytes = 64 << 10

// File is a key file. It holds, the newest first, PEM blocks as OpenSSL writes
// them, "PRIVATE KEY" (PKCS #8) or "PUBLIC KEY" (RFC 8410), or public keys in
// base64, one a line; lines that begin with # are comments, and belong to the
// key below. Nobody changes one after it was made.
type File struct {
	entries []entry
	rest    string // comments below the last key
}

// entry is one key and the lines that it stands in, with the comments above.
type entry struct {
	key  Key
	text string
}

// ParseFile reads a key file. Errors name the line and the remedy, and hold
// nothing of what is written there.
func ParseFile(text []byte) (*File, error) {
	if len(text) > MaxFileBytes {
		return nil, fmt.Errorf("larger than %d bytes; is it the right file?", MaxFileBytes)
	}
	file, from, begun := &File{}, 0, 0 // from: the first line of the entry; begun: of its PEM block, 0 is none
	lines := strings.SplitAfter(string(text), "\n")
	for i, whole := range lines {
		line := strings.TrimSpace(whole)
		var key Key
		var err error
		switch {
		case begun > 0 && strings.HasPrefix(line, "-----END "):
			key, err = parseBlock(strings.Join(lines[begun-1:i+1], ""))
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", begun, err)
			}
			begun = 0
		case begun > 0 || line == "" || line[0] == '#':
			continue
		case strings.HasPrefix(line, "-----BEGIN "):
			begun = i + 1
			continue
		default:
			if key, err = ParsePublicKey(line); err != nil {
				return nil, fmt.Errorf("line %d: neither a PEM block, nor a public key in base64, nor a comment; is it the right file?", i+1)
			}
		}
		if slices.ContainsFunc(file.entries, func(e entry) bool { return bytes.Equal(e.key.public, key.public) }) {
			return nil, fmt.Errorf("line %d: this key stands above already; remove one of the two", i+1)
		}
		file.entries = append(file.entries, entry{key, strings.Join(lines[from:i+1], "")})
		from = i + 1
	}
	if begun > 0 {
		return nil, fmt.Errorf("line %d: the block that begins here has no end; the file was cut, restore it", begun)
	}
	if len(file.entries) == 0 {
		return nil, errors.New(`no key in it; make one with "pluginyard keys generate"`)
	}
	if len(file.entries) > MaxKeys {
		return nil, fmt.Errorf("%d keys in it; at most %d can be in use at once, remove the oldest at its end", len(file.entries), MaxKeys)
	}
	file.rest = strings.Join(lines[from:], "")
	return file, nil
}

// parseBlock reads one PEM block.
func parseBlock(text string) (Key, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return Key{}, errors.New("this block is no PEM; copy it again, whole and without indentation")
	}
	const remedy = `make one with "pluginyard keys generate", or with openssl genpkey -algorithm ed25519`
	switch block.Type {
	case "PRIVATE KEY":
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		private, ok := parsed.(ed25519.PrivateKey)
		if err != nil || !ok {
			return Key{}, errors.New("not an Ed25519 key; " + remedy)
		}
		return Key{private.Public().(ed25519.PublicKey), private}, nil
	case "PUBLIC KEY":
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		public, ok := parsed.(ed25519.PublicKey)
		if err != nil || !ok {
			return Key{}, errors.New("not an Ed25519 key; " + remedy)
		}
		return Key{public: public}, nil
	case "ENCRYPTED PRIVATE KEY":
		return Key{}, errors.New("the key is encrypted; decrypt it with openssl pkey -in FILE")
	}
	return Key{}, errors.New("neither a private nor a public key in PKCS #8; " + remedy)
}

// Keys are the keys, the newest first.
func (f *File) Keys() []Key {
	keys := make([]Key, len(f.entries))
	for i, e := range f.entries {
		keys[i] = e.key
	}
	return keys
}

// CanSign reports whether there is a private key.
func (f *File) CanSign() bool { return slices.ContainsFunc(f.Keys(), Key.CanSign) }

// Format writes the public keys whatever the verb: a file that is printed by
// mistake shows no secret.
func (f *File) Format(s fmt.State, _ rune) { fmt.Fprint(s, f.Keys()) }

// Text is what stands in the file, private keys included.
func (f *File) Text() []byte {
	var b bytes.Buffer
	for _, e := range f.entries {
		b.WriteString(e.text)
	}
	b.WriteString(f.rest)
	return b.Bytes()
}

// Generate makes a file with a new key.
func Generate(now time.Time) (*File, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("encode a key: %w", err)
	}
	key := Key{public, private}
	text := fmt.Sprintf("# Pluginyard's signing key of %s. Keep it secret.\n# Public key: %s\n%s",
		now.UTC().Format(time.DateOnly), key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return &File{entries: []entry{{key, text}}}, nil
}

// Rotate gives the file with a new key at its beginning, and all others below.
func (f *File) Rotate(now time.Time) (*File, error) {
	added, err := Generate(now)
	if err != nil {
		return nil, err
	}
	if len(f.entries) >= MaxKeys {
		return nil, fmt.Errorf("%d keys in it already, which is the most; retire the oldest first", len(f.entries))
	}
	return &File{append(added.entries, f.entries...), f.rest}, nil
}

// Retire gives the file without its oldest key, the last one, and that key.
func (f *File) Retire() (*File, Key, error) {
	last := len(f.entries) - 1
	left := f.entries[:last]
	if !slices.ContainsFunc(left, func(e entry) bool { return e.key.CanSign() }) {
		return nil, Key{}, errors.New(`no other private key in it; put a new one first with "pluginyard keys rotate"`)
	}
	return &File{slices.Clone(left), f.rest}, f.entries[last].key, nil
}
