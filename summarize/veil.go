package summarize

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/mask"
	"github.com/referent/referent/summarize/norsk"
)

// veil masks what goes to an endpoint on another machine, and lifts the masks from what comes back. A nil
// veil masks nothing.
type veil struct{ m *mask.Masker }

// newVeil learns the names of a meeting from everything that is known of it.
func newVeil(m *referent.Meeting, t *referent.Transcript) *veil {
	var names []string
	for _, p := range m.Participants {
		names = append(names, p.Name)
	}
	for _, s := range t.Speakers {
		names = append(names, s.Name)
	}
	for _, s := range t.Segments {
		if name := t.SpeakerName(s.Speaker); !slices.Contains(names, name) {
			names = append(names, name) // a voice that is no speaker of the list goes out by its id
		}
	}
	texts := append([]string{headOf(m)}, names...)
	texts = append(texts, templateTexts(m.Template, extract.Head(m).Language)...)
	for _, s := range t.Segments {
		texts = append(texts, s.Text)
	}
	v := &veil{mask.New(names)}
	v.m.Learn(texts...)
	return v
}

func (v *veil) mask(text string) string {
	if v == nil {
		return text
	}
	return v.m.Mask(text)
}

// fix names texts of our own that go out as they are, and are no leak though somebody is called like a word
// of theirs.
func (v *veil) fix(texts ...string) {
	if v != nil {
		v.m.Fixed(texts...)
	}
}

// leaks reports whether bytes on their way out hold what was to be masked.
func (v *veil) leaks(data []byte) bool { return v != nil && len(v.m.Leaks(data)) > 0 }

func (v *veil) counts() map[string]int {
	if v == nil {
		return nil
	}
	return v.m.Counts()
}

// doubt is a statement that names somebody or something by a mask that stands for nothing.
type doubt struct {
	text, mask string
	evidence   numbers
}

func (d doubt) reason(form string) string { return norsk.ReasonUnfounded.In(form, "words", d.mask) }

// lift puts back in an answer what its masks stand for. Statements with a mask that the model made up are
// taken out and returned: nobody knows whom they are about.
func (v *veil) lift(a *answer) (doubts []doubt) {
	if v == nil {
		return nil
	}
	// clear lifts the masks of a statement's texts, and reports whether all of them stand for something.
	clear := func(evidence numbers, texts ...*string) bool {
		unknown := ""
		for _, s := range texts {
			if s == nil {
				continue
			}
			if u := v.m.Unknown(*s); len(u) > 0 && unknown == "" {
				unknown = u[0]
			}
			*s = v.m.Unmask(*s)
		}
		if unknown != "" {
			doubts = append(doubts, doubt{text: *texts[0], mask: unknown, evidence: evidence})
		}
		return unknown == ""
	}
	for i := range a.Items {
		it := &a.Items[i]
		if len(v.m.Unknown(it.Heading)) > 0 {
			it.Heading = ""
		}
		it.Heading = v.m.Unmask(it.Heading)
		kept := it.Points[:0]
		for _, p := range it.Points {
			if clear(p.Evidence, &p.Text) {
				kept = append(kept, p)
			}
		}
		it.Points = kept
	}
	decisions := a.Decisions[:0]
	for _, d := range a.Decisions {
		if clear(d.Evidence, &d.Text, &d.Case) {
			decisions = append(decisions, d)
		}
	}
	actions := a.Actions[:0]
	for _, x := range a.Actions {
		if clear(x.Evidence, &x.Task, &x.Owner, x.Due) {
			actions = append(actions, x)
		}
	}
	votes := a.Votes[:0]
	for _, x := range a.Votes {
		texts := []*string{&x.Proposal, &x.Case, &x.Outcome}
		for i := range x.ForMembers {
			texts = append(texts, &x.ForMembers[i])
		}
		for i := range x.AgainstMembers {
			texts = append(texts, &x.AgainstMembers[i])
		}
		if clear(x.Evidence, texts...) {
			votes = append(votes, x)
		}
	}
	a.Decisions, a.Actions, a.Votes = decisions, actions, votes
	if n := a.NextMeeting; n != nil && !clear(n.Evidence, &n.Text, &n.Time, &n.Place, n.Date) {
		a.NextMeeting = nil
	}
	return doubts
}

// maskAll masks the texts of a meeting, each of one line. A number may begin in one and end in the next.
func (v *veil) maskAll(texts []string) []string {
	if v == nil || len(texts) == 0 {
		return texts
	}
	return strings.Split(v.m.Mask(strings.Join(texts, "\n")), "\n")
}
