package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// aloud is said of a thought that is not to be taken down.
var aloud = norsk.Phrases("det|dette er|var ikke|ikkje noe|noko|et|eit forslag|framlegg")

// courtesy are sentences that lead the meeting and say nothing of its matter.
var courtesy = norsk.Phrases("takk", "tusen takk", "velkommen", "velkomen", "ønsker|ønskjer velkommen|velkomen", "da|då er det bare|berre", "nei", "ja", "da|då startar|starter", "vær så god|god", "ver så god", "værsågod", "ordet er ditt", "ordet", "da|då er møtet satt|sett",
	"noen|nokon spørsmål", "noe mer|anna", "ha en|ein fin|god", "hei", "god morgen|morgon|dag|ettermiddag", "kan alle høre", "de som", "dei som", "hilser|helser", "vi|me voterer|røystar", "da|då voterer|røystar", "votering")

// substance are words that make a sentence worth keeping.
var substance = norsk.Phrases("foreslår|føreslår|forslag|framlegg|innstilling~|tilråding~", "kroner|prosent|millioner|millionar|tusen|elever|elevar|innbyggere|innbyggjarar",
	"fordi", "derfor|difor", "behov|trenger|treng", "problem~", "risiko", "kostnad~|kostar|koster", "resultat~", "frist~", "plan|planen|planlagt", "anbefaler|tilrår",
	"ferdig", "trekker|trekk ..2 forslag~|framlegg~", "forsinket|forseinka", "økt|auka|redusert", "status", "viktig", "avtale~", "orienterte|orienterer|orientering", "må", "ulempe~", "fordel~")

// idling are thoughts that nobody is held to: "Tenk om vi finner den!", "Jeg kunne jo foreslått ti millioner."
var idling = norsk.Phrases("tenk om|på|deg", "tenk så", "kunne jo", "kunne|skulle jo? gjort|gjerne|ønsket|ønska|foreslått|føreslått|hatt", "i avisa|avisen|avisene|paperavisa", "drømmer|drøymer om", "lotto", "spør du meg", "mora|moren|faren|kona|mannen|ungene|ungane mi|min|mine")

var (
	closesDoors = norsk.Phrases("dørene|dørane|døra ..2 lukket|lukka|lukkes|stengt|stengd", "lukker|lukkar jeg|eg|vi|me møtet|dørene|dørane", "møtet ..2 lukket|lukka|lukkes", "møtet er ..2 lukket|lukka", "for lukkede|lukka|stengte dører|dører|dørar")
	opensDoors  = norsk.Phrases("åpner|opnar|åpne|opne ..2 dørene|dørane|døra|møtet", "dørene|dørane|møtet|døra ..3 åpne|opne|åpnet|opna|åpent|ope", "åpent|ope igjen|att")
)

// points picks what the summary of a theme says, in the order it was said. A proposal and a personal
// view keep the name of who said it.
func points(us []utterance, th theme, props []proposal, form string) []referent.Point {
	type scored struct{ i, score, prop int }
	var list []scored
	shut := false // behind closed doors: what is said there is not told
	for i := th.from; i < th.to; i++ {
		if norsk.Has(opensDoors, us[i].tokens) {
			shut = false
		} else if shut {
			continue
		} else if norsk.Has(closesDoors, us[i].tokens) && !us[i].question() {
			shut = true
		}
		if i == th.from && th.heading != "" {
			continue // the sentence that opens the point is its heading
		}
		if us[i].task || us[i].joke || objects(us, th, i) {
			continue // stands under the action items, was no earnest, or is put right by the next speaker
		}
		at := slices.IndexFunc(props, func(p proposal) bool { return p.at == i })
		if at < 0 && slices.ContainsFunc(props, func(p proposal) bool { return slices.Equal(p.evidence[:1], us[i].evidence) }) {
			continue // only announces the proposal
		}
		if s := salience(&us[i]); s > 0 {
			list = append(list, scored{i, s, at})
		} else if at >= 0 {
			list = append(list, scored{i, 1, at})
		}
	}
	best := 0
	for j := range list {
		if list[j].prop >= 0 {
			list[j].score += 4
		}
		best = max(best, list[j].score)
	}
	list = slices.DeleteFunc(list, func(s scored) bool { return s.score < min(2, best) })
	slices.SortStableFunc(list, func(a, b scored) int { return b.score - a.score })
	list = list[:min(len(list), pointsPerTheme)]
	slices.SortFunc(list, func(a, b scored) int { return a.i - b.i })
	var out []referent.Point
	for _, s := range list {
		u := &us[s.i]
		if s.prop >= 0 {
			out = append(out, props[s.prop].point(form))
			continue
		}
		text := norsk.Clean(u.text)
		if u.speaker != "" && personal(u) {
			text = u.speaker + ": " + text
		}
		out = append(out, referent.Point{Text: text, Evidence: u.evidence})
	}
	return out
}

// point is a proposal as the minutes state it: whose it is, and its matter.
func (p proposal) point(form string) referent.Point {
	text := matter(p.text)
	switch {
	case p.recommendation:
		text = norsk.Recommendation.In(form) + ": " + text
	case p.by != "":
		text = norsk.ProposalFrom.In(form, "name", p.by, "text", text)
	}
	return referent.Point{Text: text, Evidence: p.evidence}
}

// salience says how much a sentence belongs in a summary; 0 means not at all.
func salience(u *utterance) int {
	if u.question() || len(u.tokens) < 5 || norsk.Has(aloud, u.tokens) || norsk.Has(courtesy, u.tokens[:min(9, len(u.tokens))]) {
		return 0
	}
	if strings.HasSuffix(u.text, "!") || norsk.Has(idling, u.tokens) || naming(u.tokens) == 0 {
		return 0 // a cry, a thought, or nothing named
	}
	if norsk.Has(nextMeeting, u.tokens) || norsk.Has(takes, u.tokens) && len(u.tokens) < 9 {
		return 0
	}
	if r, ok := readVote(u); ok && (r.unanimous || r.fell || r.forVotes != nil) {
		return 0 // stands under votes
	}
	if _, _, ok := decides(u); ok {
		return 0 // stands under decisions
	}
	score := 0
	if len(norsk.Numbers(u.tokens)) > 0 {
		score += 2
	}
	for _, p := range substance {
		if _, _, ok := p.Find(u.tokens); ok {
			score++
		}
	}
	if len(u.tokens) >= 9 {
		score++
	}
	if len(u.tokens) > 45 {
		score--
	}
	if !u.quality {
		score-- // recognised badly: only if nothing better was said
	}
	if norsk.Has(withdraws, u.tokens) {
		score += 2 // a proposal must not stand without the word that it was taken back
	}
	if personal(u) && score < 2 {
		return 0
	}
	return score
}

// personal tells sentences in the first person singular, which mean nothing without who said them.
func personal(u *utterance) bool {
	return slices.ContainsFunc(u.tokens, func(t norsk.Token) bool {
		return slices.Contains([]string{"jeg", "eg", "meg", "min", "mi", "mitt", "mine", "vårt"}, t.Lower)
	})
}

// objects reports whether the next sentences put a day or a number of sentence i right: "Nei, torsdag."
func objects(us []utterance, th theme, i int) bool {
	dated, numbered := len(bareDates(us[i].tokens)) > 0, len(norsk.Numbers(us[i].tokens)) > 0
	if !dated && !numbered {
		return false
	}
	for j := i + 1; j < min(i+3, th.to); j++ {
		if norsk.Corrects(us[j].tokens) && (dated && len(bareDates(us[j].tokens)) > 0 || numbered && !dated && len(norsk.Numbers(us[j].tokens)) > 0 && len(us[j].tokens) <= 10) {
			return true
		}
	}
	return false
}
