package main

import (
	"fmt"
	"slices"
	"strings"
)

// Parts of routes and paths that many requests share.
const (
	repo   = "GET /repos/{owner}/{repo}"
	yard   = "/repos/acme/hello-yard"
	object = "application/vnd.github.object"
)

// requests asks for every route of the emulator, in every form of answer.
func (w *world) requests() ([]request, error) {
	releases, err := w.releaseRequests()
	if err != nil {
		return nil, err
	}
	apps, err := w.appRequests()
	if err != nil {
		return nil, err
	}
	return slices.Concat(releases, w.gitRequests(), apps), nil
}

// releaseRequests are about repositories and their releases.
func (w *world) releaseRequests() ([]request, error) {
	id := fmt.Sprint(w.full.ID())
	file, err := w.assetID()
	if err != nil {
		return nil, err
	}
	return []request{
		{route: repo, path: yard, status: 200},
		{route: repo, path: yard, status: 200, auth: token},
		{route: repo, path: yard, status: 200, prefix: "/api/v3"},
		{route: repo, path: "/repositories/" + id, status: 200},
		{route: repo, path: "/repos/acme/empty", status: 200},
		{route: repo, path: "/repos/acme/other", status: 200},
		{route: repo, path: "/repos/acme/secret", status: 200, auth: token},
		{route: repo, path: "/repos/acme/secret", status: 404},
		{route: repo, path: "/repos/acme/nothing", status: 404},
		{route: repo, path: "/repos/acme/before", status: 301},
		{route: repo, path: yard, status: 401, auth: "Bearer wrong"},
		{route: repo, path: yard, status: 304, header: "If-None-Match: *"},
		{route: repo + "/releases", path: yard + "/releases", status: 200},
		{route: repo + "/releases", path: yard + "/releases?per_page=1", status: 200, auth: token},
		{route: repo + "/releases", path: "/repos/acme/empty/releases", status: 200},
		{route: repo + "/releases", path: "/repos/acme/nothing/releases", status: 404},
		{route: repo + "/releases/latest", path: yard + "/releases/latest", status: 200},
		{route: repo + "/releases/latest", path: "/repos/acme/empty/releases/latest", status: 404},
		{route: repo + "/releases/{release_id}", path: yard + "/releases/" + fmt.Sprint(w.latest), status: 200},
		{route: repo + "/releases/{release_id}", path: yard + "/releases/" + fmt.Sprint(w.draft), status: 200, auth: token},
		{route: repo + "/releases/{release_id}", path: yard + "/releases/" + fmt.Sprint(w.draft), status: 404},
		{route: repo + "/releases/{release_id}/assets", path: yard + "/releases/" + fmt.Sprint(w.latest) + "/assets", status: 200},
		{route: repo + "/releases/tags/{tag}", path: yard + "/releases/tags/hello-yard/v1.1.0", status: 200},
		{route: repo + "/releases/tags/{tag}", path: yard + "/releases/tags/hello-yard%2Fv1.1.0", status: 200},
		{route: repo + "/releases/tags/{tag}", path: yard + "/releases/tags/nope", status: 404},
		{route: repo + "/releases/assets/{asset_id}", path: yard + "/releases/assets/" + file, status: 200},
		{route: repo + "/releases/assets/{asset_id}", path: yard + "/releases/assets/" + file, status: 302, accept: "application/octet-stream"},
		{route: repo + "/releases/assets/{asset_id}", path: yard + "/releases/assets/1", status: 404},
	}, nil
}

// gitRequests are about what lies in a repository.
func (w *world) gitRequests() []request {
	return []request{
		{route: repo + "/tags", path: yard + "/tags", status: 200},
		{route: repo + "/branches", path: yard + "/branches", status: 200},
		{route: repo + "/branches/{branch}", path: yard + "/branches/feature/x", status: 200},
		{route: repo + "/branches/{branch}", path: yard + "/branches/nope", status: 404},
		{route: repo + "/commits", path: yard + "/commits", status: 200},
		{route: repo + "/commits", path: "/repos/acme/empty/commits", status: 409},
		{route: repo + "/commits/{ref}", path: yard + "/commits/HEAD", status: 200},
		{route: repo + "/commits/{ref}", path: yard + "/commits/" + w.commit, status: 200, accept: "application/vnd.github.sha"},
		{route: repo + "/commits/{ref}", path: yard + "/commits/nope", status: 422},
		{route: repo + "/commits/{ref}", path: "/repos/acme/empty/commits/HEAD", status: 409},
		{route: repo + "/git/ref/{ref}", path: yard + "/git/ref/tags/hello-yard/v1.1.0", status: 200},
		{route: repo + "/git/ref/{ref}", path: yard + "/git/ref/heads/nope", status: 404},
		{route: repo + "/git/matching-refs/{ref}", path: yard + "/git/matching-refs/tags/", status: 200},
		{route: repo + "/git/commits/{commit_sha}", path: yard + "/git/commits/" + w.commit, status: 200},
		{route: repo + "/git/trees/{tree_sha}", path: yard + "/git/trees/main", status: 200},
		{route: repo + "/git/trees/{tree_sha}", path: yard + "/git/trees/main?recursive=1", status: 200},
		{route: repo + "/git/trees/{tree_sha}", path: yard + "/git/trees/nope", status: 404},
		{route: repo + "/git/blobs/{file_sha}", path: yard + "/git/blobs/e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", status: 200},
		{route: repo + "/git/blobs/{file_sha}", path: yard + "/git/blobs/" + strings.Repeat("0", 40), status: 404},
		{route: repo + "/contents/{path}", path: yard + "/contents", status: 200},
		{route: repo + "/contents/{path}", path: yard + "/contents/includes?ref=feature/x", status: 200},
		{route: repo + "/contents/{path}", path: yard + "/contents/includes", status: 200, accept: object},
		{route: repo + "/contents/{path}", path: yard + "/contents/includes/a%20b.php", status: 200},
		{route: repo + "/contents/{path}", path: yard + "/contents/includes/a%20b.php", status: 200, accept: object},
		{route: repo + "/contents/{path}", path: yard + "/contents/readme.txt", status: 200, accept: "application/vnd.github.raw+json"},
		{route: repo + "/contents/{path}", path: yard + "/contents/nope", status: 404},
		{route: repo + "/zipball/{ref}", path: yard + "/zipball/hello-yard/v1.1.0", status: 302},
		{route: repo + "/properties/values", path: yard + "/properties/values", status: 200},
		{route: repo + "/properties/values", path: "/repos/acme/empty/properties/values", status: 200},
	}
}

// appRequests are about owners, apps and their installations.
func (w *world) appRequests() ([]request, error) {
	install, secret, err := w.installation()
	if err != nil {
		return nil, err
	}
	tokens := "/app/installations/" + install + "/access_tokens"
	const tokensRoute = "POST /app/installations/{installation_id}/access_tokens"
	return []request{
		{route: repo + "/installation", path: yard + "/installation", status: 200, auth: appToken()},
		{route: repo + "/installation", path: yard + "/installation", status: 401},
		{route: "GET /orgs/{org}/repos", path: "/orgs/acme/repos", status: 200, auth: token},
		{route: "GET /users/{username}/repos", path: "/users/acme/repos?per_page=2", status: 200},
		{route: "GET /orgs/{org}/repos", path: "/orgs/alice/repos", status: 404, auth: token},
		{route: "GET /orgs/{org}/installation", path: "/orgs/acme/installation", status: 200, auth: appToken()},
		{route: "GET /users/{username}/installation", path: "/users/alice/installation", status: 200, auth: appToken()},
		{route: "GET /users/{username}", path: "/users/acme", status: 200, auth: token},
		{route: "GET /users/{username}", path: "/users/alice", status: 200},
		{route: "GET /users/{username}", path: "/users/nobody", status: 404},
		{route: "GET /user", path: "/user", status: 200, auth: aliceToken},
		{route: "GET /user", path: "/user", status: 401},
		{route: "GET /user", path: "/user", status: 403, auth: secret},
		{route: "GET /user/repos", path: "/user/repos?affiliation=owner&per_page=1", status: 200, auth: aliceToken},
		{route: "GET /user/repos", path: "/user/repos", status: 401},
		{route: "GET /rate_limit", path: "/rate_limit", status: 200},
		{route: "GET /app", path: "/app", status: 200, auth: appToken()},
		{route: tokensRoute, path: tokens, status: 201, auth: appToken()},
		{route: tokensRoute, path: tokens, status: 201, auth: appToken(), body: `{"repositories":["hello-yard"],"permissions":{"contents":"read"}}`},
		{route: tokensRoute, path: tokens, status: 422, auth: appToken(), body: `{"repositories":["nothing"]}`},
		{route: tokensRoute, path: tokens, status: 401, auth: token},
		{route: tokensRoute, path: "/app/installations/1/access_tokens", status: 404, auth: appToken()},
		{route: "GET /installation/repositories", path: "/installation/repositories", status: 200, auth: secret},
		{route: "GET /installation/repositories", path: "/installation/repositories", status: 403, auth: token},
	}, nil
}
