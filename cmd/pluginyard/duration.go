package main

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// parseDuration reads Go's durations ("90s", "4h30m") and days before them
// ("30d", "1d12h"), from one second up: the forge's own times are whole
// seconds, so that nothing shorter could be honoured.
func parseDuration(s string) (time.Duration, error) {
	errForm := errors.New("not a duration; write for example 90s, 4h or 30d")
	var total time.Duration
	if n, rest, ok := strings.Cut(s, "d"); ok {
		days, err := strconv.ParseUint(n, 10, 63)
		if err != nil {
			return 0, errForm
		}
		if days > uint64(math.MaxInt64/day) {
			return 0, errors.New("longer than 292 years; write a shorter one")
		}
		total, s = time.Duration(days)*day, rest
	}
	if s != "" {
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 || s[0] == '+' {
			return 0, errForm
		}
		if d > math.MaxInt64-total {
			return 0, errors.New("longer than 292 years; write a shorter one")
		}
		total += d
	} else if total == 0 {
		return 0, errForm
	}
	if total < time.Second {
		return 0, errors.New("shorter than a second; write at least 1s")
	}
	return total, nil
}
