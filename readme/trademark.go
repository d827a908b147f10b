package readme

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The names that WordPress.org's directory keeps for the owners of trademarks,
// as of October 2024 (Trademarks in its plugin-directory plugin). A name is
// reduced to what its slug would be before it is looked at.
var (
	// trademarkStarts are what a slug must not begin with.
	trademarkStarts = strings.Fields(`
		adobe- adsense- advanced-custom-fields- adwords- akismet- amazon- android- apple- applenews- applepay- aws-
		azon- bbpress- bing- bootstrap- buddypress- chat-gpt- chatgpt- cloudflare- contact-form-7- cpanel- disqus-
		divi- dropbox- easy-digital-downloads- elementor- envato- fb- fedex- firefox- font-awesome- fontawesome-
		ganalytics- github- givewp- google- googlebot- googles- gravity-form- gravity-forms- gravityforms- gtmetrix-
		guten- hubspot- ig- insta- internet-explorer- ios- jetpack- macintosh- macos- mailchimp- microsoft-
		ninja-forms- only-fans- onlyfans- opera- paddle- paypal- pinterest- skype- stripe- tik-tok- tiktok- twitch-
		twitter- ups- usps- vva- wa- windows- wo- woo- woocom- wp- wp-mail-smtp- yahoo- yandex- you-tube- youtube-`)

	// trademarkParts are what must not stand anywhere in a slug.
	trademarkParts = strings.Fields(`
		all-in-one-wp-migration booking-com facebook fb-messenger fbook feedburner gberg gutenberg instagram oculus
		plugin trustpilot tweet vvcommerce vvhatsapp vvoo watson webpush-vn wh4tsapps whats-app whatsapp wocommerce
		woo-commerce woocomerce woocommerce wordpess wordpress wpress yoast`)
)

const (
	// trademarkFor may be the end of a slug behind "-for-".
	trademarkFor = "woocommerce"
	// trademarkPrefix is what coined names must not begin with, such as
	// "wooshop".
	trademarkPrefix = "woo"
)

// trademarks lists those in a name that WordPress.org would refuse it for.
func trademarks(name string) []string {
	slug := nameSlug(name)
	var found []string
	for _, start := range trademarkStarts {
		if strings.HasPrefix(slug, start) {
			found = append(found, start)
		}
	}
	for _, part := range trademarkParts {
		if strings.Contains(slug, part) && (part != trademarkFor || !strings.HasSuffix(slug, "-for-"+part)) {
			found = append(found, part)
		}
	}
	begins := func(s string) bool { return strings.HasPrefix(s, trademarkPrefix) }
	if begins(slug) && !slices.ContainsFunc(found, begins) {
		found = append(found, trademarkPrefix+"-")
	}
	return found
}

// nameSlug is the slug that WordPress.org makes of a name.
func nameSlug(name string) string {
	var out strings.Builder
	for _, r := range lower(norm.NFKD.String(name)) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			out.WriteRune(r)
		case r == ' ' || r == '.' || r == '_' || r == '-':
			if !strings.HasSuffix(out.String(), "-") {
				out.WriteByte('-')
			}
		case r >= unicode.MaxASCII:
			out.WriteString(latin[r])
		}
	}
	return strings.Trim(out.String(), "-")
}

// latin are the letters that WordPress writes with others and Unicode does not
// take apart.
var latin = map[rune]string{
	'ß': "s", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o", 'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d",
	'þ': "th", 'Þ': "th", 'ł': "l", 'Ł': "l", 'ı': "i", 'ħ': "h", 'Ħ': "h",
}
