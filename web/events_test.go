package web_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/referent/referent/store"
	"github.com/referent/referent/web/webtest"
)

// stream reads an event stream line by line.
type stream struct {
	t     testing.TB
	resp  *http.Response
	lines *bufio.Scanner
}

func watch(r *webtest.Rig, path, token, last string) *stream {
	r.T.Helper()
	resp := r.Do("GET", path, token, nil, func(q *http.Request) {
		if last != "" {
			q.Header.Set("Last-Event-ID", last)
		}
	})
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		r.T.Fatalf("%s %s", resp.Status, text(r.T, resp))
	}
	r.T.Cleanup(func() { resp.Body.Close() })
	s := &stream{r.T, resp, bufio.NewScanner(resp.Body)}
	if line := s.line(); line != "retry: 2000" {
		r.T.Fatalf("the stream begins with %q", line)
	}
	s.line()
	return s
}

// line waits for a line; the test's own deadline ends it when none comes.
func (s *stream) line() string {
	s.t.Helper()
	if !s.lines.Scan() {
		s.t.Fatalf("the stream ended: %v", s.lines.Err())
	}
	return s.lines.Text()
}

func (s *stream) event() (id string, e store.Event) {
	s.t.Helper()
	for {
		line := s.line()
		if v, ok := strings.CutPrefix(line, "id: "); ok {
			id = v
		}
		if v, ok := strings.CutPrefix(line, "data: "); ok {
			if err := json.Unmarshal([]byte(v), &e); err != nil {
				s.t.Fatal(err)
			}
			s.line()
			return id, e
		}
	}
}

func TestEventsAreLiveAndReplayed(t *testing.T) {
	r, token := uploader(t, nil)
	_, earlier := begin(r, token, 10, "")
	all := watch(r, "/api/v1/events", token, "")
	_, id := begin(r, token, 10, "")
	firstID, e := all.event()
	if e.Meeting != id || e.Type != "state" {
		t.Errorf("the stream of everything does not begin with now: %+v (earlier %s)", e, earlier)
	}
	if err := r.Pipeline.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, e := all.event(); e.State != "cancelled" {
		t.Errorf("live: %+v", e)
	}

	one := watch(r, "/api/v1/meetings/"+id+"/events", token, "")
	if got, e := one.event(); got != firstID || e.State != "uploading" {
		t.Errorf("replay from the beginning: %s %+v", got, e)
	}
	if _, e := one.event(); e.State != "cancelled" {
		t.Errorf("replay goes on: %+v", e)
	}
	again := watch(r, "/api/v1/events", token, firstID)
	if _, e := again.event(); e.Meeting != id || e.State != "cancelled" {
		t.Errorf("after Last-Event-ID: %+v", e)
	}
	after := watch(r, "/api/v1/events?after="+firstID, token, "")
	if _, e := after.event(); e.State != "cancelled" {
		t.Errorf("after ?after: %+v", e)
	}
}

func TestEventsOfOthersAreNotSeen(t *testing.T) {
	r, kari := uploader(t, nil)
	r.User("ola", false)
	r.User("sjef", true)
	ola := r.Token("ola", store.ScopeRead, store.ScopeWrite)
	boss := r.Token("sjef", store.ScopeRead, store.ScopeAdmin)
	mine, everybodys := watch(r, "/api/v1/events", ola, ""), watch(r, "/api/v1/events", boss, "")
	_, hers := begin(r, kari, 10, "")
	_, his := begin(r, ola, 10, "")
	if _, e := mine.event(); e.Meeting != his {
		t.Errorf("ola sees %+v", e)
	}
	if _, e := everybodys.event(); e.Meeting != hers {
		t.Errorf("the administrator sees %+v first", e)
	}
	resp := r.Do("GET", "/api/v1/meetings/"+hers+"/events", ola, nil, nil)
	resp.Body.Close()
	if resp.StatusCode != 404 {
		t.Errorf("somebody else's stream: %s", resp.Status)
	}
}

func TestStreamEndsOnShutdown(t *testing.T) {
	r, token := uploader(t, nil)
	s := watch(r, "/api/v1/events", token, "")
	r.Stop() // fails the test when the open stream holds it up
	for s.lines.Scan() {
	}
	if err := s.lines.Err(); err != nil {
		t.Errorf("the stream did not end in good order: %v", err)
	}
}

// A page that lies open on a shared machine does not keep its session alive.
func TestStreamDoesNotProlongItsSession(t *testing.T) {
	r := webtest.Start(t, nil)
	r.User("kari", false)
	r.Server.SetHeartbeat(20 * time.Millisecond)
	var ahead atomic.Int64
	r.Server.SetClock(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	c := sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
	resp := r.Do("GET", "/api/v1/events", "", nil, func(q *http.Request) { q.AddCookie(c) })
	t.Cleanup(func() { resp.Body.Close() })
	s := &stream{t, resp, bufio.NewScanner(resp.Body)}
	beats := func(n int) {
		for n > 0 {
			if strings.HasPrefix(s.line(), ":") {
				n--
			}
		}
	}
	beats(1)
	ahead.Store(int64(11 * time.Hour)) // the session has an hour left
	beats(3)
	ahead.Store(int64(13 * time.Hour))
	for s.lines.Scan() {
	}
	if err := s.lines.Err(); err != nil {
		t.Error(err)
	}
	if got := status(r, "/api/v1/me", c); got != 401 {
		t.Errorf("the session: %d", got)
	}
}

func TestStreamOutlivesIdlenessButNotItsToken(t *testing.T) {
	r, token := uploader(t, nil)
	r.Server.SetHeartbeat(20 * time.Millisecond)
	s := watch(r, "/api/v1/events", token, "")
	if line := s.line(); !strings.HasPrefix(line, ":") {
		t.Errorf("heartbeat: %q", line)
	}
	u := must(r.Store.UserByName(t.Context(), "kari"))(t)
	for _, tok := range must(r.Store.Tokens(t.Context(), u.ID))(t) {
		err := r.Store.Tx(t.Context(), func(tx store.Tx) error { return tx.DeleteToken(t.Context(), tok.ID) })
		if err != nil {
			t.Fatal(err)
		}
	}
	for s.lines.Scan() {
	}
}
