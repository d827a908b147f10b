package templates

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"
)

//go:embed updater.php
var updater string

// UpdaterData is what a copy of the updater is made for.
type UpdaterData struct {
	Registry string // base_url, "https://updates.example.com/updates", without a slash at its end
	Slug     string
	Type     string // "plugin" or "theme"
	// Keys are the public keys that packages are signed with, base64 of 32
	// bytes each. Without any the updater verifies no signature.
	Keys []string
}

// MaxUpdaterKeys bounds the keys of one copy: two while one takes over from
// another, and some that are kept for later.
const MaxUpdaterKeys = 16

// What the un-rendered updater has in the place of values.
const (
	updaterClass    = "Pluginyard_Updater_Unrendered"
	updaterRegistry = "'__REGISTRY__'"
	updaterSlug     = "'__SLUG__'"
	updaterType     = "'__TYPE__'"
	updaterKeys     = "array( '__KEYS__' )"
)

var updaterSlugPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,199}$`)

// Updater writes the PHP class that a plugin or theme carries to be updated by
// WordPress. Its name ends in a hash of the whole text, so that copies of any
// age, slug and registry can be loaded into one WordPress. The same values give
// the same bytes.
func Updater(w io.Writer, d UpdaterData) error {
	if err := d.check(); err != nil {
		return fmt.Errorf("make the updater: %w", err)
	}
	keys := make([]string, len(d.Keys))
	for i, key := range d.Keys {
		keys[i] = phpString(key)
	}
	list := "array()"
	if len(keys) > 0 {
		list = "array( " + strings.Join(keys, ", ") + " )"
	}
	text := strings.NewReplacer(
		updaterRegistry, phpString(d.Registry),
		updaterSlug, phpString(d.Slug),
		updaterType, phpString(d.Type),
		updaterKeys, list,
	).Replace(updater)
	sum := sha256.Sum256([]byte(text))
	text = strings.ReplaceAll(text, updaterClass, "Pluginyard_Updater_"+hex.EncodeToString(sum[:6]))
	_, err := io.WriteString(w, text)
	return err
}

func (d UpdaterData) check() error {
	base, err := url.Parse(d.Registry)
	switch {
	case err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" || base.User != nil ||
		base.RawQuery != "" || base.Fragment != "" || strings.HasSuffix(d.Registry, "/"):
		return fmt.Errorf("registry %q: want http://HOST/PATH or https://HOST/PATH without a slash at its end", d.Registry)
	case !updaterSlugPattern.MatchString(d.Slug):
		return fmt.Errorf("slug %q: only a-z, 0-9, - and _ are allowed", d.Slug)
	case d.Type != "plugin" && d.Type != "theme":
		return fmt.Errorf("type %q: want plugin or theme", d.Type)
	case len(d.Keys) > MaxUpdaterKeys:
		return fmt.Errorf("%d public keys are more than %d", len(d.Keys), MaxUpdaterKeys)
	}
	for _, key := range d.Keys {
		if raw, err := base64.StdEncoding.DecodeString(key); err != nil || len(raw) != 32 {
			return fmt.Errorf("public key %q: want base64 of 32 bytes", key)
		}
	}
	return nil
}

// phpString is a literal of PHP in single quotes, in which only the quote and
// the backslash mean something.
// https://www.php.net/manual/language.types.string.php
func phpString(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
