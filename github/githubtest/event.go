package githubtest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Delivery is a change as GitHub's webhooks tell of it:
// https://docs.github.com/webhooks/webhook-events-and-payloads.
type Delivery struct {
	GUID    string // of the X-GitHub-Delivery header; the same when it is delivered again
	Event   string // of the X-GitHub-Event header: "push"
	Payload []byte // JSON, whose links are api.github.com's
}

// OnChange calls f for every change from now on with what GitHub would deliver
// to a webhook that wants all events. f is called by the goroutine that made the
// change, after it is visible, and may use the GitHub; nil ends it. To deliver
// again is to call f again.
func (g *GitHub) OnChange(f func(Delivery)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.onChange = f
}

// tell delivers events. It is called without the lock.
func (g *GitHub) tell(deliveries ...Delivery) {
	g.mu.RLock()
	f := g.onChange
	g.mu.RUnlock()
	for _, d := range deliveries {
		if f != nil && d.Event != "" {
			f(d)
		}
	}
}

// caller describes things as the API at api.github.com would to their owner.
func (g *GitHub) caller() *call {
	const api = "https://api.github.com"
	return &call{g: g, r: &http.Request{}, base: api, host: api, by: viewer{credentials: true, owner: true}}
}

// event makes an event about an owner; it is called with the lock held. Without
// a listener there is none, which spares every test the encoding.
func (g *GitHub) event(name, owner string, about func(c *call) object) Delivery {
	if g.onChange == nil {
		return Delivery{}
	}
	c := g.caller()
	payload := about(c)
	payload["sender"] = c.account(owner)
	data, err := json.Marshal(payload)
	if err != nil {
		panic("githubtest: encode " + name + " event: " + err.Error()) // a custom property of a strange type
	}
	id := make([]byte, 16)
	rand.Read(id)
	return Delivery{GUID: fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]), Event: name, Payload: data}
}

// event makes an event about the repository; it is called with the lock held.
func (r *Repository) event(name string, about func(c *call) object) Delivery {
	return r.g.event(name, r.repo.Owner, func(c *call) object {
		payload := about(c)
		payload["repository"] = c.toldRepo(r)
		payload["organization"] = c.organization(r.repo.Owner)
		return payload
	})
}

// toldRepo describes a repository as webhooks do.
func (c *call) toldRepo(r *Repository) object {
	o := c.fullRepo(r)
	for _, name := range []string{"organization", "temp_clone_token", "network_count", "subscribers_count", "permissions"} {
		delete(o, name)
	}
	return o
}

// organization describes an owner as webhooks do.
func (c *call) organization(login string) object {
	api, id := c.base+"/orgs/"+login, ownerID(login)
	o := object{
		"login": login, "id": id, "node_id": nodeID("Organization", id), "url": api, "description": "",
		"avatar_url":         c.user(login, "Organization")["avatar_url"],
		"members_url":        api + "/members{/member}",
		"public_members_url": api + "/public_members{/member}",
	}
	for _, name := range []string{"repos", "events", "hooks", "issues"} {
		o[name+"_url"] = api + "/" + name
	}
	return o
}

// noCommit is what a push names where there was or is nothing.
var noCommit = strings.Repeat("0", 40)

// pushEvents tell that a ref names another commit; "" is none, before or after.
// One that appears or goes is told of a second time.
func (r *Repository) pushEvents(ref, before, after string) []Delivery {
	created, deleted := before == "", after == ""
	kind, name := "branch", strings.TrimPrefix(ref, "refs/heads/")
	if tag, ok := strings.CutPrefix(ref, "refs/tags/"); ok {
		kind, name = "tag", tag
	}
	push := r.event("push", func(c *call) object {
		if created {
			before = noCommit
		}
		var head any
		pusher := object{"name": r.repo.Owner}
		commits := []object{}
		if deleted {
			after = noCommit
		} else {
			described := c.pushed(r, r.objects.commits[after])
			head, pusher["email"] = described, r.objects.commits[after].email
			if kind == "branch" {
				commits = append(commits, described)
			}
		}
		return object{
			"ref":         ref,
			"before":      before,
			"after":       after,
			"base_ref":    nil,
			"created":     created,
			"deleted":     deleted,
			"forced":      deleted || kind == "tag" && !created,
			"compare":     c.web() + "/" + r.repo.fullName() + "/compare/" + before[:12] + "..." + after[:12],
			"commits":     commits,
			"head_commit": head,
			"pusher":      pusher,
		}
	})
	switch {
	case created:
		return []Delivery{r.event("create", func(c *call) object {
			return object{
				"ref": name, "ref_type": kind, "master_branch": r.repo.DefaultBranch,
				"description": nullable(r.repo.Description), "pusher_type": "user",
			}
		}), push}
	case deleted:
		return []Delivery{r.event("delete", func(c *call) object {
			return object{"ref": name, "ref_type": kind, "pusher_type": "user"}
		}), push}
	}
	return []Delivery{push}
}

// pushed describes a commit in a push.
func (c *call) pushed(r *Repository, head *commit) object {
	return object{
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
}

// releaseEvents tell of a release once for each of the actions.
func (r *Repository) releaseEvents(o *release, actions ...string) []Delivery {
	var list []Delivery
	for _, action := range actions {
		list = append(list, r.event("release", func(c *call) object {
			payload := object{"action": action, "release": c.release(r, o)}
			if action == "edited" {
				payload["changes"] = object{}
			}
			return payload
		}))
	}
	return list
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

func (r *Repository) repositoryEvent(action string, before Repo) Delivery {
	return r.event("repository", func(c *call) object {
		payload := object{"action": action}
		switch action {
		case "renamed":
			payload["changes"] = object{"repository": object{"name": object{"from": before.Name}}}
		case "transferred":
			payload["changes"] = object{"owner": object{"from": object{"organization": c.organization(before.Owner)}}}
		case "edited":
			payload["changes"] = object{}
		}
		return payload
	})
}

func (r *Repository) propertiesEvent(before map[string]any) Delivery {
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
