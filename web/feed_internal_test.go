package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent/store"
	"github.com/referent/referent/store/sqlite"
	"github.com/referent/referent/store/sqlite/sqlitetest"
)

// followed is a database whose feed and streams take their steps when the test says so.
type followed struct {
	store.Store
	t    *testing.T
	feed *feed
	own  int // looks of streams
}

func follow(t *testing.T) *followed {
	db := database(t)
	f := &followed{Store: db, t: t, feed: newFeed(db, slog.New(slog.DiscardHandler))}
	f.feed.look(t.Context())
	return f
}

func database(t *testing.T) store.Store {
	path := filepath.Join(t.TempDir(), "referent.db")
	sqlitetest.Migrated(t, path)
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func (f *followed) EventsAfter(ctx context.Context, meeting string, seen *store.Sight, after int64, limit int) ([]store.Event, error) {
	f.own++
	return f.Store.EventsAfter(ctx, meeting, seen, after, limit)
}

// happens stores n such events, and returns their numbers.
func (f *followed) happens(n int, e store.Event) (ids []string) {
	f.t.Helper()
	err := f.Tx(f.t.Context(), func(tx store.Tx) error {
		for range n {
			if err := tx.AddEvent(f.t.Context(), &e); err != nil {
				return err
			}
			ids = append(ids, strconv.FormatInt(e.ID, 10))
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return ids
}

// told is one who follows, and what they were told.
type told struct {
	*eventTeller
	t    *testing.T
	text *httptest.ResponseRecorder
}

func (f *followed) stream(me, meeting string, seen *store.Sight) *told {
	f.t.Helper()
	w := httptest.NewRecorder()
	out := &eventWriter{w: w, rc: http.NewResponseController(w)}
	s := &told{&eventTeller{store: f, feed: f.feed, out: out, me: me, meeting: meeting, seen: seen, looked: nowhere}, f.t, w}
	if !s.page() {
		f.t.Fatal("a stream does not begin")
	}
	return s
}

// page tells a page, and whether that was all.
func (s *told) page() bool {
	s.t.Helper()
	_, all, err := s.tell(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func (s *told) lines(what string) (all []string) {
	for line := range strings.Lines(s.text.Body.String()) {
		if v, ok := strings.CutPrefix(line, what); ok {
			all = append(all, strings.TrimSpace(v))
		}
	}
	return all
}

func (s *told) want(what string, due []string) {
	s.t.Helper()
	if got := s.lines("id: "); !slices.Equal(got, due) {
		s.t.Errorf("%s: told of %d events, %v…; due are %d, %v…", what, len(got), got[:min(3, len(got))], len(due), due[:min(3, len(due))])
	}
}

// A feed that is whole again between two pages goes on where the stream is, which asked the database for the first.
func TestFeedIsWholeBetweenTwoPages(t *testing.T) {
	f := follow(t)
	s := f.stream("kari", "", &store.Sight{Owner: "kari"})
	due := f.happens(eventPage+50, store.Event{Meeting: "m", Owner: "kari", Type: "state"})
	f.feed.keep(nil, errors.New("the disk does not answer"))
	if s.page() {
		t.Fatal("a page had everything: nothing was tested")
	}
	f.feed.look(t.Context())
	for !s.page() {
	}
	s.want("each once", due)
}

// What comes from memory is sorted out as what the database tells.
func TestFeedTellsEachTheirs(t *testing.T) {
	f := follow(t)
	vei := []string{"vei"}
	kari := f.stream("kari", "", &store.Sight{Owner: "kari", Departments: vei})
	ola := f.stream("ola", "", &store.Sight{Owner: "ola", Departments: vei})
	one := f.stream("kari", "one", &store.Sight{Owner: "kari", Departments: vei})
	f.own = 0
	var hers, his, ones []string
	for range 3 {
		private := f.happens(2, store.Event{Meeting: "one", Owner: "kari", Type: "state"})
		other := f.happens(2, store.Event{Meeting: "other", Owner: "kari", Type: "state"})
		shared := f.happens(1, store.Event{Meeting: "shared", Owner: "kari", Department: "vei", Type: "state"})
		f.happens(1, store.Event{Meeting: "elsewhere", Owner: "ola", Department: "skole", Type: "state"})
		hers = slices.Concat(hers, private, other, shared)
		his = append(his, shared...)
		ones = append(ones, private...)
		f.feed.look(t.Context())
		for _, s := range []*told{kari, ola, one} {
			if !s.page() {
				t.Fatal("a page does not have everything")
			}
		}
	}
	kari.want("the owner", hers)
	ola.want("another of the department", his)
	one.want("who follows one meeting", ones)
	for _, c := range []struct {
		stream *told
		mine   string
	}{{kari, `"mine":true`}, {ola, `"mine":false`}, {one, `"mine":true`}} {
		for _, data := range c.stream.lines("data: ") {
			if !strings.Contains(data, c.mine) {
				t.Errorf("told %s, not %s", data, c.mine)
			}
		}
	}
	if f.own > 0 {
		t.Errorf("streams looked themselves %d times: it was not told from memory", f.own)
	}
}

// A standby takes over that had not got the newest events: its numbers are below those that were told.
func TestNumbersOfEventsGoBack(t *testing.T) {
	f := follow(t)
	kari, ola := store.Event{Meeting: "m", Owner: "kari", Type: "state"}, store.Event{Meeting: "m", Owner: "ola", Type: "state"}
	ahead, behind := f.stream("ola", "", &store.Sight{Owner: "ola"}), f.stream("kari", "", &store.Sight{Owner: "kari"})
	hers, his := f.happens(30, kari), f.happens(70, ola)
	step := func() {
		t.Helper()
		f.feed.look(t.Context())
		for _, s := range []*told{ahead, behind} {
			if !s.page() {
				t.Fatal("a page does not have everything")
			}
		}
	}
	step()
	standby := database(t)
	f.Store, f.feed.store = standby, standby
	f.happens(30, kari)
	step()
	more := f.happens(5, kari)
	hers, his = append(hers, more...), append(his, f.happens(5, ola)...)
	step()
	behind.want("who was told nothing that is lost", hers)
	ahead.want("who was", his)
}

// Where the newest events are erased, the numbers of those to come do not begin again.
func TestNewestEventsAreErased(t *testing.T) {
	f := follow(t)
	s := f.stream("kari", "", &store.Sight{Owner: "kari"})
	var due []string
	for range 3 {
		due = append(due, f.happens(10, store.Event{Meeting: "m", Owner: "kari", Type: "state"})...)
		f.feed.look(t.Context())
		s.page()
		err := f.Tx(t.Context(), func(tx store.Tx) error { return tx.TrimEvents(t.Context(), time.Now().Add(time.Hour)) })
		if err != nil {
			t.Fatal(err)
		}
		f.feed.look(t.Context())
		s.page()
	}
	s.want("each once", due)
}

// panics does what a store should not.
type panics struct{ store.Store }

func (panics) EventsAfter(context.Context, string, *store.Sight, int64, int) ([]store.Event, error) {
	panic("what Kari said")
}

// A panic of the reader ends no stream, and its value, which may quote somebody, is not logged.
func TestFeedOutlivesPanic(t *testing.T) {
	f := follow(t)
	var log strings.Builder
	f.feed.log = slog.New(slog.NewTextHandler(&log, nil))
	s := f.stream("kari", "", &store.Sight{Owner: "kari"})
	var due []string
	for i := range 4 {
		f.feed.store = f.Store
		if i%2 == 0 {
			f.feed.store = panics{f.Store}
		}
		due = append(due, f.happens(3, store.Event{Meeting: "m", Owner: "kari", Type: "state"})...)
		f.feed.look(t.Context())
		s.page()
		s.want("with and without panic", due)
	}
	if got := log.String(); strings.Count(got, "panic with a string") != 2 || !strings.Contains(got, "panics.EventsAfter") || strings.Contains(got, "Kari") {
		t.Errorf("logged: %s", got)
	}
}

// deadlines keeps those of what is written to it, which takes its time.
type deadlines struct {
	http.ResponseWriter
	all []time.Time
}

func (d *deadlines) SetWriteDeadline(at time.Time) error {
	d.all = append(d.all, at)
	return nil
}

func (d *deadlines) FlushError() error {
	time.Sleep(2 * time.Millisecond)
	return nil
}

// Who takes a little at a time does not get a page of events long after it was looked at who may see it.
func TestPageHasOneDeadline(t *testing.T) {
	f := follow(t)
	s := f.stream("kari", "", &store.Sight{Owner: "kari"})
	d := &deadlines{ResponseWriter: s.text}
	s.out.w, s.out.rc = d, http.NewResponseController(d)
	last := time.Now().Add(eventPatience)
	for _, where := range []string{"memory", "database", "memory"} {
		f.happens(eventPage, store.Event{Meeting: strings.Repeat("m", 100), Owner: "kari", Type: "state"})
		if f.own = 0; where == "memory" {
			f.feed.look(t.Context())
		} else {
			f.feed.keep(nil, errors.New("the disk does not answer"))
		}
		d.all = nil
		s.page()
		if (f.own > 0) != (where == "database") || len(d.all) < 3 {
			t.Fatalf("not told from %s, in pieces: %d looks, %d writes", where, f.own, len(d.all))
		}
		if pages := slices.Compact(slices.Clone(d.all)); len(pages) != 1 || !pages[0].After(last) || time.Until(pages[0]) > eventPatience {
			t.Errorf("from %s: %d writes with %d deadlines, %v after the last page's", where, len(d.all), len(pages), pages[0].Sub(last))
		} else {
			last = pages[0]
		}
	}
}
