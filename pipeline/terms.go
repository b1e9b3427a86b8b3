package pipeline

import (
	"context"
	"strings"

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
	told := map[string]bool{}
	add := func(text, source string) { // of the same name twice, the nearest
		if key := strings.ToLower(strings.Join(strings.Fields(text), " ")); key != "" && !told[key] {
			told[key] = true
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

// vocabulary is the same as the recogniser gets it: bare words, those of the meeting itself apart from those of lists.
func (p *Pipeline) vocabulary(ctx context.Context, m *referent.Meeting) (names, listed []string, err error) {
	terms, err := p.terms(ctx, m)
	for _, t := range terms {
		if t.Source == "vocabulary" {
			listed = append(listed, t.Text)
		} else {
			names = append(names, t.Text)
		}
	}
	return names, listed, err
}
