package github

import (
	"errors"
	"strconv"
	"strings"
)

// Reserve is how much of an allowance is kept from work that nobody waits for:
// a number of requests, or without one a percentage.
type Reserve struct {
	Percent int
	Count   int
}

// Bounds on the reserve, in percent of an allowance. A larger count is cut to
// MaxReserve: nothing would ever be checked.
const (
	DefaultReserve = 10 // where nothing is configured
	MaxReserve     = 90
)

// ParseReserve reads "10%" or a number of requests.
func ParseReserve(s string) (Reserve, error) {
	digits, percent := strings.CutSuffix(s, "%")
	n, err := strconv.ParseUint(digits, 10, 31)
	switch {
	case err != nil:
		return Reserve{}, errors.New("not a part of the rate limit; write a percentage such as 10%, or a number of requests")
	case !percent:
		return Reserve{Count: int(n)}, nil
	case n > MaxReserve:
		return Reserve{}, errors.New("leaves too little for checks; write at most " + strconv.Itoa(MaxReserve) + "%")
	}
	return Reserve{Percent: int(n)}, nil
}

// of is the reserve of an allowance, in requests; nil is [DefaultReserve].
func (r *Reserve) of(limit int) int {
	switch {
	case r == nil:
		return part(limit, DefaultReserve)
	case r.Count > 0:
		return min(r.Count, part(limit, MaxReserve))
	default:
		return part(limit, min(max(r.Percent, 0), MaxReserve))
	}
}

func part(limit, percent int) int { return int(int64(limit) * int64(percent) / 100) }
