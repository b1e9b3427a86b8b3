package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Cues are wordings, as spoken, that decide, hand out or take a task, or tell of a vote.
var (
	decisionCues = norsk.Phrases(
		"da|då gjør|gjer vi|me det slik|sånn", "da|då sier|seier vi|me", "da|då blir|vert det slik|sånn", "sånn|slik blir|vert det", "sånn|slik gjør|gjer vi|me det",
		"vi|me går for", "går vi|me for", "vi|me lander|landar på", "da|då lander|landar vi|me", "vi|me bestemmer|bestemmar|bestemme", "bestemmer|bestemmar|bestemme vi|me",
		"vi|me vedtar|vedtek", "vedtar|vedtek vi|me", "da|då er|e det ..2 bestemt|vedtatt|vedteke|avgjort|avgjord|besluttet|beslutta", "da|då er|e vi|me ..2 enige|enig|einige|samde", "er|blir|e vi|me ..2 enige|enig|einige|samde om",
		"konklusjonen er|blir|vert", "da|då konkluderer|konkluderar", "vi|me konkluderer|konkluderar", "da|då spikrer|spikrar vi|me", "vi|me spikrer|spikrar", "beslutningen er|blir", "avgjerda er|blir|vert",
		"da|då er ..4 godkjent|godkjend|godkjente|godkjende", "tas|tatt|teke|teken|tek ..2 til orientering|etterretning",
	)
	voteCues = norsk.Phrases(
		"enstemmig|samrøystes|einstemmig ..2 vedtatt|vedteke|vedteken|godkjent|godkjend", "det er|e enstemmig|samrøystes|einstemmig", "vedtatt|vedteke|vedteken med", "falt|fall|faller|fell med", "forslaget|framlegget|innstillingen|innstillinga|tilrådinga ..3 falt|fall|faller|fell",
		"forslaget|framlegget|innstillingen|innstillinga|tilrådinga ..3 er|ble|vart ..2 vedtatt|vedteke|vedteken", "# stemmer|røyster ..2 for|mot|imot", "# stemte|røysta ..2 for|mot|imot", "# mot # stemmer|røyster", "mot # stemmer|røyster", "det ble|vart flertall|fleirtal for", "ingen stemte|røysta imot|mot",
	)
	taskCues = norsk.Phrases(
		"det|den|dette tar|tek|fikser|fiksar|ordner|ordnar jeg|eg|æ", "jeg|eg|æ tar|tek|tek på meg", "tar|tek jeg|eg|æ på meg", "jeg|eg|æ skal ..1 sende|lage|skrive|ringe|ringje|sjekke|bestille|kontakte|ordne|følge|følgje|undersøke|undersøkje|avklare|innkalle|kalle|oppdatere|forberede|førebu|hente|kjøpe|purre|melde",
		"jeg|eg|æ sender|lager|lagar|skriver|skriv|ringer|ringjer|sjekker|sjekkar|bestiller|kontakter|kontaktar|ordner|ordnar|undersøker|undersøkjer|avklarer|avklarar|innkaller|oppdaterer|forbereder|førebur|hentar|henter|kjøper|purrer|purrar",
		"jeg|eg|æ kan ..1 ta|sende|lage|skrive|ringe|ringje|sjekke|bestille|kontakte|ordne|undersøke|undersøkje|hente|kjøpe",
		"jeg|eg|æ følger|følgjer ..1 opp", "det kan|skal jeg|eg|æ ..1 gjøre|gjere|ta|ordne|fikse", "skal jeg|eg|æ få|ta|sende|gjøre|gjere",
	)
	requestCues = norsk.Phrases("kan|kunne|vil du ..4 ta|sende|lage|skrive|ringe|ringje|sjekke|bestille|kontakte|ordne|følge|følgje|undersøke|undersøkje|kalle|oppdatere|hente|kjøpe|purre|melde|snakke|se|sjå|legge|legge|leggje|gjøre|gjere|rydde",
		"tar|tek du det|den|ansvar~|kontakt|jobben", "sender|lager|lagar|ordner|ordnar|fikser|fiksar|bestiller|ringer|ringjer|sjekker|sjekkar du")
)

// past and idle are words with which none of this is meant to be done now.
var (
	past = norsk.Phrases("i fjor", "forrige|førre møte|gang|gong|uke|veke", "sist møte|gang|gong", "sist", "den gangen|gongen", "allerede|allereie", "tidligere|tidlegare", "pleier|plar å?", "alltid", "aldri")
	idle = norsk.Phrases("jeg|eg|æ tar|tek ordet", "tar|tek jeg|eg ordet", "tar|tek ..2 for gitt", "jeg|eg sier|seier det", "tar|tek ..2 imot", "tar|tek selvkritikk|sjølvkritikk", "tar|tek ..2 feil", "ta ..3 neste møte|gang|gong", "tar|tek vi|me", "jeg|eg|æ tar|tek ..1 forbehold|høyde|utgangspunkt")
)

// uncertain are words of what may never come; whenever can also tell when something was.
var (
	uncertain = norsk.Phrases("hvis", "viss", "dersom", "kunne")
	whenever  = norsk.Phrases("når")
)

// cover is how many segments apart the words of a decision and the item that covers them may stand: the
// matter is said first, and settled after.
const cover = 2

// Missed returns what sounds like a decision, a task or a vote in the transcript and is covered by no
// decision, action, vote, next meeting, statement under review, or point listed as missed already. Proposals
// that were not adopted, questions nobody said yes to, jokes and tasks taken back are none.
func (c *Checker) Missed(out *referent.Minutes) []referent.Point {
	covered := c.covered(out)
	var missed []referent.Point
	for i := range c.said {
		for k, s := range c.said[i].sentences {
			if covered[i] || !c.cue(i, k) {
				continue
			}
			text := norsk.Clean(s.text)
			ids := []string{c.t.Segments[i].ID}
			if len(s.words) < 8 || bare(s) { // what it is about was said just before
				if before, at, ok := c.previous(i, k); ok {
					text = norsk.Clean(before) + " " + text
					if at != i {
						ids = []string{c.t.Segments[at].ID, c.t.Segments[i].ID}
					}
				}
			}
			if s.speaker != "" && (norsk.Has(taskCues, s.tokens) || norsk.Has(requestCues, s.tokens)) {
				text = s.speaker + ": " + text
			}
			missed = append(missed, referent.Point{Text: text, Evidence: ids})
			for j := i; j <= min(len(c.said)-1, i+cover); j++ {
				covered[j] = true // one matter is listed once
			}
			break
		}
	}
	return append(missed, c.unwritten(covered)...)
}

// unwritten are the decisions, tasks and votes that the rules hear and that nothing covers, each once.
func (c *Checker) unwritten(covered []bool) []referent.Point {
	var missed []referent.Point
	add := func(text string, ids []string) {
		ids = c.Valid(ids)
		if strings.TrimSpace(text) == "" || len(ids) == 0 || slices.ContainsFunc(ids, func(id string) bool { return covered[c.order[id]] }) {
			return
		}
		missed = append(missed, referent.Point{Text: text, Evidence: ids})
		last := c.order[ids[len(ids)-1]]
		for j := c.order[ids[0]]; j <= min(len(c.said)-1, last+cover); j++ {
			covered[j] = true
		}
	}
	rules := c.written()
	for _, d := range rules.Decisions {
		add(d.Text, d.Evidence)
	}
	for _, a := range rules.Actions {
		text := a.Task
		if a.Owner != "" {
			text = a.Owner + ": " + text
		}
		add(text, a.Evidence)
	}
	for _, v := range rules.Votes {
		add(v.Proposal, v.Evidence)
	}
	return missed
}

// covered marks the segments whose cues some item has: those it cites and those close after.
func (c *Checker) covered(out *referent.Minutes) []bool {
	marks := make([]bool, len(c.said))
	mark := func(ids []string) {
		for _, id := range c.Valid(ids) {
			at := c.order[id]
			for j := max(0, at-1); j <= min(len(marks)-1, at+cover); j++ {
				marks[j] = true
			}
		}
	}
	for _, d := range out.Decisions {
		mark(d.Evidence)
	}
	for _, a := range out.Actions {
		mark(a.Evidence)
	}
	for _, v := range out.Votes {
		mark(v.Evidence)
	}
	for _, r := range out.NeedsReview {
		mark(r.Evidence)
	}
	for _, p := range out.PossiblyMissed {
		mark(p.Evidence)
	}
	if out.NextMeeting != nil {
		mark(out.NextMeeting.Evidence)
	}
	return marks
}

// cue reports whether sentence k of segment i decides, tells of a vote, or gives or takes a task.
func (c *Checker) cue(i, k int) bool {
	s := c.said[i].sentences[k]
	if c.jest(s) || norsk.Has(past, s.tokens) {
		return false
	}
	if s.question {
		return norsk.Has(requestCues, s.tokens) && !hedged(s) && c.agreed(0, s, "", source{sentences: []sentence{s}}) && !c.takenBackAfter(i, k)
	}
	// "Forslaget falt når åtte stemte mot" is no condition.
	if hedged(s) || norsk.Has(uncertain, s.tokens) || norsk.Has(whenever, s.tokens) && !norsk.Has(voteCues, s.tokens) {
		return false
	}
	at := denies(s.tokens)
	told := settles(s) || norsk.Has(decisionCues, s.tokens) || norsk.Has(voteCues, s.tokens) || norsk.Has(fellWords, s.tokens) && norsk.Has(voting, s.tokens)
	if told && (at < 0 || norsk.Has(noneAgainst, s.tokens) || settles(s)) {
		return true
	}
	if at >= 0 || norsk.Has(idle, s.tokens) {
		return false
	}
	taken := norsk.Has(taskCues, s.tokens) || norsk.Has(takings, s.tokens) && (len(s.words) >= 5 || c.answers(s))
	return taken && !c.takenBackAfter(i, k)
}

// takenBackAfter reports whether a task of sentence k of segment i is dropped in the sentences after it.
func (c *Checker) takenBackAfter(i, k int) bool {
	other := false
	for j := i; j < min(len(c.said), i+1+lookahead); j++ {
		for n, s := range c.said[j].sentences {
			if j == i && n <= k {
				continue
			}
			if norsk.Has(dropped, s.tokens) && len(s.words) <= 20 && !s.question {
				return !other
			}
			other = other || j > i && weight(s) >= 5
		}
	}
	return false
}

// previous is the sentence before sentence k of segment i that has matter of its own, and its segment.
func (c *Checker) previous(i, k int) (text string, segment int, ok bool) {
	for j := i; j >= max(0, i-cover); j-- {
		list := c.said[j].sentences
		if j == i {
			list = list[:k]
		}
		for n := len(list) - 1; n >= 0; n-- {
			if weight(list[n]) >= 2 {
				return strings.TrimSpace(list[n].text), j, true
			}
		}
	}
	return "", 0, false
}
