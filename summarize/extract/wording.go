package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// The words of a decision: what was concluded, what its speaker adds, what it answers, and what it is about.

// decision is what a conclusion at utterance i settles, in words that name it: what its speaker adds in the same
// breath, and, where all that names nothing, what it answers and what it is about. text and ids are the
// conclusion's own.
func decision(us []utterance, th theme, i int, text string, ids []string, taken map[int]bool) referent.Decision {
	parts := []string{text}
	more, from := additions(us, th, i)
	for k, add := range more {
		parts = append(parts, add)
		ids = evidence(ids, us[from+k].evidence)
		taken[from+k] = true
	}
	if first := spoken(norsk.Tokens(parts[0])); len(parts) > 1 && empty(first) && len(bareDates(first)) == 0 && len(norsk.Numbers(first)) == 0 {
		parts = parts[1:]
	}
	kind, _ := reads(&us[i])
	at := i
	for n := range 2 {
		if !thin(spoken(norsk.Tokens(strings.Join(parts, " ")))) && (kind != elliptic || n > 0) {
			break
		}
		j := answered(us, th, at, parts, ids, kind == elliptic)
		if j < 0 {
			break
		}
		at = j
		parts = append([]string{norsk.Clean(us[j].text)}, parts...) // a question stays one: the answer may be no
		ids = evidence(us[j].evidence, ids)
	}
	if whole := spoken(norsk.Tokens(strings.Join(parts, " "))); thin(whole) || namesOnly(whole) || kind == elliptic && len(parts) == 1 {
		if j := topicOf(us, th, i); j >= 0 && !slices.Contains(ids, us[j].evidence[0]) {
			parts = append([]string{norsk.Clean(strings.TrimSuffix(us[j].text, "?"))}, parts...)
			ids = evidence(us[j].evidence, ids)
		}
	}
	return referent.Decision{Text: strings.Join(parts, " "), Evidence: ids}
}

// namesOnly reports whether a text names nothing but persons and places: "Då blir det Marit og Tor Egil."
func namesOnly(tokens []norsk.Token) bool {
	return naming(slices.DeleteFunc(slices.Clone(tokens), func(t norsk.Token) bool { return t.Capitalised() && t.Start > 0 })) == 0
}

// additions are what the speaker of sentence i says more of it in the same breath, from sentence from on.
func additions(us []utterance, th theme, i int) (more []string, from int) {
	for j := i + 1; j < min(th.to, i+3) && us[j].voice == us[i].voice && us[i].voice != "" && adds(&us[j]); j++ {
		more = append(more, norsk.Clean(us[j].text))
	}
	return more, i + 1
}

// topicOf is the sentence before i in which the leader named what is talked of: "Skidagen.", "Så er det bussen vår.";
// -1 when there is none.
func topicOf(us []utterance, th theme, i int) int {
	for j := i - 1; j >= max(th.from, i-2*reach); j-- {
		u := &us[j]
		if !u.leads || u.joke || u.task || naming(u.tokens) == 0 || len(u.tokens) > 12 {
			continue
		}
		if _, opens := startsWith(topics, u.tokens); opens || len(u.tokens) <= 4 && !verbed(u.tokens) && (len(u.tokens) <= 2 || openers[u.tokens[0].Lower] || concluding[u.tokens[len(u.tokens)-1].Lower] || u.tokens[len(u.tokens)-1].Lower == "først") {
			return j
		}
	}
	return -1
}

var topics = norsk.Phrases("så|ok|okei|og er|var|har det|vi|me|jeg|eg", "neste|første|fyrste|siste ..1 er|var|gjelder|gjeld", "da|då|så gjenstår|attstår", "og så ..1 er|var|har")

// verbed reports whether a verb stands among the words.
func verbed(tokens []norsk.Token) bool {
	return slices.ContainsFunc(tokens, func(t norsk.Token) bool {
		_, verb := verbs[t.Lower]
		return verb || stands[t.Lower] || meetingVerbs[t.Lower] || choosing[t.Lower]
	})
}

// adds reports whether a sentence after a conclusion says more of what was settled.
func adds(u *utterance) bool {
	if u.question() || u.task || u.joke || len(u.tokens) > 16 || norsk.Has(nextMeeting, u.tokens) || norsk.Has(announcements, u.tokens) || norsk.Has(unfit, u.tokens) || norsk.Has(procedural, u.tokens) {
		return false
	}
	if slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return slices.Contains([]string{"jeg", "eg", "du", "meg", "deg"}, t.Lower) }) {
		return false
	}
	if states(u.tokens) {
		return true
	}
	if len(u.tokens) >= 4 && telling[u.tokens[0].Lower] && (u.tokens[2].Lower == "vi" || u.tokens[2].Lower == "me") && !meetingVerbs[u.tokens[1].Lower] && !norsk.Has(proceeding, u.tokens) {
		return true // "Så bruker vi heller gamle bilder."
	}
	k, _ := reads(u)
	return k == weDo || k == thenWe || k == itIs || fragment(u)
}

// fragment tells a few words without a verb that name something: "Frukost klokka ni.", "Til de samme trinnene."
func fragment(u *utterance) bool {
	if len(u.tokens) > 9 || len(u.tokens) < 2 {
		return false
	}
	n := 0
	for _, t := range u.tokens {
		if _, verb := verbs[t.Lower]; verb || stands[t.Lower] || meetingVerbs[t.Lower] || courteous[t.Lower] || openers[t.Lower] || concluding[t.Lower] || persons[t.Lower] || polarWord[t.Lower] {
			return false
		}
		if len([]rune(t.Lower)) >= 4 && !norsk.Functional(t.Lower) {
			n++
		}
	}
	return n >= 1 && (len(bareDates(u.tokens)) > 0 || norsk.Has(norsk.Phrases("klokka|kl|klokken", "til|for|i|på|fra|frå|med|innen|hver|kvar|ikke|ikkje"), u.tokens))
}

// timely are words that only say when.
var timely = wordSet(`nyttår jul jula påske klokka klokken uke veke uka veka dag dagen dager dagar kveld kvelden morgen morgenen morgon år året årets måned månad igjen fremover framover heretter
	variant varianten forslag forslaget framlegg framlegget alternativ alternativet løsning løsningen løysing løysinga måten ordning ordningen tilbud tilbudet ideen tanken første andre tredje hverdag
	imot takke velge velje bruke ombestemmer snur altså greit fint bra flott godt bestemt avgjort avklart enige einige enig klart løst ferdig oppdrag sånn slik begge alle tusen hundre million millioner millionar`)

// naming counts the words that name what a text is about.
func naming(tokens []norsk.Token) int {
	n := 0
	for i, t := range tokens {
		_, verb := verbs[t.Lower]
		_, infinitive := infinitives[t.Lower]
		_, number := norsk.Number(t.Lower)
		verb = verb || infinitive
		if len([]rune(t.Lower)) < 3 || norsk.Functional(t.Lower) || verb || number || choosing[t.Lower] || meetingVerbs[t.Lower] || stands[t.Lower] || timely[t.Lower] || openers[t.Lower] || nothing[t.Lower] || i > 0 && t.Capitalised() && strings.HasSuffix(t.Lower, "s") && i+1 < len(tokens) && timely[tokens[i+1].Lower] {
			continue
		}
		if _, ok := norsk.Ordinal(t.Lower); ok || len(norsk.Dates(tokens[i:i+1], anyDay)) > 0 || monthWords[t.Lower] {
			continue
		}
		n++
	}
	return n
}

var monthWords = wordSet("januar februar mars april mai juni juli august september oktober november desember")

// empty reports whether a text names nothing at all: "Da gjør vi det."
func empty(tokens []norsk.Token) bool { return naming(tokens) == 0 }

// thin reports whether a text does not name what it is about: nothing but verbs and times, or little beside a word
// that points back.
func thin(tokens []norsk.Token) bool {
	n := naming(tokens)
	if n == 0 {
		return true
	}
	if n > 1 {
		return false
	}
	for i, t := range tokens {
		if !slices.Contains([]string{"det", "den", "dem", "dei", "dit", "denne", "dette"}, t.Lower) || i == 0 {
			continue
		}
		if t.Mark != 0 || i+1 >= len(tokens) || norsk.Functional(tokens[i+1].Lower) || infinitives[tokens[i+1].Lower].infinitive != "" {
			return true
		}
	}
	return false
}

// answered is the sentence that a conclusion at i answers: the last that was put forward and not turned down, by
// whom it names if it names somebody; else the last statement with matter. -1 when there is none.
func answered(us []utterance, th theme, i int, parts, ids []string, short bool) int {
	owner := ""
	own := content(norsk.Tokens(strings.Join(parts, " ")))
	for _, t := range norsk.Tokens(parts[0]) {
		for j := i - 1; j >= max(th.from, i-2*reach); j-- {
			if first, _, _ := strings.Cut(us[j].speaker, " "); first != "" && t.Capitalised() && t.Lower == strings.ToLower(first)+"s" {
				owner = us[j].speaker
			}
		}
	}
	begin := max(th.from, i-reach, topicOf(us, th, i)) // nothing from before the topic was opened
	fit := func(j int) bool {
		if slices.ContainsFunc(us[j].tokens, func(t norsk.Token) bool { return t.Lower == "du" || t.Lower == "deg" }) {
			return false // asks one person
		}
		return !slices.Contains(ids, us[j].evidence[0]) && !us[j].joke && !us[j].task && len(us[j].tokens) <= longestRuling && naming(us[j].tokens) > 0
	}
	if owner != "" {
		for j := i - 1; j >= max(th.from, i-2*reach); j-- {
			if us[j].speaker == owner && fit(j) && !us[j].question() && len(us[j].tokens) >= 4 {
				return j
			}
		}
	}
	for j := i - 1; short && j >= begin; j-- { // it takes up a word of what it answers
		if fit(j) && len(us[j].tokens) >= 4 && shared(own, content(us[j].tokens)) > 0 {
			return j
		}
	}
	for j := i - 1; j >= begin; j-- {
		if fit(j) && suggested(&us[j]) && !refused(us, j, i) {
			return j
		}
	}
	for j := i - 1; j >= begin; j-- {
		if fit(j) && prompt(&us[j]) && !refused(us, j, i) {
			return j
		}
	}
	for j := i - 1; j >= max(begin, i-5); j-- {
		if fit(j) && !consent(&us[j]) && len(us[j].tokens) >= 4 && !us[j].question() {
			return j
		}
	}
	return -1
}
