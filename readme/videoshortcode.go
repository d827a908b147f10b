package readme

import (
	"html"
	"path"
	"strings"
)

// shortcode reads the one that escaped text starts with: its length in bytes,
// its video and the text for the link. The size is 0 if it is none of those
// for videos or names no video that can be linked to.
func shortcode(text string, media *base) (size int, address, label string) {
	end := 1
	for end < len(text) && isTagLetter(text[end]) {
		end++
	}
	name := text[1:end]
	switch name {
	case "youtube", "vimeo", "wpvideo", "videopress", "embed", "video":
	default:
		return 0, "", ""
	}
	size = end + strings.IndexAny(text[end:], "[]")
	if size < end || text[size] != ']' || strings.IndexByte(" =\t\n/]", text[end]) < 0 {
		return 0, "", ""
	}
	size++
	body := arguments(text[end : size-1])
	// "[embed]ADDRESS[/embed]": what it encloses, if there is an end.
	if content, _, ok := strings.Cut(text[size:], "["); ok && strings.HasPrefix(text[size+len(content):], "[/"+name+"]") {
		size += len(content) + len("[/") + len(name) + len("]")
		if fields := arguments(content); len(fields) == 1 {
			body = append(fields, body...)
		}
	}
	for _, argument := range body {
		if address, label = argument.video(name, media); address != "" {
			return size, address, label
		}
	}
	return 0, "", ""
}

// argument is one of a shortcode; its key may be "".
type argument struct{ key, value string }

// maxArguments is how many arguments of a shortcode are looked at.
const maxArguments = 16

// arguments reads `="x" y z=1`.
func arguments(body string) []argument {
	var list []argument
	for field := range strings.FieldsSeq(html.UnescapeString(body)) {
		if len(list) == maxArguments {
			break
		}
		var a argument
		a.value = field
		if key, value, ok := strings.Cut(field, "="); ok && !strings.ContainsAny(key, ":/?&") {
			a = argument{lower(key), value}
		}
		a.value = strings.Trim(a.value, `"'“”″‘’`)
		list = append(list, a)
	}
	return list
}

// video returns the video that an argument of the shortcode names.
func (a argument) video(name string, media *base) (address, label string) {
	if strings.Contains(a.value, "://") || name == "video" {
		switch {
		case name == "video" && isVideoSource(a.key):
			return media.resolve(a.value, false), fileLabel("Video", a.value)
		case a.key != "" && a.key != "url" && a.key != "id" && a.key != "src":
			return "", ""
		}
		if address, label = video(a.value); address == "" && name == "embed" {
			address = webAddress(a.value)
			label = address
		}
		return address, label
	}
	switch a.key {
	case "", "id", "v", "video_id", "clip_id":
	default:
		return "", ""
	}
	id := plainID(a.value)
	if rest := a.value[len(id):]; rest != "" && rest[0] != '&' && rest[0] != '?' {
		return "", ""
	}
	switch {
	case name == "youtube" && len(id) == 11:
		return "https://www.youtube.com/watch?v=" + id, "Video on YouTube"
	case name == "vimeo" && id != "" && strings.Trim(id, "0123456789") == "":
		return "https://vimeo.com/" + id, "Video on Vimeo"
	case (name == "wpvideo" || name == "videopress") && len(id) == 8:
		return "https://videopress.com/v/" + id, "Video on VideoPress"
	}
	return "", ""
}

// fileLabel names a file that is linked to.
func fileLabel(kind, address string) string {
	address, _, _ = strings.Cut(address, "?")
	if file := path.Base(address); strings.Contains(file, ".") {
		return kind + ": " + file
	}
	return kind
}

func isVideoSource(key string) bool {
	switch key {
	case "src", "mp4", "m4v", "webm", "ogv", "flv", "wmv":
		return true
	}
	return false
}
