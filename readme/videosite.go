package readme

import (
	"strings"
	"unicode"
)

// video returns an address of a site that WordPress.org embeds, as one to open
// in a browser, with a text for its link; "" if it is not one.
func video(address string) (link, label string) {
	if strings.HasPrefix(address, "//") {
		address = "https:" + address
	}
	_, rest, ok := strings.Cut(address, "://")
	if !ok || strings.ContainsFunc(address, noAddress) {
		return "", ""
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, path := lower(rest[:end]), strings.TrimLeft(rest[end:], "/")
	for _, prefix := range []string{"www.", "m."} {
		host = strings.TrimPrefix(host, prefix)
	}
	link, label = site(host, path)
	if link == "" && label != "" {
		link = address
	}
	return webAddress(link), label
}

func noAddress(r rune) bool { return unicode.IsSpace(r) || r == '<' || r == '>' || r == '"' }

// site names the site of an address. The link is "" unless that address is of
// a player alone.
func site(host, path string) (link, label string) {
	kind, id, _ := strings.Cut(path, "/")
	id = plainID(id)
	switch host {
	case "youtu.be":
		return "", "Video on YouTube"
	case "youtube.com", "youtube-nocookie.com":
		switch {
		case kind == "embed" && id != "" && id != "videoseries":
			return "https://www.youtube.com/watch?v=" + id, "Video on YouTube"
		case strings.HasPrefix(kind, "watch"), kind == "v", kind == "shorts", kind == "live":
			return "", "Video on YouTube"
		case strings.HasPrefix(kind, "playlist"):
			return "", "Videos on YouTube"
		}
		return "", "YouTube"
	case "player.vimeo.com":
		if kind == "video" && id != "" {
			return "https://vimeo.com/" + id, "Video on Vimeo"
		}
	case "vimeo.com":
		return "", "Video on Vimeo"
	case "wordpress.tv":
		return "", "Video on WordPress.tv"
	case "videopress.com", "video.wordpress.com":
		if kind == "embed" && id != "" {
			return "https://videopress.com/v/" + id, "Video on VideoPress"
		}
		return "", "Video on VideoPress"
	case "dailymotion.com", "dai.ly":
		return "", "Video on Dailymotion"
	case "vine.co":
		return "", "Video on Vine"
	case "soundcloud.com":
		return "", "Audio on SoundCloud"
	case "mixcloud.com":
		return "", "Audio on Mixcloud"
	case "instagram.com":
		return "", "Instagram"
	case "cloudup.com":
		return "", "Cloudup"
	case "wordpress.com":
		return "", "WordPress.com"
	}
	return "", ""
}

// plainID is what s starts with that may be the name of a video.
func plainID(s string) string {
	const most = 64 // bytes; sites use 32 at most
	for i := range len(s) {
		c := s[i]
		if i == most || !isTagLetter(c) && (c < '0' || c > '9') && c != '-' && c != '_' {
			return s[:i]
		}
	}
	return s
}
