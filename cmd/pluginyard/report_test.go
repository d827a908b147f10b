package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/pluginyard/pluginyard/registry"
)

// hostileReport has names that mean something to a terminal, to GitHub's
// runner, or in an address.
func hostileReport() *report {
	return &report{source: "x", slug: "hello-yard", version: "1##[add-mask]2", findings: []registry.Finding{
		{Severity: registry.SeverityError, Code: "secret_shipped", Place: "::stop-commands::x,y:%41", Line: 3, Message: "a%0A::b##[c]", Remedy: "Remove it."},
		{Severity: registry.SeverityNote, Code: "banner_missing", Message: "::error::no"},
	}}
}

// commands are the lines that GitHub's runner would take for commands.
func commands(out string) []string {
	var list []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
			list = append(list, strings.TrimSuffix(line, "\n"))
		}
	}
	return list
}

func TestNamesOfStrangersAreNoCommands(t *testing.T) {
	var out bytes.Buffer
	if err := writeText(&out, hostileReport()); err != nil {
		t.Fatal(err)
	}
	if got := commands(out.String()); len(got) > 0 {
		t.Errorf("text holds the commands %q", got)
	}
	out.Reset()
	if err := writeGitHub(&out, hostileReport()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"::error file=%3A%3Astop-commands%3A%3Ax%2Cy%3A%2541,line=3,title=secret_shipped::a%250A::b##[c]%0ARemove it.",
		"::notice title=banner_missing::::error::no",
	}
	if got := commands(out.String()); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("commands\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSARIFNamesFilesByRelativeReferences(t *testing.T) {
	for name, want := range map[string]string{
		"hello yard/a.php":  "hello%20yard/a.php",
		"a:b.php":           "./a:b.php",
		"50%#?.php":         "50%25%23%3F.php",
		"includes/größe.js": "includes/gr%C3%B6%C3%9Fe.js",
	} {
		if got := relativeURI(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	var out bytes.Buffer
	if err := writeSARIF(&out, hostileReport()); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	for _, result := range log.Runs[0].Results {
		if log.Runs[0].Tool.Driver.Rules[result.RuleIndex].ID != result.RuleID || len(result.Locations) != 1 {
			t.Errorf("result %+v names no rule, or no place", result)
		}
	}
}

func TestWhatFailsACheck(t *testing.T) {
	r := hostileReport()
	warned := &report{findings: []registry.Finding{{Severity: registry.SeverityWarning}}}
	tests := []struct {
		r      *report
		failOn string
		want   bool
	}{
		{r, "error", true}, {r, "note", true}, {r, "never", false},
		{warned, "error", false}, {warned, "warning", true}, {warned, "note", true}, {warned, "never", false},
		{&report{}, "note", false},
	}
	for _, tt := range tests {
		if got := tt.r.reaches(tt.failOn); got != tt.want {
			t.Errorf("%q reaches %s: %v, want %v", tt.r.summary(), tt.failOn, got, tt.want)
		}
	}
}
