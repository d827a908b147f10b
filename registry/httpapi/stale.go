package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// staleHeader says since when, and why, what is served could not be brought up
// to date: a dictionary of two strings (RFC 9651),
// since="2026-11-22T05:00:00Z", reason="rate limited". It is on stale answers
// alone.
const staleHeader = "Pluginyard-Stale"

// staleFor is how long a cache may keep a stale answer, in seconds: less than a
// fresh one, since it may be mended at any moment.
const staleFor = 60

// markStale marks an answer, and returns its Cache-Control. Age counts from the
// last good check, and is what caches take for the time that the answer has
// spent on its way (RFC 9111 section 4.2.3); with it alone they would keep
// nothing, and the whole crowd would come to us while GitHub is down. So max-age
// is that and a minute more.
func (s *server) markStale(h http.Header, stale registry.Stale, personal bool) []string {
	age := max(0, int64(s.now().Sub(stale.Since)/time.Second))
	h.Set("Age", strconv.FormatInt(age, 10))
	h.Set(staleHeader, `since="`+stale.Since.UTC().Format(time.RFC3339)+`", reason="`+stale.Reason+`"`)
	maxAge := "max-age=" + strconv.FormatInt(age+staleFor, 10)
	if personal {
		return []string{"private, " + maxAge}
	}
	return []string{"public, " + maxAge + ", stale-while-revalidate=600, stale-if-error=86400"}
}

// cacheOf is the Cache-Control of a plugin's newest answer. One that is stale is
// marked.
func (s *server) cacheOf(h http.Header, slug string, personal bool) []string {
	if stale, is := s.registry.Stale(slug); is {
		return s.markStale(h, stale, personal)
	}
	return cacheControl(personal)
}
