package storetest

import (
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

func testHolds(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	_, err := s.Hold(t.Context(), "m000")
	wantNotFound(t, "no hold", err)
	first := store.Hold{Meeting: "m000", Reason: "Klagesak 26/113", By: "kari", At: noon}
	do(t, s, func(tx store.Tx) error { return tx.PutHold(t.Context(), &first) })
	got, err := s.Hold(t.Context(), "m000")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the hold", got, &first)
	second := store.Hold{Meeting: "m000", Reason: "Tilsyn", By: "ola"}
	do(t, s, func(tx store.Tx) error { return tx.PutHold(t.Context(), &second) })
	if since := time.Since(second.At); since > time.Hour || since < 0 {
		t.Errorf("At was not set: %v", second.At)
	}
	if got, err = s.Hold(t.Context(), "m000"); err != nil || got.Reason != "Tilsyn" || got.By != "ola" {
		t.Errorf("after a second hold: %+v, %v", got, err)
	}
	receipt := store.Receipt{Meeting: "m000", What: store.ErasedMeeting, At: noon}
	if err := s.Tx(t.Context(), func(tx store.Tx) error { return tx.DeleteMeeting(t.Context(), "m000", receipt) }); err == nil {
		t.Fatal("a meeting that is held was deleted")
	}
	if _, err := s.Meeting(t.Context(), "m000"); err != nil {
		t.Fatalf("the meeting that is held: %v", err)
	}
	do(t, s, func(tx store.Tx) error { return tx.DeleteHold(t.Context(), "m000") })
	wantNotFound(t, "a second lifting", s.Tx(t.Context(), func(tx store.Tx) error { return tx.DeleteHold(t.Context(), "m000") }))
	do(t, s, func(tx store.Tx) error { return tx.DeleteMeeting(t.Context(), "m000", receipt) })
	err = s.Tx(t.Context(), func(tx store.Tx) error {
		return tx.PutHold(t.Context(), &store.Hold{Meeting: "none", Reason: "Tilsyn", By: "kari"})
	})
	if err == nil {
		t.Error("no meeting was held")
	}
}

func testKeepings(t *testing.T, s store.Store) {
	addMeetings(t, s, 4, func(i int, m *referent.Meeting) {
		m.Kind = referent.KindProtocol
		if i == 1 {
			m.State = referent.StateApproved
		}
	})
	do(t, s, func(tx store.Tx) error {
		ctx := t.Context()
		for _, d := range []store.Deed{{What: store.DeedApproved, At: noon}, {What: store.DeedReopened, At: noon.Add(time.Hour)},
			{What: store.DeedApproved, At: noon.Add(2 * time.Hour)}, {What: store.DeedSaved, At: noon.Add(3 * time.Hour)}, {What: store.DeedReleased, At: noon.Add(4 * time.Hour)}} {
			d.Meeting, d.By = "m001", "kari"
			if err := tx.AddDeed(ctx, &d); err != nil {
				return err
			}
		}
		if err := tx.AddPart(ctx, store.Part{Meeting: "m000", Size: 1, Blob: "m000/a"}); err != nil {
			return err
		}
		for i, a := range []store.Artifact{{Meeting: "m001", Kind: store.ArtifactTranscript}, {Meeting: "m001", Kind: store.ArtifactPlan},
			{Meeting: "m001", Kind: store.ArtifactMinutes}, {Meeting: "m002", Kind: store.ArtifactVoices}} {
			a.Blob, a.Created = a.Meeting+"/"+string(rune('b'+i)), noon
			if err := tx.PutArtifact(ctx, &a); err != nil {
				return err
			}
		}
		return tx.PutHold(ctx, &store.Hold{Meeting: "m002", Reason: "Tilsyn", By: "kari", At: noon})
	})
	var got []store.Keeping
	for after := ""; ; {
		page, err := s.Keepings(t.Context(), after, 3)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page...)
		if len(page) < 3 {
			break
		}
		after = page[len(page)-1].Meeting
	}
	if len(got) != 4 {
		t.Fatalf("%d meetings, want 4: %+v", len(got), got)
	}
	m, err := s.Meeting(t.Context(), "m001")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "an approved meeting without its audio", got[1], store.Keeping{Meeting: "m001", Kind: referent.KindProtocol,
		State: referent.StateApproved, Changed: m.Updated, Approved: noon.Add(2 * time.Hour), Released: noon.Add(4 * time.Hour), Transcript: true})
	one, err := s.Keeping(t.Context(), "m001")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the same by itself", *one, got[1])
	_, err = s.Keeping(t.Context(), "none")
	wantNotFound(t, "what is kept of no meeting", err)
	later := m.Updated.Add(time.Hour).Truncate(time.Microsecond)
	do(t, s, func(tx store.Tx) error {
		return tx.PutArtifact(t.Context(), &store.Artifact{Meeting: "m001", Kind: store.ArtifactMinutes, Blob: "m001/z", Created: later, Author: "kari"})
	})
	if one, err = s.Keeping(t.Context(), "m001"); err != nil || !one.Changed.Equal(later) {
		t.Errorf("after a new version: changed %v, want %v (%v)", one.Changed, later, err)
	}
	if k := got[0]; !k.Audio || k.Transcript || k.Held || !k.Approved.IsZero() {
		t.Errorf("a recording alone: %+v", k)
	}
	if k := got[2]; !k.Audio || !k.Held {
		t.Errorf("a voice is left, and it is held: %+v", k)
	}
	if k := got[3]; k.Audio || k.Transcript || k.Held {
		t.Errorf("nothing came: %+v", k)
	}
}
