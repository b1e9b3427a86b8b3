package sqldb

import (
	"context"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

const jobColumns = `id, meeting, stage, chunk, priority, state, epoch, attempt, worker, lease_expires,
	not_before, progress, code, created, updated`

// stageOrder is the order that stages run in.
const stageOrder = `CASE stage WHEN 'live' THEN 0 WHEN 'prepare' THEN 1 WHEN 'transcribe' THEN 2
	WHEN 'assemble' THEN 3 WHEN 'minutes' THEN 4 ELSE 5 END`

func scanJob(s scan, j *referent.Job) error {
	return s(&j.ID, &j.Meeting, &j.Stage, &j.Chunk, &j.Priority, &j.State, &j.Epoch, &j.Attempt, &j.Worker,
		asTime{&j.LeaseExpires}, asTime{&j.NotBefore}, &j.Progress, &j.Code, asTime{&j.Created}, asTime{&j.Updated})
}

// Job implements store.Reader.
func (r reads) Job(ctx context.Context, id string) (*referent.Job, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE id = $1`, id),
		scanJob, "store: read job")
}

// JobsOf implements store.Reader. Jobs of the same stage and chunk are in the order they were made.
func (r reads) JobsOf(ctx context.Context, meeting string) ([]referent.Job, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE meeting = $1
		ORDER BY `+stageOrder+`, chunk, created, id`, meeting)
	return list(r, rows, err, scanJob, "store: list jobs of meeting")
}

// DeadJobs implements store.Reader. limit 0 means 1000.
func (r reads) DeadJobs(ctx context.Context, n int) ([]referent.Job, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE state = 'dead'
		ORDER BY updated DESC, id DESC LIMIT $1`, limit(n, 1000))
	return list(r, rows, err, scanJob, "store: list dead jobs")
}

// Queued implements store.Reader. limit 0 means 1000.
func (r reads) Queued(ctx context.Context, f store.QueuedFilter, n int) (all []referent.Job, _ error) {
	n = limit(n, 1000)
	wanted := []referent.Priority{referent.PriorityInteractive, referent.PriorityBulk}
	if f.Priority != "" {
		wanted = []referent.Priority{f.Priority}
	}
	order := `created, chunk, id`
	if f.Newest {
		order = `created DESC, chunk DESC, id DESC`
		slices.Reverse(wanted)
	}
	// One walk for each priority, in their order, keeps the backlog from being sorted at every look.
	for _, p := range wanted {
		args := Args{p}
		query := `SELECT ` + jobColumns + ` FROM jobs WHERE state = 'queued' AND priority = $1 AND published = `
		switch {
		case f.Meeting != "": // found among the meeting's jobs, not among all that are queued
			query = `SELECT ` + jobColumns + ` FROM jobs WHERE meeting = ` + args.Arg(f.Meeting) + ` AND state || '' = 'queued' AND priority = $1 AND published = `
		case f.Stage == referent.StageAssemble: // there are few, behind however many others
			query = `SELECT ` + jobColumns + ` FROM jobs WHERE state = 'queued' AND priority || '' = $1 AND published = `
		}
		if f.Published {
			query += `1`
		} else {
			query += `0`
		}
		if !f.Due.IsZero() {
			query += ` AND not_before <= ` + args.Arg(Micros(f.Due))
		}
		if !f.PausedBeyond.IsZero() {
			query += ` AND not_before > 0 AND not_before > ` + args.Arg(Micros(f.PausedBeyond))
		}
		if f.Stage != "" {
			query += ` AND stage = ` + args.Arg(f.Stage)
		}
		rows, err := r.q.QueryContext(ctx, query+` ORDER BY `+order+` LIMIT `+args.Arg(n-len(all)), args...)
		jobs, err := list(r, rows, err, scanJob, "store: list queued jobs")
		if err != nil {
			return nil, err
		}
		if all = append(all, jobs...); len(all) == n {
			break
		}
	}
	return all, nil
}

// Offers implements store.Reader. Jobs are counted by what the index of states finds. Only the meetings that are offered are
// looked up, each by its id: for a join PostgreSQL would rather read all there are.
func (r reads) Offers(ctx context.Context, stage referent.Stage, now time.Time) ([]store.Offer, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT open.stage, open.meeting, (SELECT m.department FROM meetings AS m WHERE m.id = open.meeting),
			(SELECT m.recording FROM meetings AS m WHERE m.id = open.meeting), (SELECT m.options FROM meetings AS m WHERE m.id = open.meeting),
			open.waiting, open.out, open.since
		FROM (SELECT stage, meeting, MIN(created) AS since,
				SUM(CASE WHEN state = 'queued' AND published = 0 AND not_before <= $1 THEN 1 ELSE 0 END) AS waiting,
				SUM(CASE WHEN state = 'leased' OR published = 1 THEN 1 ELSE 0 END) AS out
			FROM jobs WHERE state IN ('queued', 'leased') AND stage = $2 AND priority = 'bulk'
			GROUP BY stage, meeting) AS open
		WHERE open.waiting > 0 ORDER BY open.since, open.meeting`, Micros(now), stage)
	return list(r, rows, err, func(s scan, o *store.Offer) error {
		return s(&o.Stage, &o.Meeting, &o.Department, column(&o.Recording), column(&o.Options), &o.Waiting, &o.Out, asTime{&o.Since})
	}, "store: list offers")
}

// Published implements store.Reader. limit 0 means 1000.
func (r reads) Published(ctx context.Context, stage referent.Stage, after string, n int) ([]referent.Job, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+jobColumns+` FROM jobs
		WHERE state = 'queued' AND published = 1 AND stage = $1 AND id > $2 ORDER BY id LIMIT $3`, stage, after, limit(n, 1000))
	return list(r, rows, err, scanJob, "store: list published jobs")
}

// Handed implements store.Reader.
func (r reads) Handed(ctx context.Context) (map[referent.Stage]store.Handed, error) {
	type row struct {
		stage referent.Stage
		store.Handed
	}
	rows, err := r.q.QueryContext(ctx, `SELECT stage, SUM(published), SUM(running) FROM (
			SELECT stage, 1 AS published, 0 AS running FROM jobs WHERE state = 'queued' AND published = 1 AND priority = 'bulk'
			UNION ALL SELECT stage, 0, 1 FROM jobs WHERE state = 'leased' AND priority = 'bulk') AS handed GROUP BY stage`)
	all, err := list(r, rows, err, func(s scan, h *row) error { return s(&h.stage, &h.Published, &h.Running) }, "store: count what is handed out")
	handed := make(map[referent.Stage]store.Handed, len(all))
	for _, h := range all {
		handed[h.stage] = h.Handed
	}
	return handed, err
}

// ExpiredLeases implements store.Reader, the longest expired first.
func (r reads) ExpiredLeases(ctx context.Context, now time.Time) ([]referent.Job, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+jobColumns+` FROM jobs
		WHERE state = 'leased' AND lease_expires <= $1 ORDER BY lease_expires, id`, Micros(now))
	return list(r, rows, err, scanJob, "store: list expired leases")
}

// LeasesOf implements store.Reader.
func (r reads) LeasesOf(ctx context.Context, workerPrefix string) ([]referent.Job, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+jobColumns+` FROM jobs
		WHERE state = 'leased' AND substr(worker, 1, length($1)) = $1 ORDER BY lease_expires, id`, workerPrefix)
	return list(r, rows, err, scanJob, "store: list leases of worker")
}

// CountJobs implements store.Reader, by state and stage.
func (r reads) CountJobs(ctx context.Context) ([]store.JobCount, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT stage, state, COUNT(*) FROM jobs GROUP BY state, stage
		ORDER BY state, stage`)
	return list(r, rows, err, func(s scan, c *store.JobCount) error {
		return s(&c.Stage, &c.State, &c.Count)
	}, "store: count jobs")
}

// Workloads implements store.Reader.
func (r reads) Workloads(ctx context.Context) ([]store.Workload, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT stage, priority, SUM(CASE state WHEN 'queued' THEN 1 ELSE 0 END), SUM(CASE state WHEN 'leased' THEN 1 ELSE 0 END),
			SUM(CASE WHEN state = 'queued' AND published = 1 THEN 1 ELSE 0 END),
			COALESCE(MIN(CASE WHEN state = 'queued' THEN created END), 0)
		FROM jobs WHERE state IN ('queued', 'leased') GROUP BY stage, priority ORDER BY `+stageOrder+`, priority <> 'inter'`)
	return list(r, rows, err, func(s scan, b *store.Workload) error {
		return s(&b.Stage, &b.Priority, &b.Waiting, &b.Running, &b.Published, asTime{&b.Oldest})
	}, "store: list workloads")
}

// Usage implements store.Reader.
func (r reads) Usage(ctx context.Context) (*store.Usage, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT `+r.d.Size+`, CAST((SELECT COALESCE(SUM(size), 0) FROM parts) AS BIGINT),
		CAST((SELECT COALESCE(SUM(size), 0) FROM artifacts) AS BIGINT)`),
		func(s scan, u *store.Usage) error { return s(&u.Database, &u.Recordings, &u.Results) }, "store: measure usage")
}

// AddJob implements store.Tx. State is JobQueued, and Created and Updated are now, when they are not set.
func (t *tx) AddJob(ctx context.Context, j *referent.Job) error {
	if j.State == "" {
		j.State = referent.JobQueued
	}
	if j.Created.IsZero() {
		j.Created = t.now()
	}
	if j.Updated.IsZero() {
		j.Updated = j.Created
	}
	_, err := t.t.ExecContext(ctx, `INSERT INTO jobs (`+jobColumns+`, published)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0)`,
		j.ID, j.Meeting, j.Stage, j.Chunk, j.Priority, j.State, j.Epoch, j.Attempt, j.Worker,
		Micros(j.LeaseExpires), Micros(j.NotBefore), j.Progress, j.Code, Micros(j.Created), Micros(j.Updated))
	return t.wrap(err, "store: add job")
}

// UpdateJob implements store.Tx. It writes every field but ID, Meeting, Stage, Chunk and Created, and
// sets Updated.
func (t *tx) UpdateJob(ctx context.Context, j *referent.Job, fence int64) error {
	const op = "store: update job"
	updated := t.now()
	r, err := t.t.ExecContext(ctx, `UPDATE jobs SET priority = $1, state = $2, epoch = $3, attempt = $4, worker = $5,
			lease_expires = $6, not_before = $7, progress = $8, code = $9, updated = $10,
			published = CASE WHEN $2 = 'queued' THEN 0 ELSE published END
		WHERE id = $11 AND epoch = $12`,
		j.Priority, j.State, j.Epoch, j.Attempt, j.Worker,
		Micros(j.LeaseExpires), Micros(j.NotBefore), j.Progress, j.Code, Micros(updated), j.ID, fence)
	if err != nil {
		return t.wrap(err, op)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return t.wrap(err, op)
	}
	if n == 0 {
		if _, err := t.Job(ctx, j.ID); err != nil {
			return t.wrap(err, op)
		}
		return referent.E(referent.CodeLeaseLost, op, store.ErrFenced)
	}
	j.Updated = updated
	return nil
}

// MarkPublished implements store.Tx. When the job has moved on to another epoch or is no longer
// queued, there is nothing to mark, and that is no error: a quick worker may have claimed the job
// before its publisher came back to say so.
func (t *tx) MarkPublished(ctx context.Context, job string, epoch int64) error {
	r, err := t.t.ExecContext(ctx, `UPDATE jobs
		SET published = CASE WHEN epoch = $2 AND state = 'queued' THEN 1 ELSE published END
		WHERE id = $1`, job, epoch)
	return t.changed(r, err, "store: mark job published")
}

// UnmarkPublished implements store.Tx.
func (t *tx) UnmarkPublished(ctx context.Context, job string, epoch int64) (bool, error) {
	const op = "store: unmark published job"
	r, err := t.t.ExecContext(ctx, `UPDATE jobs SET published = 0
		WHERE id = $1 AND epoch = $2 AND state = 'queued' AND published = 1`, job, epoch)
	if err != nil {
		return false, t.wrap(err, op)
	}
	n, err := r.RowsAffected()
	return n > 0, t.wrap(err, op)
}

// UnmarkAllPublished implements store.Tx. It returns how many jobs it unmarked.
func (t *tx) UnmarkAllPublished(ctx context.Context) (int, error) {
	const op = "store: unmark published jobs"
	r, err := t.t.ExecContext(ctx, `UPDATE jobs SET published = 0 WHERE state = 'queued' AND published = 1`)
	if err != nil {
		return 0, t.wrap(err, op)
	}
	n, err := r.RowsAffected()
	return int(n), t.wrap(err, op)
}
