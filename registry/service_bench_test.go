package registry

import (
	"testing"
	"time"
)

// BenchmarkInformation is what a warm document costs before it is written, for
// a plugin without policies, and for one that is being rolled out.
func BenchmarkInformation(b *testing.B) {
	rollout := Policy{Yanked: []string{"1.0.0"}, Rollout: Rollout{Steps: []RolloutStep{{Percent: 20}}}}
	for _, bb := range []struct {
		name   string
		policy Policy
		query  Query
	}{
		{"plain", Policy{}, Query{}},
		{"rollout", rollout, Query{Site: "c17"}},
		{"not yet", rollout, Query{}},
		{"beta", rollout, Query{Channel: ChannelBeta}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			yard := newBench(b, Plugin{Repo: Repo{"acme", "hello-yard"}, Policy: bb.policy})
			yard.forge.publish("v1.1.0", helloYard("1.1.0"))
			yard.forge.publish("v1.2.0", helloYard("1.2.0"))
			yard.clock.advance(30 * 24 * time.Hour)
			if _, err := yard.Information(b.Context(), "hello-yard", bb.query); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := yard.Information(b.Context(), "hello-yard", bb.query); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkCollection is what the collection costs before it is written.
func BenchmarkCollection(b *testing.B) {
	yard := newBench(b)
	yard.forge.publish("v1.2.0", helloYard("1.2.0"))
	if _, err := yard.Information(b.Context(), "hello-yard", Query{}); err != nil {
		b.Fatal(err)
	}
	for _, bb := range []struct {
		name      string
		selection Selection
	}{
		{"all", Selection{}},
		{"slugs", Selection{Slugs: []Slug{"fence-post", "hello-yard"}}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := yard.Collection(b.Context(), bb.selection, Query{Environment: "production"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOpenFile is what every download costs before its first byte.
func BenchmarkOpenFile(b *testing.B) {
	for _, signs := range []bool{false, true} {
		b.Run(map[bool]string{false: "without keys", true: "signed"}[signs], func(b *testing.B) {
			s := newBench(b)
			if signs {
				s.keys = private(b, newKeys(b))
				s.open(b, helloYardPlugin)
			}
			s.forge.publish("v1.2.0", helloYard("1.2.0"))
			pkg, err := s.Package(b.Context(), "hello-yard", Query{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				file, err := s.OpenFile(b.Context(), "hello-yard", pkg.Installer.Digest)
				if err != nil {
					b.Fatal(err)
				}
				file.Close()
			}
		})
	}
}
