package registry

import (
	"cmp"
	"fmt"
	"strings"
)

// version decides what is advertised: the header in the installer that is
// served, since that is what WordPress compares with; then the stable tag;
// then the tag.
func (b *builder) version(main *mainSource, text *readmeSource) (string, error) {
	tag := ""
	if b.rev.Release != nil {
		tag = TagVersion(b.rev.Release.Tag, b.plugin.TagPrefix)
	}
	stable := text.readme.Headers.StableTag
	if strings.EqualFold(stable, "trunk") {
		stable = ""
	}
	stable = cleanVersion(stable)
	version := main.header["Version"]
	if version == "" {
		version = cmp.Or(stable, tag)
		if version == "" {
			err := invalidf("%s names no version; add \"Version:\" to the plugin header", b.what())
			b.refuse("version_missing", main.name, err)
			return "", err
		}
		b.add(Finding{
			Severity: SeverityError, Code: "version_header_missing", Place: main.name, Line: main.line("Plugin Name"),
			Message: fmt.Sprintf("The plugin header has no Version, so %s is advertised; WordPress takes the installed version for nothing and offers the update for ever.", version),
			Remedy:  fmt.Sprintf("Add \"Version: %s\" to the header.", version),
		})
		return version, nil
	}
	if len(version) > MaxVersion {
		err := invalidf("version %.20q… in the plugin header is longer than %d bytes; shorten it", version, MaxVersion)
		b.refuse("version_missing", main.name, err)
		return "", err
	}
	if tag != "" && CompareVersions(tag, version) != 0 {
		b.add(Finding{
			Severity: SeverityError, Code: "tag_mismatch", Place: main.name, Line: main.line("Version"),
			Message: fmt.Sprintf("The tag says %s, the plugin header %s, which is what WordPress compares: sites are offered %s.", tag, version, version),
			Remedy:  fmt.Sprintf("Set \"Version: %s\", commit it, and tag that commit.", tag),
		})
	}
	b.checkStableTag(text, stable, version)
	return version, nil
}

// checkStableTag compares the stable tag with the version. While a version
// such as 1.3.0-dev grows on a branch, the stable tag names the one before.
func (b *builder) checkStableTag(text *readmeSource, stable, version string) {
	if stable == "" || CompareVersions(stable, version) == 0 || b.rev.Release == nil && !isPlainVersion(version) {
		return
	}
	b.add(Finding{
		Severity: SeverityWarning, Code: "stable_tag_mismatch", Place: text.name, Line: text.headerLine("stable tag"),
		Message: fmt.Sprintf("The readme's stable tag is %s, the plugin header's version %s; WordPress.org would serve %s.", stable, version, stable),
		Remedy:  fmt.Sprintf("Set \"Stable tag: %s\".", version),
	})
}

// isPlainVersion reports whether a version is digits and dots alone, as
// released ones are.
func isPlainVersion(version string) bool {
	return version != "" && strings.Trim(version, "0123456789.") == ""
}

// checkUpdateURI warns of a header that lets WordPress.org answer for us.
func (b *builder) checkUpdateURI(main *mainSource) {
	uri, base := main.header["Update URI"], b.base
	host := hostOf(uri)
	found := Finding{Severity: SeverityWarning, Place: main.name, Line: main.line("Update URI")}
	if isWordPressOrg(hostOf(base)) {
		base = "" // no registry can be there
	}
	want := fmt.Sprintf("\"Update URI: %s/%s.json\"", cmp.Or(base, "https://updates.example.com"), b.plugin.Slug)
	if base == "" {
		want += ", with your registry's address"
	}
	switch {
	case uri == "":
		found.Code, found.Line = "update_uri_missing", main.line("Plugin Name")
		found.Message = "The plugin header has no Update URI, so a plugin of the same slug on WordPress.org could be offered as its update."
		found.Remedy = "Add " + want + "."
	case isWordPressOrg(host):
		found.Code = "update_uri_foreign"
		found.Message = fmt.Sprintf("WordPress takes the host of the Update URI %q for its own, so it asks no registry.", uri)
		found.Remedy = "Make it " + want + "."
	case host == "" || base != "" && !strings.EqualFold(host, hostOf(base)):
		found.Code = "update_uri_foreign"
		found.Message = fmt.Sprintf("The Update URI %q is not of this registry, so WordPress does not ask here.", uri)
		if base == "" {
			found.Message = fmt.Sprintf("The Update URI %q is not of a registry, so WordPress does not ask one.", uri)
		}
		found.Remedy = "Make it " + want + "."
	default:
		return
	}
	b.add(found)
}

// isWordPressOrg reports whether an Update URI of that host is one of those
// that WordPress takes for its own.
func isWordPressOrg(host string) bool {
	host = strings.ToLower(host)
	return host == "w.org" || host == "wordpress.org" || strings.HasSuffix(host, ".wordpress.org")
}
