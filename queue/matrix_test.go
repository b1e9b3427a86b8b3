package queue_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
)

// streams are all that there are: one of each stage, and what JetStream says itself.
func streams() (all []string) {
	for _, s := range queue.Stages {
		all = append(all, "JOBS_"+strings.ToUpper(string(s)))
	}
	return append(all, "JOBS_ADVISORIES")
}

// jetStreamAPI reads every subject of JetStream's and the server's own API out of nats-server's source, so that what
// the next release adds is tried too. Each is a pattern of fmt, or has stars.
func jetStreamAPI(t *testing.T) (all []string) {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/nats-io/nats-server/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "server")
	for _, name := range []string{"jetstream_api.go", "events.go", "stream.go", "consumer.go", "auth_callout.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				s, err := strconv.Unquote(lit.Value)
				if err == nil && regexp.MustCompile(`^\$(JS|SYS|KV)\.[A-Za-z0-9_.$%*>-]+$`).MatchString(s) && !strings.HasSuffix(s, ".") {
					all = append(all, s)
				}
			}
			return true
		})
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// filled writes every stream and consumer of ours into the places of an API's pattern.
func filled(pattern string) (all []string) {
	pattern = strings.ReplaceAll(strings.ReplaceAll(pattern, "%d", "1"), "%v", "%s")
	t := strings.Split(pattern, ".")
	for _, stream := range streams() {
		for _, consumer := range []string{"any-inter", "any-bulk", "other"} {
			at := 0
			out := slices.Clone(t)
			for i, token := range out {
				switch token {
				case "%s", "*", ">":
					out[i] = []string{stream, consumer, "x"}[min(at, 2)]
					at++
				}
			}
			all = append(all, strings.Join(out, "."))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// granted reports whether a subject is within a list of patterns.
func granted(subject string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		want, have := strings.Split(p, "."), strings.Split(subject, ".")
		for i, w := range want {
			switch {
			case w == ">":
				return len(have) > i
			case i >= len(have) || w != "*" && w != have[i]:
				return false
			}
		}
		return len(want) == len(have)
	})
}

// Every subject that the program or JetStream knows is tried with a worker's key, by publishing and by subscribing:
// what [queue.WorkerPermissions] does not list is refused, and that list is the one that is written here.
func TestPermissionMatrix(t *testing.T) {
	p := newPlace(t)
	p.queue()
	other := p.worker() // another connection with the same key
	stranger, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	their, err := stranger.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	nc := p.worker()
	key := queue.KeyOf(nc)
	own := strings.Split(nc.NewInbox(), ".")
	publish, subscribe := queue.WorkerPermissions(key, own[2], nil)
	var want []string
	for _, stage := range []string{"PREPARE", "TRANSCRIBE", "MINUTES", "LIVE"} {
		for _, consumer := range []string{"any-inter", "any-bulk"} {
			want = append(want, "$JS.API.CONSUMER.INFO.JOBS_"+stage+"."+consumer, "$JS.API.CONSUMER.MSG.NEXT.JOBS_"+stage+"."+consumer,
				"$JS.ACK.JOBS_"+stage+"."+consumer+".>")
		}
	}
	want = append(want, "work."+key+".*")
	slices.Sort(want)
	slices.Sort(publish)
	if !slices.Equal(publish, want) {
		t.Errorf("a worker publishes to\n%q, want\n%q", publish, want)
	}
	if want := []string{"_INBOX_worker." + key + "." + own[2] + ".>", "cancel.*", "work.ready"}; !slices.Equal(subscribe, want) {
		t.Errorf("a worker subscribes to %q, want %q", subscribe, want)
	}

	subjects := []string{"work.ready", "work." + their + ".read", "work." + their + ".commit", "work.*.read", "work.x", "cancel.a",
		"_INBOX.x", "_INBOX_worker.x", other.NewInbox(), "_INBOX_worker." + their + ".x.y", "work." + key, "work." + key + ".a.b",
		"$JS.ACK.JOBS_PREPARE.other.1.1.1.1.1", "$JS.ACK.JOBS_ADVISORIES.any-bulk.1.1.1.1.1", "$JS.ACK._.x.JOBS_PREPARE.any-bulk.1.1.1.1.1",
		"work." + key + ".claim", "work." + key + ".read", "work." + key + ".read-b", "work." + their + ".read-b", "work.read-b",
		"server.wake.events", "server.wake.queued", "server.wake.taken", "server.wake.left", "server.live.heard", "server.live.forgotten", "server.live.ended", "server.x"}
	for _, stage := range queue.Stages {
		subjects = append(subjects, queue.SubjectOf(queue.Message{Job: "b", Stage: stage, Priority: referent.PriorityBulk}))
	}
	api := jetStreamAPI(t)
	if len(api) < 50 {
		t.Fatalf("only %d subjects of JetStream's were found", len(api))
	}
	for _, a := range api {
		subjects = append(subjects, filled(a)...)
	}
	refused := violations(nc)
	tried, let := 0, 0
	for _, subject := range subjects {
		if strings.ContainsAny(subject, "*>% ") {
			continue // not to publish at
		}
		tried++
		if granted(subject, publish) {
			let++
			continue
		}
		if err := nc.PublishRequest(subject, nc.NewInbox(), []byte("{}")); err != nil {
			t.Fatal(err)
		}
		expectRefused(t, refused, subject)
	}
	t.Logf("%d subjects, %d of them granted", tried, let)
	if let < 8 {
		t.Errorf("only %d subjects are granted: the list is not what JetStream speaks of", let)
	}
	for _, subject := range append(subjects, ">", "*", "*.>", "job.>", "work.>", "work.*", "work.*.*", "_INBOX.>", "_INBOX_worker.>", "_INBOX_worker.*.*.>",
		"_INBOX_worker."+key+".>", "_INBOX_worker."+key+".*.>", "cancel.>", "$JS.>", "$JS.API.>", "$JS.EVENT.>", "$SYS.>", "$JS.ACK.>", "$KV.>", "$O.>",
		"server.>", "server.*.*", "server.wake.*", "server.live.*", "*.live.heard") {
		if granted(subject, subscribe) || strings.Contains(subject, "%") {
			continue
		}
		sub, err := nc.SubscribeSync(subject)
		if err != nil {
			t.Fatal(err)
		}
		expectRefused(t, refused, subject)
		_ = sub.Unsubscribe() // it was never there
	}
}

// JetStream answers at whatever subject the asker names, with the rights of the account: so a worker's key reaches the
// queue's streams, and does harm there. It stays harm to the queue: a cancellation or a job that is made so names no job
// that the database knows, and what is gone comes back, with what it held; package pipeline tests that end to end.
func TestPullIsNoWayAround(t *testing.T) {
	asks := map[string]func(nc *nats.Conn, reply string) error{
		"a message": func(nc *nats.Conn, reply string) error {
			return nc.PublishRequest("$JS.API.CONSUMER.MSG.NEXT.JOBS_TRANSCRIBE.any-bulk", reply, []byte(`{"batch":1,"no_wait":true}`))
		},
		"nothing": func(nc *nats.Conn, reply string) error {
			return nc.PublishRequest("$JS.API.CONSUMER.MSG.NEXT.JOBS_PREPARE.any-bulk", reply, []byte(`{"batch":1,"no_wait":true}`))
		},
		"info": func(nc *nats.Conn, reply string) error {
			return nc.PublishRequest("$JS.API.CONSUMER.INFO.JOBS_TRANSCRIBE.any-bulk", reply, nil)
		},
	}
	for _, mode := range []string{"inside", "cluster"} {
		t.Run(mode, func(t *testing.T) {
			var q *queue.Queue
			var server, nc *nats.Conn
			if mode == "inside" {
				p := newPlace(t)
				q, server = p.queue()
				nc = p.worker()
			} else {
				c := newCluster(t)
				far := newEnrolled(t)
				_, server = c.open(far.admit)
				q = c.queue(server)
				var err error
				if nc, err = c.dial(c.urls(), far); err != nil {
					t.Fatal(err)
				}
			}
			jobs := []queue.Message{bulk("a", 1), bulk("b", 1), bulk("c", 1)}
			told, err := server.SubscribeSync(queue.SubjectCancelPrefix + "*")
			if err != nil {
				t.Fatal(err)
			}
			if err := server.Flush(); err != nil {
				t.Fatal(err)
			}
			for with, ask := range asks {
				for _, reply := range []string{"$JS.API.STREAM.DELETE.JOBS_TRANSCRIBE", "$JS.API.STREAM.PURGE.JOBS_TRANSCRIBE",
					"$JS.API.CONSUMER.DELETE.JOBS_TRANSCRIBE.any-bulk", "job.minutes.any.bulk.forged", "cancel.forged"} {
					for _, m := range jobs {
						if err := q.Publish(soon(t), m); err != nil {
							t.Fatalf("%s, %s: published anew: %v", with, reply, err)
						}
					}
					before, err := q.Generation(soon(t))
					if err != nil {
						t.Fatal(err)
					}
					if err := errors.Join(ask(nc, reply), nc.Flush()); err != nil {
						t.Fatal(err)
					}
					time.Sleep(300 * time.Millisecond)
					after, err := q.Generation(soon(t)) // heals streams
					if err != nil {
						t.Fatalf("%s, %s: %v", with, reply, err)
					}
					counts, err := q.Pending(soon(t)) // heals consumers
					if err != nil {
						t.Fatalf("%s, %s: %v", with, reply, err)
					}
					c := counts[referent.StageTranscribe]
					if whole := c.Queued+c.InFlight == len(jobs); !whole && before == after && c.Queued+c.InFlight > 0 {
						t.Errorf("%s, %s: neither all nor none: %+v", with, reply, c)
					}
					// A job that was made out of nothing has an id alone, which no claim finds.
					if c := counts[referent.StageMinutes]; c.Queued+c.InFlight > 1 {
						t.Errorf("%s, %s: %+v jobs out of nothing", with, reply, c)
					}
					_, err = told.NextMsg(50 * time.Millisecond)
					if heard := err == nil; heard != (reply == "cancel.forged") {
						t.Errorf("%s, %s: workers heard of a cancellation: %v", with, reply, heard)
					}
				}
			}
			// Whatever was done, what is published now is pulled, once.
			for _, m := range jobs {
				if err := q.Publish(soon(t), m); err != nil {
					t.Fatal(err)
				}
			}
			pull, err := queue.NewPuller(soon(t), nc, []referent.Stage{referent.StageTranscribe})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			for range jobs {
				d := next(t, pull)
				got[d.Job]++
				if err := d.Ack(soon(t)); err != nil {
					t.Error(err)
				}
			}
			for _, m := range jobs {
				if got[m.Job] != 1 {
					t.Errorf("%s came %d times", m.Job, got[m.Job])
				}
			}
			nothing(t, pull)
			if err := pull.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// No NATS subject is written anywhere but where the lists are: whoever adds one meets the matrix.
func TestSubjectsStandInOnePlace(t *testing.T) {
	lists := []string{"queue/message.go", "queue/auth.go", "queue/queue.go", "queue/cluster.go", "queue/callout.go", "queue/config.go", "worker/protocol/protocol.go",
		"pipeline/peers.go"}
	subject := regexp.MustCompile(`^(work|job)\.[a-z%*>]|^server\.(wake|live|[*>])|^cancel\.[%*>]?$|^_INBOX|^\$(JS|SYS|KV|O|SRV)\.`)
	calls := regexp.MustCompile(`^(Publish|PublishMsg|PublishRequest|Request|RequestMsg|RequestWithContext|Subscribe|SubscribeSync|QueueSubscribe|QueueSubscribeSync|ChanSubscribe)$`)
	found := 0
	for _, folder := range []string{"queue", "worker", "worker/protocol", "pipeline", "cmd/referent", "web", "client"} {
		files, err := filepath.Glob(filepath.Join("..", folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", folder, err)
		}
		for _, path := range files {
			name := strings.TrimPrefix(filepath.ToSlash(path), "../")
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BasicLit:
					s, err := strconv.Unquote(n.Value)
					if n.Kind != token.STRING || err != nil || !subject.MatchString(s) {
						break
					}
					found++
					if !slices.Contains(lists, name) {
						t.Errorf("%s names the subject %q; write it in queue or worker/protocol, where the permissions are", name, s)
					}
				case *ast.CallExpr:
					sel, ok := n.Fun.(*ast.SelectorExpr)
					if !ok || !calls.MatchString(sel.Sel.Name) || len(n.Args) == 0 {
						break
					}
					if lit, ok := n.Args[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
						t.Errorf("%s sends to the literal %s", name, lit.Value)
					}
				}
				return true
			})
		}
	}
	if found < 10 {
		t.Errorf("only %d subjects were found: the search is broken", found)
	}
}

func TestKeyOf(t *testing.T) {
	p := newPlace(t)
	_, server := p.queue()
	if got := queue.KeyOf(p.worker()); got != p.keys.WorkerKey() {
		t.Errorf("the worker's key is %q", got)
	}
	if got := queue.KeyOf(server); got != "" {
		t.Errorf("the server is taken for the worker %q", got)
	}
}

// enrolled is a worker's key that was let in, and can be shut out again.
type enrolled struct {
	seed, key string
	stages    []referent.Stage
	revoked   atomic.Bool
}

func newEnrolled(t *testing.T) *enrolled {
	t.Helper()
	e := &enrolled{seed: filepath.Join(t.TempDir(), "worker.nk")}
	key, signature, err := queue.MakeSeed(e.seed, "hello")
	if err != nil {
		t.Fatal(err)
	}
	if !queue.Signed(key, "hello", signature) || queue.Signed(key, "Hello", signature) {
		t.Error("the signature does not tell whose it is")
	}
	e.key = key
	return e
}

func (e *enrolled) admit(_ context.Context, key string) (queue.Admission, error) {
	if key != e.key || e.revoked.Load() {
		return queue.Admission{}, referent.E(referent.CodeForbidden, "test", nil)
	}
	return queue.Admission{Stages: e.stages}, nil
}

func (e *enrolled) dial(t *testing.T, url string) (*nats.Conn, error) {
	t.Helper()
	nc, err := queue.Connect(soon(t), queue.DialConfig{URL: url, Creds: e.seed, Name: "far"})
	if err == nil {
		t.Cleanup(nc.Close)
	}
	return nc, err
}

// Who was let in connects, is closed when shut out, and does not come back.
func TestDisconnect(t *testing.T) {
	e := newEnrolled(t)
	keys, err := queue.LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	srv, err := queue.StartServer(queue.ServerConfig{Dir: t.TempDir(), Keys: keys, Admit: e.admit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Shutdown)
	stays, err := queue.Connect(soon(t), queue.DialConfig{URL: srv.URL(), Creds: keys.WorkerSeed, Name: "own"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stays.Close)
	var conns []*nats.Conn
	for range 3 {
		nc, err := e.dial(t, srv.URL())
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, nc)
	}
	e.revoked.Store(true)
	if err := srv.Disconnect(t.Context(), e.key); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all are closed", func() bool {
		return !slices.ContainsFunc(conns, func(nc *nats.Conn) bool { return nc.IsConnected() })
	})
	time.Sleep(time.Second) // they try to come back
	for i, nc := range conns {
		if nc.IsConnected() {
			t.Errorf("connection %d is back", i)
		}
	}
	if !stays.IsConnected() || stays.Statistics.Reconnects > 0 {
		t.Error("another worker was disconnected too")
	}
	if _, err := e.dial(t, srv.URL()); referent.CodeOf(err) != referent.CodeUnauthorized {
		t.Errorf("a new connection: %v", err)
	}
}

// A worker for some stages pulls no jobs of others.
func TestStagesBoundWhatIsPulled(t *testing.T) {
	e := newEnrolled(t)
	e.stages = []referent.Stage{referent.StageMinutes}
	p := newPlace(t)
	p.srv.Shutdown()
	srv, err := queue.StartServer(queue.ServerConfig{Dir: p.queueDir(), Keys: p.keys, Admit: e.admit})
	if err != nil {
		t.Fatal(err)
	}
	p.srv = srv
	t.Cleanup(srv.Shutdown)
	p.queue()
	nc, err := e.dial(t, srv.URL())
	if err != nil {
		t.Fatal(err)
	}
	refused := violations(nc)
	for _, s := range queue.Stages {
		subject := fmt.Sprintf("$JS.API.CONSUMER.MSG.NEXT.JOBS_%s.any-bulk", strings.ToUpper(string(s)))
		if err := nc.PublishRequest(subject, nc.NewInbox(), []byte(`{"batch":1,"no_wait":true}`)); err != nil {
			t.Fatal(err)
		}
		if s != referent.StageMinutes {
			expectRefused(t, refused, subject)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	if len(refused) > 0 {
		t.Errorf("refused: %s", <-refused)
	}
}
