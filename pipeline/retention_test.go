package pipeline

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/store"
)

const day = 24 * time.Hour

// keeping is a rig that goes by a rule.
func keeping(t *testing.T, rule retention.Rule) *rig {
	return newRig(t, func(c *Config) { c.Retention = &retention.Rules{Default: rule} })
}

// approved makes a meeting whose minutes somebody answers for.
func (r *rig) approved() *referent.Meeting {
	r.t.Helper()
	ctx, m := context.Background(), r.finished()
	v, err := r.p.MinutesVersion(ctx, m.ID, 0)
	ok(r.t, err)
	clean := *v.Minutes
	clean.NeedsReview, clean.Missing = nil, nil
	v, err = r.p.SaveMinutes(ctx, m.ID, somebody, v.Version, &clean)
	ok(r.t, err)
	ok(r.t, saved(r.p.Approve(ctx, m.ID, another, v.Version)))
	return r.meeting(m.ID)
}

// passes lets days go by, a part of one at a time, with a server that runs.
func (r *rig) passes(days int) {
	r.t.Helper()
	for range days * 2 {
		r.clock.advance(12 * time.Hour)
		ok(r.t, r.p.reconcile(context.Background()))
	}
}

// erased lists what was erased of a meeting, in order.
func (r *rig) erased(id string) (what []string) {
	r.t.Helper()
	receipts, err := r.db.Receipts(context.Background(), 0)
	ok(r.t, err)
	for _, x := range slices.Backward(receipts) {
		if x.Meeting == id && x.By == store.ByRetention {
			what = append(what, x.What)
		}
	}
	return what
}

// retired holds that nothing of the meeting is left but the calendar's receipts.
func (r *rig) retired(id string) {
	r.t.Helper()
	_, err := r.db.Meeting(context.Background(), id)
	wantCode(r.t, err, referent.CodeNotFound)
	names, err := r.folder.List(context.Background(), id)
	ok(r.t, err)
	if what := r.erased(id); len(names) != 0 || len(what) == 0 || what[len(what)-1] != store.ErasedMeeting {
		r.t.Errorf("left: blobs %v; erased: %v", names, what)
	}
}

func TestTheCalendarErasesOneAfterTheOther(t *testing.T) {
	r := keeping(t, retention.Rule{Audio: 10, Transcript: 20, Minutes: 30, Unapproved: retention.Never})
	ctx, m := t.Context(), r.approved()
	start := r.clock.now()
	got, err := r.p.RetentionOf(ctx, m.ID)
	ok(t, err)
	want := []retention.Due{{What: retention.Audio, At: start.AddDate(0, 0, 10)}, {What: retention.Transcript, At: start.AddDate(0, 0, 20)}, {What: retention.Meeting, At: start.AddDate(0, 0, 30)}}
	if !slices.Equal(got.Dues, want) {
		t.Errorf("the calendar says %v, want %v", got.Dues, want)
	}
	if list, err := r.p.Retention(ctx, start.AddDate(0, 0, 9)); err != nil || len(list) != 0 {
		t.Errorf("until the ninth day: %v, %v", list, err)
	}
	if list, err := r.p.Retention(ctx, start.AddDate(0, 0, 11)); err != nil || len(list) != 1 || list[0].Meeting != m.ID {
		t.Errorf("until the eleventh: %v, %v", list, err)
	}
	r.passes(9)
	if what := r.erased(m.ID); len(what) != 0 {
		t.Fatalf("on the ninth day %v", what)
	}
	r.passes(1)
	r.audioGone(m.ID)
	r.passes(10)
	for about, err := range map[string]error{"transcript": second(r.p.Transcript(ctx, m.ID)), "audio": third(r.p.Audio(ctx, m.ID))} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s on the twentieth day: %v", about, err)
		}
	}
	if hits, _, err := r.db.Search(ctx, store.SearchQuery{Text: "kari"}); err != nil || len(hits) != 0 {
		t.Errorf("what was said is found: %v, %v", hits, err)
	}
	r.noStrayBlobs(m.ID)
	v, err := r.p.MinutesVersion(ctx, m.ID, 0)
	ok(t, err)
	if v.Minutes.Approval == nil {
		t.Error("the minutes are not the approved ones")
	}
	r.passes(10)
	r.retired(m.ID)
	if what := r.erased(m.ID); !slices.Equal(what, []string{store.ErasedAudio, store.ErasedTranscript, store.ErasedMeeting}) {
		t.Errorf("erased %v", what)
	}
}

// What nobody has approved stays, however old. What is taken up again stays too, and can be worked on.
func TestTheCalendarWaitsForPeople(t *testing.T) {
	r := keeping(t, retention.Rule{Audio: 10, Transcript: 10, Minutes: 10, Unapproved: 100})
	ctx := t.Context()
	draft, again := r.finished(), r.approved()
	v, err := r.p.MinutesVersion(ctx, again.ID, 0)
	ok(t, err)
	r.passes(9)
	ok(t, saved(r.p.Reopen(ctx, again.ID, another, v.Version)))
	r.passes(40)
	ok(t, third(r.p.Audio(ctx, draft.ID)))
	r.passes(60) // nobody ever approved the draft; somebody once answered for the other
	r.retired(draft.ID)
	for _, m := range []*referent.Meeting{again} {
		ok(t, third(r.p.Audio(ctx, m.ID)))
		if what := r.erased(m.ID); len(what) != 0 {
			t.Errorf("erased %v", what)
		}
	}
}

func TestUnapprovedMeetingsCanHaveATime(t *testing.T) {
	r := keeping(t, retention.Rule{Audio: retention.Never, Transcript: retention.Never, Minutes: retention.Never, Unapproved: 100})
	m := r.finished()
	r.passes(99)
	_, err := r.p.EditTranscript(t.Context(), m.ID, "user-1", 0, nameSpeaker("S1", "Kari")) // somebody works on it
	ok(t, err)
	r.passes(99)
	if what := r.erased(m.ID); len(what) != 0 {
		t.Fatalf("erased %v while somebody worked on it", what)
	}
	r.passes(2)
	r.retired(m.ID)
}

func TestAHoldStopsEverybody(t *testing.T) {
	r := keeping(t, retention.Rule{Audio: 10, Transcript: retention.Never, Minutes: 30, Unapproved: retention.Never})
	ctx, m := t.Context(), r.approved()
	for _, reason := range []string{"", "  "} {
		if _, err := r.p.Hold(ctx, m.ID, "user-1", reason); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("without a reason: %v", err)
		}
	}
	h, err := r.p.Hold(ctx, m.ID, "user-1", " Klagesak 26/113 ")
	ok(t, err)
	if h.Reason != "Klagesak 26/113" || !h.At.Equal(r.clock.now()) {
		t.Errorf("%+v", h)
	}
	r.passes(60)
	for about, err := range map[string]error{"all": second(r.p.Delete(ctx, m.ID, "user-1")), "audio": second(r.p.DeleteAudio(ctx, m.ID, "user-1")),
		"transcript": second(r.p.DeleteTranscript(ctx, m.ID, "user-1"))} {
		if referent.CodeOf(err) != referent.CodeHeld {
			t.Errorf("%s: %v", about, err)
		}
	}
	ok(t, third(r.p.Audio(ctx, m.ID)))
	list, err := r.p.Retention(ctx, r.clock.now())
	ok(t, err)
	if len(list) != 1 || !list[0].Held {
		t.Errorf("the calendar does not show it: %+v", list)
	}
	ok(t, r.p.Release(ctx, m.ID, "user-2"))
	ok(t, r.p.Release(ctx, m.ID, "user-3")) // there is none
	deeds, err := r.p.History(ctx, m.ID)
	ok(t, err)
	if n := len(deeds); n < 2 || deeds[n-2].What != store.DeedHeld || deeds[n-1].What != store.DeedReleased || deeds[n-1].By != "user-2" {
		t.Errorf("history: %+v", deeds)
	}
	r.passes(6)
	if what := r.erased(m.ID); len(what) != 0 {
		t.Fatalf("erased %v as soon as the hold was lifted", what)
	}
	r.passes(1)
	r.retired(m.ID)
}

// A clock that was set, or a server that was away, erases nothing before people could see what is due.
func TestAJumpOfTheClockErasesNothing(t *testing.T) {
	r := keeping(t, retention.Rule{Audio: 10, Transcript: retention.Never, Minutes: 30, Unapproved: retention.Never})
	m := r.approved()
	r.passes(8)
	r.clock.advance(40 * 365 * day)
	r.passes(1)
	r.clock.advance(-40 * 365 * day)
	r.passes(1) // the tenth day, but there is notice anew
	if what := r.erased(m.ID); len(what) != 0 {
		t.Fatalf("erased %v", what)
	}
	r.passes(7)
	r.audioGone(m.ID)
}

// Rules that are new, or others than before, are there to be seen for a week before anything is erased by them.
func TestNewRulesGiveNotice(t *testing.T) {
	r := newRig(t, nil)
	m := r.approved()
	r.passes(100)
	r.change = func(c *Config) {
		c.Retention = &retention.Rules{Default: retention.Rule{Audio: 10, Transcript: 20, Minutes: 30, Unapproved: 1}}
	}
	r.restart()
	list, err := r.p.Retention(t.Context(), r.clock.now().AddDate(0, 0, 8))
	ok(t, err)
	if len(list) != 1 || len(list[0].Dues) != 1 || list[0].Dues[0] != (retention.Due{What: retention.Meeting, At: r.clock.now().Add(notice)}) {
		t.Errorf("the calendar: %+v", list)
	}
	r.passes(6)
	r.restart() // the notice goes on
	if what := r.erased(m.ID); len(what) != 0 {
		t.Fatalf("erased %v without notice", what)
	}
	r.passes(1)
	r.retired(m.ID)
}

// When the words are deleted too, what needs them says so and breaks nothing.
func TestWithoutTranscriptNothingIsMadeAnew(t *testing.T) {
	r := newRig(t, nil)
	ctx, m := t.Context(), r.finished()
	wantCode(t, second(r.p.DeleteTranscript(ctx, m.ID, "user-1")), referent.CodeConflict) // not approved
	r.withoutSecrets(m.ID)
	m = r.approved()
	ok(t, r.db.Scrub(ctx))
	if len(r.find("hemmeligheten")) == 0 {
		t.Error("what was said is nowhere to be found before: the search proves nothing")
	}
	_, err := r.p.DeleteTranscript(ctx, m.ID, "user-1")
	ok(t, err)
	for _, words := range []string{secretSentence, "hemmeligheten"} {
		if at := r.find(words); len(at) != 0 {
			t.Errorf("%q is left in %v", words, at)
		}
	}
	wantCode(t, second(r.p.DeleteTranscript(ctx, m.ID, "user-1")), referent.CodeConflict)
	wantCode(t, second(r.p.DeleteAudio(ctx, m.ID, "user-1")), referent.CodeConflict)
	v, err := r.p.MinutesVersion(ctx, m.ID, 0)
	ok(t, err)
	ok(t, saved(r.p.Reopen(ctx, m.ID, another, v.Version)))
	wantCode(t, r.p.Remake(ctx, m.ID), referent.CodeConflict)
	if got := r.meeting(m.ID); got.State != referent.StateReviewed {
		t.Errorf("it is %s", got.State)
	}
	ok(t, second(r.p.MinutesVersion(ctx, m.ID, 0)))
}
