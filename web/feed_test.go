package web_test

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// watched counts who reads events from the real store, and fails where the shared reader does when it is told to.
type watched struct {
	store.Store
	shared, own atomic.Int64 // reads by the shared reader, and by streams themselves
	fail        atomic.Bool
	failed      atomic.Int64 // reads by the shared reader that did
}

func (w *watched) EventsAfter(ctx context.Context, meeting string, seen *store.Sight, after int64, limit int) ([]store.Event, error) {
	if seen != nil {
		w.own.Add(1)
		return w.Store.EventsAfter(ctx, meeting, seen, after, limit)
	}
	w.shared.Add(1)
	if w.fail.Load() {
		w.failed.Add(1)
		return nil, errors.New("the disk does not answer")
	}
	return w.Store.EventsAfter(ctx, meeting, nil, after, limit)
}

// follows is a rig whose reading of events is watched. Kari's events wake nobody until happens says so.
func follows(t *testing.T) (*webtest.Rig, string, *watched) {
	w := &watched{}
	r, token := uploader(t, func(c *web.Config) { w.Store = c.Store; c.Store = w })
	return r, token, w
}

// happens stores n events of the owner and department, all at once, and returns their numbers.
func happens(r *webtest.Rig, n int, owner, department string) (ids []string) {
	r.T.Helper()
	err := r.Store.Tx(r.T.Context(), func(tx store.Tx) error {
		for range n {
			e := store.Event{Meeting: "m", Owner: owner, Department: department, Type: "progress"}
			if err := tx.AddEvent(r.T.Context(), &e); err != nil {
				return err
			}
			ids = append(ids, strconv.FormatInt(e.ID, 10))
		}
		return nil
	})
	if err != nil {
		r.T.Fatal(err)
	}
	return ids
}

// wake makes something happen that wakes those who follow, and returns its number.
func wake(r *webtest.Rig, token string) string {
	r.T.Helper()
	begin(r, token, 10, "")
	return strconv.FormatInt(must(r.Store.LastEvent(r.T.Context()))(r.T), 10)
}

func (s *stream) ids(n int) (ids []string) {
	s.t.Helper()
	for range n {
		id, _ := s.event()
		ids = append(ids, id)
	}
	return ids
}

func wantIDs(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: told of %d events, %v…; due are %d, %v…", what, len(got), got[:min(3, len(got))], len(want), want[:min(3, len(want))])
	}
}

func userID(r *webtest.Rig, name string) string {
	return must(r.Store.UserByName(r.T.Context(), name))(r.T).ID
}

func TestStreamsShareWhatIsRead(t *testing.T) {
	r, kari, w := follows(t)
	r.Server.SetHeartbeat(time.Hour) // each looks itself at its own
	r.User("ola", false)
	ola := r.Token("ola", store.ScopeRead, store.ScopeWrite)
	var all []*stream
	const streams, rounds = 12, 15
	for i := range streams {
		all = append(all, watch(r, "/api/v1/events", []string{kari, ola}[i%2], ""))
	}
	var hers, his []string
	for i := range 5 + rounds {
		if i == 5 { // by now each has looked around
			w.shared.Store(0)
			w.own.Store(0)
		}
		hers = append(hers, happens(r, 3, userID(r, "kari"), "")...)
		his = append(his, happens(r, 2, userID(r, "ola"), "")...)
		hers = append(hers, wake(r, kari))
		for at, s := range all { // all, before the next happens
			from, due := i*4, hers
			if at%2 == 1 {
				from, due = i*2, his
			}
			wantIDs(t, "stream "+strconv.Itoa(at), s.ids(len(due)-from), due[from:])
		}
	}
	// On a machine that stands still for long what was read is no longer fresh, and all look themselves.
	if own, shared := w.own.Load(), w.shared.Load(); own > streams*rounds/4 || shared < 1 || shared > 4*rounds {
		t.Errorf("%d times something happened for %d streams: %d looks together, %d of their own", rounds, streams, shared, own)
	}
}

func TestSharedReaderFails(t *testing.T) {
	r, token, w := follows(t)
	r.Server.SetHeartbeat(time.Hour)
	all := []*stream{watch(r, "/api/v1/events", token, ""), watch(r, "/api/v1/events", token, "")}
	me := userID(r, "kari")
	const broken, whole = `"level":"WARN","msg":"events are not read for all streams at once`, `"msg":"events are read for all streams at once again"`
	for i := range 8 {
		failed, own := w.failed.Load(), w.own.Load()
		fails := i%4 >= 2
		w.fail.Store(fails)
		due := append(happens(r, 250, me, ""), wake(r, token)) // more than a page of a stream's own look
		for _, s := range all {
			wantIDs(t, "round "+strconv.Itoa(i), s.ids(len(due)), due)
		}
		failed, own = w.failed.Load()-failed, w.own.Load()-own
		if fails && (failed == 0 || own < int64(2*len(all))) {
			t.Errorf("round %d: the shared reader failed %d times, streams looked %d times: nothing was tested", i, failed, own)
		}
	}
	r.Eventually("the log to say once each time that reading fails, and that it does no longer", func() bool {
		log := r.Log.String()
		return strings.Count(log, broken) == 2 && strings.Count(log, "the disk does not answer") == 2 && strings.Count(log, whole) == 1
	})
}

// slowWriter takes what a stream writes only when it is let.
type slowWriter struct {
	header http.Header
	let    chan bool // a value for each write; closed: as it comes
	begun  chan bool // closed when it is written to

	once sync.Once
	mu   sync.Mutex
	text strings.Builder
}

func (w *slowWriter) Header() http.Header { return w.header }
func (w *slowWriter) WriteHeader(int)     {}
func (w *slowWriter) Flush()              {}
func (w *slowWriter) Write(p []byte) (int, error) {
	w.once.Do(func() { close(w.begun) })
	<-w.let
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *slowWriter) ids() (ids []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for line := range strings.Lines(w.text.String()) {
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			ids = append(ids, strings.TrimSpace(id))
		}
	}
	return ids
}

// Who reads so slowly that the shared reader has let go of what they have not had is told of it all the same.
func TestSlowStreamMissesNothing(t *testing.T) {
	r, token, w := follows(t)
	me := userID(r, "kari")
	ctx, cancel := context.WithCancel(t.Context())
	slow := &slowWriter{header: http.Header{}, let: make(chan bool), begun: make(chan bool)}
	ended := make(chan bool)
	go func() {
		defer close(ended)
		q := must(http.NewRequestWithContext(ctx, "GET", r.URL+"/api/v1/events", nil))(t)
		q.Header.Set("Authorization", "Bearer "+token)
		r.Server.Handler().ServeHTTP(slow, q)
	}()
	<-slow.begun
	slow.let <- true // the beginning
	fast := watch(r, "/api/v1/events", token, "")
	var due []string
	for range 6 { // more than is kept
		news := append(happens(r, 300, me, ""), wake(r, token))
		wantIDs(t, "beside a slow one", fast.ids(len(news)), news)
		due = append(due, news...)
	}
	w.own.Store(0)
	close(slow.let)
	last := append(happens(r, 3, me, ""), wake(r, token))
	due = append(due, last...)
	for deadline := time.Now().Add(webtest.Patience); len(slow.ids()) < len(due) && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	<-ended
	wantIDs(t, "the slow one", slow.ids(), due)
	if w.own.Load() == 0 {
		t.Error("the slow stream was never behind: nothing was tested")
	}
}

func TestStreamsThatComeBackMissNothing(t *testing.T) {
	r, token, _ := follows(t)
	me := userID(r, "kari")
	s := watch(r, "/api/v1/events", token, "")
	stay := watch(r, "/api/v1/events", token, "")
	var due, got []string
	for i := range 10 {
		due = append(append(due, happens(r, 7, me, "")...), wake(r, token))
		got = append(got, s.ids(1+i%5)...) // not all
		s.resp.Body.Close()
		s = watch(r, "/api/v1/events", token, got[len(got)-1])
	}
	got = append(got, s.ids(len(due)-len(got))...)
	wantIDs(t, "who came back", got, due)
	wantIDs(t, "who stayed", stay.ids(len(due)), due)
}

func TestStreamFollowsRights(t *testing.T) {
	r, kari, _ := follows(t)
	r.User("ola", false)
	ola := r.Token("ola", store.ScopeRead, store.ScopeWrite)
	r.Server.SetHeartbeat(30 * time.Millisecond)
	me, him := userID(r, "kari"), userID(r, "ola")
	role := store.Membership{User: him, Department: "d1", Role: "referent"}
	change := func(do func(tx store.Tx) error) { webtest.Check(t, r.Store.Tx(t.Context(), do)) }
	give := func(tx store.Tx) error { return tx.PutMembership(t.Context(), role) }
	change(func(tx store.Tx) error {
		return tx.PutDepartment(t.Context(), &store.Department{ID: "d1", Name: "Vei"})
	})
	change(give)
	s := watch(r, "/api/v1/events", ola, "")
	beats := func() {
		for n := 3; n > 0; {
			line := s.line()
			if strings.HasPrefix(line, "id:") {
				t.Fatalf("told of an event without the right: %s", line)
			}
			if strings.HasPrefix(line, ":") {
				n--
			}
		}
	}
	due := happens(r, 2, me, "d1")
	wake(r, kari)
	wantIDs(t, "with the right", s.ids(2), due)

	change(func(tx store.Tx) error { return tx.DeleteMembership(t.Context(), role) })
	beats()
	without := happens(r, 3, me, "d1")
	wake(r, kari)
	beats()
	// Who gets it is told of what has happened since they were told of something, as who comes back is.
	change(give)
	wantIDs(t, "with the right again", s.ids(3), without)
	due = happens(r, 2, me, "d1")
	wake(r, kari)
	wantIDs(t, "afterwards", s.ids(2), due)
}

// readersOfEvents counts the goroutines that read for all streams.
func readersOfEvents() int {
	stacks := make([]byte, 4<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "web.(*feed).run(")
}

func TestReaderEndsWithTheLastStream(t *testing.T) {
	r, token, _ := follows(t)
	count := func(want int) {
		t.Helper()
		deadline := time.Now().Add(webtest.Patience)
		for readersOfEvents() != want {
			if time.Now().After(deadline) {
				t.Fatalf("%d goroutines read, want %d", readersOfEvents(), want)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	before := readersOfEvents()
	for range 2 { // and it begins anew
		one, other := watch(r, "/api/v1/events", token, ""), watch(r, "/api/v1/events", token, "")
		count(before + 1)
		one.resp.Body.Close()
		due := []string{wake(r, token)}
		wantIDs(t, "who stays", other.ids(1), due)
		count(before + 1)
		other.resp.Body.Close()
		count(before)
	}
	var group sync.WaitGroup // many come and go at once
	for range 8 {
		group.Go(func() {
			for range 5 {
				ctx, cancel := context.WithCancel(t.Context())
				q, err := http.NewRequestWithContext(ctx, "GET", r.URL+"/api/v1/events", nil)
				if err == nil {
					q.Header.Set("Authorization", "Bearer "+token)
					var resp *http.Response
					if resp, err = r.HTTP.Do(q); err == nil {
						_, err = bufio.NewReader(resp.Body).ReadString('\n')
						resp.Body.Close()
					}
				}
				cancel()
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	count(before)
}
