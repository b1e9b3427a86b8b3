package pipeline

import (
	"encoding/json"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// A worker chooses where the answer to its request goes, and the server publishes it with rights that no
// worker has.
func TestForgedReplyDoesNothing(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	job := r.job(m.ID, referent.StagePrepare, 0).ID
	cancels, err := r.conn.SubscribeSync(protocol.SubjectCancelPrefix + "*")
	ok(t, err)
	ok(t, r.conn.Flush())

	r.eventually("queued", func() bool {
		n, err := r.queue.Pending(t.Context())
		return err == nil && n[referent.StagePrepare].Queued == 1
	})
	_, err = h.extend(protocol.Lease{Job: job}, 0) // an answer: the server listens
	wantCode(t, err, referent.CodeForbidden)

	claim, err := json.Marshal(protocol.ClaimRequest{Job: job, Worker: h.name})
	ok(t, err)
	for _, reply := range []string{protocol.SubjectCancelPrefix + "other", "$JS.API.STREAM.DELETE.JOBS_PREPARE", "_INBOX.x", "_INBOX_worker"} {
		ok(t, h.nc.PublishMsg(&nats.Msg{Subject: protocol.From(queue.KeyOf(h.nc), protocol.SubjectClaim), Reply: reply, Data: claim}))
	}
	// Nothing comes back that could be waited for; the log tells that all were looked at.
	const told = "reply elsewhere"
	r.eventually("four refusals", func() bool { return r.log.count(told) == 4 })

	if j := r.job(m.ID, referent.StagePrepare, 0); j.State != referent.JobQueued || j.Epoch != 0 || j.Attempt != 0 {
		t.Errorf("a forged claim was granted: %+v", j)
	}
	ok(t, r.conn.Flush())
	if n, _, err := cancels.Pending(); err != nil || n != 0 {
		t.Errorf("%d cancels, %v", n, err)
	}
	if n, err := r.queue.Pending(t.Context()); err != nil || n[referent.StagePrepare].Queued != 1 {
		t.Errorf("pending %v, %v", n, err)
	}
	h.until(m.ID, referent.StateDraft)
}
