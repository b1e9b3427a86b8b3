package names

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/referent/referent"
)

// part is one word of a name.
type part struct {
	text   string
	lower  string
	sound  []rune
	source string
}

// full is a name of several words, or a part of one that is said by itself, such as first name and last.
type full struct {
	owner int // which name of the roster: forms of one name do not stand in each other's way
	parts []part
	sound []rune // of all of it
}

// roster is what names there are to find.
type roster struct {
	owners int
	parts  []part          // each once, for words that stand alone
	fulls  []full          // for words that stand together
	forms  map[string]bool // of fulls, in lower case: the name of one source is no other name than the same of another
	exact  map[string]bool // every word of every name, in lower case: what is heard as such is right
}

// shortestAlone is how many sounds a name has at least that is put in place by itself: shorter ones are
// like too much else.
const shortestAlone = 4

// Sources of terms that count differently.
const (
	attends = "roster"
	listed  = "vocabulary"
)

func newRoster(terms []referent.Term) roster {
	r := roster{forms: map[string]bool{}, exact: map[string]bool{}}
	alone := map[string]bool{}
	for _, t := range terms {
		words := strings.Fields(t.Text)
		if t.Source == "agenda" && !(len(words) <= 3 && allNames(words)) {
			// A title is not said as one; its names are.
			for _, w := range rareWords(words) {
				if capitalised(w) {
					r.add([]string{w}, t.Source, alone)
				}
			}
			continue
		}
		if len(words) > 0 && allNames(words) {
			r.add(words, t.Source, alone)
		}
	}
	return r
}

// add takes in one name with its parts.
func (r *roster) add(words []string, source string, alone map[string]bool) {
	r.owners++
	var parts []part
	for _, w := range words {
		w = strings.Trim(w, ".,;:()\"«»")
		if utf8.RuneCountInString(w) < 2 || particles[w] {
			continue // an initial
		}
		p := part{text: w, lower: strings.ToLower(w), sound: sound(w), source: source}
		r.exact[p.lower] = true
		parts = append(parts, p)
		if !alone[p.lower] && len(p.sound) >= shortestAlone {
			alone[p.lower] = true
			r.parts = append(r.parts, p)
		}
	}
	join := func(parts ...part) {
		f, form := full{owner: r.owners, parts: slices.Clone(parts)}, ""
		for _, p := range parts {
			f.sound = append(f.sound, p.sound...)
			form += p.lower + " "
		}
		if r.forms[form] {
			return
		}
		r.forms[form] = true
		r.fulls = append(r.fulls, f)
	}
	n := len(parts)
	if n >= 2 {
		join(parts...)
	}
	if n >= 3 {
		join(parts[0], parts[n-1])
		join(parts[:n-1]...) // two first names, as in "Anne Lise"
	}
}
