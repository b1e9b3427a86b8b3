package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/patience"
)

const eventStream = "text/event-stream"

const (
	eventPage     = 200
	eventRetry    = 2 * time.Second         // how soon a browser comes back after a stream ended
	eventPatience = 30 * time.Second        // how long a reader may take for a page of events, or for what else is written
	eventBytes    = 8 << 10                 // of events that are written together, about
	outlookEvery  = 1200 * time.Millisecond // how soon after something happened outlooks are looked at
)

// EventInput says from where on to send events.
type EventInput struct {
	After string `query:"after" doc:"Send what happened after this event; Last-Event-ID goes before it." pattern:"^[0-9]{1,19}$"`
	Queue bool   `query:"queue" doc:"Tell also of places in the queue and of times left, as events of type outlook: an Outlook as JSON, without a text when no work is left. A place, or a time until it begins, that has changed by less than a tenth is not told anew. They have no id and are not sent again."`
	Last  string `header:"Last-Event-ID" doc:"As EventSource sends it when it comes back."`
}

// toldEvent is an event as one watcher is told it.
type toldEvent struct {
	store.Event
	Mine bool `json:"mine"` // they own the meeting
}

func (in EventInput) after() (at int64, given bool) {
	for _, v := range []string{in.Last, in.After} {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && n >= 0 {
			return n, true
		}
	}
	return 0, false
}

func (s *Server) registerEvents() {
	const text = "Server-sent events. Each has the event's number as id, its type (state, progress, partial, failed, transcript, minutes, deleted, left) and JSON data, where mine says whether you own the meeting. left: you do not see it any more. "
	answer := binaryAnswer("A stream of events.", eventStream)
	register(s, operation{method: http.MethodGet, path: "/events", id: "watch-events", tag: "events", needs: access.SeeMeeting, responses: answer,
		summary: "Watch your meetings", text: text + "Without a place to start it begins with what happens from now on."},
		func(ctx context.Context, in *EventInput) (*huma.StreamResponse, error) {
			after, given := in.after()
			if !given {
				var err error
				if after, err = s.store.LastEvent(ctx); err != nil {
					return nil, err
				}
			}
			return s.stream(ctx, "", after, in.Queue), nil
		})
	register(s, operation{method: http.MethodGet, path: "/meetings/{id}/events", id: "watch-meeting", tag: "events", needs: access.SeeMeeting, responses: answer,
		summary: "Watch a meeting", text: text + "Without a place to start it begins with the meeting's first."},
		func(ctx context.Context, in *struct {
			MeetingPath
			EventInput
		}) (*huma.StreamResponse, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			after, _ := in.after()
			return s.stream(ctx, in.ID, after, in.Queue), nil
		})
}

// stream answers with the events of one meeting, or of all that whoever asks may see, until they go
// away, lose their access, or the server closes.
func (s *Server) stream(ctx context.Context, meeting string, after int64, queue bool) *huma.StreamResponse {
	return raw(func(w http.ResponseWriter, r *http.Request) {
		feed, leave := s.feeds.join(s.store, s.log, s.pipe.Watch, s.heartbeat)
		defer leave()
		s.metrics.streams.Inc()
		defer s.metrics.streams.Dec()
		beat := time.NewTicker(s.heartbeat)
		defer beat.Stop()

		h := w.Header()
		h.Set("Content-Type", eventStream)
		h.Set("X-Accel-Buffering", "no") // nginx would hold events back
		w.WriteHeader(http.StatusOK)
		out := &eventWriter{w: w, rc: http.NewResponseController(w)}
		if out.send(fmt.Appendf(nil, "retry: %d\n\n", eventRetry.Milliseconds())) != nil {
			return
		}
		seen, err := s.sight(ctx)
		if err != nil {
			infoOf(ctx).err = err
			return
		}
		var look <-chan time.Time // when outlooks are looked at
		if queue {
			look = time.After(0)
		}
		t := &eventTeller{store: s.store, feed: feed, out: out, me: whoAsks(ctx).user.ID, meeting: meeting, seen: seen, after: after, looked: nowhere}
		teller := &outlookTeller{lang: infoOf(ctx).lang, told: map[string]toldOutlook{}}
		for {
			changed, all, err := t.tell(r.Context())
			if err != nil { // the browser comes back by itself, with the last id it saw
				if !out.gone {
					infoOf(ctx).err = err
				}
				return
			}
			var more <-chan struct{}
			if !all {
				more = goOn
			}
			select {
			case <-more:
			case <-changed:
				if queue && look == nil {
					look = time.After(outlookEvery)
				}
			case <-look:
				look = nil
				if err := s.tellOutlooks(r.Context(), out, teller, t.seen, meeting); err != nil {
					infoOf(ctx).err = err
					return
				}
			case <-beat.C:
				if queue && look == nil {
					look = time.After(0)
				}
				// A stream can outlive the session or token it was opened with. An open page alone is no
				// use of a session: the look does not prolong it. What they may see can have changed as well.
				if t.seen, err = s.seenNow(r, meeting); err != nil || out.send([]byte(": still here\n\n")) != nil {
					return
				}
				t.looked = nowhere // nor have they looked at what they could not see
			case <-r.Context().Done():
				return
			case <-s.closed:
				return
			}
		}
	})
}

// goOn is always ready: there is more to send, unless something else is to be done first.
var goOn = func() <-chan struct{} { c := make(chan struct{}); close(c); return c }()

// nowhere is before all events.
const nowhere = -1

// eventTeller tells one watcher what happens, in order and each event once.
type eventTeller struct {
	store store.Reader
	feed  *feed
	out   *eventWriter

	me, meeting string // meeting "": all that they see
	seen        *store.Sight
	after       int64 // the event that was told last
	looked      int64 // up to this one nothing else is to be told to who sees what they do
}

// tell sends what is new, a page at most; all says whether that was all. changed is closed when there is more.
func (t *eventTeller) tell(ctx context.Context) (changed <-chan struct{}, all bool, err error) {
	news, to, whole, changed := t.feed.since(t.looked)
	if !whole {
		all, err = t.tellStored(ctx, to)
		return changed, all, err
	}
	if all = len(news) <= eventPage; !all {
		news = news[:eventPage]
		to = news[eventPage-1].ID
	}
	t.out.page()
	for i := range news {
		e := &news[i]
		if (t.meeting != "" && e.Meeting != t.meeting) || !t.seen.Sees(e.Owner, e.Department) {
			continue
		}
		if stays, err := t.stays(ctx, &e.Event); err != nil {
			return nil, false, err
		} else if stays {
			continue
		}
		text := e.others
		if e.Owner == t.me {
			text = e.mine
		}
		if err := t.out.add(text); err != nil {
			return nil, false, err
		}
		t.after = e.ID
	}
	t.looked = to
	return changed, all, t.out.flush()
}

// tellStored asks the database, which has at least what there is up to the event to.
func (t *eventTeller) tellStored(ctx context.Context, to int64) (all bool, err error) {
	events, err := t.store.EventsAfter(ctx, t.meeting, t.seen, t.after, eventPage)
	if err != nil {
		return false, err
	}
	if len(events) == 0 && t.after > to { // the feed is behind, or numbers went back
		last, err := t.store.LastEvent(ctx)
		if err != nil {
			return false, err
		}
		t.after = min(t.after, last)
	}
	t.out.page()
	for _, e := range events {
		if stays, err := t.stays(ctx, &e); err != nil {
			return false, err
		} else if stays {
			t.after = e.ID
			continue
		}
		text, err := eventText(e, e.Owner == t.me)
		if err != nil {
			return false, err
		}
		if err := t.out.add(text); err != nil {
			return false, err
		}
		t.after = e.ID
	}
	t.looked = max(t.looked, t.after) // the feed may be whole again before the next page
	if all = len(events) < eventPage; all {
		t.looked = max(to, t.after)
	}
	return all, t.out.flush()
}

// stays reports whether the event tells that a meeting left, to one who sees it where it is as well.
func (t *eventTeller) stays(ctx context.Context, e *store.Event) (bool, error) {
	if e.Type != store.EventLeft {
		return false, nil
	}
	m, err := t.store.Meeting(ctx, e.Meeting)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && t.seen.Sees(m.Owner, m.Department), err
}

// tellOutlooks sends the outlooks that are not as they were told.
func (s *Server) tellOutlooks(ctx context.Context, out *eventWriter, teller *outlookTeller, seen *store.Sight, meeting string) error {
	now, err := s.outlooksSeen(ctx, seen, meeting)
	if err != nil {
		return err
	}
	var news strings.Builder // goes out at once: each piece that does is a packet
	for _, o := range teller.changes(now) {
		data, err := json.Marshal(o)
		if err != nil {
			return referent.E(referent.CodeInternal, "web: write event", err)
		}
		fmt.Fprintf(&news, "event: outlook\ndata: %s\n\n", data)
	}
	if news.Len() == 0 {
		return nil
	}
	return out.send([]byte(news.String()))
}

// seenNow is what the one behind r sees now. It fails when they are nobody any more, or may not watch the
// meeting that they do.
func (s *Server) seenNow(r *http.Request, meeting string) (*store.Sight, error) {
	id, err := s.identify(r)
	if err != nil {
		return nil, err
	}
	id.needs = access.SeeMeeting
	ctx := context.WithValue(r.Context(), identityKey{}, id)
	if meeting != "" {
		if _, err := s.meeting(ctx, meeting); err != nil {
			return nil, err
		}
	}
	return s.sight(ctx)
}

// eventWriter writes and flushes within limits.
type eventWriter struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	text  []byte    // goes out with the next flush: each piece that does is a packet
	until time.Time // when all of the page is to be out
	gone  bool      // nobody takes it any more
}

// page begins a page of events, which has one limit: what they may see can change while it is written.
func (e *eventWriter) page() { e.until = time.Now().Add(eventPatience) }

// add writes an event, or keeps it until there is much to write.
func (e *eventWriter) add(text []byte) error {
	e.text = append(e.text, text...)
	if len(e.text) < eventBytes {
		return nil
	}
	return e.flush()
}

func (e *eventWriter) flush() error {
	if len(e.text) == 0 {
		return nil
	}
	err := e.write(e.text, e.until)
	e.text = e.text[:0]
	return err
}

// send writes what is no event.
func (e *eventWriter) send(text []byte) error { return e.write(text, time.Now().Add(eventPatience)) }

func (e *eventWriter) write(text []byte, until time.Time) error {
	err := patience.SetDeadline(e.rc.SetWriteDeadline, until)
	if err == nil {
		_, err = e.w.Write(text)
	}
	if err == nil {
		err = e.rc.Flush()
	}
	e.gone = err != nil
	return err
}
