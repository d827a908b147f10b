package httpapi

import "time"

// Exchange is a request and its answer, for whoever counts or logs them.
type Exchange struct {
	Method  string
	Route   string // the pattern that answered, "/:name"; "" if none did
	Slug    string // of the plugin or theme; "" if the request is about none
	Source  string // "release" or "branch" where the path or the query says so; else ""
	Client  string // its address; behind trusted proxies what they say
	Agent   string // its User-Agent, at most 256 bytes
	Status  int
	Bytes   int64 // of the answer's body
	Began   time.Time
	Elapsed time.Duration
	Err     error // why it was refused; nil if it was not
}
