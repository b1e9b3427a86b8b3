package evidence

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// foreign finds a thing that nobody spoke of in the whole meeting, and that does not stand on the agenda either: "Biblioteket åpner dørene igjen" where it was "vi" who did. Most of such a statement was said, and
// yet it is about something else.
//
// A writer has words of its own for what is done with a thing ("kjøpes", "blir halden", "å gi"): verbs are let pass.
func (c *Checker) foreign(st *statement, as role) []Fault {
	for i, w := range st.words {
		if w.function || st.fact[i] || polar(w.Lower) || deciding(w.Lower) || hedging(w.Lower) || template(w.Lower) || numeral(w) || utf8.RuneCountInString(w.Lower) <= leastThing {
			continue
		}
		if before := st.text[:w.Start]; strings.LastIndexByte(before, '[') > strings.LastIndexByte(before, ']') {
			continue // "[kode utelatt]" is the document's own
		}
		if as == asTask && i == 0 || acts(st.words, i) || inSource(w, c.whole()) || c.akin(w) {
			continue
		}
		return []Fault{{Kind: Unsupported, Words: w.Text}}
	}
	return nil
}

const (
	// leastThing is the length in letters up to which a word is not looked at: too much is akin to it by chance.
	leastThing = 4
	// kin is how many letters at the beginning two words of one stem share, and kinShort those of a word of up to
	// shortThing letters.
	kin, kinShort, shortThing = 4, 3, 6
)

// linking are words before a participle, or before an infinitive.
var linking = strings.Fields("blir bli ble vert verte vart er var å og eller har få får")

// plain are words that say nothing of a thing by themselves: those that lead on, and those of telling what was said.
var plain = strings.Fields("ligge ligger bortsett unntatt unntatte framover videre vidare deretter fortsatt framleis følgende følgjande tilsvarende tilsvarande nødvendig nødvendige naudsynt samlet samla" +
	" møtet møte møter saken saka saker temaet tema deltakere deltakerne deltakarane status gjennomgang diskusjon diskusjonen drøfting drøftinga innspill enighet semje uenighet usemje spørsmål" +
	" diskuterte diskuterer drøftet drøfta drøfter drøftar orienterte orienterer informerte informerer gjennomgikk gjekk gjennomgår foreslo foreslår føreslo føreslår fremmet fremmer fremja mener meiner mente meinte ønsker ønskjer ønsket" +
	" støtter støttar støttet støtta påpekte påpekte påpeker understreket understreker fortalte fortel forteller spurte spør svarte svarer uttrykte uttrykker nevnte nevner nemnde nemner")

// acts reports whether word i can be a verb, or says nothing of a thing.
func acts(words []word, i int) bool {
	w := words[i].Lower
	passive := strings.HasSuffix(w, "es") || strings.HasSuffix(w, "ast") // "kjøpes", "haldast"
	return passive || doing(w) || slices.Contains(plain, w) || i > 0 && words[i-1].Mark == 0 && slices.Contains(linking, words[i-1].Lower)
}

// akin reports whether a word begins as one that was said somewhere in the meeting does: "sommerhjelpen" for
// "sommarhjelpa".
func (c *Checker) akin(w word) bool {
	n := kin
	if utf8.RuneCountInString(w.Lower) <= shortThing {
		n = kinShort
	}
	return slices.ContainsFunc(c.whole().words, func(said word) bool { return strings.HasPrefix(said.Lower, first(w.Lower, n)) })
}

// first is the first n letters of a word.
func first(word string, n int) string {
	r := []rune(word)
	return string(r[:min(n, len(r))])
}

// readWhole is all that was said, and what is known of the meeting beside it.
func (c *Checker) readWhole() source {
	var all source
	for _, s := range c.said {
		all.labels = append(all.labels, s.label...)
		for _, st := range s.sentences {
			all.words = append(all.words, st.words...)
		}
	}
	known := []string{c.m.Title, c.m.Body, c.m.Place}
	for _, a := range c.m.Agenda {
		known = append(known, a.Number+" "+a.Title)
	}
	for _, text := range known {
		all.words = append(all.words, readWords(text)...)
	}
	seen := map[string]bool{}
	all.words = slices.DeleteFunc(all.words, func(w word) bool {
		again := seen[w.Lower]
		seen[w.Lower] = true
		return again
	})
	return all
}
