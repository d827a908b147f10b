package httpapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/registry"
)

const (
	// MaxWebhookBytes bounds the body of a webhook: GitHub caps payloads at
	// 25 MB and sends nothing larger.
	MaxWebhookBytes = 25 << 20
	// MaxWebhooks is how many bodies are read at once. A body is held whole
	// before its signature is known to be right, so this times
	// MaxWebhookBytes is what a stranger can make us hold.
	MaxWebhooks = 4
)

// webhookPayload is the part of GitHub's payloads that we read.
type webhookPayload struct {
	Action     string `json:"action"`
	Repository struct {
		FullName string `json:"full_name"`
	} `json:"repository"`
	Changes struct {
		Repository struct {
			Name struct {
				From string `json:"from"`
			} `json:"name"`
		} `json:"repository"`
	} `json:"changes"`
}

// webhook takes GitHub's word that a repository has changed. Nothing of the
// payload is believed but which repository it is about; what is new there, the
// forge is asked.
func (s *server) webhook(c echo.Context) error {
	r := c.Request()
	// Refuse before reading what cannot be signed anyway.
	signature, ok := parseSignature(r.Header.Get("X-Hub-Signature-256"))
	if !ok {
		return &refusal{kind: s.errors.unsigned}
	}
	select {
	case s.webhooks <- struct{}{}:
		defer func() { <-s.webhooks }()
	default:
		return &refusal{kind: s.errors.busy}
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response().Writer, r.Body, MaxWebhookBytes))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return &refusal{kind: s.errors.bodyTooLarge}
	} else if err != nil {
		return &refusal{kind: s.errors.badRequest, err: fmt.Errorf("read webhook: %w", err)}
	}
	mac := hmac.New(sha256.New, s.secret)
	mac.Write(body)
	if !hmac.Equal(mac.Sum(nil), signature) {
		return &refusal{kind: s.errors.unsigned}
	}
	payload, err := parsePayload(r.Header.Get("Content-Type"), body)
	if err != nil {
		return &refusal{kind: s.errors.badRequest, err: err}
	}
	refreshed := refreshes(r.Header.Get("X-Github-Event")) && s.refresh(payload)
	return c.JSON(http.StatusAccepted, map[string]bool{"refresh": refreshed})
}

// parseSignature reads "sha256=" and 64 hex digits.
func parseSignature(header string) ([]byte, bool) {
	digits, ok := strings.CutPrefix(header, "sha256=")
	if !ok || len(digits) != 2*sha256.Size {
		return nil, false
	}
	sum, err := hex.DecodeString(digits)
	return sum, err == nil
}

// parsePayload reads either form of payload that GitHub can be told to send.
func parsePayload(contentType string, body []byte) (webhookPayload, error) {
	var payload webhookPayload
	if strings.HasPrefix(contentType, "application/x-www-form-urlencoded") {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return payload, fmt.Errorf("parse webhook form: %w", err)
		}
		body = []byte(form.Get("payload"))
	}
	if err := json.Unmarshal(body, &payload); err != nil {
		return payload, fmt.Errorf("parse webhook payload: %w", err)
	}
	return payload, nil
}

// refreshes reports whether an event can change what we serve.
func refreshes(event string) bool {
	switch event {
	case "create", "custom_property_values", "delete", "ping", "push", "release", "repository":
		return true
	}
	return false
}

// refresh asks for the payload's repository, and after a rename also for the
// name that the configuration may still use. It reports whether any plugin is
// of either.
func (s *server) refresh(payload webhookPayload) bool {
	repo, err := registry.ParseRepo(payload.Repository.FullName)
	if err != nil {
		return false // a ping of an organisation names none
	}
	found := s.registry.Refresh(repo)
	if old := payload.Changes.Repository.Name.From; payload.Action == "renamed" && old != "" {
		if before, err := registry.ParseRepo(repo.Owner + "/" + old); err == nil {
			found = s.registry.Refresh(before) || found
		}
	}
	return found
}
