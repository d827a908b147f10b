package templates

import (
	"testing"
	"time"
)

// sampleStatus has a plugin that is well, one that is not, and one that never was.
func sampleStatus() Status {
	now := sample().Checked
	return Status{
		Site: Site{Root: "https://updates.example.com/", Style: "style.css", Version: "1.0.0"},
		Now:  now, Refresh: 30, Troubled: 2, More: 3,
		Counts: []StateCount{{"fresh", "up to date", 1}, {"held", "held, asks for you", 1}, {"failed", "never built", 1}},
		Plugins: []StatusRow{
			{Slug: "unbuilt", Repo: "acme/unbuilt", URL: "https://updates.example.com/unbuilt/", State: "failed", Word: "never built",
				Tried: now.Add(-5 * time.Minute), Next: now.Add(4 * time.Hour), Error: `no plugin header in <b>acme/unbuilt</b>`, Failed: now.Add(-5 * time.Minute), Remedy: "tell the plugin's author"},
			{Slug: "gate-keeper", Repo: "acme/gate-keeper", URL: "javascript:alert(1)", State: "held", Word: "held, asks for you", Version: "2.0.0", Revision: "v2.0.0",
				Commit: "0123456789abcdef0123456789abcdef01234567", Built: now.AddDate(0, -1, 0), Checked: now.Add(-time.Hour), Tried: now.Add(-time.Hour), Next: now.Add(3 * time.Hour), Error: "tag v2.0.0 was moved", Remedy: "find out who moved it"},
			{Slug: "hello-yard", Repo: "acme/hello-yard", URL: "https://updates.example.com/hello-yard/", State: "fresh", Word: "up to date", Version: "1.2.0", Revision: "v1.2.0",
				Commit: "89abcdef0123456789abcdef0123456789abcdef", Built: now.Add(-26 * time.Hour), Checked: now.Add(-30 * time.Second), Tried: now.Add(-31 * time.Second), Next: now.Add(4 * time.Hour)},
		},
		TroubledOwners: 1,
		Owners: []OwnerRow{
			{Name: "acme", Held: true, Served: 3, Withdrawn: 1, Looked: now.Add(-9 * time.Hour), Tried: now.Add(-time.Hour), Next: now.Add(3 * time.Hour),
				Error: "the name acme is another account's now", Failed: now.Add(-5 * time.Hour), Remedy: "run: pluginyard approve @acme", Troubles: []string{"acme/<gate> is not served: its slug is taken"}},
			{Name: "umbrella", Served: 2, Looked: now.Add(-time.Hour), Tried: now.Add(-time.Hour), Next: now.Add(3 * time.Hour)},
		},
		Allowances: []AllowanceRow{{Credential: "default", Limit: 5000, Remaining: 4321, Reserve: 500, Reset: now.Add(17 * time.Minute)}, {Credential: "owner acme", Reserve: 6}},
		Queue:      &Queue{Building: 2, Waiting: 7},
		Usage:      &Usage{Used: 61_500_000, Free: 7_300_000_000, Total: 20_000_000_000, Files: 412},
	}
}

func TestTimesAreSaidInWords(t *testing.T) {
	now := sample().Checked
	for _, test := range []struct {
		ahead time.Duration
		want  string
	}{
		{0, "now"}, {-59 * time.Second, "59 s ago"}, {-time.Minute, "1 min ago"}, {90 * time.Minute, "in 1 h 30 min"}, {-49 * time.Hour, "2 d ago"}, {999 * time.Hour, "in 41 d"},
	} {
		if got := since(now, now.Add(test.ahead)).Words; got != test.want {
			t.Errorf("%s from now: got %q, want %q", test.ahead, got, test.want)
		}
	}
}
