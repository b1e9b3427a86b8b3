package pipeline

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// FuzzRequests sends anything to every subject that a worker may ask, with a worker's rights and, in turn, the lease of a
// job that it has, one that it has not, and none. The server answers each, never that it failed, and never with a word
// of a meeting that the worker has no lease for.
func FuzzRequests(f *testing.F) {
	r := newRig(f, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(io.Discard, nil)) })
	r.run()
	other := r.create(1000) // its job is nobody's
	h := r.hand("far/1")
	d, _ := h.take()
	theirs := protocol.Lease{Job: r.job(other.ID, referent.StagePrepare, 0).ID, Epoch: 1, Token: strings.Repeat("x", 43)}
	ok(f, d.Ack(f.Context()))
	plain := &referent.Meeting{Owner: "user-2", Title: "Uten navn"}
	r.upload(plain, 1000)
	_, claimed := h.take()
	mine := claimed.Lease

	subjects := []string{protocol.SubjectClaim, protocol.SubjectExtend, protocol.SubjectRead, protocol.SubjectWrite, protocol.SubjectCommit,
		protocol.SubjectFail, protocol.SubjectPartial, protocol.SubjectPresence, protocol.SubjectCheckpoint, protocol.SubjectRecall, protocol.SubjectModel}
	leases := []protocol.Lease{mine, theirs, {Job: mine.Job, Epoch: mine.Epoch + 1, Token: mine.Token}, {Job: theirs.Job, Epoch: mine.Epoch, Token: mine.Token}, {}}
	for i := range subjects {
		for k, l := range leases {
			for _, body := range []any{
				protocol.ClaimRequest{Job: l.Job, Worker: h.name},
				protocol.ReadRequest{Lease: l, Source: protocol.SourceRecording, Offset: 0, Length: 100},
				protocol.ReadRequest{Lease: l, Source: protocol.SourceTranscript, Offset: -1, Length: 1 << 30},
				protocol.PartialRequest{Lease: l, Seq: 1, Partial: referent.Partial{}},
				protocol.FailRequest{Lease: l, Code: referent.CodeAudioUnreadable, Detail: "x"},
				protocol.ExtendRequest{Lease: l, Progress: 0.5}, protocol.CommitRequest{Lease: l},
				protocol.Presence{Worker: h.name, Stages: referent.Stages, Threads: 1, Device: "cpu", Since: time.Unix(1, 0)},
				protocol.ModelRequest{}, []int{1},
			} {
				data, err := json.Marshal(body)
				ok(f, err)
				f.Add(uint8(i), uint8(k), "result", "0", data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, subject, lease uint8, stream, offset string, data []byte) {
		r.t, h.t = t, t
		defer func() { r.t, h.t = f, f }()
		l := leases[int(lease)%len(leases)]
		request := subjects[int(subject)%len(subjects)]
		m := nats.NewMsg(protocol.From(queue.KeyOf(h.nc), request))
		m.Data = data[:min(len(data), protocol.MaxPiece)]
		clean := strings.NewReplacer("\r", "", "\n", "")
		m.Header[protocol.HeaderLease] = []string{l.String()}
		m.Header[protocol.HeaderStream] = []string{clean.Replace(stream)}
		m.Header[protocol.HeaderKey] = []string{clean.Replace(stream)}
		m.Header[protocol.HeaderOffset] = []string{clean.Replace(offset)}
		reply, err := h.nc.RequestMsg(m, patience)
		if err != nil {
			t.Fatalf("%s: %v", m.Subject, err)
		}
		if code := referent.Code(reply.Header.Get(protocol.HeaderCode)); code == referent.CodeInternal {
			t.Errorf("%s: %s", m.Subject, reply.Header.Get(protocol.HeaderDetail))
		}
		// A claim of a job that waits is granted, with what is said of its meeting.
		granted := request == protocol.SubjectClaim && reply.Header.Get(protocol.HeaderCode) == ""
		for _, word := range []string{secretTitle, secretName, secretSentence} {
			if !granted && (bytes.Contains(reply.Data, []byte(word)) || strings.Contains(reply.Header.Get(protocol.HeaderDetail), word)) {
				t.Errorf("%s tells a word of another's meeting", m.Subject)
			}
		}
	})
}
