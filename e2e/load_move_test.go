package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// mover is a worker that leases the first job of some meetings and tells of progress, over a worker's own connection
// and protocol, until it is stopped. It does none of the work.
type mover struct {
	conn   *nats.Conn
	owners []*person
	ids    []string // meetings, one of each owner in turn
	leases []protocol.Lease
}

func newMover(t *testing.T, s *server, people []*person) *mover {
	t.Helper()
	conn, err := queue.Connect(t.Context(), queue.DialConfig{URL: s.nats, Creds: s.cred, Name: "worker/load", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	m := &mover{conn: conn}
	for i := range moving {
		p := people[i%len(people)]
		id, err := p.meeting()
		if err != nil {
			t.Fatal(err)
		}
		sound := []byte("no sound: nobody listens")
		if err := p.api.Upload(t.Context(), id, bytes.NewReader(sound), int64(len(sound)), nil); err != nil {
			t.Fatal(err)
		}
		jobs, err := p.api.Jobs(t.Context(), id)
		if err != nil || len(jobs) != 1 {
			t.Fatalf("jobs: %+v, %v", jobs, err)
		}
		var claimed protocol.ClaimReply
		if err := m.ask(t.Context(), protocol.SubjectClaim, protocol.ClaimRequest{Job: jobs[0].ID, Worker: "worker/load"}, &claimed); err != nil {
			t.Fatal(err)
		}
		m.owners, m.ids, m.leases = append(m.owners, p), append(m.ids, id), append(m.leases, claimed.Lease)
	}
	return m
}

func (m *mover) ask(ctx context.Context, subject string, body, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	reply, err := m.conn.RequestMsgWithContext(ctx, &nats.Msg{Subject: protocol.From(queue.KeyOf(m.conn), subject), Data: data})
	if err != nil {
		return fmt.Errorf("%s: %w", subject, err)
	}
	if code := reply.Header.Get(protocol.HeaderCode); code != "" {
		return fmt.Errorf("%s: %s %s", subject, code, reply.Header.Get(protocol.HeaderDetail))
	}
	return json.Unmarshal(reply.Data, into)
}

// run tells a little more progress of each meeting, twice as often as the server shows it, until stop is closed.
func (m *mover) run(ctx context.Context, stop <-chan struct{}) error {
	var group errgroup.Group
	for i := range m.ids {
		group.Go(func() error { return m.move(ctx, i, stop) })
	}
	return group.Wait()
}

func (m *mover) move(ctx context.Context, i int, stop <-chan struct{}) error {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for n := 1; ; n++ {
		var r protocol.ExtendReply
		if err := m.ask(ctx, protocol.SubjectExtend, protocol.ExtendRequest{Lease: m.leases[i], Progress: 1 - 1/float64(n+1)}, &r); err != nil {
			return err
		}
		if r.Cancelled {
			return errors.New("a job was cancelled under way")
		}
		select {
		case <-stop:
			return nil
		case <-tick.C:
		}
	}
}

// moved waits until the server has stored that every meeting moved, so many times.
func (m *mover) moved(t *testing.T, data string, times int) {
	t.Helper()
	eventually(t, time.Minute, "every meeting has moved", func() bool {
		stored := map[string]int{}
		for _, e := range storedEvents(t, data) {
			if e.kind == "progress" {
				stored[e.meeting]++
			}
		}
		return !slices.ContainsFunc(m.ids, func(id string) bool { return stored[id] < times })
	})
}

// cancel ends the meetings, the last of which is so the last event.
func (m *mover) cancel(t *testing.T) {
	t.Helper()
	for i, id := range m.ids {
		if _, err := m.owners[i].api.Cancel(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
}
