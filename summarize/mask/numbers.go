package mask

import (
	"slices"
	"strings"
)

// find claims everything but names.
func (m *Masker) find(r *reader) {
	r.emails()
	m.passwords(r)
	r.checked()
	r.abroad()
	m.cued(r)
	r.shieldAmounts()
	r.possible()
	r.phones()
	r.organisations()
	m.repeated(r)
	r.streets()
	r.postcodes()
	r.quotes(false)
}

// checked claims identity numbers whose check digits fit, wherever they begin and however they are parted.
func (r *reader) checked() {
	for i := range r.atoms {
		if !r.starts(i) {
			continue
		}
		best := path{}
		r.paths(i, true, 16, func(p path, _ bool) {
			if len(p.digits) >= 11 && len(p.digits) > len(best.digits) && certain(p) {
				best = p
			}
		})
		if best.digits == "" {
			r.buried(i)
			continue
		}
		l := labelIdentity
		if len(best.digits) == 16 {
			l = labelCard
		}
		r.claimAtoms(i, best.end, l, shortened(best.digits))
	}
}

// certain reports whether the digits of a path are an identity or card number by their check digits.
func certain(p path) bool {
	switch len(p.digits) {
	case 11, 13:
		id, ok := ReadIdentity(shortened(p.digits))
		return ok && id.Valid
	case 12:
		id, ok := ReadIdentity(p.digits)
		return ok && id.Valid && !p.years() && (p.spoken || slices.Max(lengths(p.parts)) != 2)
	case 16:
		n := lengths(p.parts)
		return validCard(p.digits) && !p.wide && (p.spoken || len(n) == 1 || slices.Equal(n, []int{4, 4, 4, 4})) && !p.years() && !p.counting()
	}
	return false
}

// shortened takes the century out of a day of birth that was said with its whole year.
func shortened(d string) string {
	if len(d) == 13 && (d[4:6] == "19" || d[4:6] == "20") {
		return d[:4] + d[6:]
	}
	return d
}

// buried claims a string of digits without any space that hides an identity number in its middle.
func (r *reader) buried(i int) {
	d := r.low(i)
	if !r.is(i, digits) || len(d) <= 12 {
		return
	}
	if strings.HasSuffix(r.low(i-1), "no") && len(d) == 13 {
		r.claimAtoms(i, i+1, labelAccount, d[2:]) // an IBAN without spaces
		return
	}
	for j := 0; j+11 <= len(d); j++ {
		if id, ok := ReadIdentity(d[j : j+11]); ok && id.Valid {
			r.claimAtoms(i, i+1, labelIdentity, d)
			return
		}
	}
}

// possible claims what has the length of an identity or account number, and is nothing else.
func (r *reader) possible() {
	r.runs(func(i int, ways []path) {
		for _, p := range ways {
			if p.counting() || r.lists(i, p) || r.clockOrDays(p) || p.listed() && !(ValidAccount(p.digits) || slices.Equal(lengths(p.parts), []int{2, 2, 2, 3, 2})) {
				continue
			}
			if l, canonical, ok := p.long(); ok {
				r.claimAtoms(i, p.end, l, canonical)
				return
			}
		}
	})
}

// long tells what a whole run of eleven digits or more may be.
func (p path) long() (label, string, bool) {
	d := shortened(p.digits)
	id, plausible := ReadIdentity(d)
	switch n := len(d); {
	case n < 11:
	case n == 11 && ValidAccount(d) && !(plausible && id.Valid) && p.account():
		return labelAccount, d, true
	case n == 11 && plausible && (!p.years() || len(p.digits) == 13):
		return labelIdentity, d, true
	case n == 11 && !p.years():
		return labelAccount, d, true
	case n == 12 && plausible && !p.years() && len(p.parts) != 3:
		return labelIdentity, d, true
	case n <= 16 && !p.years() && p.days == 0 && (p.spoken || slices.Max(lengths(p.parts)) != 2):
		// A digit too many, or a number beside it: the day is looked for at every part.
		at := 0
		for _, part := range p.parts {
			if at+11 > len(d) {
				break
			}
			if _, ok := ReadIdentity(d[at : at+11]); ok {
				return labelIdentity, d, true
			}
			at += len(part)
		}
	}
	return "", "", false
}

// account tells the way in which account numbers are grouped, four, two, five, or not at all.
func (p path) account() bool {
	return len(p.parts) == 1 || slices.Equal(lengths(p.parts), []int{4, 2, 5})
}

func lengths(parts []string) []int {
	out := make([]int, len(parts))
	for i, s := range parts {
		out[i] = len(s)
	}
	return out
}

// abroad claims telephone numbers that begin with "+" or "pluss": whatever their groups.
func (r *reader) abroad() {
	for i := 1; i < len(r.atoms); i++ {
		if sign := r.low(i - 1); sign != "+" && sign != "pluss" || r.taken[i-1] || !r.starts(i) {
			continue
		}
		best := path{}
		r.paths(i, true, 15, func(p path, last bool) {
			if n := len(p.digits); n >= 8 && n > len(best.digits) && (!p.wide || n == 10 && p.digits[:2] == "47") {
				best = p
			}
		})
		if best.digits != "" {
			d, _ := local(best.digits)
			from := i - 1
			if from > 0 && r.low(from-1) == "(" && r.low(i+1) == ")" {
				from-- // "(+47) 22 33 44 55"
			}
			r.claimAtoms(from, best.end, labelPhone, d)
		}
	}
}

// phones claims telephone numbers: eight digits in the groups that they are said and written in.
func (r *reader) phones() {
	r.runs(func(i int, ways []path) {
		// "Du når henne på ...": then it is one, also in parts that look like a list.
		told := r.low(i-1) == "på" && pronouns[r.low(i-2)]
		for _, p := range ways {
			d, norwegian := local(p.digits)
			if len(d) == 8 && (norwegian || len(p.digits) == 8) && d[0] >= '2' && (told || !r.lists(i, p) && r.phoneShape(p)) {
				r.claimAtoms(i, p.end, labelPhone, d)
				return
			}
		}
	})
}

var pronouns = wordSet("ham han henne ho hun meg deg oss dere dykk dei dem vedkommende vedkomande")

// local takes Norway's country code off.
func local(d string) (string, bool) {
	for _, code := range []string{"0047", "47"} {
		if rest, ok := strings.CutPrefix(d, code); ok && len(rest) == 8 {
			return rest, true
		}
	}
	return d, false
}

// phoneShape tells eight digits that are a telephone number from those that are something else.
func (r *reader) phoneShape(p path) bool {
	if p.counting() || p.listed() || p.years() || r.clockOrDays(p) || r.otherNumber(p.start) {
		return false
	}
	n := lengths(p.parts)
	if !p.spoken {
		if len(n) == 1 && dateDigits(p.digits) {
			return false
		}
		for i := p.start; i < p.end; i++ {
			if r.low(i) == "," && slices.Max(n) > 1 {
				return false
			}
		}
		// 45 000 000, 98 765 432: more often an amount.
		if slices.Equal(n, []int{2, 3, 3}) {
			return false
		}
	}
	return p.spoken || slices.Max(n) != 5 && slices.Max(n) != 6 && slices.Max(n) != 7
}

// dateDigits tells 20261124.
func dateDigits(d string) bool {
	return year(d[:4]) && "01" <= d[4:6] && d[4:6] <= "12" && "01" <= d[6:] && d[6:] <= "31"
}

// clockOrDays tells "21.30-22.00" and "24.11, 26.11 og 1.12": pairs with a full stop inside and something
// else between.
func (r *reader) clockOrDays(p path) bool {
	if p.spoken || len(p.parts) < 4 || len(p.parts)%2 == 1 || slices.Max(lengths(p.parts)) > 2 {
		return false
	}
	n := 0
	for i := p.start; i < p.end; i++ {
		if !r.is(i, digits) {
			continue
		}
		stop := r.low(i+1) == "." && !r.atoms[i+1].spaced && r.is(i+2, digits) && !r.atoms[i+2].spaced
		if i+1 < p.end && stop != (n%2 == 0) {
			return false
		}
		n++
	}
	return true
}

// otherNumber reports whether the word before atom i says that a number is one of something else: an
// invoice, a project.
func (r *reader) otherNumber(i int) bool {
	w := r.low(i - 1)
	if w == ":" || w == "." {
		w = r.low(i - 2)
	}
	return otherNumber(w)
}

func otherNumber(w string) bool {
	if _, personal := cues[w]; personal {
		return false
	}
	for _, e := range []string{"nummer", "nummeret", "nr", "id"} {
		if head, ok := strings.CutSuffix(w, e); ok && len(head) > 2 {
			return true
		}
	}
	return otherNumbers[w]
}

var otherNumbers = wordSet("faktura fakturaen prosjekt prosjektet ordre ordren bilag bilaget ref referanse dokument dokumentet journalpost arkivsak versjon isbn ean")

// organisations claims organisation numbers. They are public, but lead to people who run a firm alone.
func (r *reader) organisations() {
	r.runs(func(i int, ways []path) {
		for _, p := range ways {
			if ValidOrganisation(p.digits) && !r.lists(i, p) && !p.counting() && !p.listed() && !p.years() {
				r.claimAtoms(i, p.end, labelOrg, p.digits)
				return
			}
		}
	})
}

// repeated claims codes that were told before, where they stand without their word.
func (m *Masker) repeated(r *reader) {
	if len(m.codes) == 0 {
		return
	}
	r.runs(func(i int, ways []path) {
		for _, p := range ways {
			if m.codes[p.digits] && len(p.digits) >= 4 && !p.years() {
				r.claimAtoms(i, p.end, labelCode, p.digits)
				return
			}
		}
	})
}
