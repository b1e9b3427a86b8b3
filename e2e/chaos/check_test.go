package chaos

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/referent/referent"
)

// verdict is what the ledger and the server say of each other.
type verdict struct {
	accepted, out, poisoned, erased, edits, resumed int
	lost, doubled, overwritten, damaged             []string
}

func (v *verdict) good() bool {
	return len(v.lost)+len(v.doubled)+len(v.overwritten)+len(v.damaged) == 0
}

// judge holds all that was promised against what is there.
func (w *world) judge(ctx context.Context, l *ledger, reference []*referent.Transcript) *verdict {
	v := &verdict{}
	receipts := map[string]int{}
	var list []struct {
		Meeting string `json:"meeting"`
		What    string `json:"what"`
	}
	if w.read(ctx, "/receipts?limit=1000", &list) != http.StatusOK {
		v.lost = append(v.lost, "the receipts cannot be read")
	}
	for _, r := range list {
		receipts[r.Meeting]++
	}
	for _, m := range l.meetings {
		v.accepted++
		v.edits += len(m.batches) + len(m.saved)
		v.resumed += m.resumed
		w.judgeOne(ctx, m, reference[m.recording], receipts[m.id], v)
	}
	v.damaged = append(v.damaged, w.damaged()...)
	return v
}

func (w *world) judgeOne(ctx context.Context, m *meeting, want *referent.Transcript, receipts int, v *verdict) {
	say := func(list *[]string, form string, args ...any) {
		*list = append(*list, m.id+": "+fmt.Sprintf(form, args...))
	}
	if m.lost != "" {
		say(&v.lost, "%s", m.lost)
	}
	var now referent.Meeting
	status := w.read(ctx, at(m.id), &now)
	switch {
	case m.pending == "erase" && !m.erased && status == http.StatusNotFound:
		v.erased++
		return
	case m.pending != "" && !m.erased && status == http.StatusOK:
		// The last deed may be done or not; all before it is.
		v.out++
		titles, ok := w.titles(ctx, m)
		for _, t := range m.saved {
			if !ok || titles[t] != 1 {
				say(&v.overwritten, "minutes that were saved are in %d versions", titles[t])
			}
		}
		return
	case m.erased && status == http.StatusNotFound:
		v.erased++
		if receipts != 1 {
			say(&v.lost, "%d receipts of the erasure", receipts)
		}
		return
	case m.erased:
		say(&v.lost, "erased, and there again: status %d", status)
		return
	case status != http.StatusOK:
		say(&v.lost, "status %d", status)
		return
	case m.poisoned:
		if now.State != referent.StateFailed || now.Failure == nil || now.Failure.Code != referent.CodeWorkerLost {
			say(&v.lost, "poisoned, and it is %s for the cause %+v", now.State, now.Failure)
		}
		v.poisoned++
		return
	case now.State != referent.StateDraft && now.State != referent.StateReviewed && now.State != referent.StateApproved:
		say(&v.lost, "it is %s, %+v", now.State, now.Failure)
		return
	}
	v.out++
	w.judgeWords(ctx, m, want, say, v)
	w.judgeMinutes(ctx, m, say, v)
}

type sayer func(list *[]string, form string, args ...any)

// judgeWords: the machine's transcript is that of an undisturbed run, each correction is in what is shown, once.
func (w *world) judgeWords(ctx context.Context, m *meeting, want *referent.Transcript, say sayer, v *verdict) {
	var first, now shownTranscript
	if w.read(ctx, at(m.id)+"/transcript?version=1", &first) != http.StatusOK || w.read(ctx, at(m.id)+"/transcript", &now) != http.StatusOK {
		say(&v.lost, "no transcript")
		return
	}
	got := first.Transcript.Segments
	if len(got) > len(want.Segments) {
		say(&v.doubled, "%d segments, an undisturbed run has %d", len(got), len(want.Segments))
	} else if len(got) < len(want.Segments) {
		say(&v.lost, "%d segments, an undisturbed run has %d", len(got), len(want.Segments))
	} else {
		for i := range got {
			if got[i].Text != want.Segments[i].Text || got[i].Start != want.Segments[i].Start {
				say(&v.lost, "segment %d is another than in an undisturbed run", i)
				break
			}
		}
	}
	shown := map[string]string{}
	for _, s := range now.Transcript.Segments {
		shown[s.ID] = s.Text
	}
	last := map[string]string{}
	for _, b := range m.batches {
		last[b.segment] = b.text
	}
	for segment, text := range last {
		if shown[segment] != text {
			say(&v.overwritten, "segment %s does not say what a person wrote", segment)
		}
	}
	var versions []struct {
		By string `json:"by"`
	}
	w.read(ctx, at(m.id)+"/transcript/versions?limit=50", &versions)
	people, machines := 0, 0
	for _, x := range versions {
		if x.By == "" {
			machines++
		} else {
			people++
		}
	}
	if people > len(m.batches) || machines > 1 {
		say(&v.doubled, "%d versions of the transcript by people for %d corrections, %d by machines", people, len(m.batches), machines)
	} else if people < len(m.batches) {
		say(&v.lost, "%d versions of the transcript for %d corrections", people, len(m.batches))
	}
	var jobs []referent.Job
	w.read(ctx, at(m.id)+"/jobs", &jobs)
	seen := map[string]bool{}
	for _, j := range jobs {
		key := fmt.Sprint(j.Stage, j.Chunk)
		if seen[key] && j.Stage != referent.StageMinutes {
			say(&v.doubled, "two jobs of stage %s, chunk %d", j.Stage, j.Chunk)
		}
		seen[key] = true
		if j.State == referent.JobQueued || j.State == referent.JobLeased {
			say(&v.lost, "job of stage %s is %s in a meeting that is over", j.Stage, j.State)
		}
	}
}

// judgeMinutes: each text that was saved is one version, and the last is shown.
func (w *world) judgeMinutes(ctx context.Context, m *meeting, say sayer, v *verdict) {
	now, ok := w.minutes(ctx, m)
	titles, okToo := w.titles(ctx, m)
	if !ok || !okToo {
		say(&v.lost, "no minutes")
		return
	}
	for _, t := range m.saved {
		switch {
		case titles[t] == 0:
			say(&v.overwritten, "minutes that were saved are in no version")
		case titles[t] > 1:
			say(&v.doubled, "minutes that were saved once are in %d versions", titles[t])
		}
	}
	if n := len(m.saved); n > 0 && (now.By == "" || now.title() != m.saved[n-1]) {
		say(&v.overwritten, "the minutes shown are not the last that a person saved")
	}
	if m.approved != "" && (now.State != referent.StateApproved || now.title() != m.approved) {
		say(&v.overwritten, "the minutes shown are not those that were approved; the meeting is %s", now.State)
	}
}

// damagedFiles are the files whose bytes are not those that their names are the hash of.
func damagedFiles(dir string) (bad []string) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		f, err := os.Open(path)
		if err != nil {
			return nil
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil || hex.EncodeToString(h.Sum(nil)) != d.Name() {
			bad = append(bad, "blob "+d.Name())
		}
		return nil
	})
	return bad
}

// reference makes the transcripts of an undisturbed run, and looks that each holds every second once.
func (w *world) reference(ctx context.Context, recordings [][]byte) (all []*referent.Transcript) {
	for i, r := range recordings {
		m := &meeting{id: w.upload(ctx, r, "builtin")}
		if !w.toDraft(ctx, m) {
			w.t.Fatal("an undisturbed meeting does not come to its draft")
		}
		var now shownTranscript
		w.read(ctx, at(m.id)+"/transcript?version=1", &now)
		end, words := 0.0, map[string]bool{}
		for _, s := range now.Transcript.Segments {
			if s.Start < end-1e-6 {
				w.t.Fatalf("recording %d: %s begins before the one before it ends", i, s.ID)
			}
			end = s.End
			for word := range strings.FieldsSeq(s.Text) {
				if words[word] {
					w.t.Fatalf("recording %d: a second stands there twice", i)
				}
				words[word] = true
			}
		}
		if len(words) < 30 {
			w.t.Fatalf("recording %d has %d words", i, len(words))
		}
		all = append(all, now.Transcript)
	}
	return slices.Clip(all)
}
