package minutes_test

import (
	"slices"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/eval/minutes"
)

// councilYAML has one of everything that is scored.
const councilYAML = `
about: One of everything.
kind: moteprotokoll
language: nb
title: Møte i formannskapet
body: Formannskapet
date: 2026-11-19
participants:
  - {name: Kari Lunde, role: ordfører, party: Ap}
  - {name: Ola Berge, party: H}
  - {name: Siv Moe, party: Ap}
  - {name: Per Dahl, party: H, absent: true}
agenda:
  - {number: PS 12/26, title: Parkering ved skolen}
lines:
  - "Kari Lunde: Velkommen. Per Dahl har meldt forfall. Vi går til sak 12/26."
  - "Ola Berge: Jeg fremmer forslag om tjue parkeringsplasser ved skolen."
  - "Kari Lunde: Da stemmer vi. For stemte Siv og jeg, imot stemte Ola."
  - "Kari Lunde: Forslaget er vedtatt med to mot én stemme."
  - "Siv Moe: Kan du bestille skilt, Ola?"
  - "Ola Berge: Ja, jeg bestiller skilt innen fredag."
  - "Kari Lunde: Vi kunne hatt en fontene også, men det er ikke penger til det."
  - "Kari Lunde: Neste møte er 3. desember klokka 10."
gold:
  decisions:
    - {text: Tjue parkeringsplasser ved skolen, lines: [2, 3, 4], keys: [parkering, skolen]}
  actions:
    - {task: Bestille skilt, owner: Ola Berge, due: 2026-11-20, lines: [5, 6], keys: [skilt]}
  votes:
    - {proposal: Tjue parkeringsplasser, for: 2, against: 1, adopted: true, for_members: [Kari Lunde, Siv Moe],
       against_members: [Ola Berge], lines: [2, 3, 4], keys: [parkering]}
  present: [Kari Lunde, Ola Berge, Siv Moe]
  absent: [Per Dahl]
  next: {date: 2026-12-03, time: "10.00", lines: [8]}
  never: [fontene]
`

func council(t *testing.T) minutes.Case {
	t.Helper()
	c, err := minutes.Parse([]byte(councilYAML))
	if err != nil {
		t.Fatal(err)
	}
	c.Name = "council"
	return c
}

func ref[T any](v T) *T { return &v }

// perfect are minutes of the council in which nothing is wrong.
func perfect() *referent.Minutes {
	return &referent.Minutes{
		Kind: referent.KindProtocol, Language: referent.Bokmal,
		Present: []string{"Kari Lunde", "Siv Moe", "Ola Berge"}, Absent: []string{"Per Dahl"},
		Items: []referent.Item{{Heading: "PS 12/26 Parkering ved skolen", Points: []referent.Point{
			{Text: "Forslag fra Ola Berge: Tjue parkeringsplasser ved skolen.", Evidence: []string{"s2"}}}}},
		Decisions: []referent.Decision{{Text: "Det blir 20 parkeringsplasser ved skolen.", Case: "PS 12/26", Evidence: []string{"s2", "s4"}}},
		Actions: []referent.ActionItem{{Task: "Bestille skilt innen 20. november 2026", Owner: "Ola Berge", Due: ref("2026-11-20"),
			Evidence: []string{"s6"}}},
		Votes: []referent.Vote{{Case: "PS 12/26", Proposal: "Tjue parkeringsplasser ved skolen", For: ref(2), Against: ref(1), Outcome: "vedtatt",
			ForMembers: []string{"Kari Lunde", "Siv Moe"}, AgainstMembers: []string{"Ola Berge"}, Evidence: []string{"s2", "s3", "s4"}}},
		NextMeeting: &referent.NextMeeting{Date: ref("2026-12-03"), Time: "10.00", Text: "Neste møte er 3. desember klokka 10.", Evidence: []string{"s8"}},
		NeedsReview: []referent.ReviewItem{{Text: "Tjue parkeringsplasser", Reason: "Voteringen skal bekreftes av sekretæren.", Evidence: []string{"s3"}}},
		Provenance:  referent.Provenance{Writer: "builtin", PromptTokens: 30, AnswerTokens: 12, Seconds: 1.5},
	}
}

// same compares figures; a Result holds a slice and cannot be compared as it is.
func same(t *testing.T, got, want minutes.Result) {
	t.Helper()
	g, w := figures("", got), figures("", want)
	if g != w || got.Tokens != want.Tokens || got.Seconds != want.Seconds {
		t.Errorf("got %s\nwant %s\nfaults %+v", g, w, got.Faults)
	}
}

func ideal() minutes.Result {
	return minutes.Result{
		Decisions: minutes.Found{Gold: 1, Written: 1, Matched: 1}, Actions: minutes.Found{Gold: 1, Written: 1, Matched: 1},
		Owners: minutes.Share{Right: 1, Of: 1}, Dues: minutes.Share{Right: 1, Of: 1}, Votes: minutes.Votes{Exact: 1},
		Attendance: minutes.Share{Right: 1, Of: 1}, Next: minutes.Share{Right: 1, Of: 1}, Cited: minutes.Share{Right: 5, Of: 5},
		Tokens: 42, Seconds: 1.5,
	}
}

func TestPerfectMinutes(t *testing.T) {
	r := minutes.Score(council(t), perfect())
	same(t, r, ideal())
	if len(r.Faults) != 0 || r.Case != "council" || r.Kind != referent.KindProtocol {
		t.Errorf("%+v", r)
	}
}

// Each fault lowers its own figure and no other.
func TestFaults(t *testing.T) {
	nn := func(m *referent.Minutes) { m.Language = referent.Nynorsk }
	for _, test := range []struct {
		name  string
		spoil func(m *referent.Minutes)
		want  func(r *minutes.Result)
		fault minutes.FaultKind
	}{
		{"a decision is missing", func(m *referent.Minutes) { m.Decisions = nil },
			func(r *minutes.Result) {
				r.Decisions = minutes.Found{Gold: 1, Aside: 1}
				r.Cited = minutes.Share{Right: 4, Of: 4}
			}, minutes.MissedDecision},
		{"a decision cites another place", func(m *referent.Minutes) {
			m.Decisions[0] = referent.Decision{Text: "Neste møte er ved skolen, om parkering.", Evidence: []string{"s8"}}
		}, func(r *minutes.Result) {
			r.Decisions = minutes.Found{Gold: 1, Written: 1, Aside: 1}
		}, minutes.FalseDecision},
		{"a decision without what it is about", func(m *referent.Minutes) { m.Decisions[0].Text = "Forslaget er vedtatt." },
			func(r *minutes.Result) { r.Decisions = minutes.Found{Gold: 1, Written: 1, Aside: 1} }, minutes.FalseDecision},
		{"a decision twice", func(m *referent.Minutes) { m.Decisions = append(m.Decisions, m.Decisions[0]) },
			func(r *minutes.Result) { r.Decisions.Written = 2; r.Cited = minutes.Share{Right: 6, Of: 6} }, minutes.FalseDecision},
		{"a task waits for a person", func(m *referent.Minutes) {
			m.Actions = nil
			m.NeedsReview = append(m.NeedsReview, referent.ReviewItem{Text: "Ola: bestille skilt", Reason: "?", Evidence: []string{"s5"}})
		}, func(r *minutes.Result) {
			r.Actions = minutes.Found{Gold: 1, Aside: 1}
			r.Owners, r.Dues, r.Cited = minutes.Share{}, minutes.Share{}, minutes.Share{Right: 4, Of: 4}
		}, minutes.MissedAction},
		{"a task that nobody took", func(m *referent.Minutes) {
			m.Actions = append(m.Actions, referent.ActionItem{Task: "Gå til sak 12/26", Owner: "Kari Lunde", Evidence: []string{"s1"}})
		}, func(r *minutes.Result) { r.Actions.Written = 2; r.Cited = minutes.Share{Right: 6, Of: 6} }, minutes.FalseAction},
		{"the wrong person", func(m *referent.Minutes) { m.Actions[0].Owner, m.Actions[0].Evidence = "Siv Moe", []string{"s5", "s6"} },
			func(r *minutes.Result) { r.Owners.Right = 0 }, minutes.WrongOwner},
		{"no deadline", func(m *referent.Minutes) { m.Actions[0].Due = nil }, func(r *minutes.Result) { r.Dues.Right = 0 }, minutes.WrongDue},
		{"a vote's outcome", func(m *referent.Minutes) { m.Votes[0].Outcome = "falt" },
			func(r *minutes.Result) { r.Votes = minutes.Votes{Wrong: 1} }, minutes.WrongVote},
		{"a vote's members", func(m *referent.Minutes) {
			m.Votes[0].ForMembers, m.Votes[0].AgainstMembers = []string{"Kari Lunde", "Ola Berge"}, []string{"Siv Moe"}
		},
			func(r *minutes.Result) { r.Votes = minutes.Votes{Wrong: 1} }, minutes.WrongVote},
		{"a vote that says what is doubtful", func(m *referent.Minutes) {
			m.Votes[0].For = nil
			m.Votes[0].Faults = []string{"Stemmetallet er ikke hørt."}
		},
			func(r *minutes.Result) { r.Votes = minutes.Votes{Flagged: 1} }, minutes.FlaggedVote},
		{"a vote that says something else is doubtful", func(m *referent.Minutes) {
			m.Votes[0].Outcome = "falt"
			m.Votes[0].Faults = []string{"«Sif» er lest som Siv Moe.", "Stemmetallet er ikke hørt."}
		},
			func(r *minutes.Result) { r.Votes = minutes.Votes{Wrong: 1} }, minutes.WrongVote},
		{"a vote of which one part is told", func(m *referent.Minutes) {
			m.Votes[0].For, m.Votes[0].Outcome = ref(1), "falt"
			m.Votes[0].Faults = []string{"I opptaket høres «falt»."}
		},
			func(r *minutes.Result) { r.Votes = minutes.Votes{Wrong: 1} }, minutes.WrongVote},
		{"a vote that a note on something else cites", func(m *referent.Minutes) {
			m.Votes[0].Against = nil
			m.NeedsReview = append(m.NeedsReview, referent.ReviewItem{Text: "Tjue parkeringsplasser", Reason: "Flere deltakere heter dette.", Evidence: []string{"s4"}})
		}, func(r *minutes.Result) { r.Votes = minutes.Votes{Wrong: 1} }, minutes.WrongVote},
		{"a vote that a note tells of", func(m *referent.Minutes) {
			m.Votes[0].Against = nil
			m.NeedsReview = append(m.NeedsReview, referent.ReviewItem{Text: "Tjue parkeringsplasser", Reason: "For, imot og blanke er til sammen 2, men 3 var til stede og kunne stemme.", Evidence: []string{"s4"}})
		}, func(r *minutes.Result) { r.Votes = minutes.Votes{Flagged: 1} }, minutes.FlaggedVote},
		{"a vote that is not written", func(m *referent.Minutes) { m.Votes = nil },
			func(r *minutes.Result) { r.Votes = minutes.Votes{Wrong: 1}; r.Cited = minutes.Share{Right: 4, Of: 4} }, minutes.WrongVote},
		{"a vote that was not held", func(m *referent.Minutes) {
			m.Votes = append(m.Votes, referent.Vote{Proposal: "Sak 12/26", Outcome: "vedtatt", Evidence: []string{"s7"}})
		}, func(r *minutes.Result) {
			r.Votes.Wrong = 1
			r.Cited = minutes.Share{Right: 6, Of: 6}
			r.Unsupported = 0
		}, minutes.WrongVote},
		{"somebody of no meeting", func(m *referent.Minutes) { m.Present = append(m.Present, "Osvald Kvistad") },
			func(r *minutes.Result) { r.Attendance.Right, r.Unsupported = 0, 1 }, minutes.Unsupported},
		{"somebody of no meeting who is absent", func(m *referent.Minutes) { m.Absent = append(m.Absent, "Osvald Kvistad") },
			func(r *minutes.Result) { r.Attendance.Right, r.Unsupported = 0, 1 }, minutes.Unsupported},
		{"a party that nobody named", func(m *referent.Minutes) { m.Votes[0].ForParties = []string{"Sp"} },
			func(r *minutes.Result) { r.Unsupported = 1 }, minutes.Unsupported},
		{"an alternative with a number nobody said", func(m *referent.Minutes) { m.Votes[0].Alternative = "40 plasser." },
			func(r *minutes.Result) { r.Unsupported = 1 }, minutes.Unsupported},
		{"a double vote that nobody told of", func(m *referent.Minutes) { m.Votes[0].DoubleVote = true },
			func(r *minutes.Result) { r.Unsupported = 1 }, minutes.Unsupported},
		{"a movement that nobody told of", func(m *referent.Minutes) {
			m.Movements = []referent.Movement{{Name: "Ola Berge", What: referent.MovementDisqualified, Evidence: []string{"s2"}}}
		}, func(r *minutes.Result) { r.Unsupported, r.Cited = 1, minutes.Share{Right: 6, Of: 6} }, minutes.Unsupported},
		{"somebody who was not there", func(m *referent.Minutes) { m.Present = append(m.Present, "Per Dahl") },
			func(r *minutes.Result) { r.Attendance.Right = 0 }, minutes.WrongPresence},
		{"nobody absent", func(m *referent.Minutes) { m.Absent = nil }, func(r *minutes.Result) { r.Attendance.Right = 0 }, minutes.WrongPresence},
		{"the next meeting's time", func(m *referent.Minutes) { m.NextMeeting.Time = "" },
			func(r *minutes.Result) { r.Next.Right = 0 }, minutes.WrongNext},
		{"no next meeting", func(m *referent.Minutes) { m.NextMeeting = nil },
			func(r *minutes.Result) { r.Next.Right = 0; r.Cited = minutes.Share{Right: 4, Of: 4} }, minutes.WrongNext},
		{"no citation", func(m *referent.Minutes) {
			m.Items[0].Points[0] = referent.Point{Text: "Det ble snakket om parkering."}
		},
			func(r *minutes.Result) { r.Cited.Right = 4 }, minutes.BadCitation},
		{"a citation of nothing", func(m *referent.Minutes) { m.Decisions[0].Evidence = append(m.Decisions[0].Evidence, "s99") },
			func(r *minutes.Result) { r.Cited.Right = 4 }, minutes.BadCitation},
		{"a number that was not said", func(m *referent.Minutes) { m.Decisions[0].Text = "Det blir 25 parkeringsplasser ved skolen." },
			func(r *minutes.Result) { r.Unsupported = 1 }, minutes.Unsupported},
		{"a number in words that was not said", func(m *referent.Minutes) { m.Items[0].Points[0].Text = "Forslag om tretti parkeringsplasser." },
			func(r *minutes.Result) { r.Unsupported = 1 }, minutes.Unsupported},
		{"a name that was not said", func(m *referent.Minutes) { m.Decisions[0].Text = "Det blir 20 parkeringsplasser ved skolen i Storvik." },
			func(r *minutes.Result) { r.Unsupported = 1 }, minutes.Unsupported},
		{"a person who is not in the cited words", func(m *referent.Minutes) { m.Items[0].Points[0].Text = "Siv Moe fremmet forslag om parkeringsplasser." },
			func(r *minutes.Result) { r.Unsupported = 2 }, minutes.Unsupported},
		{"a date that was not said", func(m *referent.Minutes) { m.Items[0].Points[0].Text = "Skolen får plassene 1. mars 2027." },
			func(r *minutes.Result) { r.Unsupported = 1 }, minutes.Unsupported},
		{"a time that was not said", func(m *referent.Minutes) { m.NextMeeting.Text = "Neste møte er 3. desember klokka 11." },
			func(r *minutes.Result) { r.Unsupported = 1 }, minutes.Unsupported},
		{"a count that was not said", func(m *referent.Minutes) { m.Votes[0].Outcome = "vedtatt med 5 mot 1 stemmer" },
			func(r *minutes.Result) { r.Unsupported = 1 }, minutes.Unsupported},
		{"a word that a trap offers", func(m *referent.Minutes) {
			m.Items[0].Points = append(m.Items[0].Points, referent.Point{Text: "Det kommer en fontene.", Evidence: []string{"s7"}})
		}, func(r *minutes.Result) { r.Never = 1; r.Cited = minutes.Share{Right: 6, Of: 6} }, minutes.NeverWord},
		{"nynorsk in bokmål", func(m *referent.Minutes) { m.Missing = []string{"Kven som møtte"} },
			func(r *minutes.Result) { r.Mixed = 1 }, minutes.MixedForm},
		{"nynorsk words of its own", func(m *referent.Minutes) {
			m.Items[0].Points[0].Text = "Framlegg frå Ola Berge: Tjue parkeringsplasser ved skolen."
		},
			func(r *minutes.Result) { r.Mixed = 1 }, minutes.MixedForm},
		{"bokmål in nynorsk", func(m *referent.Minutes) {
			nn(m)
			m.Votes[0].Outcome = "vedtatt"
			m.Items[0].Points[0].Text = "Framlegg frå Ola Berge: Tjue parkeringsplasser ved skolen."
			m.NeedsReview[0].Reason = "Røystinga skal stadfestast av sekretæren."
		}, func(r *minutes.Result) { r.Mixed = 1 }, minutes.MixedForm},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, want := perfect(), ideal()
			test.spoil(got)
			test.want(&want)
			r := minutes.Score(council(t), got)
			same(t, r, want)
			if !slices.ContainsFunc(r.Faults, func(f minutes.Fault) bool { return f.Kind == test.fault }) {
				t.Errorf("no fault %s among %+v", test.fault, r.Faults)
			}
		})
	}
}

// What is right in other words is right.
func TestNoFaults(t *testing.T) {
	for name, change := range map[string]func(m *referent.Minutes){
		"a line beside":          func(m *referent.Minutes) { m.Actions[0].Evidence = []string{"s6", "s7"} },
		"a compound":             func(m *referent.Minutes) { m.Actions[0].Task = "Bestille parkeringsskilt" },
		"a surname alone":        func(m *referent.Minutes) { m.Items[0].Points[0].Text = "Berge fremmet forslag om 20 plasser." },
		"a genitive":             func(m *referent.Minutes) { m.Items[0].Points[0].Text = "Det er Berges forslag." },
		"the date in words":      func(m *referent.Minutes) { m.NextMeeting.Text = "Neste møte er tredje desember kl. 10.00." },
		"a count in the outcome": func(m *referent.Minutes) { m.Votes[0].Outcome = "vedtatt med 2 mot 1 stemmer" },
		"nobody blank":           func(m *referent.Minutes) { m.Votes[0].Blank = ref(0) },
		"the body's name":        func(m *referent.Minutes) { m.Items[0].Points[0].Text = "Forslaget til Formannskapet fikk støtte." },
		"a quotation":            func(m *referent.Minutes) { m.Items[0].Points[0].Text = "Hun sa «eg veit ikkje» om skolen." },
	} {
		t.Run(name, func(t *testing.T) {
			got := perfect()
			change(got)
			if r := minutes.Score(council(t), got); len(r.Faults) != 0 {
				t.Errorf("%+v", r.Faults)
			}
		})
	}
}

// Two people share a name: who is cited is not the other.
func TestNamesake(t *testing.T) {
	c := council(t)
	c.Participants = append(c.Participants, minutes.Participant{Name: "Kari Berg"})
	c.Lines[6].Text = "Kari Lunde kunne hatt en fontene, men det er ikke penger til det."
	for owner, unsupported := range map[string]int{"Kari Lunde": 0, "Kari Berg": 1} {
		got := perfect()
		got.Actions = append(got.Actions, referent.ActionItem{Task: "Spørre om penger", Owner: owner, Evidence: []string{"s7"}})
		if r := minutes.Score(c, got); r.Unsupported != unsupported {
			t.Errorf("%s: %d unsupported, %+v", owner, r.Unsupported, r.Faults)
		}
	}
	c.Lines[6].Text, c.Lines[6].Speaker = "Kari kunne hatt en fontene.", "Siv Moe"
	got := perfect()
	got.Actions = append(got.Actions, referent.ActionItem{Task: "Spørre", Owner: "Kari Berg", Evidence: []string{"s7"}})
	if r := minutes.Score(c, got); r.Unsupported != 0 {
		t.Errorf("a first name alone can be either's: %+v", r.Faults)
	}
}

func TestSum(t *testing.T) {
	missing := perfect()
	missing.Decisions = nil
	a, b := minutes.Score(council(t), perfect()), minutes.Score(council(t), missing)
	sum := minutes.Sum([]minutes.Result{a, b})
	if sum.Decisions.Recall() != 0.5 || sum.Decisions.Precision() != 1 || sum.Tokens != 84 || sum.Cited != (minutes.Share{Right: 9, Of: 9}) ||
		len(sum.Faults) != len(b.Faults) {
		t.Errorf("%+v", sum)
	}
	if none := minutes.Sum(nil); none.Decisions.Recall() != 1 || none.Decisions.Precision() != 1 {
		t.Errorf("of nothing, nothing is missed: %+v", none)
	}
}

// Whatever is invented into any sentence of any case is found.
func TestInventionsAreFound(t *testing.T) {
	cases, err := minutes.Cases()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, c := range cases {
		m, tr := c.Meeting()
		got, err := builtin(t.Context(), m, tr)
		if err != nil {
			t.Fatal(err)
		}
		was := minutes.Score(c, got).Unsupported
		var texts []*string
		for i := range got.Items {
			for j := range got.Items[i].Points {
				texts = append(texts, &got.Items[i].Points[j].Text)
			}
		}
		for i := range got.Decisions {
			texts = append(texts, &got.Decisions[i].Text)
		}
		for i := range got.Actions {
			texts = append(texts, &got.Actions[i].Task)
		}
		for _, invented := range []string{"Det sa også Trygve Hallgeirsplass", "Det koster 9731 kroner", "Det koster nittisju tusen kroner",
			"Det skjer 17. mars 2031", "Det skjer klokka 03.17", "Det gjelder i dalen ved Trollvika"} {
			var before []string
			for _, text := range texts {
				before = append(before, *text)
				*text += " " + invented + "."
			}
			if found := minutes.Score(c, got).Unsupported - was; found < len(texts) {
				t.Errorf("%s: %q is found %d times in %d sentences", c.Name, invented, found, len(texts))
			}
			for i, text := range texts {
				*text = before[i]
			}
			tried += len(texts)
		}
	}
	if tried < 500 {
		t.Errorf("only %d inventions were tried", tried)
	}
}
