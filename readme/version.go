package readme

import (
	"regexp"
	"strings"
)

// The shapes that WordPress.org accepts: its own versions have a minor of one
// digit, PHP's have two or three parts.
var (
	wordPressVersion = regexp.MustCompile(`^\d+\.\d(\.\d+)?$`)
	phpVersion       = regexp.MustCompile(`^\d+(\.\d+){1,2}$`)
	leadingVersion   = regexp.MustCompile(`^[^0-9]{0,16}(\d{1,4}(\.\d{1,4}){0,2})`)
	testedNoise      = regexp.MustCompile(`(?i)WordPress|WP`)
	requiresNoise    = regexp.MustCompile(`(?i)WordPress|WP|or higher|and above|\+`)
)

// readVersions reads the three versions. WordPress.org drops a version that is
// not of its shape; here the number in it is published all the same ("8.1+" is
// "8.1"), with the warning. It also drops versions beyond the next WordPress:
// that needs to know the present one, which a pure parser does not.
func (p *walker) readVersions(found map[string]header) {
	headers := &p.readme.Headers
	headers.Tested = p.version("tested_header_ignored", found["tested"], wordPressVersion, testedNoise)
	headers.Requires = p.version("requires_header_ignored", found["requires"], wordPressVersion, requiresNoise)
	headers.RequiresPHP = p.version("requires_php_header_ignored", found["requires php"], phpVersion, nil)
}

func (p *walker) version(warning string, h header, shape, noise *regexp.Regexp) string {
	value := trim(h.value)
	if value == "" {
		return ""
	}
	if noise != nil {
		value = trim(noise.ReplaceAllString(value, ""))
		value, _, _ = strings.Cut(value, "-")
	}
	if shape.MatchString(value) {
		return value
	}
	p.warn(warning, h.line)
	if m := leadingVersion.FindStringSubmatch(value); m != nil {
		return m[1]
	}
	return ""
}
