package summarize

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/evidence"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// merger joins the answers for a meeting's parts to minutes. What a model says is taken in only with
// valid evidence that says it (package evidence); the rest goes to a person with the reason.
type merger struct {
	m       *referent.Meeting
	t       *referent.Transcript
	builtin *referent.Minutes
	check   *evidence.Checker
	out     *referent.Minutes
	form    string
	names   *verifier           // of headings and cases
	words   map[string][]string // of statements taken in: each is read once, however many it is held against
}

func newMerger(m *referent.Meeting, t *referent.Transcript, builtin *referent.Minutes) *merger {
	out := extract.Head(m)
	check := evidence.New(m, t)
	return &merger{names: &verifier{m: m, out: out, check: check, form: string(out.Language)}, words: map[string][]string{}, m: m, t: t, builtin: builtin, check: check, out: out, form: string(out.Language)}
}

// ids turns line numbers into segment ids, in order, each once; numbers of no line are dropped.
func (g *merger) ids(n numbers) []string {
	sorted := slices.Clone(n)
	slices.Sort(sorted)
	out := []string{}
	for _, i := range slices.Compact(sorted) {
		if i >= 1 && i <= len(g.t.Segments) {
			out = append(out, g.t.Segments[i-1].ID)
		}
	}
	return out
}

// accept reports whether a statement may stand; if not, it has gone to review. blank text is neither.
func (g *merger) accept(text string, ids []string, faults func() []evidence.Fault) bool {
	if strings.TrimSpace(text) == "" {
		return false
	}
	if len(ids) == 0 {
		g.review(text, norsk.ReasonEvidence.In(g.form), ids)
		return false
	}
	if found := faults(); len(found) > 0 {
		g.review(text, found[0].Reason(g.form), ids)
		return false
	}
	return true
}

func (g *merger) review(text, reason string, ids []string) { review(g.out, text, reason, ids) }

func (g *merger) add(a *answer) {
	if ids := g.ids(a.unanswered); len(ids) > 0 {
		var said []string
		for _, s := range g.t.Segments {
			if slices.Contains(ids, s.ID) {
				said = append(said, s.Text)
			}
		}
		g.review(g.discreet(strings.Join(said, " "), ids), norsk.ReasonUnanswered.In(g.form), ids)
	}
	note := g.out.Kind == referent.KindCareNote || g.out.Kind == referent.KindDictate
	for _, it := range a.Items {
		item := referent.Item{Heading: strings.TrimSpace(it.Heading)}
		var under []string
		for _, p := range it.Points {
			ids := g.ids(p.Evidence)
			under = append(under, ids...)
			p.Text = g.discreet(strings.TrimSpace(p.Text), ids)
			if g.accept(p.Text, ids, func() []evidence.Fault {
				if note {
					return g.check.Proposal(p.Text, ids)
				}
				return g.check.Check(p.Text, ids)
			}) {
				item.Points = append(item.Points, referent.Point{Text: p.Text, Evidence: ids})
			}
		}
		item.Heading = g.discreet(item.Heading, under)
		g.addItem(item)
	}
	if note {
		return // a note has neither decisions nor votes, whatever the model thinks
	}
	for _, d := range a.Decisions {
		text, ids := strings.TrimSpace(d.Text), g.ids(d.Evidence)
		if g.accept(text, ids, func() []evidence.Fault { return g.check.Decision(text, ids) }) {
			g.addDecision(referent.Decision{Text: text, Case: g.names.caseName(d.Case, ids), Evidence: ids})
		}
	}
	for _, x := range a.Actions {
		g.addAction(strings.TrimSpace(x.Task), strings.TrimSpace(x.Owner), x.Due, g.ids(x.Evidence))
	}
	for _, v := range a.Votes {
		g.addVote(referent.Vote{Case: strings.TrimSpace(v.Case), Proposal: strings.TrimSpace(v.Proposal), For: v.For, Against: v.Against, Blank: v.Blank,
			Outcome: strings.TrimSpace(v.Outcome), ForMembers: v.ForMembers, AgainstMembers: v.AgainstMembers, Evidence: g.ids(v.Evidence)})
	}
	if n := a.NextMeeting; n != nil {
		g.addNext(n.Text, n.Time, n.Place, n.Date, g.ids(n.Evidence))
	}
}

// addVote takes a vote in once. A model's vote with any fault goes to review whole: its parts are of a piece.
func (g *merger) addVote(v referent.Vote) {
	if !g.accept(v.Proposal, v.Evidence, func() []evidence.Fault { return g.check.Vote(v) }) {
		return
	}
	v.Case = g.names.caseName(v.Case, v.Evidence)
	if !slices.ContainsFunc(g.out.Votes, func(o referent.Vote) bool {
		return norsk.Fold(o.Proposal) == norsk.Fold(v.Proposal) || slices.Equal(o.Evidence, v.Evidence)
	}) {
		g.out.Votes = append(g.out.Votes, v)
	}
}

// addItem joins an item to the one of the same heading, each statement once.
func (g *merger) addItem(item referent.Item) {
	if len(item.Points) == 0 {
		return
	}
	var ids []string
	for _, p := range item.Points {
		ids = append(ids, p.Evidence...)
	}
	item.Heading = g.names.heading(item.Heading, g.check.Valid(ids))
	at := slices.IndexFunc(g.out.Items, func(o referent.Item) bool { return norsk.Fold(o.Heading) == norsk.Fold(item.Heading) })
	if at < 0 {
		g.out.Items = append(g.out.Items, referent.Item{Heading: item.Heading})
		at = len(g.out.Items) - 1
	}
	to := &g.out.Items[at]
	for _, p := range item.Points {
		if same := slices.IndexFunc(to.Points, func(o referent.Point) bool { return g.alike(o.Text, p.Text) }); same >= 0 {
			to.Points[same].Evidence = g.union(to.Points[same].Evidence, p.Evidence)
			continue
		}
		to.Points = append(to.Points, p)
	}
}

func (g *merger) addDecision(d referent.Decision) {
	if same := slices.IndexFunc(g.out.Decisions, func(o referent.Decision) bool { return g.alike(o.Text, d.Text) }); same >= 0 {
		g.out.Decisions[same].Evidence = g.union(g.out.Decisions[same].Evidence, d.Evidence)
		return
	}
	g.out.Decisions = append(g.out.Decisions, d)
}

func (g *merger) addAction(task, owner string, due *string, ids []string) {
	if task == "" {
		return
	}
	if !g.accept(owned(owner, task), ids, func() []evidence.Fault { return g.check.Task(task, owner, ids) }) {
		return
	}
	if owner == "" {
		g.review(task, norsk.ReasonOwner.In(g.form), ids)
		return
	}
	a := referent.ActionItem{Task: task, Owner: g.check.FullName(owner), Evidence: ids}
	if due != nil && strings.TrimSpace(*due) != "" {
		a.Due = g.due(*due, owned(owner, task), ids)
	}
	if same := slices.IndexFunc(g.out.Actions, func(o referent.ActionItem) bool { return o.Owner == a.Owner && g.alike(o.Task, a.Task) }); same >= 0 {
		o := &g.out.Actions[same]
		o.Evidence = g.union(o.Evidence, ids)
		if o.Due == nil {
			o.Due = a.Due
		}
		return
	}
	g.out.Actions = append(g.out.Actions, a)
}

// due is the day of a model's words for it, which the evidence must hold too; else nil, and a person is told.
func (g *merger) due(words, text string, ids []string) *string {
	iso, ok := g.check.Resolve(words)
	if !ok {
		g.review(text, norsk.ReasonDue.In(g.form, "words", strings.TrimSpace(words)), ids)
		return nil
	}
	if faults := g.check.Due(iso, ids); len(faults) > 0 {
		faults[0].Words = strings.TrimSpace(words)
		g.review(text, faults[0].Reason(g.form), ids)
		return nil
	}
	return &iso
}

func (g *merger) addNext(text, clock, place string, date *string, ids []string) {
	n := &referent.NextMeeting{Text: strings.TrimSpace(text), Time: strings.ReplaceAll(strings.TrimSpace(clock), ":", "."), Place: strings.TrimSpace(place), Evidence: ids}
	if date != nil && strings.TrimSpace(*date) != "" {
		iso, ok := g.check.Resolve(*date)
		if !ok {
			iso = strings.TrimSpace(*date) // no day: the check will say so
		}
		n.Date = &iso
	} else if iso, ok := g.check.Resolve(text); ok {
		n.Date = &iso
	}
	if g.accept(n.Text, ids, func() []evidence.Fault { return g.check.Next(n) }) {
		g.out.NextMeeting = n // a later part corrects an earlier one
	}
}

// union joins evidence in the transcript's order.
func (g *merger) union(a, b []string) []string { return g.check.Valid(slices.Concat(a, b)) }

// alike tells statements that say the same: equal words, or four fifths of them shared.
func (g *merger) alike(a, b string) bool {
	x, y := g.fields(a), g.fields(b)
	if slices.Equal(x, y) {
		return true
	}
	most := max(len(x), len(y))
	if len(x) <= 3 || len(y) <= 3 || len(x)*5 < most*4 {
		return false
	}
	there := make(map[string]bool, len(y))
	for _, w := range y {
		there[w] = true
	}
	shared := 0
	for _, w := range x {
		if there[w] {
			shared++
		}
	}
	return shared*5 >= most*4
}

// fields are the words of a statement as they are compared.
func (g *merger) fields(s string) []string {
	words, ok := g.words[s]
	if !ok {
		words = strings.Fields(norsk.Fold(s))
		g.words[s] = words
	}
	return words
}

// minutes finishes the document: who met and moved, and what was proposed, by the rules; a protocol's
// headings; votes recomputed and to be confirmed. What the rules found and the model left out is in it too.
func (g *merger) minutes() *referent.Minutes {
	out := g.out
	out.Present, out.Absent = g.builtin.Present, g.builtin.Absent
	out.Cases, out.Movements = g.builtin.Cases, g.builtin.Movements
	g.keepReview()
	if out.Kind != referent.KindCareNote && out.Kind != referent.KindDictate {
		g.supplement()
	}
	if out.Kind == referent.KindProtocol {
		// The sections of a template are no cases: they stand as they are.
		var items, sections []referent.Item
		for _, it := range out.Items {
			if _, ok := templateHeading(g.m, out.Language, it.Heading); ok {
				sections = append(sections, it)
			} else {
				items = append(items, it)
			}
		}
		out.Items = append(extract.Protocol(discussed(items, out), g.form), sections...)
	}
	extract.CheckVotes(g.m, g.t, out)
	extract.ReviewVotes(out)
	return out
}
