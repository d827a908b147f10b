package githubtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// event is a change as GitHub's webhooks tell of it:
// https://docs.github.com/webhooks/webhook-events-and-payloads.
type event struct {
	name    string // of the X-GitHub-Event header; "" is none
	payload []byte
}

// OnChange calls f for every change from now on with what GitHub would deliver
// to a webhook: the event's name ("push", "release", "repository",
// "custom_property_values") and its payload, whose links are api.github.com's.
// f is called by the goroutine that made the change, after it is visible, and
// may use the GitHub; nil ends it.
func (g *GitHub) OnChange(f func(event string, payload []byte)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.onChange = f
}

// tell delivers an event. It is called without the lock.
func (g *GitHub) tell(e event) {
	g.mu.RLock()
	f := g.onChange
	g.mu.RUnlock()
	if f != nil && e.name != "" {
		f(e.name, e.payload)
	}
}

// caller describes things as the API at api.github.com would to their owner.
func (r *Repository) caller() *call {
	const api = "https://api.github.com"
	return &call{g: r.g, r: &http.Request{}, base: api, host: api, by: viewer{credentials: true, owner: true}}
}

// event makes an event about the repository; it is called with the lock held.
// Without a listener there is none, which spares every test the encoding.
func (r *Repository) event(name string, about func(c *call) object) event {
	if r.g.onChange == nil {
		return event{}
	}
	c := r.caller()
	payload := about(c)
	payload["repository"] = c.fullRepo(r)
	payload["organization"] = c.user(r.repo.Owner, "Organization")
	payload["sender"] = c.user(r.repo.Owner, "Organization")
	data, err := json.Marshal(payload)
	if err != nil {
		panic("githubtest: encode " + name + " event: " + err.Error()) // a custom property of a strange type
	}
	return event{name: name, payload: data}
}

// noCommit is what a push names where there was or is nothing.
var noCommit = strings.Repeat("0", 40)

func (r *Repository) pushEvent(ref, before, after string) event {
	return r.event("push", func(c *call) object {
		head := r.objects.commits[after]
		described := object{
			"id":        head.sha,
			"tree_id":   head.tree,
			"distinct":  true,
			"message":   head.message,
			"timestamp": head.when.Format(time.RFC3339),
			"url":       c.web() + "/" + r.repo.fullName() + "/commit/" + head.sha,
			"author":    object{"name": head.author, "email": head.email},
			"committer": object{"name": head.author, "email": head.email},
			"added":     []string{},
			"removed":   []string{},
			"modified":  []string{},
		}
		created := before == ""
		if created {
			before = noCommit
		}
		commits := []object{}
		if strings.HasPrefix(ref, "refs/heads/") {
			commits = append(commits, described)
		}
		return object{
			"ref":         ref,
			"before":      before,
			"after":       after,
			"base_ref":    nil,
			"created":     created,
			"deleted":     false,
			"forced":      false,
			"compare":     c.web() + "/" + r.repo.fullName() + "/compare/" + before[:12] + "..." + after[:12],
			"commits":     commits,
			"head_commit": described,
			"pusher":      object{"name": head.author, "email": head.email},
		}
	})
}

func (r *Repository) releaseEvent(action string, o *release) event {
	return r.event("release", func(c *call) object {
		return object{"action": action, "release": c.release(r, o)}
	})
}

// changes are the actions of the repository event that tell of a change.
func changes(before, after Repo) []string {
	var actions []string
	if before.fullName() != after.fullName() {
		if before.Owner != after.Owner {
			actions = append(actions, "transferred")
		}
		if before.Name != after.Name {
			actions = append(actions, "renamed")
		}
	}
	switch {
	case !before.Private && after.Private:
		actions = append(actions, "privatized")
	case before.Private && !after.Private:
		actions = append(actions, "publicized")
	}
	switch {
	case !before.Archived && after.Archived:
		actions = append(actions, "archived")
	case before.Archived && !after.Archived:
		actions = append(actions, "unarchived")
	}
	if before.Description != after.Description || before.Homepage != after.Homepage ||
		before.DefaultBranch != after.DefaultBranch || strings.Join(before.Topics, " ") != strings.Join(after.Topics, " ") {
		actions = append(actions, "edited")
	}
	return actions
}

func (r *Repository) repositoryEvent(action string, before Repo) event {
	return r.event("repository", func(c *call) object {
		payload := object{"action": action}
		switch action {
		case "renamed":
			payload["changes"] = object{"repository": object{"name": object{"from": before.Name}}}
		case "transferred":
			payload["changes"] = object{"owner": object{"from": object{"organization": c.user(before.Owner, "Organization")}}}
		case "edited":
			payload["changes"] = object{}
		}
		return payload
	})
}

func (r *Repository) propertiesEvent(before map[string]any) event {
	list := func(properties map[string]any) []object {
		out := []object{}
		values := propertiesOf(properties)
		for _, name := range slices.Sorted(maps.Keys(values)) {
			out = append(out, object{"property_name": name, "value": values[name]})
		}
		return out
	}
	return r.event("custom_property_values", func(c *call) object {
		return object{
			"action":              "updated",
			"new_property_values": list(r.repo.Properties),
			"old_property_values": list(before),
		}
	})
}
