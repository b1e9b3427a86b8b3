package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// update writes j in a transaction of its own.
func update(t *testing.T, s store.Store, j *referent.Job, fence int64) error {
	t.Helper()
	return s.Tx(t.Context(), func(tx store.Tx) error { return tx.UpdateJob(t.Context(), j, fence) })
}

// claim makes of a job what a claim does.
func claim(j *referent.Job, worker string) (fence int64) {
	fence = j.Epoch
	j.State, j.Worker, j.LeaseExpires = referent.JobLeased, worker, noon.Add(time.Hour)
	j.Epoch++
	j.Attempt++
	return fence
}

func testJobRoundTrip(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	j := newJob(3)
	j.Priority, j.NotBefore = referent.PriorityInteractive, noon.Add(time.Minute)
	addJobs(t, s, j)
	got, err := s.Job(t.Context(), "j003")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the job", got, j)
	claim(j, "host/1")
	j.Progress, j.Code = 0.5, referent.CodeWorkerLost
	if err := update(t, s, j, 0); err != nil {
		t.Fatal(err)
	}
	if got, err = s.Job(t.Context(), "j003"); err != nil {
		t.Fatal(err)
	}
	if !got.Updated.After(newJob(3).Updated) {
		t.Errorf("Updated is %v, want now", got.Updated)
	}
	j.Updated = got.Updated
	wantSame(t, "the job further on", got, j)

	_, err = s.Job(t.Context(), "none")
	wantNotFound(t, "another job", err)
	wantNotFound(t, "an update of no job", update(t, s, newJob(4), 0))
	stray := newJob(5)
	stray.Meeting = "none"
	err = s.Tx(t.Context(), func(tx store.Tx) error { return tx.AddJob(t.Context(), stray) })
	wantNotFound(t, "a job of no meeting", err)

	bare := &referent.Job{ID: "bare", Meeting: "m000", Stage: referent.StageMinutes, Priority: referent.PriorityBulk}
	addJobs(t, s, bare)
	if got, err := s.Job(t.Context(), "bare"); err != nil || got.State != referent.JobQueued || time.Since(got.Created) > time.Hour {
		t.Errorf("a job without state and time is %+v, %v, want queued, now", got, err)
	}
}

func testJobUnique(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	add := func(id string, edit func(*referent.Job)) error {
		j := newJob(0)
		j.ID = id
		if edit != nil {
			edit(j)
		}
		return s.Tx(t.Context(), func(tx store.Tx) error { return tx.AddJob(t.Context(), j) })
	}
	if err := add("first", nil); err != nil {
		t.Fatal(err)
	}
	wantConflict(t, "a second queued job", add("second", nil))
	wantConflict(t, "the same id", add("first", func(j *referent.Job) { j.Chunk = 7 }))
	for name, edit := range map[string]func(*referent.Job){
		"chunk":   func(j *referent.Job) { j.Chunk = 1 },
		"stage":   func(j *referent.Job) { j.Stage = referent.StageMinutes },
		"meeting": func(j *referent.Job) { j.Meeting = "m001" },
	} {
		if err := add("other "+name, edit); err != nil {
			t.Errorf("a job that differs in %s: %v", name, err)
		}
	}
	j, err := s.Job(t.Context(), "first")
	if err != nil {
		t.Fatal(err)
	}
	if err := update(t, s, j, claim(j, "w")); err != nil {
		t.Fatal(err)
	}
	wantConflict(t, "a second job beside a leased one", add("second", nil))
	for i, ended := range []referent.JobState{referent.JobDone, referent.JobDead, referent.JobCancelled} {
		id := fmt.Sprintf("after %d", i)
		j.State = ended
		if err := update(t, s, j, j.Epoch); err != nil {
			t.Fatal(err)
		}
		if err := add(id, nil); err != nil {
			t.Errorf("a second job after a %s one: %v", ended, err)
		}
		back := *j
		back.State = referent.JobQueued
		wantConflict(t, "an ended job put back beside a new one", update(t, s, &back, j.Epoch))
		if j, err = s.Job(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
}

func testJobFencing(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	addJobs(t, s, newJob(0))
	zombie := newJob(0)
	if err := update(t, s, zombie, claim(zombie, "zombie")); err != nil {
		t.Fatal(err)
	}
	// The lease runs out; the job goes back, and another worker claims it.
	back := *zombie
	back.State, back.Worker = referent.JobQueued, ""
	if err := update(t, s, &back, zombie.Epoch); err != nil {
		t.Fatal(err)
	}
	holder := back
	if err := update(t, s, &holder, claim(&holder, "holder")); err != nil {
		t.Fatal(err)
	}
	zombie.State = referent.JobDone
	err := s.Tx(t.Context(), func(tx store.Tx) error {
		if err := tx.PutArtifact(t.Context(), &store.Artifact{Meeting: "m000", Kind: store.ArtifactChunk, Blob: "late"}); err != nil {
			return err
		}
		return tx.UpdateJob(t.Context(), zombie, 1)
	})
	wantFenced(t, "the zombie's result", err)
	if all, err := s.Artifacts(t.Context(), "m000"); len(all) != 0 || err != nil {
		t.Errorf("the zombie left %v, %v", all, err)
	}
	holder.State = referent.JobDone
	if err := update(t, s, &holder, 2); err != nil {
		t.Errorf("the holder's result: %v", err)
	}
	got, err := s.Job(t.Context(), "j000")
	if err != nil || got.State != referent.JobDone || got.Worker != "holder" || got.Epoch != 2 || got.Attempt != 2 {
		t.Errorf("the job is %+v, %v", got, err)
	}
}

// Eight workers look at the same queued job inside their transactions: one gets it.
func testClaimInTx(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	addJobs(t, s, newJob(0))
	var won atomic.Int32
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range 8 {
		wg.Go(func() {
			<-start
			mine := false
			err := s.Tx(t.Context(), func(tx store.Tx) error {
				j, err := tx.Job(t.Context(), "j000")
				if err != nil || j.State != referent.JobQueued {
					return err
				}
				mine = true
				return tx.UpdateJob(t.Context(), j, claim(j, fmt.Sprint("worker ", i)))
			})
			if err != nil {
				t.Errorf("worker %d: %v", i, err)
			} else if mine {
				won.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	wantClaimedOnce(t, s, won.Load())
}

// Eight workers have all read the job as queued; the fence lets one through.
func testClaimByFence(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	addJobs(t, s, newJob(0))
	var won, fenced atomic.Int32
	var wg sync.WaitGroup
	var read [8]*referent.Job // before anybody claims
	for i := range read {
		var err error
		if read[i], err = s.Job(t.Context(), "j000"); err != nil {
			t.Fatal(err)
		}
	}
	for i, j := range read {
		wg.Go(func() {
			fence := claim(j, fmt.Sprint("worker ", i))
			err := s.Tx(t.Context(), func(tx store.Tx) error { return tx.UpdateJob(t.Context(), j, fence) })
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, store.ErrFenced):
				fenced.Add(1)
			default:
				t.Errorf("worker %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	wantClaimedOnce(t, s, won.Load())
	if fenced.Load() != 7 {
		t.Errorf("%d workers were fenced off, want 7", fenced.Load())
	}
}

func wantClaimedOnce(t *testing.T, s store.Store, won int32) {
	t.Helper()
	j, err := s.Job(t.Context(), "j000")
	if err != nil {
		t.Fatal(err)
	}
	if won != 1 || j.Epoch != 1 || j.Attempt != 1 || j.State != referent.JobLeased {
		t.Errorf("%d workers won; the job is %+v", won, j)
	}
}

// unpublished lists the unpublished jobs that could be done at noon.
func unpublished(t *testing.T, s store.Store, limit int) []referent.Job {
	t.Helper()
	return queued(t, s, store.QueuedFilter{Due: noon}, limit)
}

func queued(t *testing.T, s store.Store, f store.QueuedFilter, limit int) []referent.Job {
	t.Helper()
	jobs, err := s.Queued(t.Context(), f, limit)
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

func testQueued(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	now, later, leased := newJob(0), newJob(1), newJob(2)
	now.NotBefore, later.NotBefore = noon, noon.Add(time.Microsecond)
	addJobs(t, s, now, later, leased)
	if err := update(t, s, leased, claim(leased, "w")); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "unpublished", unpublished(t, s, 10), jobID, "j000")
	wantSame(t, "the whole job", unpublished(t, s, 10)[0], *now)
	wantIDs(t, "unpublished a second later", queued(t, s, store.QueuedFilter{Due: noon.Add(time.Second)}, 10), jobID, "j000", "j001")
	wantIDs(t, "unpublished at any time", queued(t, s, store.QueuedFilter{}, 10), jobID, "j000", "j001")
	wantIDs(t, "paused", queued(t, s, store.QueuedFilter{PausedBeyond: noon}, 10), jobID, "j001")
}

func testQueuedOrder(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	var jobs []*referent.Job
	for i := range 6 {
		j := newJob(i)
		j.Created = noon.Add(-time.Duration(i) * time.Second) // the last made is the oldest
		if i%2 == 0 {
			j.Priority = referent.PriorityInteractive
		}
		jobs = append(jobs, j)
	}
	same1, same2 := newJob(11), newJob(12) // made at the same moment: by chunk
	same1.Created, same2.Created = noon, noon
	same1.ID, same2.ID = "z", "a"
	addJobs(t, s, append(jobs, same2, same1)...)
	wantIDs(t, "interactive first, oldest first", unpublished(t, s, 0), jobID,
		"j004", "j002", "j000", "j005", "j003", "j001", "z", "a")
	wantIDs(t, "the first two", unpublished(t, s, 2), jobID, "j004", "j002")
	wantIDs(t, "the first four", unpublished(t, s, 4), jobID, "j004", "j002", "j000", "j005")
}

func testQueuedFilter(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	dictated, prepare, other, leased := newJob(1), newJob(2), newJob(3), newJob(4)
	dictated.Priority, prepare.Stage, other.Meeting = referent.PriorityInteractive, referent.StagePrepare, "m001"
	addJobs(t, s, newJob(0), dictated, prepare, other, leased, newJob(5))
	if err := update(t, s, leased, claim(leased, "w")); err != nil {
		t.Fatal(err)
	}
	do(t, s, func(tx store.Tx) error { return tx.MarkPublished(t.Context(), "j005", 0) })
	for name, c := range map[string]struct {
		filter store.QueuedFilter
		want   []string
	}{
		"all":         {store.QueuedFilter{}, []string{"j001", "j000", "j002", "j003"}},
		"bulk":        {store.QueuedFilter{Priority: referent.PriorityBulk}, []string{"j000", "j002", "j003"}},
		"interactive": {store.QueuedFilter{Priority: referent.PriorityInteractive}, []string{"j001"}},
		"stage":       {store.QueuedFilter{Stage: referent.StagePrepare}, []string{"j002"}},
		"meeting":     {store.QueuedFilter{Meeting: "m001"}, []string{"j003"}},
		"published":   {store.QueuedFilter{Published: true}, []string{"j005"}},
		"newest":      {store.QueuedFilter{Newest: true}, []string{"j003", "j002", "j000", "j001"}},
		"both":        {store.QueuedFilter{Meeting: "m000", Stage: referent.StageTranscribe, Due: noon}, []string{"j001", "j000"}},
	} {
		wantIDs(t, name, queued(t, s, c.filter, 0), jobID, c.want...)
		wantIDs(t, name+", one", queued(t, s, c.filter, 1), jobID, c.want[0])
	}
}

func testOffers(t *testing.T, s store.Store) {
	addMeetings(t, s, 3, func(i int, m *referent.Meeting) {
		m.Department = []string{"health", "", "school"}[i]
		m.Recording, m.Options = &referent.Recording{Size: int64(1000 + i)}, referent.Options{Mode: referent.Modes[i]}
	})
	// Of the first one chunk waits, one is published, one is leased, one is paused, one is done; the second has a prepare
	// job alone; all of the third is in other hands.
	paused, prepare, dictated, joined, third := newJob(3), newJob(6), newJob(7), newJob(8), newJob(9)
	paused.NotBefore = noon.Add(time.Second)
	prepare.Meeting, prepare.Stage, prepare.Created = "m001", referent.StagePrepare, noon.Add(-time.Minute)
	dictated.Meeting, dictated.Priority = "m001", referent.PriorityInteractive
	joined.Meeting, joined.Stage = "m001", referent.StageAssemble
	third.Meeting = "m002"
	addJobs(t, s, newJob(0), newJob(1), newJob(2), paused, newJob(4), prepare, dictated, joined, third)
	for i, state := range map[int]referent.JobState{2: referent.JobLeased, 4: referent.JobDone} {
		j := newJob(i)
		fence := claim(j, "w")
		j.State = state
		if err := update(t, s, j, fence); err != nil {
			t.Fatal(err)
		}
	}
	do(t, s, func(tx store.Tx) error {
		return errors.Join(tx.MarkPublished(t.Context(), "j001", 0), tx.MarkPublished(t.Context(), "j009", 0))
	})
	offers := func(stage referent.Stage, now time.Time) []store.Offer {
		t.Helper()
		got, err := s.Offers(t.Context(), stage, now)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	early := store.Offer{Stage: referent.StagePrepare, Meeting: "m001", Recording: &referent.Recording{Size: 1001}, Options: referent.Options{Mode: referent.Modes[1]}, Waiting: 1, Since: prepare.Created}
	wantSame(t, "recordings", offers(referent.StagePrepare, noon), []store.Offer{early})
	of := store.Offer{Stage: referent.StageTranscribe, Meeting: "m000", Department: "health", Recording: &referent.Recording{Size: 1000}, Options: referent.Options{Mode: referent.Modes[0]}, Waiting: 1, Out: 2, Since: newJob(0).Created}
	wantSame(t, "chunks", offers(referent.StageTranscribe, noon), []store.Offer{of})
	of.Waiting = 2
	wantSame(t, "chunks a second later", offers(referent.StageTranscribe, noon.Add(time.Second)), []store.Offer{of})
	if got := offers(referent.StageMinutes, noon); len(got) != 0 {
		t.Errorf("of no minutes there are %+v", got)
	}
	older := newJob(10)
	older.Meeting, older.Created = "m002", noon.Add(-time.Hour)
	addJobs(t, s, older)
	if got := offers(referent.StageTranscribe, noon); len(got) != 2 || got[0].Meeting != "m002" || got[0].Out != 1 {
		t.Errorf("the oldest first: %+v", got)
	}
}

func testMarkPublished(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	addJobs(t, s, newJob(0), newJob(1))
	mark := func(id string, epoch int64) error {
		return s.Tx(t.Context(), func(tx store.Tx) error { return tx.MarkPublished(t.Context(), id, epoch) })
	}
	if err := mark("j000", 0); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "after publishing one", unpublished(t, s, 10), jobID, "j001")
	wantNotFound(t, "marking no job", mark("none", 0))

	j := newJob(0)
	if err := update(t, s, j, claim(j, "w")); err != nil {
		t.Fatal(err)
	}
	if err := mark("j000", 0); err != nil {
		t.Errorf("marking after a quick worker's claim: %v", err)
	}
	if err := mark("j000", 1); err != nil {
		t.Errorf("marking a leased job: %v", err)
	}
	j.State, j.Worker = referent.JobQueued, ""
	if err := update(t, s, j, j.Epoch); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "after the job was put back", unpublished(t, s, 10), jobID, "j000", "j001")
	if err := mark("j000", 0); err != nil {
		t.Errorf("marking an old epoch: %v", err)
	}
	wantIDs(t, "after marking an old epoch", unpublished(t, s, 10), jobID, "j000", "j001")
	if err := mark("j000", 1); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "after marking its epoch", unpublished(t, s, 10), jobID, "j001")
}

// Only what is as it was marked is unmarked; Published pages through it by stage.
func testUnmarkPublished(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	minutes, leased, spoken := newJob(2), newJob(3), newJob(4)
	minutes.Stage, spoken.Priority = referent.StageMinutes, referent.PriorityInteractive
	addJobs(t, s, newJob(0), newJob(1), minutes, leased, spoken)
	do(t, s, func(tx store.Tx) error {
		for _, id := range []string{"j004", "j003", "j002", "j001", "j000"} {
			if err := tx.MarkPublished(t.Context(), id, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err := update(t, s, leased, claim(leased, "w")); err != nil {
		t.Fatal(err)
	}
	published := func(after string, n int) []referent.Job {
		t.Helper()
		jobs, err := s.Published(t.Context(), referent.StageTranscribe, after, n)
		if err != nil {
			t.Fatal(err)
		}
		return jobs
	}
	wantIDs(t, "published", published("", 0), jobID, "j000", "j001", "j004")
	wantIDs(t, "the first two", published("", 2), jobID, "j000", "j001")
	wantIDs(t, "those after them", published("j001", 2), jobID, "j004")
	wantSame(t, "the whole job", published("", 1)[0], *newJob(0))
	do(t, s, func(tx store.Tx) error {
		for _, c := range []struct {
			job   string
			epoch int64
			want  bool
		}{{"j000", 1, false}, {"j001", 0, true}, {"j001", 0, false}, {"j003", 0, false}, {"j003", 1, false}, {"gone", 0, false}} {
			was, err := tx.UnmarkPublished(t.Context(), c.job, c.epoch)
			if err != nil || was != c.want {
				t.Errorf("unmark %s at %d: %v, %v, want %v", c.job, c.epoch, was, err, c.want)
			}
		}
		return nil
	})
	wantIDs(t, "published after one was taken back", published("", 0), jobID, "j000", "j004")
	wantIDs(t, "unpublished after one was taken back", unpublished(t, s, 10), jobID, "j001")
}

func testHanded(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	handed := func() map[referent.Stage]store.Handed {
		t.Helper()
		h, err := s.Handed(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	minutes, leased, spoken := newJob(3), newJob(4), newJob(5)
	minutes.Stage, spoken.Priority = referent.StageMinutes, referent.PriorityInteractive
	addJobs(t, s, newJob(0), newJob(1), newJob(2), minutes, leased, spoken)
	if got := handed(); len(got) != 0 {
		t.Errorf("before anything was published: %v", got)
	}
	do(t, s, func(tx store.Tx) error {
		for _, id := range []string{"j000", "j001", "j003", "j004", "j005"} {
			if err := tx.MarkPublished(t.Context(), id, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err := update(t, s, leased, claim(leased, "w")); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "handed out", handed(), map[referent.Stage]store.Handed{referent.StageTranscribe: {Published: 2, Running: 1}, referent.StageMinutes: {Published: 1}})
}

func testUnmarkAllPublished(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	addJobs(t, s, newJob(0), newJob(1), newJob(2))
	do(t, s, func(tx store.Tx) error {
		for _, id := range []string{"j000", "j001"} {
			if err := tx.MarkPublished(t.Context(), id, 0); err != nil {
				return err
			}
		}
		return nil
	})
	leased := newJob(1)
	if err := update(t, s, leased, claim(leased, "w")); err != nil {
		t.Fatal(err)
	}
	do(t, s, func(tx store.Tx) error {
		n, err := tx.UnmarkAllPublished(t.Context())
		if n != 1 {
			t.Errorf("%d jobs were unmarked, want 1", n)
		}
		return err
	})
	wantIDs(t, "unpublished", unpublished(t, s, 10), jobID, "j000", "j002")
}

func testLeases(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	addJobs(t, s, newJob(0), newJob(1), newJob(2), newJob(3))
	for i, worker := range []string{"host-a/1", "host-a/2", "host-ab/1"} {
		j := newJob(i)
		fence := claim(j, worker)
		j.LeaseExpires = noon.Add(time.Duration(i) * time.Microsecond)
		if err := update(t, s, j, fence); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.ExpiredLeases(t.Context(), noon.Add(time.Microsecond))
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "expired leases", got, jobID, "j000", "j001")
	for prefix, want := range map[string][]string{
		"host-a/":  {"j000", "j001"},
		"host-a/2": {"j001"},
		"host-a":   {"j000", "j001", "j002"},
		"":         {"j000", "j001", "j002"},
		"host_a/":  nil, // no pattern, a prefix
		"host%":    nil,
	} {
		got, err := s.LeasesOf(t.Context(), prefix)
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, fmt.Sprintf("leases of %q", prefix), got, jobID, want...)
	}
}

func testJobsOf(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	var jobs []*referent.Job
	for i, stage := range []referent.Stage{referent.StageMinutes, referent.StageAssemble, referent.StageTranscribe, referent.StagePrepare, referent.StageLive} {
		j := newJob(i)
		j.ID, j.Stage, j.Chunk = string(stage), stage, 0
		jobs = append(jobs, j)
	}
	for _, chunk := range []int{10, 2} {
		j := newJob(chunk)
		j.ID = fmt.Sprint("chunk ", chunk)
		jobs = append(jobs, j)
	}
	other := newJob(20)
	other.Meeting = "m001"
	addJobs(t, s, append(jobs, other)...)
	got, err := s.JobsOf(t.Context(), "m000")
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "the jobs", got, jobID, "live", "prepare", "transcribe", "chunk 2", "chunk 10", "assemble", "minutes")
}

func testDeadJobs(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	addJobs(t, s, newJob(0), newJob(1), newJob(2))
	for _, i := range []int{2, 0} {
		j := newJob(i)
		j.State, j.Code = referent.JobDead, referent.CodeAttemptsSpent
		if err := update(t, s, j, 0); err != nil {
			t.Fatal(err)
		}
	}
	for limit, want := range map[int][]string{0: {"j000", "j002"}, 1: {"j000"}} {
		got, err := s.DeadJobs(t.Context(), limit)
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, "dead jobs, the newest first", got, jobID, want...)
	}
}

func testCountJobs(t *testing.T, s store.Store) {
	if got, err := s.CountJobs(t.Context()); len(got) != 0 || err != nil {
		t.Errorf("an empty store counts %v, %v", got, err)
	}
	addMeetings(t, s, 1, nil)
	minutes, leased := newJob(3), newJob(0)
	minutes.Stage = referent.StageMinutes
	addJobs(t, s, newJob(0), newJob(1), newJob(2), minutes)
	if err := update(t, s, leased, claim(leased, "w")); err != nil {
		t.Fatal(err)
	}
	got, err := s.CountJobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	counts := map[store.JobCount]bool{}
	for _, c := range got {
		counts[c] = true
	}
	wantSame(t, "the counts", counts, map[store.JobCount]bool{
		{Stage: referent.StageTranscribe, State: referent.JobLeased, Count: 1}: true,
		{Stage: referent.StageTranscribe, State: referent.JobQueued, Count: 2}: true,
		{Stage: referent.StageMinutes, State: referent.JobQueued, Count: 1}:    true,
	})
}
