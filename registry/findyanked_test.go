package registry

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
)

func TestYankedEntriesThatTakeNothingBackAreTold(t *testing.T) {
	plugin := Plugin{TagPrefix: "hello-"}
	rec := &record{
		Releases: []Release{{ID: 1, Tag: "hello-v1.3.0"}, {ID: 2, Tag: "hello-nightly"}, {ID: 3, Tag: "other-9.0"}, {ID: 4, Tag: "hello-1.4.0"}},
		Versions: map[int64]string{4: "1.4.1"},
	}
	for _, test := range []struct {
		name, entry string
		known       bool
	}{
		{"the tag's version", "1.3.0", true},
		{"the tag's version with a v", "v1.3.0", true},
		{"the tag", "hello-v1.3.0", true},
		{"a tag that is no version", "hello-nightly", true},
		{"what it was built as", "1.4.1", true},
		{"a version that is cut", "1.3", false},
		{"a version with a part more", "1.3.0.0", false},
		{"another plugin's of the repository", "9.0", false},
		{"one that is not there", "1.2.0", false},
	} {
		plugin.Policy.Yanked = []string{"1.3.0", test.entry}
		found := plugin.findYanked(rec)
		if known := len(found) == 0; known != test.known {
			t.Errorf("%s: known = %v, want %v", test.name, known, test.known)
		}
		if !test.known && (len(found) != 1 || !strings.Contains(found[0].Message, `"`+test.entry+`"`)) {
			t.Errorf("%s: got %+v", test.name, found)
		}
	}
}

func TestYankedEntriesThatTakeNothingBackAreLoggedAndShown(t *testing.T) {
	b := twoReleases(t)
	var log strings.Builder
	b.open(t, helloPolicy(Policy{Yanked: []string{"1.3", "1.2.0"}}))
	b.log = slog.New(slog.NewTextHandler(&log, nil))
	for _, when := range []string{"after a start", "after a survey"} {
		log.Reset()
		b.checked(t)
		if got := strings.Count(log.String(), `\"1.3\"`); got != 1 || strings.Contains(log.String(), `\"1.2.0\"`) {
			t.Errorf("%s: told %d times: %s", when, got, log.String())
		}
		b.clock.advance(SurveyEvery)
	}
	entry, err := b.Entry(t.Context(), "hello-yard")
	if err != nil || entry.Err != nil || !slices.ContainsFunc(entry.Remarks, func(f Finding) bool { return f.Code == "yanked_unknown" }) {
		t.Errorf("got %+v, %v", entry, err)
	}
}
