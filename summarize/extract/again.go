package extract

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// recounts starts a count over.
var recounts = norsk.Phrases("teller|tel|telle|telje|tar|tek|ta ..4 om igjen|att", "teller|tel|telle|telje|tar|tek|ta|voterer|røystar|stemmer ..4 på nytt", "omtelling|omvotering|omrøysting", "teller|tel ..1 igjen|att", "på nytt ..3 voterer|røystar|stemmer|teller|tel")

// recount drops what was counted of a vote that is to be counted again, also when its result was told already.
func (b *box) recount(i int) {
	v := b.current
	if v == nil && len(b.list) > 0 && i-last(b.list) <= 12 {
		at := len(b.list) - 1
		old := b.list[at]
		v, b.list = &old, b.list[:at]
		for _, k := range []int{old.about, old.other} {
			if k >= 0 {
				b.props[k].settled = false
			}
		}
	}
	if v == nil || len(v.said) == 0 && v.split.empty() {
		return
	}
	again := vote{about: v.about, other: v.other, guessed: v.guessed, open: v.open, corrected: true}
	again.Case = v.Case
	b.current, b.choice, b.none = &again, -1, false
	b.subjects = nil
	for _, k := range []int{v.about, v.other} {
		if k >= 0 {
			b.subjects = append(b.subjects, k)
		}
	}
	again.utterances = append(again.utterances, i)
	b.open, b.asked = i, forSide
	if len(b.subjects) == 2 {
		b.choice = 0
	}
}

// atOnce is said of several proposals that one vote is on.
var atOnce = norsk.Phrases("begge|alle ..1 innstilling~|tilråding~|punkt~|forslag~|framlegg~|delene|er|blir|vart|vert|ble", "de|dei to|tre innstilling~|punkt~|forslag~", "samlet|samla|samtidig|samstundes votering|røysting|over", "under ett|eitt", "i ett|eitt", "begge to", "begge delar|deler")

// several makes a vote of its own for each proposal where one was on more than one: "Begge er vedtatt."
func (b *box) several() []vote {
	var out []vote
	for _, v := range b.list {
		all := v.allOf(b)
		if len(all) < 2 {
			out = append(out, v)
			continue
		}
		for _, k := range all {
			w := v
			w.about, w.other, w.guessed, w.together = k, -1, false, true
			w.utterances = slices.Clone(v.utterances)
			w.open = all[:0:0]
			out = append(out, w)
			b.props[k].settled = true
		}
	}
	return out
}

// allOf are the proposals that a vote was on at once: the points or proposals that the chair named for it, or the
// recommendations that could be voted on.
func (v *vote) allOf(b *box) []int {
	if len(v.utterances) == 0 || v.other >= 0 {
		return nil
	}
	from, to := slices.Min(v.utterances), lastOf(v.utterances)
	said := -1
	for i := max(b.th.from, from-3); i <= to; i++ {
		if u := &b.s.us[i]; b.s.counting(i) && norsk.Has(atOnce, u.tokens) && !norsk.Has(norsk.Phrases("innkalling~", "sakliste~|saksliste~"), u.tokens) {
			said = i
		}
	}
	if said < 0 {
		return nil
	}
	open := slices.Clone(v.open)
	if v.about >= 0 && !slices.Contains(open, v.about) {
		open = append(open, v.about)
	}
	var named, own []int
	for _, k := range open {
		for i := max(b.th.from, from-4); i <= to; i++ {
			if b.s.counting(i) && b.props[k].number > 0 && slices.Contains(pointsIn(b.s.us[i].tokens), b.props[k].number) {
				named = appendIndex(named, k)
			}
		}
		if b.props[k].recommendation {
			own = append(own, k)
		}
	}
	switch {
	case len(named) > 1:
		slices.Sort(named)
		return named
	case len(own) > 1 && len(own) == len(open):
		slices.Sort(own)
		return own
	}
	return nil
}

// pointsIn are the numbers of the points that a sentence names.
func pointsIn(t []norsk.Token) []int {
	var out []int
	for j := range t {
		if n := pointOf(t[j:]); n > 0 && (t[j].Lower == "punkt" || t[j].Lower == "pkt" || j+1 < len(t)) {
			out = append(out, n)
		}
	}
	return out
}
