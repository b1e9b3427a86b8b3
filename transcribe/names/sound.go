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

// costs is what it costs to take one sound for another: 1 for two that have nothing in common, less for
// those that are easily confused. Other letters than those of the table cost 1.
var costs = func() (table [tableSize][tableSize]float64) {
	for i := range table {
		for j := range table[i] {
			table[i][j] = 1
		}
	}
	add := func(cost float64, groups ...string) {
		for _, g := range groups {
			for _, a := range g {
				for _, b := range g {
					if i, j := place(a), place(b); i != j {
						table[i][j] = min(table[i][j], cost)
					}
				}
			}
		}
	}
	add(0.25, "eæ", "oå", "iy", "ou", "ʃç", "øy")
	add(0.4, "bp", "dt", "gk", "vf", "sʃ", "mn", "çk", "eø", "ei", "ea", "æa", "aå", "yø", "uy", "jg", "uø")
	add(0.7, "aeiouyæøå", "lr", "ptk", "bdg", "vb", "jçi")
	return table
}()

// place is a sound's place in the table of costs; 0 is for all that are not in it.
func place(r rune) int {
	if r < 0 || int(r) >= len(places) {
		return 0
	}
	return int(places[r])
}

var places = func() (table ['ʃ' + 1]uint8) {
	for i, r := range []rune("abcdefghijklmnopqrstuvwxyzæøåʃç") {
		table[r] = uint8(i + 1)
	}
	return table
}()

const tableSize = 32

// faint are sounds that come and go: a silent h or d, an e that is hardly said, a glide.
var faint = func() (costs [tableSize]float64) {
	for i := range costs {
		costs[i] = 1
	}
	for r, c := range map[rune]float64{'h': 0.4, 'd': 0.4, 't': 0.5, 'e': 0.4, 'j': 0.4, 'g': 0.6, 'r': 0.6, 'u': 0.6, 'i': 0.6, 'n': 0.7, 's': 0.7} {
		costs[place(r)] = c
	}
	return costs
}()

// faintest is what it costs at least to miss a sound.
const faintest = 0.4

func missing(r rune) float64 { return faint[place(r)] }

// likeness says how alike two words or names sound, from 0 (nothing in common) to 1 (the same sounds).
func likeness(a, b []rune) float64 { return likenessFrom(0, a, b) }

// likenessFrom is the likeness where it is least at least; else it may be 0, which is found sooner.
func likenessFrom(least float64, a, b []rune) float64 {
	longest := max(len(a), len(b))
	if longest == 0 {
		return 0
	}
	dearest := (1-least)*float64(longest) + 1e-9
	if float64(longest-min(len(a), len(b)))*faintest > dearest {
		return 0
	}
	var space [32]float64
	row := space[:]
	if len(b) >= len(space) {
		row = make([]float64, len(b)+1)
	}
	row = row[:len(b)+1]
	for j, r := range b {
		row[j+1] = row[j] + missing(r)
	}
	for _, x := range a {
		diagonal := row[0]
		row[0] += missing(x)
		cheapest := row[0]
		for j, y := range b {
			change := 0.0
			if x != y {
				change = costs[place(x)][place(y)]
			}
			best := min(diagonal+change, row[j+1]+missing(x), row[j]+missing(y))
			diagonal, row[j+1] = row[j+1], best
			cheapest = min(cheapest, best)
		}
		if cheapest > dearest {
			return 0
		}
	}
	return max(0, 1-row[len(b)]/float64(longest))
}
