package mask_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// speaker says and writes numbers in the ways that people and recognisers do. Its words are the test's own.
type speaker struct {
	*rand.Rand
	nynorsk bool
}

func (s speaker) one(choices ...string) string { return choices[s.IntN(len(choices))] }

// unit says one digit.
func (s speaker) unit(d int) string {
	switch d {
	case 0:
		return "null"
	case 1:
		if s.nynorsk {
			return s.one("ein", "ein", "éin", "eitt")
		}
		return s.one("en", "én", "ett")
	case 7:
		if s.nynorsk {
			return "sju"
		}
		return s.one("sju", "syv")
	}
	return [...]string{2: "to", 3: "tre", 4: "fire", 5: "fem", 6: "seks", 8: "åtte", 9: "ni"}[d]
}

// pair says a number below a hundred as two digits: "null ni", "tretten", "tjueto", "toogtyve".
func (s speaker) pair(n int) string {
	switch {
	case n < 10:
		return "null " + s.unit(n)
	case n < 20:
		return [...]string{"ti", "elleve", "tolv", "tretten", "fjorten", "femten", "seksten", "sytten", "atten", "nitten"}[n-10]
	}
	new := [...]string{2: "tjue", 3: "tretti", 4: "førti", 5: "femti", 6: "seksti", 7: "sytti", 8: "åtti", 9: "nitti"}[n/10]
	old := new
	if !s.nynorsk {
		switch n / 10 {
		case 2:
			old = s.one("tyve", "tjue")
		case 3:
			old = s.one("tredve", "tretti")
		}
	}
	if n%10 == 0 {
		return old
	}
	one := s.unit(n % 10)
	switch s.IntN(8) {
	case 0:
		return one + "og" + old // einogtjue
	case 1:
		return new + " " + one
	case 2:
		return new + "-" + one
	case 3:
		return one + " og " + old
	}
	return new + one
}

// say writes digits in a way drawn by chance: as digits, as words, or some of both.
func (s speaker) say(d string) string {
	switch s.IntN(12) {
	case 0:
		return d
	case 1:
		return strings.Join(s.groups(d), " ")
	case 2:
		return strings.Join(s.groups(d), s.one(".", "-", " - ", ". ", "\u00a0", " – ", ", "))
	case 3:
		return strings.Join(strings.Split(d, ""), s.one(" ", "-", ".", ", ", " - "))
	case 4, 5:
		return s.join(s.units(d))
	case 6:
		return s.join(s.pairs(d))
	case 7:
		return strings.Join(s.pairs(d), ", ")
	case 8:
		return s.hesitating(s.units(d))
	case 9:
		return s.hesitating(s.pairs(d))
	case 10:
		// Digits and words mixed.
		half := 2 * (1 + s.IntN(len(d)/2-1))
		return strings.Join(s.groups(d[:half]), " ") + " " + s.join(s.units(d[half:]))
	}
	// Hundreds in the middle: "tretten null ni syttito, fire hundre og åtti, tjueto".
	if len(d) == 11 && d[6] != '0' {
		return strings.Join(s.pairs(d[:6]), " ") + ", " + s.hundred(d[6:9]) + s.one(", ", " ", " og ") + s.pair(atoi(d[9:]))
	}
	return s.join(s.units(d))
}

func (s speaker) hundred(d string) string {
	rest := atoi(d[1:])
	head := s.unit(int(d[0] - '0'))
	switch {
	case rest == 0:
		return head + " hundre"
	case rest < 10:
		return head + " hundre og " + s.unit(rest)
	}
	return head + " hundre " + s.one("og ", "") + s.pair(rest)
}

func atoi(s string) int {
	n := 0
	for i := range len(s) {
		n = 10*n + int(s[i]-'0')
	}
	return n
}

func (s speaker) units(d string) []string {
	var out []string
	for i := range len(d) {
		out = append(out, s.unit(int(d[i]-'0')))
	}
	return out
}

// pairs says two digits at a time, the last alone when they are odd in number.
func (s speaker) pairs(d string) []string {
	var out []string
	for len(d) > 1 {
		out = append(out, s.pair(atoi(d[:2])))
		d = d[2:]
	}
	return append(out, s.units(d)...)
}

// groups parts digits as they are written.
func (s speaker) groups(d string) []string {
	var sizes []int
	switch len(d) {
	case 8:
		sizes = [][]int{{2, 2, 2, 2}, {3, 2, 3}, {2, 2, 2, 2}}[s.IntN(3)]
	case 9:
		sizes = []int{3, 3, 3}
	case 11:
		sizes = [][]int{{6, 5}, {2, 2, 2, 5}, {2, 2, 2, 3, 2}, {6, 3, 2}}[s.IntN(4)]
	case 12:
		sizes = [][]int{{4, 4, 4}, {6, 6}, {4, 6, 2}}[s.IntN(3)]
	default:
		sizes = []int{len(d)}
	}
	var out []string
	for _, n := range sizes {
		out = append(out, d[:n])
		d = d[n:]
	}
	return out
}

func (s speaker) join(words []string) string {
	return strings.Join(words, s.one(" ", " ", ", ", "-"))
}

func (s speaker) hesitating(words []string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteString(s.one(" ", " ", " ", ", ", ", eh, ", " øh ", " … ", " og ", " og så ", "... ", ", ehm "))
		}
		b.WriteString(w)
	}
	return b.String()
}

// spelledIn finds the longest stretch of d that a text spells, in digits or words of any kind, with other
// words between them. It shares nothing with the package.
func spelledIn(text, d string) int {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzæøåéóòô0123456789[]_", r)
	})
	longest := 0
	// at is where in d the next digits must stand, told is how many have been.
	var follow func(i, at, told, others int)
	follow = func(i, at, told, others int) {
		longest = max(longest, told)
		if i == len(words) || others > 3 || at == len(d) {
			return
		}
		ways, next := readings(words, i)
		if len(ways) == 0 {
			follow(i+1, at, told, others+1)
			return
		}
		for k, w := range ways {
			if strings.HasPrefix(d[at:], w) {
				follow(next[k], at+len(w), told+len(w), 0)
			} else {
				longest = max(longest, told)
			}
		}
	}
	for i := range words {
		ways, _ := readings(words, i)
		for _, w := range ways {
			// It may begin inside a longer piece of digits.
			if strings.Contains(w, d) {
				return len(d)
			}
			for at := range d {
				if strings.HasPrefix(d[at:], w) {
					follow(i, at, 0, 0)
				}
			}
		}
	}
	return longest
}

var wordValues = func() map[string]string {
	m := map[string]string{}
	for d, words := range []string{"null", "en én ein éin ett eitt ei et", "to", "tre", "fire", "fem", "seks", "sju syv", "åtte", "ni"} {
		for w := range strings.FieldsSeq(words) {
			m[w] = fmt.Sprint(d)
		}
	}
	for i, w := range strings.Fields("ti elleve tolv tretten fjorten femten seksten sytten atten nitten") {
		m[w] = fmt.Sprint(10 + i)
	}
	for i, words := range []string{"tjue tyve", "tretti tredve", "førti", "femti", "seksti", "sytti", "åtti", "nitti"} {
		for ten := range strings.FieldsSeq(words) {
			m[ten] = fmt.Sprint(20 + 10*i)
			for w, d := range m {
				if len(d) == 1 && d != "0" {
					m[ten+w] = fmt.Sprint(2+i) + d
					m[w+"og"+ten] = fmt.Sprint(2+i) + d
				}
			}
		}
	}
	return m
}()

func readings(words []string, i int) (ways []string, next []int) {
	add := func(w string, n int) { ways, next = append(ways, w), append(next, n) }
	w := words[i]
	if strings.Trim(w, "0123456789") == "" {
		add(w, i+1)
		return ways, next
	}
	v, ok := wordValues[w]
	if !ok {
		return nil, nil
	}
	add(v, i+1)
	value := func(k int) string {
		if k < len(words) {
			return wordValues[words[k]]
		}
		return ""
	}
	if len(v) == 2 && v[1] == '0' && len(value(i+1)) == 1 {
		add(v[:1]+value(i+1), i+2)
	}
	if len(v) == 1 && i+2 < len(words) && words[i+1] == "og" && len(value(i+2)) == 2 {
		add(value(i + 2)[:1]+v, i+3)
	}
	if len(v) == 1 && i+1 < len(words) && words[i+1] == "hundre" {
		k := i + 2
		if k < len(words) && words[k] == "og" {
			k++
		}
		add(v+"00", i+2)
		switch x := value(k); len(x) {
		case 1:
			add(v+"0"+x, k+1)
		case 2:
			add(v+x, k+1)
			if y := value(k + 1); x[1] == '0' && len(y) == 1 {
				add(v+x[:1]+y, k+2)
			}
		}
	}
	return ways, next
}
