package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
)

// cohorts is how many numbers cohort= may be: the updater draws one per site,
// which says nothing of the site.
const cohorts = 1000

// newCohorts are what the sites of each cohort are called.
func newCohorts() []string {
	names := make([]string, cohorts)
	for i := range names {
		names[i] = "c" + strconv.Itoa(i)
	}
	return names
}

// siteOf tells sites apart for a gradual rollout: by the cohort that the request
// names, else by the address in WordPress's User-Agent. "" is not known. It is
// neither stored nor logged.
func (s *server) siteOf(r *http.Request, cohort string) string {
	if n, ok := parseCohort(cohort); ok {
		return s.cohorts[n]
	}
	return siteName(r.UserAgent())
}

// parseCohort reads a number from 0 to 999, written plainly.
func parseCohort(text string) (int, bool) {
	if len(text) == 0 || len(text) > 3 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// maxSite bounds the address in a User-Agent, in bytes.
const maxSite = 2048

// siteName makes a name of the address in "WordPress/6.8; https://example.com/";
// "" if there is none. The same site has the same name after an update of
// WordPress and after its move to https, and whether its address ends with a
// slash or not, which wp_remote_get and the update check do differently.
func siteName(userAgent string) string {
	rest, ok := strings.CutPrefix(userAgent, "WordPress/")
	if !ok {
		return ""
	}
	_, address, ok := strings.Cut(rest, "; ")
	if !ok || len(address) > maxSite {
		return ""
	}
	if end := strings.IndexAny(address, "; \t"); end >= 0 {
		address = address[:end]
	}
	address = strings.ToLower(address)
	plain, ok := strings.CutPrefix(address, "https://")
	if !ok {
		plain, ok = strings.CutPrefix(address, "http://")
	}
	plain = strings.TrimRight(plain, "/")
	if !ok || plain == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(plain))
	return "u" + hex.EncodeToString(sum[:16])
}
