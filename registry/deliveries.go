package registry

import (
	"sync"
	"time"
)

// Bounds of what is remembered of the forge's deliveries.
const (
	// rememberDeliveries is how long, at least, a delivery is known again, unless
	// there are more than half of MaxDeliveries in that time.
	rememberDeliveries = 3 * time.Hour
	// MaxDeliveries is how many names are held: 2 MB.
	MaxDeliveries = 20_000
	// MaxDeliveryName is the longest that is taken for a delivery's name, in
	// bytes; GitHub's have 36.
	MaxDeliveryName = 64
)

// deliveries are those that were taken, in two halves: when the young one is
// full, or old, it takes the place of the old one. The zero value is ready. They
// are not stored: what was taken and not done before a crash is delivered again
// or found by the next check.
type deliveries struct {
	mu         sync.Mutex
	young, old map[string]bool
	since      time.Time // of young
}

// claim remembers a delivery, and reports whether it is new.
func (d *deliveries) claim(name string, now time.Time) bool {
	if len(name) > MaxDeliveryName {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.young == nil || len(d.young) >= MaxDeliveries/2 || now.Sub(past(now, d.since)) >= rememberDeliveries {
		d.old, d.young, d.since = d.young, map[string]bool{}, now
	}
	if d.young[name] || d.old[name] {
		return false
	}
	d.young[name] = true
	return true
}
