package readme

import (
	"regexp"
	"strings"
	"sync"
)

var (
	licenseURL     = regexp.MustCompile(`(?i)https?://[^\s\v]+`)
	licenseVersion = regexp.MustCompile(`(?:version |v)([0-9])`)
)

// incompatibleLicenses are searched for first: "Apache 1" would else pass as
// an Apache licence. "Proprietery" is spelt as WordPress.org spells it.
var incompatibleLicenses = normalLicenses(
	"4 Clause BSD", "BSD 4 Clause", "Apache 1", "CC BY-NC", "CC-NC", "NonCommercial", "CC BY-ND", "NoDerivative",
	"EUPL", "OSL", "Personal use", "without permission", "without prior auth", "you may not", "Proprietery", "proprietary",
)

// compatibleLicenses are those that the GPL can be combined with.
var compatibleLicenses = normalLicenses(
	"GPL", "General Public License", "MIT", "ISC", "Expat", "Apache 2", "Apache License 2", "X11", "Modified BSD",
	"New BSD", "3 Clause BSD", "BSD 3", "FreeBSD", "Simplified BSD", "2 Clause BSD", "BSD 2", "MPL",
	"Mozilla Public License", "WTFPL", "Do What The Fuck", "Public Domain", "CC0", "Unlicense", "CC BY", "zlib",
)

// gplText is how the full text of the GPLv2 starts; some readmes quote it.
const gplText = "gnu general public license version 2, june 1991 copyright (c) 1989"

// readLicense reads both licence headers: an address in the name of the
// licence is its address, unless that is given.
func (p *walker) readLicense(license, uri header) {
	name, link := license.value, uri.value
	if link == "" {
		if found := licenseURL.FindString(name); found != "" {
			const around = " -*\t\n\r("
			name = strings.Trim(strings.ReplaceAll(name, found, ""), around)
			if link = strings.Trim(found, around); isEmpty(link) {
				link = ""
			}
		}
	}
	p.readme.Headers.License = p.value(name)
	p.readme.Headers.LicenseURI = p.address(link)
	if isEmpty(name) {
		p.warn("license_missing", license.line)
		return
	}
	switch normal := normalLicense(name); {
	case containsLicense(normal, incompatibleLicenses()):
		p.warn("invalid_license", license.line, p.value(name))
	case containsLicense(normal, compatibleLicenses()):
	default:
		p.warn("unknown_license", license.line, p.value(name))
	}
}

// normalLicenses normalises a list when it is first asked for.
func normalLicenses(list ...string) func() []string {
	return sync.OnceValue(func() []string {
		for i, license := range list {
			list[i] = normalLicense(license)
		}
		return list
	})
}

func containsLicense(normal string, list []string) bool {
	for _, license := range list {
		if strings.Contains(normal, license) {
			return true
		}
	}
	return false
}

// normalLicense brings the spellings of a licence's name together:
// "GNU GPL, version 2.0" is "gnugpl2.0".
func normalLicense(name string) string {
	name = lower(name)
	name = strings.ReplaceAll(name, "licence", "license")
	name = strings.ReplaceAll(name, "clauses", "clause")
	name = strings.ReplaceAll(name, "creative commons", "cc")
	if strings.HasPrefix(name, gplText) {
		return "gplv2"
	}
	name = licenseVersion.ReplaceAllString(name, "$1")
	normal := make([]byte, 0, len(name))
	for _, c := range []byte(name) {
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '.' {
			normal = append(normal, c)
		}
	}
	return string(normal)
}
