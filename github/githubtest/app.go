package githubtest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Limits of a request for an installation token.
const (
	maxTokenRequest = 64 << 10 // bytes
	maxTokenRepos   = 500      // repositories, as GitHub documents
)

// jwtLife is how far ahead a JSON web token may expire, and jwtLeeway how much
// the clocks may differ.
const (
	jwtLife   = 10 * time.Minute
	jwtLeeway = time.Minute
)

// installationID is that of the App at an owner.
func installationID(owner string) int64 { return 50_000_000 + ownerID(owner)%10_000_000 }

// checkJWT verifies the JSON web token of a request for the App's own routes:
// three parts, RS256, current, by the declared App, and its signature if the
// App's key is known. The texts are GitHub's.
func (c *call) checkJWT() (refusal answer, ok bool) {
	deny := func(text string) (answer, bool) { return message(http.StatusUnauthorized, text), false }
	const undecodable = "A JSON web token could not be decoded"
	secret := credentials(c.r)
	parts := strings.Split(secret, ".")
	if len(parts) != 3 {
		return deny(undecodable)
	}
	var header struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Exp float64         `json:"exp"`
		Iat float64         `json:"iat"`
		Iss json.RawMessage `json:"iss"`
	}
	if decodePart(parts[0], &header) != nil || header.Alg != "RS256" || decodePart(parts[1], &claims) != nil {
		return deny(undecodable)
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) == 0 {
		return deny(undecodable)
	}
	if key := c.g.app.key; key != nil {
		digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		if rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) != nil {
			return deny(undecodable)
		}
	}
	now := float64(c.now.Unix())
	switch {
	case claims.Exp <= now:
		return deny("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case claims.Exp > now+(jwtLife+jwtLeeway).Seconds():
		return deny("'Expiration time' claim ('exp') is too far in the future")
	case claims.Iat > now+jwtLeeway.Seconds():
		return deny("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	issuer := strings.Trim(string(claims.Iss), `"`)
	if id := c.g.app.id; id != 0 && issuer != strconv.FormatInt(id, 10) && issuer != clientID(id) {
		return message(http.StatusNotFound, "Integration not found"), false
	}
	return answer{}, true
}

func decodePart(part string, into any) error {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

func clientID(app int64) string { return fmt.Sprintf("Iv23li%d", app) }

// appItself answers GET /app.
func (c *call) appItself() answer {
	if refusal, ok := c.checkJWT(); !ok {
		return refusal
	}
	return ok(object{
		"id":                  c.appID(),
		"slug":                "pluginyard",
		"client_id":           clientID(c.appID()),
		"node_id":             nodeID("Integration", c.appID()),
		"owner":               c.account("acme"),
		"name":                "Pluginyard",
		"description":         nil,
		"external_url":        "https://example.com",
		"html_url":            c.web() + "/apps/pluginyard",
		"created_at":          stamp(epoch),
		"updated_at":          stamp(epoch),
		"permissions":         permissions(),
		"events":              []string{"push", "release"},
		"installations_count": len(c.owners()),
	})
}

func (c *call) appID() int64 { return max(c.g.app.id, 1) }

func permissions() object { return object{"contents": "read", "metadata": "read"} }

// owners are those who have repositories, by their installation's id.
func (c *call) owners() map[int64]string {
	owners := map[int64]string{}
	for _, r := range c.g.byID {
		owners[installationID(r.repo.Owner)] = r.repo.Owner
	}
	return owners
}

// repositoryInstallation answers GET …/installation.
func (c *call) repositoryInstallation(r *Repository, _ string) answer {
	if refusal, ok := c.checkJWT(); !ok {
		return refusal
	}
	return ok(c.installation(r.repo.Owner))
}

// ownerInstallation answers GET /orgs/{org}/installation and
// /users/{username}/installation.
func (c *call) ownerInstallation(owner string) answer {
	if refusal, ok := c.checkJWT(); !ok {
		return refusal
	}
	if c.path[0] == "orgs" && c.kindOf(owner) != "Organization" {
		return notFound()
	}
	for _, known := range c.owners() {
		if strings.EqualFold(known, owner) {
			return ok(c.installation(known))
		}
	}
	return notFound()
}

// installation describes the App's installation at an owner.
func (c *call) installation(owner string) object {
	id := installationID(owner)
	return object{
		"id":                        id,
		"client_id":                 clientID(c.appID()),
		"account":                   c.account(owner),
		"repository_selection":      "all",
		"access_tokens_url":         fmt.Sprintf("%s/app/installations/%d/access_tokens", c.base, id),
		"repositories_url":          c.base + "/installation/repositories",
		"html_url":                  fmt.Sprintf("%s/organizations/%s/settings/installations/%d", c.web(), owner, id),
		"app_id":                    c.appID(),
		"app_slug":                  "pluginyard",
		"target_id":                 ownerID(owner),
		"target_type":               c.kindOf(owner),
		"permissions":               permissions(),
		"events":                    []string{"push", "release"},
		"created_at":                stamp(epoch),
		"updated_at":                stamp(epoch),
		"single_file_name":          nil,
		"has_multiple_single_files": false,
		"single_file_paths":         []string{},
		"suspended_by":              nil,
		"suspended_at":              nil,
	}
}

// installationRepos answers GET /installation/repositories, to an
// installation's token.
func (c *call) installationRepos() answer {
	if c.by.token == nil {
		return message(http.StatusForbidden, "You must authenticate with an installation access token in order to list repositories for an installation.")
	}
	var repos []*Repository
	for _, r := range c.g.byID {
		if c.by.token.covers(r) {
			repos = append(repos, r)
		}
	}
	a := paginate(c, "/installation/repositories", byName(repos), c.minimalRepo)
	selection := "all"
	if c.by.token.repos != nil {
		selection = "selected"
	}
	a.body = object{"total_count": len(repos), "repository_selection": selection, "repositories": a.body}
	return a
}

// issueToken answers POST /app/installations/{id}/access_tokens. It takes the
// lock for writing.
func (c *call) issueToken() answer {
	p := c.path
	if len(p) != 4 || p[0] != "app" || p[1] != "installations" || p[3] != "access_tokens" {
		return notFound()
	}
	var ask struct {
		Repositories  []string          `json:"repositories"`
		RepositoryIDs []int64           `json:"repository_ids"`
		Permissions   map[string]string `json:"permissions"`
	}
	data, err := io.ReadAll(io.LimitReader(c.r.Body, maxTokenRequest+1))
	if err != nil || len(data) > maxTokenRequest {
		return message(http.StatusRequestEntityTooLarge, "Payload too large")
	}
	if len(strings.TrimSpace(string(data))) > 0 && json.Unmarshal(data, &ask) != nil {
		return message(http.StatusBadRequest, "Problems parsing JSON")
	}
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	if refusal, ok := c.checkJWT(); !ok {
		return refusal
	}
	id, _ := strconv.ParseInt(p[2], 10, 64)
	owner, found := c.owners()[id]
	if !found {
		return notFound()
	}
	if len(ask.Repositories)+len(ask.RepositoryIDs) > maxTokenRepos {
		return message(http.StatusUnprocessableEntity, "There are too many repositories for this installation.")
	}
	t := &appToken{owner: strings.ToLower(owner), expires: c.now.Add(c.g.app.life)}
	if len(ask.Repositories)+len(ask.RepositoryIDs) > 0 {
		if t.repos = c.chosen(owner, ask.Repositories, ask.RepositoryIDs); t.repos == nil {
			return message(http.StatusUnprocessableEntity, "There is at least one repository that does not exist or is not accessible to the parent installation.")
		}
	}
	return c.registerToken(t, ask.Permissions)
}

// chosen are the owner's repositories of these names and ids; nil if one is
// not theirs.
func (c *call) chosen(owner string, names []string, ids []int64) map[int64]bool {
	chosen := map[int64]bool{}
	for _, name := range names {
		r := c.g.repos[strings.ToLower(owner+"/"+name)]
		if r == nil {
			return nil
		}
		chosen[r.id] = true
	}
	for _, id := range ids {
		r := c.g.byID[id]
		if r == nil || !strings.EqualFold(r.repo.Owner, owner) {
			return nil
		}
		chosen[id] = true
	}
	return chosen
}

// registerToken makes a token known and describes it. Expired ones are
// forgotten, so that there are never many.
func (c *call) registerToken(t *appToken, asked map[string]string) answer {
	for secret, old := range c.g.app.tokens {
		if !c.now.Before(old.expires) {
			delete(c.g.app.tokens, secret)
		}
	}
	c.g.app.issued++
	secret := fmt.Sprintf("ghs_%s", c.g.seal("installation token", strconv.Itoa(c.g.app.issued)))
	c.g.app.tokens[secret] = t
	granted := permissions()
	if len(asked) > 0 {
		granted = object{}
		for name, level := range asked {
			granted[name] = level
		}
	}
	body := object{
		"token":                secret,
		"expires_at":           stamp(t.expires),
		"permissions":          granted,
		"repository_selection": "all",
	}
	if t.repos != nil {
		var repos []*Repository
		for id := range t.repos {
			repos = append(repos, c.g.byID[id])
		}
		list := []object{}
		for _, r := range byName(repos) {
			list = append(list, c.minimalRepo(r))
		}
		body["repository_selection"], body["repositories"] = "selected", list
	}
	return answer{status: http.StatusCreated, body: body}
}
