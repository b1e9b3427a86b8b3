package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// proposal is something put forward: a recommendation from the administration or a member's proposal.
type proposal struct {
	text           string   // its own words, without what leads to them
	by             string   // who put it forward, as one reads it; "" when not known
	movers         []string // the same one by one: persons, and parties as the roster writes them
	recommendation bool
	kind           kindOf
	number         int // of a recommendation in points, or of the one it would change; 0: none
	evidence       []string
	at             int  // utterance
	settled        bool // voted on, or fallen away
	withdrawn      bool
}

// kindOf is what a proposal calls itself.
type kindOf int

const (
	plain kindOf = iota
	addition
	subsidiary
	postponement
	handover // to another body, without a vote on its matter
)

func kindIn(tokens []norsk.Token) kindOf {
	switch {
	case norsk.Has(norsk.Phrases("tillegg~"), tokens):
		return addition
	case norsk.Has(norsk.Phrases("subsidiær~", "subsidiert~"), tokens):
		return subsidiary
	case norsk.Has(norsk.Phrases("utsettelse~", "utsetting~", "utsetjing~", "utsettes", "utsett", "utset", "utsetjast", "utsatt", "utsette", "utsetje"), tokens):
		return postponement
	case norsk.Has(norsk.Phrases("oversendelse~", "oversending~"), tokens):
		return handover
	}
	return plain
}

const (
	proposalNouns = "forslag|forslaget|framlegg|framlegget|tilleggsforslag|tilleggsforslaget|endringsforslag|endringsforslaget|utsettelsesforslag|utsettelsesforslaget|fellesforslag|fellesforslaget|motforslag|alternativforslag|" +
		"oversendelsesforslag|oversendelsesforslaget|oversendingsforslag|tilleggsframlegg|endringsframlegg|fellesframlegg|utsetjingsframlegg|motframlegg|tilleggsframlegget|endringsframlegget|fellesframlegget"
	newProposal = "forslag|framlegg|tilleggsforslag|endringsforslag|utsettelsesforslag|fellesforslag|motforslag|alternativforslag|oversendelsesforslag|oversendingsforslag|tilleggsframlegg|endringsframlegg|fellesframlegg|utsetjingsframlegg|motframlegg"
	puts        = "fremmer|fremje|fremme|fremjar|fremjer|legger|legg|setter|set|sett|leverer|fremmet|fremja|lagt|levert|gjer|gjør"
)

var recommends = norsk.Phrases(
	"innstilling~|insstilling~|instilling~|tilråding~ ..3 er|går|lyder|lyd ut? på? at|å|som|slik|følgende|følgjande",
	"innstilling~|insstilling~|instilling~|tilråding~ ..3 lyder|lyd|er",
	"kommunedirektøren|rådmannen|administrasjonen|utvalget|utvalet|formannskapet|formannskapen|hovedutvalget|hovudutvalet ..2 innstiller|tilrår|rår|foreslår|føreslår|anbefaler",
	"er|var innstilling~|tilråding~ ..2 at", "innstiller|tilrår|rår til|på? at|å", "har innstilt på at|å", "kommunedirektørens|rådmannens|administrasjonens forslag ..3 er|lyder at?",
)

var proposes = norsk.Phrases(
	"jeg|eg|vi|me vil|ønsker|ønskjer? ..5 foreslår|føreslår|foreslå|føreslå",
	"foreslår|føreslår jeg|eg|vi|me",
	puts+" ..5 "+newProposal,
	"har|hadde ..3 "+newProposal,
	"mitt|vårt|vårt ..1 "+proposalNouns+" er|går|lyder|lyd",
	"forslaget|framlegget|endringsforslaget|tilleggsforslaget|fellesforslaget ..6 er|går ..1 at|å|som|ut",
	"forslaget|framlegget|endringsforslaget|tilleggsforslaget|fellesforslaget ..5 lyder|lyd",
	"på vegne|vegner av ..6 fremmer|fremjar|fremjer|foreslår|føreslår|legger|legg|set|setter|foreslå|føreslå|fremme|fremje",
	"kommet|kome|komme|levert|fremmet|fremja ..3 "+proposalNouns,
	"fremmer|fremjar|fremjer|fremje ..4 at|å",
	"jeg|eg|vi|me vil at",
)

// noProposal are sentences with the words of one that put nothing forward.
var noProposal = norsk.Phrases("hadde|har ..3 tenkt", "tenkt å", "ikke|ikkje ..2 noe|noko|noen|nokon|et|eit|forslag|framlegg|fremme|foreslå", "fremmer|fremjar|foreslår|føreslår|har ikke|ikkje", "noen|nokon ..4 forslag|framlegg", "det er ikke|ikkje et|eit forslag|framlegg",
	"hvis|viss|dersom|kanskje", "pause", "til votering|røysting", "strek", "voterer|røystar", "støtter|støttar|stør|enig|einig|samd", "opp mot", "trekker|trekk|trukket|trekt", "dårlig|dårleg|godt|bra forslag|framlegg", "i fjor", "har rett til", "lese|leser|les|lest")

// procedure are what a chair proposes about the meeting itself, and no proposal in the case.
var procedure = norsk.Phrases("pause", "til votering|røysting|avstemning", "strek", "går|gå videre|vidare", "neste sak", "tar|ta ordet", "taletid~", "samme|same rekkefølge|rekkjefølgje")

// withdraws takes a proposal back; it is then not voted on.
var withdraws = norsk.Phrases("trekker|trekk|trekkjer ..4 "+proposalNouns, proposalNouns+" ..2 er|blir|vert|ble|vart ..1 trukket|trekt|trekkes", "har trukket|trekt ..2 "+proposalNouns, "trekker|trekk jeg|eg|vi|me ..2 det|"+proposalNouns, "jeg|eg|vi|me trekker|trekk det")

// follows tells the sentence that gives the words of a proposal just announced.
func follows(u *utterance) bool {
	_, ok := startsWith(norsk.Phrases("forslaget|framlegget|det|dette ..2 er|lyder|lyd|går"), u.tokens)
	return ok
}

// continues tells a further sentence of a proposal that is read out.
func continues(u *utterance) bool {
	_, ok := startsWith(norsk.Phrases("punkt|nummer #", "videre ber|bes|skal", "vidare ber|bed|skal", "i tillegg skal|ber|bes|bed", "kommunestyret|formannskapet|utvalget|utvalet|ungdomsrådet|kommunedirektøren|rådmannen ber|bed|bes|vert|får|legger|legg|anbefaler|tilrår|krever|krev|vil"), u.tokens)
	return ok
}

// proposals finds what was put forward in a theme.
func (s *sitting) proposals(th theme) []proposal {
	var out []proposal
	for i := th.from; i < th.to; i++ {
		u := &s.us[i]
		if u.question() {
			continue
		}
		if norsk.Has(withdraws, u.tokens) && !norsk.Has(norsk.Phrases("ikke|ikkje"), u.tokens) {
			s.withdraw(out, i)
			continue
		}
		if next, ok := s.subsidiaryOf(out, i); ok {
			out = append(out, next)
			continue
		}
		if list, to := s.inPoints(th, i); to >= 0 {
			out = append(out, list...)
			i = to
			continue
		}
		_, end, isRecommendation := norsk.FindAny(recommends, u.tokens)
		if !isRecommendation {
			end, isRecommendation = s.recommendsOwn(u)
		}
		if isRecommendation && (norsk.Has(norsk.Phrases("opp mot", "voterer|røystar", "stemmer|stemte|røyster"), u.tokens) || s.mandatedElsewhere(u)) {
			continue
		}
		if !isRecommendation {
			var ok bool
			if end, ok = s.proposesAt(i); !ok {
				if q, to, put := s.putForward(th, i); put {
					out = append(out, q)
					i = to
				}
				continue
			}
		}
		introduces := isRecommendation && slices.Contains([]string{"at", "å"}, u.tokens[end-1].Lower)
		if r, ok := readBallot(u, true); ok && !introduces && (r.counted() || r.unanimous || r.fell) {
			continue // the result of a vote on it, not the proposal
		}
		if norsk.Has(passed, u.tokens) && !isRecommendation {
			continue
		}
		if n := len(out) - 1; n >= 0 && out[n].at == i-1 && s.us[i-1].voice == u.voice && follows(u) && !isRecommendation {
			// "Jeg fremmer et forslag. Forslaget lyder: ...": one proposal
			out[n].text, out[n].at, out[n].evidence = s.matterAfter(u, end), i, evidence(out[n].evidence, u.evidence)
			continue
		}
		q := proposal{recommendation: isRecommendation, evidence: u.evidence, at: i, kind: kindIn(u.tokens), number: pointOf(u.tokens[:min(len(u.tokens), end+6)])}
		q.movers = s.movers(u, end, isRecommendation)
		q.by = strings.Join(q.movers, ", ")
		q.text = s.matterAfter(u, end)
		if q.text == "" && i+1 < th.to && s.us[i+1].voice == u.voice && !s.us[i+1].question() {
			// "Jeg har et forslag." and then the proposal itself
			i++
			q.at, q.text, q.evidence = i, matter(norsk.Clean(s.us[i].text)), evidence(u.evidence, s.us[i].evidence)
			if _, after, ok := norsk.FindAny(norsk.Phrases("forslaget|framlegget|det|dette ..2 er|lyder|lyd ..1 at?"), s.us[i].tokens); ok && follows(&s.us[i]) {
				if m := s.matterAfter(&s.us[i], after); m != "" {
					q.text = m
				}
			}
			if q.kind == plain {
				q.kind = kindIn(s.us[i].tokens)
			}
		}
		if q.text == "" {
			q.text = norsk.Clean(u.text)
		}
		if n := i + 1; len(content(norsk.Tokens(q.text))) < 2 && n < th.to && s.us[n].voice == u.voice && !s.us[n].question() && len(content(s.us[n].tokens)) >= 2 && len(s.us[n].tokens) <= 12 && !personal(&s.us[n]) {
			i = n // "Eg føreslår null. Ingen avgift ved Storhaugen.": the second says what the first means
			q.text, q.evidence, q.at = strings.TrimRight(q.text, ".")+". "+norsk.Clean(s.us[i].text), evidence(q.evidence, s.us[i].evidence), i
		}
		for i+1 < th.to && s.us[i+1].voice == u.voice && continues(&s.us[i+1]) {
			i++
			q.text, q.evidence = q.text+" "+norsk.Clean(s.us[i].text), evidence(q.evidence, s.us[i].evidence)
			q.at = i
		}
		if words := norsk.Tokens(q.text); len(words) > 2 && slices.Contains([]string{"subsidiært", "subsidiert", "prinsipalt", "sekundært"}, words[0].Lower) {
			q.text = norsk.Capitalise(q.text[words[1].Start:])
		}
		q.text = postponed(q.text, s.form)
		out = append(out, q)
	}
	return out
}

// mandatedElsewhere tells a sentence about what became of a recommendation: "innstillingen er at" puts one
// forward, "innstillingen er grei" does not.
func (s *sitting) mandatedElsewhere(u *utterance) bool {
	_, end, ok := norsk.FindAny(recommends, u.tokens)
	if !ok {
		return false
	}
	last := u.tokens[end-1]
	return (last.Lower == "er" || last.Lower == "går") && last.Mark != ':' && (end >= len(u.tokens) || count(u.tokens[end]) == nil && len(u.tokens)-end < 4 || norsk.Has(passed, u.tokens))
}

// proposesAt reports whether utterance i puts a proposal forward, and after which token its matter may begin.
func (s *sitting) proposesAt(i int) (end int, ok bool) {
	u := &s.us[i]
	_, end, ok = norsk.FindAny(proposes, u.tokens)
	if !ok { // "Frp foreslår at ...", "Høyre fremmer et forslag"
		var from int
		from, end, ok = norsk.FindAny(norsk.Phrases("foreslår|føreslår", "har foreslått|føreslått", puts+" ..5 "+newProposal), u.tokens)
		if ok && !s.moverBefore(u, from) {
			return 0, false
		}
	}
	if !ok || norsk.Has(noProposal, u.tokens[:min(len(u.tokens), end+3)]) || norsk.Has(procedure, u.tokens) && len(u.tokens) <= 14 || norsk.Has(norsk.Phrases("opp mot"), u.tokens) {
		return 0, false
	}
	return end, true
}

func (s *sitting) moverBefore(u *utterance, at int) bool {
	for j := max(0, at-5); j < at; j++ {
		if _, ok := s.people.at(u.tokens, j); ok {
			return true
		}
		if _, ok := s.parties.at(u.tokens, j); ok {
			return true
		}
	}
	return false
}

// subsidiaryOf reads "Subsidiært, bygget leies ut", put forward by who put the last one forward.
func (s *sitting) subsidiaryOf(list []proposal, i int) (proposal, bool) {
	u := &s.us[i]
	end, ok := startsWith(norsk.Phrases("subsidiært|subsidiert|sekundært", "og|så subsidiært|subsidiert"), u.tokens)
	if !ok || len(u.tokens)-end < 3 || len(list) == 0 {
		return proposal{}, false
	}
	last := list[len(list)-1]
	text := s.matterAfter(u, end)
	if text == "" {
		text = norsk.Capitalise(norsk.Clean(u.text[u.tokens[end].Start:]))
	}
	q := proposal{text: text, movers: s.movers(u, end, false), kind: subsidiary, evidence: u.evidence, at: i}
	if slices.Equal(q.movers, []string{s.people.known(u.speaker)}) && slices.Contains(last.movers, u.speaker) {
		q.movers = last.movers
	}
	q.by = strings.Join(q.movers, ", ")
	return q, true
}

// matterAfter is what a sentence puts forward after its announcing words, as a sentence of its own; "" when
// it only announces it.
func (s *sitting) matterAfter(u *utterance, end int) string {
	t := u.tokens
	if slices.Contains([]string{"at", "å"}, t[end-1].Lower) || t[end-1].Mark == ':' {
		return s.clause(u, end)
	}
	if slices.Contains([]string{"foreslår", "føreslår"}, t[end-1].Lower) && end < len(t) && len(t)-end < 3 && s.withoutMovers(t[end:]) > 0 && !slices.Contains([]string{"følgende", "følgjande", "dette", "det"}, t[end].Lower) {
		return norsk.Capitalise(norsk.Clean(u.text[t[end].Start:])) // "Jeg foreslår åtte møter."
	}
	for j := end; j < min(len(t), end+12); j++ {
		if t[j-1].Mark == ':' {
			return s.clause(u, j)
		}
		if slices.Contains([]string{"at", "å"}, t[j].Lower) {
			return s.clause(u, j+1)
		}
		if t[j].Lower == "om" && j+1 < len(t) && !slices.Contains([]string{"at", "å"}, t[j+1].Lower) {
			return norsk.Clean(u.text) // "et forslag om utsettelse": has no clause of its own
		}
	}
	if rest := s.withoutMovers(t[min(end, len(t)):]); rest >= 3 && !norsk.Has(norsk.Phrases(proposalNouns), t[min(end, len(t)):]) {
		from := end
		for from < len(t) && slices.Contains([]string{"altså", "da", "då", "derfor", "difor", "heller"}, t[from].Lower) {
			from++
		}
		if from < len(t) && !norsk.Has(norsk.Phrases(proposalNouns), t[max(0, end-1):end]) {
			return norsk.Capitalise(norsk.Clean(u.text[t[from].Start:])) // "Høyre foreslår 300 kroner timen"
		}
	}
	return ""
}

// clause is a sentence's rest from token j as a sentence. A clause after "at" keeps the order of its words,
// so where "ikke" stands before the verb, the whole sentence is kept.
func (s *sitting) clause(u *utterance, j int) string {
	if len(u.tokens)-j < 2 {
		return ""
	}
	text := norsk.Clean(u.text[u.tokens[j].Start:])
	if u.tokens[j-1].Lower == "at" {
		for k := j; k < min(len(u.tokens), j+4); k++ {
			if slices.Contains(negations, u.tokens[k].Lower) && k+1 < len(u.tokens) && k <= j+2 {
				return norsk.Clean(u.text)
			}
		}
	}
	return norsk.Capitalise(strings.NewReplacer(" og at ", " og ", ", og at ", ", og ").Replace(text))
}

// withdraw settles what the speaker, or who is named as its author, takes back.
func (s *sitting) withdraw(list []proposal, i int) {
	u := &s.us[i]
	open := func(who []string) int {
		for j := len(list) - 1; j >= 0; j-- {
			q := &list[j]
			if !q.recommendation && !q.settled && slices.ContainsFunc(who, func(n string) bool { return slices.Contains(q.movers, n) }) {
				return j
			}
		}
		return -1
	}
	_, end, _ := norsk.FindAny(withdraws, u.tokens)
	lead := u.tokens[:s.leadEnd(u.tokens, end)]
	named := s.parties.all(lead)
	for _, n := range s.people.all(lead) {
		named = append(named, n.name)
	}
	j := -1
	if speaker := s.people.known(u.speaker); speaker != "" { // "jeg trekker mitt og støtter Karis"
		j = open([]string{speaker})
		if len(named) > 0 && !firstPerson(u) && !slices.Contains(named, speaker) {
			j = -1
		}
	}
	if j < 0 {
		j = open(named)
	}
	if j < 0 {
		return
	}
	list[j].settled, list[j].withdrawn = true, true
	list[j].evidence = evidence(list[j].evidence, u.evidence)
}

// latest is the last proposal before utterance i, or -1.
func latest(props []proposal, i int) int {
	at := -1
	for j, p := range props {
		if p.at < i {
			at = j
		}
	}
	return at
}

// recorded is a proposal as the minutes hold it.
func (q proposal) recorded() referent.Proposal {
	return referent.Proposal{Text: matter(q.text), By: q.movers, Evidence: q.evidence}
}
