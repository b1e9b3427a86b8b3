package pipeline

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// mendTimes makes up for a clock that was ahead and was set right: no lease ends later than one that is given now, and
// no job waits longer than one that fails now. Who is at work goes on; who died is not waited for.
func (p *Pipeline) mendTimes(ctx context.Context) error {
	leases, err := p.cfg.Store.LeasesOf(ctx, "")
	if err != nil {
		return err
	}
	waiting, err := p.cfg.Store.Queued(ctx, store.QueuedFilter{PausedBeyond: p.now().Add(longestPause)}, 0)
	if err != nil {
		return err
	}
	for _, j := range slices.Concat(leases, waiting) {
		if now := p.now(); !mendTime(&j, now) {
			continue
		}
		err := p.do(ctx, func(ctx context.Context, s *step) error {
			now, err := s.Job(ctx, j.ID)
			if err != nil || now.Epoch != j.Epoch || !mendTime(now, s.now) {
				return err
			}
			return s.UpdateJob(ctx, now, now.Epoch)
		})
		if err := ignoreGone(err); err != nil {
			return err
		}
	}
	return nil
}

// mendTime brings a job's moments within reach, and reports whether they were not.
func mendTime(j *referent.Job, now time.Time) (mended bool) {
	life := protocol.LeaseTTL
	if strings.HasPrefix(j.Worker, serverWorkers) {
		life = serverLease
	}
	if latest := now.Add(life); j.State == referent.JobLeased && j.LeaseExpires.After(latest) {
		j.LeaseExpires, mended = latest, true
	}
	if j.State == referent.JobQueued && j.NotBefore.After(now.Add(longestPause)) {
		j.NotBefore, mended = now, true
	}
	return mended
}
