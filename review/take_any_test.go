package review_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/export/schema"
	"github.com/referent/referent/review"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// worked are minutes that people have worked on for a while, in words that are few enough to meet.
func worked(t *rapid.T, label string, m *referent.Minutes) *referent.Minutes {
	words := []string{"Enstemmig.", "Biblioteket holder lørdagsåpent.", "Brygga rives.", "Sende brev", library, pier, "PS 3/26 Kai", "Vedtak", "Innledning", "Snø"}
	for range rapid.IntRange(0, 12).Draw(t, label) {
		e := review.Edit{
			Do:    rapid.SampledFrom([]review.Do{review.Set, review.Set, review.Add, review.Delete, review.Move, review.Accept, review.Dismiss, review.Confirm}).Draw(t, "do"),
			List:  rapid.SampledFrom([]review.List{review.Head, review.Items, review.Items, review.Points, review.Decisions, review.Actions, review.Votes, review.Votes, review.Movements, review.Recommendation, review.Proposals, review.Closed, review.NextMeeting, review.NeedsReview, review.PossiblyMissed, review.Missing}).Draw(t, "list"),
			Of:    rapid.IntRange(0, 5).Draw(t, "of"),
			Index: rapid.IntRange(0, 5).Draw(t, "index"),
			To:    rapid.IntRange(0, 5).Draw(t, "to"),
			As:    rapid.SampledFrom([]review.List{review.Decisions, review.Actions, review.Points}).Draw(t, "as"),
			Words: review.Words{Text: rapid.SampledFrom(words).Draw(t, "text"), Case: rapid.SampledFrom([]string{"", library, pier, "Brygge", "PS 3/26 Kai"}).Draw(t, "case"),
				For: number(rapid.IntRange(4, 6).Draw(t, "for")), Against: number(3), Outcome: "vedtatt", What: "left"},
		}
		if e.Do == review.Confirm {
			e.List = review.Votes
		}
		if out, err := review.Apply(m, e, kari); err == nil {
			m = out
		}
	}
	return heardElsewhere(t, label, m)
}

// heardElsewhere lets statements and questions rest on other segments, few enough to meet.
func heardElsewhere(t *rapid.T, label string, m *referent.Minutes) *referent.Minutes {
	out := new(referent.Minutes)
	if err := json.Unmarshal(packed(t, m), out); err != nil {
		t.Fatal(err)
	}
	ids := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"s1", "s2", "s3", "s4", "s5", "s6", "s10", "s11"}), 1, 2, rapid.ID[string])
	draw := func(evidence *[]string) {
		if len(*evidence) > 0 && rapid.IntRange(0, 3).Draw(t, label+" heard elsewhere") == 0 {
			*evidence = ids.Draw(t, label+" heard")
		}
	}
	for i := range out.Items {
		for k := range out.Items[i].Points {
			draw(&out.Items[i].Points[k].Evidence)
		}
	}
	for i := range out.Decisions {
		draw(&out.Decisions[i].Evidence)
	}
	for i := range out.Actions {
		draw(&out.Actions[i].Evidence)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, label+" questions") {
		r := referent.ReviewItem{Text: "Spørsmål " + strconv.Itoa(i), Reason: "Uklart.", Evidence: ids.Draw(t, label+" asked of")}
		out.NeedsReview = append(out.NeedsReview, r)
	}
	return out
}

// Whatever part is taken from whichever version: nothing else changes, no question is lost, and no vote is confirmed
// that nobody has confirmed.
func TestAnyPartTaken(t *testing.T) {
	parts := 0
	rapid.Check(t, func(t *rapid.T) {
		first, second := protocol, anew
		if rapid.Bool().Draw(t, "summary") {
			first, second = summary, summary
		}
		now, other := worked(t, "now", first()), worked(t, "other", second())
		from := review.Source{Version: 7, Minutes: other, Person: rapid.Bool().Draw(t, "person")}
		list, err := review.Parts(now, from)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range list {
			if !o.Takes {
				continue
			}
			parts++
			out, err := review.Taken(now, from, o.Part, kari)
			if err != nil {
				t.Fatalf("%+v: %v", o, err)
			}
			holdsPart(t, now, other, out, from, o)
		}
	})
	if parts < 50 {
		t.Errorf("%d parts", parts)
	}
}

func holdsPart(t *rapid.T, now, other, out *referent.Minutes, from review.Source, o review.Offer) {
	t.Helper()
	if err := schema.Validate(packed(t, out)); err != nil {
		t.Fatal(err)
	}
	gone, come := o.Sides()
	kept(t, "items", now.Items, gone.Items, out.Items, come.Items)
	kept(t, "cases", now.Cases, gone.Cases, out.Cases, come.Cases)
	kept(t, "decisions", now.Decisions, gone.Decisions, out.Decisions, come.Decisions)
	kept(t, "votes", now.Votes, gone.Votes, out.Votes, come.Votes)
	kept(t, "movements", now.Movements, gone.Movements, out.Movements, come.Movements)
	kept(t, "actions", now.Actions, gone.Actions, out.Actions, come.Actions)
	if o.List != review.NextMeeting && string(packed(t, now.NextMeeting)) != string(packed(t, out.NextMeeting)) || o.List != review.Head && now.Title+now.Date+now.Place != out.Title+out.Date+out.Place {
		t.Fatalf("%+v: the next meeting or the head", o.Part)
	}
	confirms := func(r referent.ReviewItem) bool {
		return slices.ContainsFunc(now.Votes, func(v referent.Vote) bool { return extract.OfVote(r, v) })
	}
	for _, r := range now.NeedsReview {
		if !confirms(r) && !slices.ContainsFunc(out.NeedsReview, func(x referent.ReviewItem) bool { return string(packed(t, x)) == string(packed(t, r)) }) {
			t.Fatalf("%+v: lost %+v", o.Part, r)
		}
	}
	for _, p := range now.PossiblyMissed {
		if !slices.ContainsFunc(out.PossiblyMissed, func(x referent.Point) bool { return string(packed(t, x)) == string(packed(t, p)) }) {
			t.Fatalf("%+v: lost %+v", o.Part, p)
		}
	}
	holdsQuestions(t, now, other, out, o)
	holdsResolutions(t, now, other, out, o)
	unconfirmed := 0
	for _, v := range out.Votes {
		if v.Confirmed == nil {
			unconfirmed++
			continue
		}
		same := func(x referent.Vote) bool {
			return x.Confirmed != nil && x.Proposal == v.Proposal && slices.Equal(x.Evidence, v.Evidence) && *x.For == *v.For
		}
		if !slices.ContainsFunc(now.Votes, same) && !(from.Person && slices.ContainsFunc(other.Votes, same)) {
			t.Fatalf("%+v: nobody confirmed %+v", o.Part, v)
		}
	}
	if left := review.Left(out).Review; left < unconfirmed {
		t.Fatalf("%+v: %d votes are unconfirmed, %d are left", o.Part, unconfirmed, left)
	}
	if _, err := review.Approved(out, kari); unconfirmed > 0 && referent.CodeOf(err) != referent.CodeUnchecked {
		t.Fatalf("%+v: approved with %d votes unconfirmed", o.Part, unconfirmed)
	}
	for _, it := range come.Items {
		for _, p := range it.Points {
			if _, tells := review.ToldFrom(other, p.Text, p.Evidence); tells {
				resolves := func(d referent.Decision) bool { return d.Text == p.Text && slices.Equal(d.Evidence, p.Evidence) }
				if _, tells := review.ToldFrom(out, p.Text, p.Evidence); !tells && !slices.ContainsFunc(out.Decisions, resolves) {
					t.Fatalf("%+v: %+v tells of nothing now", o.Part, p)
				}
			}
		}
	}
	for _, text := range now.Missing { // nothing but what is about the part is answered
		if o.List != review.Head && o.List != review.Cases && !slices.Contains(out.Missing, text) || text == "Møtetid" && !slices.Contains(other.Missing, text) && o.List != review.Head && !slices.Contains(out.Missing, text) {
			t.Fatalf("%+v: %q is not missing any more", o.Part, text)
		}
	}
	there(t, "items", out.Items, come.Items)
	there(t, "cases", out.Cases, come.Cases)
	there(t, "decisions", out.Decisions, come.Decisions)
	there(t, "movements", out.Movements, come.Movements)
	there(t, "actions", out.Actions, come.Actions)
}

// holdsQuestions holds that what the other version asks of anything in the part is asked here.
func holdsQuestions(t *rapid.T, now, other, out *referent.Minutes, o review.Offer) {
	t.Helper()
	gone, come := o.Sides()
	of := append(heardIn(gone), heardIn(come)...)
	for _, r := range other.NeedsReview {
		ofVote := slices.ContainsFunc(other.Votes, func(v referent.Vote) bool { return extract.OfVote(r, v) })
		about := slices.ContainsFunc(r.Evidence, func(id string) bool { return slices.Contains(of, id) })
		is := func(x referent.ReviewItem) bool { return x.Text == r.Text && slices.Equal(x.Evidence, r.Evidence) }
		settled := slices.ContainsFunc(now.Settled, func(x referent.Settled) bool { return x.Text == r.Text && x.Reason == r.Reason })
		if about && !ofVote && !settled && !slices.ContainsFunc(out.NeedsReview, is) {
			t.Fatalf("%+v: not asked: %+v", o.Part, r)
		}
	}
	for _, x := range now.Settled { // what was taken in stands, or is asked again
		stood := slices.Contains(heardIn(&referent.Minutes{Decisions: gone.Decisions, Actions: gone.Actions, Items: gone.Items}), first(x.Evidence))
		if x.How != referent.SettledAccepted || !stood {
			continue
		}
		still := slices.ContainsFunc(out.Settled, func(y referent.Settled) bool { return y.Text == x.Text && y.How == x.How })
		again := slices.Contains(asked(out), x.Text) || slices.ContainsFunc(out.PossiblyMissed, func(p referent.Point) bool { return p.Text == x.Text })
		if !still && !again {
			t.Fatalf("%+v: taken in, gone and not asked: %+v", o.Part, x)
		}
	}
	told := append(heardIn(out), heardIn(gone)...)
	for _, r := range out.NeedsReview {
		told = append(told, r.Evidence...)
	}
	for _, id := range heardIn(now) { // what is not in the part is there still
		if !slices.Contains(told, id) {
			t.Fatalf("%+v: what was heard in %s is nowhere", o.Part, id)
		}
	}
}

func first(ids []string) string {
	if len(ids) == 0 {
		return "-"
	}
	return ids[0]
}

func heardIn(m *referent.Minutes) []string {
	var out []string
	for _, it := range m.Items {
		for _, p := range it.Points {
			out = append(out, p.Evidence...)
		}
	}
	for _, d := range m.Decisions {
		out = append(out, d.Evidence...)
	}
	for _, a := range m.Actions {
		out = append(out, a.Evidence...)
	}
	for _, v := range m.Votes {
		out = append(out, v.Evidence...)
	}
	return out
}

// holdsResolutions holds that nothing is told twice that neither version tells twice: no segment in two decisions, none
// in two points of themes, and no vote twice.
func holdsResolutions(t *rapid.T, now, other, out *referent.Minutes, o review.Offer) {
	t.Helper()
	count := func(m *referent.Minutes) map[string]int {
		n := map[string]int{}
		for _, d := range m.Decisions {
			for _, id := range d.Evidence {
				n["decision "+id]++
			}
		}
		for _, v := range m.Votes {
			n["vote "+v.Proposal+strings.Join(v.Evidence, " ")]++
		}
		for _, it := range m.Items {
			for _, p := range it.Points {
				for _, id := range p.Evidence {
					n["point "+id]++
				}
			}
		}
		return n
	}
	a, b := count(now), count(other)
	for what, n := range count(out) {
		if n > 1 && a[what] <= 1 && b[what] <= 1 {
			t.Fatalf("%+v: %s is told %d times, here %d, there %d", o.Part, what, n, a[what], b[what])
		}
	}
}

// there holds that a list has all that came, as it was.
func there[T any](t *rapid.T, name string, out, come []T) {
	t.Helper()
	for _, x := range come {
		if !slices.ContainsFunc(out, func(y T) bool { return string(packed(t, x)) == string(packed(t, y)) }) {
			t.Fatalf("%s: %s did not come", name, packed(t, x))
		}
	}
}

// kept holds that a list has what came, and all else as it was, byte for byte and in its order.
func kept[T any](t *rapid.T, name string, now, gone, out, come []T) {
	t.Helper()
	var stay []string
	lost := map[string]int{}
	for _, x := range gone {
		lost[string(packed(t, x))]++
	}
	for _, x := range now {
		if s := string(packed(t, x)); lost[s] > 0 {
			lost[s]--
		} else {
			stay = append(stay, s)
		}
	}
	if len(out) != len(stay)+len(come) {
		t.Fatalf("%s: %d stay, %d come, and there are %d", name, len(stay), len(come), len(out))
	}
	left := slices.Clone(stay)
	for _, x := range out {
		if i := slices.Index(left, string(packed(t, x))); i >= 0 {
			left = slices.Delete(left, i, i+1)
		}
	}
	if len(left) > 0 {
		t.Fatalf("%s: lost %q", name, left)
	}
}

func packed(t *rapid.T, x any) []byte {
	data, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A version that is the same has nothing to take.
func TestTheSameIsNotTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := protocol
		if rapid.Bool().Draw(t, "summary") {
			start = summary
		}
		now := worked(t, "now", start())
		list, err := review.Parts(now, machine(now))
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range list {
			if o.Differs || o.Takes || o.New || o.Kept || o.Refused {
				t.Fatalf("on offer: %+v", o)
			}
			out, err := review.Taken(now, machine(now), o.Part, kari)
			if referent.CodeOf(err) != referent.CodeInvalid && referent.CodeOf(err) != referent.CodeNotFound {
				t.Fatalf("%+v: %v, %v", o, err, out)
			}
		}
	})
}

// What is missing in every word of the law is understood, in both forms.
func TestWhatIsMissingIsUnderstood(t *testing.T) {
	for _, form := range []string{"nb", "nn"} {
		for _, w := range []norsk.Word{norsk.MissingResult, norsk.MissingBasis, norsk.MissingOutcome, norsk.MissingNames, norsk.MissingProposer, norsk.MissingProposals} {
			now, other := protocol(), anew()
			now.Language, other.Language = referent.Language(form), referent.Language(form)
			now.Missing, other.Missing = []string{w.In(form, "case", pier), w.In(form, "case", library)}, []string{}
			if out := take(t, now, machine(other), review.Cases, 0); w == norsk.MissingBasis || w == norsk.MissingNames {
				if !slices.Contains(out.Missing, now.Missing[1]) {
					t.Errorf("%s %s: answered by nothing: %q", form, w, out.Missing)
				}
			}
			other.Votes[0].Outcome, other.Votes[0].ForParties, other.Votes[0].AgainstParties = "vedtatt", []string{"Ap"}, []string{"H"}
			other.Cases[0].Closed = &referent.Closed{Basis: "kommuneloven § 11-5", Evidence: []string{"s2"}}
			if out := take(t, now, machine(other), review.Cases, 0); !slices.Equal(out.Missing, now.Missing[:1]) {
				t.Errorf("%s %s: %q", form, w, out.Missing)
			}
		}
	}
}
