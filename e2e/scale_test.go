package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint/scaled"
)

// What TestScale gives to its workers. The defaults are over in half a minute; `make bench-scale` gives the real ones.
var (
	scaleFull    = flag.Bool("scale", false, "TestScale holds what it measures to its bars, which is fair on a quiet machine only")
	scaleWorkers = flag.String("workers", "1,4", "how many workers there are, one time after the other, in TestScale")
	scalePace    = flag.Duration("pace", 10*time.Millisecond, "time that recognition takes for each second of speech, in TestScale")
	scaleLong    = flag.Int64("long", 600, "seconds of the long recording in TestScale")
	scaleCount   = flag.Int("recordings", 8, "how many recordings there are in TestScale beside the long one")
	scaleEach    = flag.Int64("each", 60, "seconds of each of them")
)

const (
	scaleBar    = 7.0  // times one worker that eight are at least
	overheadBar = 0.03 // of the time that recognising a chunk takes, what queue and store add at most
)

// Workers are processes of their own behind the real queue, store and encryption, preparing is real, and only the time of
// recognition is set: more of them are faster, and what comes out does not depend on how many they are.
func TestScale(t *testing.T) {
	var counts []int
	for _, n := range strings.Split(*scaleWorkers, ",") {
		count, err := strconv.Atoi(n)
		if err != nil || count < 1 {
			t.Fatalf("-workers %s: numbers with commas between", *scaleWorkers)
		}
		counts = append(counts, count)
	}
	var page strings.Builder
	w := tabwriter.NewWriter(&page, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "recordings\tworkers\tprepared s\ttook s\ttimes the first\tshare recognising\tchunks\tadded a chunk ms\tof recognising\tprocessor ms a chunk\t\n")
	var first scaleRun
	for _, c := range []struct {
		name string
		all  []*speech
	}{{"one", speeches(t, 1, *scaleLong)}, {"many", speeches(t, *scaleCount, *scaleEach)}} {
		for i, n := range counts {
			t.Run(fmt.Sprintf("%s/%d workers", c.name, n), func(t *testing.T) {
				r := runScaled(t, n, c.all)
				if i == 0 {
					first = r
				}
				r.hold(t, &first, len(c.all) == 1)
				fmt.Fprintf(w, "%d\t%d\t%.1f\t%.1f\t%.2f\t%.3f\t%d\t", len(c.all), n, r.prepared.Seconds(), r.took.Seconds(), r.times(&first), r.share(), r.chunks)
				if len(c.all) == 1 {
					fmt.Fprintf(w, "%.1f\t%.2f %%\t%.1f\t\n", ms(r.added()), 100*r.overhead(), ms(r.processor)/float64(r.chunks))
				} else {
					fmt.Fprint(w, "\t\t\t\n")
				}
			})
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%v of recognition for each second of speech:\n%s", *scalePace, &page)
}

// scaleRun is what so many workers did with some recordings.
type scaleRun struct {
	workers   int
	prepared  time.Duration // from when the workers were let go to the last plan
	took      time.Duration // to the last transcript: of one recording from its plan, of several from when the workers were let go
	working   time.Duration // took, but to when the last chunk was committed
	chunks    int
	direct    time.Duration // that recognising all of it takes when it is called directly, one chunk after the other
	processor time.Duration // that server and workers together took of the processors while they were working; of one recording
	samples   int64         // heard, all workers together
	texts     [][32]byte    // hash of each transcript's words and times
}

func (r *scaleRun) times(first *scaleRun) float64 { return first.took.Seconds() / r.took.Seconds() }

// share is how much of the workers' time was recognition that had to be.
func (r *scaleRun) share() float64 {
	return r.direct.Seconds() / (float64(r.workers) * r.took.Seconds())
}

// added is what a worker spent on each chunk beyond recognising it.
func (r *scaleRun) added() time.Duration {
	return (time.Duration(r.workers)*r.working - r.direct) / time.Duration(r.chunks)
}

func (r *scaleRun) overhead() float64 {
	return r.added().Seconds() / (r.direct.Seconds() / float64(r.chunks))
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// hold holds a run against the first, of the same recordings, and in the full form against its bars.
func (r *scaleRun) hold(t *testing.T, first *scaleRun, one bool) {
	t.Helper()
	if r.samples != first.samples || r.chunks != first.chunks {
		t.Errorf("%d samples in %d chunks were heard, by the first %d in %d", r.samples, r.chunks, first.samples, first.chunks)
	}
	if !slices.Equal(r.texts, first.texts) {
		t.Error("the transcripts are other than the first's")
	}
	least := float64(r.workers) / float64(first.workers) / 3 // the machine may be at much else
	if *scaleFull && r.workers == 8*first.workers {
		least = scaleBar
	}
	if times := r.times(first); times < least {
		t.Errorf("%d workers were %.2f times as fast as %d, less than %.2f", r.workers, times, first.workers, least)
	}
	if *scaleFull && one && r.workers == 1 && r.overhead() >= overheadBar {
		t.Errorf("queue and store add %.2f %% to recognising a chunk", 100*r.overhead())
	}
}

// runScaled lets n workers go when all recordings are there.
func runScaled(t *testing.T, n int, recordings []*speech) (r scaleRun) {
	s := startServer(t, t.TempDir(), "--workers", "0")
	var workers []*scaledWorker
	for i := range n {
		workers = append(workers, s.startScaled(fmt.Sprintf("worker/scale-%d", i), *scalePace))
	}
	s.presentWorkers(n)
	signal := func(what syscall.Signal) {
		for _, w := range workers {
			if err := w.Process.Signal(what); err != nil {
				t.Fatal(err)
			}
		}
	}
	signal(syscall.SIGSTOP)
	ids := make([]string, len(recordings))
	var group errgroup.Group
	group.SetLimit(4)
	for i, rec := range recordings {
		group.Go(func() error {
			m, err := s.api.Create(t.Context(), &referent.Meeting{Title: "Prøve", Kind: referent.KindReferat, Language: referent.Bokmal,
				Options: referent.Options{Spoken: "en", Speakers: "off", Writer: "builtin"}})
			if err != nil {
				return err
			}
			ids[i] = m.ID
			return s.api.Upload(t.Context(), m.ID, rec, rec.size, nil)
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	signal(syscall.SIGCONT)

	all := []int{s.cmd.Process.Pid}
	for _, w := range workers {
		all = append(all, w.Process.Pid)
	}
	plans := s.reached(ids, referent.StatePrepared)
	before := processor(t, all)
	done := s.reached(ids, referent.StateTranscribed)
	r = scaleRun{workers: n, prepared: plans.Sub(began), took: done.Sub(began), processor: processor(t, all) - before}
	if len(ids) == 1 {
		began, r.took = plans, done.Sub(plans)
	}
	for _, id := range ids {
		s.wait(id, referent.StateDraft, time.Minute)
		r.texts = append(r.texts, textOf(t, s.transcript(id)))
		for _, j := range s.jobs(id) {
			if j.Stage == referent.StageLive {
				continue // nobody here listens while a recording arrives
			}
			if j.State != referent.JobDone || j.Attempt != 1 {
				t.Errorf("job %s %d: %s after %d attempts", j.Stage, j.Chunk, j.State, j.Attempt)
			}
			if j.Stage == referent.StageTranscribe {
				r.chunks++
				r.working = max(r.working, j.Updated.Sub(began))
			}
		}
	}
	for _, w := range workers {
		r.samples += w.samples(t)
	}
	if r.samples == 0 || r.chunks == 0 {
		t.Fatalf("%d samples in %d chunks were heard", r.samples, r.chunks)
	}
	var own time.Duration // of the recogniser itself, which hashes
	r.direct, own = direct(t, recordings[0].pcm, r.samples, r.chunks)
	r.processor -= own
	return r
}

// reached waits until every meeting has been in the state, and says when the last one came there.
func (s *server) reached(ids []string, state referent.State) (last time.Time) {
	s.t.Helper()
	eventually(s.t, 30*time.Minute, "every meeting is "+string(state), func() bool {
		in := map[string]bool{}
		for _, e := range storedEvents(s.t, s.data) {
			switch {
			case e.kind == "failed":
				s.t.Fatal("a meeting failed: ", e.content)
			case e.kind == "state" && e.state == state:
				in[e.meeting] = true
				last = time.UnixMicro(e.happened)
			}
		}
		return !slices.ContainsFunc(ids, func(id string) bool { return !in[id] })
	})
	return last
}

// direct calls the recogniser in this process for a chunk of middle size three times, and says what all chunks take so;
// and what it takes of a processor.
func direct(t *testing.T, pcm []byte, samples int64, chunks int) (took, cpu time.Duration) {
	t.Helper()
	size := samples / int64(chunks)
	sound := bytes.Repeat(pcm, int(2*size/int64(len(pcm)))+1)
	task := referent.Recognition{}
	for i := range int64(4) {
		task.Windows = append(task.Windows, referent.Window{Spans: []referent.Span{{Start: i * size / 4, End: (i + 1) * size / 4}}})
	}
	e := &scaled.Engine{PerSecond: *scalePace, Seats: 1}
	const calls = 3
	self := []int{os.Getpid()}
	began, before := time.Now(), processor(t, self)
	for range calls {
		if _, err := e.Recognize(t.Context(), bytes.NewReader(sound), task, func(float64) {}); err != nil {
			t.Fatal(err)
		}
	}
	all := time.Duration(chunks)
	return time.Since(began) * all / calls, (processor(t, self) - before) * all / calls
}

// processor is what the processes have taken of the processors, their children not counted. The kernel counts in
// hundredths of a second.
func processor(t *testing.T, pids []int) (all time.Duration) {
	t.Helper()
	for _, pid := range pids {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		for _, field := range fields[11:13] { // user and system time
			ticks, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			all += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return all
}

// textOf is a hash of what a transcript says, and when.
func textOf(t *testing.T, tr *referent.Transcript) [32]byte {
	t.Helper()
	if len(tr.Segments) == 0 {
		t.Fatal("a transcript is empty")
	}
	data, err := json.Marshal(tr.Segments)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(data)
}
