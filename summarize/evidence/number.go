package evidence

import (
	"slices"
	"strconv"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// quantity is a number in a text with its unit.
type quantity struct {
	from, to int
	value    string // in figures, "." for a decimal; "12/25" and "11-5" as they stand
	unit     string // one name for all forms of a unit; "" when none stands beside
	article  bool   // "en", "et": a number only beside a unit
}

// units maps what stands beside numbers to one name.
var units = func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(`kroner krone kronen kr nok
prosent pst prosentpoeng
time timen timer timar timene timane
minutt minutter minuttene
dag dagen dager dagar dagene dagane døgn
uke uken uka uker ukene veke veka veker vekene
måned måneden måneder månedene månad månaden månader månadene
år året årene
meter metrar
kilometer km
kilo kg kilogram
gram
milligram mg
liter
milliliter ml
grad grader gradar
stemme stemmer røyst røyster
elev elever elevar
årsverk
stilling stillinger stillingar
plass plasser plassar
person personer personar
`) {
		f := strings.Fields(line)
		for _, w := range f {
			m[w] = f[0]
		}
	}
	return m
}()

var scales = map[string]float64{"hundre": 100, "tusen": 1e3, "million": 1e6, "millioner": 1e6, "millionar": 1e6, "mill": 1e6,
	"milliard": 1e9, "milliarder": 1e9, "milliardar": 1e9, "mrd": 1e9}

var articles = []string{"en", "ein", "ei", "et", "eit"}

// readQuantities finds the numbers of a text, in figures and words.
func readQuantities(text string, tokens []norsk.Token) []quantity {
	var out []quantity
	for i := 0; i < len(tokens); {
		q, ok := quantityAt(tokens, i)
		if !ok {
			i++
			continue
		}
		q.unit = unitOf(text, tokens, q)
		i = q.to
		if q.article && q.unit == "" {
			continue
		}
		out = append(out, q)
	}
	return out
}

func unitOf(text string, tokens []norsk.Token, q quantity) string {
	if rest := strings.TrimLeft(text[tokens[q.to-1].End:], " \u00a0\u202f"); strings.HasPrefix(rest, "%") {
		return "prosent"
	}
	if q.to < len(tokens) && tokens[q.to-1].Mark == 0 {
		if u := units[tokens[q.to].Lower]; u != "" {
			return u
		}
	}
	if q.from > 0 && slices.Contains([]string{"kr", "kroner", "kronor"}, tokens[q.from-1].Lower) {
		return "kroner"
	}
	return ""
}

func quantityAt(tokens []norsk.Token, i int) (quantity, bool) {
	t := tokens[i]
	q := quantity{from: i, to: i + 1}
	if t.Text[0] >= '0' && t.Text[0] <= '9' {
		return inFigures(tokens, q)
	}
	if t.Lower == "halvannen" || t.Lower == "halvannan" || t.Lower == "halvanna" {
		return scaled(tokens, q, 1.5), true
	}
	if slices.Contains(articles, t.Lower) {
		if i+1 < len(tokens) && t.Mark == 0 {
			switch next := tokens[i+1].Lower; {
			case next == "halv" || next == "halvt":
				q.to++
				return scaled(tokens, q, 0.5), true
			case scales[next] > 0:
				return inWords(tokens, q)
			case next == "og" && half(tokens, i+1):
				q.to += 3
				return scaled(tokens, q, 1.5), true
			}
		}
		q.value, q.article = "1", true
		return q, true
	}
	if n, ok := norsk.Ordinal(t.Lower); ok {
		q.value = strconv.Itoa(n)
		return q, true
	}
	return inWords(tokens, q)
}

// half reports whether "og en halv" stands at i.
func half(tokens []norsk.Token, i int) bool {
	return i+2 < len(tokens) && tokens[i].Lower == "og" && slices.Contains(articles, tokens[i+1].Lower) &&
		(tokens[i+2].Lower == "halv" || tokens[i+2].Lower == "halvt")
}

// scaled closes a number, a following "million" included.
func scaled(tokens []norsk.Token, q quantity, v float64) quantity {
	if half(tokens, q.to) && tokens[q.to-1].Mark == 0 {
		v, q.to = v+0.5, q.to+3
	}
	for q.to < len(tokens) && tokens[q.to-1].Mark == 0 && scales[tokens[q.to].Lower] > 0 {
		v *= scales[tokens[q.to].Lower]
		q.to++
	}
	q.value = strconv.FormatFloat(v, 'f', -1, 64)
	return q
}

func inFigures(tokens []norsk.Token, q quantity) (quantity, bool) {
	s := tokens[q.from].Text
	if figures(s) && len(s) <= 3 {
		for q.to < len(tokens) && tokens[q.to-1].Mark == 0 && len(tokens[q.to].Text) == 3 && figures(tokens[q.to].Text) &&
			tokens[q.to].Start-tokens[q.to-1].End <= 3 { // an ordinary, hard or narrow space
			s += tokens[q.to].Text
			q.to++
		}
	}
	if parts := strings.Split(s, "."); len(parts) > 1 && grouped(parts) {
		s = strings.Join(parts, "")
	}
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || strings.Contains(s, ".") {
		q.value = s
		return q, true
	}
	return scaled(tokens, q, v), true
}

func figures(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func grouped(parts []string) bool {
	for i, p := range parts {
		if !figures(p) || i > 0 && len(p) != 3 || i == 0 && len(p) > 3 {
			return false
		}
	}
	return true
}

// inWords reads "to hundre og femti tusen", "tohundreogfemti", "to og en halv million" at q.
func inWords(tokens []norsk.Token, q quantity) (quantity, bool) {
	total, current := 0.0, 0.0
	seen, open := false, true // open: a smaller number may follow
	i := q.from
	for ; i < len(tokens); i++ {
		w := tokens[i].Lower
		if i > q.from && tokens[i-1].Mark != 0 {
			break
		}
		if w == "og" && seen && open && i+1 < len(tokens) && !half(tokens, i) {
			if _, ok := wordValue(tokens[i+1].Lower); ok && tokens[i].Mark == 0 {
				continue
			}
		}
		if s := scales[w]; s == 100 && current < 100 {
			current, seen, open = max(1, current)*100, true, true
			continue
		} else if s >= 1000 && (seen || w == "tusen") {
			total, current, seen, open = total+max(1, current)*s, 0, true, true
			continue
		}
		v, ok := wordValue(w)
		if slices.Contains(articles, w) {
			v, ok = 1, !seen && i+1 < len(tokens) && scales[tokens[i+1].Lower] > 0
		}
		if !ok || !open || v >= 100 && current > 0 {
			break
		}
		current, seen, open = current+v, true, false
		if half(tokens, i+1) && tokens[i].Mark == 0 {
			current += 0.5
			i += 3
		}
	}
	if !seen {
		return q, false
	}
	q.to = i
	for q.to > q.from+1 && tokens[q.to-1].Lower == "og" {
		q.to--
	}
	q.value = strconv.FormatFloat(total+current, 'f', -1, 64)
	return q, true
}

// wordValue reads one number word, also one written together: "tjueåtte", "femtitusen", "tohundreogti".
func wordValue(w string) (float64, bool) {
	if w == "" || slices.Contains(articles, w) {
		return 0, false
	}
	if n, ok := norsk.Number(w); ok && !figures(w) {
		return float64(n), true
	}
	for _, s := range []string{"tusen", "hundre"} {
		left, right, found := strings.Cut(w, s)
		if !found || left == "" && right == "" {
			continue
		}
		v, rest := 1.0, 0.0
		if left != "" {
			var ok bool
			if n, small := norsk.Number(left); small && !figures(left) {
				v, ok = float64(n), true
			} else {
				v, ok = wordValue(left)
			}
			if !ok {
				return 0, false
			}
		}
		if right = strings.TrimPrefix(right, "og"); right != "" {
			var ok bool
			if n, small := norsk.Number(right); small && !figures(right) {
				rest, ok = float64(n), true
			} else {
				rest, ok = wordValue(right)
			}
			if !ok {
				return 0, false
			}
		}
		return v*scales[s] + rest, true
	}
	return 0, false
}

// quantities finds the numbers of a statement that its source does not hold with the same unit.
func (c *Checker) quantities(st *statement, src source) []Fault {
	var said []quantity
	var run []string // values in the order they were said, to read "tolv tjuefem" as 12/25
	loose := map[string]bool{}
	for _, s := range src.sentences {
		for _, q := range readQuantities(s.text, s.tokens) {
			said = append(said, q)
			run = append(run, q.value)
		}
		for _, w := range s.words {
			if u := units[w.Lower]; u != "" {
				loose[u] = true
			}
			if slices.Contains(articles, w.Lower) {
				loose["1"] = true
			}
		}
	}
	out := counts(st, src)
	asked := readQuantities(st.text, st.tokens())
	for i := 0; i < len(asked); i++ { // a code, said digit by digit, is one number
		var digits []string
		j := i
		for ; j < len(asked) && len(asked[j].value) == 1 && asked[j].unit == "" && (j == i || asked[j].from == asked[j-1].to); j++ {
			digits = append(digits, asked[j].value)
		}
		if len(digits) > 2 {
			if !sequence(strings.Join(digits, "-"), run) {
				out = append(out, Fault{Kind: Number, Words: st.quote(asked[i].from, asked[j-1].to)})
			}
			i = j - 1
		}
	}
	for _, q := range asked {
		if st.fact[q.from] {
			continue // part of a day or time
		}
		st.mark(q.from, q.to)
		value := slices.IndexFunc(said, func(s quantity) bool { return s.value == q.value })
		exact := slices.ContainsFunc(said, func(s quantity) bool {
			return s.value == q.value && (q.unit == "" || s.unit == q.unit || s.unit == "" && loose[q.unit])
		})
		switch {
		case exact && c.another(st, q, src):
			out = append(out, Fault{Kind: Amount, Words: st.quote(q.from, min(q.to+1, len(st.words)))})
		case exact || sequence(q.value, run):
		case q.value == "1" && !figures(st.words[q.from].Text) && (loose["1"] || q.article && q.unit == "") && (q.unit == "" || loose[q.unit]):
		case value >= 0:
			out = append(out, Fault{Kind: Amount, Words: st.quote(q.from, min(q.to+1, len(st.words)))})
		default:
			out = append(out, Fault{Kind: Number, Words: st.quote(q.from, q.to)})
		}
	}
	return out
}

// another reports whether what a number stands before, "tre møter", was said with other numbers only.
func (c *Checker) another(st *statement, q quantity, src source) bool {
	if q.unit != "" || q.to >= len(st.words) || st.words[q.to-1].Mark != 0 || st.words[q.to].function || st.words[q.to].Capitalised() {
		return false
	}
	noun := st.words[q.to]
	found := false
	for _, s := range src.sentences {
		for _, e := range readQuantities(s.text, s.tokens) {
			if e.to >= len(s.words) || s.words[e.to-1].Mark != 0 || s.words[e.to].Lower != noun.Lower {
				continue
			}
			if e.value == q.value {
				return false
			}
			found = true
		}
	}
	return found
}

// counts finds counts of votes in a statement, "åtte mot tre", that the source does not tell so.
func counts(st *statement, src source) []Fault {
	var held []sides
	failed := false
	for _, s := range src.sentences {
		held = append(held, counted(s)...)
		failed = failed || norsk.Has(fellWords, s.tokens)
	}
	for _, s := range st.sentences {
		for _, p := range counted(s) {
			if p.forVotes < 0 || p.against < 0 || len(held) == 0 {
				continue
			}
			if !slices.ContainsFunc(held, func(h sides) bool {
				one := func(said, wanted int) bool { return said < 0 || said == wanted }
				return one(h.forVotes, p.forVotes) && one(h.against, p.against) || failed && one(h.forVotes, p.against) && one(h.against, p.forVotes)
			}) {
				return []Fault{{Kind: Number, Words: strconv.Itoa(p.forVotes) + "–" + strconv.Itoa(p.against)}}
			}
		}
	}
	return nil
}

// sequence reports whether a number made of several, "12/25", "11-5", "2027", was said as its parts.
func sequence(value string, run []string) bool {
	parts := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune("/-.:", r) })
	if len(parts) == 1 && figures(value) && len(value) == 4 {
		parts = []string{value[:2], value[2:]}
	}
	if len(parts) < 2 {
		return false
	}
	for i := range parts {
		if parts[i] = strings.TrimLeft(parts[i], "0"); parts[i] == "" {
			parts[i] = "0"
		}
	}
	for i := 0; i+len(parts) <= len(run); i++ {
		if slices.Equal(run[i:i+len(parts)], parts) {
			return true
		}
	}
	return false
}
