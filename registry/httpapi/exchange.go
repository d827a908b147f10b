package httpapi

import "time"

// Exchange is a request and its answer, for whoever counts or logs them. It is
// used again for another request: nobody may keep it.
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
	Waited  time.Duration // until the answer's head was there: what follows is the client's line
	Elapsed time.Duration // until its end
	Err     error         // why it was refused; nil if it was not
	Code    string        // one of [Codes], which names Err; "" if it is nil
}
