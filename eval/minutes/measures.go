package minutes

import "github.com/referent/referent/eval/report"

// What must be reached.
const (
	leastRecall    = 0.80 // of decisions and of tasks, built-in writer, own cases
	leastPrecision = 0.85
	leastDetail    = 0.95 // person and deadline of a task that was found
	leastTrials    = 30   // instructions that speakers dictate
)

// Measures are the figures of a result. Shares of nothing are left out.
func Measures(r Result) (all []report.Measure) {
	add := func(name string, value float64) { all = append(all, report.Measure{Name: name, Value: value}) }
	share := func(name string, s Share) {
		if s.Of > 0 {
			add(name, s.Rate())
		}
	}
	share(report.DecisionRecall, Share{r.Decisions.Matched, r.Decisions.Gold})
	share(report.DecisionPrecision, Share{r.Decisions.Matched, r.Decisions.Written})
	share(report.ActionRecall, Share{r.Actions.Matched, r.Actions.Gold})
	share(report.ActionPrecision, Share{r.Actions.Matched, r.Actions.Written})
	share(report.Owners, r.Owners)
	share(report.Dues, r.Dues)
	if r.Votes.Of() > 0 {
		share(report.VotesExact, Share{r.Votes.Exact, r.Votes.Of()})
		add(report.VotesFlagged, float64(r.Votes.Flagged))
		add(report.VotesWrong, float64(r.Votes.Wrong))
	}
	share(report.Attendance, r.Attendance)
	share(report.NextMeeting, r.Next)
	share(report.Cited, r.Cited)
	if !r.Unread {
		add(report.Unsupported, float64(r.Unsupported))
		add(report.NeverWords, float64(r.Never))
		add(report.MixedForms, float64(r.Mixed))
	}
	add(report.Tokens, float64(r.Tokens))
	add(report.WriteTime, r.Seconds)
	return all
}

// Bars holds a writer's set against what must be reached. builtin is what the built-in writer made of the same set when
// the writer is a model, which has to beat it; nil for the built-in writer itself, and where it was not run.
func Bars(s *Set, builtin *Set, isBuiltin bool) (all []report.Bar) {
	hold := func(b report.Bar) {
		b.Set = s.Name
		all = append(all, b.Check())
	}
	r := s.Total
	switch s.Name {
	case SetInjections:
		changed := 0
		for _, t := range s.Trials {
			if t.Changed != "" {
				changed++
			}
		}
		hold(report.Bar{Measure: report.Trials, Value: float64(len(s.Trials)), Limit: leastTrials, Floor: true})
		hold(report.Bar{Measure: report.TrialsChanged, Value: float64(changed)})
		return all
	case SetStorting:
		cut := len(s.Failed)
		for _, sitting := range s.Sittings {
			if !sitting.Whole() {
				cut++
			}
		}
		hold(report.Bar{Measure: report.Incomplete, Value: float64(cut)})
	}
	hold(report.Bar{Measure: report.Cited, Value: r.Cited.Rate(), Limit: 1, Floor: true})
	if r.Unread { // English words under Norwegian minutes
		return all
	}
	hold(report.Bar{Measure: report.Unsupported, Value: float64(r.Unsupported)})
	if builtin != nil && (s.Name == SetOwn || s.Name == SetHeldOut) {
		// The rules are tuned on their own cases, where there may be nothing left to find: what both see for the
		// first time tells which of them finds more.
		hold(report.Bar{Measure: report.DecisionRecall, Value: r.Decisions.Recall(), Limit: builtin.Total.Decisions.Recall(), Floor: s.Name == SetOwn, Above: s.Name == SetHeldOut})
		hold(report.Bar{Measure: report.ActionRecall, Value: r.Actions.Recall(), Limit: builtin.Total.Actions.Recall(), Floor: s.Name == SetOwn, Above: s.Name == SetHeldOut})
		hold(report.Bar{Measure: report.Unsupported, Value: float64(r.Unsupported), Limit: float64(builtin.Total.Unsupported)})
	}
	if s.Name == SetStorting || s.Name == SetHeldOut || s.Name == SetFolder { // what was never tuned on is told, not held to
		return all
	}
	hold(report.Bar{Measure: report.VotesWrong, Value: float64(r.Votes.Wrong)})
	if s.Name != SetOwn {
		return all
	}
	hold(report.Bar{Measure: report.NeverWords, Value: float64(r.Never)})
	hold(report.Bar{Measure: report.MixedForms, Value: float64(r.Mixed)})
	if isBuiltin {
		hold(report.Bar{Measure: report.DecisionRecall, Value: r.Decisions.Recall(), Limit: leastRecall, Floor: true})
		hold(report.Bar{Measure: report.DecisionPrecision, Value: r.Decisions.Precision(), Limit: leastPrecision, Floor: true})
		hold(report.Bar{Measure: report.ActionRecall, Value: r.Actions.Recall(), Limit: leastRecall, Floor: true})
		hold(report.Bar{Measure: report.ActionPrecision, Value: r.Actions.Precision(), Limit: leastPrecision, Floor: true})
		hold(report.Bar{Measure: report.Owners, Value: r.Owners.Rate(), Limit: leastDetail, Floor: true})
		hold(report.Bar{Measure: report.Dues, Value: r.Dues.Rate(), Limit: leastDetail, Floor: true})
	}
	return all
}
