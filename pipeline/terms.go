package pipeline

import "github.com/referent/referent"

// terms is what the meeting is likely to name: those who were to be there, what was to be treated, and
// the organisation's own list.
func (p *Pipeline) terms(m *referent.Meeting) []referent.Term {
	var terms []referent.Term
	add := func(text, source string) {
		if text != "" {
			terms = append(terms, referent.Term{Text: text, Source: source})
		}
	}
	for _, x := range m.Participants {
		add(x.Name, "roster")
	}
	for _, a := range m.Agenda {
		add(a.Title, "agenda")
	}
	for _, v := range p.cfg.Vocabulary {
		add(v, "vocabulary")
	}
	return terms
}

// vocabulary is the same as the recogniser gets it: bare words, without where they are from.
func (p *Pipeline) vocabulary(m *referent.Meeting) []string {
	var words []string
	for _, t := range p.terms(m) {
		words = append(words, t.Text)
	}
	return words
}
