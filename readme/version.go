package readme

import (
	"regexp"
	"strconv"
	"strings"
)

// The shapes that WordPress.org accepts: its own versions have a minor of one
// digit, PHP's have two or three parts.
var (
	wordPressVersion = regexp.MustCompile(`^\d+\.\d(\.\d+)?$`)
	phpVersion       = regexp.MustCompile(`^\d+(\.\d+){1,2}$`)
	leadingVersion   = regexp.MustCompile(`^[^0-9]{0,16}(\d{1,4}(\.\d{1,4}){0,2})`)
)

// readVersions reads the three versions. One that is not of its shape or does
// not exist yet is ignored, with a warning.
func (p *walker) readVersions(found *[fields]header) {
	headers := &p.readme.Headers
	headers.Requires = p.version("requires_header_ignored", found[fieldRequires], func(v string) (string, bool) {
		v = bareVersion(v, "WordPress", "WP", "or higher", "and above", "+")
		return v, wordPressVersion.MatchString(v) && !p.beyondStable(v)
	})
	headers.Tested = p.version("tested_header_ignored", found[fieldTested], func(v string) (string, bool) {
		v = bareVersion(v, "WordPress", "WP")
		return v, wordPressVersion.MatchString(v) && !p.testedBeyondStable(v)
	})
	headers.RequiresPHP = p.version("requires_php_header_ignored", found[fieldRequiresPHP], func(v string) (string, bool) {
		return v, phpVersion.MatchString(v)
	})
}

// version reads one header. check returns the version without what may stand
// beside it, and whether it is one.
func (p *walker) version(warning string, h header, check func(string) (string, bool)) string {
	value := trim(h.value)
	if isEmpty(value) {
		return p.value(value)
	}
	value, ok := check(value)
	if ok {
		return value
	}
	p.warn(warning, h.line)
	if p.has(PublishedVersions) {
		if m := leadingVersion.FindStringSubmatch(value); m != nil {
			return m[1]
		}
	}
	return ""
}

// bareVersion takes the words off a version, and what follows a "-".
func bareVersion(version string, words ...string) string {
	version, _, _ = strings.Cut(trim(removeFold(version, words...)), "-")
	return version
}

// beyondStable reports whether a version is later than the one after the
// stable branch: "7.1" when that is "6.9". WordPress.org reckons with floating
// point numbers here, so that after "6.8" it does not believe in "6.9"; that
// is kept.
func (p *walker) beyondStable(version string) bool {
	if p.readme.stable == "" {
		return false
	}
	return branch(version) > branch(p.readme.stable)+0.1
}

// testedBeyondStable is beyondStable for "Tested up to", where WordPress.org
// compares versions, made of the numbers rounded to 14 digits.
func (p *walker) testedBeyondStable(version string) bool {
	if p.readme.stable == "" {
		return false
	}
	return compareNumbers(versionNumbers(branch(version)), versionNumbers(branch(p.readme.stable)+0.1)) > 0
}

// branch is a version's first two parts as a number: 6.9 of "6.9.1".
func branch(version string) float64 {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	number, err := strconv.ParseFloat(major+"."+minor, 64)
	if err != nil && number == 0 {
		return 0
	}
	return number
}

func versionNumbers(branch float64) []string {
	return strings.FieldsFunc(strconv.FormatFloat(branch, 'G', 14, 64), func(r rune) bool { return r < '0' || '9' < r })
}

// compareNumbers compares versions part by part; the longer one is later.
func compareNumbers(a, b []string) int {
	for i := range min(len(a), len(b)) {
		x, _ := strconv.Atoi(a[i])
		y, _ := strconv.Atoi(b[i])
		if x != y {
			return x - y
		}
	}
	return len(a) - len(b)
}
