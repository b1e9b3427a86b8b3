package mask

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// heard is a row of numbers as the final check reads it: each piece with its digits and place, until a
// word or sign comes that no number goes on behind.
type heard struct {
	pieces []piece
	after  string // the word that ended it, or ""
	commas bool
}

type piece struct {
	at     int
	digits string
	tens   bool // a word for twenty, thirty, ...: the next digit may belong to it
	word   bool
	behind string // the signs between it and the next piece
}

// passing are the words that the final check reads over. It has its own, shorter list than Mask.
var passing = wordSet("eh ehm øh øhm hm og så strek bindestrek punktum")

// numberLeaks reads the rows of numbers of a text.
func (m *Masker) numberLeaks(text string, add func(kind string, at int)) {
	var h heard
	behind := ""
	end := func(word string) {
		h.after = word
		if len(h.pieces) > 0 {
			m.examine(h, add)
		}
		h, behind = heard{}, ""
	}
	put := func(p piece) {
		if n := len(h.pieces); n > 0 {
			h.pieces[n-1].behind = behind
			h.commas = h.commas || strings.Contains(behind, ",")
		}
		behind = ""
		h.pieces = append(h.pieces, p)
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsDigit(r):
			to := span(text, i, unicode.IsDigit)
			put(piece{at: i, digits: plainDigits(text[i:to])})
			i = to
		case letter(r):
			to := wordEnd(text, i)
			w := fold(text[i:to])
			if d, ok := spelled(w); ok {
				put(piece{at: i, digits: d, tens: tens[w] > 0, word: true})
			} else if !passing[w] {
				end(w)
			} else {
				behind += w
			}
			i = to
		case strings.ContainsRune(" .,-–—…·*_\u00a0\u202f\u00ad\u200b", r):
			behind += text[i : i+n]
			i += n
		default:
			end("")
			i += n
		}
	}
	end("")
}

// examine looks at one row in the two ways that it can be read.
func (m *Masker) examine(h heard, add func(kind string, at int)) {
	joined := heard{after: h.after, commas: h.commas}
	for i := 0; i < len(h.pieces); i++ {
		p := h.pieces[i]
		if p.tens && i+1 < len(h.pieces) && len(h.pieces[i+1].digits) == 1 && h.pieces[i+1].digits != "0" {
			p.digits = p.digits[:1] + h.pieces[i+1].digits
			p.behind = h.pieces[i+1].behind
			i++
		}
		joined.pieces = append(joined.pieces, p)
	}
	m.judgeRow(h, add)
	if len(joined.pieces) != len(h.pieces) {
		m.judgeRow(joined, add)
	}
}

func (m *Masker) judgeRow(h heard, add func(kind string, at int)) {
	all := ""
	var begin []int // where each piece begins in all
	for _, p := range h.pieces {
		begin = append(begin, len(all))
		all += p.digits
	}
	begin = append(begin, len(all))
	for k := range h.pieces {
		for _, n := range []int{11, 12, 13} {
			if to := begin[k] + n; slices.Contains(begin, to) && certain(path{digits: all[begin[k]:to], parts: h.texts()}) {
				add(IdentityNo, h.pieces[k].at)
			}
		}
	}
	for _, p := range h.pieces {
		for j := 0; len(p.digits) > 11 && j+11 <= len(p.digits); j++ {
			if id, ok := ReadIdentity(p.digits[j : j+11]); ok && id.Valid {
				add(IdentityNo, p.at)
			}
		}
	}
	m.takenOut(h, all, begin, add)
	if h.commas || units[h.after] || h.steps() {
		return
	}
	shape := lengths(h.texts())
	_, plausible := ReadIdentity(all)
	switch words := h.words(); {
	case len(all) == 11 && plausible && (words || slices.ContainsFunc([][]int{{11}, {6, 5}, {2, 2, 2, 5}, {2, 2, 2, 3, 2}, {6, 3, 2}}, func(s []int) bool { return slices.Equal(s, shape) })):
		add(IdentityNo, h.pieces[0].at)
	case len(all) == 11 && (slices.Equal(shape, []int{4, 2, 5}) || slices.Equal(shape, []int{11}) && ValidAccount(all)):
		add(Account, h.pieces[0].at)
	case len(all) == 8 && all[0] >= '2' && h.spaced() && (slices.Equal(shape, []int{2, 2, 2, 2}) || slices.Equal(shape, []int{3, 2, 3})):
		add(Phone, h.pieces[0].at)
	case len(all) == 8 && (all[0] == '4' || all[0] == '9') && len(shape) == 1:
		add(Phone, h.pieces[0].at)
	case len(all) == 8 && all[0] >= '2' && len(shape) == 8 && words:
		add(Phone, h.pieces[0].at)
	}
}

// takenOut looks for the digits of everything that was masked.
func (m *Masker) takenOut(h heard, all string, begin []int, add func(kind string, at int)) {
	for kind, things := range m.register.given {
		for _, d := range things {
			if d == "" || strings.Trim(d, "0123456789") != "" {
				continue
			}
			if len(d) < 8 {
				// A short code is only found where it stands alone.
				if all == d && len(d) >= 4 && !year(d) {
					add(kind, h.pieces[0].at)
				}
				continue
			}
			if i := strings.Index(all, d); i >= 0 {
				k, _ := slices.BinarySearch(begin, i+1)
				add(kind, h.pieces[k-1].at)
			}
		}
	}
}

func (h heard) texts() []string {
	out := make([]string, len(h.pieces))
	for i, p := range h.pieces {
		out[i] = p.digits
	}
	return out
}

func (h heard) words() bool {
	return !slices.ContainsFunc(h.pieces, func(p piece) bool { return !p.word })
}

// steps tells numbers that somebody counts, and years.
func (h heard) steps() bool {
	p := path{parts: h.texts()}
	return p.counting() || p.years()
}

// spaced reports whether nothing but single spaces part the pieces.
func (h heard) spaced() bool {
	return !slices.ContainsFunc(h.pieces[:len(h.pieces)-1], func(p piece) bool { return strings.Trim(p.behind, " \u00a0") != "" })
}
