package pipeline

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/store"
)

// Somebody who was at the audit chain keeps nothing else from being erased.
func TestPurgeWithFaultyChain(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Retention, c.ReadingsKept = &retention.Rules{Default: retention.Rule{Audio: 1, Transcript: 20, Minutes: 30, Unapproved: retention.Never}}, 2*day
	})
	ctx := t.Context()
	m := r.approved()
	ok(t, r.db.Tx(ctx, func(tx store.Tx) error {
		return tx.AddReading(ctx, &store.Reading{User: "u1", Meeting: m.ID, What: store.ReadMinutes, First: r.clock.now(), Last: r.clock.now(), Times: 1})
	}))
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.dir, "referent.db")+"?_pragma=busy_timeout(5000)")
	ok(t, err)
	defer db.Close()
	_, err = db.Exec(`UPDATE audit SET entry = 'x' WHERE seq = 2`)
	ok(t, err)
	for range 8 {
		_, err = r.p.PreviewPurge(ctx, r.clock.now())
		ok(t, err)
		r.clock.advance(day)
	}
	p, err := r.p.Purge(ctx, nil)
	ok(t, err)
	if len(p.Meetings) != 1 || len(p.Failed) != 1 || p.Failed[0].Meeting != "" || p.Failed[0].Code != referent.CodeInternal {
		t.Errorf("it tells %+v", p)
	}
	readings, err := r.db.Readings(ctx, store.ReadingFilter{})
	ok(t, err)
	links, err := r.db.AuditLinks(ctx, 0, 2)
	ok(t, err)
	if len(readings) != 0 || len(links) != 2 || links[0].Seq != 1 {
		t.Errorf("%d readings are left, and the oldest links are %v", len(readings), links)
	}
}

// What a preview tells is what goes, no more and no less: nothing in the week of notice, and nothing that is held.
func TestPurge(t *testing.T) {
	r := keeping(t, retention.Rule{Audio: 1, Transcript: 20, Minutes: 30, Unapproved: retention.Never})
	ctx := store.WithActor(t.Context(), "sjef")
	m, kept := r.approved(), r.approved()
	_, err := r.p.Hold(ctx, kept.ID, "arkivar", "Klagesak")
	ok(t, err)
	now := func() Purge {
		t.Helper()
		p, err := r.p.PreviewPurge(ctx, r.clock.now())
		ok(t, err)
		return p
	}
	purge := func() Purge {
		t.Helper()
		p, err := r.p.Purge(ctx, nil)
		ok(t, err)
		return p
	}
	if p := now(); len(p.Meetings) != 0 { // tells the rules
		t.Errorf("at first: %+v", p)
	}
	for range 6 {
		r.clock.advance(day)
		if p := now(); len(p.Meetings) != 0 || p.Counts["audio"] != 0 {
			t.Errorf("in the week of notice: %+v", p)
		}
		if p := purge(); len(p.Meetings) != 0 {
			t.Errorf("in the week of notice it erased %+v", p)
		}
	}
	ahead, err := r.p.PreviewPurge(ctx, r.clock.now().Add(2*day))
	ok(t, err)
	if len(ahead.Meetings) != 2 || ahead.Counts["audio"] != 1 || ahead.Counts["held"] != 1 || !ahead.Meetings[0].Due.After(r.clock.now()) {
		t.Errorf("in two days: %+v", ahead)
	}
	r.clock.advance(day + time.Hour)
	before := now()
	if len(before.Meetings) != 2 || before.Counts["audio"] != 1 || before.Counts["held"] != 1 {
		t.Fatalf("after the week: %+v", before)
	}
	for _, x := range before.Meetings {
		if x.What != retention.Audio || x.Rule != "audio_days" || x.Days != 1 || x.Held != (x.Meeting == kept.ID) || x.Due.After(r.clock.now()) {
			t.Errorf("a row: %+v", x)
		}
	}
	if what := r.erased(m.ID); len(what) != 0 {
		t.Fatalf("the preview erased %v", what)
	}
	did := purge()
	if len(did.Meetings) != 1 || did.Meetings[0].Meeting != m.ID || did.Counts["audio"] != 1 || did.More != 0 {
		t.Errorf("erased: %+v", did)
	}
	r.audioGone(m.ID)
	if what := r.erased(m.ID); len(what) != 1 || what[0] != store.ErasedAudio {
		t.Errorf("receipts: %v", what)
	}
	if _, _, err := r.p.Audio(ctx, kept.ID); err != nil {
		t.Errorf("what is held: %v", err)
	}
	if p := now(); len(p.Meetings) != 1 || !p.Meetings[0].Held {
		t.Errorf("afterwards: %+v", p)
	}
	// Who had it done is told by the chain.
	links, err := r.db.AuditLinks(ctx, 0, 0)
	ok(t, err)
	last, err := links[len(links)-1].Parse()
	ok(t, err)
	told := false
	for _, l := range links {
		e, err := l.Parse()
		ok(t, err)
		told = told || e.Kind == store.AuditErased && e.By == "sjef"
	}
	if !told {
		t.Errorf("no link tells who erased; the last is %+v", last)
	}
}
