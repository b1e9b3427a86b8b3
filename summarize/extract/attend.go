package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// attendance fills in who was present and absent. Present are those of the roster who sent no apology, who
// came later or took a seat, and the named voices; somebody only spoken of is not. What the roster and the
// recording contradict each other on goes to review.
func (s *sitting) attendance(out *referent.Minutes) {
	form := s.form
	spoke := map[string][]string{} // name -> first segment
	var voices []string
	for i := range s.us {
		if name := s.people.known(s.us[i].speaker); name != "" && spoke[name] == nil {
			spoke[name] = s.us[i].evidence[:1]
			voices = append(voices, name)
		}
	}
	out.Absent = append(out.Absent, s.absent...)
	var silent []string
	for _, person := range s.m.Participants {
		if slices.Contains(s.absent, person.Name) || person.Name == "" {
			continue
		}
		out.Present = append(out.Present, person.Name)
		if spoke[s.people.known(person.Name)] == nil {
			silent = append(silent, person.Name)
		}
	}
	for _, name := range voices {
		switch {
		case slices.Contains(s.absent, name):
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: name + ".", Reason: norsk.ReasonAbsent.In(form), Evidence: spoke[name]})
		case !slices.Contains(out.Present, name):
			out.Present = append(out.Present, name)
		}
	}
	for _, v := range s.moves { // a substitute whom the roster does not have
		if v.What == referent.MovementSubstitute && !v.claimed && !slices.Contains(s.absent, v.Name) {
			out.Present = appendNew(out.Present, v.Name)
		}
	}
	if len(silent) > 0 && len(voices) > 0 {
		out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: strings.Join(silent, ", ") + ".", Reason: norsk.ReasonSilent.In(form), Evidence: []string{}})
	}
	out.NeedsReview = append(out.NeedsReview, s.doubts...)
	for _, h := range s.heads {
		if counted, sure := s.entitled(h.at, s.us[h.at].theme); sure && len(counted) != h.n {
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: norsk.Clean(s.us[h.at].text), Evidence: s.us[h.at].evidence,
				Reason: norsk.ReasonHeadcount.In(form, "said", itoa(h.n), "counted", itoa(len(counted)))})
			break
		}
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
	before := nameList(u.tokens, p, begin, from)
	if next := to; len(before) > 0 && next < len(u.tokens) && slices.Contains([]string{"fra", "frå"}, u.tokens[next].Lower) {
		before = nil // "Og så er det meldt forfall fra Per"
	}
	if len(before) > 0 && !slices.Contains([]string{"fra", "frå", "for", "hos"}, u.tokens[to-1].Lower) && u.tokens[to-1].Mark != ':' {
		return before // "Per har forfall, og Mona sitter for ham"
	}
	if to < len(u.tokens) && slices.Contains([]string{"fra", "frå", "for", "hos"}, u.tokens[to].Lower) {
		to++
	}
	return append(before, nameList(u.tokens, p, to, len(u.tokens))...)
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
