package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pluginyard/pluginyard/readme"
)

// readmeJob is one call of the readme command.
type readmeJob struct {
	options readme.Options
	dir     string // to write files to; "" is standard output

	// form makes the output of one readme; extension is that of its files.
	// Another form of output is another pair of these.
	form      func(*readme.Readme, readme.Options) ([]byte, error)
	extension string

	sources []readmeSource
}

// readmeSource is a file to read, or "-".
type readmeSource struct {
	file string
	name string // of what is written, without extension
}

// parseProfile reads --profile.
func parseProfile(name string) (readme.Profile, error) {
	switch name {
	case "wporg":
		return readme.WPOrg, nil
	case "serve":
		return readme.Serve, nil
	}
	return 0, fmt.Errorf("--profile %q: write wporg or serve", name)
}

var branchPattern = regexp.MustCompile(`^[0-9]{1,3}\.[0-9]{1,2}$`)

// parseStable reads --wp-version; a patch release stands for its branch.
func parseStable(version string) (string, error) {
	if version == "none" {
		return "", nil
	}
	if parts := strings.Split(version, "."); len(parts) == 3 {
		version = parts[0] + "." + parts[1]
	}
	if !branchPattern.MatchString(version) {
		return "", fmt.Errorf("--wp-version %q: write a version such as %s, or none", version, readme.StableWordPress)
	}
	return version, nil
}

// plan says what is read and written, before anything is.
func (j *readmeJob) plan(files []string) error {
	written := map[string]string{}
	for _, file := range files {
		name := "stdin"
		if file != "-" {
			name = filepath.Base(file)
			if ext := filepath.Ext(name); strings.EqualFold(ext, ".txt") || strings.EqualFold(ext, ".md") {
				name = strings.TrimSuffix(name, ext)
			}
		}
		if other, ok := written[name]; ok && j.dir != "" {
			return fmt.Errorf("%s and %s would both be written to %s", other, file, filepath.Join(j.dir, name+j.extension))
		}
		written[name] = file
		j.sources = append(j.sources, readmeSource{file, name})
	}
	return nil
}

// run writes each readme. One that fails does not keep the others from being
// done.
func (j *readmeJob) run(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	if j.dir != "" {
		if err := os.MkdirAll(j.dir, 0o777); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
	}
	var faults []error
	var outputs [][]byte
	for _, source := range j.sources {
		output, err := j.one(ctx, source, stdin)
		if err == nil && j.dir != "" {
			err = replaceFile(filepath.Join(j.dir, source.name+j.extension), output)
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if j.dir == "" {
			outputs = append(outputs, output)
		}
	}
	if j.dir == "" {
		faults = append(faults, j.print(stdout, outputs))
	}
	return errors.Join(faults...)
}

// one makes the output of one readme.
func (j *readmeJob) one(ctx context.Context, source readmeSource, stdin io.Reader) ([]byte, error) {
	src, err := interruptible(ctx, func() ([]byte, error) { return readReadme(source.file, stdin) })
	if err != nil {
		return nil, err
	}
	output, err := j.form(readme.Parse(src, j.options), j.options)
	if err != nil {
		return nil, fmt.Errorf("write what %s says: %w", source.file, err)
	}
	return output, nil
}

// interruptible is read, but ends with the context: a pipe or a terminal may
// never say anything, and a read of it cannot be stopped.
func interruptible(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	done := make(chan struct{})
	var content []byte
	var err error
	go func() {
		defer close(done)
		content, err = read()
	}()
	select {
	case <-done:
		return content, err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// replaceFile writes a file whole: who reads it sees the old content or the
// new, and what a link of that name leads to stays.
func replaceFile(name string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".pluginyard-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // fails once it has been renamed
	_, err = file.Write(content)
	if mode := file.Chmod(0o644); err == nil {
		err = mode
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}

// readReadme reads a file, or standard input for "-", up to a byte more than
// the parser reads, so that it sees what it leaves out.
func readReadme(file string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err // names the file
		}
		defer f.Close()
		in = f
	}
	src, err := io.ReadAll(io.LimitReader(in, readme.MaxSize+1))
	if err != nil {
		var fault *fs.PathError
		if errors.As(err, &fault) {
			return nil, err // names the file
		}
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return src, nil
}

// print writes one output as it is and several as an array.
func (j *readmeJob) print(stdout io.Writer, outputs [][]byte) error {
	if len(j.sources) == 1 {
		_, err := stdout.Write(bytes.Join(outputs, nil))
		return err
	}
	var out bytes.Buffer
	out.WriteByte('[')
	for i, output := range outputs {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
		out.Write(bytes.TrimSpace(output))
	}
	out.WriteString("\n]\n")
	_, err := stdout.Write(out.Bytes())
	return err
}

// documentJSON is what WordPress.org's parser would make of the readme.
func documentJSON(r *readme.Readme, o readme.Options) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r.Document(o)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
