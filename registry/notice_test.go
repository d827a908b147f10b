package registry

import (
	"strings"
	"testing"
)

// What a page says under a policy, where 1.1.0, 1.2.0 and 1.3.0 are released.
func TestNotices(t *testing.T) {
	tests := []struct {
		name   string
		plugin Plugin
		want   string // the sentences, one a line
	}{
		{"no policy", Plugin{}, ""},
		{"the newest is taken back", Plugin{Policy: Policy{Yanked: []string{"1.3.0"}}},
			"Version 1.3.0 is taken back (yanked); 1.2.0 takes its place."},
		{"an older one is taken back", Plugin{Policy: Policy{Yanked: []string{"1.2.0"}}}, ""},
		{"the newest is what is lowest", Plugin{Policy: Policy{MinVersion: "1.3.0"}}, ""},
		{"a pinned one hides the newest", Plugin{Ref: "v1.2.0", Policy: Policy{Yanked: []string{"1.3.0"}}}, ""},
		{"a rollout to some", Plugin{Policy: Policy{Rollout: percent(20)}},
			"Version 1.3.0 is being rolled out: 20\u00a0% of sites are offered it so far, and the others 1.2.0."},
		{"a rollout to nobody", Plugin{Policy: Policy{Rollout: percent(0)}},
			"Version 1.3.0 is not offered yet: sites are offered 1.2.0."},
		{"a rollout to all", Plugin{Policy: Policy{Rollout: percent(100)}}, ""},
		{"a halted rollout", Plugin{Policy: Policy{Rollout: Rollout{Halt: true}}},
			"The rollout of version 1.3.0 is halted: sites that have not got it are offered 1.2.0."},
		{"a rollout of what is highest once the newest is taken back", Plugin{Policy: Policy{Yanked: []string{"1.3.0"}, Rollout: percent(20)}},
			"Version 1.3.0 is taken back (yanked); 1.2.0 takes its place.\n" +
				"Version 1.2.0 is being rolled out: 20\u00a0% of sites are offered it so far, and the others 1.1.0."},
		{"no background updates", Plugin{Policy: Policy{DisableAutoupdate: true, Yanked: []string{"1.3.0"}}},
			"Version 1.3.0 is taken back (yanked); 1.2.0 takes its place.\n" +
				"Background updates are switched off: a site is updated when somebody there asks for it."},
		{"a branch", Plugin{Source: SourceBranch, Policy: Policy{Rollout: percent(20)}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.plugin.Repo = Repo{"acme", "hello-yard"}
			b := newBench(t, Plugin{Repo: tt.plugin.Repo})
			b.forge.commit("main", helloYard("1.4.0"))
			for _, version := range []string{"1.1.0", "1.2.0", "1.3.0"} {
				b.forge.publish("v"+version, helloYard(version))
			}
			b.open(t, tt.plugin)
			entry, err := b.Entry(t.Context(), "hello-yard")
			if err != nil || entry.Package == nil {
				t.Fatalf("entry is %+v, %v", entry, err)
			}
			if got := strings.Join(entry.Notices, "\n"); got != tt.want {
				t.Errorf("notices are %q, want %q", got, tt.want)
			}
		})
	}
}
