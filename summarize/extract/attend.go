package extract

import (
	"slices"
	"strings"

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

// namesOfAbsent reads the names after "forfall fra", or before "har meldt forfall". Who comes instead
// ("og Mona møter for ham") is not absent.
func namesOfAbsent(u *utterance, p *people, from, to int) []string {
	begin := from
	for begin > 0 {
		t := u.tokens[begin-1]
		if !t.Capitalised() && !slices.Contains([]string{"og", "har", "er"}, t.Lower) || strings.ContainsRune(".?!:;", t.Mark) && t.Mark != 0 {
			break
		}
		begin--
	}
	return append(nameList(u.tokens, p, begin, from), nameList(u.tokens, p, to, len(u.tokens))...)
}

// nameList reads "Per, Kari Lie og Ola Vik" from token i, up to the first word that is neither a name
// nor joins two. A name that nobody knows is taken as it stands: two capitalised words or more.
func nameList(tokens []norsk.Token, p *people, i, end int) []string {
	var out []string
	for i < end {
		if tokens[i].Lower == "og" {
			i++
			continue
		}
		name, next := "", i
		if n, ok := p.at(tokens, i); ok && n.to <= end {
			next = n.to
			if !n.ambiguous {
				name = n.name
			}
		} else {
			for next < end && tokens[next].Capitalised() && (next == i || tokens[next-1].Mark == 0) {
				next++
			}
			if next-i >= 2 {
				name = joined(tokens[i:next])
			}
		}
		if next == i || next < end && slices.Contains([]string{"møter", "møtte", "stiller", "deltar", "deltek", "er", "kommer", "kjem"}, tokens[next].Lower) {
			break
		}
		if name != "" {
			out = append(out, name)
		}
		i = next
	}
	return out
}
