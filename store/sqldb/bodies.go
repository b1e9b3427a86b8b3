package sqldb

import (
	"context"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// Bodies implements store.Reader.
func (r reads) Bodies(ctx context.Context, seen *store.Sight, n int) ([]string, error) {
	args := Args{limit(n, 100)}
	rows, err := r.q.QueryContext(ctx, `SELECT body, MAX(created) FROM meetings WHERE body <> '' AND `+visible(seen, "", &args)+`
		GROUP BY body ORDER BY 2 DESC, body LIMIT $1`, args...)
	type row struct {
		body string
		last time.Time
	}
	found, err := list(r, rows, err, func(s scan, v *row) error { return s(&v.body, asTime{&v.last}) }, "store: list bodies")
	var names []string
	for _, f := range found {
		names = append(names, f.body)
	}
	return names, err
}

// LastOf implements store.Reader.
func (r reads) LastOf(ctx context.Context, seen *store.Sight, body string) (*referent.Meeting, error) {
	args := Args{body}
	return one(r, r.q.QueryRowContext(ctx, `SELECT `+meetingColumns+` FROM meetings WHERE body = $1 AND body <> '' AND `+visible(seen, "", &args)+`
		ORDER BY participants = 'null', created DESC, id DESC LIMIT 1`, args...), scanMeeting, "store: find the last meeting of a body")
}
