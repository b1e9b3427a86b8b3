package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob/s3/s3test"
	"github.com/referent/referent/store/postgres/pgtest"
)

// The drill: meetings in all states, a copy made while requests go on, all lost, put back. What must be there is there
// byte for byte and goes on; what was erased, before the copy or after it, is nowhere.
func TestRestoreDrill(t *testing.T) {
	t.Run("one machine", func(t *testing.T) {
		drill(t, func(t *testing.T) place { return place{dirs: []string{filepath.Join(t.TempDir(), "data")}} })
	})
	t.Run("PostgreSQL and S3", func(t *testing.T) {
		objects := s3test.Start(t, false)
		drill(t, func(t *testing.T) place { return apart(t, objects) })
	})
}

// apart is an installation with a PostgreSQL server of its own and a new bucket.
func apart(t *testing.T, objects *s3test.Server) place {
	t.Helper()
	database, bucket := pgtest.Own(t), objects.Config(t)
	data := filepath.Join(t.TempDir(), "data")
	return place{dirs: []string{data, database.Data(), filepath.Join(objects.Dir, "objects", bucket.Bucket)}, crash: database.Stop, env: map[string]string{
		"REFERENT_DATABASE_URL": database.Address("referent"), "REFERENT_BLOBS_ENDPOINT": bucket.Endpoint, "REFERENT_BLOBS_BUCKET": bucket.Bucket,
		"REFERENT_BLOBS_PREFIX": bucket.Prefix, "REFERENT_BLOBS_REGION": bucket.Region, "REFERENT_BLOBS_ADDRESSING": "path",
		"REFERENT_BLOBS_ACCESS_KEY": bucket.AccessKey, "REFERENT_BLOBS_SECRET_KEY": bucket.SecretKey}}
}

// place is where an installation keeps what it has.
type place struct {
	dirs  []string // with all of its bytes; the first is the data folder
	env   map[string]string
	crash func() error // ends what is not in folders
}

func (p place) use(t *testing.T) {
	for k, v := range p.env {
		t.Setenv(k, v)
	}
}

// lose takes everything away for good.
func (p place) lose(t *testing.T) {
	t.Helper()
	if p.crash != nil {
		if err := p.crash(); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range p.dirs {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// secrets stand in meetings that are erased, and must be nowhere; kept are those of meetings that stay.
var (
	drillSecrets = []string{"karmosin", "Gyldenkrantz", "brannstasjonen", "Xylofonsaken", "Wolframsen", "zirkonium", "Kadmiumgården", "Selensdatter", "rubidium"}
	drillKept    = []string{"Yttersvingen", "Kvernstua"}
)

func drill(t *testing.T, somewhere func(*testing.T) place) {
	first, away := somewhere(t), t.TempDir()
	copies, keys := filepath.Join(away, "kopier"), filepath.Join(away, "nøkler")
	first.use(t)
	s := startServer(t, first.dirs[0], "--workers", "1")

	before := s.said("Karmosinplanen", "Ragnfrid Gyldenkrantz", "Fru Gyldenkrantz foreslår at brannstasjonen males karmosinrød.")
	s.wait(before, referent.StateDraft, time.Minute)
	after := s.said("Xylofonsaken", "Zakarias Wolframsen", "Da er det vedtatt at vi kjøper zirkonium til alle.")
	last := s.said("Kadmiumgården", "Ingeborg Selensdatter", "Da er det vedtatt at vi selger all rubidium.")
	approved := s.said("Yttersvingen", "Kari Kvernstua", "Da er det vedtatt at Yttersvingen får gatelys.")
	s.wait(after, referent.StateDraft, time.Minute)
	s.wait(last, referent.StateDraft, time.Minute)
	s.wait(approved, referent.StateDraft, time.Minute)
	s.approve(approved)
	if _, err := s.api.Delete(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	want := s.results(approved)

	rest := []byte("WEBVTT\n\n00:00:01.000 --> 00:00:05.000\n<v Kari Kvernstua>Vi begynner med Kvernstua.</v>\n\n" +
		"00:00:06.000 --> 00:00:09.000\n<v Kari Kvernstua>Da er det vedtatt at Kvernstua males hvit.</v>\n")
	half, upload := s.begun("Kvernstua", rest, 60)

	// A worker that is stopped holds a job for as long as its lease lasts. One that had just ended its job holds none: then it goes
	// on, with another recording when the first is done.
	middle, tell := "", func(signal syscall.Signal) {
		for _, pid := range s.children() {
			if err := syscall.Kill(pid, signal); err != nil {
				t.Fatal(err)
			}
		}
	}
	eventually(t, time.Minute, "a worker is stopped in the middle of a job", func() bool {
		if middle == "" || s.settled(middle) {
			middle = s.submit(referent.Meeting{Title: "Midt i", Options: referent.Options{Spoken: "en"}}, jfk(t))
		}
		if len(leased(s.jobs(middle))) == 0 {
			return false
		}
		tell(syscall.SIGSTOP)
		time.Sleep(200 * time.Millisecond) // what it sent before is taken
		if len(leased(s.jobs(middle))) > 0 {
			return true
		}
		tell(syscall.SIGCONT)
		return false
	})

	busy := s.keepAsking("Pågår")
	must(t, "backup", "--data-dir", first.dirs[0], "--to", copies, "--keys-to", keys)
	early := busy()
	if _, err := s.api.Delete(t.Context(), after); err != nil {
		t.Fatal(err)
	}
	// Nobody made another copy of the data; that of the keys is from the hour.
	must(t, "backup", "keys", "--data-dir", first.dirs[0], "--keys-to", keys)
	must(t, "backup", "verify", copies, "--keys", keys)
	// Of what is erased after that, the receipts alone tell.
	if _, err := s.api.Delete(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	var receipts json.RawMessage
	s.ask("GET", "/api/v1/receipts?limit=1000", nil, nil, &receipts)
	told := filepath.Join(away, "kvitteringer.json")
	if err := os.WriteFile(told, receipts, 0o600); err != nil {
		t.Fatal(err)
	}
	s.kill()
	first.lose(t)
	if where := search(t, away, append(drillSecrets, drillKept...)); len(where) > 0 {
		t.Errorf("the copies hold in plain: %v", where)
	}

	second := somewhere(t)
	second.use(t)
	must(t, "restore", "--data-dir", second.dirs[0], "--from", copies, "--keys", keys, "--receipts", told, "--check")
	if _, stderr, code := referentRun(t, nil, "restore", "--data-dir", second.dirs[0], "--from", copies, "--keys", keys); code != 12 {
		t.Errorf("a second restore over the first: exit %d, %s", code, stderr)
	}
	s = startServer(t, second.dirs[0], "--workers", "1")

	for name, content := range want {
		if got := s.result(approved, name); !bytes.Equal(got, content) {
			t.Errorf("%s of the approved meeting is not what it was:\n%.300s\n%.300s", name, got, content)
		}
	}
	if m := s.wait(approved, referent.StateApproved, 10*time.Second); m.Title != "Yttersvingen" {
		t.Errorf("the approved meeting is called %q", m.Title)
	}
	for _, id := range early {
		if _, err := s.api.Get(t.Context(), id); err != nil {
			t.Errorf("a meeting that was made before the copy began is gone: %v", err)
		}
	}
	if at := s.head(upload); at != 60 {
		t.Errorf("of the upload %d bytes came back, want 60", at)
	}
	s.patch(upload, 60, rest[60:])
	s.wait(half, referent.StateDraft, time.Minute)
	if !bytes.Contains(s.result(half, "transcript.txt"), []byte("Kvernstua males hvit")) {
		t.Error("the meeting that was being uploaded lacks its words")
	}
	s.wait(middle, referent.StateDraft, longLimit)
	if e := eval.WER(jfkWords, string(s.result(middle, "transcript.txt"))); e.Rate() != 0 {
		t.Errorf("the meeting in the middle has other words: %+v", e)
	}
	for _, j := range s.jobs(middle) {
		if j.State != referent.JobDone || j.Attempt != 1 {
			t.Errorf("the loss of the machine cost %s an attempt, or it is not done: %+v", j.Stage, j)
		}
	}

	for _, id := range []string{before, after, last} {
		if _, err := s.api.Get(t.Context(), id); referent.CodeOf(err) != referent.CodeNotFound {
			t.Errorf("an erased meeting is back: %v", err)
		}
	}
	s.hasReceipts(before, after, last)
	eventually(t, 20*time.Second, "what is kept is found in plain, or the search proves nothing", func() bool {
		return len(search(t, second.dirs[0], drillKept))+len(search(t, second.dirs[len(second.dirs)/2], drillKept)) > 0
	})
	for _, dir := range second.dirs {
		if where := search(t, dir, drillSecrets); len(where) > 0 {
			t.Errorf("what was erased is back: %v", where)
		}
	}
	// The next copy takes the erased meeting's bytes out of the old one too.
	must(t, "backup", "--data-dir", second.dirs[0], "--to", copies, "--keys-to", keys)
	if _, err := os.Stat(filepath.Join(copies, "blobs", after)); !os.IsNotExist(err) {
		t.Errorf("the copies still have bytes of the erased meeting: %v", err)
	}
	must(t, "backup", "verify", copies, "--keys", keys)
}

// must runs the program, which must succeed.
func must(t *testing.T, args ...string) {
	t.Helper()
	start := time.Now()
	stdout, stderr, code := referentRun(t, nil, args...)
	if code != 0 {
		t.Fatalf("%v: exit %d: %s%s", args, code, stdout, stderr)
	}
	t.Logf("%s took %v: %s", args[0], time.Since(start).Round(time.Millisecond), stdout)
}

// said sends a transcript in which somebody says one thing.
func (s *server) said(title, who, what string) string {
	s.t.Helper()
	vtt := filepath.Join(s.t.TempDir(), "møte.vtt")
	if err := os.WriteFile(vtt, fmt.Appendf(nil, "WEBVTT\n\n00:00:01.000 --> 00:00:05.000\n<v %s>%s</v>\n", who, what), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return s.submit(referent.Meeting{Title: title, Participants: []referent.Participant{{Name: who}}}, vtt)
}

func leased(jobs []referent.Job) (all []referent.Job) {
	for _, j := range jobs {
		if j.State == referent.JobLeased {
			all = append(all, j)
		}
	}
	return all
}

// ask sends a request and reads its JSON.
func (s *server) ask(method, path string, header map[string]string, body []byte, into any) http.Header {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.tok)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %s, %v: %s", method, path, res.Status, err, data)
	}
	if into != nil {
		if err := json.Unmarshal(data, into); err != nil {
			s.t.Fatal(err)
		}
	}
	return res.Header
}

// approve settles what is open in the minutes and approves them.
func (s *server) approve(id string) {
	s.t.Helper()
	at := "/api/v1/meetings/" + id + "/minutes"
	var v struct {
		Version int
		Minutes referent.Minutes
	}
	s.ask("GET", at, nil, nil, &v)
	sent := map[string]string{"Content-Type": "application/json"}
	for range v.Minutes.NeedsReview {
		s.ask("POST", at+"/edits", sent, fmt.Appendf(nil, `{"version":%d,"edit":{"do":"dismiss","list":"needs_review","index":0}}`, v.Version), &v)
	}
	s.ask("POST", at+"/approve", sent, fmt.Appendf(nil, `{"version":%d}`, v.Version), &v)
}

func (s *server) result(id, name string) []byte {
	s.t.Helper()
	var b bytes.Buffer
	if err := s.api.Result(s.t.Context(), id, name, &b); err != nil {
		s.t.Fatal(err)
	}
	return b.Bytes()
}

func (s *server) results(id string) map[string][]byte {
	s.t.Helper()
	all := map[string][]byte{}
	for _, name := range []string{"transcript.json", "minutes.json", "minutes.md", "transcript.vtt"} {
		all[name] = s.result(id, name)
	}
	return all
}

// begun makes a meeting of whose recording only the first bytes come.
func (s *server) begun(title string, content []byte, n int) (id, upload string) {
	s.t.Helper()
	m, err := s.api.Create(s.t.Context(), &referent.Meeting{Title: title, Kind: referent.KindReferat, Language: referent.Bokmal})
	if err != nil {
		s.t.Fatal(err)
	}
	answer := s.ask("POST", "/api/v1/uploads", map[string]string{"Tus-Resumable": "1.0.0", "Upload-Length": strconv.Itoa(len(content)),
		"Upload-Metadata": "meeting " + base64.StdEncoding.EncodeToString([]byte(m.ID))}, nil, nil)
	at, err := http.NewRequest("GET", answer.Get("Location"), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.patch(at.URL.Path, 0, content[:n])
	return m.ID, at.URL.Path
}

func (s *server) patch(upload string, offset int, content []byte) {
	s.t.Helper()
	sum := sha256.Sum256(content)
	s.ask("PATCH", upload, map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": strconv.Itoa(offset), "Content-Type": "application/offset+octet-stream",
		"Upload-Checksum": "sha256 " + base64.StdEncoding.EncodeToString(sum[:])}, content, nil)
}

func (s *server) head(upload string) int {
	s.t.Helper()
	n, err := strconv.Atoi(s.ask("HEAD", upload, map[string]string{"Tus-Resumable": "1.0.0"}, nil, nil).Get("Upload-Offset"))
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// keepAsking makes meetings until the function that it gives is called, which tells those that were made before
// keepAsking came back.
func (s *server) keepAsking(title string) (end func() (early []string)) {
	s.t.Helper()
	var early []string
	stop, more := make(chan struct{}), sync.WaitGroup{}
	one := func() (string, error) {
		m, err := s.api.Create(s.t.Context(), &referent.Meeting{Title: title, Kind: referent.KindReferat, Language: referent.Bokmal})
		if err != nil {
			return "", err
		}
		return m.ID, nil
	}
	for range 5 {
		id, err := one()
		if err != nil {
			s.t.Fatal(err)
		}
		early = append(early, id)
	}
	count := 0
	more.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := one(); err != nil {
				s.t.Errorf("while the copy is made: %v", err)
				return
			}
			count++
		}
	})
	return func() []string {
		close(stop)
		more.Wait()
		if count == 0 {
			s.t.Error("nothing was asked while the copy was made")
		}
		s.t.Logf("%d meetings were made while the copy was", count)
		return early
	}
}

func (s *server) hasReceipts(ids ...string) {
	s.t.Helper()
	var all []store.Receipt
	s.ask("GET", "/api/v1/receipts", nil, nil, &all)
	have := map[string]int{}
	for _, r := range all {
		if r.What == store.ErasedMeeting {
			have[r.Meeting]++
		}
	}
	for _, id := range ids {
		if have[id] != 1 {
			s.t.Errorf("there are %d receipts of an erased meeting, want 1", have[id])
		}
	}
}

// settled reports whether nothing is left to do for the meeting.
func (s *server) settled(id string) bool {
	s.t.Helper()
	jobs := s.jobs(id)
	return len(jobs) > 0 && !slices.ContainsFunc(jobs, func(j referent.Job) bool { return j.State != referent.JobDone })
}
