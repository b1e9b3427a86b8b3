package queue_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"go.uber.org/goleak"
)

// publisherEnv makes the test binary a process that publishes for ever; see TestKilledPublisher.
const publisherEnv = "REFERENT_TEST_PUBLISHER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(publisherEnv); dir != "" {
		publishForEver(dir)
	}
	if conf := os.Getenv(nodeEnv); conf != "" {
		runNode(conf)
	}
	goleak.VerifyTestMain(m)
}

// place is a data folder whose server can be stopped and started.
type place struct {
	t    *testing.T
	dir  string
	keys *queue.Keys
	srv  *queue.Server
}

func newPlace(t *testing.T) *place {
	t.Helper()
	dir := t.TempDir()
	keys, err := queue.LoadKeys(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: dir, keys: keys}
	p.start()
	return p
}

func (p *place) queueDir() string { return filepath.Join(p.dir, "queue") }

func (p *place) start() {
	p.t.Helper()
	srv, err := queue.StartServer(queue.ServerConfig{Dir: p.queueDir(), Keys: p.keys})
	if err != nil {
		p.t.Fatal(err)
	}
	p.srv = srv
	p.t.Cleanup(srv.Shutdown)
}

// queue opens the server's side.
func (p *place) queue() (*queue.Queue, *nats.Conn) {
	p.t.Helper()
	nc, err := p.srv.Connect(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(nc.Close)
	q, err := queue.New(p.t.Context(), nc)
	if err != nil {
		p.t.Fatal(err)
	}
	return q, nc
}

// worker opens a worker's connection.
func (p *place) worker() *nats.Conn {
	p.t.Helper()
	nc, err := queue.Connect(soon(p.t), queue.DialConfig{URL: p.srv.URL(), Creds: p.keys.WorkerSeed, Name: "test"})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(nc.Close)
	return nc
}

func (p *place) puller(stages ...referent.Stage) *queue.Puller {
	p.t.Helper()
	if len(stages) == 0 {
		stages = queue.Stages
	}
	pl, err := queue.NewPuller(p.t.Context(), p.worker(), stages)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		if err := pl.Close(); err != nil {
			p.t.Error(err)
		}
	})
	return pl
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func bulk(job string, epoch int64) queue.Message {
	return queue.Message{Job: job, Epoch: epoch, Stage: referent.StageTranscribe, Priority: referent.PriorityBulk}
}

func publish(t *testing.T, q *queue.Queue, ms ...queue.Message) {
	t.Helper()
	for _, m := range ms {
		if err := q.Publish(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
}

func next(t *testing.T, p *queue.Puller) *queue.Delivery {
	t.Helper()
	d, err := p.Next(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// nothing fails when a message can be pulled now.
func nothing(t *testing.T, p *queue.Puller) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if d, err := p.Next(ctx); err == nil {
		t.Fatalf("pulled %s though nothing should wait", d.Job)
	} else if referent.CodeOf(err) != referent.CodeTimeout {
		t.Fatal(err)
	}
}
