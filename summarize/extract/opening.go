package extract

import (
	"slices"
	"strings"
	"unicode"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Who leads a meeting with an agenda opens its cases by little more than their name: "Brannbilen.", "102.", "Og til
// sist reglementet.". It is told from talk of the same things by its form, and by who says it.

// turnsTo are words that go on to the next thing.
var turnsTo = norsk.Phrases("så|og|da|då|deretter|dernest|videre|vidare ..2 er|har|tar|tek|skal|går|kommer|kjem|hopper|hoppar|gjelder|gjeld|var|det|den|vi|me|til", "neste|siste|første|fyrste|andre|tredje|fjerde", "den|det siste|neste|første|fyrste", "til slutt|sist", "over til|på", "vi|me går|hopper|hoppar|tar|tek|er", "punktet|saka|saken|sak ..1 om|med",
	"da|då er|hopper|går|tar|tek vi|me", "det er ..3 som er", "i sak", "så|og")

// fromAgenda is the point of the agenda, not opened yet, that a sentence of whoever leads opens in such a way, or -1.
func fromAgenda(us []utterance, i int, agenda []referent.AgendaItem, done map[int]bool) int {
	u := &us[i]
	if len(agenda) < 2 || u.question() || len(u.tokens) == 0 || len(u.tokens) > 24 || !leadsTalk(us, u) || norsk.Has(references, u.tokens) {
		return -1
	}
	from := 0 // points are taken in their order, but for those that are named by number
	for j := range agenda {
		if done[j] {
			from = j + 1
		}
	}
	if j := bareNumber(u, agenda, done); j >= 0 {
		return j
	}
	if _, some := readBallot(u, true); some || norsk.Has(votingWord, u.tokens) || norsk.Has(passed, u.tokens) || norsk.Has(proposalWord, u.tokens) {
		return -1
	}
	nominal := len(u.tokens) <= 8 && !finite(u.tokens)
	if !nominal && !begins(turnsTo, u.tokens) || len(u.tokens) > 16 {
		return -1
	}
	best, at := 0, -1
	for j := from; j < len(agenda); j++ {
		if n := titleWords(u, agenda, done, j); n > best {
			best, at = n, j
		}
	}
	return at
}

// leadsTalk reports whether whoever speaks is the one who speaks most often, as the chair does, or nobody
// known. A roll call is no speech.
func leadsTalk(us []utterance, u *utterance) bool {
	if u.voice == "" {
		return true
	}
	turns, most, lead := map[string]int{}, 0, us[0].voice
	for k := range us {
		if (k == 0 || us[k].voice != us[k-1].voice) && len(us[k].tokens) > 3 {
			if turns[us[k].voice]++; turns[us[k].voice] > most {
				most, lead = turns[us[k].voice], us[k].voice
			}
		}
	}
	return u.voice == lead
}

// bareNumber reads "102.", "89, gebyrregulativet.", "kveldens store sak, nummer 88.": the number of a point by itself.
func bareNumber(u *utterance, agenda []referent.AgendaItem, done map[int]bool) int {
	for k, t := range u.tokens {
		n, ok := norsk.Number(t.Lower)
		if !ok {
			continue
		}
		after := k > 0 && slices.Contains([]string{"nummer", "sak", "saka", "saken", "nr"}, u.tokens[k-1].Lower)
		first := k == 0 && (len(u.tokens) == 1 || t.Mark == ',' || t.Mark == '.' || k+1 < len(u.tokens) && u.tokens[k+1].Lower == "og" && len(u.tokens) > 2) ||
			k > 0 && k <= 3 && len(u.tokens) <= 8 && t.Mark == ',' && begins(turnsTo, u.tokens)
		if !after && !first || !after && n < 10 && len(u.tokens) > 1 {
			continue
		}
		for j, a := range agenda {
			own := numberOf(a.Number)
			running, _, _ := strings.Cut(own, "/")
			if !done[j] && running == itoa(n) && (after || n >= 10) {
				return j
			}
		}
	}
	return -1
}

// titleWords counts the words of a sentence that are of the title of point j and of no other point still to come.
func titleWords(u *utterance, agenda []referent.AgendaItem, done map[int]bool, j int) int {
	n := 0
	for _, t := range u.tokens {
		if !ofTitle(t, agenda[j].Title) || properName(t, agenda[j].Title) && (len(u.tokens) > 4 || norsk.Has(ofBody, u.tokens)) {
			continue // "Møtet i formannskapet i Solvik er satt" opens no case of Solvik skating club
		}
		if !slices.ContainsFunc(agenda, func(o referent.AgendaItem) bool { return o != agenda[j] && ofTitle(t, o.Title) }) {
			n++
		}
	}
	return n
}

var ofBody = norsk.Phrases("kommunestyre~|formannskap~|utvalg~|utval~|fylkesting~|møte~|velkommen|velkomen|velkomne")

// properName reports whether a word is a name in a title, not the title's first word: a place that much is said of.
func properName(t norsk.Token, title string) bool {
	words := norsk.Tokens(title)
	return t.Capitalised() && len(words) > 1 && !acronym(t.Text) && slices.ContainsFunc(words[1:], func(w norsk.Token) bool { return w.Capitalised() && strings.HasPrefix(t.Lower, w.Lower) })
}

// ofTitle reports whether a word is, in some form or within a compound, one of a title's.
func ofTitle(t norsk.Token, title string) bool {
	return slices.ContainsFunc(norsk.Tokens(title), func(w norsk.Token) bool {
		a, b := t.Lower, w.Lower
		if acronym(w.Text) || acronym(t.Text) {
			return strings.EqualFold(a, b)
		}
		x, y := len([]rune(a)), len([]rune(b))
		if x < 4 || y < 4 || norsk.Functional(a) || norsk.Functional(b) || slices.Contains(officialWords, b) {
			return false
		}
		return a == b || sameStem(a, b) || norsk.SameWord(a, b) || x >= 5 && strings.HasPrefix(b, stem(a)) && len([]rune(stem(a))) >= 5 || y >= 5 && strings.HasPrefix(a, stem(b)) && len([]rune(stem(b))) >= 4 ||
			partOf(stem(b), a) || partOf(stem(a), b)
	})
}

// stem is a word without the ending of its definite form.
func stem(w string) string {
	for _, end := range []string{"ane", "ene", "en", "et", "a", "e"} {
		if s, ok := strings.CutSuffix(w, end); ok && len([]rune(s)) >= 4 {
			return s
		}
	}
	return w
}

// officialWords stand in the titles of all kinds of cases.
var officialWords = []string{"kommune", "kommunen", "kommunes", "godkjenning", "godkjenninga", "orientering", "høring", "høyring", "valg", "søknad", "kommunal", "kommunale", "forslag", "møte", "møtet", "møtebok", "medlem", "medlemmer", "sentrum", "saksliste", "sakliste", "innkalling", "dagsorden", "protokoll"}

func acronym(s string) bool {
	n := 0
	for _, r := range s {
		if !unicode.IsUpper(r) {
			return false
		}
		n++
	}
	return n >= 2
}

// finite reports whether a sentence has a verb that says something of its subject.
func finite(t []norsk.Token) bool {
	return slices.ContainsFunc(t, func(w norsk.Token) bool {
		return slices.Contains([]string{"er", "var", "har", "hadde", "blir", "vert", "ble", "vart", "skal", "kan", "vil", "må", "går", "gjør", "gjer", "kommer", "kjem", "får", "sier", "seier", "tar", "tek", "bør", "synes", "tror", "trur", "ligger", "ligg", "står", "koster", "kostar", "vet", "veit", "stemmer", "trenger", "treng", "heter"}, w.Lower)
	})
}
