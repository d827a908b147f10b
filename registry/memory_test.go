package registry

import (
	"fmt"
	"testing"
)

func TestRecentForgetsWhatWasUsedLongAgo(t *testing.T) {
	r := recent[int]{limit: 100}
	r.put("used", 1, 10)
	for i := range 20 {
		r.put(fmt.Sprint(i), i, 10)
		if _, ok := r.get("used"); !ok {
			t.Fatalf("a value in use was forgotten after %d others", i+1)
		}
	}
	if _, ok := r.get("0"); ok {
		t.Error("a value that nobody used was kept")
	}
}

func TestRecentStaysWithinItsBound(t *testing.T) {
	r := recent[int]{limit: 100}
	for i := range 1000 {
		r.put(fmt.Sprint(i%70), i, int64(1+i%13))
		r.get(fmt.Sprint(i * 7 % 70))
		total := int64(0)
		for _, half := range []map[string]weighed[int]{r.young, r.old} {
			for _, w := range half {
				total += w.bytes
			}
		}
		if total > r.limit+13 {
			t.Fatalf("%d bytes are held, want %d at most and one value", total, r.limit)
		}
	}
}

func TestRecentForgetsWithTime(t *testing.T) {
	r := recent[int]{limit: 100}
	r.put("a", 1, 10)
	r.put("b", 2, 10)
	r.age()
	r.get("a")
	r.age()
	if _, ok := r.get("a"); !ok {
		t.Error("a value that was used meanwhile was forgotten")
	}
	if _, ok := r.get("b"); ok {
		t.Error("a value that was not used was kept")
	}
}
