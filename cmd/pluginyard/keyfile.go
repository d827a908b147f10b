package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/pluginyard/pluginyard/registry/signing"
)

// readKeyFile reads a key file. Errors name it.
func readKeyFile(name string) (*signing.File, error) {
	text, err := readBounded(name, signing.MaxFileBytes)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, withoutPath(err))
	}
	file, err := signing.ParseFile(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return file, nil
}

// readableByOthers reports whether other users may read a file.
func readableByOthers(name string) bool {
	info, err := os.Stat(name)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
}

// createKeyFile writes a file that must not be there yet, for its owner alone.
func createKeyFile(name string, file *signing.File) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and may hold keys that are needed; give another name, or put a new key into it with \"pluginyard keys rotate\"", name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, withoutPath(err))
	}
	return finishKeyFile(f, file, name)
}

// changeKeyFile replaces a key file whole, and keeps its owner and its mode. A
// crash leaves the old file or the new one.
func changeKeyFile(name string, edit func(*signing.File) (*signing.File, error)) error {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, withoutPath(err))
	}
	// The new file is there before the old one is read: of two changes at once
	// the second must not lose the first one's key.
	temp := target + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there: somebody else is changing the keys, or was stopped when they did; if so, remove it and try again", temp)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", temp, withoutPath(err))
	}
	file, err := readKeyFile(target)
	if err == nil {
		if file, err = edit(file); err != nil {
			err = fmt.Errorf("change %s: %w", name, err)
		}
	}
	if err == nil {
		err = takeAfter(f, target)
	}
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(temp))
	}
	if err := finishKeyFile(f, file, temp); err != nil {
		return err
	}
	if err := os.Rename(temp, target); err != nil {
		return errors.Join(fmt.Errorf("replace %s: %w", name, err), os.Remove(temp))
	}
	return syncFolder(filepath.Dir(target))
}

// takeAfter gives a new file the owner and the mode of the one that it replaces.
func takeAfter(f *os.File, name string) error {
	info, err := os.Stat(name)
	if err == nil {
		err = takeOwner(f, info)
	}
	if err == nil {
		err = f.Chmod(info.Mode().Perm())
	}
	if err != nil {
		return fmt.Errorf("keep the owner and the mode of %s: %w", name, withoutPath(err))
	}
	return nil
}

// finishKeyFile writes, syncs and closes a new file, or removes it.
func finishKeyFile(f *os.File, file *signing.File, name string) error {
	_, err := f.Write(file.Text())
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, withoutPath(err)), os.Remove(name))
	}
	return syncFolder(filepath.Dir(name))
}

// syncFolder makes the names in a folder durable, where the system can.
func syncFolder(name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("sync %s: %w", name, withoutPath(err))
	}
	defer f.Close()
	return f.Sync()
}
