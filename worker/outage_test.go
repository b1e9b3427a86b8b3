package worker

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// copying is a preparer that copies the recording to the audio in small steps, and stops for a word
// from the test in the middle.
func copying(middle chan<- struct{}, goOn <-chan struct{}) prepareFunc {
	return func(ctx context.Context, src io.ReaderAt, size int64, _ referent.Preparation, audio io.Writer, progress func(float64)) (*referent.PrepareResult, error) {
		for at := int64(0); at < size; at += 100_000 {
			if at == 2_000_000 {
				middle <- struct{}{}
				<-goOn
			}
			if _, err := io.Copy(audio, io.NewSectionReader(src, at, min(100_000, size-at))); err != nil {
				return nil, err
			}
			progress(float64(at) / float64(size))
		}
		return &referent.PrepareResult{Duration: 1}, nil
	}
}

func (d *desk) prepares(f prepareFunc) {
	d.hire(func(c *Config) {
		c.Stages, c.Preparer, c.pace = []referent.Stage{referent.StagePrepare}, f, outagePace()
	})
}

// The server goes away in the middle of a job and comes back: first its answers alone, then nats-server
// with it. The job is finished by the worker that had it, in one claim.
func TestServerAwayInTheMiddle(t *testing.T) {
	for name, outage := range map[string]func(d *desk, resume func()){
		"nobody answers": func(d *desk, resume func()) {
			d.shut()
			resume()
			<-time.After(2 * outagePace().reply) // the outage itself
			d.open()
		},
		"restart": func(d *desk, resume func()) {
			at := d.address()
			d.shutdown()
			resume()
			<-time.After(2 * outagePace().reply)
			d.start(at)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			recording := noise(6_000_000)
			d.add("p", &deskJob{task: protocol.Task{Stage: referent.StagePrepare, Preparation: &referent.Preparation{}}, source: map[protocol.Source][]byte{protocol.SourceRecording: recording}})
			middle, goOn := make(chan struct{}), make(chan struct{})
			d.prepares(copying(middle, goOn))
			within(t, "the stage is in the middle", middle)
			outage(d, func() { close(goOn) })
			d.waitFor("p", "the job is done", done)
			d.see("p", func(j *deskJob) {
				if j.claims != 1 || len(j.fails) != 0 || !bytes.Equal(j.streams[protocol.StreamAudio], recording) {
					t.Errorf("%d claims, fails %+v, %d bytes", j.claims, j.fails, len(j.streams[protocol.StreamAudio]))
				}
			})
			eventually(t, "the message is used up", func() bool { return d.messages() == 0 })
		})
	}
}

// A server away for longer than the lease may be believed in: the worker gives up.
func TestServerAwayTooLong(t *testing.T) {
	d := newDesk(t)
	f, began, ended := hanging()
	d.add("c", &deskJob{task: chunkTask()})
	d.hire(func(c *Config) {
		c.Recognizer = f
		c.pace = outagePace()
		c.pace.patience = 500 * time.Millisecond
	})
	within(t, "the stage begins", began)
	at := time.Now()
	d.shut()
	if cause := within(t, "the stage is stopped", ended); referent.CodeOf(cause) != referent.CodeLeaseLost {
		t.Errorf("cause %v", cause)
	}
	if took := time.Since(at); took < 300*time.Millisecond {
		t.Errorf("gave up after %v", took)
	}
}

// Answers get lost though the server acted on the requests: everything that may be repeated is.
func TestLostAnswers(t *testing.T) {
	d := newDesk(t)
	recording := noise(2_000_000)
	d.mute = map[string]int{protocol.SubjectWrite: 2, protocol.SubjectRead: 2, protocol.SubjectCommit: 1, protocol.SubjectExtend: 1}
	d.add("p", &deskJob{task: protocol.Task{Stage: referent.StagePrepare, Preparation: &referent.Preparation{}}, source: map[protocol.Source][]byte{protocol.SourceRecording: recording}})
	d.prepares(copying(nil, nil))
	d.waitFor("p", "the job is done", done)
	eventually(t, "the message is used up", func() bool { return d.messages() == 0 })
	d.see("p", func(j *deskJob) {
		if j.claims != 1 || len(j.fails) != 0 || !bytes.Equal(j.streams[protocol.StreamAudio], recording) {
			t.Errorf("%d claims, fails %+v, %d bytes", j.claims, j.fails, len(j.streams[protocol.StreamAudio]))
		}
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	for subject, n := range d.mute {
		if n != 0 {
			t.Errorf("%s: %d answers were not lost", subject, n)
		}
	}
}

// A claim whose answer got lost may have been granted: the message comes again, and the claim after the
// lease has run out finds the job.
func TestLostClaim(t *testing.T) {
	d := newDesk(t)
	d.mute[protocol.SubjectClaim] = 1
	d.add("c", &deskJob{task: chunkTask()})
	d.hire(func(c *Config) {
		c.pace = outagePace()
		c.Recognizer = recognizeFunc(func(context.Context, io.ReaderAt, referent.Recognition, func(float64)) (*referent.ChunkResult, error) {
			return &referent.ChunkResult{}, nil
		})
	})
	d.waitFor("c", "it was claimed", func(j *deskJob) bool { return j.claims == 1 })
	d.see("c", func(j *deskJob) { j.state = referent.JobQueued }) // its lease ran out
	d.waitFor("c", "the job is done", done)
	d.see("c", func(j *deskJob) {
		if j.claims != 2 {
			t.Errorf("%d claims", j.claims)
		}
	})
}

// The server forgets a result that was half handed in, as one that was restarted does.
func TestForgottenResultIsSentAgain(t *testing.T) {
	d := newDesk(t)
	big := strings.Repeat("x", 3*protocol.MaxPiece)
	d.add("c", &deskJob{task: chunkTask()})
	forgot := make(chan struct{})
	d.hire(recognizing(func(context.Context, io.ReaderAt, referent.Recognition, func(float64)) (*referent.ChunkResult, error) {
		go func() {
			defer close(forgot)
			d.waitFor("c", "some of it is there", func(j *deskJob) bool {
				if len(j.streams[protocol.StreamResult]) < protocol.MaxPiece || j.state != referent.JobLeased {
					return done(j)
				}
				delete(j.streams, protocol.StreamResult)
				return true
			})
		}()
		return &referent.ChunkResult{Language: big}, nil
	}))
	d.waitFor("c", "the job is done", done)
	within(t, "the desk looked", forgot)
	d.see("c", func(j *deskJob) {
		if len(j.fails) != 0 || !strings.Contains(string(j.result), big) {
			t.Errorf("fails %+v, result of %d bytes", j.fails, len(j.result))
		}
	})
}
