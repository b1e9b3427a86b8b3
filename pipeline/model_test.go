package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// model does to a real pipeline whatever may happen to it, in any order, and holds after each thing
// that the promises stand.
type model struct {
	r        *rig
	meetings []string
	arriving []*arriving      // dictations of which the first half has come
	leases   []protocol.Lease // ever given, good or not
	seen     map[string]referent.Job
}

func TestAnyOrderOfEventsKeepsThePromises(t *testing.T) { anyOrder(t, newRig(t, nil)) }

func TestAnyOrderOfEventsKeepsThePromisesOverPostgreSQL(t *testing.T) {
	anyOrder(t, newRigOver(t, postgresOf(t), nil))
}

func anyOrder(t *testing.T, r *rig) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{r: r, seen: map[string]referent.Job{}}
		m.create(t)
		t.Repeat(map[string]func(*rapid.T){
			"":         m.check,
			"create":   m.create,
			"arrive":   m.arrive,
			"end":      m.end,
			"dispatch": func(t *rapid.T) { must(t, r.p.dispatch(context.Background())) },
			"claim":    m.claim,
			"claim 2":  m.claim,
			"claim 3":  m.claim,
			"commit":   m.commit,
			"commit 2": m.commit,
			"commit 3": m.commit,
			"assemble": func(t *rapid.T) { must(t, r.p.assemble(context.Background())) },
			"fail":     m.fail,
			"time":     m.time,
			"crash":    m.crash,
			"people":   m.people,
			"write":    m.write,
		})
		m.finish(t)
	})
}

func must(t *rapid.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// allowed lets the refusals pass that the rules foresee.
func allowed(t *rapid.T, err error, codes ...referent.Code) {
	t.Helper()
	if err != nil && !slices.Contains(codes, referent.CodeOf(err)) {
		t.Fatal(err)
	}
}

func (m *model) create(t *rapid.T) {
	if len(m.meetings) == 2 {
		t.Skip("enough meetings")
	}
	m.meetings = append(m.meetings, m.r.create(100).ID)
}

// arrive begins a dictation, and end brings the rest of it.
func (m *model) arrive(t *rapid.T) {
	if len(m.meetings) == 2 {
		t.Skip("enough meetings")
	}
	a := m.r.arrive(referent.KindDictate, 100)
	a.bring(50)
	m.meetings, m.arriving = append(m.meetings, a.m.ID), append(m.arriving, a)
}

func (m *model) end(t *rapid.T) {
	if len(m.arriving) == 0 {
		t.Skip("nothing arrives")
	}
	a := m.arriving[0]
	m.arriving = m.arriving[1:]
	_, err := m.r.p.Append(context.Background(), a.u.ID, a.came, bytes.NewReader(a.data[a.came:]), nil)
	allowed(t, err, referent.CodeConflict, referent.CodeNotFound) // cancelled, or tried again as it was
}

// people do what they do, whether it makes sense or not.
func (m *model) people(t *rapid.T) {
	ctx := context.Background()
	id := rapid.SampledFrom(m.meetings).Draw(t, "meeting")
	var err error
	switch rapid.SampledFrom([]string{"retry", "remake", "cancel"}).Draw(t, "act") {
	case "retry":
		err = m.r.p.Retry(ctx, id, RetryOptions{})
	case "remake":
		err = m.r.p.Remake(ctx, id)
	case "cancel":
		err = m.r.p.Cancel(ctx, id)
	}
	allowed(t, err, referent.CodeConflict)
}

// write does to the minutes what people do, for the version that they see.
func (m *model) write(t *rapid.T) {
	ctx := context.Background()
	id := rapid.SampledFrom(m.meetings).Draw(t, "meeting")
	seen := 0
	if v, err := m.r.p.MinutesVersion(ctx, id, 0); err == nil {
		seen = v.Version - rapid.IntRange(0, 1).Draw(t, "late")
	}
	var err error
	switch rapid.SampledFrom([]string{"save", "edit", "approve", "reopen"}).Draw(t, "act") {
	case "save":
		_, err = m.r.p.SaveMinutes(ctx, id, somebody, seen, &referent.Minutes{Title: "For hånd"})
	case "edit":
		_, err = m.r.p.EditMinutes(ctx, id, somebody, seen, review.Edit{Do: review.Set, List: review.Head, Words: review.Words{Text: "Rettet"}})
	case "approve":
		_, err = m.r.p.Approve(ctx, id, another, max(seen, 1))
	case "reopen":
		_, err = m.r.p.Reopen(ctx, id, somebody, seen)
	}
	allowed(t, err, referent.CodeConflict, referent.CodeNotFound, referent.CodeUnchecked)
}

// crash ends the server, or a worker whose supervisor sees it.
func (m *model) crash(t *rapid.T) {
	if rapid.Bool().Draw(t, "worker") {
		must(t, m.r.p.ReleaseWorker(context.Background(), "w/1"))
		return
	}
	m.r.p.closeSessions()
	m.r.p = m.r.newPipeline(m.r.db)
}

func (m *model) jobs() (all []referent.Job) {
	for _, id := range m.meetings {
		all = append(all, m.r.jobs(id)...)
	}
	return all
}

func (m *model) claim(t *rapid.T) {
	jobs := m.jobs()
	if len(jobs) == 0 {
		t.Skip("no job")
	}
	if open := slices.DeleteFunc(slices.Clone(jobs), func(j referent.Job) bool { return !openJobs([]referent.Job{j}) }); len(open) > 0 && rapid.IntRange(0, 9).Draw(t, "any") > 0 {
		jobs = open // mostly those that can be had
	}
	j := rapid.SampledFrom(jobs).Draw(t, "job")
	c, err := m.r.p.claim(context.Background(), protocol.ClaimRequest{Job: j.ID,
		Worker: rapid.SampledFrom([]string{"w/1", "w/2"}).Draw(t, "worker")})
	allowed(t, err, referent.CodeConflict)
	if err == nil {
		m.leases = append(m.leases, c.Lease)
	}
}

func (m *model) lease(t *rapid.T) protocol.Lease {
	if len(m.leases) == 0 {
		t.Skip("no lease")
	}
	good := slices.DeleteFunc(slices.Clone(m.leases), func(l protocol.Lease) bool {
		j, err := m.r.db.Job(context.Background(), l.Job)
		return err != nil || j.State != referent.JobLeased || j.Epoch != l.Epoch
	})
	if len(good) > 0 && rapid.IntRange(0, 9).Draw(t, "any lease") > 0 {
		return rapid.SampledFrom(good).Draw(t, "lease") // mostly those that still count
	}
	return rapid.SampledFrom(m.leases).Draw(t, "lease")
}

func (m *model) commit(t *rapid.T) {
	allowed(t, m.work(m.lease(t)), referent.CodeLeaseLost)
}

// work writes a job's result and commits it.
func (m *model) work(l protocol.Lease) error {
	ctx := context.Background()
	j, err := m.r.db.Job(ctx, l.Job)
	if err != nil {
		return err
	}
	var result any
	switch j.Stage {
	case referent.StagePrepare:
		prep := planOf(3, 100)
		if err := m.r.p.write(ctx, l, protocol.StreamAudio, 0, noise(int(prep.Plan.Samples)*bytesPerSample)); err != nil {
			return err
		}
		result = prep
	case referent.StageTranscribe:
		result = chunkResult(j.Chunk)
	case referent.StageMinutes:
		result = minutesOf("x", &referent.Transcript{})
	}
	data, err := json.Marshal(result)
	if err != nil {
		return err
	}
	if err := m.r.p.write(ctx, l, protocol.StreamResult, 0, data); err != nil {
		return err
	}
	return m.r.p.commit(ctx, l)
}

func (m *model) fail(t *rapid.T) {
	code := rapid.SampledFrom([]referent.Code{referent.CodeAudioUnreadable, referent.CodeRecognition,
		referent.CodeCancelled, referent.CodeUnavailable}).Draw(t, "code")
	allowed(t, m.r.p.fail(context.Background(), protocol.FailRequest{Lease: m.lease(t), Code: code}), referent.CodeLeaseLost)
}

func (m *model) time(t *rapid.T) {
	m.r.clock.advance(time.Duration(rapid.IntRange(1, 40).Draw(t, "seconds")) * time.Second)
	must(t, m.r.p.reconcile(context.Background()))
}

// check holds the promises.
func (m *model) check(t *rapid.T) {
	for _, id := range m.meetings {
		m.checkMeeting(t, m.r.meeting(id), m.r.jobs(id))
		arts, err := m.r.db.Artifacts(context.Background(), id)
		must(t, err)
		m.checkResults(t, arts, m.r.jobs(id))
		m.checkMinutes(t, m.r.meeting(id), arts)
	}
	for _, j := range m.jobs() {
		if old, known := m.seen[j.ID]; known {
			if j.Epoch < old.Epoch {
				t.Fatalf("the epoch of %s went back", j.Stage)
			}
			if old.State == referent.JobDone && (j.State != referent.JobDone || j.Epoch != old.Epoch) {
				t.Fatalf("%s was done and is %s", j.Stage, j.State)
			}
		}
		if j.Attempt < 0 || j.Attempt > referent.MaxAttempts {
			t.Fatalf("attempt %d of %s", j.Attempt, j.Stage)
		}
		m.seen[j.ID] = j
	}
}

// checkMeeting holds that a meeting that goes on has exactly one way to go, and one that does not, none.
func (m *model) checkMeeting(t *rapid.T, row *referent.Meeting, jobs []referent.Job) {
	open := map[referent.Stage]int{}
	for _, j := range jobs {
		if j.State == referent.JobQueued || j.State == referent.JobLeased {
			open[j.Stage]++
		}
	}
	good := false
	switch row.State {
	case referent.StateUploading, referent.StateReceived, referent.StatePrepared:
		delete(open, referent.StageLive) // listening goes on beside whatever comes before the transcript
	}
	switch row.State {
	case referent.StateReceived:
		good = len(open) == 1 && open[referent.StagePrepare] == 1
	case referent.StatePrepared:
		good = len(open) == 1 && (open[referent.StageTranscribe] >= 1 || open[referent.StageAssemble] == 1)
	case referent.StateTranscribed:
		good = len(open) == 1 && open[referent.StageMinutes] == 1
	default:
		good = len(open) == 0
	}
	if !good {
		t.Fatalf("a meeting that is %s has open jobs %v", row.State, open)
	}
	if (row.State == referent.StateFailed) && row.Failure == nil {
		t.Fatal("a meeting failed without a cause")
	}
	if row.Progress < 0 || row.Progress > 1 {
		t.Fatalf("progress %v", row.Progress)
	}
}

// checkResults holds that there is one result for each job that is done, and none besides.
func (m *model) checkResults(t *rapid.T, arts []store.Artifact, jobs []referent.Job) {
	done := map[store.ArtifactKind]int{}
	for _, j := range jobs {
		if j.State != referent.JobDone {
			continue
		}
		switch j.Stage {
		case referent.StagePrepare:
			done[store.ArtifactPlan]++
			done[store.ArtifactAudio]++
		case referent.StageTranscribe:
			done[store.ArtifactChunk]++
		case referent.StageAssemble:
			done[store.ArtifactTranscript]++
		case referent.StageMinutes:
			done[store.ArtifactMinutes]++
		}
	}
	for _, a := range arts {
		if a.Author != "" {
			continue // a person made it
		}
		done[a.Kind]--
		if a.Version > 1 && a.Kind != store.ArtifactMinutes {
			t.Fatalf("%s %d was made twice", a.Kind, a.Chunk)
		}
	}
	for kind, n := range done {
		if n != 0 {
			t.Fatalf("%d results of %s too few", n, kind)
		}
	}
}

// checkMinutes holds that what is shown is approved exactly when the meeting is, and that each version of a person's
// is accounted for.
func (m *model) checkMinutes(t *rapid.T, row *referent.Meeting, arts []store.Artifact) {
	ctx := context.Background()
	deeds, err := m.r.p.History(ctx, row.ID)
	must(t, err)
	for _, a := range arts {
		of := func(d store.Deed) bool { return d.Version == a.Version && d.By == a.Author }
		if a.Kind == store.ArtifactMinutes && slices.ContainsFunc(deeds, of) != (a.Author != "") {
			t.Fatalf("version %d by %q in the history: %+v", a.Version, a.Author, deeds)
		}
	}
	v, err := m.r.p.MinutesVersion(ctx, row.ID, 0)
	allowed(t, err, referent.CodeNotFound)
	if err == nil && (row.State == referent.StateApproved) != (v.Minutes.Approval != nil) {
		t.Fatalf("a meeting that is %s shows minutes approved by %+v", row.State, v.Minutes.Approval)
	}
}

// finish brings every meeting to its end: nothing that happened may have stranded one.
func (m *model) finish(t *rapid.T) {
	ctx := context.Background()
	for len(m.arriving) > 0 {
		m.end(t)
	}
	for range 60 {
		left := false
		for _, id := range m.meetings {
			switch row := m.r.meeting(id); {
			case row.State == referent.StateFailed || row.State == referent.StateCancelled:
				must(t, m.r.p.Retry(ctx, id, RetryOptions{}))
				left = true
			case !row.State.Final():
				left = true
			}
		}
		if !left {
			break
		}
		m.r.clock.advance(protocol.LeaseTTL + time.Second)
		must(t, m.r.p.reconcile(ctx))
		must(t, m.r.p.assemble(ctx))
		for _, j := range m.jobs() {
			c, err := m.r.p.claim(ctx, protocol.ClaimRequest{Job: j.ID, Worker: "w/last"})
			allowed(t, err, referent.CodeConflict)
			if err == nil {
				must(t, m.work(c.Lease))
			}
		}
		m.check(t)
	}
	for _, id := range m.meetings {
		if st := m.r.meeting(id).State; st != referent.StateDraft && st != referent.StateReviewed && st != referent.StateApproved {
			t.Fatalf("a meeting ended as %s", st)
		}
		m.r.noStrayBlobs(id)
		_, err := m.r.p.Delete(ctx, id, "user-1")
		must(t, err)
	}
	m.meetings = nil
}
