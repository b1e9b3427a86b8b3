package review_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/export/schema"
	"github.com/referent/referent/review"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

var kari = review.Person{Name: "Kari Nordmann", At: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}

func number(n int) *int { return &n }

// protocol is what a machine might have written of a meeting of two cases. The resolution of the first stands in
// three places.
func protocol() *referent.Minutes {
	vote := referent.Vote{Case: "PS 1/26 Bibliotek", Proposal: "Biblioteket holder lørdagsåpent.", For: number(6), Against: number(3), Outcome: "vedtatt",
		ForMembers: []string{}, AgainstMembers: []string{}, Faults: []string{"Tallet er usikkert hørt."}, Evidence: []string{"s3", "s4"}}
	m := &referent.Minutes{
		Schema: referent.MinutesSchema, Label: referent.DraftLabel, Kind: referent.KindProtocol, Language: referent.Bokmal,
		Title: "Formannskapet", Date: "2026-11-20", Present: []string{"Kari", "Ola"}, Absent: []string{},
		Items: []referent.Item{
			{Heading: "PS 1/26 Bibliotek", Points: []referent.Point{}},
			{Heading: "Innstilling", Points: []referent.Point{{Text: "Biblioteket holder lørdagsåpent.", Evidence: []string{"s1"}}}},
			{Heading: "Votering", Points: []referent.Point{{Text: extract.VotedText(vote, "nb"), Evidence: []string{"s3", "s4"}}}},
			{Heading: "Vedtak", Points: []referent.Point{{Text: "Biblioteket holder lørdagsåpent.", Evidence: []string{"s3", "s4"}}}},
			{Heading: "PS 2/26 Brygge", Points: []referent.Point{{Text: "Enstemmig.", Evidence: []string{"s6"}}, {Text: "Enstemmig.", Evidence: []string{"s7"}}}},
		},
		Decisions: []referent.Decision{{Text: "Biblioteket holder lørdagsåpent.", Case: "PS 1/26 Bibliotek", Evidence: []string{"s3", "s4"}},
			{Text: "Brygga repareres.", Case: "PS 2/26 Brygge", Evidence: []string{"s6"}}},
		Actions: []referent.ActionItem{{Task: "Sende brev", Owner: "Ola", Evidence: []string{"s5"}}},
		Votes:   []referent.Vote{vote},
		Cases: []referent.Case{{Name: "PS 1/26 Bibliotek", Recommendation: &referent.Point{Text: "Biblioteket holder lørdagsåpent.", Evidence: []string{"s1"}},
			Proposals: []referent.Proposal{{Text: "Saken utsettes.", By: []string{"Ola"}, Evidence: []string{"s2"}}}}},
		Movements:      []referent.Movement{{Name: "Per", What: referent.MovementLeft, Clock: "12.00", Evidence: []string{"s8"}}},
		PossiblyMissed: []referent.Point{{Text: "Det ble nevnt en frist.", Evidence: []string{"s9"}}},
		NeedsReview:    []referent.ReviewItem{{Text: "Kari lager et notat.", Reason: "Oppgaven kan være trukket tilbake.", Evidence: []string{"s10"}}},
		Missing:        []string{"Møtetid"},
		Provenance:     referent.Provenance{Writer: "builtin", Created: kari.At},
	}
	extract.ReviewVotes(m)
	return m
}

// must applies an edit that is possible, and holds that the minutes before it are as they were and those after it
// are minutes.
func must(t *testing.T, m *referent.Minutes, e review.Edit) *referent.Minutes {
	t.Helper()
	before := text(t, m)
	out, err := review.Apply(m, e, kari)
	if err != nil {
		t.Fatalf("%+v: %v", e, err)
	}
	if text(t, m) != before {
		t.Errorf("%+v changed the minutes that it was made from", e)
	}
	if err := schema.Validate([]byte(text(t, out))); err != nil {
		t.Errorf("%+v: %v", e, err)
	}
	return out
}

func text(t *testing.T, m *referent.Minutes) string {
	t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestApply(t *testing.T) {
	for name, c := range map[string]struct {
		edit review.Edit
		want func(*referent.Minutes) bool
	}{
		"head": {review.Edit{Do: review.Set, List: review.Head, Words: review.Words{Text: " Nytt navn ", Date: "2026-11-21", Place: "Rådhuset", Present: []string{"Kari", "", " Per "}}},
			func(m *referent.Minutes) bool {
				return m.Title == "Nytt navn" && m.Date == "2026-11-21" && m.Place == "Rådhuset" && slices.Equal(m.Present, []string{"Kari", "Per"}) && m.Absent != nil
			}},
		"an action": {review.Edit{Do: review.Set, List: review.Actions, Words: review.Words{Text: "Sende e-post", Owner: "Kari", Due: "2027-03-01", Status: "påbegynt"}},
			func(m *referent.Minutes) bool {
				a := m.Actions[0]
				return a.Task == "Sende e-post" && a.Owner == "Kari" && *a.Due == "2027-03-01" && a.Status == "påbegynt" && slices.Equal(a.Evidence, []string{"s5"}) && !a.Added
			}},
		"an action without a day": {review.Edit{Do: review.Set, List: review.Actions, Words: review.Words{Text: "Sende brev"}},
			func(m *referent.Minutes) bool { return m.Actions[0].Due == nil && m.Actions[0].Owner == "" }},
		"a decision of one's own": {review.Edit{Do: review.Add, List: review.Decisions, Index: 2, Words: review.Words{Text: "Nytt vedtak.", Case: "PS 3/26"}},
			func(m *referent.Minutes) bool {
				d := m.Decisions[2]
				return d.Text == "Nytt vedtak." && d.Case == "PS 3/26" && d.Added && d.Evidence != nil && len(d.Evidence) == 0
			}},
		"a point first": {review.Edit{Do: review.Add, List: review.Points, Of: 4, Words: review.Words{Text: "Orientering."}},
			func(m *referent.Minutes) bool {
				return m.Items[4].Points[0].Text == "Orientering." && len(m.Items[4].Points) == 3
			}},
		"a theme": {review.Edit{Do: review.Add, List: review.Items, Index: 5, Words: review.Words{Text: "Eventuelt"}},
			func(m *referent.Minutes) bool { return m.Items[5].Heading == "Eventuelt" && m.Items[5].Points != nil }},
		"a heading": {review.Edit{Do: review.Set, List: review.Items, Words: review.Words{Text: "PS 1/26 Biblioteket"}}, func(m *referent.Minutes) bool { return m.Items[0].Heading == "PS 1/26 Biblioteket" }},
		"down": {review.Edit{Do: review.Move, List: review.Decisions, Index: 0, To: 1}, func(m *referent.Minutes) bool {
			return m.Decisions[0].Text == "Brygga repareres." && len(m.Decisions) == 2
		}},
		"up": {review.Edit{Do: review.Move, List: review.Items, Index: 4, To: 0}, func(m *referent.Minutes) bool { return m.Items[0].Heading == "PS 2/26 Brygge" }},
		"a movement": {review.Edit{Do: review.Set, List: review.Movements, Words: review.Words{Text: "Per Ås", What: "arrived", Time: "12.30"}}, func(m *referent.Minutes) bool {
			return m.Movements[0].Name == "Per Ås" && m.Movements[0].Clock == "12.30"
		}},
		"a proposal": {review.Edit{Do: review.Set, List: review.Proposals, Words: review.Words{Text: "Saken avvises.", By: []string{"H"}}}, func(m *referent.Minutes) bool { return m.Cases[0].Proposals[0].Text == "Saken avvises." }},
		"closed":     {review.Edit{Do: review.Set, List: review.Closed, Words: review.Words{Text: "kommuneloven § 11-5"}}, func(m *referent.Minutes) bool { return m.Cases[0].Closed.Basis == "kommuneloven § 11-5" }},
		"the next": {review.Edit{Do: review.Set, List: review.NextMeeting, Words: review.Words{Date: "2026-12-04", Time: "10.00"}}, func(m *referent.Minutes) bool {
			return *m.NextMeeting.Date == "2026-12-04" && m.NextMeeting.Evidence != nil
		}},
		"in order": {review.Edit{Do: review.Dismiss, List: review.Missing}, func(m *referent.Minutes) bool {
			return len(m.Missing) == 0 && m.Settled[0].Text == "Møtetid" && m.Settled[0].By == kari.Name
		}},
		"a bare vote": {review.Edit{Do: review.Delete, List: review.Votes}, func(m *referent.Minutes) bool {
			return len(m.Votes) == 0 && len(m.NeedsReview) == 1 && len(m.Items[2].Points) == 0
		}},
		"checked": {review.Edit{Do: review.Accept, List: review.NeedsReview, As: review.Actions, Words: review.Words{Owner: "Kari"}},
			func(m *referent.Minutes) bool {
				a, s := m.Actions[1], m.Settled[0]
				return a.Task == "Kari lager et notat." && a.Owner == "Kari" && slices.Equal(a.Evidence, []string{"s10"}) && !a.Added &&
					s.How == referent.SettledAccepted && s.As == "actions" && s.By == kari.Name && s.At.Equal(kari.At) && s.Reason != "" && len(m.NeedsReview) == 1
			}},
		"corrected": {review.Edit{Do: review.Accept, List: review.NeedsReview, As: review.Decisions, Words: review.Words{Text: "Notatet lages av Kari."}},
			func(m *referent.Minutes) bool {
				return m.Decisions[2].Text == "Notatet lages av Kari." && m.Settled[0].Text == "Kari lager et notat."
			}},
		"remembered":            {review.Edit{Do: review.Accept, List: review.PossiblyMissed, As: review.Points, Of: 4}, func(m *referent.Minutes) bool { return len(m.Items[4].Points) == 3 && len(m.PossiblyMissed) == 0 }},
		"remembered as a theme": {review.Edit{Do: review.Accept, List: review.PossiblyMissed, As: review.Points, Of: 5, Words: review.Words{Case: "Frister"}}, func(m *referent.Minutes) bool { return m.Items[5].Heading == "Frister" && len(m.Items[5].Points) == 1 }},
		"rightly forgotten": {review.Edit{Do: review.Dismiss, List: review.PossiblyMissed}, func(m *referent.Minutes) bool {
			return len(m.PossiblyMissed) == 0 && m.Settled[0].How == referent.SettledDismissed
		}},
		"a vote that is right": {review.Edit{Do: review.Confirm, List: review.Votes}, func(m *referent.Minutes) bool {
			return m.Votes[0].Confirmed.By == kari.Name && m.Votes[0].Faults == nil && len(m.NeedsReview) == 1 && strings.Contains(m.Settled[0].Reason, "usikkert hørt")
		}},
		"a vote of one's own": {review.Edit{Do: review.Add, List: review.Votes, Index: 1, Words: review.Words{Text: "Brygga repareres.", For: number(9), Against: number(0), Outcome: "vedtatt"}}, func(m *referent.Minutes) bool {
			return m.Votes[1].Added && m.Votes[1].Confirmed != nil && review.Left(m).Review == 2
		}},
		"no such recommendation": {review.Edit{Do: review.Delete, List: review.Recommendation}, func(m *referent.Minutes) bool {
			return m.Cases[0].Recommendation == nil && len(m.Items[1].Points) == 0 && len(m.Items[3].Points) == 1
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if out := must(t, protocol(), c.edit); !c.want(out) {
				t.Errorf("became %s", text(t, out))
			}
		})
	}
}

// A resolution stands in the list of decisions and under its case. Both are the one that is changed or struck; the
// recommendation, heard elsewhere, is not, nor is what was said of another case in the same words.
func TestAStatementIsOneWhereverItStands(t *testing.T) {
	out := must(t, protocol(), review.Edit{Do: review.Set, List: review.Decisions, Words: review.Words{Text: "Biblioteket holder stengt.", Case: "PS 1/26 Bibliotek"}})
	if out.Items[3].Points[0].Text != "Biblioteket holder stengt." || out.Items[1].Points[0].Text == "Biblioteket holder stengt." {
		t.Errorf("%s", text(t, out))
	}
	out = must(t, out, review.Edit{Do: review.Delete, List: review.Points, Of: 3})
	if len(out.Decisions) != 1 || len(out.Items[3].Points) != 0 || len(out.Items[1].Points) != 1 {
		t.Errorf("%s", text(t, out))
	}
	out = must(t, out, review.Edit{Do: review.Set, List: review.Points, Of: 4, Words: review.Words{Text: "Enstemmig vedtatt."}})
	if out.Items[4].Points[1].Text != "Enstemmig." {
		t.Errorf("another statement of the same words was changed: %s", text(t, out))
	}
	out = must(t, out, review.Edit{Do: review.Set, List: review.Points, Of: 1, Words: review.Words{Text: "Innstillingen er en annen."}})
	if out.Cases[0].Recommendation.Text != "Innstillingen er en annen." {
		t.Errorf("the record of the case tells another recommendation: %s", text(t, out))
	}
}

// Whoever changes a vote changes the line that tells of it, and it is to be confirmed again.
func TestAChangedVoteIsConfirmedAgain(t *testing.T) {
	m := must(t, protocol(), review.Edit{Do: review.Confirm, List: review.Votes})
	m = must(t, m, review.Edit{Do: review.Set, List: review.Votes, Words: review.Words{Text: "Biblioteket holder lørdagsåpent.", Case: "PS 1/26 Bibliotek", For: number(7), Against: number(2), Outcome: "vedtatt"}})
	v := m.Votes[0]
	if v.Confirmed != nil || *v.For != 7 || v.Faults != nil || !strings.Contains(m.Items[2].Points[0].Text, "7") {
		t.Errorf("%s", text(t, m))
	}
	r := m.NeedsReview[len(m.NeedsReview)-1]
	if !strings.Contains(r.Text, "7–2") || r.Reason != norsk.ReasonVote.In("nb") || review.Left(m).Review != 2 {
		t.Errorf("to be checked: %+v", r)
	}
	m = must(t, m, review.Edit{Do: review.Set, List: review.Votes, Words: review.Words{Text: "Biblioteket holder åpent.", For: number(8), Against: number(1), Outcome: "vedtatt"}})
	if len(m.NeedsReview) != 2 || !strings.Contains(m.NeedsReview[1].Text, "8–1") {
		t.Errorf("to be checked: %+v", m.NeedsReview)
	}
}

// What was found wrong in a vote stays while its numbers do, and numbers that go against the outcome are told of,
// whoever typed them.
func TestFaultsOfAVoteStay(t *testing.T) {
	set := review.Words{Text: "Biblioteket holder lørdagsåpent.", Case: "PS 1/26", For: number(6), Against: number(3), Outcome: "vedtatt"}
	m := must(t, protocol(), review.Edit{Do: review.Set, List: review.Votes, Words: set})
	if v := m.Votes[0]; !slices.Equal(v.Faults, protocol().Votes[0].Faults) || !strings.Contains(m.NeedsReview[1].Reason, v.Faults[0]) {
		t.Errorf("%s", text(t, m))
	}
	set.For, set.Against = number(2), number(7)
	m = must(t, m, review.Edit{Do: review.Set, List: review.Votes, Words: set})
	if v := m.Votes[0]; len(v.Faults) != 1 || strings.Contains(v.Faults[0], "usikkert hørt") || !strings.Contains(m.NeedsReview[1].Reason, v.Faults[0]) {
		t.Errorf("%s", text(t, m))
	}
	m = must(t, m, review.Edit{Do: review.Add, List: review.Votes, Index: 1, Words: review.Words{Text: "Brygga repareres.", For: number(1), Against: number(8), Outcome: "vedtatt"}})
	if v := m.Votes[1]; v.Confirmed != nil || len(v.Faults) != 1 || len(m.NeedsReview) != 3 || review.Left(m).Review != 3 {
		t.Errorf("%s", text(t, m))
	}
}

// A statement in other words keeps where it was heard, and says that a person worded it; so do the other places
// where it stands, and nothing else.
func TestReworded(t *testing.T) {
	words := review.Words{Text: "Biblioteket holder lørdagsåpent.", Case: "PS 1/26 Bibliotek"}
	same := must(t, protocol(), review.Edit{Do: review.Set, List: review.Decisions, Words: words})
	if text(t, same) != text(t, protocol()) {
		t.Errorf("saved as it was it became %s", text(t, same))
	}
	words.Text = "Biblioteket holder stengt."
	m := must(t, protocol(), review.Edit{Do: review.Set, List: review.Decisions, Words: words})
	if !m.Decisions[0].Reworded || !m.Items[3].Points[0].Reworded || m.Items[1].Points[0].Reworded || strings.Count(text(t, m), `"reworded"`) != 2 {
		t.Errorf("%s", text(t, m))
	}
	m = must(t, m, review.Edit{Do: review.Set, List: review.Actions, Words: review.Words{Text: "Sende brev", Owner: "Kari"}})
	if !m.Actions[0].Reworded || !m.Decisions[0].Reworded {
		t.Errorf("%s", text(t, m))
	}
	m = must(t, m, review.Edit{Do: review.Add, List: review.Decisions, Words: review.Words{Text: "Nytt."}})
	m = must(t, m, review.Edit{Do: review.Set, List: review.Decisions, Words: review.Words{Text: "Nyere."}})
	if d := m.Decisions[0]; !d.Added || d.Reworded {
		t.Errorf("a person's own: %+v", d)
	}
	for text, reworded := range map[string]bool{"": false, "Noe helt annet.": true} {
		out := must(t, protocol(), review.Edit{Do: review.Accept, List: review.NeedsReview, As: review.Decisions, Words: review.Words{Text: text}})
		if out.Decisions[2].Reworded != reworded {
			t.Errorf("accepted as %q: %+v", text, out.Decisions[2])
		}
	}
	written := protocol()
	written.Decisions[1].Text = "Brygga rives."
	if out, err := review.Handed(protocol(), written); err != nil || !out.Decisions[1].Reworded || out.Decisions[0].Reworded {
		t.Errorf("handed in: %+v, %v", out.Decisions, err)
	}
}

func TestEditsThatCannotBe(t *testing.T) {
	long := strings.Repeat("å", 20001)
	for _, c := range []struct {
		edit review.Edit
		want referent.Code
	}{
		{review.Edit{Do: "sing", List: review.Decisions}, referent.CodeInvalid},
		{review.Edit{Do: review.Restore, Version: 1}, referent.CodeInvalid},
		{review.Edit{Do: review.Set, List: "psalms"}, referent.CodeInvalid},
		{review.Edit{Do: review.Set, List: review.Decisions}, referent.CodeInvalid},
		{review.Edit{Do: review.Set, List: review.Decisions, Words: review.Words{Text: " \n "}}, referent.CodeInvalid},
		{review.Edit{Do: review.Set, List: review.Decisions, Words: review.Words{Text: long}}, referent.CodeInvalid},
		{review.Edit{Do: review.Set, List: review.Decisions, Words: review.Words{Text: "a\x00b"}}, referent.CodeInvalid},
		{review.Edit{Do: review.Set, List: review.Decisions, Words: review.Words{Text: "a\xffb"}}, referent.CodeInvalid},
		{review.Edit{Do: review.Set, List: review.Decisions, Index: 2, Words: review.Words{Text: "x"}}, referent.CodeNotFound},
		{review.Edit{Do: review.Set, List: review.Decisions, Index: -1, Words: review.Words{Text: "x"}}, referent.CodeNotFound},
		{review.Edit{Do: review.Add, List: review.Decisions, Index: 3, Words: review.Words{Text: "x"}}, referent.CodeNotFound},
		{review.Edit{Do: review.Move, List: review.Decisions, To: 2}, referent.CodeNotFound},
		{review.Edit{Do: review.Delete, List: review.Points, Of: 9}, referent.CodeNotFound},
		{review.Edit{Do: review.Delete, List: review.Proposals, Of: 1}, referent.CodeNotFound},
		{review.Edit{Do: review.Delete, List: review.Closed}, referent.CodeNotFound},
		{review.Edit{Do: review.Delete, List: review.NextMeeting}, referent.CodeNotFound},
		{review.Edit{Do: review.Set, List: review.NextMeeting}, referent.CodeInvalid},
		{review.Edit{Do: review.Delete, List: review.Head}, referent.CodeInvalid},
		{review.Edit{Do: review.Delete, List: review.NeedsReview}, referent.CodeInvalid},
		{review.Edit{Do: review.Set, List: review.Head, Words: review.Words{Date: "21.11.2026"}}, referent.CodeInvalid},
		{review.Edit{Do: review.Set, List: review.Actions, Words: review.Words{Text: "x", Due: "i morgen"}}, referent.CodeInvalid},
		{review.Edit{Do: review.Set, List: review.Votes, Words: review.Words{Text: "x", For: number(-1)}}, referent.CodeInvalid},
		{review.Edit{Do: review.Set, List: review.Movements, Words: review.Words{Text: "Per"}}, referent.CodeInvalid},
		{review.Edit{Do: review.Set, List: review.Movements, Words: review.Words{Text: "Per", What: "danced"}}, referent.CodeInvalid},
		{review.Edit{Do: review.Accept, List: review.NeedsReview}, referent.CodeInvalid},
		{review.Edit{Do: review.Accept, List: review.NeedsReview, As: review.Votes}, referent.CodeInvalid},
		{review.Edit{Do: review.Accept, List: review.NeedsReview, As: review.Points, Of: 6}, referent.CodeNotFound},
		{review.Edit{Do: review.Accept, List: review.NeedsReview, Index: 2, As: review.Points}, referent.CodeNotFound},
		{review.Edit{Do: review.Accept, List: review.Missing, As: review.Points}, referent.CodeNotFound},
		{review.Edit{Do: review.Accept, List: review.NeedsReview, Index: 1, As: review.Decisions}, referent.CodeInvalid}, // the vote's
		{review.Edit{Do: review.Dismiss, List: review.NeedsReview, Index: 1}, referent.CodeInvalid},
		{review.Edit{Do: review.Confirm, List: review.Votes, Index: 1}, referent.CodeNotFound},
		{review.Edit{Do: review.Confirm, List: review.Decisions}, referent.CodeInvalid},
	} {
		m := protocol()
		before := text(t, m)
		out, err := review.Apply(m, c.edit, kari)
		if referent.CodeOf(err) != c.want || out != nil {
			t.Errorf("%+v: %v, want %s", c.edit, err, c.want)
		}
		if text(t, m) != before {
			t.Errorf("%+v changed the minutes", c.edit)
		}
	}
}

// Whatever people do, minutes stay minutes, nothing heard is invented, and nothing to be checked goes without a
// name.
func TestAnyEdits(t *testing.T) {
	all := []string{"s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10"}
	rapid.Check(t, func(t *rapid.T) {
		m := protocol()
		asked := len(m.NeedsReview) + len(m.PossiblyMissed) + len(m.Missing)
		for range rapid.IntRange(1, 20).Draw(t, "edits") {
			e := review.Edit{
				Do:    rapid.SampledFrom([]review.Do{review.Set, review.Add, review.Delete, review.Move, review.Accept, review.Dismiss, review.Confirm}).Draw(t, "do"),
				List:  rapid.SampledFrom([]review.List{review.Head, review.Items, review.Points, review.Decisions, review.Actions, review.Votes, review.Movements, review.Recommendation, review.Proposals, review.Closed, review.NextMeeting, review.NeedsReview, review.PossiblyMissed, review.Missing}).Draw(t, "list"),
				Of:    rapid.IntRange(-1, 6).Draw(t, "of"),
				Index: rapid.IntRange(-1, 4).Draw(t, "index"),
				To:    rapid.IntRange(-1, 4).Draw(t, "to"),
				As:    rapid.SampledFrom([]review.List{review.Decisions, review.Actions, review.Points}).Draw(t, "as"),
				Words: review.Words{Text: rapid.String().Draw(t, "text"), What: rapid.SampledFrom([]string{"", "left"}).Draw(t, "what")},
			}
			out, err := review.Apply(m, e, kari)
			if err != nil {
				if code := referent.CodeOf(err); out != nil || code != referent.CodeInvalid && code != referent.CodeNotFound {
					t.Fatalf("%+v: %v", e, err)
				}
				continue
			}
			m = out
		}
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(data); err != nil {
			t.Fatal(err)
		}
		for _, d := range m.Decisions {
			if d.Added != (len(d.Evidence) == 0) || slices.ContainsFunc(d.Evidence, func(id string) bool { return !slices.Contains(all, id) }) {
				t.Fatalf("decision %+v", d)
			}
		}
		if settled := len(m.Settled); asked-settled > len(m.NeedsReview)+len(m.PossiblyMissed)+len(m.Missing)+1 { // the one of a vote that was struck
			t.Fatalf("%d were asked of, %d settled, left are %+v", asked, settled, review.Left(m))
		}
	})
}

func TestApproved(t *testing.T) {
	m := protocol()
	_, err := review.Approved(m, kari)
	if referent.CodeOf(err) != referent.CodeUnchecked {
		t.Fatalf("approved unchecked: %v", err)
	}
	m = must(t, m, review.Edit{Do: review.Dismiss, List: review.NeedsReview})
	_, err = review.Approved(m, kari)
	if referent.CodeOf(err) != referent.CodeUnchecked {
		t.Fatalf("approved with an unconfirmed vote: %v", err)
	}
	m.NeedsReview = nil // as a program may hand it in: the vote is unconfirmed all the same
	_, err = review.Approved(m, kari)
	if referent.CodeOf(err) != referent.CodeUnchecked {
		t.Fatalf("approved with a vote that nobody was asked of: %v", err)
	}
	m = must(t, m, review.Edit{Do: review.Confirm, List: review.Votes})
	a, err := review.Approved(m, kari)
	if err != nil {
		t.Fatal(err)
	}
	if a.Label != "" || a.Approval == nil || a.Approval.By != kari.Name || !a.Approval.At.Equal(kari.At) || len(a.PossiblyMissed) != 0 || a.Settled != nil || len(a.Missing) != 1 || a.Votes[0].Confirmed == nil {
		t.Errorf("approved: %s", text(t, a))
	}
	if err := schema.Validate([]byte(text(t, a))); err != nil {
		t.Error(err)
	}
	again, err := review.Reopened(a)
	if err != nil || again.Approval != nil || again.Label != referent.DraftLabel || a.Approval == nil {
		t.Errorf("reopened: %v, %v", again, err)
	}
}

// Minutes that are handed in whole cannot say that somebody confirmed, settled or approved.
func TestHanded(t *testing.T) {
	from := must(t, protocol(), review.Edit{Do: review.Confirm, List: review.Votes})
	same, err := review.Handed(from, from)
	if err != nil || same.Votes[0].Confirmed == nil || !reflect.DeepEqual(same.Settled, from.Settled) {
		t.Errorf("%v, %v", same, err)
	}
	forged := protocol()
	forged.Votes[0].Confirmed = &referent.Approval{By: "Ordføreren", At: kari.At}
	forged.Approval, forged.Label = forged.Votes[0].Confirmed, ""
	forged.Settled = []referent.Settled{{Text: "alt", By: "Ordføreren", How: "confirmed"}}
	out, err := review.Handed(from, forged)
	if err != nil || out.Votes[0].Confirmed != nil || out.Approval != nil || out.Label != referent.DraftLabel || len(out.Settled) != 1 || out.Settled[0].By != kari.Name {
		t.Errorf("%s, %v", text(t, out), err)
	}
	changed := must(t, from, review.Edit{Do: review.Move, List: review.Items, To: 1})
	changed.Votes[0].For = number(9)
	if out, err = review.Handed(from, changed); err != nil || out.Votes[0].Confirmed != nil {
		t.Errorf("a changed vote stays confirmed: %v", err)
	}
	if out, err = review.Handed(nil, changed); err != nil || out.Votes[0].Confirmed != nil || out.Settled != nil {
		t.Errorf("from nothing: %s, %v", text(t, out), err)
	}
}

// Whoever leaves out what was to be checked, or how the minutes came to be, gets it back; what is heard nowhere is
// marked.
func TestHandedSettlesNothing(t *testing.T) {
	from := protocol()
	written := protocol()
	written.NeedsReview, written.PossiblyMissed, written.Missing = nil, nil, nil
	written.Provenance = referent.Provenance{Writer: "llm", Masked: true}
	written.Votes[0].Faults = nil
	written.Decisions = append(written.Decisions, referent.Decision{Text: "Noe ingen har sagt."})
	out, err := review.Handed(from, written)
	if err != nil {
		t.Fatal(err)
	}
	if review.Left(out) != review.Left(from) || out.Settled != nil || !reflect.DeepEqual(out.Missing, from.Missing) || !reflect.DeepEqual(out.PossiblyMissed, from.PossiblyMissed) {
		t.Errorf("left are %+v, want %+v", review.Left(out), review.Left(from))
	}
	if !reflect.DeepEqual(out.Provenance, from.Provenance) || !reflect.DeepEqual(out.Votes[0].Faults, from.Votes[0].Faults) {
		t.Errorf("made by %+v, faults %q", out.Provenance, out.Votes[0].Faults)
	}
	if !out.Decisions[2].Added || out.Decisions[0].Added {
		t.Errorf("decisions: %+v", out.Decisions)
	}
	again, err := review.Handed(out, out)
	if err != nil || text(t, again) != text(t, out) {
		t.Errorf("handed in as it was it became %s, %v", text(t, again), err)
	}
	struck := protocol()
	struck.Votes, struck.NeedsReview = nil, struck.NeedsReview[:1]
	if out, err = review.Handed(from, struck); err != nil || len(out.NeedsReview) != 1 {
		t.Errorf("a struck vote is still asked of: %+v, %v", out.NeedsReview, err)
	}
}

// A machine neither approves nor confirms, and writes nothing in a person's name.
func TestMachine(t *testing.T) {
	m := must(t, protocol(), review.Edit{Do: review.Confirm, List: review.Votes})
	m = must(t, m, review.Edit{Do: review.Add, List: review.Decisions, Words: review.Words{Text: "Nytt."}})
	m.Label, m.Approval = "", m.Votes[0].Confirmed
	review.Machine(m)
	if m.Label != referent.DraftLabel || m.Approval != nil || m.Settled != nil || m.Votes[0].Confirmed != nil || m.Decisions[0].Added {
		t.Errorf("%s", text(t, m))
	}
}

// Two votes of one stretch of the meeting, whose proposals begin alike, are not taken for each other.
func TestVotesThatBeginAlike(t *testing.T) {
	m := protocol()
	longer := m.Votes[0]
	longer.Proposal = "Biblioteket holder lørdagsåpent, og søndagsåpent i desember."
	m.Votes = []referent.Vote{longer, m.Votes[0]}
	m.NeedsReview = nil
	extract.ReviewVotes(m)
	m = must(t, m, review.Edit{Do: review.Confirm, List: review.Votes, Index: 1})
	if len(m.NeedsReview) != 1 || !strings.Contains(m.NeedsReview[0].Text, "desember") || m.Votes[0].Confirmed != nil || review.Left(m).Review != 1 {
		t.Errorf("%s", text(t, m))
	}
	m = must(t, m, review.Edit{Do: review.Delete, List: review.Votes, Index: 0})
	if len(m.Votes) != 1 || review.Left(m).Review != 0 {
		t.Errorf("%s", text(t, m))
	}
}

// The line that tells of a vote under its case is the vote: nobody changes or strikes the one without the other.
func TestALineOfAVoteFollowsIt(t *testing.T) {
	m := protocol()
	for _, do := range []review.Do{review.Set, review.Delete} {
		_, err := review.Apply(m, review.Edit{Do: do, List: review.Points, Of: 2, Words: review.Words{Text: "Vedtatt med ni mot to stemmer."}}, kari)
		if referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%s: %v", do, err)
		}
	}
	out, err := review.Apply(m, review.Edit{Do: review.Delete, List: review.Votes}, kari)
	if err != nil || len(out.Items[2].Points) != 0 {
		t.Errorf("struck with its vote: %v, %+v", err, out.Items[2].Points)
	}
	other, err := review.Apply(m, review.Edit{Do: review.Set, List: review.Points, Of: 4, Words: review.Words{Text: "Vedtatt uten votering."}}, kari)
	if err != nil || other.Items[4].Points[0].Text != "Vedtatt uten votering." {
		t.Errorf("another line: %v, %+v", err, other.Items[4])
	}
}
