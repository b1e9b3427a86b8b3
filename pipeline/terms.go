package pipeline

import (
	"context"

	"github.com/referent/referent"
)

// terms is what the meeting is likely to name: those who were to be there, what was to be treated, and the word
// lists of its body, of its department, of all, and of the configuration.
func (p *Pipeline) terms(ctx context.Context, m *referent.Meeting) ([]referent.Term, error) {
	lists, err := p.cfg.Store.WordListsFor(ctx, m.Department, m.Body)
	if err != nil {
		return nil, err
	}
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
	for _, l := range lists {
		for _, w := range l.Words {
			add(w, "vocabulary")
		}
	}
	for _, w := range p.cfg.Vocabulary {
		add(w, "vocabulary")
	}
	return terms, nil
}

// vocabulary is the same as the recogniser gets it: bare words, without where they are from.
func (p *Pipeline) vocabulary(ctx context.Context, m *referent.Meeting) ([]string, error) {
	terms, err := p.terms(ctx, m)
	var words []string
	for _, t := range terms {
		words = append(words, t.Text)
	}
	return words, err
}
