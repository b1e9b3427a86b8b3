package pipeline

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
)

// found writes what a search finds in minutes: "decision Vi kjøper …".
func (r *rig) found(text string) []string {
	r.t.Helper()
	hits, _, err := r.db.Search(r.t.Context(), store.SearchQuery{Text: text, What: []store.Found{store.FoundDecision, store.FoundTask}})
	ok(r.t, err)
	out := []string{}
	for _, h := range hits {
		out = append(out, fmt.Sprintf("%s %s", h.What, h.Text))
	}
	return out
}

func (r *rig) wantFound(text string, want ...string) {
	r.t.Helper()
	if got := r.found(text); !slices.Equal(got, want) {
		r.t.Errorf("%q finds %q, want %q", text, got, want)
	}
}

// What is found is the version that is shown, through all that can happen to it.
func TestFoundIsWhatIsShown(t *testing.T) {
	r := newRig(t, nil)
	m, ctx := r.drafted(), t.Context()
	r.wantFound("snøfreser", "decision Vi kjøper en snøfreser.")
	v, err := r.p.EditMinutes(ctx, m.ID, somebody, 0, decide(0, "Vi leier en snøfreser."))
	ok(t, err)
	r.wantFound("snøfreser", "decision Vi leier en snøfreser.")
	v, err = r.p.EditMinutes(ctx, m.ID, somebody, v.Version, review.Edit{Do: review.Restore, Version: v.Version - 1})
	ok(t, err)
	r.wantFound("snøfreser", "decision Vi kjøper en snøfreser.")
	v, err = r.p.EditMinutes(ctx, m.ID, somebody, v.Version, review.Edit{Do: review.Add, List: review.Actions, Words: review.Words{Text: "Hente snøfreseren", Owner: "Ola", Due: "2026-04-01"}})
	ok(t, err)
	v, err = r.p.EditMinutes(ctx, m.ID, somebody, v.Version, review.Edit{Do: review.Dismiss, List: review.NeedsReview})
	ok(t, err)
	v, err = r.p.Approve(ctx, m.ID, somebody, v.Version)
	ok(t, err)
	approved := []string{"decision Vi kjøper en snøfreser.", "task Hente snøfreseren"}
	r.wantFound("snøfreser", approved...)
	v, err = r.p.Reopen(ctx, m.ID, somebody, v.Version)
	ok(t, err)
	r.wantFound("snøfreser", approved...)
	_, err = r.p.EditMinutes(ctx, m.ID, somebody, v.Version, review.Edit{Do: review.Delete, List: review.Decisions})
	ok(t, err)
	r.wantFound("snøfreser", "task Hente snøfreseren")

	// A machine that writes anew hides nothing that a person wrote.
	r.run()
	ok(t, r.p.Remake(ctx, m.ID))
	h := r.hand("far/2")
	h.until(m.ID, referent.StateReviewed)
	h.leave()
	r.halt()
	r.wantFound("snøfreser", "task Hente snøfreseren")

	_, err = r.p.Delete(ctx, m.ID, "user-1")
	ok(t, err)
	r.wantFound("snøfreser")
}

// Whether a task is done is kept beside the minutes: it can be said of approved ones, and outlives their versions.
func TestSettleTask(t *testing.T) {
	r := newRig(t, nil)
	m, ctx := r.drafted(), t.Context()
	act := func(e review.Edit) {
		t.Helper()
		e.List = review.Actions
		_, err := r.p.EditMinutes(ctx, m.ID, somebody, 0, e)
		ok(t, err)
	}
	list := func(done bool) []store.Task {
		t.Helper()
		page, _, err := r.db.Tasks(ctx, store.TaskQuery{Done: done})
		ok(t, err)
		return page
	}
	act(review.Edit{Do: review.Add, Words: review.Words{Text: "Ringe leverandøren", Owner: "Ola"}})
	id := list(false)[0].ID
	done, err := r.p.SettleTask(ctx, m.ID, id, "user-1", true)
	ok(t, err)
	if !done.Done() || done.DoneBy != "user-1" || len(list(false)) != 0 {
		t.Errorf("done: %+v; open: %+v", done, list(false))
	}
	_, err = r.p.SettleTask(ctx, m.ID, id, "user-2", true) // no second time
	ok(t, err)
	// Moved, reworded, struck and taken back, it is the same task.
	act(review.Edit{Do: review.Set, Words: review.Words{Text: "Ringe leverandøren igjen", Owner: "Ola"}})
	before := r.minutes(m.ID).Version
	act(review.Edit{Do: review.Add, Words: review.Words{Text: "Sende brev"}})
	act(review.Edit{Do: review.Move, Index: 1, To: 0})
	act(review.Edit{Do: review.Delete, Index: 0})
	if got := list(true); len(got) != 0 {
		t.Errorf("a task that was struck is listed: %+v", got)
	}
	_, err = r.p.EditMinutes(ctx, m.ID, somebody, 0, review.Edit{Do: review.Restore, Version: before})
	ok(t, err)
	if got := list(true); len(got) != 1 || got[0].ID != id || got[0].DoneBy != "user-1" {
		t.Errorf("after going back: %+v", got)
	}
	// Minutes that are handed in with another task in its place do not say that this one is done.
	before = r.minutes(m.ID).Version
	handed, err := r.p.Minutes(ctx, m.ID, 0)
	ok(t, err)
	handed.Actions[0] = referent.ActionItem{Task: "Sende ut protokollen", Owner: "Kari"}
	_, err = r.p.SaveMinutes(ctx, m.ID, somebody, 0, handed)
	ok(t, err)
	if done, open := list(true), list(false); len(done) != 0 || len(open) != 1 || open[0].ID == id {
		t.Errorf("another task: done %+v, open %+v", done, open)
	}
	_, err = r.p.EditMinutes(ctx, m.ID, somebody, 0, review.Edit{Do: review.Restore, Version: before})
	ok(t, err)
	v, err := r.p.EditMinutes(ctx, m.ID, somebody, 0, review.Edit{Do: review.Dismiss, List: review.NeedsReview})
	ok(t, err)
	v, err = r.p.Approve(ctx, m.ID, somebody, v.Version)
	ok(t, err)
	_, err = r.p.SettleTask(ctx, m.ID, id, "user-2", false)
	ok(t, err)
	if r.minutes(m.ID).Version != v.Version || len(list(false)) != 1 {
		t.Errorf("approved minutes are at version %d, open: %+v", r.minutes(m.ID).Version, list(false))
	}
	var told []string
	for _, d := range r.deeds(m.ID) {
		if d.Version == 0 {
			told = append(told, d.What+" "+d.By)
		}
	}
	if !slices.Equal(told, []string{"task_done user-1", "task_open user-2"}) {
		t.Errorf("history: %q", told)
	}
	_, err = r.p.SettleTask(ctx, m.ID, "none", "user-1", true)
	wantCode(t, err, referent.CodeNotFound)
	_, err = r.p.SettleTask(ctx, m.ID, id, "", true)
	wantCode(t, err, referent.CodeInvalid)
}

// A database from before is made findable when the program starts.
func TestFillIndexes(t *testing.T) {
	r := newRig(t, nil)
	m := r.drafted()
	_, err := r.p.EditTranscript(t.Context(), m.ID, "user-1", 0, func(t *referent.Transcript, _ func() (*referent.Voices, error)) (*referent.Transcript, error) {
		c := *t
		c.Speakers, c.Segments = []referent.Speaker{{ID: "S1", Name: "Kari Nordmann"}}, slices.Clone(t.Segments)
		c.Segments[0].Speaker = "S1"
		return &c, nil
	})
	ok(t, err)
	r.close()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.dir, "referent.db"))
	ok(t, err)
	_, err = db.Exec(`UPDATE meetings SET stale = 1; UPDATE passages SET who = '' WHERE what = 's'; DELETE FROM passages WHERE what <> 's'; DELETE FROM tasks`)
	ok(t, err)
	ok(t, db.Close())
	r.open()
	r.wantFound("snøfreser")
	r.run()
	r.eventually("the index is filled", func() bool {
		stale, err := r.db.StaleIndexes(t.Context(), "", 0)
		ok(t, err)
		return len(stale) == 0
	})
	r.wantFound("snøfreser", "decision Vi kjøper en snøfreser.")
	hits, _, err := r.db.Search(t.Context(), store.SearchQuery{Speaker: "kari"})
	ok(t, err)
	if len(hits) == 0 {
		t.Error("the speaker is not found")
	}
}

// What cannot be read is told of at each turn, and keeps nothing else from being found. What is erased is not missed.
func TestFillIndexesOfWhatIsLost(t *testing.T) {
	r := newRig(t, nil)
	lost, m, erased, ctx := r.drafted(), r.drafted(), r.drafted(), t.Context()
	a, err := shown(ctx, r.db, lost.ID, store.ArtifactMinutes)
	ok(t, err)
	ok(t, r.folder.Delete(ctx, a.Blob))
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.dir, "referent.db"))
	ok(t, err)
	_, err = db.Exec(`UPDATE meetings SET stale = 1`)
	ok(t, err)
	ok(t, db.Close())
	ok(t, r.db.Tx(ctx, func(tx store.Tx) error { return tx.DestroyKey(ctx, erased.ID) }))
	for range 2 {
		err := r.p.fillIndexes(ctx)
		wantCode(t, err, referent.CodeNotFound)
		if n := strings.Count(err.Error(), "\n") + 1; n != 1 {
			t.Errorf("%d meetings are told of: %v", n, err)
		}
		stale, err := r.db.StaleIndexes(ctx, "", 0)
		ok(t, err)
		if slices.Contains(stale, m.ID) || !slices.Contains(stale, lost.ID) {
			t.Errorf("stale: %v", stale)
		}
	}
}

// A meeting that has no minutes yet is findable by what was said.
func TestFillIndexesWithoutMinutes(t *testing.T) {
	r := newRig(t, nil)
	m, ctx := r.drafted(), t.Context()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.dir, "referent.db"))
	ok(t, err)
	_, err = db.Exec(`UPDATE meetings SET stale = 1; DELETE FROM artifacts WHERE kind = 'minutes'; DELETE FROM passages`)
	ok(t, err)
	ok(t, db.Close())
	ok(t, r.p.fillIndexes(ctx))
	stale, err := r.db.StaleIndexes(ctx, "", 0)
	ok(t, err)
	if hits, _, err := r.db.Search(ctx, store.SearchQuery{Text: r.shown(m.ID).Transcript.Segments[0].Text}); err != nil || len(hits) == 0 || hits[0].Meeting != m.ID || len(stale) != 0 {
		t.Errorf("found %+v, %v; stale: %v", hits, err, stale)
	}
}
