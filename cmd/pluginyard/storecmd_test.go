package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/pluginyard/pluginyard/registry"
)

// storeRun runs "pluginyard store" and gives its exit code and what it printed.
func storeRun(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), append([]string{"store"}, args...), strings.NewReader(""), &out, io.Writer(&errs), nil)
	return code, out.String() + errs.String()
}

// Each part is damaged in each way beside a running server, and told.
func TestVerifyTellsEachDamage(t *testing.T) {
	for _, part := range []string{"record", "package", "document", "installer", "image"} {
		for _, damage := range damages {
			t.Run(part+" "+damage.name, func(t *testing.T) {
				w := diskWorld(t)
				if code, text := storeRun(t, "verify", "--data", w.data); code != exitOK || !strings.Contains(text, "all whole") {
					t.Fatalf("exit code %d: %s", code, text)
				}
				if err := damage.do(w.storedParts()[part]); err != nil {
					t.Fatal(err)
				}
				code, text := storeRun(t, "verify", "--data", w.data)
				if code != exitFailure || !strings.HasPrefix(text, "hello-yard: ") || !strings.Contains(text, "1 fault\n") {
					t.Errorf("exit code %d: %s", code, text)
				}
				code, text = storeRun(t, "verify", "--data", w.data, "--json")
				var report registry.AuditReport
				if err := json.Unmarshal([]byte(text), &report); err != nil || code != exitFailure || len(report.Faults) != 1 || report.Faults[0].Plugin != "hello-yard" {
					t.Errorf("exit code %d: %v: %s", code, err, text)
				}
			})
		}
	}
}

func TestCollectingWaitsForTheServer(t *testing.T) {
	w := diskWorld(t)
	if code, text := storeRun(t, "gc", "--data", w.data); code != exitFailure || !strings.Contains(text, "leave it to the server") {
		t.Errorf("beside a server: exit code %d: %s", code, text)
	}
	if code, text := storeRun(t, "gc", "--data", w.data, "--dry-run"); code != exitOK || text != "to delete: 0 files of 0 B\n" {
		t.Errorf("beside a server: exit code %d: %s", code, text)
	}
	w.stop()
	if code, text := storeRun(t, "gc", "--data", w.data); code != exitOK || text != "deleted: 0 files of 0 B\n" {
		t.Errorf("exit code %d: %s", code, text)
	}
	w.start()
	w.mustWhole("hello-yard", "1.1.0")
	w.stop()
	if code, text := storeRun(t, "gc", "--data", w.data, "--forget", "hello-yard"); code != exitOK || strings.Contains(text, " 0 files") {
		t.Errorf("exit code %d: %s", code, text)
	}
	if code, text := storeRun(t, "verify", "--data", w.data); code != exitOK || !strings.HasPrefix(text, "0 plugins") {
		t.Errorf("exit code %d: %s", code, text)
	}
}
