package review_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
)

func point(text string, ids ...string) referent.Point {
	return referent.Point{Text: text, Evidence: ids}
}

func headings(m *referent.Minutes) []string {
	var out []string
	for _, it := range m.Items {
		out = append(out, it.Heading)
	}
	return out
}

// A theme that is divided in the other version, or that two there are one of, is taken as it is divided there: nothing
// of it is told twice, and none of it is new.
func TestDividedThemesAreTakenTogether(t *testing.T) {
	one, two := summary(), summary()
	one.Items = []referent.Item{{Heading: "Drift", Points: []referent.Point{point("Det snør.", "s1"), point("Freseren er gammel.", "s2"), point("Lysene er slukket.", "s10"),
		{Text: "Min egen.", Added: true, Evidence: []string{}}}}, {Heading: "Eventuelt", Points: []referent.Point{point("Takk.", "s30")}}}
	two.Items[0].Points[0].Text, two.Items[1].Points[0].Text = "Det snør tett.", "Lysene er av."
	o := offers(t, one, machine(two))["Snø+Lys"]
	if !o.Takes || o.New || o.Own != 1 {
		t.Errorf("divided: %+v", o)
	}
	if out := take(t, one, machine(two), review.Items, 0); !slices.Equal(headings(out), []string{"Snø", "Lys", "Eventuelt"}) {
		t.Errorf("divided: %s", text(t, out))
	}
	if _, err := review.Taken(one, machine(two), review.Part{List: review.Items, Index: 1}, kari); referent.CodeOf(err) != referent.CodeNotFound {
		t.Errorf("half of it: %v", err)
	}
	o = offers(t, two, machine(one))["Drift+Lys"]
	if !o.Takes || o.New {
		t.Errorf("gathered: %+v", o)
	}
	if gone, _ := o.Sides(); len(gone.Items) != 2 {
		t.Errorf("what goes is not told: %+v", gone.Items)
	}
	if out := take(t, two, machine(one), review.Items, 0); !reflect.DeepEqual(out.Items[0], one.Items[0]) || len(out.Items) != 1 {
		t.Errorf("gathered: %s", text(t, out))
	}
	// What was decided here, and is but a point there, is not struck for it.
	other := summary()
	other.Decisions = []referent.Decision{}
	other.Items[1].Points = append(other.Items[1].Points, point("En freser blir kjøpt.", "s3"))
	if o := offers(t, summary(), machine(other))["Lys"]; o.Takes || !o.Refused {
		t.Errorf("decisions go with a theme: %+v", o)
	}
	if _, err := review.Taken(summary(), machine(other), review.Part{List: review.Items, Index: 1}, kari); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("decisions go with a theme: %v", err)
	}
}

// A unit that stays is never reworded: what cannot come without is refused.
func TestNothingThatStaysIsReworded(t *testing.T) {
	now, other := summary(), summary()
	now.Decisions = []referent.Decision{{Text: "Vi kjøper en freser.", Evidence: []string{"s3"}}, {Text: "Vi leier en lift.", Evidence: []string{"s3"}}}
	now.Items = append(now.Items, referent.Item{Heading: "Oppsummert", Points: []referent.Point{point("Vi kjøper en freser.", "s3"), point("Vi leier en lift.", "s3")}})
	other.Decisions = []referent.Decision{{Text: "Det leies en lift.", Evidence: []string{"s3"}}, {Text: "Det kjøpes en freser.", Evidence: []string{"s3"}}}
	o := offers(t, now, machine(other))["decisions"]
	if o.Takes || !o.Refused {
		t.Errorf("offered: %+v", o)
	}
	if _, err := review.Taken(now, machine(other), review.Part{List: review.Decisions}, kari); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("taken: %v", err)
	}
	// It comes where it says the same still.
	other.Decisions = append(slices.Clone(now.Decisions), referent.Decision{Text: "Vi selger.", Evidence: []string{"s31"}})
	if out := take(t, now, machine(other), review.Decisions, 0); !reflect.DeepEqual(out.Items, now.Items) || len(out.Decisions) != 3 {
		t.Errorf("taken: %s", text(t, out))
	}
}

// A heading that people put into a case, or in the place of one of its own, is the case's.
func TestAHeadingWithinACaseIsTheCases(t *testing.T) {
	for i, name := range map[int]string{2: "Avstemning", 3: "Formannskapets vedtak"} {
		now := must(t, protocol(), review.Edit{Do: review.Set, List: review.Items, Index: i, Words: review.Words{Text: name}})
		if o := offers(t, now, machine(anew())); !o[library].Takes || !o[library].Details || o[name].Kept {
			t.Errorf("%s: %+v", name, o)
		}
		out := take(t, now, machine(anew()), review.Cases, 0)
		if !slices.Equal(headings(out), headings(protocol())) || len(out.Votes) != 1 || len(out.Decisions) != 2 || out.Items[3].Points[0].Text != "Biblioteket holder åpent hver lørdag." {
			t.Errorf("%s: %s", name, text(t, out))
		}
		// And the other way: it comes with the case.
		if out := take(t, anew(), machine(now), review.Cases, 0); !slices.Equal(headings(out), headings(now)) {
			t.Errorf("%s: %q", name, headings(out))
		}
	}
	// A case is put in after all of the one before it.
	now, other := protocol(), protocol()
	now.Items = slices.Insert(now.Items[:4], 4, referent.Item{Heading: "Merknader", Points: []referent.Point{{Text: "Ola var uenig.", Added: true, Evidence: []string{}}}})
	other.Items = slices.Insert(other.Items, 4, referent.Item{Heading: "PS 9/26 Kai", Points: []referent.Point{point("Kaia er lang.", "s50")}})
	now.Decisions = now.Decisions[:1]
	if out := take(t, now, machine(other), review.Cases, 1); !slices.Equal(headings(out), []string{library, "Innstilling", "Votering", "Vedtak", "Merknader", "PS 9/26 Kai"}) {
		t.Errorf("put in at %q", headings(out))
	}
}

// What a person has moved to another case is one thing with what it was where it stood.
func TestAMovedDecisionIsNotTwo(t *testing.T) {
	now, other := protocol(), protocol()
	now = must(t, now, review.Edit{Do: review.Set, List: review.Decisions, Index: 1, Words: review.Words{Text: "Brygga repareres.", Case: library}})
	other.Decisions[1].Text = "Brygga settes i stand."
	o := offers(t, now, machine(other))[library+"+"+pier]
	if !o.Takes || o.New || o.Own != 1 {
		t.Errorf("offered: %+v", o)
	}
	if out := take(t, now, machine(other), review.Cases, 0); !reflect.DeepEqual(out.Decisions, other.Decisions) {
		t.Errorf("taken: %+v", out.Decisions)
	}
}

// Each series of cases has its own numbers; where there is but one, it need not be said.
func TestTheSeriesIsOfTheNumber(t *testing.T) {
	const letter = "RS 1/26 Brev fra Ola"
	now, other := protocol(), anew()
	now.Items = append(now.Items, referent.Item{Heading: letter, Points: []referent.Point{{Text: "Tatt til orientering.", Added: true, Evidence: []string{}}}})
	other.Items = append(other.Items, referent.Item{Heading: letter, Points: []referent.Point{point("Brevet ble lest.", "s30")}})
	o := offers(t, now, machine(other))
	if !o[library].Takes || o[library].Own != 0 || !o[letter].Takes || o[letter].Own != 1 {
		t.Errorf("offered: %+v", o)
	}
	if out := take(t, now, machine(other), review.Cases, 0); !reflect.DeepEqual(out.Items[5], now.Items[5]) {
		t.Errorf("taken: %+v", out.Items)
	}
	now = protocol()
	now.Decisions[0].Case = "sak 1/26"
	if out := take(t, now, machine(anew()), review.Cases, 0); len(out.Decisions) != 2 || out.Decisions[0].Case != library {
		t.Errorf("without the series: %+v", out.Decisions)
	}
}

// Minutes tell once of each part where it came from, however often it is taken.
func TestTakenIsToldOnceOfAPart(t *testing.T) {
	a, b := summary(), summary()
	b.Decisions[0].Text, b.Provenance.Writer, b.Provenance.Model = "Vi leier en freser.", "llm", "modell-1"
	all := []*referent.Minutes{a, b}
	for i := 2; i < 22; i++ {
		all = append(all, take(t, all[i-1], review.Source{Version: i - 1, Minutes: all[i-2], Person: true}, review.Decisions, 0))
	}
	for i, m := range all[2:] {
		writer := []string{"builtin", "llm"}[i%2]
		if got := m.Provenance.Taken; len(got) != 1 || got[0].Version != i+1 || got[0].Writer != writer {
			t.Fatalf("version %d: %+v", i+3, got)
		}
	}
	// What came with one case says nothing of another.
	other := anew()
	other.Decisions[1].Text = "Brygga males."
	first := take(t, protocol(), machine(other), review.Cases, 0)
	both := take(t, first, machine(other), review.Cases, 1)
	if got := both.Provenance.Taken; len(got) != 2 || got[0].Name != library || got[1].Name != pier {
		t.Errorf("both: %+v", got)
	}
	if got := take(t, protocol(), review.Source{Version: 8, Minutes: both, Person: true}, review.Cases, 1).Provenance.Taken; len(got) != 1 || got[0].Name != pier || got[0].Writer != "llm" || got[0].Version != 8 {
		t.Errorf("the second: %+v", got)
	}
	if got := take(t, both, review.Source{Version: 9, Minutes: protocol()}, review.Cases, 0).Provenance.Taken; len(got) != 2 || got[0].Name != pier || got[1].Writer != "builtin" {
		t.Errorf("taken away again: %+v", got)
	}
}

// What is told nowhere else to go is told: what bears no mark, and each vote that was confirmed.
func TestAllThatGoesIsTold(t *testing.T) {
	now := must(t, summary(), review.Edit{Do: review.Set, List: review.NextMeeting, Words: review.Words{Text: "Torsdag hos Ola."}})
	now = must(t, now, review.Edit{Do: review.Set, List: review.Head, Words: review.Words{Text: "Vår tittel", Date: "2026-11-20", Place: "Rom 3"}})
	now = must(t, now, review.Edit{Do: review.Set, List: review.Items, Index: 0, Words: review.Words{Text: "Vårt tema"}})
	o := offers(t, now, machine(summary()))
	if !o["head"].Details || !o["next_meeting"].Details || !o["Snø"].Details || o["Lys"].Details || o["decisions"].Details {
		t.Errorf("details: %+v", o)
	}
	now, other := protocol(), protocol()
	second := now.Votes[0]
	second.Proposal, second.Evidence = "Åpent også søndag.", []string{"s12"}
	now.Votes, other.Votes = append(now.Votes, second), append(other.Votes, second)
	now = must(t, now, review.Edit{Do: review.Confirm, List: review.Votes, Index: 0})
	other.Votes[0].For = number(5)
	other = must(t, other, review.Edit{Do: review.Confirm, List: review.Votes, Index: 1})
	if o := offers(t, now, review.Source{Version: 7, Minutes: other, Person: true})[library]; o.Confirmed != 1 {
		t.Errorf("a confirmation goes and another comes: %+v", o)
	}
}

// What is the same in both versions is not taken, and no version is made of it.
func TestNothingComesOfTheSame(t *testing.T) {
	if _, err := review.Taken(summary(), machine(summary()), review.Part{List: review.Actions}, kari); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("taken: %v", err)
	}
}

// The work grows with the minutes, not with their square and more, and is refused beyond what any meeting needs.
func TestTheWorkIsBounded(t *testing.T) {
	named := func(cases int, word string) *referent.Minutes {
		m := protocol()
		m.Items, m.Cases, m.Decisions, m.Votes, m.NeedsReview = nil, nil, nil, nil, nil
		for i := range cases {
			name, ids := fmt.Sprintf("PS %d/26 Sak om noe viktig", i+1), []string{fmt.Sprintf("s%d", i*10)}
			m.Items = append(m.Items, referent.Item{Heading: name}, referent.Item{Heading: "Vedtak", Points: []referent.Point{point(word, ids...)}})
			m.Decisions = append(m.Decisions, referent.Decision{Text: word, Case: name, Evidence: ids})
		}
		return m
	}
	cost := func(cases int) float64 {
		now, other := named(cases, "Slik."), named(cases, "Slik ble det.")
		return testing.AllocsPerRun(1, func() {
			if list, err := review.Parts(now, machine(other)); err != nil || len(list) != cases+4 {
				t.Fatalf("%d parts: %v", len(list), err)
			}
			if _, err := review.Taken(now, machine(other), review.Part{List: review.Cases, Index: cases / 2}, kari); err != nil {
				t.Fatal(err)
			}
		})
	}
	if few, many := cost(25), cost(200); many > 16*few {
		t.Errorf("25 cases cost %.0f allocations, 200 %.0f", few, many)
	}
	many := summary()
	for range 3000 {
		many.Items = append(many.Items, referent.Item{Heading: "a", Points: []referent.Point{}})
	}
	said := summary()
	for range 10000 {
		said.Items[0].Points = append(said.Items[0].Points, point("Det snør.", "s1"))
	}
	for name, m := range map[string]*referent.Minutes{"themes": many, "statements": said} {
		if _, err := review.Parts(m, machine(summary())); referent.CodeOf(err) != referent.CodeTooLarge || review.Mixes(m, summary()) != review.MixesSize {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := review.Taken(summary(), machine(m), review.Part{List: review.Head}, kari); referent.CodeOf(err) != referent.CodeTooLarge {
			t.Errorf("%s, from: %v", name, err)
		}
	}
}

// Who took what from where is told by taking it, and by nothing that is handed in.
func TestNobodyElseTellsWhatWasTaken(t *testing.T) {
	now := take(t, protocol(), machine(anew()), review.Actions, 0)
	forged := anew()
	forged.Provenance.Taken = []referent.Taken{{Part: "head", Version: 3, Writer: "llm", By: "Ola Hansen", At: kari.At}}
	for name, from := range map[string]*referent.Minutes{"over others": now, "as the first": nil} {
		out, err := review.Handed(from, forged)
		if err != nil {
			t.Fatal(err)
		}
		if got := out.Provenance.Taken; from == nil && got != nil || from != nil && !reflect.DeepEqual(got, now.Provenance.Taken) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if review.Machine(forged); forged.Provenance.Taken != nil {
		t.Errorf("a machine's: %+v", forged.Provenance.Taken)
	}
}
