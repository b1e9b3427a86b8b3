package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/summarize"
	"github.com/referent/referent/worker"
	"github.com/referent/referent/worker/protocol"
)

// writerEnv makes the test binary a worker that writes minutes, for the server at the address it holds; the
// worker's key is beside it.
const writerEnv, writerKeyEnv = "REFERENT_TEST_WRITER", "REFERENT_TEST_WRITER_KEY"

func writerMain() {
	ctx, stop := worker.UntilParentDies(context.Background(), os.Stdin)
	defer stop()
	err := func() error {
		nc, err := queue.Connect(ctx, queue.DialConfig{URL: os.Getenv(writerEnv), Creds: os.Getenv(writerKeyEnv), Name: "far/writer"})
		if err != nil {
			return err
		}
		defer nc.Close()
		w, err := worker.New(worker.Config{Conn: nc, Name: "far/writer", Stages: []referent.Stage{referent.StageMinutes},
			Version: "test", Minutes: summarize.New(summarize.Config{})})
		if err != nil {
			return err
		}
		return w.Run(ctx)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// writer starts a worker process that writes minutes.
func (r *rig) writer() (kill func()) {
	r.t.Helper()
	return r.child(writerEnv+"="+r.nats.URL(), writerKeyEnv+"="+r.keys.WorkerSeed)
}

// child starts the test binary as what its environment makes it. It ends by kill, and in any case with the test.
func (r *rig) child(env ...string) (kill func()) {
	r.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	life, err := cmd.StdinPipe() // it ends when this closes, should the test end first
	ok(r.t, err)
	ok(r.t, cmd.Start())
	kill = sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // killed: that is its error
		_ = life.Close()
	})
	r.t.Cleanup(kill)
	return kill
}

// scribe is an OpenAI-compatible server that answers each part with a point for its first line, and stands
// still at one of them until it is let go.
type scribe struct {
	t        *testing.T
	standAt  int
	standing chan struct{}
	release  chan struct{}

	mu    sync.Mutex
	asked map[string]int // by what was shown
	calls int
}

func (s *scribe) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if !strings.HasSuffix(q.URL.Path, "/chat/completions") {
		http.NotFound(w, q)
		return
	}
	var body struct {
		MaxTokens int `json:"max_tokens"`
		Messages  []struct{ Content string }
	}
	data, err := io.ReadAll(q.Body)
	if err != nil {
		return // the worker was killed while it spoke
	}
	if err := json.Unmarshal(data, &body); err != nil || len(body.Messages) != 2 {
		s.t.Errorf("request %v, %d messages", err, len(body.Messages))
		return
	}
	content := "{"
	if body.MaxTokens > 1 {
		s.mu.Lock()
		s.calls++
		stand := s.calls == s.standAt
		s.asked[body.Messages[1].Content]++
		s.mu.Unlock()
		if stand {
			close(s.standing)
			<-s.release
		}
		_, shown, _ := strings.Cut(body.Messages[1].Content, ">\n")
		number, _, _ := strings.Cut(shown, " ")
		content = fmt.Sprintf(`{"items":[{"heading":"Budsjett","points":[{"text":"Innlegg %s handler om budsjettet.","evidence":[%s]}]}],"decisions":[],"actions":[],"votes":[],"next_meeting":null}`, number, number)
	}
	reply, _ := json.Marshal(content)
	fmt.Fprintf(w, `{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":%s}}],"usage":{"prompt_tokens":%d,"completion_tokens":40}}`,
		reply, (len(body.Messages[0].Content)+len(body.Messages[1].Content))*3/10)
}

func (s *scribe) counts() (calls, different, twice int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.asked {
		if n > 1 {
			twice++
		}
	}
	return s.calls, len(s.asked), twice
}

// A worker is killed in the middle of the minutes of a long meeting, and the server after it. The next
// worker goes on where the first one was: no part that was answered is asked for again.
func TestMinutesGoOnAfterKill(t *testing.T) {
	s := &scribe{t: t, standAt: 4, standing: make(chan struct{}), release: make(chan struct{}), asked: map[string]int{}}
	srv := httptest.NewServer(s)
	defer srv.Close()
	letGo := sync.OnceFunc(func() { close(s.release) })
	defer letGo()
	r := newRig(t, func(c *Config) {
		c.Endpoint = &referent.Endpoint{BaseURL: srv.URL + "/v1", Model: "m", ContextSize: 2048, Timeout: time.Minute}
	})
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	d, c := h.take()
	tr := &referent.Transcript{Schema: referent.TranscriptSchema, Language: "no", Coverage: 1}
	for i := range 160 {
		tr.Segments = append(tr.Segments, referent.Segment{ID: fmt.Sprintf("s%d", i+1), Start: float64(10 * i), End: float64(10*i + 9), Quality: referent.Quality{OK: true},
			Text: fmt.Sprintf("Innlegg %d handler om budsjettet for neste år og om skolene i bygda, og det er ikke lett å si hva vi skal gjøre.", i+1)})
	}
	data, err := json.Marshal(referent.PrepareResult{Transcript: tr, Duration: 1600})
	ok(t, err)
	ok(t, h.writeAll(c.Lease, protocol.StreamResult, data))
	ok(t, h.commit(c.Lease))
	ok(t, d.Ack(t.Context()))
	h.leave()

	kill := r.writer()
	select {
	case <-s.standing:
	case <-time.After(3 * patience):
		t.Fatal("the model is never asked a fourth time")
	}
	if before := r.job(m.ID, referent.StageMinutes, 0); before.State != referent.JobLeased || before.Attempt != 1 {
		t.Fatalf("job %+v", before)
	}
	kill()
	letGo()
	r.restart()
	r.run()
	r.clock.advance(protocol.LeaseTTL + time.Second)
	ok(t, r.p.reconcile(t.Context()))
	kill = r.writer()
	r.eventually("the minutes", func() bool { return r.meeting(m.ID).State == referent.StateDraft })
	calls, different, twice := s.counts()
	if calls != different+1 || twice != 1 || different < 6 {
		t.Errorf("%d calls for %d parts, %d of them asked twice; only the one under way may be", calls, different, twice)
	}
	if j := r.job(m.ID, referent.StageMinutes, 0); j.Attempt != 2 {
		t.Errorf("attempts = %d, want 2", j.Attempt)
	}
	mi, err := r.p.Minutes(t.Context(), m.ID, 0)
	ok(t, err)
	cited := map[string]bool{} // statements of several parts that say the same may have become one
	for _, it := range mi.Items {
		for _, p := range it.Points {
			for _, id := range p.Evidence {
				cited[id] = true
			}
		}
	}
	if mi.Provenance.Parts != different || len(cited) != different || mi.Provenance.Writer != "llm" {
		t.Errorf("%d segments cited, provenance %+v; %d parts", len(cited), mi.Provenance, different)
	}

	// Made again of the same words, by the same model, the minutes cost no call at all.
	ok(t, r.p.Remake(t.Context(), m.ID))
	r.eventually("a second version", func() bool {
		v, err := r.p.Minutes(t.Context(), m.ID, 2)
		return err == nil && len(v.Items) > 0
	})
	if again, _, _ := s.counts(); again != calls {
		t.Errorf("made again, the model was asked %d times more", again-calls)
	}
	kill()
	r.noStrayBlobs(m.ID)
}
