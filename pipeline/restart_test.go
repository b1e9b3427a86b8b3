package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

func TestLeaseOutlivesTheServer(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	h.one() // prepare
	_, far := h.take()
	own := withSender(t.Context(), sender{&store.Worker{Key: r.keys.WorkerKey(), Own: true}})
	near, err := r.p.claim(own, protocol.ClaimRequest{Job: r.job(m.ID, referent.StageTranscribe, 2).ID, Worker: "local/1"})
	ok(t, err)
	r.restart()
	r.run()
	h = r.hand("far/1")
	if rep, err := h.extend(far.Lease, 0.5); err != nil || rep.Cancelled {
		t.Fatalf("extend after restart: %+v, %v", rep, err)
	}
	h.do(far)
	ok(t, h.commit(far.Lease))
	// The supervisor's worker died with the server: its job is free at once.
	wantCode(t, h.commit(near.Lease), referent.CodeLeaseLost)
	h.until(m.ID, referent.StateDraft)
	if j := r.job(m.ID, referent.StageTranscribe, 2); j.Attempt != 2 {
		t.Errorf("attempts = %d, want 2", j.Attempt)
	}
	r.onceEach(m.ID)
	r.noStrayBlobs(m.ID)
}

func TestStreamLostWithTheServer(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	_, c := h.take()
	ok(t, h.write(c.Lease, protocol.StreamAudio, 0, noise(1000)))
	ok(t, h.write(c.Lease, protocol.StreamAudio, 0, noise(1000))) // repeated: ignored
	wantCode(t, h.write(c.Lease, protocol.StreamAudio, 2000, noise(10)), referent.CodeConflict)
	r.restart()
	r.run()
	h = r.hand("far/1")
	wantCode(t, h.write(c.Lease, protocol.StreamAudio, 1000, noise(1000)), referent.CodeConflict)
	wantCode(t, h.commit(c.Lease), referent.CodeConflict)
	ok(t, h.fail(c.Lease, referent.CodeConflict))
	r.clock.advance(time.Minute)
	ok(t, r.p.dispatch(t.Context()))
	h.until(m.ID, referent.StateDraft)
	r.noStrayBlobs(m.ID)
}

func TestLostQueueIsFilledAnew(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h := r.hand("far/1")
	first := r.create(1000)
	h.one() // its prepare
	second := r.create(1000)
	r.eventually("messages", func() bool { // and perhaps one more of the first's prepare, published as it was taken
		all, err := r.queue.Pending(t.Context())
		return err == nil && all[referent.StageTranscribe].Queued == 3 && all[referent.StagePrepare].Queued >= 1
	})
	r.loseQueue()
	r.run()
	h = r.hand("far/1")
	h.until(first.ID, referent.StateDraft)
	h.until(second.ID, referent.StateDraft)
	r.onceEach(first.ID)
	r.onceEach(second.ID)
}

func TestVanishedMessageIsPublishedAgain(t *testing.T) {
	r := newRig(t, nil)
	m := r.create(1000)
	ok(t, r.p.reconcile(t.Context()))
	ok(t, r.p.dispatch(t.Context()))
	j := r.job(m.ID, referent.StagePrepare, 0)
	ok(t, r.queue.Remove(t.Context(), message(&j)))
	ok(t, r.p.reconcile(t.Context()))
	ok(t, r.p.dispatch(t.Context()))
	h := r.hand("far/1")
	if d := h.next(); d.Job != j.ID {
		t.Errorf("message of %s, want %s", d.Job, j.ID)
	}
}

func TestDeadWorkerIsReleased(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("local/1")
	_, c := h.take()
	ok(t, r.p.ReleaseWorker(t.Context(), "local/2"))
	if j := r.job(m.ID, referent.StagePrepare, 0); j.State != referent.JobLeased {
		t.Fatalf("job: %+v", j)
	}
	ok(t, r.p.ReleaseWorker(t.Context(), "local/1"))
	if j := r.job(m.ID, referent.StagePrepare, 0); j.State != referent.JobQueued || j.Attempt != 1 || j.Code != referent.CodeWorkerLost {
		t.Fatalf("job: %+v", j)
	}
	wantCode(t, h.commit(c.Lease), referent.CodeLeaseLost)
	h.until(m.ID, referent.StateDraft)
}

func TestPresence(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h := r.hand("far/1")
	say := func(p protocol.Presence) {
		data, err := json.Marshal(p)
		ok(t, err)
		ok(t, h.nc.Publish(protocol.From(queue.KeyOf(h.nc), protocol.SubjectPresence), data))
	}
	r.eventually("two workers", func() bool { // said again and again, like workers do
		say(protocol.Presence{Worker: "far/1", Threads: 4})
		say(protocol.Presence{Worker: "far/2"})
		return len(r.p.Workers()) == 2
	})
	r.eventually("one worker", func() bool {
		say(protocol.Presence{Worker: "far/2", Leaving: true})
		return len(r.p.Workers()) == 1
	})
	if w := r.p.Workers()[0]; w.Worker != "far/1" || w.Threads != 4 || !w.Seen.Equal(r.clock.now()) {
		t.Errorf("worker: %+v", w)
	}
	r.clock.advance(3*protocol.PresenceEvery + time.Second)
	if w := r.p.Workers(); len(w) != 0 {
		t.Errorf("workers: %+v", w)
	}
}

func TestALeaseOpensNothingElse(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	_, c := h.take()
	if c.Task.Meeting.Title != "" || len(c.Task.Meeting.Participants) != 0 {
		t.Errorf("the decoder was told %+v", c.Task.Meeting)
	}
	stolen := c.Lease
	stolen.Token = strings.Repeat("0", len(stolen.Token))
	_, _, err := h.read(stolen, protocol.SourceRecording, 0, 10)
	wantCode(t, err, referent.CodeForbidden)
	wantCode(t, h.write(stolen, protocol.StreamResult, 0, []byte("{}")), referent.CodeForbidden)
	wantCode(t, h.commit(stolen), referent.CodeForbidden)
	wantCode(t, h.fail(stolen, referent.CodeInternal), referent.CodeForbidden)
	_, err = h.extend(stolen, 0)
	wantCode(t, err, referent.CodeForbidden)
	for _, src := range []protocol.Source{protocol.SourceAudio, protocol.SourceTranscript, "keys"} {
		_, _, err := h.read(c.Lease, src, 0, 10)
		wantCode(t, err, referent.CodeForbidden)
	}
	_, _, err = h.read(c.Lease, protocol.SourceRecording, -1, 10)
	wantCode(t, err, referent.CodeForbidden)
	wantCode(t, h.write(c.Lease, "keys", 0, []byte("{}")), referent.CodeForbidden)
	h.do(c)
	ok(t, h.commit(c.Lease))

	_, c = h.take()
	from, to := hull(&referent.Chunk{Windows: c.Task.Recognition.Windows, Voices: c.Task.Recognition.Voices})
	if len(c.Task.Recognition.Names) != 2 {
		t.Errorf("vocabulary: %v", c.Task.Recognition.Names)
	}
	if from > 0 {
		_, _, err = h.read(c.Lease, protocol.SourceAudio, from*bytesPerSample-2, 10)
		wantCode(t, err, referent.CodeForbidden)
	}
	_, _, err = h.read(c.Lease, protocol.SourceAudio, to*bytesPerSample+2, 10)
	wantCode(t, err, referent.CodeForbidden)
	data, _, err := h.read(c.Lease, protocol.SourceAudio, to*bytesPerSample-2, 100)
	ok(t, err)
	if len(data) != 2 {
		t.Errorf("read %d bytes past the chunk", len(data)-2)
	}
	wantCode(t, h.write(c.Lease, protocol.StreamAudio, 0, []byte("x")), referent.CodeForbidden)
	wantCode(t, h.write(c.Lease, protocol.StreamResult, 0, []byte(`{"chunk":77}`)), "")
	wantCode(t, h.commit(c.Lease), referent.CodeInvalid)

	_, err = h.claim("no-such-job")
	wantCode(t, err, referent.CodeConflict)
	if j := r.job(m.ID, referent.StageTranscribe, c.Task.Recognition.Chunk); j.State != referent.JobLeased {
		t.Errorf("job: %+v", j)
	}
}

func TestBrokenResultsAreRefused(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	r.create(1000)
	h := r.hand("far/1")
	audio := noise(100)
	for _, c := range []struct {
		name, result string
		want         referent.Code
	}{
		{"not JSON", `hei`, referent.CodeInvalid},
		{"wrong type", `{"duration":"lang"}`, referent.CodeInvalid},
		{"nothing", `{}`, referent.CodeInvalid},
		{"both", `{"plan":{},"transcript":{}}`, referent.CodeInvalid},
		{"too little audio", `{"plan":{"samples":51}}`, referent.CodeConflict},
		{"window outside", `{"plan":{"samples":50,"chunks":[{"windows":[{"spans":[{"start":40,"end":60}]}]}]}}`, referent.CodeInvalid},
		{"window reversed", `{"plan":{"samples":50,"chunks":[{"windows":[{"spans":[{"start":40,"end":30}]}]}]}}`, referent.CodeInvalid},
		{"empty chunk", `{"plan":{"samples":50,"chunks":[{"windows":[]}]}}`, referent.CodeInvalid},
		{"same ids", `{"transcript":{"segments":[{"id":"s1"},{"id":"s1"}]}}`, referent.CodeInvalid},
		{"negative", `{"transcript":{},"duration":-1}`, referent.CodeInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, claim := h.take()
			ok(t, h.write(claim.Lease, protocol.StreamAudio, 0, audio))
			ok(t, h.write(claim.Lease, protocol.StreamResult, 0, []byte(c.result)))
			wantCode(t, h.commit(claim.Lease), c.want)
			ok(t, h.fail(claim.Lease, referent.CodeCancelled))
		})
	}
	_, claim := h.take()
	for off := 0; off < maxResult; off += protocol.MaxPiece {
		ok(t, h.write(claim.Lease, protocol.StreamResult, int64(off), make([]byte, protocol.MaxPiece)))
	}
	wantCode(t, h.write(claim.Lease, protocol.StreamResult, maxResult, []byte("x")), referent.CodeTooLarge)
}

func TestManyWorkersShareAMeeting(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	first := r.hand("far/0")
	first.chunks = 12
	first.one()
	var all sync.WaitGroup
	for i := range 3 {
		h := r.hand("far/" + strconv.Itoa(i+1))
		all.Go(func() {
			for range 4 {
				d, c := h.take()
				h.do(c)
				if err := h.commit(c.Lease); err != nil {
					t.Error(err)
				}
				if err := d.Ack(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	first.until(m.ID, referent.StateDraft)
	tr, err := r.p.Transcript(t.Context(), m.ID)
	ok(t, err)
	if len(tr.Segments) != 12 {
		t.Errorf("%d segments, want 12", len(tr.Segments))
	}
	r.onceEach(m.ID)
}

func TestAssemblerThatPanicsFailsTheMeetingOnly(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Assemble = func(referent.Assembly) (*referent.Transcript, *referent.Voices) {
			panic(secretSentence)
		}
	})
	m := r.create(1000)
	r.run()
	h := r.hand("far/1")
	for range 1 + h.chunks {
		h.one()
	}
	for range referent.MaxAttempts {
		r.eventually("an attempt", func() bool {
			j := r.job(m.ID, referent.StageAssemble, 0)
			return j.State == referent.JobQueued && j.Attempt > 0 && r.clock.now().Before(j.NotBefore) || j.State == referent.JobDead
		})
		r.clock.advance(time.Minute)
		ok(t, r.p.assemble(t.Context()))
	}
	if f := r.waitState(m.ID, referent.StateFailed).Failure; f.Stage != referent.StageAssemble || f.Code != referent.CodeInternal {
		t.Errorf("failure = %+v", f)
	}
	if strings.Contains(r.log.String(), secretSentence) {
		t.Error("the log holds spoken words")
	}
}

// files serves weights from a folder.
type files string

type weightsFile struct {
	*os.File
	size int64
}

func (f weightsFile) Size() int64 { return f.size }

func (dir files) Open(name string) (ModelFile, string, string, error) {
	path := filepath.Join(string(dir), name+".bin")
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, "", "", referent.E(referent.CodeModelMissing, "test: open", errors.New("not there"))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", "", err
	}
	sum := sha256.Sum256(data)
	return weightsFile{f, int64(len(data))}, name + ".bin", hex.EncodeToString(sum[:]), nil
}

func TestWeightsForWorkers(t *testing.T) {
	dir := t.TempDir()
	data := noise(protocol.MaxPiece + 1234)
	ok(t, os.WriteFile(filepath.Join(dir, "tiny.bin"), data, 0o600))
	r := newRig(t, func(c *Config) { c.Models = files(dir) })
	r.run()
	h := r.hand("far/1")
	get := func(name string, off int64) (*nats.Msg, error) {
		body, err := json.Marshal(protocol.ModelRequest{Name: name, Offset: off, Length: 2 * protocol.MaxPiece})
		ok(t, err)
		return h.ask(&nats.Msg{Subject: protocol.SubjectModel, Data: body})
	}
	var got []byte
	for {
		m, err := get("tiny", int64(len(got)))
		ok(t, err)
		sum := sha256.Sum256(data)
		if m.Header.Get(protocol.HeaderSize) != strconv.Itoa(len(data)) || m.Header.Get(protocol.HeaderName) != "tiny.bin" ||
			m.Header.Get(protocol.HeaderDigest) != hex.EncodeToString(sum[:]) {
			t.Fatalf("header: %v", m.Header)
		}
		if len(m.Data) == 0 {
			break
		}
		got = append(got, m.Data...)
	}
	if !bytes.Equal(got, data) {
		t.Error("other weights came")
	}
	_, err := get("huge", 0)
	wantCode(t, err, referent.CodeModelMissing)
	_, err = get("tiny", int64(len(data))+1)
	wantCode(t, err, referent.CodeInvalid)
}

func TestMetricsNameNobody(t *testing.T) {
	reg := prometheus.NewRegistry()
	r := newRig(t, func(c *Config) { c.Metrics = reg })
	r.run()
	m := r.create(1000)
	r.hand("far/1").until(m.ID, referent.StateDraft)
	ok(t, r.p.reconcile(t.Context()))
	families, err := reg.Gather()
	ok(t, err)
	var done float64
	for _, f := range families {
		for _, x := range f.GetMetric() {
			for _, l := range x.GetLabel() {
				if len(l.GetValue()) > 20 || strings.Contains(l.GetValue(), "far") {
					t.Errorf("%s has label %s=%s", f.GetName(), l.GetName(), l.GetValue())
				}
				if f.GetName() == "referent_jobs_total" && l.GetName() == "outcome" && l.GetValue() == "done" {
					done += x.GetCounter().GetValue()
				}
			}
		}
	}
	if done != 6 { // prepare, three chunks, assemble, minutes
		t.Errorf("%v jobs counted as done, want 6", done)
	}
	for _, secret := range []string{secretTitle, secretName, secretSentence, "hemmeligheten"} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestLanguageOfMeetingsThatDoNotSay(t *testing.T) {
	for configured, want := range map[referent.Language]referent.Language{"": referent.Bokmal, referent.Nynorsk: referent.Nynorsk} {
		r := newRig(t, func(c *Config) { c.Language = configured })
		m := newMeeting()
		ok(t, r.p.Create(t.Context(), m))
		if m.Language != want {
			t.Errorf("configured %q gives %q", configured, m.Language)
		}
	}
	r := newRig(t, nil)
	cfg := r.p.cfg
	cfg.Language = "sv"
	_, err := New(cfg)
	wantCode(t, err, referent.CodeConfig)
}

func TestCreateChecks(t *testing.T) {
	r := newRig(t, nil)
	for _, c := range []struct {
		name   string
		change func(*referent.Meeting)
		want   referent.Code
	}{
		{"fine", func(*referent.Meeting) {}, ""},
		{"no owner", func(m *referent.Meeting) { m.Owner = "" }, referent.CodeInvalid},
		{"kind", func(m *referent.Meeting) { m.Kind = "sang" }, referent.CodeInvalid},
		{"language", func(m *referent.Meeting) { m.Language = "da" }, referent.CodeInvalid},
		{"mode", func(m *referent.Meeting) { m.Options.Mode = "treg" }, referent.CodeInvalid},
		{"spoken", func(m *referent.Meeting) { m.Options.Spoken = "se" }, referent.CodeLanguage},
		{"spoken bokmål", func(m *referent.Meeting) { m.Options.Spoken = "nb" }, ""},
		{"speakers", func(m *referent.Meeting) { m.Options.Speakers = "many" }, referent.CodeInvalid},
		{"speakers range", func(m *referent.Meeting) { m.Options.Speakers = "2-5" }, ""},
		{"writer", func(m *referent.Meeting) { m.Options.Writer = "poet" }, referent.CodeInvalid},
		{"no endpoint", func(m *referent.Meeting) { m.Options.Writer = WriterLLM }, referent.CodeConfig},
		{"long title", func(m *referent.Meeting) { m.Title = strings.Repeat("å", maxText+1) }, referent.CodeInvalid},
		{"not UTF-8", func(m *referent.Meeting) { m.Place = "\xff" }, referent.CodeInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMeeting()
			c.change(m)
			wantCode(t, r.p.Create(t.Context(), m), c.want)
			if c.want == "" && (m.ID == "" || m.State != referent.StateUploading || m.Created.IsZero()) {
				t.Errorf("meeting: %+v", m)
			}
		})
	}
}
