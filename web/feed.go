package web

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sort"
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

const (
	feedKept   = 1000                  // events in memory at most
	feedFresh  = 2 * time.Second       // how long one is told from memory: its meeting may be moved or erased meanwhile
	feedPause  = 20 * time.Millisecond // between two looks
	feedWithin = 10 * time.Second      // how long a look may take
)

// feed reads what happens once for all event streams of this server, and has the newest in memory. It knows nobody who
// follows: a stream takes from it what its person sees, and asks the database itself for what the feed does not have.
// So a slow stream costs no memory here, and a look that fails loses nobody anything.
type feed struct {
	store store.Reader
	log   *slog.Logger

	begun, failed bool // touched by run alone

	mu      sync.Mutex
	broken  bool          // nothing was read yet, or the last look failed
	from    int64         // kept are all events after this one
	to      int64         // and up to this one
	kept    []freshEvent  // in order; never written to where a stream may read
	changed chan struct{} // closed when there is more, or broken
}

// freshEvent is an event as it goes out.
type freshEvent struct {
	store.Event
	read         time.Time
	others, mine []byte // what those are told who do not own the meeting, and who does
}

func newFeed(r store.Reader, log *slog.Logger) *feed {
	return &feed{store: r, log: log, broken: true, changed: make(chan struct{})}
}

// run looks when it is signalled, and at each beat should nobody have said so, until ctx ends.
func (f *feed) run(ctx context.Context, signal <-chan struct{}, beat time.Duration) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		f.look(ctx)
		select { // what comes in quick succession is read together
		case <-time.After(feedPause):
		case <-ctx.Done():
			return
		}
		select {
		case <-signal:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look reads all that is new, and logs when that begins to fail and when it does no longer.
func (f *feed) look(ctx context.Context) {
	err := f.read(ctx)
	if ctx.Err() != nil { // the last stream left
		return
	}
	if err != nil && !f.failed {
		f.log.WarnContext(ctx, "events are not read for all streams at once; each asks the database itself", "error", err)
	}
	if err == nil && f.failed {
		f.log.InfoContext(ctx, "events are read for all streams at once again")
	}
	f.failed = err != nil
}

// read reads all that is new; the first time, from where on that is. A panic is an error.
func (f *feed) read(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, feedWithin)
	defer cancel()
	defer func() {
		if v := recover(); v != nil { // nobody's handler would: it would end the server
			err = f.keep(nil, referent.E(referent.CodeInternal, "web: read events", fmt.Errorf("panic with a %T: %s", v, debug.Stack())))
		}
	}()
	if !f.begun {
		last, err := f.store.LastEvent(ctx)
		f.begun = err == nil
		f.begin(last, err)
		return err
	}
	for {
		events, err := f.store.EventsAfter(ctx, "", nil, f.to, feedKept)
		if err = f.keep(events, err); err != nil {
			return err
		}
		if len(events) == 0 {
			return f.back(ctx)
		}
		if len(events) < feedKept {
			return nil
		}
	}
}

// back begins again where numbers went back: a standby took over that had not got the newest events. They may also
// have been erased; then it costs each stream a look.
func (f *feed) back(ctx context.Context) error {
	last, err := f.store.LastEvent(ctx)
	if err != nil {
		return f.keep(nil, err)
	}
	if last < f.to {
		f.begin(last, nil)
	}
	return nil
}

// begin says from where on the feed has events. Who came before it looks by itself once more.
func (f *feed) begin(last int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken, f.from, f.to, f.kept = err != nil, last, last, nil
	f.tell()
}

// keep adds events, or after an error, which it returns, leaves all who follow to look by themselves.
func (f *feed) keep(events []store.Event, err error) error {
	now := time.Now()
	news := make([]freshEvent, len(events))
	for i, e := range events {
		news[i] = freshEvent{Event: e, read: now}
		if err == nil {
			news[i].others, err = eventText(e, false)
		}
		if err == nil {
			news[i].mine, err = eventText(e, true)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = err != nil
	if err == nil && len(news) > 0 {
		f.kept = append(f.kept, news...)
		f.to = news[len(news)-1].ID
	}
	old := max(0, len(f.kept)-feedKept)
	for old < len(f.kept) && now.Sub(f.kept[old].read) > feedFresh {
		old++
	}
	if old > 0 {
		f.from = f.kept[old-1].ID
		f.kept = f.kept[old:]
	}
	if err != nil || len(news) > 0 {
		f.tell()
	}
	return err
}

// tell wakes all who follow. The caller holds the lock.
func (f *feed) tell() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// since returns the events after the one up to which a stream has looked, and up to where it has looked with them. It
// is not whole when the feed does not have them all, or not fresh: then the stream asks the database, and has looked up
// to there, or further. changed is closed when there is something to look at again.
func (f *feed) since(looked int64) (news []freshEvent, to int64, whole bool, changed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken || looked < f.from || looked > f.to {
		return nil, f.to, false, f.changed
	}
	i := sort.Search(len(f.kept), func(i int) bool { return f.kept[i].ID > looked })
	news = f.kept[i:]
	if len(news) > 0 && time.Since(news[0].read) > feedFresh {
		return nil, f.to, false, f.changed
	}
	return news, f.to, true, f.changed
}

// eventText is the event as it goes out.
func eventText(e store.Event, mine bool) ([]byte, error) {
	data, err := json.Marshal(toldEvent{e, mine})
	if err != nil {
		return nil, referent.E(referent.CodeInternal, "web: write event", err)
	}
	return fmt.Appendf(nil, "id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Type, data), nil
}

// feeds has a feed while somebody follows.
type feeds struct {
	mu      sync.Mutex
	streams int
	now     *feed
	end     func() // the feed's goroutine, and waits for it
}

// join returns the feed and a function with which its reader leaves it; the last one ends it.
func (a *feeds) join(r store.Reader, log *slog.Logger, watch func() (<-chan struct{}, func()), beat time.Duration) (*feed, func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.streams++; a.streams == 1 {
		a.now, a.end = startFeed(newFeed(r, log), watch, beat)
	}
	return a.now, a.leave
}

func (a *feeds) leave() {
	a.mu.Lock()
	a.streams--
	end := a.end
	if a.streams > 0 {
		end = func() {}
	}
	a.mu.Unlock()
	end() // who comes meanwhile has another
}

func startFeed(f *feed, watch func() (<-chan struct{}, func()), beat time.Duration) (*feed, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signal, unwatch := watch() // before the first look, or something could happen unseen between the two
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer unwatch()
		f.run(ctx, signal, beat)
	}()
	return f, func() { cancel(); <-done }
}
