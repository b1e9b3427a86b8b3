package norsk

import (
	"slices"
	"strings"
	"time"
)

// mending are the words with which speakers correct themselves.
var mending = Phrases("nei", "nei nei", "neinei", "nei vent", "vent nei", "eller nei", "eh nei", "å nei", "unnskyld", "orsak", "beklager", "beklagar", "nei unnskyld|orsak|beklager|beklagar",
	"jeg|eg mente|meinte", "nei jeg|eg mener|meiner|mente|meinte", "eller jeg|eg mener|meiner", "rettelse", "retting", "nei rettelse|retting", "rettere|rettare sagt", "eller rettere|rettare sagt",
	"nei feil", "nei forresten", "eller forresten", "det vil si nei", "unnskyld jeg|eg mener|meiner", "nei vent litt", "nei da|då", "nei altså", "nei det skal være|vere",
	"nei det er|var|blir|vert", "nei det var jo", "nei jeg|eg sa feil", "jeg|eg sa feil", "stryk det", "nei stryk det", "korrigerer|korrigerar", "jeg|eg korrigerer|korrigerar")

// mayMend correct as often as they say something of their own ("det skal være to tabletter igjen", "jeg mener 200
// er nok"). They are taken as a correction only where the clause ends with what is put right.
var mayMend = Phrases("skal være|vere", "det skal være|vere", "feil", "vent", "vent litt", "forresten", "jeg|eg mener|meiner")

// kinds are groups of words of which one can take the other's place.
var kinds = func() map[string]string {
	m := map[string]string{}
	for name, words := range map[string]string{
		"side":  "venstre høyre høgre",
		"part":  "morgenen morgonen kvelden natta natten ettermiddagen formiddagen føremiddagen kveld morgen morgon ettermiddag formiddag føremiddag",
		"up":    "over under",
		"when":  "før etter",
		"kin":   "datteren dattera dottera sønnen søstera søsteren systera broren kona mannen moren mora faren",
		"month": "januar februar mars april mai juni juli august september oktober november desember",
	} {
		for w := range strings.FieldsSeq(words) {
			m[w] = name
		}
	}
	for w := range weekdays {
		m[w] = "weekday"
	}
	return m
}()

// kindOf is what sort of thing a word is, "" for most.
func kindOf(t Token, first bool) string {
	if k := kinds[t.Lower]; k != "" {
		return k
	}
	if _, ok := Number(t.Lower); ok && !article(t.Lower) || t.Text[0] >= '0' && t.Text[0] <= '9' {
		return "number"
	}
	if _, ok := Ordinal(t.Lower); ok {
		return "ordinal"
	}
	if t.Capitalised() && !first {
		return "name"
	}
	return ""
}

// Corrected leaves out what a speaker took back in the same breath: "20 enheter, nei, jeg mener 22 enheter"
// gives "22 enheter". Where it is not plain what takes the place of what, the text stays as it is.
func Corrected(s string) string {
	for range 5 { // one correction at a time, and no more than anybody makes
		next, ok := correctOnce(s)
		if !ok {
			break
		}
		s = next
	}
	return s
}

func correctOnce(s string) (string, bool) {
	tokens := Tokens(s)
	for i := 1; i < len(tokens); i++ {
		if tokens[i-1].Mark == 0 && !dashed(s, tokens[i-1], tokens[i]) {
			continue
		}
		j, sure := mend(tokens, i)
		if j < 0 || j >= len(tokens) {
			continue
		}
		if out, ok := repaired(s, tokens, i, j, sure); ok {
			return out, true
		}
	}
	return s, false
}

func dashed(s string, a, b Token) bool { return strings.ContainsAny(s[a.End:b.Start], "–—…") }

// mend is the index after words of correction that begin at i, marks between them allowed; -1 when there are
// none. sure: they say by themselves that they correct.
func mend(tokens []Token, i int) (end int, sure bool) {
	end = -1
	for at := i; at < len(tokens); {
		best := -1
		for _, p := range mending {
			if e, ok := p.At(tokens, at); ok {
				best, sure = max(best, e), true
			}
		}
		for _, p := range mayMend {
			if e, ok := p.At(tokens, at); ok {
				best = max(best, e)
			}
		}
		if best < 0 {
			break
		}
		end, at = best, best
		for at < len(tokens) && slices.Contains(fillers, tokens[at].Lower) {
			at++
			end = at
		}
	}
	return end, sure
}

// repaired puts the words from j on in the place of those before i that are of their kind. Where it is not
// sure that they correct, they have to be all that the clause says.
func repaired(s string, tokens []Token, i, j int, sure bool) (string, bool) {
	stop := j // the corrected words, up to the next mark
	for stop < len(tokens)-1 && (tokens[stop].Mark == 0 || tokens[stop].Mark == '.' && allDigits(tokens[stop].Text)) {
		stop++
	}
	kind := kindOf(tokens[j], false)
	if tokens[j].Lower == "ikke" || tokens[j].Lower == "ikkje" {
		return "", false
	}
	r := -1
	for k := i - 1; k >= max(0, i-8); k-- {
		if k < i-1 && tokens[k].Mark != 0 && tokens[k].Mark != ',' && !(tokens[k].Mark == '.' && allDigits(tokens[k].Text)) {
			break
		}
		same := tokens[k].Lower == tokens[j].Lower && len(tokens[j].Lower) > 1
		if same && j+1 < len(tokens) && k+1 < i && !alikeKind(tokens[k+1], tokens[j+1]) {
			same = false
		}
		if same || kind != "" && kindOf(tokens[k], k == 0) == kind {
			r = k
			break
		}
	}
	if r < 0 {
		return "", false
	}
	if was, ok := dateAt(tokens, r, reference); ok {
		if is, ok := dateAt(tokens, j, reference); ok && is.To == stop+1 && was.To <= i {
			return s[:tokens[r].Start] + s[tokens[j].Start:tokens[stop].End] + s[tokens[was.To-1].End:tokens[i-1].End] + s[tokens[stop].End:], true
		}
	}
	for kind == "number" && r > 0 && kindOf(tokens[r-1], false) == "number" && tokens[r-1].Mark == 0 {
		r-- // "92 000" is one number
	}
	wide := j // the last token of the corrected number
	for kind == "number" && wide+1 < len(tokens) && tokens[wide].Mark == 0 && kindOf(tokens[wide+1], false) == "number" {
		wide++
	}
	rEnd := r
	for kind == "number" && rEnd+1 < i && tokens[rEnd].Mark == 0 && kindOf(tokens[rEnd+1], false) == "number" {
		rEnd++
	}
	if !sure && !bare(tokens, kind, rEnd, i, wide, stop) {
		return "", false
	}
	if wide == stop && rEnd < i-1 && kind != "" && tokens[j].Lower != tokens[r].Lower {
		// only the one word was said anew: what followed the first stays
		rest := s[tokens[wide].End:]
		return s[:tokens[r].Start] + s[tokens[j].Start:tokens[wide].End] + s[tokens[rEnd].End:tokens[i-1].End] + rest, true
	}
	return s[:tokens[r].Start] + s[tokens[j].Start:], true
}

// bare reports whether the words up to stop are one word of a kind, ending at wide, and no more than the unit that
// followed the first one at was: "20 enheter, det skal være 22 enheter".
func bare(tokens []Token, kind string, was, i, wide, stop int) bool {
	if kind == "" {
		return false
	}
	return wide == stop || wide+1 == stop && was+1 < i && tokens[was+1].Lower == tokens[stop].Lower
}

// reference lets relative days be found where only their words matter.
var reference = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// alikeKind reports whether two words are the same, or of one kind.
func alikeKind(a, b Token) bool {
	k := kindOf(a, false)
	return a.Lower == b.Lower || k != "" && k == kindOf(b, false)
}

// Corrects reports whether a sentence begins by correcting what was said just before it.
func Corrects(tokens []Token) bool {
	end, _ := mend(tokens, 0)
	return end > 0
}
