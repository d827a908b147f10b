package github

import "strings"

// Forget drops what is held to read an owner's repositories with: which
// installation of the App that is, and its token, which has the permissions of
// when it was issued for up to an hour. The next request asks anew.
func (c *Client) Forget(owner string) {
	for _, a := range c.apps() {
		a.forgetOwner(owner)
	}
}

// forgetOwner drops an owner's installation. A configured one stays, and gets
// a new token.
func (a *app) forgetOwner(owner string) {
	owner = strings.ToLower(owner)
	a.mu.Lock()
	defer a.mu.Unlock()
	id, ok := a.owners[owner]
	if !ok {
		id = a.fixed
	}
	delete(a.owners, owner)
	delete(a.installations, id)
}
