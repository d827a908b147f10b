package registry

import (
	"slices"
	"testing"
)

func TestOwnersAreChecked(t *testing.T) {
	for _, tt := range []struct {
		name  string
		owner Owner
		ok    bool
	}{
		{"a name is enough", Owner{Name: "acme"}, true},
		{"no name", Owner{}, false},
		{"a repository is no owner", Owner{Name: "acme/hello-yard"}, false},
		{"a topic that GitHub can't have", Owner{Name: "acme", Topics: []string{"WordPress Plugin"}}, false},
		{"a pattern that is none", Owner{Name: "acme", Exclude: []string{"old-["}}, false},
		{"a repository with its owner is no name", Owner{Name: "acme", Exclude: []string{"acme/old"}}, false},
		{"defaults are checked like a plugin's", Owner{Name: "acme", Plugin: Plugin{Source: "tags"}}, false},
	} {
		if _, err := tt.owner.Normalize(); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestWhatAnOwnerServes(t *testing.T) {
	repo := func(change func(*Repository)) *Repository {
		r := &Repository{Repo: Repo{"Acme", "Hello-Yard"}, ID: 1, Topics: []string{"greeting", DefaultTopic}}
		change(r)
		return r
	}
	for _, tt := range []struct {
		name  string
		owner Owner
		repo  *Repository
		want  Reason
	}{
		{"one with the topic is served", Owner{}, repo(func(*Repository) {}), ""},
		{"an archived one is served as it is", Owner{}, repo(func(r *Repository) { r.Archived = true }), ""},
		{"one without the topic is not", Owner{}, repo(func(r *Repository) { r.Topics = []string{"wordpress"} }), ReasonTopic},
		{"any of several topics will do", Owner{Topics: []string{"wordpress-theme", "greeting"}}, repo(func(*Repository) {}), ""},
		{"a private one is not", Owner{}, repo(func(r *Repository) { r.Private = true }), ReasonPrivate},
		{"a private one is, if everybody may have it", Owner{Plugin: Plugin{Access: AccessPublic}}, repo(func(r *Repository) { r.Private = true }), ""},
		{"somebody else's is not", Owner{}, repo(func(r *Repository) { r.Repo.Owner = "other" }), ReasonMoved},
		{"an excluded one is not, in any case", Owner{Exclude: []string{"HELLO-*"}}, repo(func(*Repository) {}), ReasonExcluded},
	} {
		tt.owner.Name = "acme"
		owner, err := tt.owner.Normalize()
		if err != nil {
			t.Fatal(err)
		}
		if got := owner.objects(tt.repo); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestEveryReasonHasItsWords(t *testing.T) {
	for _, reason := range []Reason{ReasonPrivate, ReasonGone, ReasonTopic, ReasonExcluded} {
		if reasons[reason].said == "" || reasons[reason].remedy == "" {
			t.Errorf("nothing is said of %q", reason)
		}
	}
	if !slices.Contains(Kinds(), ErrGone) {
		t.Error("what is withdrawn has no kind")
	}
}
