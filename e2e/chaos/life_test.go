package chaos

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	mrand "math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/referent/referent"
)

// meeting is what people were told of one meeting: what is to be found again.
type meeting struct {
	id        string
	recording int
	poisoned  bool

	batches  []batch  // corrections of the transcript
	saved    []string // titles of the minutes
	approved string   // the title that somebody answers for
	erased   bool
	resumed  int // times that a person had a failed meeting gone on with
	lost     string
	pending  string // what was asked for and not answered yet: nobody knows whether it was done
}

type batch struct{ segment, text string }

// ledger is all that was promised.
type ledger struct {
	mu       sync.Mutex
	meetings []*meeting
}

func (l *ledger) add(m *meeting) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meetings = append(l.meetings, m)
}

func (l *ledger) count(f func(*meeting) bool) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.meetings {
		if f(m) {
			n++
		}
	}
	return n
}

// live is one meeting's life: sent, followed to its draft, corrected, saved, approved, erased; each with some chance.
// All that is acknowledged is noted at once.
func (w *world) live(ctx context.Context, l *ledger, r *mrand.Rand, recording []byte, which int, poisoned bool) {
	writer := "builtin"
	if r.IntN(3) == 0 {
		writer = "llm"
	}
	m := &meeting{recording: which, poisoned: poisoned}
	if m.id = w.upload(ctx, recording, writer); m.id == "" {
		return
	}
	l.add(m)
	if !w.toDraft(ctx, m) || m.poisoned {
		return
	}
	step := func(what string, do func()) {
		m.pending = what
		do()
		if ctx.Err() == nil {
			m.pending = ""
		}
	}
	for range r.IntN(3) {
		step("correct", func() { w.correct(ctx, m, r) })
	}
	if r.IntN(10) < 6 {
		step("save", func() { w.save(ctx, m) })
		if r.IntN(3) == 0 {
			step("save", func() { w.writers(ctx, m) })
		}
		if r.IntN(5) == 0 {
			w.insist(ctx, http.MethodPost, "/api/v1"+at(m.id)+"/remake", nil, nil)
			w.toDraft(ctx, m)
		}
	}
	if r.IntN(10) < 4 {
		step("approve", func() { w.approve(ctx, m) })
	}
	if r.IntN(10) < 3 {
		step("erase", func() { w.erase(ctx, m) })
	}
}

// toDraft waits until there are minutes. A meeting that failed because its workers died three times is gone on with by
// a person, who sees it in the list; a poisoned one is not.
func (w *world) toDraft(ctx context.Context, m *meeting) bool {
	for ctx.Err() == nil {
		var now referent.Meeting
		switch status := w.read(ctx, at(m.id), &now); {
		case status == http.StatusNotFound:
			m.lost = "the meeting is not there"
			return false
		case now.State == referent.StateDraft, now.State == referent.StateReviewed:
			return true
		case now.State == referent.StateFailed && m.poisoned:
			return true
		case now.State == referent.StateFailed, now.State == referent.StateCancelled:
			m.resumed++
			w.insist(ctx, http.MethodPost, "/api/v1"+at(m.id)+"/retry", nil, nil)
		}
		time.Sleep(200 * time.Millisecond)
	}
	return false
}

type shownTranscript struct {
	Version    int                  `json:"version"`
	Transcript *referent.Transcript `json:"transcript"`
}

// correct changes one segment, and sends the batch until it is answered.
func (w *world) correct(ctx context.Context, m *meeting, r *mrand.Rand) {
	var now shownTranscript
	if w.read(ctx, at(m.id)+"/transcript", &now) != http.StatusOK || len(now.Transcript.Segments) == 0 {
		return
	}
	s := now.Transcript.Segments[r.IntN(len(now.Transcript.Segments))]
	text := phrase()
	body := map[string]any{"batch": rand.Text(), "edits": []any{map[string]any{
		"do": "text", "segment": s.ID, "seen": map[string]any{"text": s.Text}, "text": text}}}
	for ctx.Err() == nil {
		a := w.send(ctx, http.MethodPost, at(m.id)+"/transcript/edits", body)
		if a.status == http.StatusOK {
			m.batches = append(m.batches, batch{s.ID, text})
			return
		}
		if !a.unknown() {
			m.lost = fmt.Sprintf("a correction was refused with %d: %.200s", a.status, a.body)
			return
		}
		time.Sleep(150 * time.Millisecond)
	}
}

type shownMinutes struct {
	Version int             `json:"version"`
	By      string          `json:"by"`
	State   referent.State  `json:"state"`
	Minutes json.RawMessage `json:"minutes"`
}

func (s *shownMinutes) title() string {
	var m struct{ Title string }
	_ = json.Unmarshal(s.Minutes, &m)
	return m.Title
}

func (s *shownMinutes) titled(title string) any {
	var m map[string]any
	if err := json.Unmarshal(s.Minutes, &m); err != nil {
		panic(err)
	}
	m["title"] = title
	return m
}

func (w *world) minutes(ctx context.Context, m *meeting) (now shownMinutes, ok bool) {
	return now, w.read(ctx, at(m.id)+"/minutes", &now) == http.StatusOK
}

// put saves minutes for a version once, and reports how it ended. An answer that was lost is found out about: the
// version is there or it is not.
func (w *world) put(ctx context.Context, m *meeting, from shownMinutes, title string) (saved bool, status int) {
	for ctx.Err() == nil {
		a := w.send(ctx, http.MethodPut, at(m.id)+"/minutes?version="+strconv.Itoa(from.Version), from.titled(title))
		if !a.unknown() && a.status != http.StatusConflict {
			return a.status == http.StatusNoContent, a.status
		}
		if a.status == http.StatusConflict {
			titles, ok := w.titles(ctx, m)
			return ok && titles[title] > 0, a.status
		}
		time.Sleep(150 * time.Millisecond)
	}
	return false, 0
}

// titles counts how often each title stands among the versions that people made by saving.
func (w *world) titles(ctx context.Context, m *meeting) (map[string]int, bool) {
	var list []struct {
		Version int    `json:"version"`
		Did     string `json:"did"`
	}
	if w.read(ctx, at(m.id)+"/minutes/versions", &list) != http.StatusOK {
		return nil, false
	}
	found := map[string]int{}
	for _, v := range list {
		var one shownMinutes
		if v.Did != "save" {
			continue
		}
		if w.read(ctx, at(m.id)+"/minutes?version="+strconv.Itoa(v.Version), &one) != http.StatusOK {
			return nil, false
		}
		found[one.title()]++
	}
	return found, true
}

func (w *world) save(ctx context.Context, m *meeting) {
	now, ok := w.minutes(ctx, m)
	if !ok {
		return
	}
	title := phrase()
	if saved, status := w.put(ctx, m, now, title); saved {
		m.saved = append(m.saved, title)
	} else if ctx.Err() == nil {
		m.lost = fmt.Sprintf("minutes were refused with %d", status)
	}
}

// writers are two who save the same version: one is told that the other was faster.
func (w *world) writers(ctx context.Context, m *meeting) {
	now, ok := w.minutes(ctx, m)
	if !ok {
		return
	}
	var both sync.WaitGroup
	titles, saved := [2]string{phrase(), phrase()}, [2]bool{}
	for i := range titles {
		both.Go(func() { saved[i], _ = w.put(ctx, m, now, titles[i]) })
	}
	both.Wait()
	for i := range titles {
		if saved[i] {
			m.saved = append(m.saved, titles[i])
		}
	}
	if saved[0] && saved[1] {
		m.lost = "two writers both took the place of one version"
	}
}

func (w *world) approve(ctx context.Context, m *meeting) {
	for ctx.Err() == nil {
		now, ok := w.minutes(ctx, m)
		if !ok {
			return
		}
		if now.State == referent.StateApproved {
			m.approved = now.title()
			return
		}
		if a := w.send(ctx, http.MethodPost, at(m.id)+"/minutes/approve", map[string]int{"version": now.Version}); a.status != http.StatusOK && !a.unknown() && a.status != http.StatusConflict {
			m.lost = fmt.Sprintf("approval was refused with %d", a.status)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// erase has the meeting erased. The first answer that says so counts, and so does that it is not there any more when an
// earlier answer was lost.
func (w *world) erase(ctx context.Context, m *meeting) {
	a := w.insist(ctx, http.MethodDelete, "/api/v1"+at(m.id), nil, nil)
	m.erased = a.status == http.StatusOK || a.status == http.StatusNotFound
}
