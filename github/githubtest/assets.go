package githubtest

// ReplaceAssets attaches other files to a published release in place of its own,
// as whoever may write to a repository can at any time. GitHub tells nobody of
// that. It panics if the tag has no release.
func (r *Repository) ReplaceAssets(tag string, assets ...Asset) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	found := false
	for _, o := range r.releases {
		if o.Tag != tag || o.Draft {
			continue
		}
		found, o.assets = true, nil
		for _, a := range assets {
			o.assets = append(o.assets, r.newAsset(a, r.g.now()))
		}
	}
	if !found {
		panic("githubtest: no release of tag " + tag)
	}
}
