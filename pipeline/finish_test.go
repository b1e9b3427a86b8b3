package pipeline

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

func TestRecordingOfUnknownLength(t *testing.T) {
	r := newRig(t, func(c *Config) { c.MaxUpload = 1000 })
	m, u := r.begin(store.UnknownSize)
	data := noise(900)
	for off := 0; off < 900; off += 300 {
		_, err := r.p.Append(t.Context(), u.ID, int64(off), bytes.NewReader(data[off:off+300]), nil)
		ok(t, err)
		if st := r.meeting(m.ID).State; st != referent.StateUploading {
			t.Fatalf("state = %s at %d", st, off)
		}
	}
	off, err := r.p.Append(t.Context(), u.ID, 900, bytes.NewReader(noise(101)), nil)
	wantCode(t, err, referent.CodeTooLarge)
	if off != 900 {
		t.Errorf("offset = %d", off)
	}
	wantCode(t, r.p.DeclareLength(t.Context(), u.ID, 899), referent.CodeInvalid)
	wantCode(t, r.p.DeclareLength(t.Context(), u.ID, 1001), referent.CodeTooLarge)
	ok(t, r.p.DeclareLength(t.Context(), u.ID, 900))
	ok(t, r.p.DeclareLength(t.Context(), u.ID, 900)) // its reply was lost
	wantCode(t, r.p.DeclareLength(t.Context(), u.ID, 901), referent.CodeInvalid)
	r.complete(m.ID, data)
}

func TestLengthDeclaredBeforeTheLastBytes(t *testing.T) {
	r := newRig(t, nil)
	m, u := r.begin(store.UnknownSize)
	data := noise(500)
	_, err := r.p.Append(t.Context(), u.ID, 0, bytes.NewReader(data[:300]), nil)
	ok(t, err)
	ok(t, r.p.DeclareLength(t.Context(), u.ID, 500))
	if st := r.meeting(m.ID).State; st != referent.StateUploading {
		t.Fatalf("state = %s", st)
	}
	_, err = r.p.Append(t.Context(), u.ID, 300, bytes.NewReader(data[300:]), nil)
	ok(t, err)
	r.complete(m.ID, data)
}

func TestNothingWasRecorded(t *testing.T) {
	r := newRig(t, nil)
	m, u := r.begin(store.UnknownSize)
	wantCode(t, r.p.Finish(t.Context(), m.ID), referent.CodeConflict)
	ok(t, r.p.DeclareLength(t.Context(), u.ID, 0))
	if got := r.meeting(m.ID); got.State != referent.StateFailed || got.Failure.Code != referent.CodeAudioEmpty {
		t.Errorf("meeting: %+v", got)
	}
}

func TestFinishTakesWhatCame(t *testing.T) {
	for name, size := range map[string]int64{"of unknown length": store.UnknownSize, "of a file": 1000} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			m, orphan := r.begin(70)
			u, err := r.p.BeginUpload(t.Context(), m.ID, m.Owner, size)
			ok(t, err)
			pr, pw := io.Pipe()
			first := make(chan error, 1)
			go func() {
				_, err := r.p.Append(t.Context(), u.ID, 0, pr, nil)
				first <- err
			}()
			_, err = pw.Write(noise(400)) // Append has the lock now
			ok(t, err)
			wantCode(t, r.p.Finish(t.Context(), m.ID), referent.CodeConflict)
			ok(t, pw.Close())
			ok(t, <-first)

			r.clock.advance(59 * time.Second)
			wantCode(t, r.p.Finish(t.Context(), m.ID), referent.CodeLiveUpload) // somebody is still recording
			_, err = r.p.Append(t.Context(), u.ID, 400, bytes.NewReader(noise(500)[400:]), nil)
			ok(t, err)
			r.clock.advance(59 * time.Second)
			wantCode(t, r.p.Finish(t.Context(), m.ID), referent.CodeLiveUpload)
			r.clock.advance(time.Second)
			ok(t, r.p.Finish(t.Context(), m.ID))
			r.complete(m.ID, noise(500))
			wantCode(t, r.p.Finish(t.Context(), m.ID), referent.CodeConflict)
			for _, id := range []string{u.ID, orphan.ID} {
				off, err := r.p.Append(t.Context(), id, 0, bytes.NewReader(noise(10)), nil)
				wantCode(t, err, referent.CodeConflict)
				if id == u.ID && off != 500 {
					t.Errorf("offset = %d", off)
				}
			}
			r.complete(m.ID, noise(500))
		})
	}
}

// A tab that never came back: what came is not lost, and nobody need do anything.
func TestRecordingLeftAloneIsFinished(t *testing.T) {
	r := newRig(t, func(c *Config) { c.UploadTTL = time.Hour })
	m, u := r.begin(store.UnknownSize)
	_, err := r.p.Append(t.Context(), u.ID, 0, bytes.NewReader(noise(400)), nil)
	ok(t, err)
	r.clock.advance(59 * time.Minute)
	ok(t, r.p.reconcile(t.Context()))
	if st := r.meeting(m.ID).State; st != referent.StateUploading {
		t.Fatalf("state = %s", st)
	}
	r.clock.advance(time.Minute)
	wantCode(t, r.p.DeclareLength(t.Context(), u.ID, 400), referent.CodeNotFound)
	ok(t, r.p.reconcile(t.Context()))
	r.complete(m.ID, noise(400))
	ok(t, r.p.reconcile(t.Context()))
	_, err = r.db.Upload(t.Context(), u.ID)
	wantCode(t, err, referent.CodeNotFound)
	r.complete(m.ID, noise(400))
}

func TestKindsThatMustBeToldOf(t *testing.T) {
	r := newRig(t, func(c *Config) { c.MustTell = []string{string(referent.KindProtocol)} })
	for _, kind := range []referent.Kind{referent.KindReferat, referent.KindProtocol} {
		m := newMeeting()
		m.Kind, m.Told = kind, nil
		err := r.p.Create(t.Context(), m)
		if kind == referent.KindReferat {
			ok(t, err)
			continue
		}
		wantCode(t, err, referent.CodeInvalid)
		m.Told = &referent.Told{By: m.Owner}
		ok(t, r.p.Create(t.Context(), m))
		if got := r.meeting(m.ID).Told; got == nil || got.By != m.Owner || !got.At.Equal(m.Created) {
			t.Errorf("told: %+v", got)
		}
	}
}
