package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

func testMeetingRoundTrip(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	got, err := s.Meeting(t.Context(), "m000")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the meeting", got, newMeeting(0))
	_, err = s.Meeting(t.Context(), "m001")
	wantNotFound(t, "another meeting", err)
	err = s.Tx(t.Context(), func(tx store.Tx) error { return tx.CreateMeeting(t.Context(), newMeeting(0), nil) })
	wantConflict(t, "the same id again", err)
}

func testMeetingZero(t *testing.T, s store.Store) {
	before := time.Now().Truncate(time.Microsecond)
	m := &referent.Meeting{ID: "m"}
	do(t, s, func(tx store.Tx) error { return tx.CreateMeeting(t.Context(), m, nil) })
	got, err := s.Meeting(t.Context(), "m")
	if err != nil {
		t.Fatal(err)
	}
	if got.Created.Before(before) || !got.Updated.Equal(got.Created) || !m.Created.Truncate(time.Microsecond).Equal(got.Created) {
		t.Errorf("Created is %v, Updated %v, want now in both, and in the argument", got.Created, got.Updated)
	}
	got.Created, got.Updated = time.Time{}, time.Time{}
	wantSame(t, "a meeting with nothing set", got, &referent.Meeting{ID: "m", State: referent.StateUploading})
}

func testMeetingUpdate(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	m := newMeeting(0)
	m.Owner, m.Department, m.Created = "thief", "theirs", noon.Add(-time.Hour) // never written
	m.Title, m.Place, m.Body, m.Kind, m.Language = "a", "b", "c", referent.KindReferat, referent.Bokmal
	m.Start, m.Participants, m.Agenda, m.Options = time.Time{}, nil, nil, referent.Options{}
	m.Purpose, m.LegalBasis, m.Told = "d", "e", nil
	m.State, m.Failure, m.Recording, m.Progress = referent.StateDraft, nil, nil, 1
	do(t, s, func(tx store.Tx) error { return tx.UpdateMeeting(t.Context(), m) })
	got, err := s.Meeting(t.Context(), "m000")
	if err != nil {
		t.Fatal(err)
	}
	if !got.Updated.After(newMeeting(0).Updated) || !m.Updated.Truncate(time.Microsecond).Equal(got.Updated) {
		t.Errorf("Updated is %v, in the argument %v, want now", got.Updated, m.Updated)
	}
	want := *m
	want.Owner, want.Department, want.Created, want.Updated = "owner", "", newMeeting(0).Created, got.Updated
	wantSame(t, "the updated meeting", got, &want)
	other, err := s.Meeting(t.Context(), "m001")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the other meeting", other, newMeeting(1))
	err = s.Tx(t.Context(), func(tx store.Tx) error { return tx.UpdateMeeting(t.Context(), newMeeting(9)) })
	wantNotFound(t, "an update of no meeting", err)
}

func testMeetingsFilter(t *testing.T, s store.Store) {
	addMeetings(t, s, 6, func(i int, m *referent.Meeting) {
		m.Owner = []string{"a", "b"}[i%2]
		m.State = []referent.State{referent.StateDraft, referent.StateFailed, referent.StateApproved}[i%3]
	})
	for _, c := range []struct {
		name   string
		filter store.MeetingFilter
		want   []string
	}{
		{"all", store.MeetingFilter{}, []string{"m005", "m004", "m003", "m002", "m001", "m000"}},
		{"owner", store.MeetingFilter{Seen: owned("a")}, []string{"m004", "m002", "m000"}},
		{"state", store.MeetingFilter{States: []referent.State{referent.StateFailed}}, []string{"m004", "m001"}},
		{"states", store.MeetingFilter{States: []referent.State{referent.StateFailed, referent.StateDraft}}, []string{"m004", "m003", "m001", "m000"}},
		{"a state twice", store.MeetingFilter{States: []referent.State{referent.StateFailed, referent.StateFailed}}, []string{"m004", "m001"}},
		{"owner and states", store.MeetingFilter{Seen: owned("b"), States: []referent.State{referent.StateFailed, referent.StateDraft}}, []string{"m003", "m001"}},
		{"nobody's", store.MeetingFilter{Seen: owned("c")}, nil},
		{"a state without meetings", store.MeetingFilter{States: []referent.State{referent.StatePurged}}, nil},
		{"limit", store.MeetingFilter{Limit: 2}, []string{"m005", "m004"}},
	} {
		page, next, err := s.Meetings(t.Context(), c.filter)
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, c.name, page, meetingID, c.want...)
		if (next != "") != (c.filter.Limit > 0) {
			t.Errorf("%s: next is %q", c.name, next)
		}
		for _, m := range page {
			if m.Title != newMeeting(0).Title || m.Recording == nil {
				t.Errorf("%s: meeting %s is not whole", c.name, m.ID)
			}
		}
	}
}

// walk reads all pages.
func walk(t *testing.T, s store.Store, f store.MeetingFilter, between func(page int)) (ids []string, pages int) {
	t.Helper()
	for {
		page, next, err := s.Meetings(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page {
			ids = append(ids, m.ID)
		}
		pages++
		if next == "" {
			return ids, pages
		}
		if between != nil {
			between(pages)
		}
		f.After = next
	}
}

func testMeetingsPaging(t *testing.T, s store.Store) {
	const n = 53
	addMeetings(t, s, n, func(i int, m *referent.Meeting) {
		m.State = []referent.State{referent.StateDraft, referent.StateFailed, referent.StateApproved}[i%3]
	})
	var want []string
	for i := range n {
		want = append(want, fmt.Sprintf("m%03d", n-1-i))
	}
	for limit, wantPages := range map[int]int{0: 2, 1: n, 10: 6, n - 1: 2, n: 1, 1000: 1} {
		got, pages := walk(t, s, store.MeetingFilter{Limit: limit}, nil)
		wantSame(t, fmt.Sprintf("the pages of %d", limit), got, want)
		if pages != wantPages {
			t.Errorf("%d meetings with limit %d are %d pages, want %d", n, limit, pages, wantPages)
		}
	}
	two := []referent.State{referent.StateDraft, referent.StateApproved}
	got, _ := walk(t, s, store.MeetingFilter{Limit: 7, States: two, Seen: owned("owner")}, nil)
	want = slices.DeleteFunc(want, func(id string) bool {
		var i int
		fmt.Sscanf(id, "m%d", &i)
		return i%3 == 1
	})
	wantSame(t, "the pages of two states", got, want)
}

// Meetings that come or go between two pages neither repeat nor hide others.
func testPagingIsStable(t *testing.T, s store.Store) {
	addMeetings(t, s, 10, nil)
	ids, _ := walk(t, s, store.MeetingFilter{Limit: 3}, func(page int) {
		do(t, s, func(tx store.Tx) error {
			newer := newMeeting(100 + page)
			if err := tx.CreateMeeting(t.Context(), newer, nil); err != nil {
				return err
			}
			if page == 1 { // the very meeting at which the page ended
				if err := tx.DeleteMeeting(t.Context(), "m007", store.Receipt{Meeting: "m007"}); err != nil {
					return err
				}
			}
			return tx.UpdateMeeting(t.Context(), newMeeting(2))
		})
	})
	wantSame(t, "the pages", ids, []string{"m009", "m008", "m007", "m006", "m005", "m004", "m003", "m002", "m001", "m000"})
}

func testPagingSameMoment(t *testing.T, s store.Store) {
	addMeetings(t, s, 7, func(_ int, m *referent.Meeting) { m.Created = noon })
	for _, states := range [][]referent.State{nil, {referent.StateFailed, referent.StateDraft}} {
		ids, _ := walk(t, s, store.MeetingFilter{Limit: 2, States: states}, nil)
		wantSame(t, "the pages", ids, []string{"m006", "m005", "m004", "m003", "m002", "m001", "m000"})
	}
}

func testBadCursor(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	for _, after := range []string{"x", "m000", "%", "AAAA", "' OR 1=1"} {
		if _, _, err := s.Meetings(t.Context(), store.MeetingFilter{After: after}); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("After %q: %v, want CodeInvalid", after, err)
		}
	}
}

func testMeetingKey(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	if key, err := s.MeetingKey(t.Context(), "m000"); string(key) != "wrapped key" || err != nil {
		t.Errorf("the key is %q, %v", key, err)
	}
	for range 2 { // an interrupted erasure is run again
		do(t, s, func(tx store.Tx) error { return tx.DestroyKey(t.Context(), "m000") })
	}
	_, err := s.MeetingKey(t.Context(), "m000")
	wantNotFound(t, "a destroyed key", err)
	if _, err := s.Meeting(t.Context(), "m000"); err != nil {
		t.Errorf("the meeting went with its key: %v", err)
	}
	if _, err := s.MeetingKey(t.Context(), "m001"); err != nil {
		t.Errorf("another meeting's key: %v", err)
	}
	m := newMeeting(2)
	do(t, s, func(tx store.Tx) error { return tx.CreateMeeting(t.Context(), m, nil) })
	_, err = s.MeetingKey(t.Context(), m.ID)
	wantNotFound(t, "the key of a meeting that was given none", err)
}

// fill gives a meeting one row of everything.
func fill(t *testing.T, s store.Store, meeting string) {
	t.Helper()
	do(t, s, func(tx store.Tx) error {
		if err := tx.AddPart(t.Context(), store.Part{Meeting: meeting, Size: 1, Blob: "b"}); err != nil {
			return err
		}
		if err := tx.PutArtifact(t.Context(), &store.Artifact{Meeting: meeting, Kind: store.ArtifactAudio, Blob: "b"}); err != nil {
			return err
		}
		if err := tx.CreateUpload(t.Context(), &store.Upload{ID: "u-" + meeting, Meeting: meeting, Expires: noon}); err != nil {
			return err
		}
		j := newJob(0)
		j.ID, j.Meeting = "j-"+meeting, meeting
		if err := tx.AddJob(t.Context(), j); err != nil {
			return err
		}
		if err := tx.AddEvent(t.Context(), &store.Event{Meeting: meeting, Owner: "owner", Type: "state"}); err != nil {
			return err
		}
		return tx.IndexTranscript(t.Context(), meeting, &referent.Transcript{Segments: []referent.Segment{{ID: "s1", Text: "budsjettet vedtatt"}}})
	})
}

func testDeleteMeeting(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	fill(t, s, "m000")
	fill(t, s, "m001")
	receipt := store.Receipt{Meeting: "m000", What: store.ErasedMeeting, By: "user", At: noon, Blobs: 3, Bytes: 1 << 40, KeyGone: true}
	do(t, s, func(tx store.Tx) error { return tx.DeleteMeeting(t.Context(), "m000", receipt) })

	_, err := s.Meeting(t.Context(), "m000")
	wantNotFound(t, "Meeting", err)
	_, err = s.MeetingKey(t.Context(), "m000")
	wantNotFound(t, "MeetingKey", err)
	_, err = s.Upload(t.Context(), "u-m000")
	wantNotFound(t, "Upload", err)
	_, err = s.Job(t.Context(), "j-m000")
	wantNotFound(t, "Job", err)
	for meeting, want := range map[string]int{"m000": 0, "m001": 1} {
		parts, err1 := s.Parts(t.Context(), meeting)
		artifacts, err2 := s.Artifacts(t.Context(), meeting)
		jobs, err3 := s.JobsOf(t.Context(), meeting)
		events, err4 := s.EventsAfter(t.Context(), meeting, nil, 0, 10)
		for _, err := range []error{err1, err2, err3, err4} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if len(parts) != want || len(artifacts) != want || len(jobs) != want || len(events) != want {
			t.Errorf("%s has %d parts, %d artifacts, %d jobs, %d events, want %d of each",
				meeting, len(parts), len(artifacts), len(jobs), len(events), want)
		}
	}
	hits, _, err := s.Search(t.Context(), store.SearchQuery{Text: "budsjettet"})
	if err != nil || len(hits) != 1 || hits[0].Meeting != "m001" {
		t.Errorf("Search finds %v, %v, want m001 alone", hits, err)
	}
	err = s.Tx(t.Context(), func(tx store.Tx) error { return tx.DeleteMeeting(t.Context(), "m000", receipt) })
	wantNotFound(t, "DeleteMeeting again", err)
	receipts, err := s.Receipts(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the receipts", receipts, []store.Receipt{receipt})
}

func testReceipts(t *testing.T, s store.Store) {
	addMeetings(t, s, 3, nil)
	for i := range 3 {
		do(t, s, func(tx store.Tx) error {
			id := newMeeting(i).ID
			return tx.DeleteMeeting(t.Context(), id, store.Receipt{Meeting: id, At: noon})
		})
	}
	id := func(r *store.Receipt) string { return r.Meeting }
	for limit, want := range map[int][]string{0: {"m002", "m001", "m000"}, 2: {"m002", "m001"}} {
		got, err := s.Receipts(t.Context(), limit)
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, "the newest receipts", got, id, want...)
	}
}
