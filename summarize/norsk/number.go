package norsk

import (
	"strconv"
	"strings"
)

var units = map[string]int{
	"null": 0, "en": 1, "én": 1, "ein": 1, "éin": 1, "ei": 1, "éi": 1, "et": 1, "ett": 1, "ét": 1, "eitt": 1, "eit": 1, "éitt": 1,
	"to": 2, "tre": 3, "fire": 4, "fem": 5, "seks": 6, "sju": 7, "syv": 7, "åtte": 8, "ni": 9,
}

var teens = map[string]int{
	"ti": 10, "elleve": 11, "tolv": 12, "tretten": 13, "fjorten": 14, "femten": 15, "seksten": 16,
	"sytten": 17, "atten": 18, "nitten": 19,
}

var tens = map[string]int{
	"tjue": 20, "tyve": 20, "tretti": 30, "tredve": 30, "førti": 40, "femti": 50, "seksti": 60,
	"sytti": 70, "åtti": 80, "nitti": 90,
}

// small holds every number word below 100 in both counting ways ("tjueåtte", "åtteogtyve").
var small = func() map[string]int {
	m := map[string]int{}
	for w, n := range units {
		m[w] = n
	}
	for w, n := range teens {
		m[w] = n
	}
	for t, n := range tens {
		m[t] = n
		for u, k := range units {
			if k > 0 {
				m[t+u] = n + k
				m[u+"og"+t] = n + k
			}
		}
	}
	return m
}()

// Number reads one word: digits ("12") or a number word below 100 in either form of Norwegian.
func Number(word string) (int, bool) {
	if n, err := strconv.Atoi(word); err == nil && n >= 0 {
		return n, true
	}
	n, ok := small[strings.ToLower(word)]
	return n, ok
}

var ordinals = func() map[string]int {
	m := map[string]int{
		"første": 1, "fyrste": 1, "andre": 2, "annen": 2, "tredje": 3, "fjerde": 4, "femte": 5, "sjette": 6,
		"sjuende": 7, "syvende": 7, "sjuande": 7, "åttende": 8, "åttande": 8, "niende": 9, "niande": 9,
		"tiende": 10, "tiande": 10, "ellevte": 11, "tolvte": 12, "trettende": 13, "trettande": 13,
		"fjortende": 14, "fjortande": 14, "femtende": 15, "femtande": 15, "sekstende": 16, "sekstande": 16,
		"syttende": 17, "syttande": 17, "attende": 18, "attande": 18, "nittende": 19, "nittande": 19,
		"tjuende": 20, "tjuande": 20, "tyvende": 20, "trettiende": 30, "trettiande": 30,
	}
	low := map[string]int{}
	for w, n := range m {
		if n < 10 {
			low[w] = n
		}
	}
	for w, n := range low {
		m["tjue"+w] = 20 + n
		m[w+"ogtyve"] = 20 + n
		if n == 1 {
			m["tretti"+w] = 31
		}
	}
	return m
}()

// Ordinal reads one ordinal word of a day: "første" to "trettiførste".
func Ordinal(word string) (int, bool) {
	n, ok := ordinals[strings.ToLower(word)]
	return n, ok
}

// vote tells the word before which an article counts: "mot en stemme".
func vote(w string) bool {
	return w == "stemme" || w == "røyst" || w == "motstemme" || w == "motrøyst"
}

// article tells number words that are more often articles.
func article(w string) bool {
	switch w {
	case "en", "ein", "ei", "et", "eit":
		return true
	}
	return false
}

// Numbers returns the numbers of a text in a common written form, so that "to hundre og femti tusen",
// "250 000" and "250.000" are all "250000", and "1,5" is "1.5". Numbers with a slash stay as written.
func Numbers(tokens []Token) []string {
	var out []string
	for i := 0; i < len(tokens); {
		if v, next, ok := digits(tokens, i); ok {
			out = append(out, v)
			i = next
			continue
		}
		if v, next, ok := inWords(tokens, i); ok {
			out = append(out, strconv.Itoa(v))
			i = next
			continue
		}
		i++
	}
	return out
}

// digits reads a number in digits at i, thousands groups and a following "tusen" or "million" included.
func digits(tokens []Token, i int) (string, int, bool) {
	t := tokens[i].Text
	if t[0] < '0' || t[0] > '9' {
		return "", 0, false
	}
	next := i + 1
	if len(t) <= 3 && allDigits(t) {
		for next < len(tokens) && tokens[next-1].Mark == 0 && len(tokens[next].Text) == 3 && allDigits(tokens[next].Text) &&
			tokens[next].Start-tokens[next-1].End <= 3 { // an ordinary, hard or narrow space
			t += tokens[next].Text
			next++
		}
	}
	if parts := strings.Split(t, "."); len(parts) > 1 && thousands(parts) {
		t = strings.Join(parts, "")
	}
	t = strings.Replace(t, ",", ".", 1)
	if next < len(tokens) {
		if scale, ok := scales[tokens[next].Lower]; ok {
			if f, err := strconv.ParseFloat(t, 64); err == nil {
				return strconv.FormatFloat(f*float64(scale), 'f', -1, 64), next + 1, true
			}
		}
	}
	if allDigits(t) {
		if t = strings.TrimLeft(t, "0"); t == "" {
			t = "0"
		}
	}
	return t, next, true
}

var scales = map[string]int{"hundre": 100, "tusen": 1000, "million": 1_000_000, "millioner": 1_000_000,
	"millionar": 1_000_000, "mill": 1_000_000, "milliard": 1_000_000_000, "milliarder": 1_000_000_000, "milliardar": 1_000_000_000}

// inWords reads a number in words at i. An article alone is not a number, but of votes it is.
func inWords(tokens []Token, i int) (value, next int, ok bool) {
	total, current, seen := 0, 0, false
	start := i
	for ; i < len(tokens); i++ {
		w := tokens[i].Lower
		switch n, isSmall := small[w]; {
		case isSmall && !(seen && current%100 != 0):
			if article(w) && !seen && (i+1 >= len(tokens) || scales[tokens[i+1].Lower] == 0 && !vote(tokens[i+1].Lower)) {
				return total + current, i, seen
			}
			current += n
			seen = true
		case scales[w] == 100 && seen == (current > 0) && current < 100:
			current = max(1, current) * 100
			seen = true
		case scales[w] >= 1000 && (seen || w == "tusen"):
			total += max(1, current) * scales[w]
			current, seen = 0, true
		case w == "og" && seen && i > start && scales[tokens[i-1].Lower] > 0 && i+1 < len(tokens) && small[tokens[i+1].Lower] > 0:
			continue
		default:
			return total + current, i, seen
		}
		if tokens[i].Mark != 0 {
			return total + current, i + 1, seen
		}
	}
	return total + current, i, seen
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func thousands(parts []string) bool {
	for i, p := range parts {
		if !allDigits(p) || (i > 0 && len(p) != 3) || (i == 0 && len(p) > 3) {
			return false
		}
	}
	return true
}
