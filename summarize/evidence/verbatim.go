package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// verbatim holds a sentence that repeats one of the source word by word against it: what it then says otherwise,
// a denial that went or came, another number or another name, is no other wording but another meaning.
func (c *Checker) verbatim(st *statement, src source) []Fault {
	for _, s := range st.sentences {
		var first *Fault
		same := false
		for _, e := range src.sentences {
			if quotes(s, e) {
				same = true
				break
			}
			f, near := c.differs(s, e)
			if !near {
				continue
			}
			if f == nil || f.Kind == Number && exchanged(f.Words, src) {
				same = true
				break
			}
			if first == nil {
				first = f
			}
		}
		if first != nil && !same {
			return []Fault{*first}
		}
	}
	return nil
}

// exchanged reports whether a number was put in the place of another: "bytt ut fem med fire prosent".
func exchanged(number string, src source) bool {
	return slices.ContainsFunc(src.sentences, func(s sentence) bool {
		return norsk.Has(norsk.Phrases("byt~|bytt~|endr~|rett~", "i stedet|staden"), s.tokens) && slices.ContainsFunc(s.words, func(w word) bool { return w.Lower == strings.ToLower(number) })
	})
}

// quotes reports whether a sentence stands word for word within one that was said.
func quotes(s, said sentence) bool {
	for i := 0; i+len(s.words) <= len(said.words); i++ {
		if i > 0 && polar(said.words[i-1].Lower) && said.words[i-1].Lower != "nei" || len(s.words) < 3 && len(said.words) != len(s.words) {
			continue // "ikke jeg" is not "jeg"
		}
		if slices.EqualFunc(s.words, said.words[i:i+len(s.words)], func(a, b word) bool { return a.Lower == b.Lower }) {
			return true
		}
	}
	return false
}

// differs compares a sentence with one that was said. near: they have the same words but for denials, numbers and
// names; the fault is then the first of these that is another.
func (c *Checker) differs(s, said sentence) (fault *Fault, near bool) {
	a, b := bareWords(s.words), bareWords(said.words)
	if len(a) != len(b) || len(a) == 0 {
		return nil, false
	}
	alike := 0
	for i := range a {
		x, y := s.words[a[i]], said.words[b[i]]
		if x.Lower == y.Lower {
			alike++
			continue
		}
		kind := Number
		switch {
		case numeral(x) && numeral(y):
			if u, v := value(x), value(y); u == v {
				alike++
				continue
			}
		case x.Capitalised() && y.Capitalised() && !x.function && !y.function:
			kind = Name
			if supports(x, y) || supports(y, x) || parties[x.Lower] != "" && parties[x.Lower] == parties[y.Lower] {
				alike++
				continue
			}
		default:
			return nil, false
		}
		if fault == nil {
			fault = &Fault{Kind: kind, Words: x.Text}
		}
	}
	if alike == 0 {
		return nil, false
	}
	if fault == nil {
		fault = otherDenials(s, said, a, b)
	}
	return fault, true
}

// otherDenials finds where a sentence denies otherwise than the same words that were said.
func otherDenials(s, said sentence, a, b []int) *Fault {
	before := func(words []word, at []int, i int) int { // denials between bare word i-1 and bare word i
		from, to, n := 0, len(words), 0
		if i > 0 {
			from = at[i-1] + 1
		}
		if i < len(at) {
			to = at[i]
		}
		for _, w := range words[from:to] {
			if polar(w.Lower) && w.Lower != "nei" {
				n++
			}
		}
		return n
	}
	total, more, words := 0, 0, s.words
	at := -1
	for i := 0; i <= len(a); i++ {
		n, m := before(s.words, a, i), before(said.words, b, i)
		total, more = total+m, more+n
		if n != m && at < 0 {
			at = min(i, len(a)-1)
		}
	}
	if at < 0 || more == total && total == 1 && len(a) < 6 {
		return nil // the denial has only changed its place
	}
	kind := Affirmed
	if more > total {
		kind = Negated
	}
	return &Fault{Kind: kind, Words: s.text[words[max(0, a[at]-1)].Start:words[a[at]].End]}
}

// bareWords are the places of a sentence's words that are no denials.
func bareWords(words []word) []int {
	var out []int
	for i, w := range words {
		if !polar(w.Lower) {
			out = append(out, i)
		}
	}
	return out
}

func numeral(w word) bool {
	if _, ok := wordValue(w.Lower); ok {
		return true
	}
	_, ordinal := norsk.Ordinal(w.Lower)
	return ordinal || figures(w.Text) || slices.Contains(articles, w.Lower)
}

func value(w word) float64 {
	if v, ok := wordValue(w.Lower); ok {
		return v
	}
	if n, ok := norsk.Number(w.Lower); ok {
		return float64(n)
	}
	n, _ := norsk.Ordinal(w.Lower)
	return float64(n)
}
