package storetest

import (
	"slices"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

func testBodies(t *testing.T, s store.Store) {
	bodies := []string{"Formannskapet", "Rådet", "", "Formannskapet", "Formannskapet"}
	addMeetings(t, s, len(bodies), func(n int, m *referent.Meeting) {
		m.Body, m.Owner = bodies[n], "owner"
		if n == 4 {
			m.Participants = nil
		}
		if n == 1 {
			m.Owner = "another"
		}
	})
	for _, c := range []struct {
		name string
		seen *store.Sight
		want []string
	}{
		{"of all", nil, []string{"Formannskapet", "Rådet"}},
		{"of one's own", &store.Sight{Owner: "another"}, []string{"Rådet"}},
		{"of nothing", &store.Sight{}, nil},
	} {
		if got, err := s.Bodies(t.Context(), c.seen, 0); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("bodies %s: %q, %v", c.name, got, err)
		}
	}
	if got, err := s.Bodies(t.Context(), nil, 1); err != nil || len(got) != 1 {
		t.Errorf("one body: %q, %v", got, err)
	}
	if got, err := s.LastOf(t.Context(), nil, "Formannskapet"); err != nil || got.ID != "m003" {
		t.Errorf("the last that says who took part: %+v, %v", got, err)
	}
	_, err := s.LastOf(t.Context(), &store.Sight{Owner: "another"}, "Formannskapet")
	wantNotFound(t, "the last meeting of a body that is not seen", err)
	_, err = s.LastOf(t.Context(), nil, "")
	wantNotFound(t, "the last meeting of no body", err)
}
