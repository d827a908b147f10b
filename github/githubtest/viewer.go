package githubtest

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// viewer is whoever sent a request.
type viewer struct {
	credentials bool      // some that were accepted
	owner       bool      // the token of RequireToken: sees everything, drafts too
	app         bool      // a GitHub App by its JSON web token
	token       *appToken // an installation's token
	person      *person   // a personal token of AddToken
	account     string    // whose rate limit is used
}

// appToken is a token issued to an installation of the App.
type appToken struct {
	owner   string         // lower case
	repos   map[int64]bool // nil: all of the owner's
	expires time.Time
}

func (v viewer) known() bool { return v.credentials }

// sees reports whether the viewer may know of the repository.
func (v viewer) sees(r *Repository) bool {
	return !r.repo.Private || v.owner || v.token.covers(r) || v.person.covers(r)
}

// login is the user whose token was sent, if it is one's.
func (v viewer) login() string {
	switch {
	case v.owner:
		return operator
	case v.person != nil:
		return v.person.login
	}
	return ""
}

func (t *appToken) covers(r *Repository) bool {
	return t != nil && t.owner == strings.ToLower(r.repo.Owner) && (t.repos == nil || t.repos[r.id])
}

// identify tells who sent a request; known is false if GitHub would answer that
// the credentials are bad. It is called with the lock held for reading.
func (g *GitHub) identify(r *http.Request, now time.Time) (by viewer, known bool) {
	secret := credentials(r)
	if secret == "" {
		return viewer{}, r.Header.Get("Authorization") == ""
	}
	if g.token != "" && subtle.ConstantTimeCompare([]byte(secret), []byte(g.token)) == 1 {
		return viewer{credentials: true, owner: true, account: secret}, true
	}
	if t := g.app.tokens[secret]; t != nil {
		return viewer{credentials: true, token: t, account: "installation " + t.owner}, now.Before(t.expires)
	}
	if p := g.tokens[secret]; p != nil {
		return viewer{credentials: true, person: p, account: secret}, true
	}
	if strings.Count(secret, ".") == 2 {
		// Whether it is good is for the App's own routes to say.
		return viewer{credentials: true, app: true, account: "app"}, true
	}
	return viewer{credentials: true, account: secret}, g.token == "" && !strings.HasPrefix(secret, "ghs_")
}

// credentials is the secret of an Authorization header: of "Bearer", "token",
// or as the password of "Basic".
func credentials(r *http.Request) string {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	value = strings.TrimSpace(value)
	switch strings.ToLower(scheme) {
	case "bearer", "token":
		return value
	case "basic":
		pair, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return ""
		}
		name, password, _ := strings.Cut(string(pair), ":")
		if password == "" || password == "x-oauth-basic" {
			return name
		}
		return password
	}
	return ""
}

func badCredentials() answer { return message(http.StatusUnauthorized, "Bad credentials") }
