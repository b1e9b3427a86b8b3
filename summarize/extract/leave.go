package extract

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// How leaving a meeting is told apart from the many other things that Norwegian says with the same verbs:
// "jeg går ut fra at", "forslaget går ut på", "vi går nå videre", "permisjon fra stillingen".
var (
	goes = norsk.Phrases("forlater|forlot|forlet|forlét|forlèt", "har ..2 forlatt|forlate", "går|gikk|gjekk|dro|drog|reiste ..2 fra|frå ..1 møtet|salen|sete|setet|bordet", "går|gikk|gjekk ..3 fra|frå", "måtte|må ..2 gå|dra|reise|forlate", "har ..1 gått|gått fra|frå",
		"permisjon", "permitteres|permittert|permitterast", "går|gikk|gjekk|dro|drog|reiste|forlater ..2 kl|klokka|klokken", "går|gikk|gjekk ..1 ut|nå|no")
	stepsDown = norsk.Phrases("fratrer|fratrådte|fratrådde|fratreder|fratrår", "trer|trådte|trår|trådde fra|frå|ut|tilbake")

	// notLeaving are the same verbs with another meaning.
	notLeaving = norsk.Phrases("går|gikk|gjekk|gå|gått ..1 ut på|over|ifra", "går|gikk|gjekk|gå|gått ut fra|frå", "går|gikk|gjekk|gå|gått ..1 nå|no? ..1 til|over|videre|vidare|gjennom|inn|inn i|rundt|løs|laus|bort|tilbake|attende|fram|for|an|opp|ned|bra|dårlig|dårleg|greit|fint",
		"går|gikk|gjekk|gå|gått fra|frå #")
	// ofAnOffice is stepping down from something else than the seat in this meeting.
	ofAnOffice = norsk.Phrases("som", "stillingen|stillinga|vervet|jobben|styret|partiet|utvalget|utvalet")

	meetingRoom = []string{"møtet", "salen", "sete", "setet", "bordet", "plassen", "rommet", "lokalet", "møterommet", "møtesalen", "oss"}
	clockAt     = norsk.Phrases("kl|klokka|klokken|klokkan")
	ofMeeting   = norsk.Phrases("resten av møtet|dagen|kvelden", "fra|frå møtet|salen|nå|no", "fra|frå ..1 kl|klokka|klokken")
	// afterAll may stand between the verb and the end of its clause and change nothing.
	afterAll = wordSet("nå no da då dessverre diverre også òg snart straks hjem heim herfra i dag ut fra frå møtet for altså")
	// things go, too: "det går", "tida har gått", "bussen går klokka 19".
	noPerson = wordSet("det dette den alt noe noko alle de dei dem tida tiden bussen toget båten båtane bussene ferga ferja ferjen flyet forslaget framlegget innstillingen innstillinga saken saka debatten runden")
)

// leaving finds that somebody leaves the meeting: the verb, and in its clause what is left, the hour, or
// nothing more.
func leaving(tokens []norsk.Token) (from, to int, ok bool) {
	for at := 0; at < len(tokens); at++ {
		if end, found := phraseAt(stepsDown, tokens, at); found {
			if !norsk.Has(ofAnOffice, tokens[end:min(len(tokens), end+4)]) {
				return at, end, true
			}
			continue
		}
		end, found := phraseAt(goes, tokens, at)
		if !found {
			continue
		}
		if _, other := phraseAt(notLeaving, tokens, at); other || at > 0 && tokens[at-1].Mark == 0 && noPerson[tokens[at-1].Lower] {
			continue
		}
		if slices.ContainsFunc(tokens[at+1:end], func(t norsk.Token) bool { return noPerson[t.Lower] }) { // "nå har tida gått"
			continue
		}
		if norsk.Has(aboutWord, tokens[clauseStart(tokens, at):at]) { // "forslaget fra Kari går ut"
			continue
		}
		if leavesHere(tokens, at, end) {
			return at, end, true
		}
	}
	return 0, 0, false
}

// phraseAt is the end of the longest of the phrases that stands at token i.
func phraseAt(list []norsk.Pattern, tokens []norsk.Token, i int) (end int, ok bool) {
	for _, p := range list {
		if e, found := p.At(tokens, i); found {
			end, ok = max(end, e), true
		}
	}
	return end, ok
}

// leavesHere reports whether the clause of a verb of leaving at [from, to) says that it is this meeting.
func leavesHere(tokens []norsk.Token, from, to int) bool {
	end := to // of the clause
	for end < len(tokens) && tokens[end-1].Mark == 0 {
		end++
	}
	clause := tokens[from:end]
	if slices.ContainsFunc(clause, func(t norsk.Token) bool { return slices.Contains(meetingRoom, t.Lower) }) || norsk.Has(clockAt, clause) {
		return true
	}
	if tokens[from].Lower == "permisjon" { // of the meeting, not of a post
		return norsk.Has(ofMeeting, clause)
	}
	for _, t := range tokens[to:end] {
		if !afterAll[t.Lower] && !t.Capitalised() {
			return false
		}
	}
	return true
}
