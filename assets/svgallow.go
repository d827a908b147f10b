package assets

import (
	"iter"
	"strings"
	"unicode"
)

// set makes a set of words parted by white space.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// What an SVG may hold. Left out on purpose: script, foreignObject, and the
// event attributes, which run code; image, feImage and font-face, which load;
// the animations, which can change a reference after it was checked.
var (
	svgElements = set(`
		svg g defs symbol use title desc style
		path rect circle ellipse line polyline polygon text tspan textPath
		linearGradient radialGradient stop clipPath mask pattern marker
		filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix
		feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA
		feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset
		fePointLight feSpecularLighting feSpotLight feTile feTurbulence`)

	// svgGroups become plain groups.
	svgGroups = set(`a switch`)

	// svgTextual hold text.
	svgTextual = set(`text tspan textPath title desc style`)

	// svgDrawing are seen.
	svgDrawing = set(`path rect circle ellipse line polyline polygon text use`)

	svgAttrs = set(svgProperties + `
		id class style href role version baseProfile
		width height x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy rotate d points pathLength
		viewBox preserveAspectRatio transform textLength lengthAdjust startOffset method spacing side
		offset gradientUnits gradientTransform spreadMethod patternUnits patternContentUnits patternTransform
		clipPathUnits maskUnits maskContentUnits markerUnits markerWidth markerHeight refX refY orient
		filterUnits primitiveUnits in in2 result mode type values tableValues slope intercept amplitude
		exponent operator k1 k2 k3 k4 order kernelMatrix divisor bias targetX targetY edgeMode
		preserveAlpha surfaceScale diffuseConstant specularConstant specularExponent kernelUnitLength
		scale xChannelSelector yChannelSelector azimuth elevation z stdDeviation radius baseFrequency
		numOctaves seed stitchTiles pointsAtX pointsAtY pointsAtZ limitingConeAngle`)

	// svgStyles may stand in a style sheet as well as in attributes.
	svgStyles = set(svgProperties + ` isolation paint-order mix-blend-mode white-space x y r rx ry cx cy width height transform`)

	// svgFunctions may be called in values. url is for references within the
	// drawing alone, and checked apart.
	svgFunctions = set(`
		rgb rgba hsl hsla translate translatex translatey scale scalex scaley rotate
		skewx skewy matrix calc blur drop-shadow brightness contrast grayscale hue-rotate
		invert opacity saturate sepia inset circle ellipse polygon`)
)

// svgProperties are the presentation attributes.
// https://www.w3.org/TR/SVG2/styling.html#PresentationAttributes
const svgProperties = `
	alignment-baseline baseline-shift clip clip-path clip-rule color color-interpolation
	color-interpolation-filters color-rendering direction display dominant-baseline
	enable-background fill fill-opacity fill-rule filter flood-color flood-opacity font
	font-family font-size font-size-adjust font-stretch font-style font-variant font-weight
	image-rendering kerning letter-spacing lighting-color marker marker-end marker-mid
	marker-start mask mask-type opacity overflow shape-rendering stop-color stop-opacity
	stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin
	stroke-miterlimit stroke-opacity stroke-width text-anchor text-decoration
	text-rendering unicode-bidi vector-effect visibility word-spacing writing-mode `

// maxID bounds an id, in bytes. Editors' longest are below 100.
const maxID = 256

// isID reports whether s can be an id and be referred to without escapes.
func isID(s string) bool {
	return s != "" && len(s) <= maxID && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`"'()<>&\#%;{}@/*`, r)
	})
}

// isFragment reports whether a reference stays within the drawing.
func isFragment(s string) bool {
	id, ok := strings.CutPrefix(s, "#")
	return ok && isID(id)
}

// isSafeValue reports whether the value of a presentation attribute or of a
// property loads nothing: CSS can only load by a function, or by an at-rule.
// Whether a function stands in quotes is not asked.
func isSafeValue(v string) bool {
	if strings.ContainsAny(v, `\<>{};@`) || strings.Contains(v, "/*") ||
		strings.Count(v, "(") != strings.Count(v, ")") ||
		strings.Count(v, `"`)%2 != 0 || strings.Count(v, "'")%2 != 0 {
		return false
	}
	for name, argument := range functions(v) {
		if name == "url" && !isFragment(argument) || name != "url" && name != "" && !svgFunctions[name] {
			return false
		}
	}
	return true
}

// references lists the ids that a value refers to by url().
func references(v string) []string {
	var ids []string
	for name, argument := range functions(v) {
		if name == "url" {
			ids = append(ids, strings.TrimPrefix(argument, "#"))
		}
	}
	return ids
}

// functions walks the functions called in a value: the lower-case name, "" for
// bare parentheses, and the text up to the next closing one, without quotes.
func functions(v string) iter.Seq2[string, string] {
	return func(yield func(name, argument string) bool) {
		for {
			before, after, ok := strings.Cut(v, "(")
			if !ok {
				return
			}
			argument, _, _ := strings.Cut(after, ")")
			if !yield(strings.ToLower(lastWord(before)), unquote(argument)) {
				return
			}
			v = after
		}
	}
}

// lastWord is the identifier at the end of s. All bytes beyond ASCII count as
// part of it, as in CSS.
func lastWord(s string) string {
	i := len(s)
	for i > 0 && (s[i-1] >= 0x80 || isWordRune(rune(s[i-1]))) {
		i--
	}
	return s[i:]
}

func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		s = s[1 : len(s)-1]
	}
	return s
}
