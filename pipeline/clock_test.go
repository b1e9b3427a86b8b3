package pipeline

import (
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// A clock that was an hour ahead and is set right leaves leases that end in an hour, and pauses as long: whoever died
// meanwhile must not be waited for, and who lives keeps the job.
func TestClockSetBack(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	r.create(1000)
	h := r.hand("far/1")
	h.one() // prepare
	r.clock.advance(time.Hour)
	_, dead := h.take()
	_, lives := h.take()
	_, fails := h.take()
	ok(t, h.fail(fails.Lease, referent.CodeDiskFull))
	r.clock.advance(-time.Hour)
	ok(t, r.p.reconcile(t.Context()))
	for range 3 {
		r.clock.advance(protocol.LeaseTTL / 2)
		_, err := h.extend(lives.Lease, 0.5)
		ok(t, err)
		ok(t, r.p.reconcile(t.Context()))
	}
	r.eventually("the job of the dead worker is free", func() bool {
		j, err := r.db.Job(t.Context(), dead.Lease.Job)
		ok(t, err)
		return j.State == referent.JobQueued && j.Code == referent.CodeWorkerLost
	})
	j, err := r.db.Job(t.Context(), fails.Lease.Job)
	ok(t, err)
	if r.clock.now().Before(j.NotBefore) {
		t.Errorf("a job that failed while the clock was wrong waits until %v, now is %v", j.NotBefore, r.clock.now())
	}
	h.do(lives)
	ok(t, h.commit(lives.Lease))
}
