package signing

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var day = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// seeded is a key made of one byte, so that tests are the same each time.
func seeded(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

// privatePEM is a private key as OpenSSL writes it.
func privatePEM(t testing.TB, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func publicPEM(t testing.TB, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func publicText(n byte) string { return Key{public: seeded(n).Public().(ed25519.PublicKey)}.String() }

func TestKeyFilesAreRead(t *testing.T) {
	one, two := privatePEM(t, seeded(1)), privatePEM(t, seeded(2))
	tests := []struct {
		name, text string
		want       []string // public keys; "+" before those that can sign
	}{
		{"one key", one, []string{"+" + publicText(1)}},
		{"two keys, the newest first", two + one, []string{"+" + publicText(2), "+" + publicText(1)}},
		{"comments and empty lines anywhere", "# a\n\n" + two + "# b\n" + one + "\n# c", []string{"+" + publicText(2), "+" + publicText(1)}},
		{"lines that end as on Windows", strings.ReplaceAll("# a\n"+one, "\n", "\r\n"), []string{"+" + publicText(1)}},
		{"no newline at the end", strings.TrimSpace(one), []string{"+" + publicText(1)}},
		{"a public key as PEM", publicPEM(t, seeded(3).Public()), []string{publicText(3)}},
		{"public keys in base64 beside a private one", one + publicText(2) + "\n" + publicText(3), []string{"+" + publicText(1), publicText(2), publicText(3)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file, err := ParseFile([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, key := range file.Keys() {
				got = append(got, map[bool]string{true: "+"}[key.CanSign()]+key.String())
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("keys are %v, want %v", got, tt.want)
			}
			if string(file.Text()) != tt.text {
				t.Errorf("the text has changed: %q", file.Text())
			}
		})
	}
}

func TestBadKeyFilesAreToldWithLineAndRemedy(t *testing.T) {
	one := privatePEM(t, seeded(1))
	body := strings.Split(one, "\n")[1]
	many := ""
	for n := range byte(MaxKeys + 1) {
		many += privatePEM(t, seeded(n+1))
	}
	tests := []struct{ name, text, want string }{
		{"nothing", "", "no key in it"},
		{"comments alone", "# nothing\n", "no key in it"},
		{"cut in the middle", "\n" + one[:60], "line 2: the block that begins here has no end"},
		{"not base64 within", strings.Replace(one, body, "~~~~", 1), "line 1: this block is no PEM"},
		{"not a key within", strings.Replace(one, body, "AAAA", 1), "line 1: not an Ed25519 key"},
		{"encrypted", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "decrypt it"},
		{"of another kind", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "neither a private nor a public key"},
		{"a password", "hunter2\n", "line 1: neither a PEM block"},
		{"a key twice", one + "# again\n" + one, "line 7: this key stands above already"},
		{"its public key as well", one + publicText(1), "stands above already"},
		{"too many keys", many, "at most 8"},
		{"too large", strings.Repeat("#\n", MaxFileBytes), "larger than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseFile([]byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error is %v, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), body) {
				t.Errorf("the error repeats what is secret: %v", err)
			}
		})
	}
}

func TestKeysAreRotatedAndRetired(t *testing.T) {
	file, err := Generate(day)
	if err != nil {
		t.Fatal(err)
	}
	first := file.Keys()[0]
	if _, _, err := file.Retire(); err == nil {
		t.Error("the only key was retired")
	}
	rotated, err := file.Rotate(day)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseFile(rotated.Text())
	if err != nil {
		t.Fatal(err)
	}
	if keys := again.Keys(); len(keys) != 2 || keys[1].String() != first.String() || keys[0].String() == first.String() {
		t.Errorf("keys after the rotation are %v, want a new one and %v", keys, first)
	}
	left, retired, err := again.Retire()
	if err != nil {
		t.Fatal(err)
	}
	if keys := left.Keys(); retired.String() != first.String() || len(keys) != 1 || !keys[0].CanSign() {
		t.Errorf("retired %v, left %v", retired, keys)
	}
	if strings.Contains(string(left.Text()), first.String()) {
		t.Errorf("the comment of the retired key is still there: %s", left.Text()[:80])
	}
	for range MaxKeys - 2 {
		if rotated, err = rotated.Rotate(day); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := rotated.Rotate(day); err == nil {
		t.Error("there may be more keys than can be read again")
	}
}

// Whatever prints a key or a file by mistake shows public keys alone.
func TestPrivateKeysAreNeverPrinted(t *testing.T) {
	file, err := ParseFile([]byte(privatePEM(t, seeded(1))))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := NewKeyring(file)
	if err != nil {
		t.Fatal(err)
	}
	seed := seeded(1).Seed()
	secrets := []string{fmt.Sprint(seed), fmt.Sprintf("%x", seed), strings.Trim(fmt.Sprint(seed[:8]), "[]"), strings.Split(string(file.Text()), "\n")[1]}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
		for _, value := range []any{file, file.Keys(), file.Keys()[0], ring, *ring} {
			text := fmt.Sprintf(verb, value)
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s of %T shows the key: %s", verb, value, text)
				}
			}
		}
	}
}

func TestOpenSSLReadsAndWritesTheSameFiles(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no openssl")
		}
		t.Skip("no openssl")
	}
	file, err := Generate(day)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(name, file.Text(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(openssl, "pkey", "-in", name, "-pubout").CombinedOutput()
	if err != nil {
		t.Fatalf("openssl pkey: %v\n%s", err, out)
	}
	public, err := ParseFile(out)
	if err != nil || public.Keys()[0].String() != file.Keys()[0].String() {
		t.Errorf("OpenSSL reads another key: %v, %v", public, err)
	}
	if out, err = exec.Command(openssl, "genpkey", "-algorithm", "ed25519").CombinedOutput(); err != nil {
		t.Fatalf("openssl genpkey: %v\n%s", err, out)
	}
	if made, err := ParseFile(out); err != nil || !made.CanSign() {
		t.Errorf("OpenSSL's key is not read: %v, %v", made, err)
	}
}

// What was read is written as it was and reads the same; a new key is added
// without touching the others; nothing secret is in an error.
func FuzzParseFile(f *testing.F) {
	one, two := privatePEM(f, seeded(1)), privatePEM(f, seeded(2))
	for _, seed := range []string{one, "# c\n" + two + one, publicText(1), publicPEM(f, seeded(3).Public()), one[:40], one + publicText(2), strings.ReplaceAll(one, "\n", "\r\n")} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := ParseFile(text)
		if err != nil {
			return
		}
		if !bytes.Equal(file.Text(), text) {
			t.Fatalf("written as %q, read %q", file.Text(), text)
		}
		keys := file.Keys()
		if len(keys) == 0 || len(keys) > MaxKeys {
			t.Fatalf("%d keys", len(keys))
		}
		for _, key := range keys {
			if other, err := ParsePublicKey(key.String()); err != nil || other.ID() != key.ID() {
				t.Fatalf("%v does not read as itself: %v", key, err)
			}
		}
		if len(keys) == MaxKeys || len(text) > MaxFileBytes-1024 {
			return
		}
		rotated, err := file.Rotate(day)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseFile(rotated.Text())
		if err != nil {
			t.Fatalf("after a rotation it can't be read: %v", err)
		}
		if got := again.Keys(); len(got) != len(keys)+1 || fmt.Sprint(got[1:]) != fmt.Sprint(keys) {
			t.Fatalf("a rotation made %v of %v", got, keys)
		}
	})
}
