package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

func (h *hand) checkpoint(l protocol.Lease, key string, data []byte) error {
	h.t.Helper()
	_, err := h.ask(checkpointMsg(protocol.SubjectCheckpoint, l, key, data))
	return err
}

func (h *hand) recall(l protocol.Lease, key string) ([]byte, error) {
	h.t.Helper()
	reply, err := h.ask(checkpointMsg(protocol.SubjectRecall, l, key, nil))
	if err != nil {
		return nil, err
	}
	return reply.Data, nil
}

func checkpointMsg(subject string, l protocol.Lease, key string, data []byte) *nats.Msg {
	m := nats.NewMsg(subject)
	m.Header.Set(protocol.HeaderLease, l.String())
	m.Header.Set(protocol.HeaderKey, key)
	m.Data = data
	return m
}

// keyOf is a key as workers make them.
func keyOf(c string) string { return strings.Repeat(c, 64) }

// writing brings a meeting to where its minutes are being written, and returns the lease.
func (r *rig) writing(h *hand) (*referent.Meeting, protocol.Lease) {
	r.t.Helper()
	m := r.create(1000)
	for range 1 + h.chunks {
		h.one()
	}
	_, c := h.take()
	if c.Task.Stage != referent.StageMinutes {
		r.t.Fatalf("stage %s", c.Task.Stage)
	}
	return m, c.Lease
}

func TestCheckpointOutlivesWorkerAndServer(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h := r.hand("far/1")
	m, first := r.writing(h)
	_, foreign := r.writing(h)
	if data, err := h.recall(first, keyOf("a")); err != nil || len(data) != 0 {
		t.Fatalf("nothing is kept, yet %q, %v came", data, err)
	}
	ok(t, h.checkpoint(first, keyOf("a"), []byte(secretSentence)))
	ok(t, h.checkpoint(first, keyOf("b"), []byte("noe annet")))
	ok(t, h.checkpoint(first, keyOf("b"), []byte("noe nytt"))) // again: the later holds
	r.noStrayBlobs(m.ID)
	if data, err := h.recall(foreign, keyOf("a")); err != nil || len(data) != 0 {
		t.Errorf("another meeting's lease gets %q, %v", data, err)
	}

	h.leave()
	r.restart()
	r.run()
	r.clock.advance(protocol.LeaseTTL + time.Second)
	ok(t, r.p.reconcile(t.Context()))
	h = r.hand("far/2")
	_, c := h.take()
	for c.Task.Meeting.ID != m.ID {
		_, c = h.take()
	}
	for key, want := range map[string]string{"a": secretSentence, "b": "noe nytt", "c": ""} {
		if data, err := h.recall(c.Lease, keyOf(key)); err != nil || string(data) != want {
			t.Errorf("%s: %q, %v", key, data, err)
		}
	}
	wantCode(t, h.checkpoint(first, keyOf("d"), []byte("x")), referent.CodeLeaseLost)
	_, err := h.recall(first, keyOf("a"))
	wantCode(t, err, referent.CodeLeaseLost)
	r.sealed()

	h.do(c)
	ok(t, h.commit(c.Lease))
	r.waitState(m.ID, referent.StateDraft)
	wantCode(t, h.checkpoint(c.Lease, keyOf("d"), []byte("x")), referent.CodeLeaseLost)
	r.noStrayBlobs(m.ID)
	_, err = r.p.Delete(t.Context(), m.ID, "user-1")
	ok(t, err)
	r.gone(m.ID)
	if all, err := r.db.Checkpoints(t.Context(), m.ID); err != nil || len(all) != 0 {
		t.Errorf("left of a deleted meeting: %v, %v", all, err)
	}
}

// sealed holds that no blob can be read without its key.
func (r *rig) sealed() {
	r.t.Helper()
	files := 0
	ok(r.t, filepath.WalkDir(filepath.Join(r.dir, "blobs"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(secretSentence)) {
			r.t.Errorf("a blob holds what was said in plain")
		}
		return err
	}))
	if files == 0 {
		r.t.Error("there are no blobs")
	}
}

// Approved minutes are not made again: what would serve for that goes.
func TestCheckpointsGoWithApproval(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h := r.hand("far/1")
	m, lease := r.writing(h)
	ok(t, h.checkpoint(lease, keyOf("a"), []byte(secretSentence)))
	data, err := json.Marshal(referent.Minutes{Title: "Møte"})
	ok(t, err)
	ok(t, h.writeAll(lease, protocol.StreamResult, data))
	ok(t, h.commit(lease))
	m = r.waitState(m.ID, referent.StateDraft)
	if all, err := r.db.Checkpoints(t.Context(), m.ID); err != nil || len(all) != 1 {
		t.Fatalf("drafts can be made again from %v, %v", all, err)
	}
	ok(t, r.p.do(t.Context(), func(ctx context.Context, s *step) error { return s.move(ctx, m, referent.StateApproved) }))
	if all, err := r.db.Checkpoints(t.Context(), m.ID); err != nil || len(all) != 0 {
		t.Errorf("left after the approval: %v, %v", all, err)
	}
	r.noStrayBlobs(m.ID)
}

// A meeting that has been made again many times keeps its newest checkpoints.
func TestOldestCheckpointGivesWay(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h := r.hand("far/1")
	m, lease := r.writing(h)
	ok(t, h.checkpoint(lease, keyOf("a"), []byte("den eldste")))
	ok(t, h.checkpoint(lease, keyOf("b"), []byte("den nest eldste")))
	oldest, err := r.db.Checkpoint(t.Context(), m.ID, keyOf("a"))
	ok(t, err)
	ok(t, r.db.Tx(t.Context(), func(tx store.Tx) error {
		for i := range maxCheckpoints - 2 {
			c := store.Checkpoint{Meeting: m.ID, Key: fmt.Sprintf("%064x", i), Blob: oldest.Blob, Created: oldest.Created.Add(time.Hour)}
			if err := tx.PutCheckpoint(t.Context(), &c); err != nil {
				return err
			}
		}
		// The clock of the rig may stand still: age is what the rows say.
		oldest.Created = oldest.Created.Add(-time.Hour)
		return tx.PutCheckpoint(t.Context(), oldest)
	}))
	ok(t, h.checkpoint(lease, keyOf("b"), []byte("den samme igjen"))) // no new one: nothing gives way
	if data, err := h.recall(lease, keyOf("a")); err != nil || string(data) != "den eldste" {
		t.Fatalf("%q, %v", data, err)
	}
	ok(t, h.checkpoint(lease, keyOf("c"), []byte("ny")))
	all, err := r.db.Checkpoints(t.Context(), m.ID)
	ok(t, err)
	if len(all) != maxCheckpoints {
		t.Errorf("%d checkpoints", len(all))
	}
	for key, want := range map[string]string{"a": "", "b": "den samme igjen", "c": "ny"} {
		if data, err := h.recall(lease, keyOf(key)); err != nil || string(data) != want {
			t.Errorf("%s: %q, %v", key, data, err)
		}
	}
}

func TestCheckpointRefused(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h := r.hand("far/1")
	m, lease := r.writing(h)
	for name, key := range map[string]string{"no key": "", "short": "abc", "capitals": keyOf("A"), "a path": "../" + keyOf("a")[3:]} {
		if err := h.checkpoint(lease, key, []byte("x")); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantCode(t, h.checkpoint(lease, keyOf("a"), nil), referent.CodeInvalid)
	wantCode(t, h.checkpoint(lease, keyOf("a"), make([]byte, protocol.MaxPiece+1)), referent.CodeInvalid)
	forged := lease
	forged.Token = "00"
	wantCode(t, h.checkpoint(forged, keyOf("a"), []byte("x")), referent.CodeForbidden)
	_, err := h.recall(forged, keyOf("a"))
	wantCode(t, err, referent.CodeForbidden)
	r.noStrayBlobs(m.ID)

	r.create(1000)
	_, c := h.take() // prepare: a stage without checkpoints
	wantCode(t, h.checkpoint(c.Lease, keyOf("a"), []byte("x")), referent.CodeForbidden)
	_, err = h.recall(c.Lease, keyOf("a"))
	wantCode(t, err, referent.CodeForbidden)
}
