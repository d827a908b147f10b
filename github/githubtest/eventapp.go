package githubtest

// Events that nothing in the emulator causes: they are told when a test says so.

// Ping delivers what GitHub sends when a webhook is set up for some events; "*"
// is all of them.
func (g *GitHub) Ping(owner string, events ...string) {
	g.mu.RLock()
	event := g.event("ping", owner, func(c *call) object {
		const id = 1
		return object{
			"zen": "Keep it logically awesome.", "hook_id": id,
			"organization": c.organization(owner),
			"hook": object{
				"id": id, "type": "Organization", "name": "web", "active": true, "events": events,
				"config":     object{"content_type": "json", "insecure_ssl": "0", "url": "https://updates.example.com/webhooks/github"},
				"created_at": stamp(epoch), "updated_at": stamp(epoch),
				"url": c.base + "/orgs/" + owner + "/hooks/1",
			},
		}
	})
	g.mu.RUnlock()
	g.tell(event)
}

// Installation delivers that the App was installed at an owner ("created"),
// uninstalled ("deleted"), "suspend", "unsuspend" or "new_permissions_accepted".
func (g *GitHub) Installation(action, owner string) {
	g.mu.RLock()
	event := g.event("installation", owner, func(c *call) object {
		payload := object{
			"action": action, "installation": c.installation(owner),
			"organization": c.organization(owner), "repositories": c.brief(owner),
		}
		if action == "created" {
			payload["requester"] = nil
		}
		return payload
	})
	g.mu.RUnlock()
	g.tell(event)
}

// InstallationRepositories delivers that the owner's repositories were "added"
// to the App's installation, or "removed".
func (g *GitHub) InstallationRepositories(action, owner string) {
	g.mu.RLock()
	event := g.event("installation_repositories", owner, func(c *call) object {
		added, removed := c.brief(owner), []object{}
		if action == "removed" {
			added, removed = removed, added
		}
		return object{
			"action": action, "installation": c.installation(owner), "organization": c.organization(owner),
			"repository_selection": "selected", "repositories_added": added, "repositories_removed": removed,
			"requester": nil,
		}
	})
	g.mu.RUnlock()
	g.tell(event)
}

// brief lists an owner's repositories as an installation's events do.
func (c *call) brief(owner string) []object {
	list := []object{}
	for _, r := range c.g.byID {
		if r.repo.Owner == owner {
			list = append(list, object{
				"id": r.id, "node_id": nodeID("Repository", r.id), "name": r.repo.Name,
				"full_name": r.repo.fullName(), "private": r.repo.Private,
			})
		}
	}
	return list
}
