package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing/fstest"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

// deliveries is one webhook of each kind that the emulator sends.
func (w *world) deliveries() []githubtest.Delivery {
	var list []githubtest.Delivery
	w.OnChange(func(d githubtest.Delivery) { list = append(list, d) })
	defer w.OnChange(nil)
	day := time.Date(2025, time.April, 1, 12, 0, 0, 0, time.UTC)
	yard := w.AddRepo(githubtest.Repo{Owner: "acme", Name: "told", License: "GPL-2.0", Created: day})
	sha := yard.Commit("main", "One", fstest.MapFS{"a.php": {}}, day)
	yard.Commit("main", "Two", fstest.MapFS{"b.php": {}}, day)
	yard.Commit("next", "Three", fstest.MapFS{"b.php": {}}, day)
	yard.DeleteBranch("next")
	yard.Tag("v1.0.0", sha)
	yard.Tag("v2.0.0", sha)
	id := yard.Release(githubtest.Release{Tag: "v1.0.0", Name: "One", Body: "- First"})
	beta := yard.Release(githubtest.Release{Tag: "v2.0.0", Prerelease: true})
	yard.EditRelease(beta, func(r *githubtest.Release) { r.Prerelease = false })
	yard.EditRelease(id, func(r *githubtest.Release) { r.Draft = true })
	yard.DeleteRelease(id)
	yard.DeleteTag("v1.0.0")
	for _, change := range []func(*githubtest.Repo){
		func(r *githubtest.Repo) { r.Private = true },
		func(r *githubtest.Repo) { r.Private = false },
		func(r *githubtest.Repo) { r.Archived = true },
		func(r *githubtest.Repo) { r.Archived = false },
		func(r *githubtest.Repo) { r.Topics = []string{"wordpress-plugin"} },
		func(r *githubtest.Repo) { r.Properties = map[string]any{"wp-tags": []string{"a"}} },
		func(r *githubtest.Repo) { r.Name = "renamed" },
		func(r *githubtest.Repo) { r.Owner = "other" },
	} {
		yard.Set(change)
	}
	yard.Delete()
	for _, action := range []string{"created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"} {
		w.Installation(action, "acme")
	}
	w.InstallationRepositories("added", "acme")
	w.InstallationRepositories("removed", "acme")
	w.Ping("acme", "push", "release")
	return list
}

// checkDelivery lists what in a payload differs from the description, which
// calls it by its event and action.
func checkDelivery(api *description, d githubtest.Delivery) (name string, found []string, err error) {
	var payload struct{ Action string }
	if err := json.Unmarshal(d.Payload, &payload); err != nil {
		return d.Event, nil, err
	}
	name = strings.ReplaceAll(strings.TrimSuffix(d.Event+"-"+payload.Action, "-"), "_", "-")
	at := []string{"x-webhooks", name, "post", "requestBody", "content", "application/json", "schema"}
	if api.lookup(at) == nil {
		return name, []string{"the description has no webhook " + name}, nil
	}
	found, err = api.validate(pointerTo(at), d.Payload)
	if err != nil {
		err = fmt.Errorf("hold the payload against its schema: %w", err)
	}
	return name, found, err
}
