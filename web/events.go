package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
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
	eventPatience = 30 * time.Second        // how long one write to a reader may take
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
	const text = "Server-sent events. Each has the event's number as id, its type (state, progress, partial, failed, transcript, minutes, deleted) and JSON data, where mine says whether you own the meeting. "
	answer := binaryAnswer("A stream of events.", eventStream)
	register(s, operation{method: http.MethodGet, path: "/events", id: "watch-events", tag: "events", needs: access.SeeMeeting, responses: answer,
		summary: "Watch your meetings", text: text + "Without a place to start it begins with what happens from now on."},
		func(ctx context.Context, in *EventInput) (*huma.StreamResponse, error) {
			after, given := in.after()
			if !given {
				var err error
				if after, err = s.latest.find(ctx, s.store); err != nil {
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
		// Watching begins before the first look, so that nothing happens unseen between the two.
		signal, end := s.pipe.Watch()
		defer end()
		s.metrics.streams.Inc()
		defer s.metrics.streams.Dec()
		beat := time.NewTicker(s.heartbeat)
		defer beat.Stop()

		h := w.Header()
		h.Set("Content-Type", eventStream)
		h.Set("X-Accel-Buffering", "no") // nginx would hold events back
		w.WriteHeader(http.StatusOK)
		out := &eventWriter{w: w, rc: http.NewResponseController(w)}
		if out.send("retry: %d\n\n", eventRetry.Milliseconds()) != nil {
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
		me := whoAsks(ctx).user.ID
		teller := &outlookTeller{lang: infoOf(ctx).lang, told: map[string]toldOutlook{}}
		for {
			events, err := s.store.EventsAfter(r.Context(), meeting, seen, after, eventPage)
			if err != nil {
				infoOf(ctx).err = err // the browser comes back by itself, with the last id it saw
				return
			}
			for _, e := range events {
				data, err := json.Marshal(toldEvent{e, e.Owner == me})
				if err != nil {
					infoOf(ctx).err = referent.E(referent.CodeInternal, "web: write event", err)
					return
				}
				if out.send("id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Type, data) != nil {
					return
				}
				after = e.ID
			}
			if len(events) == eventPage {
				continue
			}
			select {
			case <-signal:
				if queue && look == nil {
					look = time.After(outlookEvery)
				}
			case <-look:
				look = nil
				if err := s.tellOutlooks(r.Context(), out, teller, seen, meeting); err != nil {
					infoOf(ctx).err = err
					return
				}
			case <-beat.C:
				if queue && look == nil {
					look = time.After(0)
				}
				// A stream can outlive the session or token it was opened with. An open page alone is no
				// use of a session: the look does not prolong it. What they may see can have changed as well.
				if seen, err = s.seenNow(r, meeting); err != nil || out.send(": still here\n\n") != nil {
					return
				}
			case <-r.Context().Done():
				return
			case <-s.closed:
				return
			}
		}
	})
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
	return out.send("%s", news.String())
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

// eventWriter writes and flushes, each time within a limit of its own.
type eventWriter struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

func (e *eventWriter) send(format string, args ...any) error {
	if err := patience.SetDeadline(e.rc.SetWriteDeadline, time.Now().Add(eventPatience)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(e.w, format, args...); err != nil {
		return err
	}
	return e.rc.Flush()
}

// watermark knows the newest event's number. The store lists events from a number on, so each is
// looked at once in the life of the process, and not once for everybody who connects.
type watermark struct{ at atomic.Int64 }

func (m *watermark) find(ctx context.Context, r store.Reader) (int64, error) {
	at := m.at.Load()
	for {
		events, err := r.EventsAfter(ctx, "", nil, at, 1000)
		if err != nil {
			return 0, err
		}
		if len(events) == 0 {
			break
		}
		at = events[len(events)-1].ID
	}
	for {
		seen := m.at.Load()
		if at <= seen || m.at.CompareAndSwap(seen, at) {
			return max(at, seen), nil
		}
	}
}
