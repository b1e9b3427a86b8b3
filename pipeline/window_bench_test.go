package pipeline

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// BenchmarkWorkers shares the chunks of four departments' recordings among so many real workers, each of which is at two
// chunks of a quarter of a second at a time. busy is how much of that time they were at work.
func BenchmarkWorkers(b *testing.B) {
	const meetings, chunks, slots = 8, 32, 2
	takes := 250 * time.Millisecond
	for _, workers := range []int{1, 2, 4, 8} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				r := newRig(b, nil)
				for i := range meetings {
					r.of(fmt.Sprint("department ", i%4))
				}
				r.run()
				h := r.hand("far/prepares")
				h.chunks, h.samples = chunks, 100
				for i := 0; i < meetings; {
					if d, c := h.take(); c.Task.Stage == referent.StagePrepare {
						h.do(c)
						ok(b, h.commit(c.Lease))
						i++
					} else {
						ok(b, h.fail(c.Lease, referent.CodeCancelled))
						ok(b, d.Drop())
					}
				}
				h.leave()
				b.StartTimer()
				began := time.Now()
				for i := range workers {
					r.hireFor(fmt.Sprint("far/", i), takes, referent.StageTranscribe)
				}
				left := func() (n int) {
					loads, err := r.db.Workloads(context.Background())
					ok(b, err)
					for _, l := range loads {
						if l.Stage == referent.StageTranscribe {
							n += l.Waiting + l.Running
						}
					}
					return n
				}
				for deadline := began.Add(5 * time.Minute); left() > 0; time.Sleep(50 * time.Millisecond) {
					if time.Now().After(deadline) {
						b.Fatal("it does not end")
					}
				}
				b.ReportMetric(100*float64(meetings*chunks)*takes.Seconds()/(float64(workers*slots)*time.Since(began).Seconds()), "%busy")
			}
		})
	}
}

// BenchmarkTurn is what the dispatcher does after a claim when a thousand recordings of twenty departments wait.
func BenchmarkTurn(b *testing.B) {
	ctx := context.Background()
	r := newRig(b, nil)
	r.present(protocol.Presence{Worker: "far/1", Stages: queue.Stages, Threads: 1})
	for i := range 1000 {
		m := newMeeting()
		m.Department = fmt.Sprint("department ", i%20)
		ok(b, r.p.Create(ctx, m))
		m.Recording = &referent.Recording{Size: 1 << 20}
		ok(b, r.db.Tx(ctx, func(tx store.Tx) error {
			if err := tx.UpdateMeeting(ctx, m); err != nil {
				return err
			}
			stage, jobs := referent.StagePrepare, 1
			if i < 40 {
				stage, jobs = referent.StageTranscribe, 60
			}
			for chunk := range jobs {
				if err := tx.AddJob(ctx, &referent.Job{ID: fmt.Sprint("j-", i, "-", chunk), Meeting: m.ID, Stage: stage, Chunk: chunk, Priority: referent.PriorityBulk}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	ok(b, r.p.dispatch(ctx))
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		jobs, err := r.db.Queued(ctx, store.QueuedFilter{Published: true, Stage: referent.StageTranscribe}, 1)
		ok(b, err)
		ok(b, r.db.Tx(ctx, func(tx store.Tx) error { // it is taken, and done in no time
			jobs[0].State = referent.JobDone
			return tx.UpdateJob(ctx, &jobs[0], jobs[0].Epoch)
		}))
		b.StartTimer()
		ok(b, r.p.dispatch(ctx))
	}
}
