package mask

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// name is a name found in a text, without its ending.
type name struct {
	from, to int
	words    []string
	surname  bool // a single word that is a surname
}

// names finds the names of a text in what nothing else has claimed.
func (m *Masker) names(r *reader) []name {
	var out []name
	row := -1 // the atom after the last name
	for i := 0; i < len(r.atoms); {
		if !r.is(i, word) || r.taken[i] {
			i++
			continue
		}
		if n, end, ok := m.wholeName(r, i); ok {
			out = append(out, n)
			i, row = end, end
			continue
		}
		if !r.atoms[i].capital {
			if n, ok := m.inside(r, i); ok {
				out = append(out, n)
				i++
				continue
			}
			if n, end, ok := m.smallLetters(r, i); ok {
				out = append(out, n)
				i = end
				continue
			}
			i++
			continue
		}
		end := r.sequence(i)
		// "Kari Lunde, Aasebø og Tveitnes": who stands in a row with a name is one too.
		listed := row >= 0 && row == i-1 && (r.low(row) == "," || r.low(row) == "og")
		found := m.inSequence(r, i, end, listed)
		if len(found) > 0 {
			row = end
		}
		out = append(out, found...)
		i = end
	}
	return out
}

// wholeName reads a known name of two words or more, in any case of letters, the longest first.
func (m *Masker) wholeName(r *reader, i int) (name, int, bool) {
	for n := 5; n >= 2; n-- {
		end, key := i, ""
		for k := range n {
			if end > i && r.low(end) == "." {
				end++ // an initial
			}
			if !r.is(end, word) || r.taken[end] {
				end = 0
				break
			}
			if k > 0 {
				key += " "
			}
			key += r.low(end)
			end++
		}
		if end == 0 {
			continue
		}
		last := r.atoms[end-1]
		to := last.to
		if m.people.whole[key] == nil {
			cut := genitive(last.text)
			if cut == 0 || m.people.whole[strings.TrimSuffix(key, fold(last.text))+fold(last.text[:cut])] == nil {
				continue
			}
			to = last.from + cut
		}
		return r.name(i, end, to), end, true
	}
	return name{}, 0, false
}

// name is the words of the atoms [from, to), the last cut off at byte cut.
func (r *reader) name(from, to, cut int) name {
	n := name{from: r.atoms[from].from, to: cut}
	for _, a := range r.atoms[from:to] {
		if a.sort == word {
			n.words = append(n.words, r.text[a.from:min(a.to, cut)])
		}
	}
	return n
}

// inside finds a known name behind a hyphen: "anti-Hansen".
func (m *Masker) inside(r *reader, i int) (name, bool) {
	a := r.atoms[i]
	cut := strings.LastIndexByte(a.text, '-')
	if cut < 0 {
		return name{}, false
	}
	tail := a.text[cut+1:]
	if first, _ := utf8.DecodeRuneInString(tail); !unicode.IsUpper(first) {
		return name{}, false
	}
	if n := genitive(tail); n > 0 && !m.people.known(fold(tail)) {
		tail = tail[:n]
	}
	if !m.people.known(fold(tail)) {
		return name{}, false
	}
	from := a.from + cut + 1
	return name{from: from, to: from + len(tail), words: []string{tail}}, true
}

// smallLetters reads a first name or surname in small letters, as some recognisers write them, unless it may
// be an ordinary word. A name that is in the lists alone counts where the whole text has small letters.
func (m *Masker) smallLetters(r *reader, i int) (name, int, bool) {
	stem, cut, ok := m.inSmall(r, i)
	if !ok {
		return name{}, 0, false
	}
	end := i + 1
	if r.small && firstNames[stem] && cut == r.atoms[i].to && r.is(end, word) && !r.taken[end] && !r.atoms[end].newLine {
		next := r.low(end)
		if s, c, ok := m.inSmall(r, end); ok && m.people.known(s) && !firstNames[s] {
			cut, end = c, end+1
		} else if lastNames[next] || strings.HasSuffix(next, "sen") && len(next) > 5 {
			cut, end = r.atoms[end].to, end+1
		}
	}
	return r.name(i, end, cut), end, true
}

func (m *Masker) inSmall(r *reader, i int) (stem string, cut int, ok bool) {
	w := r.low(i)
	stem, cut = w, r.atoms[i].to
	if !m.people.known(w) && !firstNames[w] {
		if n := genitive(r.atoms[i].text); n > 0 {
			stem, cut = fold(r.atoms[i].text[:n]), r.atoms[i].from+n
		}
	}
	if utf8.RuneCountInString(stem) < 3 || eitherNames[stem] || farmNames[stem] || starts[stem] || titles[stem] || tails[stem] || ordinary[stem] {
		return "", 0, false
	}
	known := m.people.known(stem) && (firstNames[stem] || lastNames[stem])
	return stem, cut, known || r.small && firstNames[stem]
}

// ordinary are words of the language that some people are called.
var ordinary = wordSet("lunde borge engen haugen moen dale sunde skogen voll vold foss gran hauge stein sletten tangen holmen flaten vangen skaret kleven brekke eide dahl solli hjelle holte valen vågen " +
	"borgen vang winter strøm steen bråten løken sagen helland alf aud siv gro tale saga sol rune magne runa stine line lone live klara dina max leo linn alva embla frank robin jack rasmus simen love mille liva luna rosa " +
	"sanna storm milan maren levi lage greger ada asta aksel kaja lan mei ana mina mari ann leif else tom roy jon leiv mats benjamin tove unni malin lina viken øksnes bjerke sveen vatne solbakken")

// sequence is the end of the capitalised words that stand together from atom i on: "Anne Marie O. Berg".
func (r *reader) sequence(i int) int {
	end := i + 1
	for end < len(r.atoms) {
		a := r.atoms[end]
		switch {
		case r.taken[end] || a.newLine || !a.spaced && a.sort == word:
			return end
		case a.sort == word && a.capital:
			end++
		case a.sort == word && particles[a.low] && end+1 < len(r.atoms) && r.is(end+1, word) && r.atoms[end+1].capital && !starts[a.low]:
			end++
		case a.low == "" && a.text == "." && utf8.RuneCountInString(r.atoms[end-1].text) == 1 && r.is(end+1, word) && r.atoms[end+1].capital:
			end++
		default:
			return end
		}
	}
	return end
}

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
		}
		return open
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
	}
	if abbreviation(a.text) || starts[a.low] || m.people.common[a.low] {
		return never, a.text
	}
	return open, a.text
}

// abbreviation tells AP, NAV, KrF and SFO from names.
func abbreviation(s string) bool {
	if n := utf8.RuneCountInString(s); n < 2 || n > 5 {
		return n == 1
	}
	if slices.Contains([]string{"Ap", "Sp", "Frp", "Krf", "Sv", "Nav", "Nrk", "Ks"}, s) {
		return true
	}
	upper := 0
	for _, r := range s {
		if strings.ToUpper(string(r)) == string(r) {
			upper++
		}
	}
	return upper >= 2
}

// addressed tells a word at the beginning of a sentence that is spoken to, or does something.
func (r *reader) addressed(i int) bool {
	w := r.low(i)
	if w == "jo" || w == "per" || w == "even" || w == "my" || w == "are" {
		return false
	}
	next := r.low(i + 1)
	return next == "," && w != "hans" || next != "" && acts[next]
}

var acts = wordSet("er har var hadde kommer kjem kom tar tek tok skal ville vil kan må ringer ringte ringde skriver skriv sender sørger syter lager lagar følger følgjer gjør gjer gjorde blir vert fikk fekk sitter sit")

// part is one word of a sequence: its atom, how surely it is a name, and it without an ending.
type part struct {
	at     int
	weight weight
	stem   string
}

// quarters begin the names of places: "Øvre Moen", "Nordre Follo".
var quarters = wordSet("øvre nedre nordre søndre søre indre ytre midtre store lille vesle gamle nye sør nord øst aust vest midt")

// inSequence finds names among the capitalised words [from, to).
func (m *Masker) inSequence(r *reader, from, to int, listed bool) []name {
	var parts []part
	body := tails[r.low(to)] || quarters[r.low(from)] && !m.people.known(r.low(from)) // "Solberg skole": the name of a body, not of a person
	for i := from; i < to; i++ {
		if !r.is(i, word) {
			continue
		}
		a := r.atoms[i]
		w, stem := m.weigh(a)
		if w != sure {
			body = body || tails[a.low]
			if i == from && (titles[a.low] || a.begins && starts[a.low]) {
				w = never
			}
		}
		if w == open && r.low(i+1) == "-" && !r.atoms[i+1].spaced {
			w = never // "Kommunal- og distriktsdepartementet"
		}
		if w == sure && i == from && titles[a.low] && !m.people.known(fold(stem)) {
			w = never
		}
		parts = append(parts, part{i, w, stem})
	}
	if quarters[r.low(from)] && body && len(parts) > 0 {
		parts[0].weight = never
	}
	var out []name
	for len(parts) > 0 {
		n := slices.IndexFunc(parts, func(p part) bool { return p.weight == never })
		if n < 0 {
			n = len(parts)
		}
		if n > 0 {
			out = append(out, m.judge(r, parts[:n], body, listed)...)
			listed = false
		}
		parts = parts[min(n+1, len(parts)):]
	}
	return out
}

// judge decides what of some words, none of which is known to be something else, is a name.
func (m *Masker) judge(r *reader, parts []part, body, listed bool) []name {
	first, last := parts[0], parts[len(parts)-1]
	begins := r.atoms[first.at].begins
	best := slices.MaxFunc(parts, func(a, b part) int { return int(a.weight) - int(b.weight) }).weight
	context := listed || r.introduces(first.at) || r.follows(last.at, !begins || best > open || len(parts) > 1 || !definite(r.low(last.at)))
	all := []name{m.nameOf(r, parts)}
	switch {
	case body:
		// "Hansen Bygg AS": the name inside the name.
		var out []name
		for i, p := range parts {
			if s := fold(p.stem); p.weight == sure && (m.people.known(s) || firstNames[s] || strings.HasSuffix(s, "sen")) {
				out = append(out, m.nameOf(r, parts[i:i+1]))
			}
		}
		return out
	case best >= either && (best == sure || len(parts) > 1 || !begins || context || r.addressed(last.at)):
		// A word that opens the sentence before a first name is no part of it: "Rapporten Kari skrev".
		if begins && first.weight == open && len(parts) > 1 && (firstNames[fold(parts[1].stem)] || eitherNames[fold(parts[1].stem)]) {
			return []name{m.nameOf(r, parts[1:])}
		}
		return all
	case best == farm && len(parts) == 1:
		if context || !begins && !r.placed(first.at) {
			return all
		}
	case best == farm:
		if context || !begins || first.weight != open {
			return all
		}
	case context:
		return all
	case len(parts) == 1:
		if s := fold(first.stem); !begins && !r.placed(first.at) && first.stem != strings.ToUpper(first.stem) && (surnameLike(s) || firstNameLike(s)) {
			return all
		}
	case len(parts) == 2 || len(parts) == 3:
		// Capitals in a row in the middle of a sentence; at its beginning the ending must speak for it too.
		if !begins && !(r.placed(first.at) && !r.sent(first.at)) || begins && !starts[r.low(first.at)] && (len(parts) == 3 || surnameLike(fold(last.stem))) {
			return all
		}
	}
	return nil
}

// nameOf makes a name of words, without an ending of possession.
func (m *Masker) nameOf(r *reader, parts []part) name {
	first, last := parts[0], parts[len(parts)-1]
	a := r.atoms[last.at]
	cut := a.from + len(last.stem)
	if last.weight == open && len(parts) > 1 && len(last.stem) == len(a.text) {
		if n := genitive(a.text); n > 0 && possessive(r, last.at) {
			cut = a.from + n
		}
	}
	n := r.name(first.at, last.at+1, cut)
	stem := fold(first.stem)
	n.surname = len(parts) == 1 && (first.weight == farm || lastNames[stem] && !firstNames[stem])
	if len(parts) == 1 && strings.Contains(stem, "-") && !m.people.known(stem) {
		n = r.compound(first.at, n)
	}
	return n
}

// surnameLike tells by its ending.
func surnameLike(w string) bool {
	for _, e := range []string{"sen", "son", "stad", "rud", "vik", "haug", "haugen", "bakken", "moen", "lien", "nes", "ness", "set", "seth", "land", "eim", "heim", "tveit", "gård", "gaard", "berg", "dal", "dahl",
		"øy", "våg", "strøm", "røed", "hus", "vold", "voll", "stein", "ås", "aas", "lund", "skog", "mark", "myr", "myhr", "ski", "wski", "ov", "enko", "ic", "ić"} {
		if strings.HasSuffix(w, e) && len(w) > len(e)+1 {
			return true
		}
	}
	return false
}

// firstNameLike tells by its ending.
func firstNameLike(w string) bool {
	for _, e := range []string{"frid", "hild", "borg", "bjørg", "veig", "unn", "laug", "ine", "ina", "ella", "elle", "ira", "geir", "mund", "ulf", "leif", "bjørn", "finn", "vald", "gerd", "gunn", "dis",
		"rik", "mar", "var", "oar", "ette", "anne", "lise", "ethe", "iana", "elia", "ilde"} {
		if strings.HasSuffix(w, e) && len(w) > len(e)+1 {
			return true
		}
	}
	return false
}

// definite tells words that may be nouns with their article: "Leverandøren", "Utvalget".
func definite(w string) bool {
	for _, e := range []string{"en", "et", "a", "ene", "ane", "er", "ar"} {
		if strings.HasSuffix(w, e) && !strings.HasSuffix(w, "sen") {
			return true
		}
	}
	return false
}

// possessive reports whether an s at the end of an unknown surname is an ending: something is owned.
func possessive(r *reader, i int) bool {
	return r.is(i+1, word) && !r.atoms[i+1].capital && !speech[r.low(i+1)] && !starts[r.low(i+1)]
}

// introduces reports whether the words before atom i announce a name.
func (r *reader) introduces(i int) bool {
	w, w2, w3 := r.low(i-1), r.low(i-2), r.low(i-3)
	if w == ":" && (w2 == "stemte" || w2 == "røysta" || w2 == "imot" || w2 == "for" || w2 == "møtte" || w2 == "forfall" || w2 == "ansvarlig" || w2 == "ansvarleg" || w2 == "stede" || w2 == "stades") {
		return true
	}
	if w == "er" && (w2 == "dette" || w2 == "navnet" || w2 == "namnet" || w2 == "navn") {
		return true
	}
	if w == "," || w == ":" {
		return w2 == "takk" || w2 == "godt" && w3 == "så" || w2 == "ordet" || w2 == "god" && w3 == "så" || w2 == "så" && w3 == "ver"
	}
	if w == "." {
		return w2 == "dr" || w2 == "hr" || w2 == "frk"
	}
	switch w {
	case "heter", "heiter", "hette", "het", "heitte", "kalles", "kalla":
		return true
	case "til":
		return w2 == "ordet" || w2 == "takk" || w2 == "replikk"
	case "fra", "frå":
		return slices.Contains([]string{"forslag", "forslaget", "framlegg", "framlegget", "replikk", "innlegg", "innlegget", "spørsmål", "spørsmålet", "forfall", "protokolltilførsel", "beskjed", "melding"}, w2)
	case "replikk", "hilsen", "helsing", "mvh":
		return true
	}
	return titles[w] || speech[w]
}

// speech are what people do in meetings; a name stands before or after.
var speech = wordSet("sa sier seier sagt mente meiner mener foreslo foreslår spurte spør svarte svarer svarar repliserte fremmet fremma fremmer fremmar uttalte uttaler etterlyste etterlyser " +
	"påpekte påpeker orienterte orienterer orienterar redegjorde presiserte presiserer bemerket understreket takket ba bad fratrådte tiltrådte møtte meldte etterspurte innledet innleia oppsummerte")

// follows reports whether the words after atom i tell that it was a name: a party, or a verb of speech
// unless that could stand after any word that begins a sentence ("Leverandøren sier").
func (r *reader) follows(i int, verbs bool) bool {
	if r.low(i+1) == "(" && r.is(i+2, word) && (abbreviation(r.atoms[i+2].text) || bodies[r.low(i+2)]) {
		return true
	}
	if own := r.low(i + 1); verbs && (own == "sitt" || own == "sin" || own == "sine" || own == "si") {
		return true
	}
	return verbs && speech[r.low(i+1)] && r.low(i+1) != "møtte" || r.low(i+1) == "har" && r.low(i+2) == "ordet"
}

// placed reports whether the words before atom i tell a place.
func (r *reader) placed(i int) bool {
	switch r.low(i - 1) {
	case "i", "på", "ved", "til", "fra", "frå", "mot", "over", "mellom", "rundt", "nær", "ovenfor", "nedenfor", "langs", "forbi":
		return true
	}
	return false
}

// sent reports whether what comes is a place or a person: "brev fra Abdikarim Yassin".
func (r *reader) sent(i int) bool {
	switch r.low(i - 1) {
	case "fra", "frå", "til", "ved", "mot", "mellom":
		return true
	}
	return false
}

// compound takes the name out of "Hansen-saken"; "Berg-Hansen" stays whole.
func (r *reader) compound(i int, n name) name {
	text := r.atoms[i].text
	cut := strings.LastIndexByte(text, '-')
	if cut <= 0 {
		return n
	}
	if rest, _ := utf8.DecodeRuneInString(text[cut+1:]); strings.ToLower(string(rest)) != string(rest) {
		return n
	}
	n.to = r.atoms[i].from + cut
	n.words = []string{text[:cut]}
	return n
}
