package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/referent/referent"
	"github.com/referent/referent/queue"
)

// violations collects what the nats-server refused on a connection.
func violations(nc *nats.Conn) <-chan string {
	refused := make(chan string, 64)
	nc.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		if errors.Is(err, nats.ErrPermissionViolation) {
			refused <- err.Error()
		}
	})
	return refused
}

func TestWorkerMayNotPublish(t *testing.T) {
	p := newPlace(t)
	q, _ := p.queue()
	publish(t, q, bulk("a", 1))
	nc := p.worker()
	refused := violations(nc)
	for _, subject := range []string{
		"job.transcribe.any.bulk.b", // a job out of nothing
		"cancel.a",                  // stop another's job
		"_INBOX.x",                  // answer in the server's place
		"_INBOX_worker.x",           // or to another worker
		"$JS.API.STREAM.INFO.JOBS_TRANSCRIBE",
		"$JS.API.STREAM.DELETE.JOBS_TRANSCRIBE",
		"$JS.API.STREAM.PURGE.JOBS_TRANSCRIBE",
		"$JS.API.STREAM.CREATE.MINE",
		"$JS.API.STREAM.MSG.GET.JOBS_TRANSCRIBE",
		"$JS.API.DIRECT.GET.JOBS_TRANSCRIBE",
		"$JS.API.CONSUMER.CREATE.JOBS_TRANSCRIBE",
		"$JS.API.CONSUMER.DELETE.JOBS_TRANSCRIBE.any-bulk",
		"$JS.API.CONSUMER.MSG.NEXT.JOBS_ADVISORIES.x",
		"$JS.API.ACCOUNT.PURGE.$G",
		"$SYS.REQ.SERVER.PING",
	} {
		if err := nc.PublishRequest(subject, nc.NewInbox(), []byte("{}")); err != nil {
			t.Fatal(err)
		}
		expectRefused(t, refused, subject)
	}
	if c, err := q.Pending(t.Context()); err != nil || c[referent.StageTranscribe] != (queue.Count{Queued: 1}) {
		t.Errorf("pending %v, %v after what was refused", c, err)
	}
}

func TestWorkerMayNotSubscribe(t *testing.T) {
	p := newPlace(t)
	p.queue()
	other := p.worker()
	theirs := strings.TrimSuffix(other.NewInbox(), lastToken(other.NewInbox())) + ">"
	nc := p.worker()
	refused := violations(nc)
	for _, subject := range []string{
		">", "job.>", "work.>", "work.read", "_INBOX.>", "_INBOX_worker.>", "_INBOX_worker.*.*", "_INBOX_worker.*.>", theirs,
		"$JS.>", "$JS.API.>", "$JS.EVENT.>", "$SYS.>", "$JS.ACK.>",
	} {
		if _, err := nc.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		expectRefused(t, refused, subject)
	}
}

func expectRefused(t *testing.T, refused <-chan string, subject string) {
	t.Helper()
	select {
	case got := <-refused:
		if !strings.Contains(got, `"`+subject+`"`) {
			t.Errorf("refused %s, want %s", got, subject)
		}
	case <-time.After(5 * time.Second):
		t.Errorf("%s was not refused", subject)
	}
}

func lastToken(subject string) string { return subject[strings.LastIndexByte(subject, '.')+1:] }

// What a worker needs does work: requests with replies, wake-ups, cancels, and all of a message's life.
func TestWorkerMayDoItsWork(t *testing.T) {
	p := newPlace(t)
	q, server := p.queue()
	nc := p.worker()
	refused := violations(nc)
	sub, err := server.Subscribe(queue.WorkSubject("*", "claim"), func(m *nats.Msg) {
		if err := m.Respond([]byte("yes")); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sub.Unsubscribe(); err != nil {
			t.Error(err)
		}
	})
	if err := server.Flush(); err != nil {
		t.Fatal(err)
	}
	if reply, err := nc.RequestWithContext(soon(t), queue.WorkSubject(queue.KeyOf(nc), "claim"), nil); err != nil || string(reply.Data) != "yes" {
		t.Fatalf("request: %v", err)
	}
	cancelled, err := nc.SubscribeSync(queue.SubjectCancelPrefix + "*")
	if err != nil {
		t.Fatal(err)
	}
	pull, err := queue.NewPuller(t.Context(), nc, queue.Stages)
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := server.Publish(queue.SubjectCancelPrefix+"a", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := cancelled.NextMsg(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	publish(t, q, bulk("a", 1))
	d := next(t, pull)
	if err := errors.Join(d.InProgress(), d.Ack(t.Context()), pull.Close(), nc.Flush()); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-refused:
		t.Errorf("refused: %s", got)
	default:
	}
}

// A connection with the workers' key but no inbox of its own does not get in.
func TestWorkerWithoutAnInboxIsRefused(t *testing.T) {
	p := newPlace(t)
	key, err := nats.NkeyOptionFromSeed(p.keys.WorkerSeed)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "x", "x#", "x#short", "x#*.>aaaaaaaaaaaaaaaaaa"} {
		nc, err := nats.Connect(p.srv.URL(), key, nats.Name(name))
		if err == nil {
			nc.Close()
		}
		if !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("name %q: %v", name, err)
		}
	}
	if nc, err := nats.Connect(p.srv.URL()); !errors.Is(err, nats.ErrAuthorization) {
		if err == nil {
			nc.Close()
		}
		t.Errorf("without a key: %v", err)
	}
}

// The settings that the durability rests on, read back from the server.
func TestStreamSettings(t *testing.T) {
	p := newPlace(t)
	_, nc := p.queue()
	if _, err := queue.New(t.Context(), nc); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"JOBS_PREPARE", "JOBS_TRANSCRIBE", "JOBS_MINUTES"} {
		s, err := js.Stream(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		c := s.CachedInfo().Config
		if c.Retention != jetstream.WorkQueuePolicy || c.Storage != jetstream.FileStorage || !c.DiscardNewPerSubject ||
			c.Discard != jetstream.DiscardNew || c.MaxMsgsPerSubject != 1 || c.MaxMsgSize != 64<<10 || c.PersistMode != jetstream.DefaultPersistMode {
			t.Errorf("%s: %+v", name, c)
		}
		for _, consumer := range []string{"any-inter", "any-bulk"} {
			c, err := js.Consumer(t.Context(), name, consumer)
			if err != nil {
				t.Fatal(err)
			}
			if cfg := c.CachedInfo().Config; cfg.AckPolicy != jetstream.AckExplicitPolicy || cfg.AckWait != queue.AckWait ||
				cfg.MaxDeliver != -1 || len(cfg.BackOff) != 0 {
				t.Errorf("%s %s: %+v", name, consumer, cfg)
			}
		}
	}
}

// A message thrown away as stale leaves a trace without its job's id being needed.
func TestAdvisoriesAreKept(t *testing.T) {
	p := newPlace(t)
	q, nc := p.queue()
	pull := p.puller()
	publish(t, q, bulk("a", 1))
	if err := next(t, pull).Drop(); err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), "JOBS_ADVISORIES")
	if err != nil {
		t.Fatal(err)
	}
	var raw *jetstream.RawStreamMsg
	eventually(t, "the advisory is kept", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		raw, err = s.GetMsg(ctx, 1)
		return err == nil
	})
	var advisory struct{ Type, Reason string }
	if err := json.Unmarshal(raw.Data, &advisory); err != nil || advisory.Reason != "stale" {
		t.Errorf("advisory %s, %v", raw.Data, err)
	}
}
