package web

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
)

const (
	readingRests   = 5 * time.Minute // what is read again sooner is the same reading: ranges of the sound, an open page that asks
	listingRests   = time.Hour       // and so of lists over many, which programs ask for again and again
	readingEnds    = time.Hour       // one that goes on for longer is told of anew, so that the log has what happens at its time
	readingWritten = time.Minute     // how far behind the log of a reading that goes on may be
)

// readings is the log of who read what. Nothing is shown before the database has it: the first request of a reading
// waits for its row, and where that cannot be written, also on a full disk, nothing is shown. A queue written in the
// background would be quicker, and would lose the last readings in a crash, or show what a full disk never logged.
// What makes waiting cheap is that a reading is one row for as long as it goes on: the requests that follow, which are
// nearly all, are counted in memory and write nothing, but once a minute. A crash loses at most how long a reading
// had gone on since then, and never that it was. A reading that goes on at two servers is a row of each.
type readings struct {
	store store.Store
	now   func() time.Time

	mu     sync.Mutex
	going  map[readingKey]*goingReading
	looked time.Time // when those that have ended were last taken out
}

type readingKey struct {
	user, meeting, department, what, format, ground string
	own, token                                      bool
}

func keyOfReading(x *store.Reading) readingKey {
	return readingKey{x.User, x.Meeting, x.Department, x.What, x.Format, x.Ground, x.Own, x.Token}
}

// goingReading is one that goes on. mu guards all but written, and err, which is set before written is closed.
type goingReading struct {
	row     store.Reading
	at      time.Time // the row in the database is as it was then
	behind  bool      // and is not as here
	written chan struct{}
	err     error
}

// lateReading is a row that the database is to have all of, as it was when it was taken.
type lateReading struct {
	of  *goingReading
	row store.Reading
}

func newReadings(st store.Store, now func() time.Time) *readings {
	return &readings{store: st, now: now, going: map[readingKey]*goingReading{}}
}

// add returns when the log has all of the rows, whose times it sets.
func (l *readings) add(ctx context.Context, rows ...store.Reading) error {
	ctx = context.WithoutCancel(ctx) // others may wait for the row of somebody who goes away
	var begun, others []*goingReading
	l.mu.Lock()
	now := l.now()
	late := l.ended(now)
	for _, row := range rows {
		key := keyOfReading(&row)
		g := l.going[key]
		if g == nil || g.over(now) {
			if g != nil {
				late = g.late(late)
			}
			row.First, row.Last, row.Times = now, now, 1
			g = &goingReading{row: row, at: now, written: make(chan struct{})}
			l.going[key] = g
			begun = append(begun, g)
			continue
		}
		g.row.Last, g.row.Times, g.behind = now, g.row.Times+1, true
		if now.Sub(g.at) >= readingWritten {
			g.at = now
			late = g.late(late)
		}
		if !slices.Contains(begun, g) {
			others = append(others, g)
		}
	}
	fresh := make([]store.Reading, len(begun))
	for i, g := range begun {
		fresh[i] = g.row
	}
	l.mu.Unlock()

	err := l.begin(ctx, begun, fresh, late)
	for _, g := range others { // after its own are written: two who wait for each other's cannot be
		if err != nil {
			break
		}
		<-g.written
		err = g.err
	}
	return err
}

// begin writes the rows of what has begun, and lets those go on who wait for them, also when it panics.
func (l *readings) begin(ctx context.Context, begun []*goingReading, fresh []store.Reading, late []lateReading) (err error) {
	err = errNotLogged
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		defer l.settle(late, err)
		for i, g := range begun {
			if g.row.ID, g.err = fresh[i].ID, err; err != nil {
				l.forget(g)
			}
			close(g.written)
		}
	}()
	err = l.write(ctx, fresh, late)
	return err
}

// write makes the new rows, and says of others how long they went on.
func (l *readings) write(ctx context.Context, fresh []store.Reading, late []lateReading) error {
	if len(fresh)+len(late) == 0 {
		return nil
	}
	return l.store.Tx(ctx, func(tx store.Tx) error {
		for _, x := range late {
			if err := tx.ExtendReading(ctx, x.row.ID, x.row.Last, x.row.Times); err != nil {
				return err
			}
		}
		for i := range fresh {
			if err := tx.AddReading(ctx, &fresh[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// flush writes how long readings have gone on until now.
func (l *readings) flush(ctx context.Context) error {
	var late []lateReading
	l.mu.Lock()
	for _, g := range l.going {
		late = g.late(late)
	}
	l.mu.Unlock()
	return l.begin(context.WithoutCancel(ctx), nil, nil, late)
}

// settle takes out what is over and written. What could not be written is to be written yet.
func (l *readings) settle(late []lateReading, err error) {
	now := l.now()
	for _, x := range late {
		g, key := x.of, keyOfReading(&x.row)
		if err != nil {
			g.behind = true
			if l.going[key] == nil { // what came after it could not be written either
				l.going[key] = g
			}
			continue
		}
		if l.going[key] == g && !g.behind && g.over(now) {
			delete(l.going, key)
		}
	}
}

// over reports whether what is read now is another reading.
func (g *goingReading) over(now time.Time) bool {
	rests := readingRests
	if g.row.What == store.ReadSearch || g.row.What == store.ReadTasks {
		rests = listingRests
	}
	return now.Sub(g.row.Last) >= rests || now.Sub(g.row.First) >= readingEnds
}

// late adds the row if the database has less of it than there is.
func (g *goingReading) late(rows []lateReading) []lateReading {
	if !g.behind || g.row.ID == 0 {
		return rows
	}
	g.behind = false
	return append(rows, lateReading{g, g.row})
}

// ended takes out the readings that are over, now and then, and returns those that the database has less of: they go
// when they are written.
func (l *readings) ended(now time.Time) (late []lateReading) {
	if now.Sub(l.looked) < readingWritten {
		return nil
	}
	l.looked = now
	for key, g := range l.going {
		switch {
		case g.row.ID == 0 || !g.over(now):
		case g.behind:
			late = g.late(late)
		default:
			delete(l.going, key)
		}
	}
	return late
}

func (l *readings) forget(g *goingReading) {
	for key, other := range l.going {
		if other == g {
			delete(l.going, key)
		}
	}
}

// readingOf is that whoever asks reads something of the meeting, on the ground.
func readingOf(ctx context.Context, m *referent.Meeting, what, format string, ground access.Reason) store.Reading {
	who := whoAsks(ctx)
	return store.Reading{User: who.user.ID, Meeting: m.ID, Department: m.Department, Own: m.Owner == who.user.ID,
		What: what, Format: format, Ground: string(ground), Token: who.session == ""}
}

// showsOf logs that whoever asks is shown content of the meetings of the rows, before it is. It returns the rows that
// may be shown: a meeting can be erased, or moved, after the rows were found.
func showsOf[T any](s *Server, ctx context.Context, what string, rows []T, meeting func(*T) string) ([]T, error) {
	var read []store.Reading
	var shown []T
	may := map[string]bool{}
	for i := range rows {
		id := meeting(&rows[i])
		if _, known := may[id]; !known {
			m, d, err := s.decideOf(ctx, id, access.ReadContent)
			if err != nil {
				return nil, err
			}
			if may[id] = d.Allowed; d.Allowed {
				read = append(read, readingOf(ctx, m, what, "", d.Reason))
			}
		}
		if may[id] {
			shown = append(shown, rows[i])
		}
	}
	return shown, s.read.add(ctx, read...)
}
