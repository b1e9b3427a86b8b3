package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// ErrStop ends Watch without an error when its function returns it.
var ErrStop = errors.New("stop watching")

// silence is how long a stream may say nothing before it counts as lost. The server sends a comment
// four times in that time.
const silence = time.Minute

// Watch calls each for every event of a meeting, from its first; meeting "" means all that the token may
// see, from now on. After a lost connection it comes back and misses nothing. It returns what each
// returned, nil for ErrStop, or the reason why watching is not possible.
func (c *Client) Watch(ctx context.Context, meeting string, each func(store.Event) error) error {
	path := apiRoot + "/events"
	if meeting != "" {
		path = apiRoot + at(meeting) + "/events"
	}
	last := ""
	for failures := 0; ; {
		came := last
		err := c.watchOnce(ctx, path, &last, each)
		var stopped *stoppedByCaller
		switch {
		case errors.As(err, &stopped):
			if errors.Is(stopped.err, ErrStop) {
				return nil
			}
			return stopped.err
		case ctx.Err() != nil:
			return referent.E(codeOf(ctx.Err()), "client: watch", ctx.Err())
		case err != nil && !passing(err):
			return err
		}
		if failures++; last != came {
			failures = 1
		}
		if failures > c.tries {
			return err
		}
		timer := time.NewTimer(c.waits[min(failures, len(c.waits))-1])
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

type stoppedByCaller struct{ err error }

func (s *stoppedByCaller) Error() string { return s.err.Error() }

var errStreamEnded = referent.E(referent.CodeUnavailable, "client: watch", errors.New("the event stream ended"))

func (c *Client) watchOnce(ctx context.Context, path string, last *string, each func(store.Event) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	h := http.Header{}
	h.Set("Accept", "text/event-stream")
	if *last != "" {
		h.Set("Last-Event-ID", *last)
	}
	resp, err := c.do(ctx, http.MethodGet, path, h, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	quiet := time.AfterFunc(silence, cancel)
	defer quiet.Stop()
	err = readEvents(resp.Body, func() { quiet.Reset(silence) }, func(id string, data []byte) error {
		var e store.Event
		if err := json.Unmarshal(data, &e); err != nil {
			return referent.E(referent.CodeUnavailable, "client: read event", err)
		}
		if id != "" {
			*last = id
		} else {
			*last = strconv.FormatInt(e.ID, 10)
		}
		if err := each(e); err != nil {
			return &stoppedByCaller{err}
		}
		return nil
	})
	if err == nil {
		return errStreamEnded
	}
	var stopped *stoppedByCaller
	if errors.As(err, &stopped) || referent.CodeOf(err) != referent.CodeInternal {
		return err
	}
	return referent.E(referent.CodeUnavailable, "client: watch", err)
}

// maxEvent is the longest line of a stream, in bytes; ours are under 500.
const maxEvent = 64 << 10

// readEvents reads an event stream: alive after every line, each for every event that has data.
func readEvents(r io.Reader, alive func(), each func(id string, data []byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxEvent)
	var id string
	var data []string
	size := 0
	for lines.Scan() {
		alive()
		line := lines.Text()
		if line == "" {
			if len(data) > 0 {
				if err := each(id, []byte(strings.Join(data, "\n"))); err != nil {
					return err
				}
			}
			data, size = nil, 0
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "id":
			if !strings.ContainsRune(value, 0) {
				id = value
			}
		case "data":
			if size += len(value) + 1; size > maxEvent {
				return bufio.ErrTooLong
			}
			data = append(data, value)
		}
	}
	return lines.Err()
}
