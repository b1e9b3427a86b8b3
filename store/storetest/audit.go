package storetest

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/audit"
	"github.com/referent/referent/store"
)

// write is one call of a method of store.Tx, and the kinds of links that it adds.
type write struct {
	call  func(tx store.Tx) error
	links []string
}

// unaudited are the methods of store.Tx that nobody answers for by themselves, and why.
var unaudited = map[string]string{
	"AddPart":               "the sound arrives; the meeting tells when it is whole",
	"PutCheckpoint":         "a worker's",
	"DeleteCheckpoint":      "a worker's",
	"DeleteCheckpoints":     "goes with the approval",
	"ExtendReading":         "a reading is told of when it begins",
	"DeleteReadings":        "they had their time; the links stay as long",
	"IndexTranscript":       "follows from the version",
	"IndexMinutes":          "follows from the version",
	"MarkIndexed":           "follows from the version",
	"CreateUpload":          "the sound arrives",
	"UpdateUpload":          "the sound arrives",
	"DeleteUpload":          "the sound arrives",
	"AddJob":                "the machine's work",
	"UpdateJob":             "the machine's work",
	"MarkPublished":         "the machine's work",
	"UnmarkAllPublished":    "the machine's work",
	"UnmarkPublished":       "the machine's work",
	"AddEvent":              "tells those who watch",
	"TrimEvents":            "tells those who watch",
	"DeleteExpiredSessions": "their time was told when they began",
	"PutEnrolment":          "the act beside it tells",
	"DeleteEnrolment":       "the act of the worker that it let in tells",
	"DeleteEnrolments":      "their time was told when they were made",
	"SeeWorker":             "tells whoever looks that it lives",
	"Beat":                  "the servers' own state",
	"DeleteServer":          "the servers' own state",
	"PutDuty":               "the servers' own state",
	"PutSignInFailures":     "AddFailedSignIn tells",
	"DeleteSignInFailures":  "the session that begins tells",
	"TrimSignInFailures":    "AddFailedSignIn told",
	"AddCreation":           "the meeting that it made tells",
	"DeleteCreation":        "the meeting that it made tells",
	"DeleteCreations":       "the meeting that it made tells",
	"PutSetting":            "the program's own state",
}

// auditedWrites are calls of all the other methods. A new method of store.Tx belongs here, or above with a reason.
func auditedWrites(t *testing.T) map[string][]write {
	ctx := store.WithActor(t.Context(), "actor")
	m := newMeeting(0)
	user := &store.User{ID: "u1", Name: "Kari", Locale: "nb"}
	role := store.Membership{User: "u1", Department: "d1", Role: "referent"}
	session := &store.Session{TokenHash: "s1", User: "u1", Expires: noon.Add(time.Hour)}
	token := &store.Token{ID: "t1", TokenHash: "h1", User: "u1", Name: "min", Scopes: []store.Scope{store.ScopeRead}}
	return map[string][]write{
		"CreateMeeting": {{func(tx store.Tx) error { return tx.CreateMeeting(ctx, m, []byte("key")) }, []string{store.AuditMeeting}}},
		"UpdateMeeting": {
			{func(tx store.Tx) error { return tx.UpdateMeeting(ctx, m) }, []string{store.AuditChanged}},
			{func(tx store.Tx) error { return tx.UpdateMeeting(t.Context(), m) }, nil}, // the machine's
		},
		"MoveMeeting": {{func(tx store.Tx) error { return tx.MoveMeeting(ctx, m.ID, "d1") }, []string{store.AuditMoved}}},
		"PutArtifact": {
			{func(tx store.Tx) error {
				return tx.PutArtifact(ctx, &store.Artifact{Meeting: m.ID, Kind: store.ArtifactMinutes, Blob: "b", Author: "u1"})
			}, []string{store.AuditVersion}},
			{func(tx store.Tx) error {
				return tx.PutArtifact(ctx, &store.Artifact{Meeting: m.ID, Kind: store.ArtifactPeaks, Blob: "b"})
			}, nil},
		},
		"AddDeed": {{func(tx store.Tx) error {
			return tx.AddDeed(ctx, &store.Deed{Meeting: m.ID, What: store.DeedApproved, By: "u1", At: noon})
		}, []string{store.AuditDeed}}},
		"AddAct": {{func(tx store.Tx) error {
			return tx.AddAct(ctx, &store.Act{What: store.ActUserMade, By: "u1", User: "u2", At: noon})
		}, []string{store.AuditAct}}},
		"AddReading": {{func(tx store.Tx) error {
			return tx.AddReading(ctx, &store.Reading{User: "u1", Meeting: m.ID, Department: "d1", What: store.ReadMinutes, First: noon, Last: noon, Times: 1})
		}, []string{store.AuditReading}}},
		"PruneAudit": {{func(tx store.Tx) error { _, err := tx.PruneAudit(ctx, noon); return err }, nil}}, // all are young
		"PutHold": {{func(tx store.Tx) error {
			return tx.PutHold(ctx, &store.Hold{Meeting: m.ID, Reason: "Klagesak hemmeligord", By: "u1"})
		}, []string{store.AuditHeld}}},
		"DeleteHold": {{func(tx store.Tx) error { return tx.DeleteHold(ctx, m.ID) }, []string{store.AuditReleased}}},
		"SettleTask": {{func(tx store.Tx) error {
			tasks := []store.Task{{ID: "a1", Text: "hemmeligord"}}
			if err := tx.IndexMinutes(ctx, m.ID, nil, tasks); err != nil {
				return err
			}
			return tx.SettleTask(ctx, m.ID, "a1", "u1", noon)
		}, []string{store.AuditTask}}},
		"PutUser": {
			{func(tx store.Tx) error { return tx.PutUser(ctx, user) }, []string{store.AuditUser}},
			{func(tx store.Tx) error { user.LastSignIn = noon; return tx.PutUser(ctx, user) }, nil},
			{func(tx store.Tx) error { user.Admin = true; return tx.PutUser(ctx, user) }, []string{store.AuditUser}},
			{func(tx store.Tx) error { user.PasswordHash = "hash"; return tx.PutUser(ctx, user) }, []string{store.AuditUser}},
		},
		"DeleteStrangers": {
			{func(tx store.Tx) error { return tx.DeleteStrangers(ctx, noon) }, nil},
			{func(tx store.Tx) error {
				if err := tx.PutUser(ctx, &store.User{ID: "u9", Name: "ukjent", Issuer: "i", Subject: "s", Created: noon}); err != nil {
					return err
				}
				return tx.DeleteStrangers(ctx, noon.Add(time.Hour))
			}, []string{store.AuditUser, store.AuditStrangers}},
		},
		"PutSession": {
			{func(tx store.Tx) error { return tx.PutSession(ctx, session) }, []string{store.AuditSignIn}},
			{func(tx store.Tx) error { return tx.PutSession(ctx, session) }, nil}, // goes on
		},
		"DeleteSession": {
			{func(tx store.Tx) error { return tx.DeleteSession(ctx, "s1") }, []string{store.AuditSignOut}},
			{func(tx store.Tx) error { return tx.DeleteSession(ctx, "s1") }, nil},
		},
		"DeleteSessionsOf": {{func(tx store.Tx) error {
			if err := tx.PutSession(ctx, session); err != nil {
				return err
			}
			return tx.DeleteSessionsOf(ctx, "u1")
		}, []string{store.AuditSignIn, store.AuditSignOut}}},
		"AddFailedSignIn": {{func(tx store.Tx) error { return tx.AddFailedSignIn(ctx, store.FailedSignIn{User: "u1", Locked: true}) }, []string{store.AuditNoSignIn}}},
		"PutToken":        {{func(tx store.Tx) error { return tx.PutToken(ctx, token) }, []string{store.AuditTokenMade}}},
		"DeleteToken":     {{func(tx store.Tx) error { return tx.DeleteToken(ctx, "t1") }, []string{store.AuditTokenGone}}},
		"PutInvitation": {{func(tx store.Tx) error {
			return tx.PutInvitation(ctx, &store.Invitation{User: "u1", TokenHash: "h", Expires: noon})
		}, []string{store.AuditInvitation}}},
		"DeleteInvitation": {{func(tx store.Tx) error { return tx.DeleteInvitation(ctx, "u1") }, []string{store.AuditInvitation}}},
		"PutWorker": {{func(tx store.Tx) error {
			return tx.PutWorker(ctx, &store.Worker{ID: "w1", Key: "U1", Label: "hemmeligord", By: "u1"})
		}, []string{store.AuditWorker}}},
		"PutDepartment": {{func(tx store.Tx) error { return tx.PutDepartment(ctx, &store.Department{ID: "d1", Name: "Skole"}) }, []string{store.AuditDepartment}}},
		"PutMembership": {
			{func(tx store.Tx) error { return tx.PutMembership(ctx, role) }, []string{store.AuditRoleGiven}},
			{func(tx store.Tx) error { return tx.PutMembership(ctx, role) }, nil},
		},
		"DeleteMembership": {{func(tx store.Tx) error { return tx.DeleteMembership(ctx, role) }, []string{store.AuditRoleTaken}}},
		"PutWordList": {
			{func(tx store.Tx) error {
				return tx.PutWordList(ctx, &store.WordList{Body: "Utvalget hemmeligord", Words: []string{"hemmeligord"}, By: "u1"})
			}, []string{store.AuditWords}},
			{func(tx store.Tx) error {
				return tx.PutWordList(ctx, &store.WordList{Body: "Utvalget hemmeligord", By: "u1"})
			}, []string{store.AuditWords}},
		},
		"DeleteRecording": {{func(tx store.Tx) error { return tx.DeleteRecording(ctx, m.ID, nil) }, []string{store.AuditRecording}}},
		"AddReceipt": {{func(tx store.Tx) error {
			return tx.AddReceipt(ctx, store.Receipt{Meeting: m.ID, What: store.ErasedAudio, By: "u1", At: noon})
		}, []string{store.AuditErased}}},
		"DestroyKey": {{func(tx store.Tx) error { return tx.DestroyKey(ctx, m.ID) }, []string{store.AuditKey}}},
		"DeleteMeeting": {{func(tx store.Tx) error {
			return tx.DeleteMeeting(ctx, m.ID, store.Receipt{Meeting: m.ID, By: "u1", At: noon})
		}, []string{store.AuditErased}}},
	}
}

// writeOrder is an order in which the calls of auditedWrites can be made.
var writeOrder = []string{"PutUser", "PutDepartment", "PutMembership", "DeleteMembership", "PutInvitation", "DeleteInvitation", "PutWorker", "PutSession", "DeleteSession",
	"DeleteSessionsOf", "AddFailedSignIn", "PutToken", "DeleteToken", "DeleteStrangers", "PutWordList", "AddAct", "CreateMeeting", "UpdateMeeting", "MoveMeeting",
	"PutArtifact", "AddDeed", "SettleTask", "AddReading", "PruneAudit", "PutHold", "DeleteHold", "DeleteRecording", "AddReceipt", "DestroyKey", "DeleteMeeting"}

// Every method that writes adds its links, or says why not.
func testAuditOfEveryWrite(t *testing.T, s store.Store) {
	writes := auditedWrites(t)
	tx, reader := reflect.TypeFor[store.Tx](), reflect.TypeFor[store.Reader]()
	for i := range tx.NumMethod() {
		name := tx.Method(i).Name
		if _, reads := reader.MethodByName(name); reads {
			continue
		}
		_, silent := unaudited[name]
		if _, tells := writes[name]; silent == tells || tells != slices.Contains(writeOrder, name) {
			t.Errorf("%s is to add links (auditedWrites, writeOrder), or to say why not (unaudited)", name)
		}
	}
	at := head(t, s).Seq
	for _, name := range writeOrder {
		for i, w := range writes[name] {
			do(t, s, w.call)
			var got []string
			for _, e := range entries(t, s, at) {
				at = e.Seq
				got = append(got, e.Kind)
				if e.By != "actor" {
					t.Errorf("%s: %s was done by %q", name, e.Kind, e.By)
				}
				if text := string(e.Facts); strings.Contains(text, "hemmeligord") || strings.Contains(text, "Kari") || strings.Contains(text, "d1") && (e.Kind == store.AuditReading || e.Kind == store.AuditMoved) {
					t.Errorf("%s tells too much: %s", e.Kind, text)
				}
			}
			if !slices.Equal(got, w.links) {
				t.Errorf("%s, call %d, adds %v, want %v", name, i+1, got, w.links)
			}
		}
	}
	wantProved(t, s, nil)
}

func head(t *testing.T, s store.Store) audit.Head {
	t.Helper()
	h, err := s.AuditHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func entries(t *testing.T, s store.Store, after int64) (all []audit.Entry) {
	t.Helper()
	links, err := s.AuditLinks(t.Context(), after, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		e, err := l.Parse()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func wantProved(t *testing.T, s store.Store, noted *audit.Head) *audit.Report {
	t.Helper()
	r, err := s.VerifyAudit(t.Context(), noted)
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() || !r.Whole || r.Noted != (noted != nil) {
		t.Errorf("the chain is not proved: %+v", r)
	}
	return r
}

// What is rolled back leaves no link, and no gap.
func testAuditRollback(t *testing.T, s store.Store) {
	before := head(t, s)
	stop := errors.New("stop")
	err := s.Tx(t.Context(), func(tx store.Tx) error {
		if err := tx.AddAct(t.Context(), &store.Act{What: store.ActUserMade}); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) || head(t, s) != before {
		t.Errorf("%v, and the head is %v, was %v", err, head(t, s), before)
	}
	do(t, s, func(tx store.Tx) error { return tx.AddAct(t.Context(), &store.Act{What: store.ActUserMade}) })
	if after := head(t, s); after.Seq != before.Seq+1 {
		t.Errorf("%v follows %v", after, before)
	}
	wantProved(t, s, &before)
}

// The oldest links go with the readings, and what is left is proved, against heads noted before and after.
func testAuditPruned(t *testing.T, s store.Store) {
	act := func() {
		do(t, s, func(tx store.Tx) error { return tx.AddAct(t.Context(), &store.Act{What: store.ActUserMade, At: noon}) })
		do(t, s, func(tx store.Tx) error {
			return tx.AddReceipt(t.Context(), store.Receipt{Meeting: "m1", By: "u1", At: noon})
		})
		do(t, s, func(tx store.Tx) error {
			return tx.AddReading(t.Context(), &store.Reading{User: "u1", Meeting: "m1", What: store.ReadMinutes, First: noon, Last: time.Now().AddDate(1, 0, 0)})
		})
	}
	act()
	for round := range 2 {
		noted := head(t, s)
		// Links are stamped by the store's own clock, so all that there are have had their time the day after tomorrow.
		do(t, s, func(tx store.Tx) error { return pruneAll(t, tx, time.Now().AddDate(0, 0, 2)) })
		left := entries(t, s, 0)
		if len(left) != 1 || left[0].Kind != audit.Pruned || left[0].Seq != noted.Seq+1 {
			t.Fatalf("round %d: left are %+v", round, left)
		}
		var base audit.Base
		if err := json.Unmarshal(left[0].Facts, &base); err != nil || base.Hash != noted.Hash || base.Tables["administration"].Rows != int64(1+round) {
			t.Errorf("it stands on %+v, %v", base, err)
		}
		wantProved(t, s, &noted) // the last link that is gone
		act()
		r := wantProved(t, s, &audit.Head{Seq: left[0].Seq, Hash: hashAt(t, s, left[0].Seq)})
		if want := int64(2*(1+round) + 3); r.Links != 4 || r.Rows != want {
			t.Errorf("round %d: %d links, %d rows, want 4 and %d", round, r.Links, r.Rows, want)
		}
		older := audit.Head{Seq: noted.Seq - 1, Hash: noted.Hash}
		if r, err := s.VerifyAudit(t.Context(), &older); err != nil || len(r.Findings) != 1 || r.Findings[0].Fault != audit.Unproved {
			t.Errorf("an older head: %+v, %v", r, err)
		}
	}
	// What is young stays.
	before := head(t, s)
	do(t, s, func(tx store.Tx) error { return pruneAll(t, tx, time.Now()) })
	if head(t, s) != before {
		t.Error("what is young was removed")
	}
}

func hashAt(t *testing.T, s store.Store, seq int64) string {
	t.Helper()
	links, err := s.AuditLinks(t.Context(), seq-1, 1)
	if err != nil || len(links) != 1 {
		t.Fatal(links, err)
	}
	return links[0].Hash
}

func pruneAll(t *testing.T, tx store.Tx, before time.Time) error {
	more, err := tx.PruneAudit(t.Context(), before)
	if more {
		t.Error("there are more")
	}
	return err
}

// Writers that come together make one line.
func testAuditConcurrent(t *testing.T, s store.Store) {
	const writers, each = 8, 10
	before := head(t, s)
	done := make(chan error)
	for w := range writers {
		go func() {
			var err error
			for i := range each {
				err = errors.Join(err, s.Tx(t.Context(), func(tx store.Tx) error {
					m := newMeeting(w*each + i)
					m.State = referent.StateUploading
					return tx.CreateMeeting(t.Context(), m, nil)
				}))
			}
			done <- err
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := head(t, s).Seq - before.Seq; n != writers*each {
		t.Errorf("%d links were added", n)
	}
	wantProved(t, s, &before)
	if entries(t, s, 0)[0].Kind != audit.Began {
		t.Error("the chain has no beginning")
	}
}
