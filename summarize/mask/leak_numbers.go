package mask

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// row is a stretch of numbers as the final check reads it: each piece with its digits and place, until a
// word or sign comes that no number goes on behind.
type row struct {
	pieces []piece
	before string // the word before it, or ""
	bare   bool   // a colon stands before it and no word: a number of JSON's own
	after  string // the word that ended it, or ""
}

type piece struct {
	at     int
	digits string
	role   role
	behind string // the signs between it and the next piece
}

// role is what a piece can be joined with.
type role int

const (
	written role = iota // digits
	whole               // a number word that stands for itself: "tretten", "tjueto"
	one                 // "null" to "ni"
	ten                 // "tjue", "tretti", ...
	hundred             // "hundre"
	and                 // "og"
)

// passing are the words that the final check reads over. It has its own, shorter list than Mask.
var passing = wordSet("eh ehm øh øhm hm så strek bindestrek punktum")

// numberLeaks reads the rows of numbers of a text.
func (m *Masker) numberLeaks(text string, add func(kind string, at int)) {
	var h row
	end := func(word string) {
		h.after = word
		m.examine(h, add)
		h = row{before: word}
	}
	between := func(s string) {
		if n := len(h.pieces); n > 0 {
			h.pieces[n-1].behind += s
		}
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsDigit(r):
			to := span(text, i, unicode.IsDigit)
			h.pieces = append(h.pieces, piece{at: i, digits: plainDigits(text[i:to])})
			i = to
		case letter(r):
			to := span(text, i, letter)
			w := fold(text[i:to])
			if p, ok := pieceOf(w); ok {
				p.at = i
				h.pieces = append(h.pieces, p)
			} else if passing[w] {
				between(w)
			} else {
				end(w)
			}
			i = to
		case strings.ContainsRune(" .,-–—…·*_\u00a0\u202f\u00ad\u200b", r):
			between(text[i : i+n])
			i += n
		case r == ':' && len(h.pieces) == 0:
			h.bare = h.before == ""
			i += n // "fakturanummer: 98765432"
		default:
			end("")
			i += n
		}
	}
	end("")
}

// pieceOf reads one word.
func pieceOf(w string) (piece, bool) {
	switch d := digitWords[w]; {
	case w == "og":
		return piece{role: and}, true
	case w == "hundre":
		return piece{role: hundred}, true
	case len(d) == 1:
		return piece{digits: d, role: one}, true
	case tens[w] > 0:
		return piece{digits: d, role: ten}, true
	}
	d, ok := spelled(w)
	return piece{digits: d, role: whole}, ok
}

// pieceRole is the role at i, and whether there is such a piece.
func (h row) is(i int, r role) bool { return i < len(h.pieces) && h.pieces[i].role == r }

// below reads a number below a hundred at i: "to", "tretten", "tjue", "tjue to", "to og tjue".
func (h row) below(i int) []numeral {
	if i >= len(h.pieces) {
		return nil
	}
	p := h.pieces[i]
	out := []numeral{{digits: p.digits, end: i + 1}}
	switch p.role {
	case ten:
		if h.is(i+1, one) && h.pieces[i+1].digits != "0" {
			out = append(out, numeral{digits: p.digits[:1] + h.pieces[i+1].digits, end: i + 2})
		}
	case one:
		if h.is(i+1, and) && h.is(i+2, ten) && p.digits != "0" {
			out = append(out, numeral{digits: h.pieces[i+2].digits[:1] + p.digits, end: i + 3})
		}
	case and, hundred:
		return nil
	}
	return out
}

// ways are the ways to read on at piece i.
func (h row) ways(i int) []numeral {
	if h.is(i, and) {
		return []numeral{{end: i + 1}}
	}
	out := h.below(i)
	if !h.is(i, one) || !h.is(i+1, hundred) {
		return out
	}
	head, rest := h.pieces[i].digits, i+2
	out = append(out, numeral{digits: head + "00", end: rest})
	if h.is(rest, and) {
		rest++
	}
	for _, n := range h.below(rest) {
		if len(n.digits) <= 2 {
			out = append(out, numeral{digits: head + "0"[:2-len(n.digits)] + n.digits, end: n.end})
		}
	}
	return out
}

// read calls visit with every string of digits of at most limit that begins at piece i.
func (h row) read(i, limit int, visit func(digits string, end int)) {
	tried := 0
	var walk func(i int, digits string)
	walk = func(i int, digits string) {
		for _, n := range h.ways(i) {
			if tried++; tried > 2000 || len(digits)+len(n.digits) > limit {
				return
			}
			visit(digits+n.digits, n.end)
			walk(n.end, digits+n.digits)
		}
	}
	walk(i, "")
}

// examine looks for numbers in a row that check, that were masked, or that have the form of personal ones.
func (m *Masker) examine(h row, add func(kind string, at int)) {
	if len(h.pieces) == 0 {
		return
	}
	masked := map[string]string{}
	for t := range m.register.numbers {
		if strings.Trim(t.canonical, "0123456789") == "" {
			masked[t.canonical] = t.kind
		}
	}
	texts := h.texts()
	years := path{parts: texts}.years()
	for k, p := range h.pieces {
		if p.role == and {
			continue
		}
		h.read(k, 13, func(d string, end int) {
			if len(d) >= 11 && certain(path{digits: d, parts: texts[k:end], spoken: h.hasWords()}) {
				add(IdentityNo, p.at)
			}
			// A short code is found only where it stands alone.
			if kind, ok := masked[d]; ok && (len(d) >= 8 || len(d) >= 4 && k == 0 && end == len(h.pieces) && !year(d) && !h.bare && !units[h.after]) {
				add(kind, p.at)
			}
		})
		if p.role == written && len(p.digits) > 11 {
			for j := 0; j+11 <= len(p.digits); j++ {
				if id, ok := ReadIdentity(p.digits[j : j+11]); ok && id.Valid {
					add(IdentityNo, p.at)
				}
			}
		}
	}
	if units[h.after] || years || h.listed() || otherNumber(h.before) {
		return
	}
	if kind := h.form(); kind != "" {
		add(kind, h.pieces[0].at)
	}
}

// form is the kind of number that a whole row looks like, "" for none.
func (h row) form() string {
	if !h.hasWords() {
		return writtenForm(h.texts(), h.spaced())
	}
	kind := ""
	h.read(0, 13, func(d string, end int) {
		if end != len(h.pieces) || kind != "" {
			return
		}
		_, plausible := ReadIdentity(d)
		switch {
		case len(d) == 11 && plausible:
			kind = IdentityNo
		case len(d) == 8 && len(h.pieces) == 8 && d[0] >= '2':
			kind = Phone
		}
	})
	return kind
}

// writtenForm looks at digits alone, by their groups.
func writtenForm(groups []string, spaced bool) string {
	all := strings.Join(groups, "")
	shape := func(of ...int) bool { return slices.Equal(lengths(groups), of) }
	_, plausible := ReadIdentity(all)
	switch {
	case len(all) == 11 && plausible && (shape(11) || shape(6, 5) || shape(2, 2, 2, 5) || shape(2, 2, 2, 3, 2) || shape(6, 3, 2)):
		return IdentityNo
	case len(all) == 11 && (shape(4, 2, 5) || shape(11) && ValidAccount(all)):
		return Account
	case len(all) == 8 && all[0] >= '2' && spaced && (shape(2, 2, 2, 2) || shape(3, 2, 3)):
		return Phone
	case shape(8) && (all[0] == '4' || all[0] == '9'):
		return Phone
	}
	return ""
}

func (h row) texts() []string {
	out := make([]string, len(h.pieces))
	for i, p := range h.pieces {
		out[i] = p.digits
	}
	return out
}

func (h row) hasWords() bool {
	return slices.ContainsFunc(h.pieces, func(p piece) bool { return p.role != written && p.role != and })
}

// listed tells numbers that somebody counts or lists.
func (h row) listed() bool {
	return path{parts: h.texts()}.counting() || slices.ContainsFunc(h.pieces, func(p piece) bool { return strings.Contains(p.behind, ",") })
}

// spaced reports whether nothing but space parts the pieces.
func (h row) spaced() bool {
	return !slices.ContainsFunc(h.pieces[:len(h.pieces)-1], func(p piece) bool { return strings.Trim(p.behind, " \u00a0") != "" })
}
