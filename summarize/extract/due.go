package extract

import (
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// calendar is what deadlines are reckoned from: the meeting's day, and the next meeting for "til neste møte".
type calendar struct {
	day  time.Time
	next *time.Time
	said []string // segments that give the next meeting's date
}

func newCalendar(day time.Time, n *referent.NextMeeting) *calendar {
	c := &calendar{day: day}
	if n == nil || n.Date == nil {
		return c
	}
	if next, err := time.Parse(time.DateOnly, *n.Date); err == nil {
		c.next, c.said = &next, n.Evidence
	}
	return c
}

// limit is a deadline in a text, as token indices, with the segments outside the text that it rests on.
type limit struct {
	norsk.Date
	evidence []string
}

var toNextMeeting = norsk.Phrases("til|innen|innan|før|på neste|førstkommende|førstkomande møte|gang|gong|samling|samarbeidsmøte|statusmøte|teammøte|personalmøte|styremøte|ledermøte|leiarmøte|avdelingsmøte|driftsmøte|driftsmøtet|møtet")

// toMeetingIn is the next meeting by its month: "til møtet i juni".
var toMeetingIn = norsk.Phrases("til|innen|innan|før|på møtet|møte i januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember")

// events take place on a day: "til møtet på fredag" tells when the meeting is, not when the task is due.
var events = []string{"møte", "kurs", "seminar", "samling", "stevne", "fest", "dugnad", "turnering", "arrangement", "befaring", "konferanse", "oppstart",
	"frokost", "lunsj", "middag", "opplæring", "vakt", "timen", "cup", "konsert", "avslutning", "kveld", "åpning", "opning", "levering"}

// limits lists what can be a deadline in tokens, in their order.
func (c *calendar) limits(tokens []norsk.Token) []limit {
	var out []limit
	for _, d := range norsk.Dates(tokens, c.day) {
		if denied(tokens, d) || d.Strength < 3 && ofEvent(tokens, d) {
			continue
		}
		if d.Strength == 0 {
			// a bare day counts where a clause begins or ends with it: "jeg tar det fredag"
			if d.To < len(tokens) && tokens[d.To-1].Mark == 0 && d.From > 0 && !clauseGoesOn(tokens[d.To].Lower) {
				continue
			}
			if d.From > 0 && slices.Contains([]string{"for", "av", "om", "med"}, tokens[d.From-1].Lower) {
				continue // "oversikten for fredag"
			}
		}
		out = append(out, limit{Date: d})
	}
	if from, to, ok := norsk.FindAny(toMeetingIn, tokens); ok && c.next != nil && norsk.MonthOf(tokens[to-1].Lower) == c.next.Month() {
		out = append(out, limit{Date: norsk.Date{From: from, To: to, Strength: 2, Day: *c.next}, evidence: c.said})
	}
	if from, to, ok := norsk.FindAny(toNextMeeting, tokens); ok && !ofEvent(tokens, norsk.Date{From: from, To: to}) {
		d := norsk.Date{From: from, To: to, Strength: 2}
		if c.next != nil {
			d.Day = *c.next
		}
		out = append(out, limit{Date: d, evidence: c.said})
	}
	return out
}

// find is the strongest deadline of tokens; of several as strong, the last, which corrects the others.
func (c *calendar) find(tokens []norsk.Token) (limit, bool) {
	best, found := limit{}, false
	for _, l := range c.limits(tokens) {
		if !found || l.Strength > best.Strength || l.Strength == best.Strength && corrects(tokens, best.Date, l.Date) {
			best, found = l, true
		}
	}
	return best, found
}

// corrects reports whether the second of two days takes the first one's place: "fredag, nei, mandag".
func corrects(tokens []norsk.Token, first, second norsk.Date) bool {
	return second.From >= first.To && norsk.Has(amends, tokens[first.To:second.From])
}

// denied tells a day that is said not to be it: "ikke onsdag", "i stedet for fredag". "Ikke før mandag" is Monday.
func denied(tokens []norsk.Token, d norsk.Date) bool {
	if d.From == 0 || tokens[d.From-1].Mark != 0 {
		return false
	}
	before := tokens[d.From-1].Lower
	if slices.Contains([]string{"ikke", "ikkje"}, before) {
		return tokens[d.From].Lower != "før"
	}
	return d.From > 1 && before == "for" && slices.Contains([]string{"stedet", "staden"}, tokens[d.From-2].Lower)
}

// ofEvent tells a day that belongs to something that takes place then.
func ofEvent(tokens []norsk.Token, d norsk.Date) bool {
	if d.From == 0 || tokens[d.From-1].Mark != 0 {
		return false
	}
	w := tokens[d.From-1].Lower
	purpose := slices.ContainsFunc(tokens[max(0, d.From-4):d.From-1], func(t norsk.Token) bool {
		return slices.Contains([]string{"til", "for", "før", "om", "av", "fra", "frå"}, t.Lower)
	})
	if !purpose { // "på fellesmøtet på tirsdag" is when it is done
		return false
	}
	return slices.ContainsFunc(events, func(e string) bool {
		return strings.HasSuffix(w, e) || strings.HasSuffix(w, e+"t") || strings.HasSuffix(w, e+"et") || strings.HasSuffix(w, e+"en") || strings.HasSuffix(w, e+"a")
	})
}

// clauseGoesOn reports whether a word begins something new, so that what stands before it ends a clause.
func clauseGoesOn(w string) bool {
	return slices.Contains([]string{"og", "så", "men", "for", "hvis", "viss", "når", "slik", "fordi", "da", "då", "senest", "seinast", "kl", "klokka", "skal", "sender", "tar", "tek", "kan"}, w)
}

// due gives a task its deadline. A deadline that fixes no one day is kept in words, for a person to decide.
func (t *task) due(l limit, u *utterance) {
	t.Due, t.vague = nil, ""
	if iso := l.ISO(); iso != "" {
		t.Due = &iso
		t.Evidence = evidence(t.Evidence, l.evidence)
		return
	}
	t.vague = u.text[u.tokens[l.From].Start:u.tokens[l.To-1].End]
}
