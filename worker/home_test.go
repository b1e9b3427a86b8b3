package worker

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// homes are two servers as a worker's connection sees them: "a", which has the beginning of a stream, and "b", which
// does not.
type homes struct {
	t      *testing.T
	wire   wire
	server *nats.Conn
}

func newHomes(t *testing.T) *homes {
	t.Helper()
	dir := t.TempDir()
	keys, err := queue.LoadKeys(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	srv, err := queue.StartServer(queue.ServerConfig{Dir: filepath.Join(dir, "nats"), Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Shutdown)
	server, err := srv.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	nc, err := queue.Connect(t.Context(), queue.DialConfig{URL: srv.URL(), Creds: keys.WorkerSeed, Name: "far"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	p := normalPace
	p.reply, p.probe, p.retry, p.home = 200*time.Millisecond, 50*time.Millisecond, 20*time.Millisecond, 100*time.Millisecond
	h := &homes{t: t, wire: wire{nc: nc, pace: p}, server: server}
	h.hear(protocol.SubjectWrite, "b", func(int) (referent.Code, bool) { return referent.CodeConflict, true })
	return h
}

// hear lets a server answer, and says how it answers the nth time.
func (h *homes) hear(request, server string, how func(n int) (code referent.Code, answers bool)) *nats.Subscription {
	h.t.Helper()
	n := 0
	sub, err := h.server.Subscribe(protocol.FromAll(request), func(m *nats.Msg) {
		code, answers := how(n)
		n++
		if !answers {
			return
		}
		r := nats.NewMsg(m.Reply)
		r.Header.Set(protocol.HeaderServer, server)
		if code != "" {
			r.Header.Set(protocol.HeaderCode, string(code))
		}
		if err := m.RespondMsg(r); err != nil {
			h.t.Error(err)
		}
	})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.server.Flush(); err != nil {
		h.t.Fatal(err)
	}
	return sub
}

func (h *homes) write(at *home) error {
	_, err := h.wire.askAt(h.t.Context(), at, nats.NewMsg(protocol.SubjectWrite))
	return err
}

// A server that lives and has the stream is not left for being slow, or for saying that it cannot just now.
func TestHomeThatLivesIsKept(t *testing.T) {
	const bad = 8 // answers, which last longer than patience
	for name, how := range map[string]func(n int) (referent.Code, bool){
		"cannot now": func(n int) (referent.Code, bool) {
			if n < bad {
				return referent.CodeUnavailable, true
			}
			return "", true
		},
		"slow": func(n int) (referent.Code, bool) { return "", n >= 3 },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHomes(t)
			h.hear(protocol.At(protocol.SubjectWrite, "a"), "a", how)
			h.hear(protocol.At(protocol.SubjectPresence, "a"), "a", func(int) (referent.Code, bool) { return "", true })
			at := &home{server: "a", patience: h.wire.pace.home}
			if err := h.write(at); err != nil {
				t.Fatalf("the home that lives, and has the stream, was left: %v", err)
			}
			if _, server := at.at(protocol.SubjectWrite); server != "a" {
				t.Errorf("the home is %q", server)
			}
		})
	}
}

// One that nobody hears at is left: at once where nothing is lost, and else after patience.
func TestHomeThatIsGoneIsLeft(t *testing.T) {
	h := newHomes(t)
	began := time.Now()
	if err := h.write(&home{server: "a", patience: h.wire.pace.home}); referent.CodeOf(err) != referent.CodeConflict {
		t.Fatal(err)
	}
	if took := time.Since(began); took < h.wire.pace.home {
		t.Errorf("left after %v", took)
	}
	if err := h.write(&home{server: "a"}); referent.CodeOf(err) != referent.CodeConflict {
		t.Fatal(err)
	}
	// It dies with the request: nobody would answer that, and the probe tells.
	asked := make(chan struct{})
	sub := h.hear(protocol.At(protocol.SubjectWrite, "a"), "a", func(int) (referent.Code, bool) {
		close(asked)
		return "", false
	})
	h.wire.pace.reply = time.Minute
	go func() {
		<-asked
		_ = sub.Unsubscribe() // the test fails where it is still there
	}()
	if err := h.write(&home{server: "a", patience: h.wire.pace.home}); referent.CodeOf(err) != referent.CodeConflict {
		t.Error(err)
	}
}
