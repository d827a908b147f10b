package main

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/store"
)

// What was found and goes to another owner is held like what is configured,
// whether or not the new owner is followed: discovery is no yes.
func TestATransferOfWhatWasFoundIsHeld(t *testing.T) {
	for _, followed := range []string{"", "after", "before"} {
		t.Run("new owner followed "+followed, func(t *testing.T) {
			w := newWorld(t)
			w.owners = []registry.Owner{{Name: "acme"}}
			owners := "owners:\n  - name: acme\n"
			switch followed {
			case "after":
				w.owners, owners = append(w.owners, registry.Owner{Name: mallory.Owner}), owners+"  - name: mallory\n"
			case "before":
				w.owners, owners = []registry.Owner{{Name: mallory.Owner}, {Name: "acme"}}, "owners:\n  - name: mallory\n  - name: acme\n"
			}
			repo := w.topical("hello-yard", false)
			w.topical("fence-post", false)
			w.hub.AddRepo(githubtest.Repo{Owner: mallory.Owner, Name: "website", Created: firstRelease})
			service := w.start()
			discover := func() {
				t.Helper()
				if err := service.Discover(w.Context()); err != nil {
					t.Error(err)
				}
			}
			discover()
			before := w.mustWhole("hello-yard", "1.0.0")
			mark := w.log.mark()
			repo.Set(func(r *githubtest.Repo) { r.Owner = mallory.Owner })
			release(repo, 1, "6.6.6", sample("hello-yard", "6.6.6", 0))
			discover()
			service.Refresh(helloYard)
			w.log.await(t, mark, `level=ERROR msg="plugin is held: .*cause=owner .*now.repo=mallory/hello-yard .*pluginyard approve hello-yard`)
			w.log.await(t, mark, checkOver)
			for range 2 {
				discover()
				w.mustWhole("hello-yard", "1.0.0")
				w.answers(before.DownloadLink, http.StatusOK, "")
				if w.must("/hello-yard.json").header.Get("Pluginyard-Stale") == "" {
					t.Error("an answer is not marked")
				}
				if list := service.Owners(); len(list[0].Troubles)+len(list[len(list)-1].Troubles) > 0 {
					t.Errorf("the operator is told %+v", list)
				}
				w.stop()
				service = w.start()
			}
			w.stop()
			w.approves(1, owners, "hello-yard")
			w.approves(0, owners, "hello-yard", "--yes")
			mark = w.log.mark()
			service = w.runs()
			w.log.await(t, mark, `package built.*plugin=hello-yard .*version=6.6.6`)
			w.log.await(t, mark, checkOver)
			discover()
			w.mustWhole("hello-yard", "6.6.6")
			w.stop()
		})
	}
}

// The operator who takes the old owner off has not agreed to the new one.
func TestATransferIsHeldWhereTheOldOwnerIsNotFollowedAnyMore(t *testing.T) {
	w := newWorld(t)
	w.owners = []registry.Owner{{Name: "acme"}}
	repo := w.topical("hello-yard", false)
	service := w.start()
	_ = service.Discover(w.Context())
	w.mustWhole("hello-yard", "1.0.0")
	w.stop()
	repo.Set(func(r *githubtest.Repo) { r.Owner = mallory.Owner })
	release(repo, 1, "6.6.6", sample("hello-yard", "6.6.6", 0))
	w.owners = []registry.Owner{{Name: mallory.Owner}}
	service = w.start()
	for range 2 { // the second time its record says that it is held
		mark := w.log.mark()
		if err := service.Discover(w.Context()); err != nil {
			t.Error(err)
		}
		service.Refresh(mallory)
		w.log.await(t, mark, checkOver)
		w.mustWhole("hello-yard", "1.0.0")
		w.stop()
		service = w.start()
	}
}

// The emulated GitHub numbers accounts by their names, so it is the record that
// says that acme was another account.
func TestAnOwnersNewAccountIsApproved(t *testing.T) {
	w := newWorld(t)
	w.owners = []registry.Owner{{Name: "acme"}}
	const owners = "owners:\n  - name: acme\n"
	w.topical("hello-yard", false)
	service := w.start()
	if err := service.Discover(w.Context()); err != nil {
		t.Fatal(err)
	}
	w.mustWhole("hello-yard", "1.0.0")
	w.stop()
	kept, err := store.Open(w.Context(), w.data)
	if err != nil {
		t.Fatal(err)
	}
	data, err := kept.Load(w.Context(), "owners/acme.json")
	if err != nil {
		t.Fatal(err)
	}
	data = regexp.MustCompile(`"owner_id":\d+`).ReplaceAll(data, []byte(`"owner_id":1`))
	if err := errors.Join(kept.Save(w.Context(), "owners/acme.json", data), kept.Close()); err != nil {
		t.Fatal(err)
	}
	w.topical("akismet", false)
	w.approves(0, owners, "@acme")
	mark := w.log.mark()
	w.runs()
	w.log.await(t, mark, `level=ERROR msg="owner is held: another account has the name" owner=acme .*pluginyard approve @acme`)
	w.mustWhole("hello-yard", "1.0.0")
	w.answers(siteURL+"/akismet.json", http.StatusNotFound, "no plugin or theme")
	w.stop()
	for code, args := range map[int][]string{1: {"@ACME"}, 0: {"@acme", "--yes"}} {
		if got := w.approves(code, owners, args...); !strings.Contains(got, "account acme (owner 1)") || !strings.Contains(got, "the name acme is another account's now") {
			t.Errorf("approve %s says:\n%s", args, got)
		}
	}
	w.approves(2, owners, "@acme", "--rebuild", "v1.0.0")
	w.approves(1, owners, "@nobody")
	mark = w.log.mark()
	w.runs()
	w.log.await(t, mark, `approved by the operator" owner=acme`)
	w.log.await(t, mark, `plugin was found.* plugin=akismet`)
	w.mustWhole("akismet", "1.0.0")
	w.stop()
}
