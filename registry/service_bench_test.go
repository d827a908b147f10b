package registry

import "testing"

// BenchmarkInformation is what a warm document costs before it is written.
func BenchmarkInformation(b *testing.B) {
	yard := newBench(b)
	yard.forge.publish("v1.2.0", helloYard("1.2.0"))
	if _, err := yard.Information(b.Context(), "hello-yard", Query{}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := yard.Information(b.Context(), "hello-yard", Query{}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
