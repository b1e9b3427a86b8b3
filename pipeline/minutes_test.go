package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

var (
	somebody = Editor{ID: "user-1", Name: "Kari Nordmann"}
	another  = Editor{ID: "user-2", Name: "Ola Hansen"}
)

// saved leaves of a version whether there was one.
func saved(_ *MinutesVersion, err error) error { return err }

// drafted makes a meeting whose minutes a machine has written, with something to check in them.
func (r *rig) drafted() *referent.Meeting {
	r.t.Helper()
	m := r.finished()
	mine, err := r.p.Minutes(context.Background(), m.ID, 0)
	ok(r.t, err)
	mine.Decisions = []referent.Decision{{Text: "Vi kjøper en snøfreser.", Evidence: []string{"s1"}}}
	mine.NeedsReview = []referent.ReviewItem{{Text: "Kari lager et notat.", Reason: "Usikkert.", Evidence: []string{"s1"}}}
	ok(r.t, saved(r.p.SaveMinutes(context.Background(), m.ID, somebody, 0, mine)))
	return m
}

func decide(index int, text string) review.Edit {
	return review.Edit{Do: review.Set, List: review.Decisions, Index: index, Words: review.Words{Text: text}}
}

func (r *rig) minutes(id string) *MinutesVersion {
	r.t.Helper()
	v, err := r.p.MinutesVersion(context.Background(), id, 0)
	ok(r.t, err)
	return v
}

// deeds is what was done with the minutes.
func (r *rig) deeds(id string) []store.Deed {
	r.t.Helper()
	all, err := r.p.History(context.Background(), id)
	ok(r.t, err)
	return all
}

func TestApproveLocksUntilReopened(t *testing.T) {
	r := newRig(t, nil)
	m := r.drafted()
	ctx := t.Context()
	from := r.minutes(m.ID)
	_, err := r.p.Approve(ctx, m.ID, another, from.Version)
	wantCode(t, err, referent.CodeUnchecked)
	checked, err := r.p.EditMinutes(ctx, m.ID, somebody, from.Version, review.Edit{Do: review.Dismiss, List: review.NeedsReview})
	ok(t, err)
	if s := checked.Minutes.Settled; checked.Version != from.Version+1 || len(s) != 1 || s[0].By != somebody.Name || !s[0].At.Equal(r.clock.now()) {
		t.Errorf("settled: %+v", s)
	}
	r.clock.advance(time.Minute)
	done, err := r.p.Approve(ctx, m.ID, another, checked.Version)
	ok(t, err)
	now := r.minutes(m.ID)
	if a := now.Minutes.Approval; a == nil || a.By != another.Name || !a.At.Equal(r.clock.now()) || now.Minutes.Label != "" || now.Version != done.Version || now.By != another.ID {
		t.Errorf("approved: %+v", now.Minutes)
	}
	if st := r.meeting(m.ID).State; st != referent.StateApproved {
		t.Errorf("state %s", st)
	}
	for what, err := range map[string]error{
		"edit":    saved(r.p.EditMinutes(ctx, m.ID, somebody, done.Version, decide(0, "Noe annet."))),
		"save":    saved(r.p.SaveMinutes(ctx, m.ID, somebody, 0, now.Minutes)),
		"approve": saved(r.p.Approve(ctx, m.ID, somebody, done.Version)),
		"remake":  r.p.Remake(ctx, m.ID),
	} {
		if _, is := errors.AsType[*VersionConflict](err); referent.CodeOf(err) != referent.CodeConflict || is {
			t.Errorf("%s of approved minutes: %v", what, err)
		}
	}

	again, err := r.p.Reopen(ctx, m.ID, somebody, done.Version)
	ok(t, err)
	if again.Minutes.Approval != nil || again.Minutes.Label != referent.DraftLabel || r.meeting(m.ID).State != referent.StateReviewed {
		t.Errorf("reopened: %+v, %s", again.Minutes, r.meeting(m.ID).State)
	}
	kept, err := r.p.MinutesVersion(ctx, m.ID, done.Version)
	ok(t, err)
	if kept.Minutes.Approval == nil {
		t.Error("the approved version was changed")
	}
	wantCode(t, saved(r.p.Reopen(ctx, m.ID, somebody, again.Version)), referent.CodeConflict)
	corrected, err := r.p.EditMinutes(ctx, m.ID, somebody, again.Version, decide(0, "Vi kjøper to snøfresere."))
	ok(t, err)
	second, err := r.p.Approve(ctx, m.ID, another, corrected.Version)
	ok(t, err)

	list, err := r.p.MinutesVersions(ctx, m.ID)
	ok(t, err)
	var told []string
	for _, v := range list {
		s := v.Did
		for _, mark := range []struct {
			is   bool
			name string
		}{{v.Approved, "approved"}, {v.Replaced, "replaced"}, {v.Shown, "shown"}} {
			if mark.is {
				s += " " + mark.name
			}
		}
		told = append(told, s)
	}
	want := []string{"", "save", "save", "dismiss", "approve approved replaced", "reopen", "set", "approve approved shown"}
	if !slices.Equal(told, want) || list[0].By != "" || list[4].By != another.ID || list[5].From != done.Version || list[7].Version != second.Version {
		t.Errorf("versions %q, want %q: %+v", told, want, list)
	}
	deeds := r.deeds(m.ID)
	if last := deeds[len(deeds)-1]; len(deeds) != 7 || last.What != store.DeedApproved || last.By != another.ID || last.Version != second.Version || last.From != corrected.Version || !last.At.Equal(r.clock.now()) {
		t.Errorf("history: %+v", deeds)
	}
	if d := deeds[2]; d.What != "dismiss" || d.Part != "needs_review" {
		t.Errorf("the edit in the history: %+v", d)
	}
	r.noStrayBlobs(m.ID)
	if strings.Contains(r.log.String(), "Nordmann") || strings.Contains(r.log.String(), "snøfreser") {
		t.Error("a name or a word is in the log")
	}
}

func TestTwoEditorsOfMinutesLoseNothing(t *testing.T) {
	r := newRig(t, nil)
	m := r.drafted()
	ctx := t.Context()
	seen := r.minutes(m.ID).Version
	first, err := r.p.EditMinutes(ctx, m.ID, somebody, seen, decide(0, "Vi kjøper en rød snøfreser."))
	ok(t, err)
	text := *r.minutes(m.ID).Minutes
	for what, err := range map[string]error{
		"edit":    saved(r.p.EditMinutes(ctx, m.ID, another, seen, decide(0, "Vi kjøper en blå snøfreser."))),
		"save":    saved(r.p.SaveMinutes(ctx, m.ID, another, seen, &text)),
		"approve": saved(r.p.Approve(ctx, m.ID, another, seen)),
		"reopen":  saved(r.p.Reopen(ctx, m.ID, another, seen)),
	} {
		if c, is := errors.AsType[*VersionConflict](err); !is || c.Newest != first.Version || referent.CodeOf(err) != referent.CodeConflict {
			t.Errorf("%s of an older version: %v", what, err)
		}
	}
	if got := r.minutes(m.ID); got.Version != first.Version || got.Minutes.Decisions[0].Text != "Vi kjøper en rød snøfreser." {
		t.Errorf("shown: %+v", got)
	}
	// Many at once, all on the same version: one of them is it, the others are told.
	var wg sync.WaitGroup
	results := make([]error, 4)
	for i := range results {
		wg.Go(func() {
			_, results[i] = r.p.EditMinutes(context.Background(), m.ID, another, first.Version, review.Edit{Do: review.Add, List: review.Decisions, Words: review.Words{Text: "Nytt."}})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if _, is := errors.AsType[*VersionConflict](err); !is {
			t.Error(err)
		}
	}
	if got := r.minutes(m.ID); won != 1 || got.Version != first.Version+1 || len(got.Minutes.Decisions) != 2 {
		t.Errorf("%d won, shown is %+v", won, got)
	}
	r.noStrayBlobs(m.ID)
}

// What went wrong is taken back by making an earlier version the newest again.
func TestRestoreMinutes(t *testing.T) {
	r := newRig(t, nil)
	m := r.drafted()
	ctx := t.Context()
	good := r.minutes(m.ID).Version
	wrong, err := r.p.EditMinutes(ctx, m.ID, somebody, good, review.Edit{Do: review.Delete, List: review.Decisions})
	ok(t, err)
	_, err = r.p.EditMinutes(ctx, m.ID, somebody, wrong.Version, review.Edit{Do: review.Restore, Version: 99})
	wantCode(t, err, referent.CodeNotFound)
	_, err = r.p.EditMinutes(ctx, m.ID, somebody, wrong.Version, review.Edit{Do: review.Restore})
	wantCode(t, err, referent.CodeInvalid)
	// The part of an edit stands in the history: it is never what somebody made up.
	_, err = r.p.EditMinutes(ctx, m.ID, somebody, wrong.Version, review.Edit{Do: review.Restore, List: "Karis lønn", Version: good})
	wantCode(t, err, referent.CodeInvalid)
	back, err := r.p.EditMinutes(ctx, m.ID, somebody, wrong.Version, review.Edit{Do: review.Restore, Version: good})
	ok(t, err)
	if deeds := r.deeds(m.ID); deeds[len(deeds)-1].Part != "" {
		t.Errorf("history: %+v", deeds)
	}
	if back.Version != wrong.Version+1 || len(back.Minutes.Decisions) != 1 || back.Minutes.Label != referent.DraftLabel {
		t.Errorf("restored: %+v", back)
	}
	events, err := r.db.EventsAfter(ctx, m.ID, nil, 0, 1000)
	ok(t, err)
	if last := events[len(events)-1]; last.Type != "minutes" || last.State != referent.StateReviewed {
		t.Errorf("event: %+v", last)
	}
}

func TestStepsOfMinutesAreRefused(t *testing.T) {
	r := newRig(t, nil)
	ctx := t.Context()
	early := newMeeting()
	ok(t, r.p.Create(ctx, early))
	wantCode(t, saved(r.p.EditMinutes(ctx, early.ID, somebody, 0, decide(0, "x"))), referent.CodeNotFound)
	wantCode(t, saved(r.p.Approve(ctx, early.ID, somebody, 1)), referent.CodeNotFound)
	wantCode(t, saved(r.p.Reopen(ctx, early.ID, somebody, 1)), referent.CodeNotFound)
	m := r.drafted()
	wantCode(t, saved(r.p.EditMinutes(ctx, m.ID, Editor{}, 0, decide(0, "x"))), referent.CodeInvalid)
	wantCode(t, saved(r.p.SaveMinutes(ctx, m.ID, somebody, 0, nil)), referent.CodeInvalid)
	wantCode(t, saved(r.p.EditMinutes(ctx, m.ID, somebody, 0, decide(7, "x"))), referent.CodeNotFound)
	wantCode(t, saved(r.p.Approve(ctx, m.ID, somebody, 0)), referent.CodeInvalid)
	wantCode(t, saved(r.p.Approve(ctx, m.ID, Editor{ID: "user-1"}, 1)), referent.CodeInvalid)
	ok(t, r.p.Remake(ctx, m.ID))
	dismissed, err := r.p.EditMinutes(ctx, m.ID, somebody, 0, review.Edit{Do: review.Dismiss, List: review.NeedsReview})
	ok(t, err) // work goes on beside the machine's
	wantCode(t, saved(r.p.Approve(ctx, m.ID, somebody, dismissed.Version)), referent.CodeConflict)
	r.noStrayBlobs(m.ID)
}

// A worker's minutes are a draft, whatever they say of themselves.
func TestAWorkersMinutesCarryNoName(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	d, c := h.take()
	for c.Task.Stage != referent.StageMinutes {
		h.do(c)
		ok(t, h.commit(c.Lease))
		ok(t, d.Ack(t.Context()))
		d, c = h.take()
	}
	forged := &referent.Approval{By: "Ordføreren", At: r.clock.now()}
	data, err := json.Marshal(referent.Minutes{Approval: forged, Settled: []referent.Settled{{Text: "alt", By: forged.By}},
		Decisions: []referent.Decision{{Text: "Nytt.", Added: true}}, Votes: []referent.Vote{{Proposal: "Nytt.", Confirmed: forged}}})
	ok(t, err)
	ok(t, h.writeAll(c.Lease, protocol.StreamResult, data))
	ok(t, h.commit(c.Lease))
	ok(t, d.Ack(t.Context()))
	got := r.minutes(m.ID).Minutes
	if got.Label != referent.DraftLabel || got.Approval != nil || got.Settled != nil || got.Votes[0].Confirmed != nil || got.Decisions[0].Added {
		t.Errorf("%+v", got)
	}
	h.leave()
	r.halt()
}

// How long a meeting is kept goes by what somebody answers for, not by what its minutes were to become since.
func TestApprovedKindHolds(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.MustTell = []string{string(referent.KindReferat)}
		c.Retention = &retention.Rules{Default: retention.Rule{Audio: 30, Transcript: retention.Never, Minutes: retention.Never, Unapproved: retention.Never},
			Kinds: map[referent.Kind]retention.Rule{referent.KindCareNote: {Audio: 8, Transcript: retention.Never, Minutes: retention.Never, Unapproved: retention.Never}}}
	})
	r.run()
	ctx, h := t.Context(), r.hand("far/1")
	m := newMeeting()
	m.Kind, m.Language, m.Told = referent.KindCareNote, referent.Bokmal, nil
	r.upload(m, 1000)
	h.until(m.ID, referent.StateDraft)
	mine := r.minutes(m.ID).Minutes
	mine.Kind, mine.Language, mine.NeedsReview, mine.Missing = m.Kind, m.Language, nil, nil
	ok(t, saved(r.p.SaveMinutes(ctx, m.ID, somebody, 0, mine)))
	is := func(kind referent.Kind, language referent.Language) {
		t.Helper()
		if m := r.meeting(m.ID); m.Kind != kind || m.Language != language {
			t.Errorf("the meeting is a %s in %s", m.Kind, m.Language)
		}
	}

	for _, o := range []RemakeOptions{{Kind: referent.KindReferat}, {Kind: "vits"}, {Kind: referent.KindDictate, Language: "sv"}} {
		wantCode(t, r.p.RemakeAs(ctx, m.ID, o), referent.CodeInvalid)
	}
	is(m.Kind, m.Language)
	ok(t, r.p.RemakeAs(ctx, m.ID, RemakeOptions{Kind: referent.KindDictate, Language: referent.Nynorsk}))
	is(referent.KindDictate, referent.Nynorsk)
	h.until(m.ID, referent.StateReviewed)
	shown := r.minutes(m.ID)
	if shown.By != somebody.ID {
		t.Fatalf("version %d is shown", shown.Version)
	}
	ok(t, saved(r.p.Approve(ctx, m.ID, another, shown.Version)))
	is(m.Kind, m.Language)
	wantCode(t, r.p.RemakeAs(ctx, m.ID, RemakeOptions{Kind: referent.KindDictate, Language: referent.Nynorsk}), referent.CodeConflict)
	is(m.Kind, m.Language)

	got, err := r.p.RetentionOf(ctx, m.ID)
	ok(t, err)
	due := r.clock.now().AddDate(0, 0, 8)
	if len(got.Dues) == 0 || got.Dues[0].What != retention.Audio || !got.Dues[0].At.Equal(due) {
		t.Errorf("the calendar says %v, want the audio at %v", got.Dues, due)
	}
	h.leave()
	r.halt()
}

// A part is taken from another version as any edit is made: for the version that was read, into history, and never
// into what somebody answers for. A task that stays is the task that it was.
func TestTakePartOfMinutes(t *testing.T) {
	r := newRig(t, nil)
	m := r.drafted()
	ctx := t.Context()
	first := r.minutes(m.ID)
	wrote, err := r.p.EditMinutes(ctx, m.ID, somebody, first.Version, decide(0, "Vi kjøper to snøfresere."))
	ok(t, err)
	added, err := r.p.EditMinutes(ctx, m.ID, somebody, wrote.Version, review.Edit{Do: review.Add, List: review.Actions, Words: review.Words{Text: "Rydde", Owner: "Kari"}})
	ok(t, err)
	take := func(version, from int, list review.List) (*MinutesVersion, error) {
		return r.p.EditMinutes(ctx, m.ID, another, version, review.Edit{Do: review.Take, List: list, Version: from})
	}
	wantCode(t, saved(take(added.Version, 0, review.Decisions)), referent.CodeInvalid)
	wantCode(t, saved(take(added.Version, first.Version, review.Votes)), referent.CodeNotFound)
	if _, err := take(added.Version, 99, review.Decisions); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("from a version that is not there: %v", err)
	}
	if _, err := take(wrote.Version, first.Version, review.Decisions); referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("into a version that is not shown any more: %v", err)
	} else if c, is := errors.AsType[*VersionConflict](err); !is || c.Newest != added.Version {
		t.Errorf("conflict: %v", err)
	}
	shown, parts, err := r.p.MinutesParts(ctx, m.ID, first.Version)
	ok(t, err)
	i := slices.IndexFunc(parts, func(o review.Offer) bool { return o.List == review.Decisions })
	if shown != added.Version || i < 0 || !parts[i].Takes || parts[i].Own != 1 {
		t.Errorf("on offer for %d: %+v", shown, parts)
	}
	taken, err := take(added.Version, first.Version, review.Decisions)
	ok(t, err)
	if d := taken.Minutes.Decisions; len(d) != 1 || d[0].Text != "Vi kjøper en snøfreser." || len(taken.Minutes.Actions) != len(added.Minutes.Actions) || len(taken.Minutes.NeedsReview) != 1 {
		t.Errorf("taken: %+v", taken.Minutes)
	}
	if p := taken.Minutes.Provenance.Taken; len(p) != 1 || p[0].Version != first.Version || p[0].By != another.Name || p[0].Part != "decisions" {
		t.Errorf("provenance: %+v", p)
	}
	deeds := r.deeds(m.ID)
	if d := deeds[len(deeds)-1]; d.What != "take" || d.Part != "decisions" || d.Version != taken.Version || d.From != added.Version || d.Source != first.Version || d.By != another.ID {
		t.Errorf("history: %+v", d)
	}
	list, err := r.p.MinutesVersions(ctx, m.ID)
	ok(t, err)
	if v := list[len(list)-1]; v.Did != "take" || v.From != added.Version || v.Source != first.Version || !v.Shown {
		t.Errorf("the version: %+v", v)
	}

	// A task that is done goes with the tasks of a version that has it not, and is done when they are taken back.
	ofTasks := func(done bool) []store.Task {
		t.Helper()
		page, _, err := r.db.Tasks(ctx, store.TaskQuery{Done: done})
		ok(t, err)
		return page
	}
	tasks := ofTasks(false)
	k := slices.IndexFunc(tasks, func(x store.Task) bool { return x.Text == "Rydde" })
	if k < 0 {
		t.Fatalf("tasks: %+v", tasks)
	}
	_, err = r.p.SettleTask(ctx, m.ID, tasks[k].ID, somebody.ID, true)
	ok(t, err)
	one, err := r.p.EditMinutes(ctx, m.ID, somebody, taken.Version, review.Edit{Do: review.Delete, List: review.Actions})
	ok(t, err)
	_, err = take(one.Version, taken.Version, review.Actions)
	ok(t, err)
	tasks = ofTasks(true)
	if k := slices.IndexFunc(tasks, func(x store.Task) bool { return x.Text == "Rydde" }); k < 0 || !tasks[k].Done() {
		t.Errorf("the task is not the one that was done: %+v", tasks)
	}

	now := r.minutes(m.ID)
	checked, err := r.p.EditMinutes(ctx, m.ID, somebody, now.Version, review.Edit{Do: review.Dismiss, List: review.NeedsReview})
	ok(t, err)
	done, err := r.p.Approve(ctx, m.ID, another, checked.Version)
	ok(t, err)
	_, err = take(done.Version, wrote.Version, review.Decisions)
	if _, is := errors.AsType[*VersionConflict](err); referent.CodeOf(err) != referent.CodeConflict || is {
		t.Errorf("into approved minutes: %v", err)
	}
}
