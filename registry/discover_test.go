package registry

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// lookedAt is a repository that is found, in a line: "1 hello-yard", with what
// became of it.
func lookedAt(rec *ownerRecord) []string {
	var list []string
	for _, f := range rec.Found {
		line := fmt.Sprintf("%d %s", f.ID, f.Slug)
		if f.Withdrawn != nil {
			line += " withdrawn: " + string(f.Withdrawn.Reason)
		}
		if !f.Missing.IsZero() {
			line += " missing"
		}
		list = append(list, line)
	}
	return list
}

// The forge may answer anything; nothing is withdrawn that it does not say
// itself.
func TestWhatAListMeans(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	repo := func(id int64, name string) Repository {
		return Repository{Repo: Repo{"acme", name}, ID: id, Topics: []string{DefaultTopic}}
	}
	private := func(r Repository) Repository { r.Private = true; return r }
	four := func() []Repository {
		return []Repository{repo(1, "one"), repo(2, "two"), repo(3, "three"), repo(4, "four")}
	}
	const all = "1 one, 2 two, 3 three, 4 four"
	type step struct {
		after time.Duration // since the step before
		list  []Repository
		has   []Repository // what the forge says of each; nil is as listed
		fail  error        // to who asks about one repository
		want  string
		asks  int
	}
	for _, tt := range []struct {
		name   string
		access Access
		steps  []step
	}{
		{"nothing new asks for nothing", "", []step{{list: four(), want: all}, {list: four(), want: all}}},
		{"a new one is added behind the others", "", []step{
			{list: four()[:3], want: "1 one, 2 two, 3 three"}, {list: four(), want: all},
		}},
		{"one that is deleted goes at once", "", []step{
			{list: four(), want: all},
			{list: four()[1:], want: "1 one withdrawn: gone, 2 two, 3 three, 4 four", asks: 1},
			{list: four()[1:], want: "1 one withdrawn: gone, 2 two, 3 three, 4 four"},
			{list: four(), want: all},
		}},
		{"half a list withdraws nothing that is there", "", []step{
			{list: four(), want: all}, {list: four()[:1], has: four(), want: all, asks: 3}, {list: four(), want: all},
		}},
		{"an empty list withdraws nothing that is there", "", []step{
			{list: four(), want: all}, {list: []Repository{}, has: four(), want: all, asks: 4},
		}},
		{"an empty list is believed after an hour, if the forge says the same of each", "", []step{
			{list: four(), want: all},
			{list: []Repository{}, want: "1 one missing, 2 two missing, 3 three missing, 4 four missing", asks: 4},
			{after: time.Minute, list: []Repository{}, want: "1 one missing, 2 two missing, 3 three missing, 4 four missing", asks: 4},
			{after: time.Hour, list: []Repository{}, want: "1 one withdrawn: gone, 2 two withdrawn: gone, 3 three withdrawn: gone, 4 four withdrawn: gone", asks: 4},
		}},
		{"an hour's nonsense is forgotten", "", []step{
			{list: four(), want: all},
			{list: []Repository{}, want: "1 one missing, 2 two missing, 3 three missing, 4 four missing", asks: 4},
			{after: 30 * time.Minute, list: four(), want: all},
			{after: time.Hour, list: []Repository{}, want: "1 one missing, 2 two missing, 3 three missing, 4 four missing", asks: 4},
		}},
		{"a forge that fails says nothing, and is asked once", "", []step{
			{list: four(), want: all}, {list: four()[:1], fail: ErrUnavailable, want: all, asks: 1},
		}},
		{"one that is listed as private is withheld whatever else is said", "", []step{
			{list: four(), want: all},
			{list: []Repository{private(repo(1, "one")), repo(2, "two"), repo(3, "three"), repo(4, "four")}, fail: ErrUnavailable,
				want: "1 one withdrawn: private, 2 two, 3 three, 4 four", asks: 1},
		}},
		{"one that a list has without topics is asked for", "", []step{
			{list: four(), want: all},
			{list: []Repository{{ID: 1, Repo: Repo{"acme", "one"}}, repo(2, "two"), repo(3, "three"), repo(4, "four")}, has: four(), want: all, asks: 1},
		}},
		{"one that has lost its topic goes", "", []step{
			{list: four(), want: all},
			{list: []Repository{{ID: 1, Repo: Repo{"acme", "one"}}, repo(2, "two"), repo(3, "three"), repo(4, "four")}, want: "1 one withdrawn: topic, 2 two, 3 three, 4 four", asks: 1},
		}},
		{"one that was given away stays, for its check to hold it, whatever its new owner does to its topics", "", []step{
			{list: four(), want: all},
			{list: four()[1:], has: []Repository{{Repo: Repo{"other", "one"}, ID: 1}}, want: all, asks: 1},
		}},
		{"one that was given away and hidden goes", "", []step{
			{list: four(), want: all},
			{list: four()[1:], has: []Repository{{Repo: Repo{"other", "one"}, ID: 1, Private: true}}, want: "1 one withdrawn: private, 2 two, 3 three, 4 four", asks: 1},
		}},
		{"the name of one that was given away is given again", "", []step{
			{list: four(), want: all},
			{list: four()[1:], has: []Repository{{Repo: Repo{"other", "one"}, ID: 1}}, want: all, asks: 1},
			{list: append(four()[1:], repo(9, "one")), has: []Repository{{Repo: Repo{"other", "one"}, ID: 1}}, want: all + ", 9 one", asks: 1},
		}},
		{"a renamed one keeps its slug", "", []step{
			{list: four(), want: all},
			{list: []Repository{repo(1, "uno"), repo(2, "two"), repo(3, "three"), repo(4, "four")}, want: all},
		}},
		{"another repository of the same name takes its place", "", []step{
			{list: four(), want: all},
			{list: []Repository{repo(9, "one"), repo(2, "two"), repo(3, "three"), repo(4, "four")}, want: "9 one, 2 two, 3 three, 4 four"},
		}},
		{"one that took a renamed one's name is a new one", "", []step{
			{list: four()[:2], want: "1 one, 2 two"},
			{list: []Repository{repo(1, "uno"), repo(2, "two"), repo(9, "one")}, want: "1 one, 2 two, 9 one"},
		}},
		{"a token that sees nothing private any more withdraws nothing private", AccessPublic, []step{
			{list: []Repository{private(repo(1, "one")), private(repo(2, "two")), repo(3, "three")}, want: "1 one, 2 two, 3 three"},
			{list: []Repository{repo(3, "three"), repo(4, "four")}, want: "1 one, 2 two, 3 three, 4 four", asks: 1},
		}},
		{"a private one that alone is gone goes", AccessPublic, []step{
			{list: []Repository{private(repo(1, "one")), private(repo(2, "two")), repo(3, "three")}, want: "1 one, 2 two, 3 three"},
			{list: []Repository{private(repo(2, "two")), repo(3, "three")}, want: "1 one withdrawn: gone, 2 two, 3 three", asks: 1},
		}},
		{"what was withdrawn is forgotten after 30 days", "", []step{
			{list: four(), want: all},
			{list: four()[1:], want: "1 one withdrawn: gone, 2 two, 3 three, 4 four", asks: 1},
			{after: KeepFor + time.Hour, list: four()[1:], want: "2 two, 3 three, 4 four"},
			{list: four(), want: "2 two, 3 three, 4 four, 1 one"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			owner, err := Owner{Name: "acme", Plugin: Plugin{Access: tt.access}}.Normalize()
			if err != nil {
				t.Fatal(err)
			}
			rec, now := &ownerRecord{Owner: "acme"}, now
			for i, step := range tt.steps {
				now = now.Add(step.after)
				asks := 0
				l := &look{owner: &owner, now: now, configured: func(*Repository) bool { return false }, ask: func(asked Repo) (*Repository, error) {
					asks++
					has := step.has
					if has == nil {
						has = step.list
					}
					for _, r := range has {
						if step.fail == nil && r.Repo.Name == asked.Name {
							return &r, nil
						}
					}
					return nil, fmt.Errorf("repository %s: %w", asked, errors.Join(step.fail, map[bool]error{true: ErrNotFound}[step.fail == nil]))
				}}
				rec = l.at(rec, step.list)
				if got := strings.Join(lookedAt(rec), ", "); got != step.want {
					t.Errorf("step %d: %s\nwant %s", i, got, step.want)
				}
				if asks != step.asks {
					t.Errorf("step %d asked for %d repositories, want %d", i, asks, step.asks)
				}
			}
		})
	}
}

func TestNamesThatAreNoSlugAreTold(t *testing.T) {
	owner, err := Owner{Name: "acme"}.Normalize()
	if err != nil {
		t.Fatal(err)
	}
	l := &look{owner: &owner, configured: func(*Repository) bool { return false }}
	rec := l.at(&ownerRecord{}, []Repository{{Repo: Repo{"acme", "themes"}, ID: 1, Topics: []string{DefaultTopic}}})
	want := []string{`acme/themes is not served: plugin acme/themes: slug "themes" is reserved for the registry's own paths; choose another; list it under plugins: with a slug`}
	if diff := cmp.Diff(want, l.refused); diff != "" || len(rec.Found) != 0 {
		t.Errorf("found %v, refused (-want +got):\n%s", rec.Found, diff)
	}
}
