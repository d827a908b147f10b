package httpapi

import "strings"

// encoding is a form in which a document can be sent.
type encoding int

// The encodings, from the one that we would rather not send to the one that we
// like best among equals.
const (
	identity encoding = iota
	gzip
	brotli
	encodings
)

// negotiate chooses a form by the lines of Accept-Encoding, as RFC 9110
// section 12.5.3 has it: the highest weight wins, among equals brotli before
// gzip before identity. A form that the client does not name has the weight of
// "*"; identity is acceptable unless it is refused by name or by "*;q=0", but
// comes last unless it is named. Where nothing is acceptable the answer is
// identity, which the RFC leaves to the server. A member that is not well
// formed is passed over.
func negotiate(lines []string) encoding {
	const unnamed = -1
	if len(lines) == 0 {
		return identity
	}
	weights := [encodings]int{unnamed, unnamed, unnamed}
	rest := unnamed
	for _, line := range lines {
		for line != "" {
			var member string
			member, line, _ = strings.Cut(line, ",")
			coding, weight, ok := parseCoding(member)
			if !ok {
				continue
			}
			switch {
			case strings.EqualFold(coding, "br"):
				weights[brotli] = weight
			case strings.EqualFold(coding, "gzip"), strings.EqualFold(coding, "x-gzip"):
				weights[gzip] = weight
			case strings.EqualFold(coding, "identity"):
				weights[identity] = weight
			case coding == "*":
				rest = weight
			}
		}
	}
	best, bestWeight := identity, 0
	for e := range encodings {
		weight := weights[e]
		if weight == unnamed && e != identity {
			weight = rest
		}
		if weight > 0 && weight >= bestWeight {
			best, bestWeight = e, weight
		}
	}
	return best
}

// parseCoding reads "gzip" or "gzip;q=0.5". The weight is in thousandths.
func parseCoding(member string) (coding string, weight int, ok bool) {
	coding, parameter, weighted := strings.Cut(member, ";")
	coding = strings.Trim(coding, " \t")
	if coding == "" {
		return "", 0, false
	}
	if !weighted {
		return coding, 1000, true
	}
	parameter = strings.Trim(parameter, " \t")
	if len(parameter) < 2 || parameter[0]|0x20 != 'q' || parameter[1] != '=' {
		return "", 0, false
	}
	weight, ok = parseWeight(parameter[2:])
	return coding, weight, ok
}

// parseWeight reads a qvalue of RFC 9110 section 12.4.2: 0 to 1 with at most
// three decimals, in thousandths.
func parseWeight(s string) (int, bool) {
	if s == "" || len(s) > len("0.000") || s[0] != '0' && s[0] != '1' {
		return 0, false
	}
	weight := int(s[0]-'0') * 1000
	if len(s) == 1 {
		return weight, true
	}
	if s[1] != '.' {
		return 0, false
	}
	for i, unit := 2, 100; i < len(s); i, unit = i+1, unit/10 {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		weight += int(s[i]-'0') * unit
	}
	return weight, weight <= 1000
}
