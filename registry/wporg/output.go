package wporg

import (
	"net/http"

	"github.com/pluginyard/pluginyard/registry/wporg/serialize"
)

// format is how an answer is written.
type format int

const (
	formatPHP format = iota
	formatJSON
)

// output writes replies in a format.
type output struct {
	format format
	maxAge int
}

func (o output) answer(r reply) *Answer {
	a := &Answer{Status: r.status, MaxAge: o.maxAge, Err: r.err}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	if a.Status >= 500 {
		a.MaxAge = 0
	}
	var err error
	if a.Type, a.Body, err = o.encode(r.value); err != nil {
		return &Answer{Status: http.StatusInternalServerError, Type: "application/json; charset=utf-8", Body: []byte(`{"error":"The registry cannot answer this."}`), Err: err}
	}
	return a
}

func (o output) encode(value any) (mimeType string, body []byte, err error) {
	if o.format == formatPHP {
		php, err := toPHP(value)
		if err != nil {
			return "", nil, err
		}
		body, err = serialize.Write(php)
		return "text/plain; charset=utf-8", body, err
	}
	body, err = encodeJSON(value)
	return "application/json; charset=utf-8", body, err
}
