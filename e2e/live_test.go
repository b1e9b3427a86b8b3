package e2e_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// recorder uploads as a recorder does that does not wait for the end.
type recorder struct {
	s        *server
	location string
	sent     int
}

// record begins an upload of so many bytes for a meeting.
func (s *server) record(meeting string, size int) *recorder {
	s.t.Helper()
	r := &recorder{s: s}
	res := r.send(http.MethodPost, "/api/v1/uploads", nil, map[string]string{
		"Upload-Length": strconv.Itoa(size), "Upload-Metadata": "meeting " + base64.StdEncoding.EncodeToString([]byte(meeting))})
	r.location = res.Header.Get("Location")
	return r
}

func (r *recorder) bring(piece []byte) {
	r.s.t.Helper()
	r.send(http.MethodPatch, r.location, piece, map[string]string{
		"Upload-Offset": strconv.Itoa(r.sent), "Content-Type": "application/offset+octet-stream"})
	r.sent += len(piece)
}

func (r *recorder) send(method, path string, body []byte, header map[string]string) *http.Response {
	r.s.t.Helper()
	req, err := http.NewRequestWithContext(r.s.t.Context(), method, r.s.url+path, bytes.NewReader(body))
	if err != nil {
		r.s.t.Fatal(err)
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Authorization", "Bearer "+r.s.tok)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.s.t.Fatal(err)
	}
	defer res.Body.Close()
	if answer, err := io.ReadAll(res.Body); err != nil || res.StatusCode >= 300 {
		r.s.t.Fatalf("%s: %s %s %v", method, res.Status, answer, err)
	}
	return res
}

// hears notes when the provisional text of a meeting first held each of some words.
type hears struct {
	mu    sync.Mutex
	words []string
	at    map[string]time.Time
	last  string
}

// watchLive follows a meeting's partial text until the test ends.
func (s *server) watchLive(id string, words ...string) *hears {
	h := &hears{words: words, at: map[string]time.Time{}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- s.api.Watch(ctx, id, func(e store.Event) error {
			if e.Type != "partial" {
				return nil
			}
			p, err := s.api.Partial(ctx, id)
			if err != nil {
				return err
			}
			h.note(p)
			return nil
		})
	}()
	s.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && referent.CodeOf(err) != referent.CodeCancelled {
			s.t.Error(err)
		}
	})
	return h
}

func (h *hears) note(p *referent.Partial) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var text strings.Builder
	for _, s := range p.Segments {
		fmt.Fprint(&text, " ", s.Text)
	}
	h.last = text.String()
	for _, w := range h.words {
		if h.at[w].IsZero() && strings.Contains(strings.ToLower(h.last), w) {
			h.at[w] = time.Now()
		}
	}
}

func (h *hears) heard(word string) (time.Time, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.at[word]
	return at, !at.IsZero()
}

// A recording that comes as it is spoken has text while it comes, and its last words seconds after they
// were said, before the recording has ended. The transcript then takes the place of that text.
func TestLiveText(t *testing.T) {
	s := startServer(t, t.TempDir(), "--workers", "1")
	warm := s.submit(referent.Meeting{Kind: referent.KindDictate, Language: referent.Bokmal, Options: referent.Options{Spoken: "en"}}, jfk(t))
	s.wait(warm, referent.StateDraft, longLimit) // the weights are loaded
	file, err := os.ReadFile(jfk(t))
	if err != nil {
		t.Fatal(err)
	}
	const second = rate * 2
	file = append(file, make([]byte, 4*second)...) // whoever spoke thinks for a while before ending it
	for i := range 4 {                             // and the recorder did not know how long it would be
		at := bytes.Index(file, []byte("data")) + 4
		file[at+i] = 0xff
	}
	m, err := s.api.Create(t.Context(), &referent.Meeting{Title: "Diktat", Kind: referent.KindDictate, Language: referent.Bokmal,
		Options: referent.Options{Spoken: "en"}})
	if err != nil {
		t.Fatal(err)
	}
	const firstWords, lastWords = "fellow americans", "do for your country"
	h := s.watchLive(m.ID, firstWords, lastWords)
	r := s.record(m.ID, len(file))
	tick := time.NewTicker(500 * time.Millisecond) // as it is spoken: half a second of sound in each
	defer tick.Stop()
	const spoken = 11 * second // the last word ends shortly before
	var said time.Time
	for r.sent < len(file)-second {
		r.bring(file[r.sent:min(r.sent+second/2, len(file)-second)])
		if said.IsZero() && r.sent >= spoken {
			said = time.Now()
		}
		<-tick.C
	}
	eventually(t, time.Minute, "the last words are heard before the recording has ended", func() bool {
		_, ok := h.heard(lastWords)
		return ok
	})
	first, ok := h.heard(firstWords)
	if !ok || !raceDetector && !first.Before(said) {
		t.Errorf("the first words were heard at %v, the last said at %v", first, said)
	}
	last, _ := h.heard(lastWords)
	t.Logf("text of the first words was there %.1f s before the last were said; of the last, %.1f s after",
		said.Sub(first).Seconds(), last.Sub(said).Seconds())
	limit := 8 * time.Second
	if raceDetector {
		limit *= 3
	}
	if last.Sub(said) > limit {
		t.Errorf("the last words took %v", last.Sub(said))
	}
	if m, err := s.api.Get(t.Context(), m.ID); err != nil || m.State != referent.StateUploading {
		t.Errorf("meanwhile the meeting is %+v, %v", m, err)
	}

	r.bring(file[r.sent:])
	s.wait(m.ID, referent.StateDraft, time.Minute)
	p, err := s.api.Partial(t.Context(), m.ID)
	if err != nil || len(p.Segments) != 0 {
		t.Errorf("beside the transcript there is %+v, %v", p, err)
	}
	for _, j := range s.jobs(m.ID) {
		if j.State != referent.JobDone && j.Stage != referent.StageLive || j.State == referent.JobQueued || j.State == referent.JobLeased {
			t.Errorf("job %s is %s", j.Stage, j.State)
		}
	}
}
