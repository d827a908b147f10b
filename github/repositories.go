package github

import (
	"context"

	"github.com/pluginyard/pluginyard/registry"
)

// Repositories lists what an owner has.
func (c *Client) Repositories(ctx context.Context, owner string) ([]registry.Repository, error) {
	return nil, noSuch("owner " + owner)
}
