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
		listed := row >= 0 && row == i-1 && (r.low(row) == "," || r.low(row) == "og") || m.inRow(r, i, end)
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
			if !r.is(end, word) || r.taken[end] || !r.atoms[end].capital && utf8.RuneCountInString(r.atoms[end].text) == 1 {
				end = 0 // "Kari e" is not "Kari E."
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
			if i == from && (titles[a.low] || a.begins && starts[a.low] && !(w == either && r.addressed(i, stem))) {
				w = never
			}
		}
		if w == open && r.low(i+1) == "-" && !r.atoms[i+1].spaced {
			w = never // "Kommunal- og distriktsdepartementet"
		}
		if w == never && !titles[a.low] && !bodies[a.low] && !places[a.low] && !tails[a.low] {
			last := len(parts) - 1
			given := last >= 0 && i == parts[last].at+1 && parts[last].weight >= either && m.given(parts[last].stem)
			if given && (secondNames[a.low] || m.people.common[a.low] && !starts[a.low]) {
				w = open // "Roy Andre", and "Arne Sletten" where somebody clears "sletten"
			}
			if r.initial(i) && (given || r.beforeSurname(m, i, to)) {
				w = open
			}
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

// beforeSurname reports whether the initial at i stands before a surname, maybe after another initial: "K. M. Eriksen".
func (r *reader) beforeSurname(m *Masker, i, to int) bool {
	for i < to && r.initial(i) && r.low(i+1) == "." {
		i += 2
	}
	if i >= to || !r.is(i, word) {
		return false
	}
	w, _ := m.weigh(r.atoms[i])
	return w == sure || w == farm || w == open && surnameLike(r.low(i))
}

// inRow reports whether the sequence [from, end) stands in a row with a first name after it: "Torvil, Ånon og Kari".
func (m *Masker) inRow(r *reader, from, end int) bool {
	w := r.low(from)
	if eitherNames[w] && end == from+1 && w != "jo" && w != "hans" {
		return r.is(end+1, word) && r.atoms[end+1].capital && m.given(r.atoms[end+1].text) && (r.low(end) == "og" || r.low(end) == ",")
	}
	if end != from+1 || r.atoms[from].begins && (exclamation(w) || starts[w]) || definite(w) && (r.atoms[from].begins || !strings.HasSuffix(w, "r") && !strings.HasSuffix(w, "a")) {
		return false
	}
	for i := end; r.low(i) == "," || r.low(i) == "og"; i += 2 {
		if !r.is(i+1, word) || !r.atoms[i+1].capital || r.taken[i+1] || r.is(i+2, word) && r.atoms[i+2].capital {
			return false
		}
		switch w, stem := m.weigh(r.atoms[i+1]); {
		case w == never || tails[r.low(i+2)]:
			return false
		case w >= either && m.given(stem):
			return true
		case w == open && r.low(i) == "og":
			// "Khadijo og Ubah har søkt": two do it, of whom nothing is known.
			return r.atoms[from].begins && acts[r.low(i+2)] && !exclamation(r.low(i+1)) && !definite(r.low(i+1))
		}
	}
	return false
}

// judge decides what of some words, none of which is known to be something else, is a name.
func (m *Masker) judge(r *reader, parts []part, body, listed bool) []name {
	first, last := parts[0], parts[len(parts)-1]
	begins := r.atoms[first.at].begins && !(len(parts) > 1 && r.initial(first.at))
	best := slices.MaxFunc(parts, func(a, b part) int { return int(a.weight) - int(b.weight) }).weight
	context := listed || r.introduces(first.at) || r.called(first.at, last.at+1) || r.follows(last.at, !begins || best > open || len(parts) > 1 || !definite(r.low(last.at)))
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
	case best >= either && (best == sure || len(parts) > 1 || !begins || context || r.addressed(last.at, last.stem)):
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
