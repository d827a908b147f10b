package httpapi

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

const (
	// MaxWebhookBytes bounds the body of a webhook: GitHub caps payloads at
	// 25 MB and sends nothing larger.
	MaxWebhookBytes = 25 << 20
	// MaxWebhookBodies bounds all that are held at once, in bytes: a body is
	// held whole before its signature is known to be right. A usual one has 10
	// to 30 KB, and a thousand may come in the same second.
	MaxWebhookBodies = 4 * MaxWebhookBytes
)

// webhookAnswer is what GitHub shows beside the delivery.
type webhookAnswer struct {
	Refresh   bool     `json:"refresh"` // whether anything is looked at again
	Duplicate bool     `json:"duplicate,omitempty"`
	Reason    string   `json:"reason,omitempty"`  // why nothing is
	Missing   []string `json:"missing,omitempty"` // events that the webhook should deliver, too
}

// webhook takes GitHub's word that something has changed. What is new there, the
// forge is asked, behind the answer.
func (s *server) webhook(c echo.Context) error {
	r := c.Request()
	// Refuse before reading what cannot be signed anyway.
	signature, ok := parseSignature(r.Header.Get("X-Hub-Signature-256"))
	if !ok {
		return s.unsigned(s.work, c)
	}
	body, release, err := s.readWebhook(r)
	defer release()
	if err != nil {
		return err
	}
	// What is signed is never refused, whoever else forges from that address.
	if !s.isSigned(body, signature) {
		return s.unsigned(s.forged, c)
	}
	p, err := parsePayload(r.Header.Get("Content-Type"), body)
	if err != nil {
		return &refusal{kind: s.errors.badRequest, err: err}
	}
	return c.JSON(http.StatusAccepted, s.take(r.Header.Get("X-Github-Event"), r.Header.Get("X-Github-Delivery"), p))
}

// take hands what a webhook says to the registry.
func (s *server) take(event, delivery string, p *payload) webhookAnswer {
	if event == "ping" {
		missing := p.missingEvents()
		if len(missing) > 0 {
			s.log.Warn("webhook does not deliver all events; what it leaves out is noticed by the periodic check", "missing", strings.Join(missing, " "))
		} else {
			s.log.Info("webhook is set up")
		}
		return webhookAnswer{Reason: "pong", Missing: missing}
	}
	news, ignored := p.news(event)
	if ignored != "" && !news.Private {
		return webhookAnswer{Reason: ignored}
	}
	news.Delivery = delivery
	heard := s.registry.Tell(news)
	answer := webhookAnswer{Refresh: heard.Plugins+heard.Owners > 0, Duplicate: heard.Duplicate}
	if !answer.Refresh && !answer.Duplicate {
		answer.Reason = cmp.Or(ignored, "nothing that is served depends on it")
	}
	return answer
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

// isSigned holds a signature against every secret, in a time that tells nothing
// of them.
func (s *server) isSigned(body, signature []byte) bool {
	signed := false
	for _, secret := range s.secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write(body)
		signed = hmac.Equal(mac.Sum(nil), signature) || signed
	}
	return signed
}

// readWebhook reads a body within its own bound and that of all. Whoever sends
// slowly holds no more than twice what was sent. The release has to be called
// when the body is not needed any more, also after an error.
func (s *server) readWebhook(r *http.Request) (body []byte, release func(), err error) {
	var held int64
	release = func() { s.webhooks.Add(-held) }
	if r.ContentLength > MaxWebhookBytes {
		return nil, release, &refusal{kind: s.errors.bodyTooLarge}
	}
	chunk := int64(16 << 10)
	if r.ContentLength > 0 {
		chunk = min(chunk, r.ContentLength+1) // one more byte, to see the end
	}
	for ; ; chunk = held {
		if held += chunk; s.webhooks.Add(chunk) > MaxWebhookBodies {
			return nil, release, &refusal{kind: s.errors.busy}
		}
		grown := make([]byte, len(body), held)
		copy(grown, body)
		n, err := io.ReadFull(r.Body, grown[len(body):held])
		body = grown[:len(body)+n]
		switch {
		case len(body) > MaxWebhookBytes:
			return nil, release, &refusal{kind: s.errors.bodyTooLarge}
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && (r.ContentLength < 0 || int64(len(body)) == r.ContentLength):
			return body, release, nil
		case err != nil:
			return nil, release, &refusal{kind: s.errors.badRequest, err: fmt.Errorf("read webhook: %w", err)}
		}
	}
}
