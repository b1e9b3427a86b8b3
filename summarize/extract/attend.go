package extract

import (
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

var apologies = norsk.Phrases("forfall fra|frå|frå:", "meldt|melder forfall", "forfall ..1 har|hadde|er", "har ..1 forfall", "er|har meldt sjuk|syk", "har meldt avbud")

// attendance fills in who was present and absent. Present are those of the roster who sent no apology,
// and the named voices; somebody only spoken of is not. What the roster and the recording contradict
// each other on goes to review.
func attendance(out *referent.Minutes, m *referent.Meeting, us []utterance, p *people) {
	form := string(out.Language)
	spoke := map[string][]string{} // name -> first segment
	var voices []string
	for i := range us {
		if name := p.known(us[i].speaker); name != "" && spoke[name] == nil {
			spoke[name] = us[i].evidence[:1]
			voices = append(voices, name)
		}
	}
	absent := map[string]bool{}
	for _, person := range m.Participants {
		if person.Absent {
			absent[person.Name] = true
			out.Absent = append(out.Absent, person.Name)
		}
	}
	for i := range us {
		u := &us[i]
		from, to, ok := norsk.FindAny(apologies, u.tokens)
		if !ok || u.question() || norsk.Has(norsk.Phrases("ingen|ingen har|ikke|ikkje"), u.tokens) {
			continue
		}
		names := namesOfAbsent(u, p, from, to)
		for _, name := range names {
			if !absent[name] {
				absent[name] = true
				out.Absent = append(out.Absent, name)
			}
		}
	}
	var silent []string
	for _, person := range m.Participants {
		if absent[person.Name] || person.Name == "" {
			continue
		}
		out.Present = append(out.Present, person.Name)
		if spoke[p.known(person.Name)] == nil {
			silent = append(silent, person.Name)
		}
	}
	for _, name := range voices {
		switch {
		case absent[name]:
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: name + ".", Reason: norsk.ReasonAbsent.In(form), Evidence: spoke[name]})
		case !slices.Contains(out.Present, name):
			out.Present = append(out.Present, name)
		}
	}
	if len(silent) > 0 && len(voices) > 0 {
		out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: strings.Join(silent, ", ") + ".", Reason: norsk.ReasonSilent.In(form), Evidence: []string{}})
	}
}

// namesOfAbsent reads the names after "forfall fra", or before "har meldt forfall". A name that nobody
// knows is taken as it stands: capital letters in a row.
func namesOfAbsent(u *utterance, p *people, from, to int) []string {
	var out []string
	for _, n := range p.all(u.tokens) {
		// "Per har forfall, og Mona møter for ham": who comes is not absent
		comes := n.to < len(u.tokens) && slices.Contains([]string{"møter", "møtte", "stiller", "deltar", "deltek", "er"}, u.tokens[n.to].Lower)
		if !n.ambiguous && !comes {
			out = append(out, n.name)
		}
	}
	begin := from // "Åse Myklebust har meldt forfall": the capital letters just before
	for begin > 0 && (u.tokens[begin-1].Capitalised() || u.tokens[begin-1].Lower == "har") && u.tokens[begin-1].Mark == 0 {
		begin--
	}
	for i := begin; i < len(u.tokens); {
		if n, ok := p.at(u.tokens, i); ok {
			i = n.to
			continue
		}
		j := i
		for j < len(u.tokens) && u.tokens[j].Capitalised() && (j == i || u.tokens[j-1].Mark == 0) {
			j++
		}
		if j-i >= 2 {
			out = append(out, joined(u.tokens[i:j]))
		}
		i = max(j, i+1)
	}
	return out
}

var nextMeeting = norsk.Phrases("neste ..2 møte|statusmøte|teammøte|formannskapsmøte|kommunestyremøte ..2 er|blir|holdes|blir|vert|har|tar|tek",
	"neste gang|gong ..2 møtes|møtest|er|blir", "neste møte", "vi|me ses|sees|møtes|møtest|sjåast ..1 igjen|att")

var meetingPlaces = norsk.Phrases("i|på kommunestyresalen|formannskapssalen|rådhuset|møterommet|møterom|biblioteket|teams|kantina|kantinen|samfunnshuset|kulturhuset|auditoriet|kommunehuset")

// next finds what was said last about the next meeting.
func next(us []utterance, day time.Time) *referent.NextMeeting {
	var out *referent.NextMeeting
	for i := range us {
		u := &us[i]
		if u.question() || !norsk.Has(nextMeeting, u.tokens) || norsk.Has(norsk.Phrases("til neste møte", "på neste møte", "sak|saka|saken ..3 neste møte"), u.tokens) {
			continue
		}
		dates := norsk.Dates(u.tokens, day)
		clock, _, _, timed := norsk.Clock(u.tokens)
		if len(dates) == 0 && !timed {
			continue
		}
		n := &referent.NextMeeting{Text: norsk.Clean(u.text), Time: clock, Evidence: u.evidence}
		if len(dates) > 0 {
			if iso := dates[0].ISO(); iso != "" {
				n.Date = &iso
			}
		}
		if from, to, ok := norsk.FindAny(meetingPlaces, u.tokens); ok {
			n.Place = norsk.Capitalise(place(u.tokens, from+1, to))
		}
		out = n
	}
	return out
}

// place is the name of a room with the name or number that may follow it: "møterom Fjorden".
func place(tokens []norsk.Token, from, to int) string {
	if to < len(tokens) && tokens[to-1].Mark == 0 {
		if _, number := norsk.Number(tokens[to].Lower); number || tokens[to].Capitalised() {
			to++
		}
	}
	return joined(tokens[from:to])
}
