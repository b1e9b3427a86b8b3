package storetest

import (
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

func testBacklog(t *testing.T, s store.Store) {
	if got, err := s.Backlog(t.Context()); len(got) != 0 || err != nil {
		t.Errorf("of nothing: %v, %v", got, err)
	}
	addMeetings(t, s, 6, func(i int, m *referent.Meeting) {
		m.State = referent.StateReceived
		if i == 2 {
			m.Department, m.State, m.Progress = "d1", referent.StatePrepared, 0.5
			m.Recording = &referent.Recording{SHA256: "ab", Size: 7, Duration: 600}
		}
	})
	job := func(n int, meeting string, edit func(*referent.Job)) *referent.Job {
		j := newJob(n)
		j.Meeting, j.Stage = meeting, referent.StagePrepare
		if edit != nil {
			edit(j)
		}
		return j
	}
	leased := job(4, "m002", func(j *referent.Job) { j.Stage = referent.StageTranscribe })
	ended := job(1, "m000", nil)
	addJobs(t, s, ended,
		job(2, "m001", func(j *referent.Job) { j.NotBefore, j.Code = noon.Add(time.Hour), referent.CodeUnavailable }),
		job(3, "m002", func(j *referent.Job) { j.Stage, j.Chunk = referent.StageTranscribe, 1 }), leased,
		job(5, "m003", func(j *referent.Job) { j.Stage = referent.StageMinutes }),
		job(6, "m004", func(j *referent.Job) { j.Priority = referent.PriorityInteractive }),
		job(7, "m005", func(j *referent.Job) { j.Stage = referent.StageLive }))
	fence := claim(leased, "host/1")
	if err := update(t, s, leased, fence); err != nil {
		t.Fatal(err)
	}
	ended.State = referent.JobDone
	if err := update(t, s, ended, 0); err != nil {
		t.Fatal(err)
	}
	got, err := s.Backlog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, u := range got {
		order = append(order, u.Meeting)
	}
	// A dictation, what is worked on, then what finishes a meeting before what begins one.
	wantSame(t, "the order", order, []string{"m004", "m002", "m003", "m001"})
	m := newMeeting(2)
	wantSame(t, "what is worked on", got[1], store.Unfinished{Meeting: "m002", Owner: m.Owner, Department: "d1", State: referent.StatePrepared,
		Progress: 0.5, Options: m.Options, Recording: &referent.Recording{SHA256: "ab", Size: 7, Duration: 600}, Priority: referent.PriorityBulk,
		Stage: referent.StageTranscribe, Leased: 1, Since: noon.Add(3 * time.Second)})
	if u := got[3]; !u.NotBefore.Equal(noon.Add(time.Hour)) || u.Code != referent.CodeUnavailable || u.Leased != 0 {
		t.Errorf("what is put back: %+v", u)
	}
}
