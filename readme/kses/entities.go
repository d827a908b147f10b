package kses

import (
	"slices"
	"strconv"
	"strings"
)

// writeReference writes what WordPress makes of the "&" that s begins with,
// and returns how much of s that was. A reference it knows stays, written its
// way ("&#65;" as "&#065;", "&#X41;" as "&#x41;"); any other "&" becomes
// "&amp;". A lone zero vanishes: "&#0;" is nothing.
//
// "&amp;" followed by what makes a numeric reference becomes that reference,
// as there: WordPress encodes every "&" first and decodes the references it
// knows after, in three passes.
func writeReference(out *strings.Builder, s string) int {
	name := entityName(s)
	start := 1
	if name == "amp" {
		start = len("&amp;")
	} else if name != "" {
		out.WriteString(s[:len(name)+2])
		return len(name) + 2
	}
	if start < len(s) && s[start] == '#' {
		if n := writeNumeric(out, s[start+1:]); n > 0 {
			return start + 1 + n
		}
	}
	out.WriteString("&amp;")
	return start
}

// entityName is the name of the reference that s begins with, "amp" for
// "&amp;", or "" if it begins with none that WordPress knows.
func entityName(s string) string {
	const letters, digits = 8, 2 // as many as a name may have of each
	i := 1
	for i < len(s) && i <= letters && isLetter(s[i]) {
		i++
	}
	for n := 0; i < len(s) && n < digits && isDigit(s[i]); n++ {
		i++
	}
	if i >= len(s) || s[i] != ';' {
		return ""
	}
	name := s[1:i]
	if _, known := slices.BinarySearch(entityNames[:], name); !known {
		return ""
	}
	return name
}

// writeNumeric writes the numeric reference whose "&#" stands before s, and
// returns how much of s belongs to it: 0 if it is none. One to a character
// that XML does not allow is disarmed.
func writeNumeric(out *strings.Builder, s string) int {
	base, most, prefix := 10, 7, ""
	if s != "" && (s[0] == 'x' || s[0] == 'X') {
		base, most, prefix = 16, 6, "x"
	}
	digits := s[len(prefix):]
	n := 0
	for n < len(digits) && isDigitOf(digits[n], base) {
		n++
	}
	if n == 0 || n == len(digits) || digits[n] != ';' {
		return 0
	}
	digits = digits[:n]
	significant := strings.TrimLeft(digits, "0")
	if len(significant) > most {
		return 0
	}
	end := len(prefix) + n + 1
	if digits == "0" {
		return end
	}
	code, _ := strconv.ParseUint(significant, base, 32) // "" is 0
	if !validCharacter(uint32(code)) {
		out.WriteString("&amp;#")
		out.WriteString(prefix)
		out.WriteString(digits)
		out.WriteByte(';')
		return end
	}
	out.WriteString("&#")
	out.WriteString(prefix)
	for pad := len(significant); base == 10 && pad < 3; pad++ {
		out.WriteByte('0')
	}
	out.WriteString(significant)
	out.WriteByte(';')
	return end
}

// validCharacter reports whether XML 1.0 allows the code point.
func validCharacter(code uint32) bool {
	return code == '\t' || code == '\n' || code == '\r' ||
		code >= 0x20 && code <= 0xD7FF ||
		code >= 0xE000 && code <= 0xFFFD ||
		code >= 0x10000 && code <= 0x10FFFF
}

func isDigitOf(c byte, base int) bool {
	return isDigit(c) || base == 16 && 'a' <= c|0x20 && c|0x20 <= 'f'
}

// entityNames are the references with a name that WordPress knows, in the order
// of their bytes: those of HTML 4, and "apos".
var entityNames = [...]string{
	"AElig", "Aacute", "Acirc", "Agrave", "Alpha", "Aring", "Atilde", "Auml", "Beta",
	"Ccedil", "Chi", "Dagger", "Delta", "ETH", "Eacute", "Ecirc", "Egrave", "Epsilon",
	"Eta", "Euml", "Gamma", "Iacute", "Icirc", "Igrave", "Iota", "Iuml", "Kappa",
	"Lambda", "Mu", "Ntilde", "Nu", "OElig", "Oacute", "Ocirc", "Ograve", "Omega",
	"Omicron", "Oslash", "Otilde", "Ouml", "Phi", "Pi", "Prime", "Psi", "Rho",
	"Scaron", "Sigma", "THORN", "Tau", "Theta", "Uacute", "Ucirc", "Ugrave",
	"Upsilon", "Uuml", "Xi", "Yacute", "Yuml", "Zeta", "aacute", "acirc", "acute",
	"aelig", "agrave", "alefsym", "alpha", "amp", "and", "ang", "apos", "aring",
	"asymp", "atilde", "auml", "bdquo", "beta", "brvbar", "bull", "cap", "ccedil",
	"cedil", "cent", "chi", "circ", "clubs", "cong", "copy", "crarr", "cup", "curren",
	"dArr", "dagger", "darr", "deg", "delta", "diams", "divide", "eacute", "ecirc",
	"egrave", "empty", "emsp", "ensp", "epsilon", "equiv", "eta", "eth", "euml",
	"euro", "exist", "fnof", "forall", "frac12", "frac14", "frac34", "frasl", "gamma",
	"ge", "gt", "hArr", "harr", "hearts", "hellip", "iacute", "icirc", "iexcl",
	"igrave", "image", "infin", "int", "iota", "iquest", "isin", "iuml", "kappa",
	"lArr", "lambda", "lang", "laquo", "larr", "lceil", "ldquo", "le", "lfloor",
	"lowast", "loz", "lrm", "lsaquo", "lsquo", "lt", "macr", "mdash", "micro",
	"middot", "minus", "mu", "nabla", "nbsp", "ndash", "ne", "ni", "not", "notin",
	"nsub", "ntilde", "nu", "oacute", "ocirc", "oelig", "ograve", "oline", "omega",
	"omicron", "oplus", "or", "ordf", "ordm", "oslash", "otilde", "otimes", "ouml",
	"para", "part", "permil", "perp", "phi", "pi", "piv", "plusmn", "pound", "prime",
	"prod", "prop", "psi", "quot", "rArr", "radic", "rang", "raquo", "rarr", "rceil",
	"rdquo", "real", "reg", "rfloor", "rho", "rlm", "rsaquo", "rsquo", "sbquo",
	"scaron", "sdot", "sect", "shy", "sigma", "sigmaf", "sim", "spades", "sub",
	"sube", "sum", "sup", "sup1", "sup2", "sup3", "supe", "szlig", "tau", "there4",
	"theta", "thetasym", "thinsp", "thorn", "tilde", "times", "trade", "uArr",
	"uacute", "uarr", "ucirc", "ugrave", "uml", "upsih", "upsilon", "uuml", "weierp",
	"xi", "yacute", "yen", "yuml", "zeta", "zwj", "zwnj",
}
