// Package storetest is the suite that every store.Store must pass: it says by examples what the
// comments in package store promise.
//
// Run needs nothing but an empty store. RunOnDisk is for stores whose files lie in a folder: it ends
// processes in the middle of their work, and searches the files for what was erased.
//
// What is not here: what only one database promises, such as query plans.
package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// Run tests the stores that open gives. Each call of open must give an empty one and see to its closing.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, store.Store)
	}{
		{"Tx/Commit", testCommit},
		{"Tx/RollbackOnError", testRollbackOnError},
		{"Tx/RollbackOnPanic", testRollbackOnPanic},
		{"Tx/RollbackOnCancel", testRollbackOnCancel},
		{"Tx/ReadsAreCommittedState", testReadsAreCommittedState},
		{"Tx/Concurrent", testConcurrentTx},
		{"Ping", testPing},

		{"Meetings/RoundTrip", testMeetingRoundTrip},
		{"Meetings/Zero", testMeetingZero},
		{"Meetings/Update", testMeetingUpdate},
		{"Meetings/Filter", testMeetingsFilter},
		{"Meetings/Paging", testMeetingsPaging},
		{"Meetings/PagingIsStable", testPagingIsStable},
		{"Meetings/SameMoment", testPagingSameMoment},
		{"Meetings/BadCursor", testBadCursor},
		{"Meetings/Key", testMeetingKey},
		{"Meetings/Bodies", testBodies},
		{"Meetings/Delete", testDeleteMeeting},
		{"Meetings/Receipts", testReceipts},

		{"Parts", testParts},
		{"Artifacts", testArtifacts},
		{"Artifacts/DeleteRecording", testDeleteRecording},
		{"Artifacts/Concurrent", testArtifactVersionsConcurrently},
		{"Checkpoints", testCheckpoints},
		{"History", testHistory},
		{"Holds", testHolds},
		{"Keepings", testKeepings},
		{"Uploads", testUploads},
		{"Uploads/Expired", testExpiredUploads},

		{"Jobs/RoundTrip", testJobRoundTrip},
		{"Jobs/Unique", testJobUnique},
		{"Jobs/Fencing", testJobFencing},
		{"Jobs/ClaimInTx", testClaimInTx},
		{"Jobs/ClaimByFence", testClaimByFence},
		{"Jobs/Queued", testQueued},
		{"Jobs/QueuedOrder", testQueuedOrder},
		{"Jobs/QueuedFilter", testQueuedFilter},
		{"Jobs/Offers", testOffers},
		{"Jobs/Published", testMarkPublished},
		{"Jobs/UnmarkAll", testUnmarkAllPublished},
		{"Jobs/Unmark", testUnmarkPublished},
		{"Jobs/Handed", testHanded},
		{"Jobs/Leases", testLeases},
		{"Jobs/JobsOf", testJobsOf},
		{"Jobs/Dead", testDeadJobs},
		{"Jobs/Count", testCountJobs},
		{"Jobs/Workloads", testWorkloads},
		{"Workers", testWorkers},
		{"Enrolments", testEnrolments},
		{"Usage", testUsage},
		{"Jobs/Backlog", testBacklog},

		{"Events", testEvents},
		{"Events/Trim", testTrimEvents},
		{"Events/OutliveMeeting", testEventsOutliveMeeting},

		{"Search/Words", testSearchWords},
		{"Search/Owner", testSearchOwner},
		{"Search/Syntax", testSearchSyntax},
		{"Search/Anything", testSearchAnything},
		{"Search/Replace", testSearchReplace},
		{"Search/Limit", testSearchLimit},
		{"Search/Speakers", testSearchSpeakers},
		{"Search/SpeakerAmongMany", testSearchSpeakerAmongMany},
		{"Search/Minutes", testSearchMinutes},
		{"Search/Choice", testSearchChoice},
		{"Search/Pages", testSearchPages},
		{"Search/FewAmongMany", testSearchFewAmongMany},
		{"Search/Bodies", testBodiesIn},
		{"Search/Stale", testStaleIndexes},
		{"Tasks", testTasks},
		{"Tasks/Settle", testSettleTask},
		{"Tasks/Sight", testTasksSight},
		{"Tasks/Pages", testTaskPages},

		{"WordLists", testWordLists},
		{"Departments", testDepartments},
		{"Departments/Memberships", testMemberships},
		{"Departments/Sight", testSight},
		{"Departments/ManyAtOnce", testSightOfMany},
		{"Departments/Move", testMoveMeeting},
		{"Departments/Search", testSearchDepartments},

		{"Users", testUsers},
		{"Users/Names", testUserNames},
		{"Users/Subjects", testSubjects},
		{"Users/Strangers", testStrangers},
		{"Administration", testActs},
		{"Readings", testReadings},
		{"Readings/Days", testReadCounts},
		{"Audit/EveryWrite", testAuditOfEveryWrite},
		{"Audit/Rollback", testAuditRollback},
		{"Audit/Pruned", testAuditPruned},
		{"Audit/Concurrent", testAuditConcurrent},
		{"Users/Invitations", testInvitations},
		{"Sessions", testSessions},
		{"Tokens", testTokens},
		{"Settings", testSettings},
		{"Servers", testServers},
		{"SignInFailures", testSignInFailures},
		{"Creations", testCreations},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// noon is a moment with microseconds, the finest that a store keeps.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 123456000, time.UTC)

// newMeeting is a meeting with every field set. n sets its id and moves Created.
func newMeeting(n int) *referent.Meeting {
	created := noon.Add(time.Duration(n) * time.Second)
	return &referent.Meeting{
		ID:       fmt.Sprintf("m%03d", n),
		Owner:    "owner",
		Title:    "Møte om Ålesunds bærekraft «æøå» \" ' %",
		Start:    noon.Add(-time.Hour),
		Place:    "Rådhuset",
		Body:     "Formannskapet",
		Kind:     referent.KindProtocol,
		Language: referent.Nynorsk,
		Participants: []referent.Participant{
			{Name: "Åse Ødegård", Role: "ordfører", Party: "Sp"},
			{Name: "Bjørn", Absent: true},
		},
		Agenda:  []referent.AgendaItem{{Number: "PS 12/25", Title: "Budsjett"}, {Title: "Eventuelt"}},
		Options: referent.Options{Mode: referent.ModeThorough, Spoken: "nn", Speakers: "2-6", Writer: "builtin"},
		Purpose: "å skrive møteprotokoll", LegalBasis: "kommuneloven § 11-4",
		Told:      &referent.Told{By: "owner", At: noon},
		State:     referent.StateFailed,
		Failure:   &referent.Failure{Code: referent.CodeWorkerLost, Stage: referent.StageTranscribe, At: noon},
		Progress:  0.375,
		Recording: &referent.Recording{SHA256: "00ff", Size: 1 << 40, Duration: 3600.5},
		Created:   created,
		Updated:   created,
	}
}

// newJob is a queued job of meeting m000. n sets its id and chunk and moves Created.
func newJob(n int) *referent.Job {
	created := noon.Add(time.Duration(n) * time.Second)
	return &referent.Job{
		ID:       fmt.Sprintf("j%03d", n),
		Meeting:  "m000",
		Stage:    referent.StageTranscribe,
		Chunk:    n,
		Priority: referent.PriorityBulk,
		State:    referent.JobQueued,
		Created:  created,
		Updated:  created,
	}
}

// do runs fn in a transaction that must succeed.
func do(t *testing.T, s store.Store, fn func(tx store.Tx) error) {
	t.Helper()
	if err := s.Tx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// addMeetings creates meetings as newMeeting makes them, changed by edit if that is not nil.
func addMeetings(t *testing.T, s store.Store, n int, edit func(i int, m *referent.Meeting)) {
	t.Helper()
	do(t, s, func(tx store.Tx) error {
		for i := range n {
			m := newMeeting(i)
			if edit != nil {
				edit(i, m)
			}
			if err := tx.CreateMeeting(t.Context(), m, []byte("wrapped key")); err != nil {
				return err
			}
		}
		return nil
	})
}

// addJobs adds jobs to the meetings they name.
func addJobs(t *testing.T, s store.Store, jobs ...*referent.Job) {
	t.Helper()
	do(t, s, func(tx store.Tx) error {
		for _, j := range jobs {
			if err := tx.AddJob(t.Context(), j); err != nil {
				return err
			}
		}
		return nil
	})
}

// wantSame compares whole values.
func wantSame[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// wantIDs compares a list by what names its elements.
func wantIDs[T any](t *testing.T, what string, got []T, id func(*T) string, want ...string) {
	t.Helper()
	ids := []string{}
	for i := range got {
		ids = append(ids, id(&got[i]))
	}
	if want == nil {
		want = []string{}
	}
	wantSame(t, what, ids, want)
}

func meetingID(m *referent.Meeting) string { return m.ID }
func jobID(j *referent.Job) string         { return j.ID }

// wantErr checks that err is target and has code.
func wantErr(t *testing.T, what string, err, target error, code referent.Code) {
	t.Helper()
	if !errors.Is(err, target) || referent.CodeOf(err) != code {
		t.Errorf("%s: %v (code %s), want %q with code %s", what, err, referent.CodeOf(err), target, code)
	}
}

func wantNotFound(t *testing.T, what string, err error) {
	t.Helper()
	wantErr(t, what, err, store.ErrNotFound, referent.CodeNotFound)
}

func wantConflict(t *testing.T, what string, err error) {
	t.Helper()
	wantErr(t, what, err, store.ErrConflict, referent.CodeConflict)
}

func wantFenced(t *testing.T, what string, err error) {
	t.Helper()
	wantErr(t, what, err, store.ErrFenced, referent.CodeLeaseLost)
}
