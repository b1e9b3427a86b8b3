package chaos

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
)

// A disk that was full has room again: the queue takes messages, without a restart of the server.
func TestQueueAfterFullDisk(t *testing.T) {
	beside(t)
	dir := diskFor(t)
	keys, err := queue.LoadKeys(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	srv, err := queue.StartServer(queue.ServerConfig{Dir: filepath.Join(dir, "nats"), Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Shutdown()
	nc, err := srv.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	q, err := queue.New(t.Context(), nc)
	if err != nil {
		t.Fatal(err)
	}
	before, err := q.Generation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	publish := func(i int) error {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		return q.Publish(ctx, queue.Message{Job: fmt.Sprintf("job%d", i), Epoch: 1, Stage: referent.StagePrepare, Priority: referent.PriorityBulk})
	}
	if err := publish(0); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	if err := fill(ballast); err != nil {
		t.Fatal(err)
	}
	failed := false
	for i := 1; i < 2000 && !failed; i++ {
		failed = publish(i) != nil
	}
	if !failed {
		t.Fatal("the full disk was not met")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if !within(20*time.Second, func() bool { err = publish(5000); return err == nil }) {
		t.Fatalf("there is room again, and the queue takes nothing: %v", err)
	}
	after, err := q.Generation(t.Context())
	if err != nil || after == before {
		t.Errorf("the generation is %q as before, %v: nobody would publish again what was lost", after, err)
	}
}
