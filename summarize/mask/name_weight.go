package mask

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// weight is how surely a capitalised word is a name.
type weight int

const (
	never  weight = iota // it is something else
	open                 // nothing is known of it
	farm                 // a surname, or a place
	either               // a first name, or a word at the beginning of a sentence
	sure
)

// weigh looks at one word; stem is it without an ending of possession.
func (m *Masker) weigh(a atom) (w weight, stem string) {
	look := func(s string) weight {
		switch {
		case m.people.known(s):
			return sure
		case bodies[s] || tails[s]:
			return never
		case firstNames[s] && !eitherNames[s], lastNames[s] && !places[s]:
			return sure
		case eitherNames[s]:
			return either
		case farmNames[s], lastNames[s]:
			return farm
		case places[s]:
			return never
		case givenEnding(s) && !m.people.common[s]:
			return either
		}
		return open
	}
	if a.low == "andre" && !a.begins {
		return either, a.text // the capital tells the name from the others
	}
	if w = look(a.low); w != open {
		return w, a.text
	}
	if n := genitive(a.text); n > 0 {
		if w = look(fold(a.text[:n])); w != open {
			return w, a.text[:n]
		}
	}
	if strings.Contains(a.low, "-") {
		for part := range strings.SplitSeq(a.low, "-") {
			if look(part) == sure && utf8.RuneCountInString(part) > 2 {
				return sure, a.text
			}
		}
		at := strings.LastIndexByte(a.text, '-') + 1
		if n := genitive(a.text[at:]); n > 2 && look(fold(a.text[at:at+n])) == sure {
			return sure, a.text[:at+n]
		}
		// "Jo-Ares", "Stokkan-Grandes", but not "Anne-Iris".
		if end := fold(a.text[at:]); !firstNames[end] && !eitherNames[end] && !farmNames[end] {
			if n := genitive(a.text); n > at {
				if w := m.doubled(a.text[:n]); w > farm {
					return w, a.text[:n]
				}
			}
		}
		if w := m.doubled(a.text); w != open {
			return w, a.text
		}
	}
	if abbreviation(a.text) || starts[a.low] || m.people.common[a.low] {
		return never, a.text
	}
	return open, a.text
}

// doubled weighs names with a hyphen and a capital behind it by what stands before it: "Jo-Are", "Moe-Berg".
func (m *Masker) doubled(text string) weight {
	before, behind, _ := strings.Cut(text, "-")
	second, n := utf8.DecodeRuneInString(behind)
	third, _ := utf8.DecodeRuneInString(behind[n:])
	low, end := fold(before), fold(behind)
	switch {
	case starts[low] && !eitherNames[low]:
		return never // "Nei-sida"
	case !unicode.IsUpper(second) || !unicode.IsLower(third) || quarters[low] || places[end] || bodies[end] || tails[end]:
		return open
	case firstNames[low] || eitherNames[low] && (firstNames[end] || eitherNames[end]):
		return sure
	case farmNames[low] || lastNames[low]:
		if farmNames[end] || lastNames[end] {
			return sure
		}
		return farm
	}
	return open
}

// given reports whether a word is a first name.
func (m *Masker) given(stem string) bool {
	s := fold(stem)
	return firstNames[s] || eitherNames[s] || givenEnding(s) ||
		slices.ContainsFunc(m.people.byWord[s], func(who *person) bool { return who.words[0] == s && len(who.words) > 1 })
}
