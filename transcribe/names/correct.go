package names

import (
	"math"
	"slices"
	"strings"

	"github.com/referent/referent"
)

// How unsure the recogniser must have been, and how alike two words must sound, before one is put in the
// place of the other. A word by itself needs more than one that stands beside the other half of its name.
const (
	clearlyHeard = 0.6 // a word in small letters heard so well somewhere is a word of the language

	besideLike     = 0.8  // beside another part of the name
	besideKnown    = 0.85 // the same for what may be another's name
	aloneLike      = 0.87
	aloneShortLike = 0.94 // up to shortName sounds
	shortName      = 5
	aloneUnsure    = 0.75
	beginsMore     = 0.03 // more likeness for the first word of a sentence
	beginsUnsure   = 0.5
	knownLike      = sameSound // to change what may be the name of somebody else
	knownUnsure    = 0.5

	leastLike = 0.6 // for any part of a full name
	anchored  = 0.9 // one part of a full name as good as heard
	together  = 0.84
	apart     = 0.88 // words parted otherwise than the name
	allUnsure = 0.7
	margin    = 0.04 // a second name this near makes both doubtful
)

// Correct puts names of terms in the place of what was misheard for them, in place: the words' Text
// becomes the name, Heard what was there, and each Text of a segment follows. Segments must have their
// ids. What it did comes back in order, for [Revert].
func Correct(segments []referent.Segment, terms []referent.Term) []referent.Correction {
	r := newRoster(terms)
	if len(r.exact) == 0 {
		return nil
	}
	plain := plainWords(segments)
	var all []referent.Correction
	for i := range segments {
		s := &segments[i]
		words := make([]heard, len(s.Words))
		for j, w := range s.Words {
			begins := j == 0 || words[j-1].hasEnded() || strings.ContainsAny(w.Text[:min(1, len(w.Text))], "\"(")
			words[j] = takeApart(w, begins, plain)
		}
		changes := r.changes(words)
		for k, shift := 0, 0; k < len(changes); k++ {
			c := changes[k]
			at := c.at + shift
			old := s.Words[at : at+c.words]
			done := referent.Correction{Segment: s.ID, Word: at, Words: len(c.text), From: textOf(old), Reason: c.source,
				Score: math.Round(c.score*1000) / 1000}
			s.Words = slices.Concat(s.Words[:at], replaced(old, c.text), s.Words[at+c.words:])
			done.To = textOf(s.Words[at : at+len(c.text)])
			all = append(all, done)
			shift += len(c.text) - c.words
		}
		if len(changes) > 0 {
			s.Text = textOf(s.Words)
		}
	}
	return all
}

// plainWords are the words that stand somewhere in small letters and were heard well.
func plainWords(segments []referent.Segment) map[string]bool {
	set := map[string]bool{}
	for _, s := range segments {
		for _, w := range s.Words {
			core := strings.TrimFunc(w.Text, func(r rune) bool { return !inWord(r) })
			if core != "" && !capitalised(core) && w.Probability >= clearlyHeard {
				set[core] = true
			}
		}
	}
	return set
}

// change is a run of words and what is to stand there.
type change struct {
	at, words int
	text      []string
	source    string
	score     float64
}

// changes finds what to change among the words of one segment, in order and without overlap.
func (r *roster) changes(words []heard) []change {
	var all []change
	for i := 0; i < len(words); {
		if c, length, ok := r.nameAt(words, i); ok {
			if c.words > 0 {
				all = append(all, c)
			}
			i += length
			continue
		}
		if c, ok := r.alone(words, i); ok {
			all = append(all, c)
			i += c.words
			continue
		}
		i++
	}
	return all
}

// nameAt looks for a full name that begins with word i. A name that was heard right is found too, with
// nothing to change, so that none of its words is taken for something else. length is how many words it
// takes up.
func (r *roster) nameAt(words []heard, i int) (best change, length int, ok bool) {
	if !words[i].capital && (i+1 == len(words) || !words[i+1].capital) {
		return change{}, 0, false
	}
	var rank float64
	var near rivals
	owner, source := 0, ""
	var runs [maxRun + 1]run // of so many words
	for n := 1; n < len(runs) && i+n <= len(words) && joined(words[i:i+n]); n++ {
		runs[n] = runOf(words[i:i+n], r.exact)
	}
	for k := range r.fulls {
		f := &r.fulls[k]
		for n := max(1, len(f.parts)-1); n <= min(len(f.parts)+1, maxRun); n++ {
			if runs[n].words == nil {
				break
			}
			var c change
			var score float64
			var fits bool
			if n == len(f.parts) {
				c, score, fits = f.aligned(words[i:i+n], r.exact)
			} else {
				c, score, fits = f.reparted(&runs[n])
			}
			if !fits {
				continue
			}
			score += 0.001 * float64(len(f.parts)) // of two as good the longer one explains more
			if score > rank {
				if f.owner != owner {
					near.add(source, rank)
				}
				c.at += i
				best, length, rank, owner, source, ok = c, n, score, f.owner, f.parts[0].source, true
			} else if f.owner != owner {
				near.add(f.parts[0].source, score)
			}
		}
	}
	if ok && best.words > 0 && near.to(source) > rank-margin {
		return change{}, 0, false // it may as well be somebody else
	}
	return best, length, ok
}

// rivals are how alike the best of the other names sound: of those that have to do with the meeting, and of those that
// stand in a word list.
type rivals struct{ own, listed float64 }

func (r *rivals) add(source string, score float64) {
	if source == listed {
		r.listed = max(r.listed, score)
	} else {
		r.own = max(r.own, score)
	}
}

// to is the best rival of a name of the source. Who takes part in the meeting has none in a word list.
func (r *rivals) to(source string) float64 {
	if source == attends {
		return r.own
	}
	return max(r.own, r.listed)
}

// joined reports whether words follow each other without punctuation between.
func joined(words []heard) bool {
	for i, w := range words {
		if w.core == "" || i > 0 && w.before != "" || i < len(words)-1 && w.after != "" {
			return false
		}
	}
	return true
}

// aligned compares a full name with as many words.
func (f *full) aligned(words []heard, exact map[string]bool) (c change, mean float64, ok bool) {
	anchor, unsure, capital := false, true, false
	first, last := -1, -1
	var sum, changed float64
	right := false // a part was heard as it is written
	for k := range words {
		score, _ := words[k].match(&f.parts[k], leastLike)
		if score < leastLike {
			return c, 0, false
		}
		right = right || score == 1
	}
	texts := make([]string, len(words))
	for k := range words {
		w, p := &words[k], &f.parts[k]
		score, suffix := w.match(p, leastLike)
		if suffix != "" && k < len(words)-1 {
			score, suffix = min(likeness(w.sound, p.sound), sameSound), ""
		}
		sum += score
		capital = capital || w.capital
		texts[k] = w.before + w.core + w.after
		anchor = anchor || score >= anchored
		if score == 1 {
			continue
		}
		if !w.mayYield(score, right) || exact[w.lower] {
			return c, 0, false
		}
		unsure = unsure && w.p < allUnsure && !w.plain && !known[w.lower]
		texts[k] = w.before + p.text + suffix + w.after
		if first < 0 {
			first = k
		}
		last = k
		changed += score
	}
	mean = sum / float64(len(words))
	switch {
	case !capital:
		return c, 0, false
	case first < 0:
		return change{}, mean, true
	case !anchor && !(unsure && mean >= together):
		return c, 0, false
	}
	n := 0
	for k := first; k <= last; k++ {
		if texts[k] != words[k].before+words[k].core+words[k].after {
			n++
		}
	}
	return change{at: first, words: last - first + 1, text: texts[first : last+1], source: f.parts[first].source, score: changed / float64(n)}, mean, true
}

// mayYield reports whether the word was heard so badly that a part of a full name which sounds so much
// like it may take its place. beside says that another part of the name was heard as it is written.
func (h *heard) mayYield(score float64, beside bool) bool {
	limit := 0.0
	switch {
	case score >= sameSound && beside:
		return !h.plain || h.capital && !h.begins || h.p < 0.5 // only the spelling differs
	case score >= 0.95:
		limit = 0.97
	case score >= besideLike:
		limit = 0.8
	case score >= leastLike:
		limit = 0.5
	}
	switch {
	case h.plain && (!h.capital || h.begins):
		if !beside {
			return false
		}
		limit = min(limit, 0.5)
	case known[h.lower] || known[strings.ToLower(h.stem)]:
		if score < besideKnown {
			return false
		}
		limit = min(limit, 0.8)
	}
	return h.p < limit
}

// maxRun is how many words are taken together at most.
const maxRun = 8

// run is words that follow each other, as they are compared with names that are parted otherwise.
type run struct {
	words   []heard
	sound   []rune // of all of it
	yields  bool   // it was heard so badly that a name may take its place
	hasName bool   // one of several words is a name's as it is written
}

func runOf(words []heard, exact map[string]bool) run {
	r := run{words: words}
	var p float64
	strange, clear := false, false // strange: some word that is neither a word of the language nor a name
	for _, w := range words {
		r.hasName = r.hasName || exact[w.lower] && len(words) > 1
		clear = clear || w.plain && w.p >= clearlyHeard
		r.sound = append(r.sound, w.sound...)
		p += w.p / float64(len(words))
		strange = strange || !w.plain && !known[w.lower] && !exact[w.lower]
	}
	r.yields = words[0].capital && strange && !clear && p < allUnsure
	return r
}

// reparted compares a name with words that are parted otherwise: "Sol veig" or "Solveighauge".
func (f *full) reparted(r *run) (c change, score float64, ok bool) {
	if !r.yields || r.hasName && len(f.parts) == 1 {
		return c, 0, false
	}
	words := r.words
	score = min(likenessFrom(apart, r.sound, f.sound), sameSound)
	if score < apart {
		return c, 0, false
	}
	texts := make([]string, len(f.parts))
	for k, part := range f.parts {
		texts[k] = part.text
	}
	texts[0] = words[0].before + texts[0]
	texts[len(texts)-1] += words[len(words)-1].after
	return change{words: len(words), text: texts, source: f.parts[0].source, score: score}, score, true
}

// alone looks for one part of a name in word i, or in it and the next when a name was heard in two.
func (r *roster) alone(words []heard, i int) (change, bool) {
	w := &words[i]
	if !w.capital || w.letters || r.exact[w.lower] || r.exact[strings.ToLower(w.stem)] {
		return change{}, false
	}
	var both run
	if i+2 <= len(words) && joined(words[i:i+2]) && !words[i+1].capital {
		both = runOf(words[i:i+2], r.exact)
	}
	var best change
	var near rivals
	for k := range r.parts {
		p := &r.parts[k]
		score, suffix := 0.0, ""
		c := change{at: i, words: 1, source: p.source}
		if !w.plain {
			score, suffix = w.match(p, aloneLike-2*margin)
			if !w.mayYieldAlone(score, p) {
				// It still counts as one that is near.
				near.add(p.source, score)
				score = 0
			}
			c.text = []string{w.before + p.text + suffix + w.after}
		}
		if both.words != nil {
			one := full{parts: r.parts[k : k+1], sound: p.sound}
			if two, s, fits := one.reparted(&both); fits && s > score {
				score, c = s, two
				c.at, c.source = i, p.source
			}
		}
		if c.score = score; score > best.score {
			near.add(best.source, best.score)
			best = c
		} else {
			near.add(p.source, score)
		}
	}
	if best.score == 0 || near.to(best.source) > best.score-margin {
		return change{}, false
	}
	return best, true
}

// mayYieldAlone is mayYield for a word that has nothing but itself to go by.
func (h *heard) mayYieldAlone(score float64, p *part) bool {
	like, limit := aloneLike, aloneUnsure
	if min(len(h.sound), len(p.sound)) <= shortName {
		like = aloneShortLike
	}
	if h.begins {
		like, limit = like+beginsMore, beginsUnsure
	}
	if known[h.lower] || known[strings.ToLower(h.stem)] {
		like, limit = knownLike, min(limit, knownUnsure)
	}
	return score >= like && h.p < limit && beginAlike(h.sound, p.sound) &&
		strings.Contains(h.core, "-") == strings.Contains(p.text, "-")
}

// beginAlike reports whether two words begin with the same sound, or with two that are hard to tell apart:
// the beginning is what is heard best.
func beginAlike(a, b []rune) bool {
	return len(a) > 0 && len(b) > 0 && (a[0] == b[0] || costs[place(a[0])][place(b[0])] <= 0.25)
}
