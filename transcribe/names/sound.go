package names

import (
	"strings"
)

// sounds rewrites a word to how it sounds in Norwegian, roughly, one letter for a sound: spellings that
// sound the same become the same. Longer spellings stand before the shorter ones they hold.
var sounds = strings.NewReplacer(
	"skj", "ʃ", "sch", "ʃ", "sh", "ʃ", "sj", "ʃ", "kj", "ç", "tj", "ç", "chr", "kr", "ch", "k", "ck", "k",
	"gj", "j", "hj", "j", "lj", "j", "hv", "v", "ph", "f", "pf", "f", "th", "t", "dh", "d", "gh", "g",
	"aa", "å", "ae", "æ", "oe", "ø", "ai", "ei", "ay", "ei", "ey", "ei", "oy", "øy", "oi", "øy", "øi", "øy",
	"ce", "se", "ci", "si", "cy", "sy", "qu", "kv", "ld", "l", "nd", "n", "rd", "r", "rt", "t", "dt", "t", "ds", "s", "ts", "s", "tz", "s",
	"x", "ks", "c", "k", "q", "k", "w", "v", "z", "s", "é", "e", "è", "e", "ê", "e", "á", "a", "à", "a", "ä", "æ", "ö", "ø",
	"ü", "y", "ó", "o", "ô", "o", "ð", "d", "þ", "t", "-", "", "'", "", "’", "", ".", "",
)

// sound is how a word or name sounds; spaces do not.
func sound(s string) []rune {
	s = sounds.Replace(strings.ReplaceAll(strings.ToLower(s), " ", ""))
	var out []rune
	for _, r := range s {
		if n := len(out); n > 0 && out[n-1] == r { // a double letter sounds once
			continue
		}
		out = append(out, r)
	}
	return out
}

// near holds the pairs of sounds that are easily taken for one another, and at what cost, where two
// sounds that have nothing in common cost 1.
var near = func() map[[2]rune]float64 {
	pairs := map[[2]rune]float64{}
	add := func(cost float64, groups ...string) {
		for _, g := range groups {
			for _, a := range g {
				for _, b := range g {
					if _, closer := pairs[[2]rune{a, b}]; !closer && a != b {
						pairs[[2]rune{a, b}] = cost
					}
				}
			}
		}
	}
	add(0.25, "eæ", "oå", "iy", "ou", "ʃç", "øy")
	add(0.4, "bp", "dt", "gk", "vf", "sʃ", "mn", "çk", "eø", "ei", "ea", "æa", "aå", "yø", "uy", "jg", "uø")
	add(0.7, "aeiouyæøå", "lr", "ptk", "bdg", "nŋ", "vb", "jçi")
	return pairs
}()

// faint are sounds that come and go: a silent h or d, an e that is hardly said, a glide.
var faint = map[rune]float64{'h': 0.4, 'd': 0.4, 't': 0.5, 'e': 0.4, 'j': 0.4, 'g': 0.6, 'r': 0.6, 'u': 0.6, 'i': 0.6, 'n': 0.7, 's': 0.7}

func missing(r rune) float64 {
	if c, ok := faint[r]; ok {
		return c
	}
	return 1
}

// likeness says how alike two words or names sound, from 0 (nothing in common) to 1 (the same sounds).
func likeness(a, b []rune) float64 {
	longest := max(len(a), len(b))
	if longest == 0 {
		return 0
	}
	row := make([]float64, len(b)+1)
	for j, r := range b {
		row[j+1] = row[j] + missing(r)
	}
	for _, x := range a {
		diagonal := row[0]
		row[0] += missing(x)
		for j, y := range b {
			change := 0.0
			if x != y {
				change = 1
				if c, ok := near[[2]rune{x, y}]; ok {
					change = c
				}
			}
			best := min(diagonal+change, row[j+1]+missing(x), row[j]+missing(y))
			diagonal, row[j+1] = row[j+1], best
		}
	}
	return max(0, 1-row[len(b)]/float64(longest))
}
