package pipeline

import (
	"slices"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// The recogniser is told the lists that are of a meeting's body and department, the nearest first, and those of all.
func TestWordListsOfAMeeting(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Vocabulary = []string{"fra innstillingene"} })
	ctx := t.Context()
	ok(t, r.db.Tx(ctx, func(tx store.Tx) error {
		for _, l := range []store.WordList{{Words: []string{"alle", "KARI", "flere", "Rådet  her"}}, {Body: "Rådet", Words: []string{"rådet"}},
			{Department: "d", Words: []string{"avdelingen"}}, {Department: "d", Body: "Rådet", Words: []string{"rådet her"}}, {Department: "annen", Words: []string{"annen"}}} {
			if err := tx.PutWordList(ctx, &l); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, c := range []struct {
		m    referent.Meeting
		want []string
	}{
		{referent.Meeting{}, []string{"alle", "KARI", "flere", "Rådet  her", "fra innstillingene"}},
		{referent.Meeting{Department: "d", Body: "rådet", Participants: []referent.Participant{{Name: "Kari"}}, Agenda: []referent.AgendaItem{{Title: "Budsjett"}}},
			[]string{"Kari", "Budsjett", "rådet her", "rådet", "avdelingen", "alle", "flere", "fra innstillingene"}},
	} {
		terms, err := r.p.terms(ctx, &c.m)
		ok(t, err)
		names, listed, err := r.p.vocabulary(ctx, &c.m)
		ok(t, err)
		if len(names) != len(c.m.Participants)+len(c.m.Agenda) {
			t.Errorf("of the meeting itself: %q", names)
		}
		words := slices.Concat(names, listed)
		if !slices.Equal(words, c.want) || len(terms) != len(words) || terms[len(terms)-2].Source != "vocabulary" {
			t.Errorf("%+v: %q, %+v", c.m, words, terms)
		}
	}
}
