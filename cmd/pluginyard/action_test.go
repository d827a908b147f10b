//go:build !windows

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// action is the part of action.yml that is run here.
type action struct {
	Inputs map[string]struct {
		Description string
		Default     string
	}
	Runs struct {
		Using string
		Steps []struct {
			Uses, Shell, Run string
			Env              map[string]string
		}
	}
}

var expression = regexp.MustCompile(`\$\{\{\s*inputs\.([a-z-]+)\s*\}\}`)

// The script of action.yml is run by bash, as a workflow does it, in a
// workspace with a faulty plugin.
func TestActionAnnotatesAFaultyPlugin(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err) // as on Alpine; .ci/run has it
	}
	workspace, temp := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(workspace, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	write("hello yard/hello-yard.php", "<?php\n/*\n * Plugin Name: Hello Yard\n * Version: 1.2.0\n * Update URI: https://updates.example.com/hello-yard.json\n */\n")
	write("hello yard/tests/a.php", "<?php")

	code, out := runAction(t, workspace, temp, map[string]string{"path": "hello yard"}, "GITHUB_REF_TYPE=tag", "GITHUB_REF_NAME=v1.3.0")
	if code != exitFailure {
		t.Errorf("exit code %d, want %d", code, exitFailure)
	}
	for _, want := range []string{
		"::error file=hello yard/hello-yard.php,line=4,title=tag_mismatch::",
		"::warning file=hello yard/tests/a.php,title=tests_shipped::",
		"\n1 error, ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q but:\n%s", want, out)
		}
	}

	// What fails the step is chosen, and code in an input stays text.
	code, _ = runAction(t, workspace, temp, map[string]string{"path": "hello yard", "slug": "hello-yard", "base-url": "https://updates.example.com", "sarif": "a report.sarif"})
	sarif, err := os.ReadFile(filepath.Join(workspace, "a report.sarif"))
	if code != exitOK || err != nil || !bytes.Contains(sarif, []byte(`"tests_shipped"`)) {
		t.Errorf("exit code %d, want %d; %v: %s", code, exitOK, err, sarif)
	}
	if code, _ = runAction(t, workspace, temp, map[string]string{"path": "hello yard", "fail-on": "warning"}); code != exitFailure {
		t.Errorf("exit code %d, want %d", code, exitFailure)
	}
	if code, _ = runAction(t, workspace, temp, map[string]string{"path": `$(touch pwned)"; touch pwned #`}); code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
	if _, err := os.Stat(filepath.Join(workspace, "pwned")); err == nil {
		t.Error("an input was run as code")
	}
}

// runAction runs the steps of action.yml that are scripts, and gives the exit
// code of the first that fails, with everything they wrote.
func runAction(t *testing.T, workspace, temp string, inputs map[string]string, env ...string) (code int, out string) {
	t.Helper()
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	scripts := 0
	for _, step := range a.Runs.Steps {
		if step.Run == "" {
			continue
		}
		scripts++
		cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run)
		cmd.Dir = workspace
		// A workflow of GitHub may be running this very test.
		for _, v := range os.Environ() {
			if !strings.HasPrefix(v, "GITHUB_") && !strings.HasPrefix(v, "PLUGINYARD_") {
				cmd.Env = append(cmd.Env, v)
			}
		}
		cmd.Env = append(append(cmd.Env, "GITHUB_ACTION_PATH="+root, "RUNNER_TEMP="+temp), env...)
		for name, value := range step.Env {
			value = expression.ReplaceAllStringFunc(value, func(match string) string {
				input := expression.FindStringSubmatch(match)[1]
				declared, ok := a.Inputs[input]
				if !ok {
					t.Errorf("action.yml has no input %s", input)
				}
				if given, ok := inputs[input]; ok {
					return given
				}
				return declared.Default
			})
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		if strings.Contains(step.Run, "${{") {
			t.Error("the script holds an expression, whose value would be code")
		}
		cmd.Stdout, cmd.Stderr = &said, &said
		err := cmd.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return exit.ExitCode(), said.String()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if a.Runs.Using != "composite" || scripts == 0 {
		t.Errorf("action.yml is no composite action with a script")
	}
	return exitOK, said.String()
}
