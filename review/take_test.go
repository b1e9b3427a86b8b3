package review_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/export/schema"
	"github.com/referent/referent/review"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

const (
	library = "PS 1/26 Bibliotek"
	pier    = "PS 2/26 Brygge"
)

// anew is protocol() as a machine may have written it another time: the first case voted on with another count, the
// second with a proposal that nobody is named for.
func anew() *referent.Minutes {
	m := protocol()
	v := &m.Votes[0]
	v.For, v.Against, v.Faults = number(5), number(4), nil
	m.Items[2].Points[0].Text = extract.VotedText(*v, "nb")
	m.Items[3].Points[0].Text = "Biblioteket holder åpent hver lørdag."
	m.Decisions[0].Text = "Biblioteket holder åpent hver lørdag."
	m.Cases = append(m.Cases, referent.Case{Name: pier, Proposals: []referent.Proposal{{Text: "Brygga rives.", Evidence: []string{"s6"}}}})
	m.Items[4].Points = append(m.Items[4].Points, referent.Point{Text: "Brygga rives.", Evidence: []string{"s6"}})
	m.Actions = []referent.ActionItem{{Task: "Sende to brev", Owner: "Ola", Evidence: []string{"s5"}}}
	m.NeedsReview = []referent.ReviewItem{{Text: "Ola: Sende to brev", Reason: "To heter Ola.", Evidence: []string{"s5"}},
		{Text: "Brygga males.", Reason: "Uklart.", Evidence: []string{"s7"}}}
	m.PossiblyMissed = []referent.Point{{Text: "Det haster.", Evidence: []string{"s2"}}}
	m.Missing = []string{"Møtetid", norsk.MissingProposer.In("nb", "case", pier)}
	m.Provenance = referent.Provenance{Writer: "llm", Model: "modell-1", Created: kari.At}
	extract.ReviewVotes(m)
	return m
}

// summary is what a machine might have written of a meeting without cases.
func summary() *referent.Minutes {
	due := "2026-12-01"
	m := &referent.Minutes{Schema: referent.MinutesSchema, Label: referent.DraftLabel, Kind: referent.KindReferat, Language: referent.Bokmal,
		Title: "Driftsmøte", Date: "2026-11-20", Place: "Rom 2", Present: []string{"Kari"}, Absent: []string{},
		Items: []referent.Item{
			{Heading: "Snø", Points: []referent.Point{{Text: "Det snør.", Evidence: []string{"s1"}}, {Text: "Freseren er gammel.", Evidence: []string{"s2"}}}},
			{Heading: "Lys", Points: []referent.Point{{Text: "Lysene er slukket.", Evidence: []string{"s10"}}}},
		},
		Decisions: []referent.Decision{{Text: "Vi kjøper en freser.", Evidence: []string{"s3"}}},
		Actions:   []referent.ActionItem{{Task: "Kjøpe freser", Owner: "Kari", Due: &due, Evidence: []string{"s4"}}},
		Votes:     []referent.Vote{}, NextMeeting: &referent.NextMeeting{Text: "Om to uker.", Evidence: []string{"s20"}},
		NeedsReview: []referent.ReviewItem{}, PossiblyMissed: []referent.Point{}, Missing: []string{},
		Provenance: referent.Provenance{Writer: "builtin", Created: kari.At}}
	return m
}

func machine(m *referent.Minutes) review.Source { return review.Source{Version: 7, Minutes: m} }

// take takes a part that can be taken, and holds that neither version changes and that what comes is minutes.
func take(t *testing.T, now *referent.Minutes, from review.Source, list review.List, index int) *referent.Minutes {
	t.Helper()
	before, beside := text(t, now), text(t, from.Minutes)
	out, err := review.Taken(now, from, review.Part{List: list, Index: index}, kari)
	if err != nil {
		t.Fatalf("%s %d: %v", list, index, err)
	}
	if text(t, now) != before || text(t, from.Minutes) != beside {
		t.Errorf("%s %d changed what it was made from", list, index)
	}
	if err := schema.Validate([]byte(text(t, out))); err != nil {
		t.Errorf("%s %d: %v", list, index, err)
	}
	again, err := review.Parts(out, from)
	if i := slices.IndexFunc(again, func(o review.Offer) bool { return o.List == list && o.Index == index && !o.Kept }); err != nil || i < 0 || again[i].Differs {
		t.Errorf("%s %d was taken, and is not as it is there: %v, %s", list, index, err, text(t, out))
	}
	return out
}

func offers(t *testing.T, now *referent.Minutes, from review.Source) map[string]review.Offer {
	t.Helper()
	list, err := review.Parts(now, from)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]review.Offer{}
	for _, o := range list {
		key := string(o.List)
		if len(o.Names) > 0 {
			key = strings.Join(o.Names, "+")
		}
		if _, twice := out[key]; twice {
			t.Errorf("%s is there twice", key)
		}
		out[key] = o
	}
	return out
}

func TestACaseIsTakenWhole(t *testing.T) {
	now := must(t, protocol(), review.Edit{Do: review.Add, List: review.Points, Of: 4, Words: review.Words{Text: "Kari la fram saken."}})
	out := take(t, now, machine(anew()), review.Cases, 0)
	if out.Decisions[0].Text != "Biblioteket holder åpent hver lørdag." || out.Items[3].Points[0].Text != out.Decisions[0].Text ||
		*out.Votes[0].For != 5 || out.Items[2].Points[0].Text != extract.VotedText(out.Votes[0], "nb") {
		t.Errorf("the case: %s", text(t, out))
	}
	if !reflect.DeepEqual(out.Items[4], now.Items[4]) || !reflect.DeepEqual(out.Decisions[1], now.Decisions[1]) ||
		!reflect.DeepEqual(out.Actions, now.Actions) || !reflect.DeepEqual(out.Movements, now.Movements) || len(out.Cases) != 1 {
		t.Errorf("the rest: %s", text(t, out))
	}
	// The question of the old count goes, that of the new one comes, and so does what may have been missed of the case.
	if len(out.NeedsReview) != 2 || out.NeedsReview[0].Text != "Kari lager et notat." || !extract.OfVote(out.NeedsReview[1], out.Votes[0]) || !strings.Contains(out.NeedsReview[1].Text, "5–4") {
		t.Errorf("to check: %+v", out.NeedsReview)
	}
	if len(out.PossiblyMissed) != 1 || review.Left(out).Review != 2 {
		t.Errorf("missed: %+v", out.PossiblyMissed) // s2 stands in the proposal
	}
	want := referent.Taken{Part: "cases", Name: library, Version: 7, Writer: "llm", Model: "modell-1", By: kari.Name, At: kari.At}
	if p := out.Provenance; p.Writer != "builtin" || !reflect.DeepEqual(p.Taken, []referent.Taken{want}) {
		t.Errorf("provenance: %+v", p)
	}
}

// Nobody approves a count that nobody has confirmed, wherever it came from.
func TestATakenVoteIsConfirmed(t *testing.T) {
	ready := func(m *referent.Minutes) *referent.Minutes {
		for i := range m.Votes {
			m = must(t, m, review.Edit{Do: review.Confirm, List: review.Votes, Index: i})
		}
		for len(m.NeedsReview) > 0 {
			m = must(t, m, review.Edit{Do: review.Dismiss, List: review.NeedsReview})
		}
		return m
	}
	now := ready(protocol())
	if _, err := review.Approved(now, kari); err != nil {
		t.Fatal(err)
	}
	forged := ready(anew()) // a machine's version that says that somebody confirmed it
	other := anew()
	for name, from := range map[string]review.Source{"a machine's": machine(other), "a machine's, confirmed": machine(forged), "a person's": {Version: 7, Minutes: other, Person: true}} {
		out := take(t, now, from, review.Cases, 0)
		if _, err := review.Approved(out, kari); referent.CodeOf(err) != referent.CodeUnchecked || out.Votes[0].Confirmed != nil || review.Left(out).Review != 1 {
			t.Errorf("%s: %v, %+v", name, err, out.Votes)
		}
		if o := offers(t, now, from)[library]; o.Confirmed != 1 {
			t.Errorf("%s: %+v", name, o)
		}
		done := must(t, out, review.Edit{Do: review.Confirm, List: review.Votes})
		if _, err := review.Approved(done, kari); err != nil {
			t.Errorf("%s, confirmed: %v", name, err)
		}
	}
	out := take(t, now, review.Source{Version: 7, Minutes: forged, Person: true}, review.Cases, 0)
	if v := out.Votes[0]; v.Confirmed == nil || *v.For != 5 {
		t.Errorf("a person confirmed it there: %+v", v)
	}
	if _, err := review.Approved(out, kari); err != nil {
		t.Errorf("a person confirmed it there: %v", err)
	}

	// The same count stays confirmed, whoever wrote the rest of the case; other words on it do not.
	same := protocol()
	same.Decisions[0].Text, same.Items[3].Points[0].Text = "Det blir lørdagsåpent.", "Det blir lørdagsåpent."
	if out := take(t, now, machine(same), review.Cases, 0); out.Votes[0].Confirmed == nil || len(out.NeedsReview) != 0 || out.Decisions[0].Text != "Det blir lørdagsåpent." {
		t.Errorf("the same vote: %s", text(t, out))
	}
	same.Votes[0].Proposal = "Biblioteket stenger på lørdager."
	same.NeedsReview = nil
	extract.ReviewVotes(same)
	if out := take(t, now, machine(same), review.Cases, 0); out.Votes[0].Confirmed != nil || review.Left(out).Review != 1 {
		t.Errorf("a vote on something else: %s", text(t, out))
	}
}

// A question that asks for a vote that stays is not taken for that of one that goes, and both have one.
func TestAVoteThatStaysIsStillAsked(t *testing.T) {
	now := protocol()
	twin := now.Votes[0]
	twin.Case, twin.Proposal = pier, "Biblioteket holder lørdagsåpent og brygga rives."
	now.Votes, now.NeedsReview = append(now.Votes, twin), now.NeedsReview[:1]
	extract.ReviewVotes(now)
	for _, confirm := range []bool{false, true} {
		from := now
		if confirm {
			from = must(t, now, review.Edit{Do: review.Confirm, List: review.Votes})
		}
		out := take(t, from, machine(anew()), review.Cases, 0)
		if left := review.Left(out).Review; left != 3 { // the note and both votes
			t.Errorf("confirmed %v: %d left: %+v", confirm, left, out.NeedsReview)
		}
		for i := range out.Votes {
			if out.Votes[i].Case == pier && !slices.ContainsFunc(out.NeedsReview, func(r referent.ReviewItem) bool { return strings.Contains(r.Text, "brygga rives") }) {
				t.Errorf("confirmed %v: the vote that stays is not asked for: %+v", confirm, out.NeedsReview)
			}
		}
	}
}

func TestWhatIsMissingFollowsThePart(t *testing.T) {
	result := func(name string) string { return norsk.MissingResult.In("nb", "case", name) }
	proposer := norsk.MissingProposer.In("nb", "case", pier)
	now := protocol()
	now.Missing = []string{"Møtested", result(library), "PS 1/26 Bibliotek: et vedlegg", norsk.MissingMovement.In("nb", "name", "Per")}
	other := anew()
	other.Place, other.Missing = "Rådhuset", []string{norsk.MissingNames.In("nb", "case", library), proposer}

	if out := take(t, now, machine(other), review.Cases, 0); !slices.Equal(out.Missing, []string{"Møtested", "PS 1/26 Bibliotek: et vedlegg", now.Missing[3], other.Missing[0]}) {
		t.Errorf("the first case: %q", out.Missing)
	}
	if out := take(t, now, machine(other), review.Cases, 1); !slices.Equal(out.Missing, append(slices.Clone(now.Missing), proposer)) {
		t.Errorf("the second case: %q", out.Missing)
	}
	if out := take(t, now, machine(other), review.Head, 0); !slices.Equal(out.Missing, now.Missing[1:]) {
		t.Errorf("the head: %q", out.Missing)
	}
	if out := take(t, other, machine(now), review.Head, 0); !slices.Contains(out.Missing, "Møtested") {
		t.Errorf("the place is lost: %q", out.Missing)
	}
	if out := take(t, now, machine(other), review.Actions, 0); !slices.Equal(out.Missing, now.Missing) {
		t.Errorf("the tasks: %q", out.Missing)
	}

	// What is in order stays so while it is the same, and is asked for when it is not.
	same := protocol()
	same.Missing = []string{result(library), norsk.MissingNames.In("nb", "case", library)}
	dismissed := must(t, must(t, same, review.Edit{Do: review.Dismiss, List: review.Missing}), review.Edit{Do: review.Dismiss, List: review.Missing})
	if out := take(t, dismissed, machine(other), review.Cases, 0); !slices.Contains(out.Missing, other.Missing[0]) {
		t.Errorf("another count, and who voted is not asked for: %q", out.Missing)
	}
	same.Cases[0].Proposals[0].Text = "Saken utsettes til våren."
	if out := take(t, dismissed, machine(same), review.Cases, 0); len(out.Missing) != 0 {
		t.Errorf("asked for again: %q", out.Missing)
	}
	// The other version's list was put in order by somebody; that is no answer here.
	put := must(t, same, review.Edit{Do: review.Dismiss, List: review.Missing})
	now.Missing = []string{result(library)}
	if out := take(t, now, review.Source{Version: 7, Minutes: put, Person: true}, review.Cases, 0); !slices.Contains(out.Missing, result(library)) {
		t.Errorf("taken for answered: %q", out.Missing)
	}
}

// What was taken in and is gone with the part is asked again; so is what was looked into, where something else that
// was heard there comes in.
func TestNoQuestionIsLost(t *testing.T) {
	now := summary()
	now.NeedsReview = []referent.ReviewItem{{Text: "Vi kjøper to.", Reason: "Uklart.", Evidence: []string{"s5"}}, {Text: "Vi selger.", Reason: "Uklart.", Evidence: []string{"s3"}}}
	now.PossiblyMissed = []referent.Point{{Text: "Kari rydder.", Evidence: []string{"s6"}}}
	now = must(t, now, review.Edit{Do: review.Accept, List: review.NeedsReview, As: review.Decisions})
	now = must(t, now, review.Edit{Do: review.Dismiss, List: review.NeedsReview})
	now = must(t, now, review.Edit{Do: review.Accept, List: review.PossiblyMissed, As: review.Actions})
	other := summary()
	other.Decisions[0].Text = "Vi kjøper en ny freser."
	other.NeedsReview = []referent.ReviewItem{{Text: "Vi selger.", Reason: "Uklart.", Evidence: []string{"s3"}}, {Text: "Vi bytter.", Reason: "Uklart.", Evidence: []string{"s3"}},
		{Text: "Det er mørkt.", Reason: "Uklart.", Evidence: []string{"s10"}}}
	other.Actions[0].Owner = "Ola"
	if o := offers(t, now, machine(other)); o["decisions"].Own != 1 || o["actions"].Own != 1 || o["Snø"].Differs {
		t.Errorf("offers: %+v", o)
	}
	out := take(t, now, machine(other), review.Decisions, 0)
	if texts := asked(out); !slices.Equal(texts, []string{"Vi selger.", "Vi bytter.", "Vi kjøper to."}) || len(out.Settled) != 2 {
		t.Errorf("decisions: %+v, settled %+v", out.NeedsReview, out.Settled)
	}
	out = take(t, out, machine(other), review.Actions, 0)
	if len(out.PossiblyMissed) != 1 || out.PossiblyMissed[0].Text != "Kari rydder." || out.Actions[0].Owner != "Ola" || len(out.Settled) != 1 {
		t.Errorf("tasks: %s", text(t, out))
	}
}

// Themes are the same by what was heard, whatever they are called and wherever they stand.
func TestThemesAreFoundByWhatTheyRestOn(t *testing.T) {
	now := must(t, summary(), review.Edit{Do: review.Set, List: review.Items, Index: 1, Words: review.Words{Text: "Belysning"}})
	now = must(t, now, review.Edit{Do: review.Add, List: review.Items, Index: 0, Words: review.Words{Text: "Velkommen"}})
	now = must(t, now, review.Edit{Do: review.Add, List: review.Points, Of: 2, Words: review.Words{Text: "Kari hadde med lykt."}})
	other := summary()
	other.Items = []referent.Item{
		{Heading: "Snømåking", Points: []referent.Point{{Text: "Det snør tett.", Evidence: []string{"s1"}}, {Text: "Freseren er gammel.", Evidence: []string{"s2"}}}},
		{Heading: "Velferd", Points: []referent.Point{{Text: "Kaffen er god.", Evidence: []string{"s8"}}}},
		{Heading: "Snø", Points: []referent.Point{{Text: "Lysene er slukket på tunet.", Evidence: []string{"s10"}}}},
	}
	o := offers(t, now, machine(other))
	if !o["Velkommen"].Kept || o["Velkommen"].Takes || !o["Velferd"].New || !o["Velferd"].Takes || o["Snø"].Own != 1 || o["Snømåking"].Own != 0 || o["actions"].Takes || o["actions"].Differs {
		t.Errorf("offers: %+v", o)
	}
	if out := take(t, now, machine(other), review.Items, 0); out.Items[1].Heading != "Snømåking" || !reflect.DeepEqual(out.Items[2], now.Items[2]) || len(out.Items) != 3 {
		t.Errorf("the first: %s", text(t, out))
	}
	if out := take(t, now, machine(other), review.Items, 1); len(out.Items) != 4 || out.Items[2].Heading != "Velferd" || out.Items[0].Heading != "Velkommen" {
		t.Errorf("the new one: %s", text(t, out))
	}
	if out := take(t, now, machine(other), review.Items, 2); out.Items[2].Heading != "Snø" || len(out.Items) != 3 || out.Items[1].Points[0].Text != "Det snør." {
		t.Errorf("the last: %s", text(t, out))
	}
	for _, which := range []review.Part{{List: review.Items, Index: 3}, {List: review.Items, Index: -1}, {List: review.Cases}, {List: review.Points}, {List: review.Votes}} {
		if _, err := review.Taken(now, machine(other), which, kari); referent.CodeOf(err) != referent.CodeNotFound {
			t.Errorf("%+v: %v", which, err)
		}
	}
	other.Actions = []referent.ActionItem{}
	if _, err := review.Taken(now, machine(other), review.Part{List: review.Actions}, kari); referent.CodeOf(err) != referent.CodeNotFound {
		t.Errorf("what is not there was taken: %v", err)
	}
}

// A statement that stands under a theme and among the decisions is one: the two are taken together.
func TestTwinsAreTakenTogether(t *testing.T) {
	now, other := summary(), summary()
	twin := func(m *referent.Minutes, words string) {
		m.Items[0].Points = append(m.Items[0].Points, referent.Point{Text: words, Evidence: []string{"s3"}})
		m.Decisions[0].Text = words
	}
	twin(now, "Vi kjøper en freser.")
	twin(other, "Vi kjøper to fresere.")
	o := offers(t, now, machine(other))
	if p := o["Snø"]; p.List != review.Decisions || !p.Takes || !o["Lys"].Kept && o["Lys"].Takes {
		t.Errorf("offers: %+v", o)
	}
	out := take(t, now, machine(other), review.Decisions, 0)
	if out.Decisions[0].Text != "Vi kjøper to fresere." || out.Items[0].Points[2].Text != out.Decisions[0].Text || len(out.Items) != 2 {
		t.Errorf("taken: %s", text(t, out))
	}
	// A theme that only the person's version has would say something else than the decision.
	now.Items = append(now.Items, referent.Item{Heading: "Til slutt", Points: []referent.Point{{Text: "Vi kjøper en freser.", Evidence: []string{"s3"}}, {Text: "Takk.", Added: true, Evidence: []string{}}}})
	if o := offers(t, now, machine(other))["Snø"]; o.Takes || !o.Refused {
		t.Errorf("what stays would be reworded: %+v", o)
	}
	if _, err := review.Taken(now, machine(other), review.Part{List: review.Decisions}, kari); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("what stays would be reworded: %v", err)
	}
}

func TestWhatCannotBeMixed(t *testing.T) {
	nynorsk := anew()
	nynorsk.Language = referent.Nynorsk
	for name, other := range map[string]*referent.Minutes{string(review.MixesForms): nynorsk, string(review.MixesKinds): summary()} {
		_, err := review.Taken(protocol(), machine(other), review.Part{List: review.Head}, kari)
		_, listed := review.Parts(protocol(), machine(other))
		if referent.CodeOf(err) != referent.CodeInvalid || referent.CodeOf(listed) != referent.CodeInvalid || string(review.Mixes(protocol(), other)) != name {
			t.Errorf("%s: %v, %v", name, err, listed)
		}
	}
	note := summary()
	note.Kind, note.Title = referent.KindCareNote, "Tilsyn"
	if out := take(t, summary(), machine(note), review.Head, 0); out.Title != "Tilsyn" || out.Kind != referent.KindReferat {
		t.Errorf("of another kind: %+v", out)
	}
	// Two cases of one name could not be told apart afterwards.
	other := anew()
	other.Items[4].Heading, other.Decisions[1].Case, other.Cases[1].Name = "PS 3/26 Kai", "PS 3/26 Kai", "PS 3/26 Kai"
	now := protocol()
	now.Items = append(now.Items, referent.Item{Heading: "PS 3/26 Kai", Points: []referent.Point{{Text: "Utsatt.", Added: true, Evidence: []string{}}}})
	list, err := review.Parts(now, machine(other))
	if err != nil || len(list) != 7 || list[2].Names[0] != "PS 3/26 Kai" || list[2].Takes || !list[4].Kept {
		t.Errorf("offered: %+v, %v", list, err)
	}
	if _, err := review.Taken(now, machine(other), list[2].Part, kari); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("taken: %v", err)
	}
}

// A case that only the other version has is put in where it was treated; so is what belongs to none.
func TestACaseIsPutInAtItsPlace(t *testing.T) {
	whole := anew()
	whole.Items = slices.Insert(whole.Items, 0, referent.Item{Heading: "Innledning", Points: []referent.Point{{Text: "Møtet er satt.", Evidence: []string{"s0"}}}})
	now := protocol()
	now.Items = now.Items[4:]
	now.Decisions, now.Votes, now.Cases = now.Decisions[1:], []referent.Vote{}, nil
	now.NeedsReview = now.NeedsReview[:1]
	out := take(t, now, machine(whole), review.Cases, 1)
	var headings []string
	for _, it := range out.Items {
		headings = append(headings, it.Heading)
	}
	if !slices.Equal(headings, []string{library, "Innstilling", "Votering", "Vedtak", pier}) || out.Decisions[0].Case != library || len(out.Votes) != 1 || review.Left(out).Review != 2 {
		t.Errorf("%q: %s", headings, text(t, out))
	}
	out = take(t, out, machine(whole), review.Cases, 0)
	if len(out.Items) != 6 || out.Items[0].Heading != "Innledning" {
		t.Errorf("%s", text(t, out))
	}
}
