package registry

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pluginyard/pluginyard/registry/installer"
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
			err := invalidf("%s names no version; add \"Version:\" to the %s header", b.what(), main.kind)
			b.refuse("version_missing", main.name, err)
			return "", err
		}
		b.add(Finding{
			Severity: SeverityError, Code: "version_header_missing", Place: main.name, Line: main.line(nameField(main.kind)),
			Message: fmt.Sprintf("The %s header has no Version, so %s is advertised, and written into the file that is installed: WordPress would take its version for nothing and offer the update for ever.", main.kind, version),
			Remedy:  fmt.Sprintf("Add \"Version: %s\" to the header.", version),
		})
		return version, nil
	}
	if len(version) > MaxVersion {
		err := invalidf("version %.20q… in the %s header is longer than %d bytes; shorten it", version, main.kind, MaxVersion)
		b.refuse("version_missing", main.name, err)
		return "", err
	}
	if raw := rawVersion(main.text); raw != version && CompareVersions(raw, version) != 0 {
		err := invalidf("version %.40q in the plugin header holds more than text, so that WordPress would compare something else than %q; write a plain version", raw, version)
		b.refuse("version_missing", main.name, err)
		return "", err
	}
	if tag != "" && CompareVersions(tag, version) != 0 {
		b.add(Finding{
			Severity: SeverityError, Code: "tag_mismatch", Place: main.name, Line: main.line("Version"),
			Message: fmt.Sprintf("The tag says %s, the %s header %s, which is what WordPress compares: sites are offered %s.", tag, main.kind, version, version),
			Remedy:  fmt.Sprintf("Set \"Version: %s\", commit it, and tag that commit.", tag),
		})
	}
	b.checkStableTag(main.kind, text, stable, version)
	return version, nil
}

// writeVersion has what is installed say its version, where its author forgot:
// WordPress compares with that, and would offer the update again and again.
func (b *builder) writeVersion(selection *installer.Selection, main *mainSource, version string) error {
	with := withVersion(main.text, version)
	if with != nil && selection.Replace(main.name, with) {
		return nil
	}
	err := invalidf("%s has no version in its header, and none can be written into it; add \"Version: %s\"", main.name, version)
	b.refuse("version_missing", main.name, err)
	return err
}

// checkStableTag compares the stable tag with the version. While a version
// such as 1.3.0-dev grows on a branch, the stable tag names the one before.
func (b *builder) checkStableTag(kind Type, text *readmeSource, stable, version string) {
	if stable == "" || CompareVersions(stable, version) == 0 || b.rev.Release == nil && !isPlainVersion(version) {
		return
	}
	consequence := "WordPress.org would serve " + stable
	if kind == TypeTheme {
		consequence = "nobody serves themes by their stable tag"
	}
	b.add(Finding{
		Severity: SeverityWarning, Code: "stable_tag_mismatch", Place: text.name, Line: text.headerLine("stable tag"),
		Message: fmt.Sprintf("The readme's stable tag is %s, the %s header's version %s; %s.", stable, kind, version, consequence),
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
		found.Code, found.Line = "update_uri_missing", main.line(nameField(main.kind))
		found.Message = fmt.Sprintf("The %s header has no Update URI, so a %[1]s of the same slug on WordPress.org could be offered as its update.", main.kind)
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
