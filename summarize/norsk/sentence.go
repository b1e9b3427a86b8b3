package norsk

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var abbreviations = []string{"kl", "nr", "ca", "f.eks", "eks", "bl.a", "dvs", "osv", "pkt", "jf", "jfr", "mrk", "mill", "mrd",
	"kr", "st", "pst", "tlf", "inkl", "ekskl", "mv", "m.v", "evt", "bl", "t.d", "t.o.m", "f.o.m", "o.l"}

// Sentences splits a text into its sentences, without the space around them. A full stop after a
// number ("1. desember") or an abbreviation ends nothing unless a capital letter follows a number.
func Sentences(s string) []string {
	var out []string
	start := 0
	for i, r := range s {
		if r != '.' && r != '?' && r != '!' && r != '…' {
			continue
		}
		end := i + utf8.RuneLen(r)
		rest := strings.TrimLeft(s[end:], "»\")”")
		if trimmed := strings.TrimSpace(rest); trimmed != "" {
			if !strings.ContainsAny(rest[:1], " \n\t\r") && !strings.HasPrefix(rest, "\u00a0") {
				continue // inside a number, an address, or more marks to come
			}
			next, _ := utf8.DecodeRuneInString(strings.TrimLeft(trimmed, "–—-«\"“ "))
			before := lastWord(s[start:i])
			if r == '.' && (slices.Contains(abbreviations, strings.ToLower(before)) || allDigits(before) && !unicode.IsUpper(next)) {
				continue
			}
		}
		end = len(s) - len(rest)
		if t := strings.TrimSpace(s[start:end]); t != "" {
			out = append(out, t)
		}
		start = end
	}
	if t := strings.TrimSpace(s[start:]); t != "" {
		out = append(out, t)
	}
	return out
}

func lastWord(s string) string {
	i := strings.LastIndexFunc(s, func(r rune) bool { return !wordRune(r) && r != '.' })
	return s[i+1:]
}

// EndsSentence reports whether a text stops where a sentence does.
func EndsSentence(s string) bool {
	s = strings.TrimRight(s, " »\")”\n\t")
	return s == "" || strings.ContainsRune(".?!…", lastRune(s))
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

var fillers = []string{"eh", "ehm", "øh", "øhm", "æh", "hm", "hmm", "mhm", "eeh", "øøh", "em", "øm"}

// hesitates tells a sound that is no word: "eh", "eee", "mmm".
func hesitates(w string) bool {
	return slices.Contains(fillers, w) || len(w) >= 2 && (strings.Trim(w, "e") == "" || strings.Trim(w, "m") == "" || strings.Trim(w, "ø") == "" && len(w) >= 4)
}

var openers = Phrases("altså", "ja altså", "jo altså", "ja nei", "nei altså", "ok", "okei", "ja", "jo", "så", "men altså", "greit")

// Clean removes what is said but not meant: hesitation sounds, words said twice, an opening "ja, altså".
// It changes no other word, makes the first letter a capital and closes with a full stop.
func Clean(s string) string {
	tokens := Tokens(s)
	drop := make([]bool, len(tokens))
	for i, t := range tokens {
		if hesitates(t.Lower) {
			drop[i] = true
		}
		if i > 0 && t.Lower == tokens[i-1].Lower && !drop[i] && stutters(t.Lower) && tokens[i-1].Mark != '.' {
			drop[i-1] = true
		}
	}
	first := 0
	for first < len(tokens) && drop[first] {
		first++
	}
	for _, p := range openers {
		end, ok := p.At(tokens, first)
		if ok && end < len(tokens) && tokens[end-1].Mark == ',' {
			for i := first; i < end; i++ {
				drop[i] = true
			}
			break
		}
	}
	var b strings.Builder
	at := 0
	for i, t := range tokens {
		if !drop[i] {
			b.WriteString(s[at:t.End])
			at = t.End
			continue
		}
		b.WriteString(s[at:t.Start])
		at = t.End
		if rest := strings.TrimLeft(s[at:], ",.…"); len(rest) < len(s[at:]) && strings.TrimSpace(rest) != "" {
			at = len(s) - len(rest)
		}
	}
	b.WriteString(s[at:])
	out := strings.Join(strings.Fields(b.String()), " ")
	out = strings.NewReplacer(" ,", ",", " .", ".", ",,", ",", ",.", ".", " ?", "?").Replace(out)
	out = strings.TrimSpace(strings.TrimLeft(out, ",.;:– "))
	if out == "" {
		return ""
	}
	if !EndsSentence(out) {
		out = strings.TrimRight(out, ",;:–- ") + "."
	}
	return Capitalise(out)
}

// stutters tells the short words that people say twice while they think.
func stutters(w string) bool {
	return slices.Contains([]string{"vi", "me", "jeg", "eg", "at", "og", "er", "så", "i", "på", "å",
		"som", "en", "ein", "et", "eit", "til", "med", "skal", "må", "kan", "men", "hvis", "om", "av"}, w)
}
