package registry

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Finding is something that the plugin's author should know: shown on the
// plugin's page, in the log, and by a check before a release. Its texts are
// printable, each in one line; they are not escaped for HTML.
type Finding struct {
	Severity string `json:"severity"`         // SeverityError, SeverityWarning or SeverityNote
	Code     string `json:"code"`             // stable, snake_case; see [Rules]
	Place    string `json:"place,omitempty"`  // file within the plugin's folder; "" concerns the plugin as a whole
	Line     int    `json:"line,omitempty"`   // from 1; 0 concerns the file as a whole
	Message  string `json:"message"`          // what is wrong, what could happen
	Remedy   string `json:"remedy,omitempty"` // what to do
}

// The severities of a finding.
const (
	SeverityError   = "error"   // it cannot work, or does harm: do not release it so
	SeverityWarning = "warning" // it does not do what its author expects
	SeverityNote    = "note"    // it could be better
)

// Severities lists the severities, the gravest first.
func Severities() []string { return []string{SeverityError, SeverityWarning, SeverityNote} }

// MaxFindings bounds the findings of one package; whoever has more begins with
// these.
const MaxFindings = 200

// Refusal is a plugin that cannot be served as it is, with all that was found
// wrong with it, what makes it impossible included.
type Refusal struct {
	Findings []Finding
	Err      error // of one of [Kinds]
}

func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap gives the failure to [errors.Is] and [errors.As].
func (r *Refusal) Unwrap() error { return r.Err }

// findings are collected during one build, in any order.
type findings struct{ list []Finding }

// add takes one finding, its texts made printable.
func (f *findings) add(found Finding) {
	found.Place, found.Message, found.Remedy = printable(found.Place), printable(found.Message), printable(found.Remedy)
	f.list = append(f.list, found)
}

// advice splits a text at its first "; ": the problem as a sentence, and the
// remedy as another. Errors and problems of other rooms are written so.
func advice(text string) (message, remedy string) {
	message, remedy, _ = strings.Cut(text, "; ")
	return sentence(message), sentence(remedy)
}

func sentence(text string) string {
	if text == "" {
		return ""
	}
	if text[0] >= 'a' && text[0] <= 'z' && !strings.Contains(strings.SplitN(text, " ", 2)[0], ".") {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	return strings.TrimSuffix(text, ".") + "."
}

// refuse adds what makes it impossible to serve the plugin.
func (f *findings) refuse(code, place string, err error) {
	var detail *Error
	if !errors.As(err, &detail) {
		return
	}
	message, remedy := advice(detail.Message)
	f.add(Finding{Severity: SeverityError, Code: code, Place: place, Message: message, Remedy: remedy})
}

// sorted are the findings, the gravest first, then by place; at most
// MaxFindings, the rest counted.
func (f *findings) sorted() []Finding {
	list := slices.Clone(f.list)
	rank := Severities()
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(rank, a.Severity), slices.Index(rank, b.Severity)),
			cmp.Compare(a.Place, b.Place),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Code, b.Code),
		)
	})
	list = slices.Compact(list)
	if len(list) > MaxFindings {
		more := len(list) - MaxFindings
		list = append(list[:MaxFindings], Finding{
			Severity: SeverityNote, Code: "more_findings",
			Message: fmt.Sprintf("There are %d findings more, none of them graver.", more), Remedy: "Mend these first.",
		})
	}
	return list
}

// printable makes one line of a text that may hold what a stranger wrote: no
// control characters, none that change the direction of what follows, valid
// UTF-8, at most MaxText bytes.
func printable(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
			return '\ufffd'
		}
		return r
	}, s)
	if len(s) > MaxText {
		s = strings.ToValidUTF8(s[:MaxText-len("…")], "") + "…"
	}
	return s
}
