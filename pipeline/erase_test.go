package pipeline

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob/faulty"
	"github.com/referent/referent/worker/protocol"
)

// mortal is a store whose process dies after a number of writes: from then on nothing is written.
type mortal struct {
	store.Store
	left int
}

var errDied = errors.New("the process died")

func (m *mortal) step() error {
	if m.left <= 0 {
		return errDied
	}
	m.left--
	return nil
}

func (m *mortal) Tx(ctx context.Context, fn func(store.Tx) error) error {
	if err := m.step(); err != nil {
		return err
	}
	return m.Store.Tx(ctx, fn)
}

func (m *mortal) Scrub(ctx context.Context) error {
	if err := m.step(); err != nil {
		return err
	}
	return m.Store.Scrub(ctx)
}

// finished makes a meeting that has been through everything.
func (r *rig) finished() *referent.Meeting {
	r.t.Helper()
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	h.until(m.ID, referent.StateDraft)
	mine, err := r.p.Minutes(context.Background(), m.ID, 0)
	ok(r.t, err)
	mine.Title = secretTitle + ", rettet"
	ok(r.t, saved(r.p.SaveMinutes(context.Background(), m.ID, somebody, 0, mine)))
	h.leave()
	r.halt()
	return m
}

// gone holds that nothing of the meeting is left but its receipt.
func (r *rig) gone(id string) {
	r.t.Helper()
	ctx := context.Background()
	_, err := r.db.Meeting(ctx, id)
	wantCode(r.t, err, referent.CodeNotFound)
	_, err = r.db.MeetingKey(ctx, id)
	wantCode(r.t, err, referent.CodeNotFound)
	names, err := r.folder.List(ctx, id)
	ok(r.t, err)
	if len(names) != 0 || len(r.jobs(id)) != 0 {
		r.t.Errorf("left: blobs %v, jobs %v", names, r.jobs(id))
	}
	receipts, err := r.db.Receipts(ctx, 0)
	ok(r.t, err)
	n := 0
	for _, x := range receipts {
		if x.Meeting == id {
			n++
			if !x.KeyGone || x.By != "user-1" {
				r.t.Errorf("receipt: %+v", x)
			}
		}
	}
	if n != 1 {
		r.t.Errorf("%d receipts, want 1", n)
	}
	if open, err := erasing.read(ctx, r.db); err != nil || len(open) != 0 {
		r.t.Errorf("erasures not over: %v, %v", open, err)
	}
	_, err = r.p.Delete(ctx, id, "user-1")
	wantCode(r.t, err, referent.CodeNotFound)
}

// find returns the files under the data folder that hold the words. It is another process: SQLite's
// locks do not survive that its own process opens and closes the file.
func (r *rig) find(words string) []string {
	r.t.Helper()
	out, err := exec.Command("grep", "-rlaiF", "-e", words, r.dir).Output()
	if exit, is := errors.AsType[*exec.ExitError](err); is && exit.ExitCode() == 1 {
		return nil
	}
	ok(r.t, err)
	return strings.Fields(string(out))
}

func TestDeleteLeavesNoWordBehind(t *testing.T) {
	r := newRig(t, nil)
	kept := r.finished()
	m := r.finished()
	// Words of the kept meeting would be found too: give it others.
	r.withoutSecrets(kept.ID)
	ok(t, r.db.Scrub(t.Context()))
	for _, words := range []string{secretTitle, secretName, "hemmeligheten"} {
		if len(r.find(words)) == 0 {
			t.Errorf("%q is nowhere to be found before the deletion: the search proves nothing", words)
		}
	}
	receipt, err := r.p.Delete(t.Context(), m.ID, "user-1")
	ok(t, err)
	if receipt.Blobs < 7 || receipt.Bytes == 0 || !receipt.KeyGone || !receipt.At.Equal(r.clock.now()) {
		t.Errorf("receipt: %+v", receipt)
	}
	for _, words := range []string{secretTitle, secretName, secretSentence, "hemmeligheten", "kirseb", "Fnatthode", "Fagott", "rettet"} {
		if at := r.find(words); len(at) != 0 {
			t.Errorf("%q is left in %v", words, at)
		}
		if strings.Contains(r.log.String(), words) {
			t.Errorf("%q is in the log", words)
		}
	}
	r.gone(m.ID)
	if st := r.meeting(kept.ID).State; st != referent.StateReviewed {
		t.Errorf("another meeting became %s", st)
	}
	_, err = r.p.Transcript(t.Context(), kept.ID)
	ok(t, err)
}

// withoutSecrets takes the secret words out of a meeting's rows.
func (r *rig) withoutSecrets(id string) {
	r.t.Helper()
	ctx := context.Background()
	ok(r.t, r.db.Tx(ctx, func(tx store.Tx) error {
		m, err := tx.Meeting(ctx, id)
		if err != nil {
			return err
		}
		m.Title, m.Participants = "Annet møte", nil
		if err := tx.UpdateMeeting(ctx, m); err != nil {
			return err
		}
		return tx.IndexTranscript(ctx, id, &referent.Transcript{Segments: []referent.Segment{{ID: "s1", Text: "vanlige ord"}}})
	}))
}

func TestDeleteIsFinishedAfterACrashAtAnyStep(t *testing.T) {
	r := newRig(t, nil)
	for steps := 0; ; steps++ {
		m := r.finished()
		dying := r.newPipelineOn(&mortal{Store: r.db, left: steps})
		_, err := dying.Delete(t.Context(), m.ID, "user-1")
		if err == nil {
			if steps < 4 {
				t.Fatalf("an erasure takes only %d writes", steps)
			}
			r.gone(m.ID)
			return
		}
		if !errors.Is(err, errDied) {
			t.Fatal(err)
		}
		r.restart()
		ok(t, r.p.reconcile(t.Context()))
		if steps == 0 { // nothing had been done yet
			_, err := r.p.Minutes(t.Context(), m.ID, 0)
			ok(t, err)
			continue
		}
		r.gone(m.ID)
	}
}

// newPipelineOn makes a second pipeline on a store that has its secret and its own workers' key already.
func (r *rig) newPipelineOn(m *mortal) *Pipeline {
	left := m.left
	m.left = 2 // reads that are transactions
	p := r.newPipeline(m)
	m.left = left
	return p
}

func TestDeleteWithABrokenDisk(t *testing.T) {
	r := newRig(t, nil)
	m := r.finished()
	r.bucket.Break(faulty.FailOnce(faulty.OpDeleteAll, errors.New("I/O error")))
	if _, err := r.p.Delete(t.Context(), m.ID, "user-1"); err == nil {
		t.Fatal("the disk's failure went unseen")
	}
	_, err := r.p.Transcript(t.Context(), m.ID)
	wantCode(t, err, referent.CodeNotFound)
	got := r.meeting(m.ID)
	if got.State != referent.StatePurged || got.Title != "" || got.Participants != nil {
		t.Errorf("meeting: %+v", got)
	}
	wantCode(t, r.p.Retry(t.Context(), m.ID, RetryOptions{}), referent.CodeConflict)
	wantCode(t, r.p.Cancel(t.Context(), m.ID), referent.CodeConflict)
	r.bucket.Heal()
	ok(t, r.p.reconcile(t.Context()))
	r.gone(m.ID)
}

func TestDeleteStopsWorkUnderWay(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	h.one()
	_, c := h.take()
	h.do(c)
	_, err := r.p.Delete(t.Context(), m.ID, "user-1")
	ok(t, err)
	wantCode(t, h.commit(c.Lease), referent.CodeLeaseLost)
	r.gone(m.ID)
	r.eventually("empty queue", func() bool {
		empty, err := r.queue.Empty(t.Context())
		return err == nil && empty
	})
	if len(r.p.sessions.open) != 0 {
		t.Error("a session is open")
	}
}

func TestResultThatCouldNotBeCommittedLeavesNoBlob(t *testing.T) {
	r := newRig(t, nil)
	m := r.create(1000)
	dying := &mortal{Store: r.db, left: 10}
	r.p = r.newPipeline(dying)
	dying.left = 1 // the claim
	c, err := r.p.claim(t.Context(), protocol.ClaimRequest{Job: r.job(m.ID, referent.StagePrepare, 0).ID, Worker: "far/1"})
	ok(t, err)
	prep := []byte(`{"plan":{"samples":50}}`)
	ok(t, r.p.write(t.Context(), c.Lease, protocol.StreamAudio, 0, noise(100)))
	ok(t, r.p.write(t.Context(), c.Lease, protocol.StreamResult, 0, prep))
	for range 2 {
		if err := r.p.commit(t.Context(), c.Lease); !errors.Is(err, errDied) {
			t.Fatalf("commit: %v", err)
		}
	}
	dying.left = 1
	ok(t, r.p.fail(t.Context(), protocol.FailRequest{Lease: c.Lease, Code: referent.CodeDiskFull}))
	r.noStrayBlobs(m.ID)
}

func TestRepeatedCommitUsesTheSameAudio(t *testing.T) {
	r := newRig(t, nil)
	m := r.create(1000)
	dying := &mortal{Store: r.db, left: 10}
	r.p = r.newPipeline(dying)
	dying.left = 1
	c, err := r.p.claim(t.Context(), protocol.ClaimRequest{Job: r.job(m.ID, referent.StagePrepare, 0).ID, Worker: "far/1"})
	ok(t, err)
	ok(t, r.p.write(t.Context(), c.Lease, protocol.StreamAudio, 0, noise(100)))
	ok(t, r.p.write(t.Context(), c.Lease, protocol.StreamResult, 0, []byte(`{"plan":{"samples":50}}`)))
	if err := r.p.commit(t.Context(), c.Lease); !errors.Is(err, errDied) {
		t.Fatalf("commit: %v", err)
	}
	dying.left = 1
	ok(t, r.p.commit(t.Context(), c.Lease))
	if st := r.meeting(m.ID).State; st != referent.StatePrepared {
		t.Fatalf("state = %s", st)
	}
	r.noStrayBlobs(m.ID)
}
