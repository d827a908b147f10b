package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log"
	"net/http"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

// deliveries is how many webhooks are under way at once.
const deliveries = 4

// deliver tells an address of what happens, signed as GitHub does it, behind
// whoever makes it happen.
func deliver(address, secret string) func(githubtest.Delivery) {
	client := &http.Client{Timeout: 10 * time.Second} // GitHub's own patience
	places := make(chan struct{}, deliveries)
	return func(d githubtest.Delivery) {
		sum := hmac.New(sha256.New, []byte(secret))
		sum.Write(d.Payload)
		r, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(d.Payload))
		if err != nil {
			log.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-GitHub-Event", d.Event)
		r.Header.Set("X-GitHub-Delivery", d.GUID)
		r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(sum.Sum(nil)))
		go func() {
			places <- struct{}{}
			defer func() { <-places }()
			answer, err := client.Do(r)
			if err != nil {
				log.Print(err)
				return
			}
			answer.Body.Close()
			if answer.StatusCode >= http.StatusBadRequest {
				log.Printf("webhook %s: %s", d.Event, answer.Status)
			}
		}()
	}
}
