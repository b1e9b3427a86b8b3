package mask

import (
	"strconv"
	"strings"
)

// numeral is one way to read a piece of a spoken or written number: the digits that it adds.
type numeral struct {
	digits string
	end    int  // index of the atom after it
	day    bool // a whole date
}

// digitWords are the numbers below a hundred in both forms of Norwegian, old and new counting.
var digitWords = func() map[string]string {
	ones := map[string]int{"null": 0, "nul": 0, "en": 1, "én": 1, "ein": 1, "éin": 1, "ei": 1, "éi": 1, "et": 1, "ett": 1, "ét": 1, "eit": 1, "eitt": 1, "éitt": 1, "éit": 1,
		"to": 2, "tre": 3, "fire": 4, "fem": 5, "seks": 6, "sju": 7, "syv": 7, "åtte": 8, "ni": 9}
	m := map[string]string{"ti": "10", "elleve": "11", "tolv": "12", "tretten": "13", "trettan": "13", "fjorten": "14", "fjortan": "14", "femten": "15", "femtan": "15",
		"seksten": "16", "sekstan": "16", "sytten": "17", "syttan": "17", "atten": "18", "attan": "18", "nitten": "19", "nittan": "19"}
	for w, n := range ones {
		m[w] = strconv.Itoa(n)
	}
	for w, n := range tens {
		m[w] = strconv.Itoa(n)
		for one, k := range ones {
			if k > 0 {
				sum := strconv.Itoa(n + k)
				m[w+one] = sum
				m[one+"og"+w] = sum
			}
		}
	}
	return m
}()

var tens = map[string]int{"tjue": 20, "tyve": 20, "tretti": 30, "tredve": 30, "førti": 40, "førr": 40, "femti": 50, "seksti": 60, "sytti": 70, "åtti": 80, "nitti": 90}

// dayWords are ordinals and months as a day of birth has them: two digits.
var dayWords = func() map[string]string {
	m := map[string]string{}
	for i, words := range []string{"første fyrste", "andre annen", "tredje", "fjerde", "femte", "sjette", "sjuende syvende sjuande", "åttende åttande", "niende niande",
		"tiende tiande", "ellevte", "tolvte", "trettende trettande", "fjortende fjortande", "femtende femtande", "sekstende sekstande", "syttende syttande",
		"attende attande", "nittende nittande", "tjuende tjuande tyvende", "tjueførste tjuefyrste enogtyvende", "tjueandre toogtyvende", "tjuetredje treogtyvende", "tjuefjerde fireogtyvende",
		"tjuefemte femogtyvende", "tjuesjette seksogtyvende", "tjuesjuende tjuesyvende tjuesjuande syvogtyvende", "tjueåttende tjueåttande åtteogtyvende", "tjueniende tjueniande niogtyvende",
		"trettiende trettiande tredevte", "trettiførste trettifyrste enogtredevte"} {
		for w := range strings.FieldsSeq(words) {
			m[w] = twoDigits(i + 1)
		}
	}
	for i, w := range []string{"januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember"} {
		m[w] = twoDigits(i + 1)
	}
	return m
}()

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// several are one digit said more than once: "to nuller", "dobbelt åtte".
var several = map[string]string{"nuller": "0", "nullar": "0", "enere": "1", "einarar": "1", "toere": "2", "toarar": "2", "treere": "3", "trearar": "3", "firere": "4", "firarar": "4",
	"femmere": "5", "femmarar": "5", "seksere": "6", "seksarar": "6", "sjuere": "7", "syvere": "7", "sjuarar": "7", "åttere": "8", "åttarar": "8", "niere": "9", "niarar": "9"}

// numerals are the ways to read what stands at atom i as part of a string of digits, the longest first.
// "tjue to" is 22 and 202, and only the whole string tells which.
func (r *reader) numerals(i int) []numeral {
	if i < 0 || i >= len(r.atoms) || r.taken[i] || r.shield != nil && r.shield[i] {
		return nil
	}
	if r.is(i, digits) {
		out := r.day(i)
		return append(out, numeral{digits: r.low(i), end: i + 1})
	}
	if !r.is(i, word) {
		return nil
	}
	w := r.low(i)
	if d, ok := dayWords[w]; ok {
		return []numeral{{digits: d, end: i + 1}}
	}
	var out []numeral
	out = append(out, r.hundreds(i)...)
	if d, end, ok := r.thousands(i); ok {
		out = append(out, numeral{digits: d, end: end})
	}
	if n, ok := tens[w]; ok {
		at := i + 1
		if r.low(at) == "-" || r.low(at) == "‑" {
			at++
		}
		if d := digitWords[r.low(at)]; len(d) == 1 && d != "0" && r.is(at, word) && !r.atoms[at].newLine {
			out = append(out, numeral{digits: strconv.Itoa(n/10) + d, end: at + 1})
		}
	}
	if d := digitWords[w]; len(d) == 1 && d != "0" && r.low(i+1) == "og" {
		if n, ok := tens[r.low(i+2)]; ok {
			out = append(out, numeral{digits: strconv.Itoa(n/10) + d, end: i + 3}) // "to og tjue"
		}
	}
	if d := digitWords[r.low(i+1)]; len(d) == 1 && (w == "dobbel" || w == "dobbelt" || w == "trippel") {
		n := 2
		if w == "trippel" {
			n = 3
		}
		return []numeral{{digits: strings.Repeat(d, n), end: i + 2}}
	}
	if d, ok := several[r.low(i+1)]; ok {
		if n, err := strconv.Atoi(digitWords[w]); err == nil && n >= 2 && n <= 5 {
			return append(out, numeral{digits: strings.Repeat(d, n), end: i + 2})
		}
	}
	if d, ok := spelled(w); ok {
		out = append(out, numeral{digits: d, end: i + 1})
	}
	return out
}

// spelled reads one word that is a number word, or several written together.
func spelled(w string) (string, bool) {
	if d, ok := digitWords[w]; ok {
		return d, true
	}
	if len(w) < 4 || len(w) > 80 {
		return "", false
	}
	return joined(w)
}

// joined reads number words that a recogniser wrote as one: "nullåttesju". The longest word goes first.
func joined(w string) (string, bool) {
	for n := min(len(w), 20); n > 1; n-- {
		if d, ok := digitWords[w[:n]]; ok {
			if n == len(w) {
				return d, true
			}
			if rest, ok := joined(w[n:]); ok {
				return d + rest, true
			}
		}
	}
	return "", false
}

// hundreds reads "fire hundre og åttito" as 482, or as 400 with the rest on its own, and "nitten hundre og
// syttito" as 1972.
func (r *reader) hundreds(i int) []numeral {
	n, at := 1, i
	if d, ok := digitWords[r.low(i)]; ok && r.low(i+1) == "hundre" {
		n, _ = strconv.Atoi(d)
		at = i + 1
	} else if head, ok := strings.CutSuffix(r.low(i), "hundre"); ok {
		if d, ok := digitWords[head]; ok {
			n, _ = strconv.Atoi(d)
		} else if head != "" {
			return nil
		}
	} else {
		return nil
	}
	if n < 1 || n > 20 {
		return nil
	}
	out := []numeral{{digits: strconv.Itoa(n * 100), end: at + 1}}
	if rest, end := r.below(at + 1); rest > 0 {
		out = append(out, numeral{digits: strconv.Itoa(n*100 + rest), end: end})
	}
	return out
}

// thousands reads "to tusen og tretten" as a year.
func (r *reader) thousands(i int) (string, int, bool) {
	at := i + 1
	if r.low(i) == "to" && r.low(i+1) == "tusen" {
		at = i + 2
	} else if r.low(i) != "totusen" {
		return "", 0, false
	}
	rest, end := r.below(at)
	return strconv.Itoa(2000 + rest), end, true
}

// below reads a number below a hundred with or without an "og" before it; 0 when there is none.
func (r *reader) below(i int) (n, end int) {
	at := i
	if r.low(at) == "og" {
		at++
	}
	d, ok := digitWords[r.low(at)]
	if !ok || d == "0" || r.taken[at] {
		return 0, i
	}
	n, _ = strconv.Atoi(d)
	one := digitWords[r.low(at+1)]
	switch ten := tens[r.low(at+2)]; {
	case n >= 20 && n%10 == 0 && len(one) == 1 && one != "0":
		return n + int(one[0]-'0'), at + 2
	case n < 10 && r.low(at+1) == "og" && ten > 0:
		return ten + n, at + 3 // "ni og førti"
	}
	return n, at + 1
}

// day reads 13.9.1972, 13/9-72 and "13. september" as the six digits of a day of birth.
func (r *reader) day(i int) []numeral {
	day := r.low(i)
	if len(day) > 2 {
		return nil
	}
	if len(day) == 1 {
		day = "0" + day
	}
	at := i + 1
	if r.low(at) == "." || r.low(at) == "/" {
		at++
	}
	var month string
	if d, ok := dayWords[r.low(at)]; ok && len(r.low(at)) > 2 {
		month = d
	} else if r.is(at, digits) && len(r.low(at)) <= 2 && at == i+2 && !r.atoms[i+1].spaced {
		if month = r.low(at); len(month) == 1 {
			month = "0" + month
		}
	} else {
		return nil
	}
	at++
	if r.low(at) == "." || r.low(at) == "-" || r.low(at) == "/" {
		at++
	}
	if r.is(at, digits) && (len(r.low(at)) == 2 || len(r.low(at)) == 4 && (r.low(at)[:2] == "19" || r.low(at)[:2] == "20")) {
		if r.low(at+1) == "." && r.is(at+2, digits) && !r.atoms[at+2].spaced && len(r.low(at+2)) == 2 {
			return nil // "17. juni 11.15"
		}
		year := r.low(at)
		return []numeral{{day + month + year[len(year)-2:], at + 1, true}}
	}
	if len(r.low(i)) == 1 && r.is(at, word) && len(r.numerals(at)) > 0 {
		return []numeral{{digits: day + month, end: at}} // "3. september syttito"
	}
	return nil
}

// hesitations are what people say between two digits and mean nothing by; asides are words that come there
// too, but in other sentences as well.
var (
	hesitations = wordSet("eh eeh ehm øh øøh øhm æh æhm hm hmm mhm em øm mm og så bindestrek strek punktum prikk mellomrom komma tankestrek skilletegn deretter")
	asides      = wordSet("altså ja jo nei vent litt var det liksom sånn unnskyld også skråstrek minus sa jeg eg kolon kontonummer personnummer personnummeret personnr født fødd den siste dei de")
)

// The signs that stand between the digits of one number.
const (
	closeSigns = ".,-–—−‐‑…·*_'"
	wideSigns  = "/:;()\"«»”“|+"
)

// gap is what lies between two numerals.
type gap struct {
	wide  bool // words or signs that come between numbers of their own as well
	comma bool
	point bool // a decimal comma
	og    bool
	words int
}

// after skips what may stand inside a number and returns the next atom. It is false when the number ends.
func (r *reader) after(i int) (next int, g gap, ok bool) {
	for n := 0; i < len(r.atoms) && n < 8; n, i = n+1, i+1 {
		a := r.atoms[i]
		if r.taken[i] {
			return 0, g, false
		}
		if a.newLine {
			g.wide = true
		}
		switch {
		case a.sort == digits:
			return i, g, r.shield == nil || !r.shield[i]
		case a.sort == mark && strings.Contains(closeSigns, a.text):
			g.comma = g.comma || a.text == ","
			g.point = g.point || a.text == "," && !a.spaced && r.is(i+1, digits) && !r.atoms[i+1].spaced
		case a.text == "/" && r.is(i-1, digits) && len(r.low(i-1)) == 6 && r.is(i+1, digits) && len(r.low(i+1)) == 5:
			// 130972/48022
		case a.sort == mark && strings.Contains(wideSigns, a.text):
			g.wide = true
		case a.sort == mark:
			return 0, g, false
		default:
			if ways := r.numerals(i); len(ways) > 0 {
				return i, g, true
			}
			switch {
			case hesitations[a.low]:
				g.og = g.og || a.low == "og"
			case asides[a.low]:
				g.wide = true
			default:
				return 0, g, false
			}
			g.words++
		}
	}
	return 0, g, false
}
