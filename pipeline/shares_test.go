package pipeline

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// told is a queue that remembers in which order it was given what.
type told struct {
	Queue
	jobs []string
}

func (q *told) Publish(ctx context.Context, m queue.Message) error {
	err := q.Queue.Publish(ctx, m)
	if err == nil {
		q.jobs = append(q.jobs, m.Job)
	}
	return err
}

// fairness gives the real dispatcher work of several departments, in any order and at any time, takes what it publishes as
// workers do, and holds what it promises against what it did.
type fairness struct {
	r       *rig
	q       *told
	round   int // of the check
	n       int // meetings made
	split   bool
	workers int
	ahead   bool     // so few chunks are ready that every recording may be prepared
	now     []string // published and not taken, in order
	at      []string // being worked on
	jobs    map[string]*fairJob
	shared  map[referent.Stage]map[[2]string]*shared
	longest map[turnOf]float64 // job since the server began
}

type turnOf struct {
	stage      referent.Stage
	department string
}

type fairJob struct {
	referent.Job
	department string
	length     float64
	published  bool
}

// shared is how two departments have fared since both have had work waiting: what the first got more than the second, and
// how far that went either way.
type shared struct{ lead, least, most float64 }

var fairStages = []referent.Stage{referent.StagePrepare, referent.StageTranscribe, referent.StageMinutes}

func TestDepartmentsShareEvenly(t *testing.T) {
	q := &told{}
	r := newRig(t, func(c *Config) { q.Queue, c.Queue = c.Queue, q })
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		f := &fairness{r: r, q: q, round: round, jobs: map[string]*fairJob{}, split: rapid.Bool().Draw(t, "a worker that cannot recognise")}
		f.clear(t)
		f.restart()
		f.hire(t)
		t.Repeat(map[string]func(*rapid.T){
			"arrive":     f.arrive,
			"arrive 2":   f.arrive,
			"much":       f.much,
			"dispatch":   f.dispatch,
			"dispatch 2": f.dispatch,
			"take":       f.take,
			"take 2":     f.take,
			"finish":     f.finish,
			"hire":       f.hire,
			"fail":       f.fail,
			"restart":    func(*rapid.T) { f.restart() },
			"lose":       f.lose,
		})
		for range 10_000 { // and then it is all done, whoever it is for
			f.dispatch(t)
			if len(f.now)+len(f.at) == 0 {
				break
			}
			f.at = append(f.at, f.now...)
			for _, id := range f.now {
				f.set(t, id, referent.JobLeased)
			}
			f.now = nil
			for _, id := range f.at {
				f.set(t, id, referent.JobDone)
			}
			f.at = nil
		}
		for _, j := range f.jobs {
			if j.State != referent.JobDone {
				t.Fatalf("a %s job of %s is never done", j.Stage, j.department)
			}
		}
	})
}

// clear ends what a check that failed has left behind.
func (f *fairness) clear(t *rapid.T) {
	ctx := context.Background()
	left, err := f.r.db.LeasesOf(ctx, "")
	must(t, err)
	for _, published := range []bool{false, true} {
		jobs, err := f.r.db.Queued(ctx, store.QueuedFilter{Published: published}, 0)
		must(t, err)
		left = append(left, jobs...)
	}
	must(t, f.r.db.Tx(ctx, func(tx store.Tx) error {
		for _, j := range left {
			j.State = referent.JobCancelled
			if err := tx.UpdateJob(ctx, &j, j.Epoch); err != nil {
				return err
			}
		}
		return nil
	}))
}

// restart is a server that knows nothing of the turns before it.
func (f *fairness) restart() {
	f.r.p.closeSessions()
	f.r.p = f.r.newPipeline(f.r.db)
	f.present()
	f.shared, f.longest = map[referent.Stage]map[[2]string]*shared{}, map[turnOf]float64{}
}

func (f *fairness) hire(t *rapid.T) {
	f.workers = rapid.IntRange(0, 3).Draw(t, "workers")
	f.present()
}

func (f *fairness) present() {
	f.r.p.presence.forget(func(WorkerInfo) bool { return true })
	for i := range f.workers {
		f.r.present(protocol.Presence{Worker: fmt.Sprint("far/", i), Stages: queue.Stages, Threads: 1})
	}
	if f.split {
		f.r.present(protocol.Presence{Worker: "far/prepares", Stages: []referent.Stage{referent.StagePrepare}})
	}
}

func (f *fairness) arrive(t *rapid.T) {
	f.add(t, rapid.IntRange(0, 3).Draw(t, "department"), rapid.SampledFrom(fairStages).Draw(t, "stage"),
		rapid.IntRange(1, 6).Draw(t, "chunks"), rapid.IntRange(1, 4000).Draw(t, "seconds"), rapid.IntRange(0, 9).Draw(t, "dictation") == 0)
}

// much is what one department brings at once.
func (f *fairness) much(t *rapid.T) {
	department, stage := rapid.IntRange(0, 3).Draw(t, "department"), rapid.SampledFrom(fairStages).Draw(t, "stage")
	for range 10 {
		f.add(t, department, stage, 3, 600, false)
	}
}

func (f *fairness) add(t *rapid.T, department int, stage referent.Stage, chunks, seconds int, dictation bool) {
	ctx := context.Background()
	f.n++
	m := newMeeting()
	if m.Department = fmt.Sprintf("department %d of %d", department, f.round); department == 0 {
		m.Department = ""
	}
	must(t, f.r.p.Create(ctx, m))
	f.r.clock.advance(time.Millisecond)
	m.Recording = &referent.Recording{Size: int64(seconds) * bytesPerSecond, Duration: float64(seconds)}
	length := math.Max(float64(seconds), leastLength)
	if stage == referent.StageTranscribe {
		length = math.Min(length, chunkLength)
	} else {
		chunks = 1
	}
	must(t, f.r.db.Tx(ctx, func(tx store.Tx) error {
		if err := tx.UpdateMeeting(ctx, m); err != nil {
			return err
		}
		for i := range chunks {
			j := referent.Job{ID: fmt.Sprintf("j-%d-%d-%d", f.round, f.n, i), Meeting: m.ID, Stage: stage, Chunk: i, Priority: referent.PriorityBulk, Created: f.r.clock.now()}
			if dictation {
				j.Priority = referent.PriorityInteractive
			}
			if err := tx.AddJob(ctx, &j); err != nil {
				return err
			}
			f.jobs[j.ID] = &fairJob{Job: j, department: m.Department, length: length}
		}
		return nil
	}))
}

// waiting counts what waits for the dispatcher.
func (f *fairness) waiting(stage referent.Stage) map[string]int {
	n := map[string]int{}
	for _, j := range f.jobs {
		if j.Stage == stage && j.State == referent.JobQueued && !j.published && j.Priority == referent.PriorityBulk {
			n[j.department]++
		}
	}
	return n
}

// published counts what is in the queue and in nobody's hands.
func (f *fairness) published(stage referent.Stage) (n int) {
	for _, j := range f.jobs {
		if j.Stage == stage && j.State == referent.JobQueued && j.published && j.Priority == referent.PriorityBulk {
			n++
		}
	}
	return n
}

func (f *fairness) dispatch(t *rapid.T) {
	before, had := map[referent.Stage]map[string]int{}, map[referent.Stage]int{}
	for _, stage := range fairStages {
		before[stage], had[stage] = f.waiting(stage), f.published(stage)
	}
	chunks := 0
	for _, n := range before[referent.StageTranscribe] {
		chunks += n
	}
	workers := f.r.p.Workers()
	f.ahead = f.split && chunks < aheadChunks*f.r.p.window(referent.StageTranscribe, workers)
	f.q.jobs = nil
	must(t, f.r.p.dispatch(context.Background()))
	for _, id := range f.q.jobs {
		j := f.jobs[id]
		if j == nil || j.State != referent.JobQueued || j.published {
			t.Fatalf("published: %q, %+v", id, j)
		}
		if j.Priority == referent.PriorityBulk {
			f.hold(t, j, before[j.Stage])
			before[j.Stage][j.department]--
		}
		j.published = true
		f.now = append(f.now, id)
	}
	for _, j := range f.jobs {
		if j.Priority == referent.PriorityInteractive && j.State == referent.JobQueued && !j.published {
			t.Fatal("a dictation waits for the dispatcher")
		}
	}
	for _, stage := range fairStages {
		window, n := f.r.p.window(stage, workers), f.published(stage)
		if n > max(window, had[stage]) {
			t.Fatalf("%d jobs of %s wait in the queue, which are to be %d", n, stage, window)
		}
		left := f.waiting(stage)
		if stage == referent.StagePrepare && !f.ahead {
			// What a worker that could prepare does instead is there.
			recognise := f.r.p.window(referent.StageTranscribe, workers)
			chunks := !low(recognise-f.published(referent.StageTranscribe), recognise, 0)
			if low(window-n, window, 0) && len(left) > 0 && !chunks {
				t.Fatalf("recordings of %v wait, and the workers have %d of %d", left, n, window)
			}
		} else if low(window-n, window, 0) && len(left) > 0 {
			t.Fatalf("%s of %v waits, and the workers have %d of %d", stage, left, n, window)
		}
	}
}

// hold holds a turn of j against the turns of others that had work waiting.
func (f *fairness) hold(t *rapid.T, j *fairJob, waiting map[string]int) {
	own := turnOf{j.Stage, j.department}
	f.longest[own] = max(f.longest[own], j.length)
	if j.Stage == referent.StagePrepare && !f.ahead {
		delete(f.shared, j.Stage)
		return // a department's turn is put off while it has chunks enough
	}
	pairs := f.shared[j.Stage]
	if pairs == nil {
		pairs = map[[2]string]*shared{}
		f.shared[j.Stage] = pairs
	}
	for _, a := range f.departments() {
		for _, b := range f.departments() {
			if a >= b {
				continue
			}
			pair := [2]string{a, b}
			if waiting[a] == 0 || waiting[b] == 0 {
				delete(pairs, pair)
				continue
			}
			s := pairs[pair]
			if s == nil {
				s = new(shared)
				pairs[pair] = s
			}
			switch j.department {
			case a:
				s.lead += j.length
			case b:
				s.lead -= j.length
			}
			s.least, s.most = min(s.least, s.lead), max(s.most, s.lead)
			first, second := f.longest[turnOf{j.Stage, a}], f.longest[turnOf{j.Stage, b}]
			if s.most-s.least > first+second+1e-6 {
				t.Fatalf("%s: of %q and %q one got %.0f more while both waited, with jobs of %.0f and %.0f", j.Stage, a, b, s.most-s.least, first, second)
			}
		}
	}
}

func (f *fairness) departments() []string {
	all := []string{""}
	for i := 1; i <= 3; i++ {
		all = append(all, fmt.Sprintf("department %d of %d", i, f.round))
	}
	return all
}

func (f *fairness) set(t *rapid.T, id string, state referent.JobState) {
	ctx := context.Background()
	must(t, f.r.db.Tx(ctx, func(tx store.Tx) error {
		j, err := tx.Job(ctx, id)
		if err != nil {
			return err
		}
		fence := j.Epoch
		if j.State = state; state == referent.JobLeased {
			j.Epoch++
			j.LeaseExpires = f.r.clock.now().Add(time.Hour)
		}
		return tx.UpdateJob(ctx, j, fence)
	}))
	f.jobs[id].State = state
	if state == referent.JobQueued {
		f.jobs[id].published = false
	}
}

func (f *fairness) take(t *rapid.T) {
	if len(f.now) == 0 {
		t.Skip("nothing is published")
	}
	f.set(t, f.now[0], referent.JobLeased)
	f.at, f.now = append(f.at, f.now[0]), f.now[1:]
}

func (f *fairness) end(t *rapid.T, state referent.JobState) {
	if len(f.at) == 0 {
		t.Skip("nobody is at anything")
	}
	i := rapid.IntRange(0, len(f.at)-1).Draw(t, "job")
	f.set(t, f.at[i], state)
	f.at = slices.Delete(f.at, i, i+1)
}

func (f *fairness) finish(t *rapid.T) { f.end(t, referent.JobDone) }
func (f *fairness) fail(t *rapid.T)   { f.end(t, referent.JobQueued) }

// lose takes from the queue what it has.
func (f *fairness) lose(t *rapid.T) {
	ctx := context.Background()
	must(t, f.r.db.Tx(ctx, func(tx store.Tx) error {
		_, err := tx.UnmarkAllPublished(ctx)
		return err
	}))
	for _, id := range f.now {
		f.jobs[id].published = false
	}
	f.now = nil
	f.shared = map[referent.Stage]map[[2]string]*shared{}
}

// Turns are as long as the work is: a chunk of a dictated minute is less than one of a long meeting, and what is recognised
// thoroughly or written by a language model counts for as much more as it has taken here.
func TestJobsCountForWhatTheyTake(t *testing.T) {
	r := newRig(t, nil)
	r.p.pace.Rates = map[rate]worked{
		"prepare":         {Audio: 1000, Time: 10},
		"transcribe/":     {Audio: 900, Time: 90},
		"transcribe/beam": {Audio: 100, Time: 110}, // a second takes a fifth as a rule, and 1.1 s so
		"minutes/llm":     {Audio: 100, Time: 100},
		"minutes/builtin": {Audio: 900, Time: 0.9},
	}
	of := func(stage referent.Stage, seconds float64, o referent.Options) float64 {
		return r.p.length(&store.Offer{Stage: stage, Recording: &referent.Recording{Duration: seconds, Size: 1}, Options: o})
	}
	beam := referent.Options{Mode: referent.ModeBeam}
	for name, c := range map[string]struct{ got, want float64 }{
		"a chunk":                           {of(referent.StageTranscribe, 10800, referent.Options{}), chunkLength * 0.5},
		"of a short meeting":                {of(referent.StageTranscribe, 60, referent.Options{}), 30},
		"of hardly anything":                {of(referent.StageTranscribe, 1, referent.Options{}), leastLength * 0.5},
		"thoroughly":                        {of(referent.StageTranscribe, 10800, beam), chunkLength * 5.5},
		"in a way that nobody has measured": {of(referent.StageTranscribe, 10800, referent.Options{Mode: "other"}), chunkLength},
		"a recording":                       {of(referent.StagePrepare, 3600, beam), 3600},
		"a model's minutes":                 {of(referent.StageMinutes, 3600, referent.Options{Writer: WriterLLM}), 3600 * 1000 / 100.9},
		"minutes of the built-in writer":    {of(referent.StageMinutes, 3600, referent.Options{Writer: WriterBuiltin}), 3600.0 / mostWeight},
		"of no known length":                {r.p.length(&store.Offer{Stage: referent.StagePrepare, Recording: &referent.Recording{Size: 100 * bytesPerSecond}}), 100},
		"of sound that is not compressed":   {r.p.length(&store.Offer{Stage: referent.StagePrepare, Recording: &referent.Recording{Size: 1 << 32}}), longestGuess},
		"of no recording":                   {r.p.length(&store.Offer{Stage: referent.StageMinutes}), leastLength},
		"live":                              {of(referent.StageLive, 3600, referent.Options{}), leastLength},
	} {
		if math.Abs(c.got-c.want) > 1e-6*c.want {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

// What a department did when nobody else had anything to do is not held against it the next day.
func TestNoDebtsOverNight(t *testing.T) {
	q := &told{}
	r := newRig(t, func(c *Config) { neverLooks(c); q.Queue, c.Queue = c.Queue, q })
	ctx := t.Context()
	r.staff(1)
	bring := func(department string, seconds float64) string {
		id := r.of(department)
		m := r.meeting(id)
		m.Recording.Duration = seconds
		ok(t, r.db.Tx(ctx, func(tx store.Tx) error { return tx.UpdateMeeting(ctx, m) }))
		return r.job(id, referent.StagePrepare, 0).ID
	}
	set := func(job string, state referent.JobState) {
		ok(t, r.db.Tx(ctx, func(tx store.Tx) error {
			j, err := tx.Job(ctx, job)
			if err != nil {
				return err
			}
			j.State, j.LeaseExpires = state, r.clock.now().Add(time.Hour)
			return tx.UpdateJob(ctx, j, j.Epoch)
		}))
		ok(t, r.p.dispatch(ctx))
	}
	long := bring("a", 10_800)
	ok(t, r.p.dispatch(ctx))
	set(long, referent.JobLeased)
	if len(r.p.shares) == 0 {
		t.Error("nothing is owed while the recording is worked on")
	}
	set(long, referent.JobDone)
	q.jobs = nil
	early := bring("a", 180)
	for range 20 {
		bring("b", 180)
	}
	ok(t, r.p.dispatch(ctx))
	if !slices.Contains(q.jobs, early) {
		t.Errorf("of %d recordings that were published, that of who had much yesterday is not among them", len(q.jobs))
	}
}

// What people are told of when their meetings begin and end is what the dispatcher makes of it.
func TestOutlookIsWhatTheDispatcherDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type meeting struct {
			*store.Offer
			*stretch
			began, ended int
		}
		slots := rapid.IntRange(1, 4).Draw(t, "slots")
		var all []*meeting
		var offers []*store.Offer
		lines := make([][]*stretch, rapid.IntRange(1, 4).Draw(t, "departments"))
		chunks, departments := 0, len(lines)
		for i := range rapid.IntRange(1, 10).Draw(t, "meetings") {
			d, n := rapid.IntRange(0, departments-1).Draw(t, "department"), rapid.IntRange(1, 6).Draw(t, "chunks")
			if rapid.Bool().Draw(t, "long") { // clearly so: between the two, one chunk decides whether they share
				n += rapid.IntRange(100, 200).Draw(t, "more chunks")
			}
			m := &meeting{&store.Offer{Stage: referent.StageTranscribe, Department: fmt.Sprint(d), Meeting: fmt.Sprint(i), Waiting: n}, &stretch{work: time.Duration(n) * time.Second, known: true}, -1, -1}
			all, offers, lines[d] = append(all, m), append(offers, m.Offer), append(lines[d], m.stretch)
			chunks += n
		}
		inTurn(lines)
		s := shares{}.of(referent.StageTranscribe)
		var out []*store.Offer // in the queue and being done, in order
		for done := 0; done < chunks; {
			for len(out) < 2*slots {
				o := s.next(offers)
				if o == nil {
					break
				}
				s.charge(o, 1)
				o.Waiting--
				o.Out++
				out = append(out, o)
			}
			for _, m := range all {
				if m.began < 0 && m.Out > 0 {
					m.began = done
				}
			}
			out[0].Out--
			done++
			for _, m := range all {
				if m.Offer == out[0] && m.Waiting+m.Out == 0 {
					m.ended = done
				}
			}
			out = out[1:]
		}
		for _, m := range all {
			begins, ends := int(m.begins/time.Second), int(m.ends/time.Second)
			near := 2*slots + 8*departments
			if !m.reached || max(begins-m.began, m.began-begins) > near || max(ends-m.ended, m.ended-ends) > near {
				t.Fatalf("meeting %s of %s begins at %d and ends at %d of %d; %d and %d were told", m.Meeting, m.Department, m.began, m.ended, chunks, begins, ends)
			}
		}
	})
}

// A short recording goes beside the oldest also when it is not the next, in turns as in what people are told.
func TestShortBehindTwoLong(t *testing.T) {
	s := shares{}.of(referent.StageTranscribe)
	var all []*store.Offer
	for m, chunks := range []int{90, 90, 5} {
		all = append(all, &store.Offer{Stage: referent.StageTranscribe, Department: "a", Meeting: fmt.Sprint(m), Waiting: chunks})
	}
	var got []string
	for range 12 {
		o := s.next(all)
		s.charge(o, 1)
		o.Waiting--
		o.Out++
		got = append(got, o.Meeting)
	}
	if want := "0 2 0 2 0 2 0 2 0 2 0 0"; strings.Join(got, " ") != want {
		t.Errorf("%v, and not %s", got, want)
	}
	line := []*stretch{{work: 90 * time.Minute, known: true}, {work: 90 * time.Minute, known: true}, {work: 5 * time.Minute, known: true}}
	inTurn([][]*stretch{line})
	if line[2].ends != 10*time.Minute || line[0].ends != 95*time.Minute || line[1].ends != 185*time.Minute {
		t.Errorf("they end after %v, %v and %v", line[0].ends, line[1].ends, line[2].ends)
	}
}
