package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// What is put forward to be resolved is worded as a resolution, whatever leads to it: "Venstre har et tillegg.
// Skolebygget tas i bruk som grendehus." A member who argues speaks of himself and of others, in the past, and asks;
// a resolution states what shall be, in the passive or with the body as its subject.

var (
	// putting are words of one who puts something forward; what it is stands beside them.
	putting = norsk.Phrases(
		"har|hadde|fremmer|fremjar|fremjer|legger|legg|set|setter|gjer|gjør|kommer|kjem|ønsker|ønskjer|vil ..6 "+proposalNouns+"|tillegg|tillegget|alternativ|endring|endringar|endringer|uttalelse|uttale|fråsegn|punkt|merknad|løsning|løysing|mellomløsning|mellomløysing",
		"har ..1 et|eit|ett til ..1 punkt|nummer", "fremmer|fremjar|fremjer|foreslår|føreslår ..1 dette|følgende|følgjande|det|sånn|slik", "vil ha", "vil noe|noko annet|anna", "prøver|prøvar ..1 på|oss",
		"uttalelse~|uttale~|fråsegn~|resolusjon~|tillegg~|forslag~|framlegg~ ..3 er|lyder|lyd|går", "mitt|vårt ..1 "+proposalNouns, "går|vil heller|i stedet|i staden for? ..1 at?", "heller", "foreslår|føreslår", "slik|sånn|dette vil jeg|eg|vi|me ha")
	// isOne says of what was just said that it is put forward.
	isOne = norsk.Phrases("det|dette er forslaget|framlegget|tillegget mitt|vårt", "det|dette er et|eit|mitt|vårt|også|òg ..1 "+proposalNouns+"|tillegg|tillegget", "det|dette fremmer|fremjar|foreslår|føreslår jeg|eg|vi|me")
	// together goes in with others for one proposal.
	together = norsk.Phrases("fellesforslag~", "fellesframlegg~", "felles forslag~|framlegg~")
	// asksFor puts forward what should be done with the case.
	asksFor = norsk.Phrases("jeg|eg|vi|me ber|bed|vil om? at", "jeg|eg|vi|me ber|bed om ..1 at", "jeg|eg|vi|me krever|krev at")
	// ourOwn are what the administration says of its own recommendation.
	ourOwn  = norsk.Phrases("det er innstilt på|at", "er innstilt på ..1 at?", "innstilling~|tilråding~ om|på at", "vi|me foreslår|føreslår", "eg|jeg|vi|me rår|tilrår ..1 til? at|å", "eg|jeg|vi|me rår|rår til at|å")
	points3 = norsk.Phrases("i|på|har # punkt~|deler|delar|ledd")
	pointNo = norsk.Phrases("punkt|pkt|nummer|ledd #")
)

// nouns that end as a passive verb does.
var noPassive = wordSet("heles selves deres alles ellers hos ellest ekstras plass klasse klasses reis pris prises løs dessverres kommunes høres ses sees synes finnes føles virkes mes minnes lykkes trives undres møtes skjønnes treffes leses")

// resolves reports whether a sentence is worded as what is to be resolved.
func (s *sitting) resolves(u *utterance) bool {
	t := u.tokens
	if u.question() || len(t) < 3 || len(t) > 70 {
		return false
	}
	for _, w := range t {
		if slices.Contains([]string{"jeg", "eg", "meg", "æ", "du", "deg", "dere", "dykk", "min", "mitt", "mi", "jo", "kanskje", "synes", "synest", "tror", "trur"}, w.Lower) {
			return false
		}
	}
	if slices.Contains([]string{"men", "for", "hvis", "viss", "når", "fordi", "nei", "ja", "takk", "da", "då"}, t[0].Lower) {
		return false
	}
	if s.ownBody(t) {
		return true
	}
	for j := 1; j < min(len(t), 12); j++ {
		w := t[j].Lower
		if len([]rune(w)) >= 4 && (strings.HasSuffix(w, "es") || strings.HasSuffix(w, "as") || strings.HasSuffix(w, "ast") || strings.HasSuffix(w, "gis") || strings.HasSuffix(w, "sys")) && !noPassive[w] && !t[j].Capitalised() {
			return true
		}
		if w == "gis" || w == "tas" || w == "skal" || w == "får" || w == "held" || w == "holder" || w == "innfører" {
			return true
		}
		if (w == "vert" || w == "blir" || w == "blei") && j > 0 {
			return true
		}
		if w == "er" && j+1 < len(t) && participle(t[j+1].Lower) {
			return true
		}
		if t[j].Mark == '.' {
			break
		}
	}
	return false
}

// participle reports whether a word has the ending of one: "stengd", "unnatekne".
func participle(w string) bool {
	return len([]rune(w)) >= 5 && slices.ContainsFunc([]string{"d", "t", "de", "te", "ne"}, func(end string) bool { return strings.HasSuffix(w, end) })
}

// ownBody reports whether a sentence begins with the body that resolves, or its chief: "Kommunestyret ber om ...".
func (s *sitting) ownBody(t []norsk.Token) bool {
	if strings.Contains(norsk.Fold(s.m.Body+" "+s.m.Title), strings.TrimSuffix(strings.TrimSuffix(t[0].Lower, "et"), "en")) && len([]rune(t[0].Lower)) > 4 {
		return true
	}
	return len(t) > 3 && slices.ContainsFunc([]string{"kommunestyret", "formannskap", "utvalget", "utvalet", "fylkesting", "tinget", "kommunen", "kommunedirektøren", "rådmannen", "administrasjonen", "fylkesdirektøren", "fylkeskommunen", "rådet", "styret"}, func(b string) bool { return strings.HasPrefix(t[0].Lower, b) })
}

// putForward reads what a member puts forward at sentence i without the words for it in that sentence: the
// sentence after one that leads to it, or the one before "det er et forslag". It returns the last sentence it took.
func (s *sitting) putForward(th theme, i int) (q proposal, to int, ok bool) {
	u := &s.us[i]
	speaker := s.people.known(u.speaker)
	if u.question() || u.joke || speaker != "" && s.standingOf(speaker) == guest || norsk.Has(retracted, u.tokens) && !norsk.Has(together, u.tokens) {
		return q, 0, false
	}
	next := func(k int) *utterance {
		if i+k < th.to && s.us[i+k].voice == u.voice {
			return &s.us[i+k]
		}
		return nil
	}
	leads := begins(isOne, u.tokens) && len(u.tokens) <= 7 || norsk.Has(putting, u.tokens) && !norsk.Has(noProposal, u.tokens) || norsk.Has(together, u.tokens)
	switch n := next(1); {
	case n != nil && leads && s.resolves(n):
		q = proposal{text: matter(norsk.Clean(n.text)), evidence: evidence(u.evidence, n.evidence), at: i + 1, kind: kindIn(slices.Concat(u.tokens, n.tokens))}
		to = i + 1
	case n != nil && begins(isOne, n.tokens) && !s.ownWords(n) && len(u.tokens) >= 4 && !norsk.Has(noProposal, n.tokens):
		q = proposal{text: norsk.Clean(s.wanted(u)), evidence: evidence(u.evidence, n.evidence), at: i + 1, kind: kindIn(slices.Concat(u.tokens, n.tokens))}
		to = i + 1
	default:
		from, end, found := norsk.FindAny(isOne, u.tokens)
		switch {
		case found && from >= 4 && u.tokens[from-1].Mark == ',': // "Storgata stenges alle fire lørdagene, det er mitt forslag."
			q = proposal{text: norsk.Clean(u.text[:u.tokens[from-1].End]), evidence: u.evidence, at: i, kind: kindIn(u.tokens)}
			to = i
		case found && from <= 1 && s.ownWords(u): // "Det er vårt framlegg, tilskotet vert auka."
			q = proposal{text: norsk.Capitalise(norsk.Clean(u.text[u.tokens[end].Start:])), evidence: u.evidence, at: i, kind: kindIn(u.tokens)}
			to = i
		default:
			if at := colonAfter(u.tokens); at > 0 && at < len(u.tokens)-2 { // "Vårt forslag: Det gjennomføres ..."
				q = proposal{text: norsk.Capitalise(norsk.Clean(u.text[u.tokens[at].Start:])), evidence: u.evidence, at: i, kind: kindIn(u.tokens)}
				to = i
				break
			}
			_, end, found = norsk.FindAny(asksFor, u.tokens)
			if !found || end >= len(u.tokens)-1 || !norsk.Has(suspends, u.tokens[end:]) || norsk.Has(noProposal, u.tokens) {
				return q, 0, false
			}
			q = proposal{text: s.clause(u, end), evidence: u.evidence, at: i, kind: kindIn(u.tokens)}
			to = i
		}
	}
	if q.text == "" {
		return q, 0, false
	}
	if speaker != "" {
		q.movers = []string{speaker}
	}
	lead := u.tokens
	if q.at == i {
		lead = nil
	}
	q.movers = appendNew(q.movers, s.parties.all(lead)...)
	q.by = strings.Join(q.movers, ", ")
	q.number = pointOf(u.tokens)
	return q, to, true
}

// colonAfter is where what a colon after a word for a proposal leads to begins, 0 when there is none.
func colonAfter(t []norsk.Token) int {
	for j := range t[:max(0, len(t)-1)] {
		if t[j].Mark == ':' && norsk.Has(norsk.Phrases(proposalNouns+"|tillegg|uttalelse|fråsegn"), t[max(0, j-3):j+1]) {
			return j + 1
		}
	}
	return 0
}

var (
	// retracted are words with which one who might have put something forward does not.
	retracted = norsk.Phrases("ikke|ikkje ..4 "+proposalNouns, "legger|legg|fremmer|fremjar ikke|ikkje", "lar|lèt|let det være|vera|vere|ligge", "lurer|lurar", "kunne ..3 gjort|fremmet|lagt", "trekker|trekk")
	suspends  = norsk.Phrases("utsettes|utsetjast|utsett|utsatt|sendes|sendast|tas|takast|flyttes|flyttast|vert|blir|oversendes|oversendast|avvises|avvisast|strykes|strykast")
)

// ownWords tells "Det er vårt framlegg, tilskotet vert auka.", which says itself what is put forward.
func (s *sitting) ownWords(u *utterance) bool {
	end, ok := startsWith(isOne, u.tokens)
	return ok && u.tokens[end-1].Mark == ',' && len(u.tokens)-end >= 4 && s.resolves(&utterance{text: u.text, tokens: u.tokens[end:]})
}

func begins(list []norsk.Pattern, t []norsk.Token) bool {
	_, ok := startsWith(list, t)
	return ok
}

// postponed words "å utsette saka til juni" as what is resolved.
func postponed(text, form string) string {
	t := norsk.Tokens(text)
	if len(t) < 2 || !slices.Contains([]string{"utsette", "utsetje", "utsetja", "utsetta"}, t[0].Lower) || !slices.Contains([]string{"saka", "saken", "vedtaket", "behandlingen", "behandlinga", "handsaminga"}, t[1].Lower) {
		return text
	}
	verb := " utsettes"
	if form == "nn" {
		verb = " vert utsett"
	}
	return norsk.Capitalise(t[1].Text) + verb + text[t[1].End:]
}

// wanted is what "SV vil ha inn 600 000 kroner til leksehjelp" asks for.
func (s *sitting) wanted(u *utterance) string {
	if _, end, ok := norsk.FindAny(norsk.Phrases("vil ha ..1 inn|med", "vil ha"), u.tokens); ok && end < len(u.tokens)-1 {
		return norsk.Capitalise(u.text[u.tokens[end].Start:])
	}
	return u.text
}

// pointOf is the number of the point that a sentence names, 0 when none.
func pointOf(t []norsk.Token) int {
	from, to, ok := norsk.FindAny(pointNo, t)
	if !ok {
		return ordinalPoint(t)
	}
	if n, ok := norsk.Number(t[to-1].Lower); ok && n < 40 && t[from].Mark == 0 {
		return n
	}
	return 0
}

func ordinalPoint(t []norsk.Token) int {
	for j := 0; j+1 < len(t); j++ {
		if n, ok := norsk.Ordinal(t[j].Lower); ok && strings.HasPrefix(t[j+1].Lower, "punkt") {
			return n
		}
	}
	return 0
}

// numbered reads a recommendation in points, "Punkt 1, byggehøyden settes til fire etasjer. Punkt 2, ...": a proposal
// for each. It returns the last sentence it took, or -1 where sentence i begins no such list.
func (s *sitting) numbered(th theme, i int, recommendation bool) (list []proposal, to int) {
	to = -1
	for j := i; j < th.to && s.us[j].voice == s.us[i].voice; j++ {
		u := &s.us[j]
		end, ok := startsWith(pointNo, u.tokens)
		if !ok || end >= len(u.tokens)-2 {
			break
		}
		n, _ := norsk.Number(u.tokens[end-1].Lower)
		if slices.Contains([]string{"er", "at", "om"}, u.tokens[end].Lower) && end < len(u.tokens)-3 {
			end++
		}
		list = append(list, proposal{text: norsk.Capitalise(norsk.Clean(u.text[u.tokens[end].Start:])), recommendation: recommendation, evidence: u.evidence, at: j, number: n, kind: kindIn(u.tokens)})
		to = j
	}
	if len(list) < 2 {
		return nil, -1
	}
	return list, to
}

// inPoints reads a recommendation or a proposal that is said to have several points, and then its points.
func (s *sitting) inPoints(th theme, i int) (list []proposal, to int) {
	u := &s.us[i]
	from := i
	speaker := s.people.known(u.speaker)
	recommended := s.standingOf(speaker) == guest
	if norsk.Has(points3, u.tokens) && norsk.Has(aboutWord, u.tokens) {
		from = i + 1
		recommended = recommended || slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return recommendationAt([]norsk.Token{t}, 0) })
	} else if _, ok := startsWith(norsk.Phrases("punkt|pkt # "), u.tokens); !ok {
		return nil, -1
	}
	if from >= th.to || from > i && s.us[from].voice != u.voice {
		return nil, -1
	}
	list, to = s.numbered(th, from, recommended)
	for k := range list {
		list[k].evidence = evidence(u.evidence, list[k].evidence)
		if !recommended && speaker != "" {
			list[k].movers, list[k].by = []string{speaker}, speaker
		}
	}
	return list, to
}

// recommendsOwn reads what the administration says of its own recommendation, and what anybody says of one that
// lies there: "det ligger en innstilling om at ...". It returns where its matter may begin.
func (s *sitting) recommendsOwn(u *utterance) (end int, ok bool) {
	if _, end, ok = norsk.FindAny(norsk.Phrases("innstilling~|tilråding~ om|på at"), u.tokens); ok {
		return end, end < len(u.tokens)-2
	}
	speaker := s.people.known(u.speaker)
	if speaker == "" || s.standingOf(speaker) != guest || !s.known(speaker) || norsk.Has(norsk.Phrases("ikke|ikkje ..2 innstilt|innstiller|foreslår|føreslår"), u.tokens) {
		return 0, false
	}
	_, end, ok = norsk.FindAny(ourOwn, u.tokens)
	return end, ok && end < len(u.tokens)-1
}
