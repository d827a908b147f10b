package main

import (
	"fmt"
	"io"
	"log/slog"
)

// secret is text that must not be seen: every way of printing, encoding or
// logging it gives a mask. Only [secret.reveal] gives the text.
type secret string

const mask = "(hidden)"

func (s secret) reveal() string { return string(s) }

// String is the mask, or "" if there is no secret.
func (s secret) String() string {
	if s == "" {
		return ""
	}
	return mask
}

// Format writes the mask whatever the verb: with a String method alone, a
// wrong verb such as %d would print the text.
func (s secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// MarshalText masks the secret in JSON and YAML.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue masks the secret in logs.
func (s secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
