package sqldb

import (
	"context"

	"github.com/referent/referent/store"
)

// Backlog implements store.Reader. What is open is few beside what is done, and is found by state.
func (r reads) Backlog(ctx context.Context) ([]store.Unfinished, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT m.id, m.owner, m.department, m.state, m.progress, m.recording, m.options,
			CASE open.class WHEN 0 THEN 'inter' ELSE 'bulk' END,
			CASE open.turn WHEN 0 THEN 'assemble' WHEN 1 THEN 'minutes' WHEN 2 THEN 'transcribe' ELSE 'prepare' END,
			open.leased, open.since, open.not_before, open.code
		FROM (SELECT meeting,
				MIN(CASE priority WHEN 'inter' THEN 0 ELSE 1 END) AS class,
				MIN(CASE stage WHEN 'assemble' THEN 0 WHEN 'minutes' THEN 1 WHEN 'transcribe' THEN 2 ELSE 3 END) AS turn,
				SUM(CASE state WHEN 'leased' THEN 1 ELSE 0 END) AS leased,
				MIN(created) AS since, MIN(not_before) AS not_before, MAX(code) AS code
			FROM jobs WHERE state IN ('queued', 'leased') AND stage <> 'live' GROUP BY meeting) AS open
		JOIN meetings AS m ON m.id = open.meeting
		ORDER BY open.class, CASE WHEN open.leased > 0 THEN 0 ELSE 1 END, open.turn, open.since, m.id`)
	return list(r, rows, err, func(s scan, u *store.Unfinished) error {
		return s(&u.Meeting, &u.Owner, &u.Department, &u.State, &u.Progress, column(&u.Recording), column(&u.Options),
			&u.Priority, &u.Stage, &u.Leased, asTime{&u.Since}, asTime{&u.NotBefore}, &u.Code)
	}, "store: list backlog")
}
