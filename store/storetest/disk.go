package storetest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// childDir tells a process that it is to be killed, and in which folder its store lies.
const childDir = "REFERENT_STORETEST_CHILD"

// RunOnDisk tests the stores that open gives, whose files all lie in dir: what is committed stays, also
// when the process is killed, and what is erased is nowhere. open must give the store that was there
// before, or else an empty one.
//
// The test that calls RunOnDisk must do nothing else: its binary is started again to be killed.
func RunOnDisk(t *testing.T, open func(ctx context.Context, dir string) (store.Store, error)) {
	if dir := os.Getenv(childDir); dir != "" {
		commitUntilKilled(t, open, dir)
		return
	}
	again := func(t *testing.T, dir string) store.Store {
		t.Helper()
		s, err := open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	name := t.Name()
	t.Run("Reopen", func(t *testing.T) { testReopen(t, again) })
	t.Run("Kill", func(t *testing.T) { testKill(t, again, name) })
	t.Run("Erasure", func(t *testing.T) { testErasure(t, again) })
	t.Run("ErasureAmongMany", func(t *testing.T) { testErasureAmongMany(t, again) })
}

type opener func(t *testing.T, dir string) store.Store

func closeStore(t *testing.T, s store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func testReopen(t *testing.T, open opener) {
	dir := t.TempDir()
	s := open(t, dir)
	addMeetings(t, s, 1, nil)
	fill(t, s, "m000")
	events := eventsAfter(t, s, "", nil, 0, 0)
	do(t, s, func(tx store.Tx) error { return tx.MarkPublished(t.Context(), "j-m000", 0) })
	closeStore(t, s)

	s = open(t, dir)
	defer closeStore(t, s)
	m, err := s.Meeting(t.Context(), "m000")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the meeting", m, newMeeting(0))
	if key, err := s.MeetingKey(t.Context(), "m000"); string(key) != "wrapped key" || err != nil {
		t.Errorf("the key is %q, %v", key, err)
	}
	if hits := search(t, s, store.SearchQuery{Text: "budsjettet"}); len(hits) != 1 {
		t.Errorf("Search finds %v", hits)
	}
	wantIDs(t, "unpublished", unpublished(t, s, 0), jobID)
	wantSame(t, "the events", eventsAfter(t, s, "", nil, 0, 0), events)
	next := store.Event{Meeting: "m000"}
	addEvent(t, s, &next)
	if next.ID <= events[0].ID {
		t.Errorf("event ID %d follows %d", next.ID, events[0].ID)
	}
}

// commitUntilKilled is the child: it prints the number of each meeting after its commit.
func commitUntilKilled(t *testing.T, open func(context.Context, string) (store.Store, error), dir string) {
	s, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	_, newest, err := count(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for n := newest + 1; ; n++ {
		err := s.Tx(t.Context(), func(tx store.Tx) error {
			m := newMeeting(n)
			if err := tx.CreateMeeting(t.Context(), m, []byte("wrapped key")); err != nil {
				return err
			}
			j := newJob(n)
			j.Meeting = m.ID
			if err := tx.AddJob(t.Context(), j); err != nil {
				return err
			}
			return tx.IndexTranscript(t.Context(), m.ID, &referent.Transcript{Segments: []referent.Segment{{ID: "s1", Text: fmt.Sprint("setning ", n)}}})
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("committed", n)
	}
}

// count counts the meetings and gives the highest number.
func count(ctx context.Context, s store.Store) (n, newest int, err error) {
	newest = -1
	for f := (store.MeetingFilter{Limit: 1000}); ; {
		page, next, err := s.Meetings(ctx, f)
		if err != nil {
			return 0, 0, err
		}
		for _, m := range page {
			var i int
			if _, err := fmt.Sscanf(m.ID, "m%d", &i); err != nil {
				return 0, 0, err
			}
			newest = max(newest, i)
		}
		n += len(page)
		if f.After = next; next == "" {
			return n, newest, nil
		}
	}
}

// testKill kills a writing process, several times over the same files.
func testKill(t *testing.T, open opener, test string) {
	dir := t.TempDir()
	for round, commits := range []int{1, 20, 50} {
		reported := killAfter(t, dir, test, commits)
		s := open(t, dir)
		n, newest, err := count(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		// One commit may have been done and not yet reported.
		if n != newest+1 || newest < reported || newest > reported+1 {
			t.Errorf("round %d: after a kill there are %d meetings up to number %d; reported were %d", round, n, newest, reported)
		}
		for i := range n {
			id := newMeeting(i).ID
			jobs, err := s.JobsOf(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.MeetingKey(t.Context(), id); err != nil || len(jobs) != 1 {
				t.Errorf("round %d: meeting %s has %d jobs, key %v: half a transaction", round, id, len(jobs), err)
			}
		}
		if hits := search(t, s, store.SearchQuery{Text: "setning", Limit: n + 1}); len(hits) != n {
			t.Errorf("round %d: Search finds %d of %d meetings", round, len(hits), n)
		}
		closeStore(t, s)
	}
}

// killAfter starts the test binary as a child, and kills it after it has reported so many commits and
// is at work on the next. It returns the last number that was reported.
func killAfter(t *testing.T, dir, test string, commits int) (last int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, self, "-test.run=^"+test+"$", "-test.v=false")
	child.Env = append(os.Environ(), childDir+"="+dir)
	var stderr bytes.Buffer
	child.Stderr = &stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var other strings.Builder
	last = -1
	lines := bufio.NewScanner(out)
	for seen := 0; lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), "committed %d", &last); err != nil {
			fmt.Fprintln(&other, lines.Text())
			continue
		}
		if seen++; seen == commits {
			if err := child.Process.Kill(); err != nil { // SIGKILL
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || last < 0 {
		t.Fatalf("the child ended by itself: %v\n%s%s", err, other.String(), stderr.String())
	}
	return last
}

// secrets are what nobody may find after an erasure: said, written and named.
var secrets = []string{
	"Zebrastripene i protokollen ble hvisket frem av ordføreren",
	"Qvitteringsmøtet om Xanadu",
	"Den første tittelen som siden ble rettet",
	"Wilhelmine Qvigstad-Zapffe",
	"Underjordisk bunker",
	"PS 99/77 Xylofonkjøp",
	"den forkastede utskriften av Yggdrasil",
	"Quislingporten rives innen nyttår",
	"Bestille zirkoniumtråd",
	"Waldemar Querschnitt",
	"Zakarias Wolframsen",
}

// testErasure searches every byte of every file for what a deleted meeting held.
func testErasure(t *testing.T, open opener) {
	dir := t.TempDir()
	s := open(t, dir)
	addMeetings(t, s, 2, nil)
	index(t, s, "m001", "noe ganske annet")
	m := newMeeting(5)
	m.Title = secrets[2]
	do(t, s, func(tx store.Tx) error { return tx.CreateMeeting(t.Context(), m, []byte("a wrapped key that must go")) })
	index(t, s, m.ID, secrets[6], "og mer")
	indexMinutes(t, s, m.ID, []string{secrets[7]}, store.Task{ID: "t1", Text: secrets[8], Owner: secrets[9]})
	m.Title, m.Place = secrets[1], secrets[4]
	m.Participants = []referent.Participant{{Name: secrets[3]}}
	m.Agenda = []referent.AgendaItem{{Title: secrets[5]}}
	do(t, s, func(tx store.Tx) error { return tx.UpdateMeeting(t.Context(), m) })
	do(t, s, func(tx store.Tx) error {
		return tx.IndexTranscript(t.Context(), m.ID, &referent.Transcript{Speakers: []referent.Speaker{{ID: "S1", Name: secrets[10]}},
			Segments: []referent.Segment{{ID: "s1", Text: secrets[0], Speaker: "S1"}, {ID: "s2", Text: "og mer"}, {ID: "s3", Text: "og enda mer"}}})
	})
	do(t, s, func(tx store.Tx) error {
		return tx.CreateUpload(t.Context(), &store.Upload{ID: "u", Meeting: m.ID, HashState: []byte("the last bytes of a voice")})
	})
	// The search must be able to find: everything that is current is there in plain.
	before := readFiles(t, dir)
	for _, secret := range []string{secrets[0], secrets[1], secrets[3], secrets[7], secrets[8], secrets[9], secrets[10], "a wrapped key that must go", "the last bytes of a voice"} {
		if len(before.with(secret)) == 0 {
			t.Fatalf("before the erasure %q is in no file; this test would prove nothing", secret)
		}
	}

	do(t, s, func(tx store.Tx) error { return tx.DestroyKey(t.Context(), m.ID) })
	do(t, s, func(tx store.Tx) error {
		return tx.DeleteMeeting(t.Context(), m.ID, store.Receipt{Meeting: m.ID, KeyGone: true})
	})
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	gone := append([]string{"a wrapped key that must go", "the last bytes of a voice"}, secrets...)
	for _, secret := range secrets {
		for _, word := range strings.FieldsFunc(secret, func(r rune) bool { return r == ' ' || r == '-' || r == '/' }) {
			if len(word) > 7 { // as the words of the index are kept
				gone = append(gone, strings.ToLower(word))
			}
		}
	}
	now := readFiles(t, dir)
	for _, secret := range gone {
		if in := now.with(secret); len(in) > 0 {
			t.Errorf("%q is still in %v while the store is open", secret, in)
		}
	}
	if hits := search(t, s, store.SearchQuery{Text: "ganske"}); len(hits) != 1 {
		t.Errorf("the other meeting's words went too: %v", hits)
	}
	closeStore(t, s)
	now = readFiles(t, dir)
	for _, secret := range gone {
		if in := now.with(secret); len(in) > 0 {
			t.Errorf("%q is still in %v after closing", secret, in)
		}
	}
}

// testErasureAmongMany deletes half of many meetings of all sizes: databases move rows between pages
// as others come and go, and must leave no copy behind.
func testErasureAmongMany(t *testing.T, open opener) {
	dir := t.TempDir()
	s := open(t, dir)
	random := rand.New(rand.NewPCG(7, 11))
	const n = 24
	secret := func(i, k int) string { return fmt.Sprintf("zq%dx%dhemmelig", i, k) }
	words := func(i, count int) string {
		var b strings.Builder
		for k := range count {
			fmt.Fprintf(&b, "%s %c%d ", secret(i, k), 'a'+random.IntN(26), random.IntN(1000))
		}
		return b.String()
	}
	for _, i := range random.Perm(n) {
		m := newMeeting(i)
		m.Title = words(i, 1+random.IntN(10))
		for range random.IntN(40) {
			m.Participants = append(m.Participants, referent.Participant{Name: words(i, 2)})
		}
		do(t, s, func(tx store.Tx) error { return tx.CreateMeeting(t.Context(), m, []byte(words(i, 30))) })
		var texts []string
		for range 1 + random.IntN(25) {
			texts = append(texts, words(i, 1+random.IntN(20)))
		}
		for range 2 { // speakers get other names, so that the first ones were deleted already
			tr := &referent.Transcript{Speakers: []referent.Speaker{{ID: "S0", Name: words(i, 1+random.IntN(3))}, {ID: "S1", Name: words(i, 2)}}}
			for k, text := range texts {
				tr.Segments = append(tr.Segments, referent.Segment{ID: fmt.Sprint("s", k), Speaker: fmt.Sprint("S", k%2), Text: text})
			}
			do(t, s, func(tx store.Tx) error { return tx.IndexTranscript(t.Context(), m.ID, tr) })
		}
		m.Title = words(i, 1+random.IntN(200))
		do(t, s, func(tx store.Tx) error { return tx.UpdateMeeting(t.Context(), m) })
	}
	// Twice, since an erasure that tidies up may find nothing to tidy the second time.
	deleted := map[int]bool{}
	for round := range 2 {
		for i := round; i < n; i += 2 * (round + 1) {
			id := newMeeting(i).ID
			do(t, s, func(tx store.Tx) error { return tx.DeleteMeeting(t.Context(), id, store.Receipt{Meeting: id}) })
			deleted[i] = true
		}
		if err := s.Scrub(t.Context()); err != nil {
			t.Fatal(err)
		}
		closeStore(t, s)
		now := readFiles(t, dir)
		for i := range n {
			in := now.with(fmt.Sprintf("zq%dx", i))
			if deleted[i] && len(in) > 0 {
				t.Errorf("round %d: words of the deleted meeting %d are still in %v", round, i, in)
			}
			if !deleted[i] && len(in) == 0 {
				t.Errorf("round %d: words of the kept meeting %d are gone", round, i)
			}
		}
		s = open(t, dir)
	}
	closeStore(t, s)
}

// files are what files hold, by name.
type files map[string][]byte

// readFiles reads every file under dir.
func readFiles(t *testing.T, dir string) files {
	t.Helper()
	all := files{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		all[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// with lists the files that hold the bytes of s.
func (f files) with(s string) (in []string) {
	for path, b := range f {
		if bytes.Contains(b, []byte(s)) {
			in = append(in, filepath.Base(path))
		}
	}
	return in
}
