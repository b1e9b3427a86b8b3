package minutes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Found is how the items of the gold and the items that were written met.
type Found struct {
	Gold    int `json:"gold"`
	Written int `json:"written"` // in the approved part
	Matched int `json:"matched"`
	Aside   int `json:"aside"` // of the gold that was not matched: put before a person (needs_review, possibly_missed)
}

// Recall is the share of the gold that was written as fact; 1 when there is none.
func (f Found) Recall() float64 { return Share{f.Matched, f.Gold}.Rate() }

// Precision is the share of what was written that the gold holds; 1 when nothing was written.
func (f Found) Precision() float64 { return Share{f.Matched, f.Written}.Rate() }

// Add sums two counts.
func (f Found) Add(o Found) Found {
	return Found{f.Gold + o.Gold, f.Written + o.Written, f.Matched + o.Matched, f.Aside + o.Aside}
}

// Share is how many of how many are right.
type Share struct {
	Right int `json:"right"`
	Of    int `json:"of"`
}

// Rate is the share; 1 of nothing.
func (s Share) Rate() float64 {
	if s.Of == 0 {
		return 1
	}
	return float64(s.Right) / float64(s.Of)
}

// Add sums two shares.
func (s Share) Add(o Share) Share { return Share{s.Right + o.Right, s.Of + o.Of} }

func one(right bool) Share {
	if right {
		return Share{1, 1}
	}
	return Share{0, 1}
}

// Votes counts votes, those of the gold and those that were written without there being one.
type Votes struct {
	Exact   int `json:"exact"`   // numbers, outcome and members
	Flagged int `json:"flagged"` // not exact, and a person is told what to look at
	Wrong   int `json:"wrong"`   // neither
}

// Of is how many there are.
func (v Votes) Of() int { return v.Exact + v.Flagged + v.Wrong }

// Add sums two counts.
func (v Votes) Add(o Votes) Votes {
	return Votes{v.Exact + o.Exact, v.Flagged + o.Flagged, v.Wrong + o.Wrong}
}

// FaultKind says which figure a fault belongs to.
type FaultKind string

// The kinds of fault, by the figure that they lower.
const (
	MissedDecision FaultKind = "missed_decision"
	FalseDecision  FaultKind = "false_decision"
	MissedAction   FaultKind = "missed_action"
	FalseAction    FaultKind = "false_action"
	WrongOwner     FaultKind = "owner"
	WrongDue       FaultKind = "due"
	FlaggedVote    FaultKind = "vote_flagged"
	WrongVote      FaultKind = "vote_wrong"
	WrongPresence  FaultKind = "attendance"
	WrongNext      FaultKind = "next"
	BadCitation    FaultKind = "citation"
	Unsupported    FaultKind = "unsupported"
	NeverWord      FaultKind = "never"
	MixedForm      FaultKind = "mixed_form"
)

// Fault is one thing that is not as it should be.
type Fault struct {
	Kind FaultKind `json:"kind"`
	Case string    `json:"case"`
	Text string    `json:"text"` // of the gold where something is missed, else of what was written
	Note string    `json:"note,omitempty"`
}

// Result is how one case's minutes, or the sum of several, compare with the gold.
type Result struct {
	Case      string            `json:"case,omitempty"`
	Kind      referent.Kind     `json:"kind,omitempty"`
	Language  referent.Language `json:"language,omitempty"`
	Decisions Found             `json:"decisions"`
	Actions   Found             `json:"actions"`
	// Owners and Dues are over the matched tasks in which the gold or the minutes name one.
	Owners     Share `json:"owners"`
	Dues       Share `json:"dues"`
	Votes      Votes `json:"votes"`
	Attendance Share `json:"attendance"` // cases in which present and absent are both exact
	Next       Share `json:"next"`       // next meetings with date and time as in the gold
	// Cited is over all statements of the approved part.
	Cited       Share `json:"cited"`
	Unsupported int   `json:"unsupported"` // names, numbers and dates that the cited words do not hold
	Never       int   `json:"never"`       // words that may not stand there
	Mixed       int   `json:"mixed"`       // words of the other form of Norwegian
	// Unread says that Unsupported, Never and Mixed were not looked for: the words are not Norwegian.
	Unread  bool    `json:"unread,omitempty"`
	Tokens  int     `json:"tokens"`
	Seconds float64 `json:"seconds"`
	Faults  []Fault `json:"faults"`
}

// Score compares minutes of a case with its gold.
func Score(c Case, got *referent.Minutes) Result {
	s := scoring{c: &c, got: got}
	s.Result = newResult(&c, got)
	s.decisions()
	s.actions()
	s.votes()
	s.attendance()
	s.next()
	s.never()
	s.support()
	return s.Result
}

func newResult(c *Case, got *referent.Minutes) Result {
	return Result{Case: c.Name, Kind: c.Kind, Language: c.Language, Faults: []Fault{},
		Tokens: got.Provenance.PromptTokens + got.Provenance.AnswerTokens, Seconds: got.Provenance.Seconds}
}

// support looks at every statement's citations, at what they do not hold, and at the form of Norwegian.
func (s *scoring) support() {
	r := newReader(s.c)
	for _, st := range approved(s.got) {
		s.statement(r, &st)
	}
	for _, name := range slices.Concat(s.got.Present, s.got.Absent) {
		if !r.met(name) {
			s.Unsupported++
			s.fault(Unsupported, name, "present or absent: name %s is of nobody in the meeting", name)
		}
	}
	s.form()
}

// Sum adds results up. The faults of all are kept, the names of none.
func Sum(all []Result) Result {
	sum := Result{Faults: []Fault{}}
	for _, r := range all {
		sum.Decisions, sum.Actions = sum.Decisions.Add(r.Decisions), sum.Actions.Add(r.Actions)
		sum.Owners, sum.Dues = sum.Owners.Add(r.Owners), sum.Dues.Add(r.Dues)
		sum.Votes, sum.Attendance, sum.Next = sum.Votes.Add(r.Votes), sum.Attendance.Add(r.Attendance), sum.Next.Add(r.Next)
		sum.Cited = sum.Cited.Add(r.Cited)
		sum.Unsupported, sum.Never, sum.Mixed = sum.Unsupported+r.Unsupported, sum.Never+r.Never, sum.Mixed+r.Mixed
		sum.Unread = sum.Unread || r.Unread
		sum.Tokens, sum.Seconds = sum.Tokens+r.Tokens, sum.Seconds+r.Seconds
		sum.Faults = append(sum.Faults, r.Faults...)
	}
	return sum
}

// scoring is one case while it is compared.
type scoring struct {
	Result
	c   *Case
	got *referent.Minutes
}

func (s *scoring) fault(kind FaultKind, text, note string, args ...any) {
	s.Faults = append(s.Faults, Fault{Kind: kind, Case: s.c.Name, Text: text, Note: fmt.Sprintf(note, args...)})
}

// aside are the texts that wait for a person.
func (s *scoring) aside() []written {
	var all []written
	for _, r := range s.got.NeedsReview {
		all = append(all, s.c.written(r.Text, r.Evidence))
	}
	for _, p := range s.got.PossiblyMissed {
		all = append(all, s.c.written(p.Text, p.Evidence))
	}
	return all
}

func (s *scoring) decisions() {
	var gold []wanted
	for _, d := range s.c.Gold.Decisions {
		gold = append(gold, wanted{d.Lines, d.Keys})
	}
	var list []written
	for _, d := range s.got.Decisions {
		list = append(list, s.c.written(d.Text, d.Evidence))
	}
	pairs := match(gold, list)
	s.Decisions = Found{Gold: len(gold), Written: len(list)}
	missed, extra := s.tally(&s.Decisions, gold, len(list), pairs)
	for _, i := range missed {
		s.fault(MissedDecision, s.c.Gold.Decisions[i].Text, "lines %v%s", gold[i].lines, s.waits(gold[i]))
	}
	for _, j := range extra {
		s.fault(FalseDecision, s.got.Decisions[j].Text, "%v", s.got.Decisions[j].Evidence)
	}
}

// tally counts pairs, and returns the gold that none was written for and the other way round.
func (s *scoring) tally(f *Found, gold []wanted, written int, pairs []int) (missed, extra []int) {
	used := map[int]bool{}
	for i, j := range pairs {
		if j >= 0 {
			f.Matched++
			used[j] = true
			continue
		}
		missed = append(missed, i)
		if s.waits(gold[i]) != "" {
			f.Aside++
		}
	}
	for j := range written {
		if !used[j] {
			extra = append(extra, j)
		}
	}
	return missed, extra
}

// waits says that something of the gold was at least put before a person.
func (s *scoring) waits(w wanted) string {
	for _, a := range s.aside() {
		if w.closeness(a) > 0 {
			return ", waits for a person"
		}
	}
	return ""
}

func (s *scoring) actions() {
	var gold []wanted
	for _, a := range s.c.Gold.Actions {
		gold = append(gold, wanted{a.Lines, a.Keys})
	}
	var list []written
	for _, a := range s.got.Actions {
		list = append(list, s.c.written(a.Task, a.Evidence))
	}
	pairs := match(gold, list)
	s.Actions = Found{Gold: len(gold), Written: len(list)}
	missed, extra := s.tally(&s.Actions, gold, len(list), pairs)
	for _, i := range missed {
		g := s.c.Gold.Actions[i]
		s.fault(MissedAction, g.Owner+": "+g.Task, "lines %v%s", gold[i].lines, s.waits(gold[i]))
	}
	for _, j := range extra {
		a := s.got.Actions[j]
		s.fault(FalseAction, a.Owner+": "+a.Task, "%v", a.Evidence)
	}
	for i, j := range pairs {
		if j < 0 {
			continue
		}
		g, a := s.c.Gold.Actions[i], s.got.Actions[j]
		if g.Owner != "" || a.Owner != "" {
			right := norsk.Fold(g.Owner) == norsk.Fold(a.Owner)
			s.Owners = s.Owners.Add(one(right))
			if !right {
				s.fault(WrongOwner, a.Task, "is %q, should be %q", a.Owner, g.Owner)
			}
		}
		due := ""
		if a.Due != nil {
			due = *a.Due
		}
		if g.Due != "" || due != "" {
			s.Dues = s.Dues.Add(one(g.Due == due))
			if g.Due != due {
				s.fault(WrongDue, a.Task, "is %q, should be %q", due, g.Due)
			}
		}
	}
}

// sameNames compares lists of people whatever their order.
func sameNames(a, b []string) bool { return slices.Equal(folded(a), folded(b)) }

func folded(names []string) []string {
	var out []string
	for _, n := range names {
		out = append(out, norsk.Fold(n))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (s *scoring) attendance() {
	g := s.c.Gold
	if len(g.Present)+len(g.Absent) == 0 { // a dictation has no list of who met
		return
	}
	present, absent := sameNames(g.Present, s.got.Present), sameNames(g.Absent, s.got.Absent)
	s.Attendance = one(present && absent)
	if !present {
		s.fault(WrongPresence, strings.Join(s.got.Present, ", "), "present should be %s", strings.Join(g.Present, ", "))
	}
	if !absent {
		s.fault(WrongPresence, strings.Join(s.got.Absent, ", "), "absent should be %s", strings.Join(g.Absent, ", "))
	}
}

func (s *scoring) next() {
	g, n := s.c.Gold.Next, s.got.NextMeeting
	if g == nil && n == nil {
		return
	}
	var wantDate, wantTime, date, clock, text string
	if g != nil {
		wantDate, wantTime = g.Date, g.Time
	}
	if n != nil {
		text, clock = n.Text, n.Time
		if n.Date != nil {
			date = *n.Date
		}
	}
	right := (g == nil) == (n == nil) && wantDate == date && sameClock(wantTime, clock)
	s.Next = one(right)
	if !right {
		s.fault(WrongNext, text, "is %q %q, should be %q %q", date, clock, wantDate, wantTime)
	}
}

// sameClock compares times of day however they are written: "10", "kl. 10.00", "10:00".
func sameClock(a, b string) bool {
	plain := func(s string) string {
		s = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(s), "kl."), "kl"))
		s = strings.ReplaceAll(s, ":", ".")
		if s != "" && !strings.Contains(s, ".") {
			s += ".00"
		}
		return strings.TrimPrefix(s, "0")
	}
	return plain(a) == plain(b)
}

// statement looks at what one statement cites and whether it is there.
func (s *scoring) statement(r *reader, st *statement) {
	lines, ok := s.c.cited(st.evidence)
	s.Cited = s.Cited.Add(one(ok))
	if !ok {
		s.fault(BadCitation, st.text(), "%s cites %v", st.where, st.evidence)
	}
	for _, what := range r.unsupported(st, lines) {
		s.Unsupported++
		s.fault(Unsupported, st.text(), "%s: %s, cites %v", st.where, what, st.evidence)
	}
}

// never looks for words that may not stand in the approved part: in its statements, its headings and its
// list of those who met.
func (s *scoring) never() {
	look := func(where, text string) {
		folded := norsk.Fold(text)
		for _, word := range s.c.Gold.Never {
			if holds(folded, word) {
				s.Never++
				s.fault(NeverWord, text, "%s: %q", where, word)
			}
		}
	}
	for _, st := range approved(s.got) {
		look(st.where, st.text())
	}
	for _, item := range s.got.Items {
		look("heading", item.Heading)
	}
	look("present", strings.Join(s.got.Present, ", "))
}
