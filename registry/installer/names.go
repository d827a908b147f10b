package installer

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkName says what is dangerous about an entry's name, or "". Such a name
// writes outside its folder with some unpacker, or means two files to two of
// them, so the whole zip is refused wherever it stands.
func checkName(name string) (problem string) {
	switch {
	case name == "":
		return "its name is empty"
	case strings.IndexByte(name, 0) >= 0:
		return "its name holds a NUL"
	case strings.HasPrefix(name, "/"):
		return "its name is an absolute path"
	case strings.IndexByte(name, '\\') >= 0:
		return "its name holds a backslash, which Windows takes for a folder's end"
	case len(name) >= 2 && name[1] == ':' && isLetter(name[0]):
		return "its name begins with a drive letter"
	case len(name) > MaxNameBytes:
		return fmt.Sprintf("its name has %d bytes, more than %d", len(name), MaxNameBytes)
	}
	rest, depth := strings.TrimSuffix(name, "/"), 0
	for more := true; more; depth++ {
		var element string
		element, rest, more = strings.Cut(rest, "/")
		switch element {
		case "":
			return "its name holds an empty folder name"
		case ".", "..":
			return "its name climbs out of its folder with " + element
		}
	}
	if depth > MaxDepth+1 {
		return fmt.Sprintf("it lies %d folders deep, more than %d", depth-1, MaxDepth)
	}
	return ""
}

func isLetter(c byte) bool { c |= 0x20; return 'a' <= c && c <= 'z' }

// checkKept says why a file of this name cannot be installed, or "". Unlike
// what checkName finds, it does no harm where the file is left out.
func checkKept(name string) (problem string) {
	if !utf8.ValidString(name) {
		return "its name is not UTF-8"
	}
	for _, c := range name {
		switch {
		case unicode.IsControl(c):
			return fmt.Sprintf("its name holds the control character U+%04X", c)
		case unicode.Is(unicode.Bidi_Control, c):
			return fmt.Sprintf("its name holds U+%04X, which changes the direction in which it is read", c)
		}
	}
	for element := range strings.SplitSeq(name, "/") {
		if len(element) > MaxElementBytes {
			return fmt.Sprintf("its name has an element of %d bytes, more than %d", len(element), MaxElementBytes)
		}
	}
	return ""
}

// checkPortable says why Windows cannot hold a file of this name, or "".
func checkPortable(name string) (problem string) {
	for element := range strings.SplitSeq(name, "/") {
		if i := strings.IndexAny(element, `<>:"|?*`); i >= 0 {
			return fmt.Sprintf("Windows does not allow %q in names", element[i])
		}
		if strings.HasSuffix(element, ".") || strings.HasSuffix(element, " ") {
			return "Windows drops the dot or space at a name's end"
		}
		base, _, _ := strings.Cut(strings.ToLower(element), ".")
		switch base {
		case "con", "prn", "aux", "nul":
			return "Windows reserves the name " + base
		}
		if len(base) == 4 && (base[:3] == "com" || base[:3] == "lpt") && '1' <= base[3] && base[3] <= '9' {
			return "Windows reserves the name " + base
		}
	}
	return ""
}

// isJunk reports whether macOS wrote this file beside the real ones: its
// archiver's resource forks, the Finder's notes.
func isJunk(name string) bool {
	if strings.HasPrefix(name, "__MACOSX/") {
		return true
	}
	base := name[strings.LastIndexByte(strings.TrimSuffix(name, "/"), '/')+1:]
	return base == ".DS_Store" || strings.HasPrefix(base, "._")
}
