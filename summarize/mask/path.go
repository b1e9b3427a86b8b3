package mask

import "slices"

// path is one way to read a stretch of atoms as a string of digits.
type path struct {
	start, end int // atoms
	digits     string
	parts      []string // the digits of each numeral
	spoken     bool     // a number word is among them
	wide       bool     // crosses a gap that may also lie between two numbers
	commas     int
	points     int // decimal commas
	og         int
	days       int // whole dates among the parts
}

// The longest string of digits that is looked for, and how many ways to read one start are tried: enough
// for any thing that people say, and a bound for texts of nothing but numbers.
const (
	maxDigits = 24
	maxPaths  = 600
)

// paths calls visit with each way to read digits that begins at atom start, shorter ones before the longer
// ones that continue them. last tells that nothing continues it within the rules: whole runs only.
func (r *reader) paths(start int, wide bool, limit int, visit func(p path, last bool)) {
	tried := 0
	var walk func(p path)
	walk = func(p path) {
		for _, n := range r.numerals(p.end) {
			if len(p.digits)+len(n.digits) > limit {
				continue
			}
			if tried++; tried > maxPaths {
				return
			}
			q := p
			q.digits += n.digits
			q.parts = append(p.parts[:len(p.parts):len(p.parts)], n.digits)
			q.spoken = q.spoken || r.is(p.end, word) && dayWords[r.low(p.end)] == ""
			q.end = n.end
			if n.day {
				q.days++
			}
			next, g, ok := r.after(n.end)
			// A month, or an ordinal for it, stands behind a day and nowhere else.
			ok = ok && (wide || !g.wide) && (len(q.digits) == 2 || !r.is(next, word) || dayWords[r.low(next)] == "")
			visit(q, !ok)
			if ok {
				q.wide = q.wide || g.wide
				if g.comma {
					q.commas++
				}
				if g.point {
					q.points++
				}
				if g.og {
					q.og++
				}
				at := q
				at.end = next
				walk(at)
			}
		}
	}
	walk(path{start: start, end: start})
}

// starts reports whether a string of digits can begin at atom i.
func (r *reader) starts(i int) bool {
	a := r.atoms[i]
	if r.taken[i] || a.sort == mark || r.shield != nil && r.shield[i] {
		return false
	}
	if a.sort == digits {
		return true
	}
	// A month or an ordinal alone begins no number, except that a day of birth begins with its day.
	if d, ok := dayWords[a.low]; ok {
		return d <= "31" && a.low[len(a.low)-1] == 'e'
	}
	return len(r.numerals(i)) > 0
}

// runs calls visit with each whole run of numerals, from left to right, and all ways to read it. A visit
// that claims atoms is heeded by the next.
func (r *reader) runs(visit func(start int, ways []path)) {
	for i := 0; i < len(r.atoms); {
		if !r.starts(i) {
			i++
			continue
		}
		var ways []path
		end := i + 1
		r.paths(i, false, maxDigits, func(p path, last bool) {
			if last {
				ways = append(ways, p)
			}
			end = max(end, p.end)
		})
		if len(ways) > 0 {
			visit(i, ways)
		}
		i = end
	}
}

// counting tells numbers that go up or down in even steps: somebody counts, or lists cases.
func (p path) counting() bool {
	if len(p.parts) < 4 {
		return false
	}
	value := func(s string) int {
		n := 0
		for i := range len(s) {
			n = 10*n + int(s[i]-'0')
		}
		return n
	}
	step := value(p.parts[1]) - value(p.parts[0])
	for i := 1; i < len(p.parts); i++ {
		if value(p.parts[i])-value(p.parts[i-1]) != step {
			return false
		}
	}
	return step != 0 && -10 <= step && step <= 10
}

// lists tells that the word before a run announces several numbers: "sakene nittitre, seks og syttitre".
func (r *reader) lists(i int, p path) bool { return p.commas > 0 && plurals[r.low(i-1)] }

var plurals = wordSet("saker sakene sakane saka sak punkt punkta punktene paragraf paragrafar paragrafer paragrafene paragrafane side sider sidene sidane kapittel bilag vedlegg trinn år årene åra " +
	"uke uker ukene veke veker vekene rom gruppe gruppene avdeling linje linjene post postene artikkel tabell stemmetallene nummer årstallene")

// years tells that a part is a year of a time that meetings speak of: "2026 2027". Four digits before single
// ones are none: "2020 sju åtte null ni".
func (p path) years() bool {
	if len(p.parts) > 4 && !slices.ContainsFunc(p.parts[1:], func(s string) bool { return len(s) != 1 }) {
		return false
	}
	return slices.ContainsFunc(p.parts, year)
}

func year(s string) bool { return len(s) == 4 && (s[:2] == "19" || s[:2] == "20") }

// listed tells that the parts are numbers of their own, set apart by commas: "12, 14, 18 og 22".
func (p path) listed() bool {
	if p.commas == 0 {
		return false
	}
	if p.points > 0 && slices.Max(lengths(p.parts)) > 1 {
		return true // 12,5 and 13,4
	}
	if p.og > 0 && p.commas >= len(p.parts)-2 {
		return true
	}
	if p.spoken {
		return false
	}
	for _, s := range p.parts {
		if n := len(s); n == 1 || n > 4 || s[0] == '0' {
			return false
		}
	}
	return p.commas >= len(p.parts)-1
}
