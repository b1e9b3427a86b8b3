package review_test

import (
	"slices"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
	"github.com/referent/referent/summarize/norsk"
)

// What the law asks for is answered by what is there, never by another version's not asking.
func TestSilenceAnswersNothing(t *testing.T) {
	words := func(ws ...norsk.Word) []string {
		var out []string
		for _, w := range ws {
			out = append(out, w.In("nb"))
		}
		return out
	}
	now, other := protocol(), protocol()
	now.Place, now.Absent, now.Missing = "Rådhuset", []string{"Per"}, []string{}
	other.Title, other.Date, other.Present, other.Missing = "Et annet utvalg", "", []string{}, []string{}
	person := review.Source{Version: 7, Minutes: other, Person: true}
	if out := take(t, now, person, review.Head, 0); !slices.Equal(out.Missing, words(norsk.MissingTime, norsk.MissingPlace, norsk.MissingPresent, norsk.MissingAbsent)) {
		t.Errorf("emptied, and not asked for: %q", out.Missing)
	}
	now = protocol()
	now.Present, now.Missing = []string{}, words(norsk.MissingPresent, norsk.MissingChair, norsk.MissingTime, norsk.MissingPlace)
	if out := take(t, now, person, review.Head, 0); !slices.Equal(out.Missing, now.Missing) {
		t.Errorf("answered by nothing: %q", out.Missing)
	}
	other.Present, other.Place = []string{"Kari"}, "Rådhuset"
	if out := take(t, now, person, review.Head, 0); !slices.Equal(out.Missing, words(norsk.MissingChair, norsk.MissingTime)) {
		t.Errorf("answered: %q", out.Missing)
	}
	// A summary owes none of it.
	now, from := summary(), summary()
	from.Place = ""
	if out := take(t, now, machine(from), review.Head, 0); len(out.Missing) != 0 || now.Kind != referent.KindReferat {
		t.Errorf("asked of a summary: %q", out.Missing)
	}
}
