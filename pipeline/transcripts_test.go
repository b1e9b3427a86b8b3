package pipeline

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/blob/faulty"
)

// voiceMark stands in the bytes of every voiceprint of these tests.
const voiceMark = "slik-lyder-stemmen"

// joinWithVoices is an assembler that tells speakers apart.
func joinWithVoices(a referent.Assembly) (*referent.Transcript, *referent.Voices) {
	t, _ := join(a)
	v := &referent.Voices{}
	t.SpeakersBy, t.Speakers = referent.SpeakersByVoice, []referent.Speaker{{ID: "S1"}, {ID: "S2"}}
	for i := range t.Segments {
		t.Segments[i].Speaker = fmt.Sprintf("S%d", i%2+1)
		v.Segments = append(v.Segments, referent.SegmentVoice{Segment: t.Segments[i].ID, Vector: []byte(voiceMark)})
	}
	return t, v
}

func voiceRig(t *testing.T) (*rig, *referent.Meeting) {
	r := newRig(t, func(c *Config) { c.Assemble = joinWithVoices })
	return r, r.finished()
}

func nameSpeaker(speaker, to string) TranscriptEdit {
	return func(t *referent.Transcript, _ func() (*referent.Voices, error)) (*referent.Transcript, error) {
		c := *t
		c.Speakers = slices.Clone(t.Speakers)
		for i := range c.Speakers {
			if c.Speakers[i].ID == speaker {
				c.Speakers[i].Name = to
			}
		}
		return &c, nil
	}
}

func (r *rig) shown(id string) *TranscriptVersion {
	r.t.Helper()
	v, err := r.p.TranscriptVersion(context.Background(), id, 0)
	ok(r.t, err)
	return v
}

func TestEditsAreVersions(t *testing.T) {
	r, m := voiceRig(t)
	first := r.shown(m.ID)
	if first.Version != 1 || first.By != "" {
		t.Fatalf("the machine's version: %+v", first)
	}
	made, err := r.p.EditTranscript(t.Context(), m.ID, "user-2", 1, nameSpeaker("S1", "Kari"))
	ok(t, err)
	if now := r.shown(m.ID); now.Version != 2 || now.By != "user-2" || now.Transcript.SpeakerName("S1") != "Kari" || made.Version != 2 || !now.Created.Equal(r.clock.now()) {
		t.Errorf("shown: %+v, made %+v", now, made)
	}
	old, err := r.p.TranscriptVersion(t.Context(), m.ID, 1)
	ok(t, err)
	if old.Transcript.SpeakerName("S1") != "S1" {
		t.Error("the machine's version was changed")
	}
	tr, err := r.p.Transcript(t.Context(), m.ID)
	ok(t, err)
	if tr.SpeakerName("S1") != "Kari" {
		t.Error("Transcript is not the one to show")
	}
	events, err := r.db.EventsAfter(t.Context(), m.ID, nil, 0, 100)
	ok(t, err)
	if last := events[len(events)-1]; last.Type != "transcript" || last.State != referent.StateReviewed {
		t.Errorf("event: %+v", last)
	}
	r.noStrayBlobs(m.ID)
}

func TestTwoEditorsLoseNothing(t *testing.T) {
	r, m := voiceRig(t)
	_, err := r.p.EditTranscript(t.Context(), m.ID, "user-1", 1, nameSpeaker("S1", "Kari"))
	ok(t, err)
	_, err = r.p.EditTranscript(t.Context(), m.ID, "user-2", 1, nameSpeaker("S1", "Ola"))
	wantCode(t, err, referent.CodeConflict)
	if c, is := errors.AsType[*VersionConflict](err); !is || c.Newest != 2 {
		t.Errorf("conflict: %v", err)
	}
	if got := r.shown(m.ID).Transcript.SpeakerName("S1"); got != "Kari" {
		t.Errorf("named %q", got)
	}
	// One who is faster between reading and writing: the same, and nothing is left of the attempt.
	slow := func(version int, speaker string) error {
		done := false
		_, err := r.p.EditTranscript(t.Context(), m.ID, "user-2", version, func(tr *referent.Transcript, v func() (*referent.Voices, error)) (*referent.Transcript, error) {
			if !done {
				done = true
				_, err := r.p.EditTranscript(t.Context(), m.ID, "user-1", 0, nameSpeaker("S2", fmt.Sprintf("Per %d", version)))
				ok(t, err)
			}
			return nameSpeaker(speaker, "Solveig")(tr, v)
		})
		return err
	}
	wantCode(t, slow(2, "S1"), referent.CodeConflict)
	r.noStrayBlobs(m.ID)
	// An edit for whichever version is shown is made anew on the newer one: both stay.
	ok(t, slow(0, "S1"))
	now := r.shown(m.ID)
	if now.Transcript.SpeakerName("S1") != "Solveig" || now.Transcript.SpeakerName("S2") != "Per 0" {
		t.Errorf("shown: %+v", now.Transcript.Speakers)
	}
	// Many at once: each is there.
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			_, err := r.p.EditTranscript(context.Background(), m.ID, "user-1", 0, func(tr *referent.Transcript, _ func() (*referent.Voices, error)) (*referent.Transcript, error) {
				c := *tr
				c.Speakers = append(slices.Clone(tr.Speakers), referent.Speaker{ID: fmt.Sprintf("X%d", i)})
				return &c, nil
			})
			if err != nil {
				t.Error(err) // four at once need at most four tries
			}
		})
	}
	wg.Wait()
	if n := len(r.shown(m.ID).Transcript.Speakers); n != 6 {
		t.Errorf("%d speakers, want 6", n)
	}
	r.noStrayBlobs(m.ID)
}

func TestEditsAreRefused(t *testing.T) {
	r, m := voiceRig(t)
	_, err := r.p.EditTranscript(t.Context(), m.ID, "", 0, nameSpeaker("S1", "Kari"))
	wantCode(t, err, referent.CodeInvalid)
	_, err = r.p.EditTranscript(t.Context(), "none", "user-1", 0, nameSpeaker("S1", "Kari"))
	wantCode(t, err, referent.CodeNotFound)
	_, err = r.p.EditTranscript(t.Context(), m.ID, "user-1", 0, func(*referent.Transcript, func() (*referent.Voices, error)) (*referent.Transcript, error) {
		return nil, referent.E(referent.CodeOneVoice, "test: split", nil)
	})
	wantCode(t, err, referent.CodeOneVoice)
	early := newMeeting()
	ok(t, r.p.Create(t.Context(), early))
	_, err = r.p.EditTranscript(t.Context(), early.ID, "user-1", 0, nameSpeaker("S1", "Kari"))
	wantCode(t, err, referent.CodeNotFound)
	ok(t, r.db.Tx(t.Context(), func(tx store.Tx) error {
		m, err := tx.Meeting(t.Context(), m.ID)
		if err != nil {
			return err
		}
		m.State = referent.StateApproved
		return tx.UpdateMeeting(t.Context(), m)
	}))
	_, err = r.p.EditTranscript(t.Context(), m.ID, "user-1", 0, nameSpeaker("S1", "Kari"))
	wantCode(t, err, referent.CodeConflict)
	if _, is := errors.AsType[*VersionConflict](err); is {
		t.Error("approved minutes are no newer version")
	}
	if n := r.shown(m.ID).Version; n != 1 {
		t.Errorf("version %d", n)
	}
	r.noStrayBlobs(m.ID)
}

// rerun stores what a machine that heard the meeting again would: a transcript and voices.
func (r *rig) rerun(m *referent.Meeting, text string) {
	r.t.Helper()
	ctx := context.Background()
	key, err := r.p.key(ctx, m.ID)
	ok(r.t, err)
	tr, v := joinWithVoices(referent.Assembly{Chunks: []referent.ChunkResult{{Segments: []referent.Segment{{Text: text}}}}})
	var arts []store.Artifact
	for kind, x := range map[store.ArtifactKind]any{store.ArtifactTranscript: tr, store.ArtifactVoices: v} {
		name, err := seal(ctx, r.vault, m.ID, key, mustJSON(r.t, x))
		ok(r.t, err)
		arts = append(arts, store.Artifact{Meeting: m.ID, Kind: kind, Blob: name, Size: 1})
	}
	ok(r.t, r.p.do(ctx, func(ctx context.Context, s *step) error {
		for i := range arts {
			arts[i].Created = s.now
			if err := s.PutArtifact(ctx, &arts[i]); err != nil {
				return err
			}
		}
		row, err := s.Meeting(ctx, m.ID)
		if err != nil {
			return err
		}
		row.State = referent.StatePrepared
		return s.afterTranscript(ctx, row, tr)
	}))
}

// What a machine hears again is stored beside a person's version, and does not hide it: not on the page,
// not in a search, not from the writer of the minutes.
func TestRerunDoesNotHideAPersonsVersion(t *testing.T) {
	r, m := voiceRig(t)
	found := func(words string) int {
		hits, _, err := r.db.Search(t.Context(), store.SearchQuery{Text: words})
		ok(t, err)
		return len(hits)
	}
	if found("hemmeligheten") == 0 {
		t.Fatal("the search finds nothing")
	}
	r.clock.advance(time.Second)
	_, err := r.p.EditTranscript(t.Context(), m.ID, "user-1", 0, func(tr *referent.Transcript, _ func() (*referent.Voices, error)) (*referent.Transcript, error) {
		c := *tr
		c.Segments = slices.Clone(tr.Segments)
		c.Segments[0].Text = "rettet av et menneske"
		return &c, nil
	})
	ok(t, err)
	if found("menneske") != 1 {
		t.Error("a person's words are not found")
	}
	r.clock.advance(time.Second)
	r.rerun(m, "noe ganske annet")
	if now := r.shown(m.ID); now.Version != 2 || now.By != "user-1" {
		t.Errorf("shown: version %d by %q", now.Version, now.By)
	}
	if found("menneske") != 1 || found("annet") != 0 {
		t.Error("the search finds what is not shown")
	}
	beside, err := r.p.TranscriptVersion(t.Context(), m.ID, 3)
	ok(t, err)
	if beside.Transcript.Segments[0].Text != "noe ganske annet" {
		t.Error("the machine's newer version is not there")
	}
	// The voices that go with what is shown are those of the version that it comes from.
	v, err := r.p.Voices(t.Context(), m.ID)
	ok(t, err)
	if v == nil || len(v.Segments) != len(r.shown(m.ID).Transcript.Segments) {
		t.Errorf("voices: %+v", v)
	}
	r.run()
	h := r.hand("far/1")
	_, c := h.take()
	if got := string(h.readAll(c.Lease, "transcript")); c.Task.Stage != referent.StageMinutes || !strings.Contains(got, "menneske") {
		t.Errorf("the writer of %s gets %s", c.Task.Stage, got)
	}
	// Without a person's version the machine's newest is shown, with its own voices.
	other := r.finished2(h)
	r.clock.advance(time.Second)
	r.rerun(other, "enda en gang")
	v, err = r.p.Voices(t.Context(), other.ID)
	ok(t, err)
	if r.shown(other.ID).Version != 2 || len(v.Segments) != 1 || found("gang") != 1 {
		t.Errorf("shown %d, voices %+v", r.shown(other.ID).Version, v)
	}
}

// finished2 takes another meeting to its draft while the rig runs.
func (r *rig) finished2(h *hand) *referent.Meeting {
	r.t.Helper()
	m := r.create(500)
	return h.until(m.ID, referent.StateDraft)
}

func TestVoicesAreNilWithoutSeparation(t *testing.T) {
	r := newRig(t, nil)
	m := r.finished()
	v, err := r.p.Voices(t.Context(), m.ID)
	ok(t, err)
	has, err := r.p.HasVoices(t.Context(), m.ID)
	ok(t, err)
	if v != nil || has {
		t.Errorf("voices: %+v, %v", v, has)
	}
}

func TestDeleteAudioKeepsTheWordsAlone(t *testing.T) {
	r, m := voiceRig(t)
	_, err := r.p.EditTranscript(t.Context(), m.ID, "user-1", 0, nameSpeaker("S1", "Kari"))
	ok(t, err)
	parts, err := r.db.Parts(t.Context(), m.ID)
	ok(t, err)
	arts, err := r.db.Artifacts(t.Context(), m.ID)
	ok(t, err)
	var goes, stays []string
	var size int64
	for _, x := range parts {
		goes, size = append(goes, x.Blob), size+x.Size
	}
	kinds := map[store.ArtifactKind]bool{}
	for _, a := range arts {
		kinds[a.Kind] = true
		switch a.Kind {
		case store.ArtifactTranscript, store.ArtifactMinutes, store.ArtifactPlan:
			stays = append(stays, a.Blob)
		default:
			goes, size = append(goes, a.Blob), size+a.Size
		}
	}
	for _, k := range []store.ArtifactKind{store.ArtifactAudio, store.ArtifactChunk, store.ArtifactVoices} {
		if !kinds[k] {
			t.Fatalf("there is no %s to delete: %v", k, kinds)
		}
	}
	// The chunks' results and the voices hold voiceprints; what is kept does not.
	encoded := base64.StdEncoding.EncodeToString([]byte(voiceMark))
	key, err := r.p.key(t.Context(), m.ID)
	ok(t, err)
	for _, a := range arts {
		holds := a.Kind == store.ArtifactChunk || a.Kind == store.ArtifactVoices
		if strings.Contains(r.plain(a.Blob, key), encoded) != holds {
			t.Errorf("%s: a voiceprint is in it: %v", a.Kind, !holds)
		}
	}
	r.clock.advance(time.Minute)
	receipt, err := r.p.DeleteAudio(t.Context(), m.ID, "user-2")
	ok(t, err)
	want := store.Receipt{Meeting: m.ID, What: store.ErasedAudio, By: "user-2", At: r.clock.now(), Blobs: len(goes), Bytes: size}
	receipts, err := r.db.Receipts(t.Context(), 0)
	ok(t, err)
	if receipt != want || len(receipts) != 1 || receipts[0] != want {
		t.Errorf("receipt %+v, stored %+v, want %+v", receipt, receipts, want)
	}
	left, err := r.folder.List(t.Context(), m.ID)
	ok(t, err)
	slices.Sort(left)
	slices.Sort(stays)
	if !slices.Equal(left, stays) {
		t.Errorf("left in the vault %v, want %v", left, stays)
	}
	// Every blob that is left is read: none holds a voiceprint.
	for _, name := range left {
		if strings.Contains(r.plain(name, key), encoded) {
			t.Errorf("a voiceprint is left in %s", name)
		}
	}
	for about, err := range map[string]error{"recording": second(r.p.Recording(t.Context(), m.ID)), "audio": third(r.p.Audio(t.Context(), m.ID)),
		"again": second(r.p.DeleteAudio(t.Context(), m.ID, "user-2"))} {
		if referent.CodeOf(err) != referent.CodeNotFound {
			t.Errorf("%s: %v", about, err)
		}
	}
	if v, err := r.p.Voices(t.Context(), m.ID); v != nil || err != nil {
		t.Errorf("voices: %v, %v", v, err)
	}
	if got := r.shown(m.ID).Transcript.SpeakerName("S1"); got != "Kari" {
		t.Errorf("named %q", got)
	}
	_, err = r.p.Minutes(t.Context(), m.ID, 0)
	ok(t, err)
	// Names can still be given, minutes still be made.
	_, err = r.p.EditTranscript(t.Context(), m.ID, "user-1", 0, nameSpeaker("S2", "Ola"))
	ok(t, err)
	ok(t, r.p.Remake(t.Context(), m.ID))
	r.run()
	r.hand("far/1").until(m.ID, referent.StateReviewed)
	for _, secret := range []string{secretName, secretSentence, "Kari", "Ola"} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if r.log.count("audio deleted") != 1 {
		t.Error("the deletion is not in the log")
	}
	_, err = r.p.Delete(t.Context(), m.ID, "user-1")
	ok(t, err)
}

func TestDeleteAudioIsRefused(t *testing.T) {
	r := newRig(t, nil)
	_, err := r.p.DeleteAudio(t.Context(), "none", "user-1")
	wantCode(t, err, referent.CodeNotFound)
	r.run()
	m := r.create(1000)
	_, err = r.p.DeleteAudio(t.Context(), m.ID, "")
	wantCode(t, err, referent.CodeInvalid)
	_, err = r.p.DeleteAudio(t.Context(), m.ID, "user-1") // there is nothing but the audio yet
	wantCode(t, err, referent.CodeConflict)
	h := r.hand("far/1")
	for range 1 + h.chunks { // prepare and the chunks; the server joins them
		h.one()
	}
	r.waitState(m.ID, referent.StateTranscribed)
	_, err = r.p.DeleteAudio(t.Context(), m.ID, "user-1") // the minutes are written from words
	ok(t, err)
	h.until(m.ID, referent.StateDraft)
}

func TestDeleteAudioIsFinishedAfterACrashAtAnyStep(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Assemble = joinWithVoices })
	for steps := 0; ; steps++ {
		m := r.finished()
		dying := r.newPipelineOn(&mortal{Store: r.db, left: steps})
		_, err := dying.DeleteAudio(t.Context(), m.ID, "user-1")
		died := err != nil
		if died && !errors.Is(err, errDied) {
			t.Fatal(err)
		}
		r.restart()
		ok(t, r.p.reconcile(t.Context()))
		if steps == 0 { // nothing had been done yet
			_, _, err := r.p.Audio(t.Context(), m.ID)
			ok(t, err)
			continue
		}
		r.audioGone(m.ID)
		if !died {
			if steps < 2 {
				t.Fatalf("a deletion takes only %d writes", steps)
			}
			return
		}
	}
}

func TestDeleteAudioWithABrokenDisk(t *testing.T) {
	r, m := voiceRig(t)
	r.bucket.Break(faulty.FailOnce(faulty.OpDelete, errors.New("I/O error")))
	if _, err := r.p.DeleteAudio(t.Context(), m.ID, "user-1"); err == nil {
		t.Fatal("the disk's failure went unseen")
	}
	wantCode(t, third(r.p.Audio(t.Context(), m.ID)), referent.CodeNotFound)
	r.bucket.Heal()
	ok(t, r.p.reconcile(t.Context()))
	r.audioGone(m.ID)
}

// audioGone holds that the meeting's words are all that is left, with one receipt.
func (r *rig) audioGone(id string) {
	r.t.Helper()
	ctx := context.Background()
	r.noStrayBlobs(id)
	arts, err := r.db.Artifacts(ctx, id)
	ok(r.t, err)
	for _, a := range arts {
		if !slices.Contains(outlive[store.ErasedAudio], a.Kind) {
			r.t.Errorf("there is a %s", a.Kind)
		}
	}
	receipts, err := r.db.Receipts(ctx, 0)
	ok(r.t, err)
	n := 0
	for _, x := range receipts {
		if x.Meeting == id && x.What == store.ErasedAudio && x.Blobs > 0 {
			n++
		}
	}
	if n != 1 {
		r.t.Errorf("%d receipts, want 1", n)
	}
	if open, err := erasingAudio.read(ctx, r.db); err != nil || len(open) != 0 {
		r.t.Errorf("deletions not over: %v, %v", open, err)
	}
	ok(r.t, second(r.p.Transcript(ctx, id)))
}

func mustJSON(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	ok(t, err)
	return data
}

// plain reads a blob.
func (r *rig) plain(name string, key *blob.Key) string {
	r.t.Helper()
	b, err := r.vault.Open(context.Background(), name, key)
	ok(r.t, err)
	defer b.Close()
	data, err := io.ReadAll(io.NewSectionReader(b, 0, b.Size()))
	ok(r.t, err)
	return string(data)
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }
