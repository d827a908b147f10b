package installer

import "strings"

// ignoreName is the file that says what the installer leaves out.
const ignoreName = ".distignore"

// ignorer decides what the files of one name, such as .distignore, leave out.
// It asks for a folder's own only where the folder is kept.
type ignorer struct {
	name string
	// read returns the text of a file of that name, "" if there is none.
	read    func(path string) (string, error)
	folders map[string]*ignoreFolder
	matcher matcher
}

// ignoreFolder is what is known of one folder.
type ignoreFolder struct {
	parent   *ignoreFolder // nil for the plugin's folder itself
	path     string        // with a slash at its end; "" is the plugin's folder
	ignored  bool
	patterns []pattern
}

func newIgnorer(name string, read func(path string) (string, error)) *ignorer {
	return &ignorer{name: name, read: read, folders: make(map[string]*ignoreFolder)}
}

// ignores reports whether a file is left out, and by which folder if it is
// left out as a part of that, with a slash at its end.
func (g *ignorer) ignores(path string) (ignored bool, by string, err error) {
	parent, err := g.folder(path[:strings.LastIndexByte(path, '/')+1])
	if err != nil {
		return false, "", err
	}
	if parent.ignored {
		for parent.parent.ignored {
			parent = parent.parent
		}
		return true, parent.path, nil
	}
	ignored, err = g.match(parent, path, false)
	return ignored, "", err
}

// folder decides about a folder, its path ending in a slash, once.
func (g *ignorer) folder(path string) (*ignoreFolder, error) {
	if f := g.folders[path]; f != nil {
		return f, nil
	}
	f := &ignoreFolder{path: path}
	if path != "" {
		name := path[:len(path)-1]
		var err error
		if f.parent, err = g.folder(name[:strings.LastIndexByte(name, '/')+1]); err != nil {
			return nil, err
		}
		// Git does not look into a folder that is left out: nothing in there
		// can be kept again.
		if f.ignored = f.parent.ignored; !f.ignored {
			if f.ignored, err = g.match(f.parent, name, true); err != nil {
				return nil, err
			}
		}
	}
	if !f.ignored {
		text, err := g.read(path + g.name)
		if err != nil {
			return nil, err
		}
		f.patterns = parsePatterns(text)
	}
	g.folders[path] = f
	return f, nil
}

// match finds the pattern that decides: the last one that matches in the
// nearest file that has one.
func (g *ignorer) match(in *ignoreFolder, path string, folder bool) (bool, error) {
	if g.matcher.work > MaxIgnoreWork {
		return false, &Error{Kind: ErrTooLarge, Entry: in.path + g.name, Problem: "matching its patterns takes too long",
			Remedy: "use fewer and simpler patterns"}
	}
	for f := in; f != nil; f = f.parent {
		for i := len(f.patterns) - 1; i >= 0; i-- {
			if p := &f.patterns[i]; g.matcher.matches(p, path[len(f.path):], folder) {
				return !p.negated, nil
			}
		}
	}
	return false, nil
}
