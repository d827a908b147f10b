package github

import (
	"fmt"
	"log/slog"
)

// Secret is a token or a private key. However it is printed, logged or
// encoded, it shows a mask; only a conversion to string reveals it.
type Secret string

const mask = "[secret]"

// String is the mask, or "" of an empty secret, which is worth knowing.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return mask
}

// GoString is the mask.
func (s Secret) GoString() string { return s.String() }

// Format writes the mask whatever the verb: a wrong one such as %d would
// otherwise print the value.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue is the mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is the mask: a secret is not saved by way of a configuration.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
