package review_test

import (
	"slices"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
)

// asked is what is to be checked, in words.
func asked(m *referent.Minutes) []string {
	var out []string
	for _, r := range m.NeedsReview {
		out = append(out, r.Text)
	}
	return out
}

// What is a statement here and a question there is asked when the part that it stood in goes.
func TestAQuestionThereForAStatementHere(t *testing.T) {
	question := func(text, id string) referent.ReviewItem {
		return referent.ReviewItem{Text: text, Reason: "Uklart.", Evidence: []string{id}}
	}
	now, other := summary(), summary()
	now.Actions = append(now.Actions, referent.ActionItem{Task: "Lage notat", Owner: "Kari", Evidence: []string{"s6"}})
	now.Decisions = append(now.Decisions, referent.Decision{Text: "Vi kjøper to.", Evidence: []string{"s5"}})
	now.Items[0].Points = append(now.Items[0].Points, referent.Point{Text: "Brua er stengt.", Evidence: []string{"s9"}})
	other.NeedsReview = []referent.ReviewItem{question("Lage notat", "s6"), question("Vi kjøper to.", "s5"), question("Noe annet.", "s90")}
	other.PossiblyMissed = []referent.Point{{Text: "Brua er stengt.", Evidence: []string{"s9"}}}
	if out := take(t, now, machine(other), review.Actions, 0); len(out.Actions) != 1 || !slices.Equal(asked(out), []string{"Lage notat", "Noe annet."}) {
		t.Errorf("tasks: %+v, asked %q", out.Actions, asked(out))
	}
	if out := take(t, now, machine(other), review.Decisions, 0); len(out.Decisions) != 1 || !slices.Equal(asked(out), []string{"Vi kjøper to.", "Noe annet."}) {
		t.Errorf("decisions: %+v, asked %q", out.Decisions, asked(out))
	}
	if out := take(t, now, machine(other), review.Items, 0); len(out.Items[0].Points) != 2 || len(out.PossiblyMissed) != 1 || len(out.NeedsReview) != 0 {
		t.Errorf("a theme: %+v, missed %+v, asked %q", out.Items[0], out.PossiblyMissed, asked(out))
	}
	now, other = protocol(), anew()
	now.Decisions = append(now.Decisions, referent.Decision{Text: "Rådmannen rapporterer.", Case: library, Evidence: []string{"s25"}})
	other.NeedsReview = append(other.NeedsReview, question("Rådmannen rapporterer.", "s25"))
	if out := take(t, now, machine(other), review.Cases, 0); len(out.Decisions) != 2 || !slices.Contains(asked(out), "Rådmannen rapporterer.") {
		t.Errorf("a case: %+v, asked %q", out.Decisions, asked(out))
	}
}

// Somebody who left a statement out has not answered for it where it comes in, nor for another reason to doubt it.
func TestWhatWasLeftOutAndComesIsAsked(t *testing.T) {
	now := summary()
	now.NeedsReview = []referent.ReviewItem{{Text: "Vi selger.", Reason: "Utydelig.", Evidence: []string{"s3"}}}
	now = must(t, now, review.Edit{Do: review.Dismiss, List: review.NeedsReview})
	for _, reason := range []string{"Utydelig.", "Kan være trukket tilbake."} {
		other := summary()
		other.Decisions = append(other.Decisions, referent.Decision{Text: "Vi selger.", Evidence: []string{"s3"}})
		other.NeedsReview = []referent.ReviewItem{{Text: "Vi selger.", Reason: reason, Evidence: []string{"s3"}}}
		out := take(t, now, machine(other), review.Decisions, 0)
		if _, err := review.Approved(out, kari); referent.CodeOf(err) != referent.CodeUnchecked || len(out.Decisions) != 2 || len(out.NeedsReview) != 1 {
			t.Errorf("%s: %v, asked %+v", reason, err, out.NeedsReview)
		}
	}
	// It does not come: it is still answered, but not for another reason.
	for reason, want := range map[string]int{"Utydelig.": 0, "Kan være trukket tilbake.": 1} {
		other := summary()
		other.Decisions = append(other.Decisions, referent.Decision{Text: "Vi leier.", Evidence: []string{"s33"}})
		other.NeedsReview = []referent.ReviewItem{{Text: "Vi selger.", Reason: reason, Evidence: []string{"s3"}}}
		if out := take(t, now, machine(other), review.Decisions, 0); len(out.NeedsReview) != want {
			t.Errorf("%s: asked %+v", reason, out.NeedsReview)
		}
	}
}

// Several statements may come from one segment: the one that was taken in is known by its words too.
func TestWhatWasTakenInIsKnownByItsWords(t *testing.T) {
	question := referent.ReviewItem{Text: "Vi selger den gamle.", Reason: "Uklart.", Evidence: []string{"s3"}}
	for _, words := range []string{"", "Den gamle blir solgt."} {
		now := summary()
		now.NeedsReview = []referent.ReviewItem{question}
		now = must(t, now, review.Edit{Do: review.Accept, List: review.NeedsReview, As: review.Decisions, Words: review.Words{Text: words}})
		other := summary()
		other.Decisions[0].Text = "Vi kjøper en ny freser."
		other.NeedsReview = []referent.ReviewItem{question}
		if o := offers(t, now, machine(other))["decisions"]; o.Own != 1 {
			t.Errorf("%q: %d of people's own go, 1 was taken in", words, o.Own)
		}
		out := take(t, now, machine(other), review.Decisions, 0)
		if _, err := review.Approved(out, kari); referent.CodeOf(err) != referent.CodeUnchecked || len(out.NeedsReview) != 1 || len(out.Settled) != 0 {
			t.Errorf("%q: %v, asked %+v, settled %+v", words, err, out.NeedsReview, out.Settled)
		}
		// It stands where the other version has it too.
		other.Decisions = append(other.Decisions, now.Decisions[1])
		if out := take(t, now, machine(other), review.Decisions, 0); len(out.Settled) != 1 {
			t.Errorf("%q stands: settled %+v, asked %+v", words, out.Settled, out.NeedsReview)
		}
	}
}
