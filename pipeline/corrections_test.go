package pipeline

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/correct"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

func seenIn(s referent.Segment) correct.Seen { return correct.Seen{Text: s.Text, Speaker: s.Speaker} }

func TestCorrectionsOfDifferentSegmentsAllStay(t *testing.T) {
	r, m := voiceRig(t)
	first := r.shown(m.ID).Transcript
	n := min(len(first.Segments), 4)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			s := first.Segments[i]
			_, err := r.p.CorrectTranscript(context.Background(), m.ID, "user-1", "", []correct.Amendment{{Do: correct.Text, Segment: s.ID, Seen: seenIn(s), Text: fmt.Sprintf("Rettet %d", i)}})
			if err != nil {
				t.Error(err) // four at once need at most four tries
			}
		})
	}
	wg.Wait()
	now := r.shown(m.ID)
	for i := range n {
		if got := now.Transcript.Segments[i].Text; got != fmt.Sprintf("Rettet %d", i) {
			t.Errorf("segment %d is %q", i, got)
		}
	}
	// In the same segment, whoever is second is told what stands there, and nothing is left of the attempt.
	s := first.Segments[0]
	_, err := r.p.CorrectTranscript(t.Context(), m.ID, "user-2", "", []correct.Amendment{{Do: correct.Text, Segment: s.ID, Seen: seenIn(s), Text: "Noe annet"}})
	wantCode(t, err, referent.CodeConflict)
	if c, is := errors.AsType[*correct.Conflict](err); !is || c.Now.Text != "Rettet 0" {
		t.Errorf("conflict: %v", err)
	}
	r.noStrayBlobs(m.ID)

	// What is done already makes no version.
	s = now.Transcript.Segments[0]
	c, err := r.p.CorrectTranscript(t.Context(), m.ID, "user-1", "", []correct.Amendment{{Do: correct.Text, Segment: s.ID, Seen: seenIn(s), Text: s.Text}})
	ok(t, err)
	if c.After.Version != now.Version || c.Before.Version != now.Version {
		t.Errorf("versions %d and %d, want %d", c.Before.Version, c.After.Version, now.Version)
	}
	// Going back is a version too, and is for the one that was read.
	_, err = r.p.RestoreTranscript(t.Context(), m.ID, "user-1", now.Version-1, 1)
	wantCode(t, err, referent.CodeConflict)
	_, err = r.p.RestoreTranscript(t.Context(), m.ID, "user-1", now.Version, now.Version+7)
	wantCode(t, err, referent.CodeNotFound)
	c, err = r.p.RestoreTranscript(t.Context(), m.ID, "user-1", now.Version, 1)
	ok(t, err)
	if c.After.Version != now.Version+1 || c.After.Transcript.Segments[0].Text != first.Segments[0].Text {
		t.Errorf("restored: %+v", c.After)
	}
	data, err := json.Marshal(c.After.Transcript)
	ok(t, err)
	if a, err := r.db.Artifact(t.Context(), m.ID, store.ArtifactTranscript, 0); err != nil || a.Size > int64(len(data)/2) {
		t.Errorf("%d bytes are stored as %d", len(data), a.Size)
	}
	// Whoever writes the minutes reads it as it is, packed or not.
	src, err := r.p.openSource(t.Context(), &referent.Job{Meeting: m.ID, Stage: referent.StageMinutes}, protocol.SourceTranscript)
	ok(t, err)
	got := make([]byte, src.to)
	_, err = src.r.ReadAt(got, 0)
	ok(t, err)
	if string(got) != string(data) {
		t.Errorf("a worker reads %.40q", got)
	}
	list, err := r.p.TranscriptVersions(t.Context(), m.ID, 0, 2)
	ok(t, err)
	if len(list) != 2 || list[0].Version != c.After.Version || !list[0].Shown || list[0].Changed != n || list[0].By != "user-1" || list[1].Changed != 1 || list[1].From != list[1].Version-1 {
		t.Errorf("versions: %+v", list)
	}
	all, err := r.p.TranscriptVersions(t.Context(), m.ID, 0, 100)
	ok(t, err)
	if last := all[len(all)-1]; len(all) != n+2 || last.Version != 1 || last.By != "" || last.Changed != 0 {
		t.Errorf("all versions: %+v", all)
	}
	r.noStrayBlobs(m.ID)
}

// A batch whose answer was lost is sent again: whatever it does, it is done once, and told as the first time.
func TestCorrectionsSentAgain(t *testing.T) {
	r, m := voiceRig(t)
	first := r.shown(m.ID).Transcript
	var words []correct.Amendment
	for _, s := range first.Segments[:2] {
		words = append(words, correct.Amendment{Do: correct.Text, Segment: s.ID, Seen: seenIn(s), Text: "ett to tre"})
	}
	c, err := r.p.CorrectTranscript(t.Context(), m.ID, "user-1", "", words)
	ok(t, err)
	first = c.After.Transcript
	at := func(i int) referent.Segment { return r.shown(m.ID).Transcript.Segments[i] }
	next := seenIn(first.Segments[1])
	for i, edits := range [][]correct.Amendment{
		{{Do: correct.Join, Segment: first.Segments[0].ID, Seen: seenIn(first.Segments[0]), Next: &next}},
		{{Do: correct.Split, Segment: first.Segments[0].ID, Word: 1}},
		{{Do: correct.Speaker, Segment: first.Segments[0].ID, Speaker: "new", Rest: true}},
		{{Do: correct.Text, Segment: first.Segments[0].ID, Text: "en"}, {Do: correct.Text, Segment: first.Segments[0].ID, Seen: correct.Seen{Text: "en"}, Text: "to"}},
	} {
		if i > 0 {
			edits[0].Seen = seenIn(at(0))
		}
		batch := fmt.Sprint("batch-", i)
		once, err := r.p.CorrectTranscript(t.Context(), m.ID, "user-1", batch, edits)
		ok(t, err)
		again, err := r.p.CorrectTranscript(t.Context(), m.ID, "user-1", batch, edits)
		ok(t, err)
		if once.After.Version != once.Before.Version+1 || again.Before.Version != once.Before.Version || again.After.Version != once.After.Version || r.shown(m.ID).Version != once.After.Version {
			t.Errorf("%s: %d to %d, and again %d to %d", edits[0].Do, once.Before.Version, once.After.Version, again.Before.Version, again.After.Version)
		}
		if len(correct.Compare(once.After.Transcript, again.After.Transcript)) != 0 {
			t.Errorf("%s: another transcript", edits[0].Do)
		}
	}
	// Another person's batch is another's, whatever it is called; and two at once are done once.
	s := at(0)
	_, err = r.p.CorrectTranscript(t.Context(), m.ID, "user-2", "batch-0", []correct.Amendment{{Do: correct.Text, Segment: s.ID, Seen: seenIn(s), Text: "tre fire"}})
	ok(t, err)
	before, s := r.shown(m.ID).Version, at(0)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if c, err := r.p.CorrectTranscript(context.Background(), m.ID, "user-1", "at once", []correct.Amendment{{Do: correct.Split, Segment: s.ID, Seen: seenIn(s), Word: 1}}); err != nil || c.After.Version != before+1 {
				t.Errorf("at once: %v", err)
			}
		})
	}
	wg.Wait()
	if now := r.shown(m.ID).Version; now != before+1 {
		t.Errorf("version %d, want %d", now, before+1)
	}
	// A speaker of a version that was left is nobody else's in the one that was gone back to.
	c, err = r.p.RestoreTranscript(t.Context(), m.ID, "user-1", before+1, 1)
	ok(t, err)
	if made := len(first.Speakers) + 1; c.After.Transcript.SpeakersMade < made {
		t.Errorf("made %d, want %d", c.After.Transcript.SpeakersMade, made)
	}
	r.noStrayBlobs(m.ID)
}

// setAudio stores sound of one channel beside the meeting.
func (r *rig) setAudio(id string, pcm []byte) {
	r.t.Helper()
	ctx := context.Background()
	key, err := r.p.key(ctx, id)
	ok(r.t, err)
	plan, err := json.Marshal(referent.PrepareResult{Plan: &referent.Plan{Channels: 1}})
	ok(r.t, err)
	for kind, data := range map[store.ArtifactKind][]byte{store.ArtifactAudio: pcm, store.ArtifactPlan: plan} {
		name, err := seal(ctx, r.p.cfg.Vault, id, key, data)
		ok(r.t, err)
		ok(r.t, r.db.Tx(ctx, func(tx store.Tx) error {
			return tx.PutArtifact(ctx, &store.Artifact{Meeting: id, Kind: kind, Blob: name, Size: int64(len(data))})
		}))
	}
}

func TestPeaksAreKeptAsLongAsTheSound(t *testing.T) {
	r, m := voiceRig(t)
	pcm := make([]byte, 200*referent.SampleRate*bytesPerSample)
	loud := int16(-16384) // at 100 s
	binary.LittleEndian.PutUint16(pcm[100*referent.SampleRate*bytesPerSample:], uint16(loud))
	r.setAudio(m.ID, pcm)
	p, err := r.p.Peaks(t.Context(), m.ID)
	ok(t, err)
	if at := int(100 * p.Rate); p.Seconds != 200 || len(p.Peaks) > maxPeaks || len(p.Peaks) < maxPeaks/2 || p.Peaks[at] != 128 || slices.Max(p.Peaks[:at]) != 0 {
		t.Fatalf("%d peaks of %v s at %v", len(p.Peaks), p.Seconds, p.Rate)
	}
	count := func() (n int) {
		arts, err := r.db.Artifacts(t.Context(), m.ID)
		ok(t, err)
		for _, a := range arts {
			if a.Kind == store.ArtifactPeaks {
				n++
			}
		}
		return n
	}
	r.p.peaking <- struct{}{} // another recording is being read
	again, err := r.p.Peaks(t.Context(), m.ID)
	ok(t, err)
	if !slices.Equal(again.Peaks, p.Peaks) || count() != 1 {
		t.Errorf("looked at again: %d kept", count())
	}
	r.setAudio(m.ID, pcm[:len(pcm)/2]) // the sound is made anew
	gone, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = r.p.Peaks(gone, m.ID) // nobody waits for it any more
	wantCode(t, err, referent.CodeCancelled)
	<-r.p.peaking
	again, err = r.p.Peaks(t.Context(), m.ID)
	ok(t, err)
	if again.Seconds != 100 || count() != 2 {
		t.Errorf("of the new sound: %v s, %d kept", again.Seconds, count())
	}
	_, err = r.p.DeleteAudio(t.Context(), m.ID, "user-1")
	ok(t, err)
	r.audioGone(m.ID)
	if count() != 0 {
		t.Error("the peaks outlive the sound")
	}
	_, err = r.p.Peaks(t.Context(), m.ID)
	wantCode(t, err, referent.CodeNotFound)
}
