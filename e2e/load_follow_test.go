package e2e_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/store"
)

// event is what there is to compare of an event.
type event struct {
	id, happened      int64 // microseconds
	meeting, kind     string
	owner, department string // as stored: a client is not told
	state             referent.State
	content           string
}

// storedEvents reads the events as they lie in the database, past the server and past our own store, oldest first.
func storedEvents(t *testing.T, data string) (all []event) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "referent.db")+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT id, happened, owner, department, meeting, type, state, stage, progress, code FROM events ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var e event
		var c store.Event
		if err := rows.Scan(&e.id, &e.happened, &e.owner, &e.department, &c.Meeting, &c.Type, &c.State, &c.Stage, &c.Progress, &c.Code); err != nil {
			t.Fatal(err)
		}
		e.meeting, e.kind, e.state, e.content = c.Meeting, c.Type, c.State, contentOf(c)
		all = append(all, e)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func contentOf(e store.Event) string {
	return fmt.Sprintln(e.Meeting, e.Type, e.State, e.Stage, e.Progress, e.Code)
}

// follower is a client that follows all that a person may see, over a connection and in a session of its own.
type follower struct {
	who  *person
	wire *wire
	end  context.CancelFunc
	done chan error

	mu       sync.Mutex
	got      []event
	late     []time.Duration // from stored to received
	outlooks int             // that a page was told
}

// follow connects so many clients, and returns when all are connected: what happens from now on is for them. Every
// tenth is cut off in the middle of an event, and comes back; every second asks for places in the queue too, as a page does.
func follow(t *testing.T, s *server, people []*person, n int) []*follower {
	t.Helper()
	all := make([]*follower, n)
	for i := range all {
		ctx, cancel := context.WithCancel(t.Context())
		f := &follower{who: people[i%len(people)], end: cancel, done: make(chan error, 1)}
		session := f.who.session
		if i >= len(people) {
			session = f.who.signIn(t)
		}
		f.wire = &wire{session: session, page: i%2 == 0, open: make(chan struct{}), next: &http.Transport{}}
		if i%10 == 9 {
			f.wire.cutAfter = 2000
		}
		c := client.New(s.url, "", client.WithHTTPClient(&http.Client{Transport: f.wire}))
		go func() { f.done <- c.Watch(ctx, "", f.take) }()
		t.Cleanup(cancel)
		all[i] = f
	}
	for _, f := range all {
		select {
		case <-f.wire.open:
		case err := <-f.done:
			t.Fatal("a client could not follow: ", err)
		case <-time.After(time.Minute):
			t.Fatal("a client waited a minute to follow")
		}
	}
	return all
}

func (f *follower) take(e store.Event) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e.ID == 0 { // an outlook is nothing that happened
		f.outlooks++
		return nil
	}
	f.late = append(f.late, time.Since(e.At))
	f.got = append(f.got, event{id: e.ID, happened: e.At.UnixMicro(), meeting: e.Meeting, kind: e.Type, content: contentOf(e)})
	return nil
}

func (f *follower) has(id int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.got, func(e event) bool { return e.id == id })
}

// wire carries one client's requests in its session, tells when the first is answered, and breaks the
// first answer after cutAfter bytes unless that is 0.
type wire struct {
	session  *http.Cookie
	page     bool
	next     http.RoundTripper
	once     sync.Once
	open     chan struct{}
	cutAfter int64

	mu  sync.Mutex
	cut bool
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.AddCookie(w.session)
	if w.page {
		q := r.URL.Query()
		q.Set("queue", "true")
		r.URL.RawQuery = q.Encode()
	}
	resp, err := w.next.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	w.once.Do(func() {
		close(w.open)
		if w.cutAfter > 0 {
			resp.Body = &broken{resp.Body, w, w.cutAfter}
		}
	})
	return resp, nil
}

func (w *wire) wasCut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cut
}

type broken struct {
	io.ReadCloser
	wire *wire
	left int64
}

func (b *broken) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.wire.mu.Lock()
		b.wire.cut = true
		b.wire.mu.Unlock()
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// settle waits until the server stores nothing more and every client has the last event that it may see, half a
// minute at most, ends the clients, and returns what is stored.
func settle(t *testing.T, data string, followers []*follower) []event {
	t.Helper()
	told := storedEvents(t, data)
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for waiting := true; waiting; {
		select {
		case <-deadline:
			waiting = false // what is missing is counted
		case <-tick.C:
			now := storedEvents(t, data)
			waiting = len(now) != len(told) || slices.ContainsFunc(followers, func(f *follower) bool {
				due := f.due(now, 0)
				return len(due) > 0 && !f.has(due[len(due)-1].id)
			})
			told = now
		}
	}
	for _, f := range followers {
		f.end()
		<-f.done
	}
	return told
}

// due is what the client is to be told: in order, all after the event that its person may see.
func (f *follower) due(told []event, after int64) (due []event) {
	for _, e := range told {
		if e.id > after && f.who.sees(e.owner, e.department) {
			due = append(due, e)
		}
	}
	return due
}

// delivered says how the events came.
type delivered struct {
	cut, due, lost, wrong int
	pages, outlooks       int             // how many are pages, and what they were told beside the events
	late                  []time.Duration // in order
}

// checkEvents holds what each client was told against what was stored since begun.
func checkEvents(t *testing.T, followers []*follower, told, begun []event) *delivered {
	t.Helper()
	var from int64
	if len(begun) > 0 {
		from = begun[len(begun)-1].id
	}
	d := &delivered{}
	toCut := 0
	for i, f := range followers {
		if f.wire.cutAfter > 0 {
			toCut++
		}
		if f.wire.wasCut() {
			d.cut++
		}
		if f.wire.page {
			d.pages++
			d.outlooks += f.outlooks
			if f.outlooks == 0 {
				t.Errorf("client %d is a page, and was told of no place in the queue", i)
			}
		}
		due := f.due(told, from)
		d.due += len(due)
		if f.wire.cutAfter == 0 { // who was cut off waits a second before coming back
			d.late = append(d.late, f.late...)
		}
		if len(due) == 0 {
			t.Errorf("client %d had nothing to see: nothing was tested with it", i)
		}
		stored := map[int64]event{}
		for _, e := range due {
			stored[e.id] = e
		}
		last, got := int64(0), map[int64]bool{}
		for _, e := range f.got {
			got[e.id] = true
			if want, ok := stored[e.id]; !ok || want.content != e.content || want.happened != e.happened || e.id <= last {
				d.wrong++
			}
			last = e.id
		}
		for _, e := range due {
			if !got[e.id] {
				d.lost++
			}
		}
	}
	slices.Sort(d.late)
	if d.cut != toCut {
		t.Errorf("%d clients were cut off, of %d", d.cut, toCut)
	}
	if d.lost > 0 || d.wrong > 0 {
		t.Errorf("of %d events due to %d clients %d were lost, and %d were wrong", d.due, len(followers), d.lost, d.wrong)
	}
	return d
}
