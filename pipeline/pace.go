package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// settingPace keeps what was measured over a restart.
const settingPace = "pipeline.pace"

// paceMemory is how much working time counts in full; what is older counts less and less.
const paceMemory = 30 * time.Minute

// alikeRecordings is how many recordings tell how long one of a size lasts, and alike is how much their rates may
// differ at most to tell it.
const (
	alikeRecordings = 8
	alike           = 1.5
)

// rate names what is equally fast: a stage, and the meeting's choice of how it is done.
type rate string

func rateOf(stage referent.Stage, o referent.Options) rate {
	switch stage {
	case referent.StageTranscribe:
		return rate(stage) + "/" + rate(o.Mode)
	case referent.StageMinutes:
		return rate(stage) + "/" + rate(o.Writer)
	}
	return rate(stage)
}

// pace is how fast work has gone here lately, all workers together: for each rate the seconds of audio done, and the
// seconds in which somebody was at it. Nothing is known of a rate before a job of it is done.
type pace struct {
	mu    sync.Mutex
	begun map[string]task              // by job, those that somebody is at
	last  map[referent.Stage]time.Time // a job of the stage was done
	Rates map[rate]worked              `json:"rates"`
	Sizes []float64                    `json:"sizes"` // seconds of audio in a byte of the last recordings
}

type task struct {
	rate    rate
	seconds float64 // of audio; 0: not known yet
	at      time.Time
}

type worked struct {
	Audio float64 `json:"audio"` // seconds
	Time  float64 `json:"time"`  // seconds
}

func readPace(st store.Reader) (*pace, error) {
	const op = "pipeline: read pace"
	p := &pace{begun: map[string]task{}, last: map[referent.Stage]time.Time{}, Rates: map[rate]worked{}}
	text, err := st.Setting(context.Background(), settingPace)
	if errors.Is(err, store.ErrNotFound) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), p)
	}
	if err != nil {
		return nil, referent.E(referent.CodeOf(err), op, err)
	}
	return p, nil
}

// begin notes that somebody began a job of so many seconds of audio.
func (p *pace) begin(job string, r rate, seconds float64, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begun[job] = task{r, seconds, now}
}

// forget takes back that somebody is at the job.
func (p *pace) forget(job string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.begun, job)
}

// with is the pace to be stored when the job is done, which is not counted yet; "": its beginning was not seen, and it
// does not count. recording is nil unless its length was found by the job.
func (p *pace) with(j *referent.Job, recording *referent.Recording, now time.Time) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := &pace{begun: p.begun, last: maps.Clone(p.last), Rates: maps.Clone(p.Rates), Sizes: slices.Clone(p.Sizes)}
	if !next.count(j, recording, now) {
		return "", nil
	}
	text, err := json.Marshal(next)
	return string(text), err
}

// done counts a job whose result stands, and ends it.
func (p *pace) done(j *referent.Job, recording *referent.Recording, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count(j, recording, now)
	delete(p.begun, j.ID)
}

// count adds a job, and reports whether it counts. Jobs that run side by side share the time: each adds what has
// passed since the one before. The caller holds mu.
func (p *pace) count(j *referent.Job, recording *referent.Recording, now time.Time) bool {
	t, seen := p.begun[j.ID]
	if recording != nil {
		t.seconds = recording.Duration
	}
	if !seen || t.seconds <= 0 {
		return false
	}
	if before := p.last[j.Stage]; before.After(t.at) {
		t.at = before
	}
	p.last[j.Stage] = now
	w := p.Rates[t.rate]
	w.Audio += t.seconds
	w.Time += max(now.Sub(t.at).Seconds(), 0)
	if over := w.Time / paceMemory.Seconds(); over > 1 {
		w.Audio, w.Time = w.Audio/over, w.Time/over
	}
	p.Rates[t.rate] = w
	if recording != nil && recording.Size > 0 {
		p.Sizes = append(p.Sizes, recording.Duration/float64(recording.Size))
		p.Sizes = p.Sizes[max(len(p.Sizes)-alikeRecordings, 0):]
	}
	return true
}

// estimate is how long so many seconds of audio take at the rate.
func (p *pace) estimate(r rate, seconds float64) (d time.Duration, known bool) {
	if seconds <= 0 {
		return 0, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.Rates[r]
	if w.Audio <= 0 {
		return 0, false
	}
	return time.Duration(seconds * w.Time / w.Audio * float64(time.Second)), true
}

// weight is how much longer a second of audio takes with these options than it does in the stage as a rule; 1: that is not known.
func (p *pace) weight(stage referent.Stage, o referent.Options) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	own, all := p.Rates[rateOf(stage, o)], worked{}
	for r, w := range p.Rates {
		if of, _, _ := strings.Cut(string(r), "/"); of == string(stage) {
			all.Audio, all.Time = all.Audio+w.Audio, all.Time+w.Time
		}
	}
	if own.Audio <= 0 || own.Time <= 0 {
		return 1
	}
	return min(max(own.Time/own.Audio*all.Audio/all.Time, 1.0/mostWeight), mostWeight)
}

// duration is how many seconds a recording lasts, where it is known, or where those before it were so alike that its
// size tells it.
func (p *pace) duration(r *referent.Recording) (seconds float64, known bool) {
	if r == nil {
		return 0, false
	}
	if r.Duration > 0 {
		return r.Duration, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.Sizes) < 2 || slices.Max(p.Sizes) > alike*slices.Min(p.Sizes) {
		return 0, false
	}
	var sum float64
	for _, s := range p.Sizes {
		sum += s
	}
	return sum / float64(len(p.Sizes)) * float64(r.Size), true
}

// remaining is the working time that a meeting needs until its minutes are there.
func (p *pace) remaining(m *store.Unfinished) (left time.Duration, known bool) {
	length, known := p.duration(m.Recording)
	if !known {
		return 0, false
	}
	share := func(from, width float64) float64 { return length * min(max(1-(m.Progress-from)/width, 0), 1) }
	var work map[referent.Stage]float64
	switch m.State {
	case referent.StateReceived:
		work = map[referent.Stage]float64{referent.StagePrepare: share(0, sharePrepare), referent.StageTranscribe: length, referent.StageMinutes: length}
	case referent.StatePrepared:
		work = map[referent.Stage]float64{referent.StageTranscribe: share(sharePrepare, shareTranscribe), referent.StageMinutes: length}
	case referent.StateTranscribed:
		work = map[referent.Stage]float64{referent.StageMinutes: share(sharePrepare+shareTranscribe, shareMinutes)}
	}
	for stage, seconds := range work {
		d, known := p.estimate(rateOf(stage, m.Options), seconds)
		if !known {
			return 0, false
		}
		left += d
	}
	return left, true
}
