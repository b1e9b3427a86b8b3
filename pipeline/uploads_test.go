package pipeline

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob/faulty"
	"github.com/referent/referent/worker/protocol"
)

// begin makes a meeting and an upload of n bytes.
func (r *rig) begin(n int64) (*referent.Meeting, *store.Upload) {
	r.t.Helper()
	m := newMeeting()
	ok(r.t, r.p.Create(context.Background(), m))
	u, err := r.p.BeginUpload(context.Background(), m.ID, m.Owner, n)
	ok(r.t, err)
	return m, u
}

// complete holds that the meeting has data as its recording, and that its work has begun.
func (r *rig) complete(meeting string, data []byte) {
	r.t.Helper()
	m := r.meeting(meeting)
	sum := sha256.Sum256(data)
	if m.Recording == nil || m.Recording.SHA256 != hex.EncodeToString(sum[:]) || m.Recording.Size != int64(len(data)) {
		r.t.Fatalf("recording = %+v in state %s", m.Recording, m.State)
	}
	rec, err := r.p.Recording(context.Background(), meeting)
	ok(r.t, err)
	got, err := io.ReadAll(io.NewSectionReader(rec, 0, rec.Size()))
	ok(r.t, errors.Join(err, rec.Close()))
	if !bytes.Equal(got, data) {
		r.t.Fatal("the recording is not what was uploaded")
	}
	if j := r.job(meeting, referent.StagePrepare, 0); j.State != referent.JobQueued {
		r.t.Fatalf("job: %+v", j)
	}
	r.noStrayBlobs(meeting)
}

// noStrayBlobs holds that every blob of the meeting has a row.
func (r *rig) noStrayBlobs(meeting string) {
	r.t.Helper()
	ctx := context.Background()
	rows := map[string]bool{}
	parts, err := r.db.Parts(ctx, meeting)
	ok(r.t, err)
	for _, p := range parts {
		rows[p.Blob] = true
	}
	arts, err := r.db.Artifacts(ctx, meeting)
	ok(r.t, err)
	for _, a := range arts {
		rows[a.Blob] = true
	}
	kept, err := r.db.Checkpoints(ctx, meeting)
	ok(r.t, err)
	for _, c := range kept {
		rows[c.Blob] = true
	}
	names, err := r.folder.List(ctx, meeting)
	ok(r.t, err)
	if len(names) != len(rows) {
		r.t.Errorf("%d blobs, %d rows", len(names), len(rows))
	}
	for _, n := range names {
		if !rows[n] {
			r.t.Errorf("blob without a row: %s", n)
		}
	}
}

func TestUploadOfManyParts(t *testing.T) {
	r := newRig(t, nil)
	data := noise(2*partSize + 4321)
	m, u := r.begin(int64(len(data)))
	off, err := r.p.Append(t.Context(), u.ID, 0, bytes.NewReader(data), nil)
	ok(t, err)
	if off != int64(len(data)) {
		t.Fatalf("offset = %d", off)
	}
	parts, err := r.db.Parts(t.Context(), m.ID)
	ok(t, err)
	if len(parts) != 3 {
		t.Errorf("%d parts", len(parts))
	}
	r.complete(m.ID, data)
	off, err = r.p.Append(t.Context(), u.ID, off, bytes.NewReader(nil), nil) // its reply was lost
	if err != nil || off != int64(len(data)) {
		t.Errorf("once more: %d, %v", off, err)
	}
}

func TestRecordingReadsAnywhereWithFewFilesOpen(t *testing.T) {
	r := newRig(t, nil)
	data := noise(10_000)
	m, u := r.begin(int64(len(data)))
	for off := 0; off < len(data); off += 500 {
		_, err := r.p.Append(t.Context(), u.ID, int64(off), bytes.NewReader(data[off:off+500]), nil)
		ok(t, err)
	}
	rec, err := r.p.Recording(t.Context(), m.ID)
	ok(t, err)
	defer func() { ok(t, rec.Close()) }()
	ok(t, iotest.TestReader(io.NewSectionReader(rec, 0, rec.Size()), data))
	if n := len(rec.(*recording).open); n > maxOpenParts {
		t.Errorf("%d parts are open", n)
	}
	if _, err := rec.ReadAt(make([]byte, 10), int64(len(data))-3); !errors.Is(err, io.EOF) {
		t.Errorf("past the end: %v", err)
	}
}

func TestBrokenConnectionKeepsWhatCame(t *testing.T) {
	r := newRig(t, nil)
	data := noise(100_000)
	m, u := r.begin(int64(len(data)))
	broken := errors.New("connection reset")
	ctx, hangUp := context.WithCancel(t.Context())
	off, err := r.p.Append(ctx, u.ID, 0, io.MultiReader(bytes.NewReader(data[:33_333]),
		readerFunc(func([]byte) (int, error) { hangUp(); return 0, broken })), nil)
	if !errors.Is(err, broken) || off != 33_333 {
		t.Fatalf("offset %d, error %v", off, err)
	}
	r.restart()
	off, err = r.p.Append(t.Context(), u.ID, off, bytes.NewReader(data[off:]), nil)
	ok(t, err)
	if off != int64(len(data)) {
		t.Fatalf("offset %d", off)
	}
	r.complete(m.ID, data)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestAppendRefusals(t *testing.T) {
	r := newRig(t, nil)
	ctx := t.Context()
	m, u := r.begin(1000)
	_, err := r.p.Append(ctx, u.ID, 10, bytes.NewReader(noise(10)), nil)
	wantCode(t, err, referent.CodeConflict)
	if !errors.Is(err, ErrOffset) {
		t.Errorf("error = %v", err)
	}
	off, err := r.p.Append(ctx, u.ID, 0, bytes.NewReader(noise(1001)), nil)
	wantCode(t, err, referent.CodeTooLarge)
	if off != 0 {
		t.Errorf("offset = %d", off)
	}
	r.noStrayBlobs(m.ID)
	_, err = r.p.Append(ctx, "nobody", 0, bytes.NewReader(nil), nil)
	wantCode(t, err, referent.CodeNotFound)

	pr, pw := io.Pipe()
	first := make(chan error, 1)
	go func() {
		_, err := r.p.Append(ctx, u.ID, 0, pr, nil)
		first <- err
	}()
	_, err = pw.Write(noise(10)) // the first Append has the lock now
	ok(t, err)
	_, err = r.p.Append(ctx, u.ID, 0, bytes.NewReader(noise(10)), nil)
	if !errors.Is(err, ErrLocked) {
		t.Errorf("error = %v", err)
	}
	ok(t, pw.Close())
	ok(t, <-first)
	_, err = r.p.BeginUpload(ctx, m.ID, m.Owner, 5)
	wantCode(t, err, referent.CodeConflict)
	_, err = r.p.BeginUpload(ctx, m.ID, m.Owner, -2)
	wantCode(t, err, referent.CodeInvalid)
}

func TestTwoUploadsOfOneMeetingDoNotMix(t *testing.T) {
	r := newRig(t, nil)
	m, one := r.begin(100)
	two, err := r.p.BeginUpload(t.Context(), m.ID, m.Owner, 50)
	ok(t, err)
	_, err = r.p.Append(t.Context(), one.ID, 0, bytes.NewReader(noise(60)), nil)
	ok(t, err)
	_, err = r.p.Append(t.Context(), two.ID, 0, bytes.NewReader(noise(50)), nil)
	wantCode(t, err, referent.CodeConflict)
	r.noStrayBlobs(m.ID)
	_, err = r.p.Append(t.Context(), one.ID, 60, bytes.NewReader(noise(100)[60:]), nil)
	ok(t, err)
	r.complete(m.ID, noise(100))
}

func TestChecksum(t *testing.T) {
	data := noise(50_000)
	s1, s2, s5 := sha1.Sum(data), sha256.Sum256(data), md5.Sum(data)
	for _, c := range []struct {
		name string
		sum  Checksum
		good bool
	}{
		{"sha1", Checksum{"sha1", s1[:]}, true},
		{"sha256", Checksum{"sha256", s2[:]}, true},
		{"md5", Checksum{"md5", s5[:]}, true},
		{"wrong", Checksum{"sha1", s1[1:]}, false},
		{"empty", Checksum{"sha256", nil}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, nil)
			m, u := r.begin(int64(len(data)))
			off, err := r.p.Append(t.Context(), u.ID, 0, bytes.NewReader(data), &c.sum)
			if c.good {
				ok(t, err)
				r.complete(m.ID, data)
				return
			}
			if !errors.Is(err, ErrChecksum) || off != 0 {
				t.Fatalf("offset %d, error %v", off, err)
			}
			r.noStrayBlobs(m.ID)
			_, err = r.p.Append(t.Context(), u.ID, 0, bytes.NewReader(data), nil)
			ok(t, err)
			r.complete(m.ID, data)
		})
	}
	t.Run("broken off", func(t *testing.T) {
		r := newRig(t, nil)
		m, u := r.begin(int64(len(data)))
		off, err := r.p.Append(t.Context(), u.ID, 0, io.MultiReader(bytes.NewReader(data[:100]),
			iotest.ErrReader(io.ErrUnexpectedEOF)), &Checksum{"sha1", s1[:]})
		if err == nil || off != 0 {
			t.Fatalf("offset %d, error %v", off, err)
		}
		r.noStrayBlobs(m.ID)
	})
	t.Run("unknown algorithm", func(t *testing.T) {
		r := newRig(t, nil)
		_, u := r.begin(10)
		_, err := r.p.Append(t.Context(), u.ID, 0, bytes.NewReader(noise(10)), &Checksum{"crc7", []byte{1}})
		wantCode(t, err, referent.CodeInvalid)
	})
}

func TestDiskFullDuringUpload(t *testing.T) {
	r := newRig(t, nil)
	data := noise(partSize + 500_000)
	m, u := r.begin(int64(len(data)))
	r.bucket.Break(faulty.DiskFull(partSize + 200_000))
	off, err := r.p.Append(t.Context(), u.ID, 0, bytes.NewReader(data), nil)
	wantCode(t, err, referent.CodeDiskFull)
	if off != partSize {
		t.Fatalf("offset = %d, want the first part's end", off)
	}
	stored, err := r.db.Upload(t.Context(), u.ID)
	ok(t, err)
	if stored.Offset != off {
		t.Fatalf("stored offset = %d", stored.Offset)
	}
	r.noStrayBlobs(m.ID)
	r.bucket.Heal()
	_, err = r.p.Append(t.Context(), u.ID, off, bytes.NewReader(data[off:]), nil)
	ok(t, err)
	r.complete(m.ID, data)
}

func TestDiskFullDuringWork(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	_, c := h.take()
	r.bucket.Break(faulty.DiskFull(0))
	ok(t, h.write(c.Lease, protocol.StreamResult, 0, []byte(`{"transcript":{},"duration":1}`)))
	wantCode(t, h.commit(c.Lease), referent.CodeDiskFull)
	r.bucket.Heal()
	ok(t, h.commit(c.Lease)) // asked again, with room: nothing was lost
	if st := r.meeting(m.ID).State; st != referent.StateTranscribed {
		t.Fatalf("state = %s", st)
	}
	r.noStrayBlobs(m.ID)
}

func TestEmptyRecordingStaysVisible(t *testing.T) {
	r := newRig(t, nil)
	m, _ := r.begin(0)
	got := r.meeting(m.ID)
	if got.State != referent.StateFailed || got.Failure == nil || got.Failure.Code != referent.CodeAudioEmpty {
		t.Fatalf("meeting: %+v", got)
	}
	wantCode(t, r.p.Retry(t.Context(), m.ID, RetryOptions{}), referent.CodeConflict)
	u, err := r.p.BeginUpload(t.Context(), m.ID, m.Owner, 10) // the right file this time
	ok(t, err)
	_, err = r.p.Append(t.Context(), u.ID, 0, bytes.NewReader(noise(10)), nil)
	ok(t, err)
	r.complete(m.ID, noise(10))
}

func TestExpiredUploadFailsItsMeetingAndKeepsWhatCame(t *testing.T) {
	r := newRig(t, func(c *Config) { c.UploadTTL = time.Hour })
	ctx := t.Context()
	m, u := r.begin(1000)
	_, err := r.p.Append(ctx, u.ID, 0, bytes.NewReader(noise(400)), nil)
	ok(t, err)
	r.clock.advance(59 * time.Minute)
	ok(t, r.p.reconcile(ctx))
	if st := r.meeting(m.ID).State; st != referent.StateUploading {
		t.Fatalf("state = %s", st)
	}
	r.clock.advance(time.Minute)
	_, err = r.p.Append(ctx, u.ID, 400, bytes.NewReader(noise(10)), nil)
	wantCode(t, err, referent.CodeNotFound)
	ok(t, r.p.reconcile(ctx))
	got := r.meeting(m.ID)
	if got.State != referent.StateFailed || got.Failure.Code != referent.CodeTimeout {
		t.Fatalf("meeting: %+v", got)
	}
	_, err = r.db.Upload(ctx, u.ID)
	wantCode(t, err, referent.CodeNotFound)
	ok(t, r.p.Retry(ctx, m.ID, RetryOptions{}))
	r.complete(m.ID, noise(400))
}

func TestFinishedUploadOutlivesItsRow(t *testing.T) {
	r := newRig(t, nil)
	m := r.create(100)
	r.clock.advance(48 * time.Hour)
	ok(t, r.p.reconcile(t.Context()))
	r.complete(m.ID, noise(100))
}

func TestAbortUpload(t *testing.T) {
	r := newRig(t, nil)
	m, u := r.begin(1000)
	_, err := r.p.Append(t.Context(), u.ID, 0, bytes.NewReader(noise(400)), nil)
	ok(t, err)
	ok(t, r.p.AbortUpload(t.Context(), u.ID))
	if st := r.meeting(m.ID).State; st != referent.StateCancelled {
		t.Fatalf("state = %s", st)
	}
	_, err = r.p.Append(t.Context(), u.ID, 400, bytes.NewReader(noise(10)), nil)
	wantCode(t, err, referent.CodeNotFound)
	ok(t, r.p.Retry(t.Context(), m.ID, RetryOptions{}))
	r.complete(m.ID, noise(400))
}

// A client that does not hear of the upload it began begins another. The end of the one left behind is
// not the end of the meeting.
func TestOrphanedUploadDoesNotEndItsMeeting(t *testing.T) {
	for name, end := range map[string]func(*rig, *store.Upload) error{
		"aborted": func(r *rig, u *store.Upload) error { return r.p.AbortUpload(t.Context(), u.ID) },
		"expired": func(r *rig, u *store.Upload) error {
			r.clock.advance(time.Hour) // the other one had its bytes later
			return r.p.reconcile(t.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			m, orphan := r.begin(1000)
			r.clock.advance(23*time.Hour + time.Minute)
			u, err := r.p.BeginUpload(t.Context(), m.ID, m.Owner, 1000)
			ok(t, err)
			_, err = r.p.Append(t.Context(), u.ID, 0, bytes.NewReader(noise(400)), nil)
			ok(t, err)
			ok(t, end(r, orphan))
			_, err = r.db.Upload(t.Context(), orphan.ID)
			wantCode(t, err, referent.CodeNotFound)
			if st := r.meeting(m.ID).State; st != referent.StateUploading {
				t.Fatalf("state = %s", st)
			}
			_, err = r.p.Append(t.Context(), u.ID, 400, bytes.NewReader(noise(1000)[400:]), nil)
			ok(t, err)
			r.complete(m.ID, noise(1000))
		})
	}
}

func TestCancelledMeetingTakesNoMoreBytes(t *testing.T) {
	r := newRig(t, nil)
	m, u := r.begin(1000)
	ok(t, r.p.Cancel(t.Context(), m.ID))
	_, err := r.p.Append(t.Context(), u.ID, 0, bytes.NewReader(noise(10)), nil)
	wantCode(t, err, referent.CodeConflict)
	r.noStrayBlobs(m.ID)
}

// However an upload is cut up, broken off and taken up again, what is stored is what was sent.
func TestUploadHoweverBroken(t *testing.T) {
	r := newRig(t, nil)
	rapid.Check(t, func(t *rapid.T) {
		data := noise(rapid.IntRange(1, 5000).Draw(t, "size"))
		m, u := r.begin(int64(len(data)))
		off := int64(0)
		for off < int64(len(data)) {
			n := rapid.Int64Range(0, int64(len(data))-off).Draw(t, "piece")
			piece := data[off : off+n]
			var body io.Reader = bytes.NewReader(piece)
			var sum *Checksum
			want := off + n
			switch rapid.SampledFrom([]string{"whole", "broken", "summed", "wrong sum", "disk"}).Draw(t, "how") {
			case "broken":
				body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
			case "summed":
				s := sha1.Sum(piece)
				sum = &Checksum{"sha1", s[:]}
			case "wrong sum":
				sum, want = &Checksum{"sha1", make([]byte, 20)}, off
			case "disk":
				if n > 0 {
					r.bucket.Break(faulty.FailOnce(faulty.OpCommit, referent.E(referent.CodeDiskFull, "test", nil)))
					want = off
				}
			}
			got, err := r.p.Append(context.Background(), u.ID, off, body, sum)
			r.bucket.Heal()
			if got != want {
				t.Fatalf("offset %d, want %d (error %v)", got, want, err)
			}
			off = got
		}
		r.complete(m.ID, data)
	})
}
