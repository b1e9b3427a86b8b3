package client_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

func start(t *testing.T, change func(*web.Config)) (*webtest.Rig, string) {
	t.Helper()
	r := webtest.Start(t, change)
	r.User("kari", false)
	return r, r.Token("kari", store.ScopeRead, store.ScopeWrite)
}

func file(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const vtt = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Kari Nordmann>Vi vedtar budsjettet for 2027.</v>\n"

func TestFromFileToMinutes(t *testing.T) {
	r, token := start(t, nil)
	r.StartWorker()
	ctx := t.Context()
	c := client.New(r.URL, token)
	m, err := c.Create(ctx, &referent.Meeting{Title: "Budsjettmøte", Kind: referent.KindProtocol, Language: referent.Nynorsk,
		Start: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), Participants: []referent.Participant{{Name: "Kari Nordmann"}},
		Agenda: []referent.AgendaItem{{Title: "Budsjett"}}, Options: referent.Options{Writer: "builtin"}})
	if err != nil {
		t.Fatal(err)
	}
	var last int64
	if err := c.UploadFile(ctx, m.ID, file(t, "møte æøå.vtt", []byte(vtt)), func(sent, size int64) { last = sent }); err != nil {
		t.Fatal(err)
	}
	if last != int64(len(vtt)) {
		t.Errorf("progress ended at %d of %d", last, len(vtt))
	}
	var states []referent.State
	watching, stop := context.WithTimeout(ctx, webtest.Patience)
	defer stop()
	err = c.Watch(watching, m.ID, func(e store.Event) error {
		if e.Type == "failed" {
			t.Errorf("failed: %+v", e)
		}
		if e.Type == "state" {
			states = append(states, e.State)
		}
		if e.State.Final() {
			return client.ErrStop
		}
		return nil
	})
	if err != nil || len(states) < 3 || states[0] != referent.StateUploading || states[len(states)-1] != referent.StateDraft {
		t.Fatalf("watched %v, %v", states, err)
	}
	got, err := c.Get(ctx, m.ID)
	if err != nil || got.Title != "Budsjettmøte" || got.Language != referent.Nynorsk || len(got.Agenda) != 1 || got.Progress != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, name := range client.ResultNames {
		var b bytes.Buffer
		err := c.Result(ctx, m.ID, name, &b)
		if name == "audio" { // a transcript has none
			if referent.CodeOf(err) != referent.CodeNotFound {
				t.Errorf("audio: %v", err)
			}
			continue
		}
		if err != nil || b.Len() == 0 {
			t.Errorf("%s: %d bytes, %v", name, b.Len(), err)
		}
	}
	page, next, err := c.List(ctx, client.Filter{States: []referent.State{referent.StateDraft, referent.StateFailed}, Limit: 10})
	if err != nil || len(page) != 1 || next != "" {
		t.Errorf("list: %+v, %q, %v", page, next, err)
	}
	if jobs, err := c.Jobs(ctx, m.ID); err != nil || len(jobs) == 0 {
		t.Errorf("jobs: %+v, %v", jobs, err)
	}
	receipt, err := c.Delete(ctx, m.ID)
	if err != nil || !receipt.KeyGone {
		t.Errorf("receipt: %+v, %v", receipt, err)
	}
}

// shaky stands before the server and breaks connections.
func shaky(t *testing.T, r *webtest.Rig, breaks func(*http.Request) bool) string {
	t.Helper()
	target, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.FlushInterval = -1
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if breaks(q) {
			if q.Method != http.MethodPatch {
				panic(http.ErrAbortHandler)
			}
			q.Body = io.NopCloser(io.MultiReader(io.LimitReader(q.Body, 100_000), broken{}))
		}
		proxy.ServeHTTP(w, q)
	}))
	t.Cleanup(front.Close)
	return front.URL
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestUploadSurvivesBrokenConnections(t *testing.T) {
	r, token := start(t, nil)
	var n atomic.Int32
	at := shaky(t, r, func(q *http.Request) bool { return n.Add(1)%3 == 2 })
	c := client.New(at, token, client.Quick(300_000))
	data := make([]byte, 3_000_000)
	rand.NewChaCha8([32]byte{7}).Read(data)
	m, err := client.New(r.URL, token).Create(t.Context(), &referent.Meeting{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.UploadFile(t.Context(), m.ID, file(t, "x.bin", data), nil); err != nil {
		t.Fatal(err)
	}
	got, err := c.Get(t.Context(), m.ID)
	for err != nil && referent.CodeOf(err) == referent.CodeUnavailable { // the shaky proxy again
		got, err = c.Get(t.Context(), m.ID)
	}
	sum := sha256.Sum256(data)
	if err != nil || got.Recording == nil || got.Recording.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("got %+v, %v", got, err)
	}
	if n.Load() < 10 {
		t.Errorf("only %d requests: nothing was broken", n.Load())
	}
}

func TestWatchComesBack(t *testing.T) {
	r, token := start(t, nil)
	direct := client.New(r.URL, token)
	var front *httptest.Server
	target, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.FlushInterval = -1
	var mu sync.Mutex
	var lastIDs []string
	front = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		mu.Lock()
		lastIDs = append(lastIDs, q.Header.Get("Last-Event-ID"))
		mu.Unlock()
		proxy.ServeHTTP(w, q)
	}))
	t.Cleanup(front.Close)
	m, err := direct.Create(t.Context(), &referent.Meeting{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), webtest.Patience)
	defer stop()
	var ids []int64
	err = client.New(front.URL, token, client.Quick(1)).Watch(ctx, m.ID, func(e store.Event) error {
		ids = append(ids, e.ID)
		if len(ids) == 1 {
			front.CloseClientConnections()
			if _, err := direct.Cancel(ctx, m.ID); err != nil {
				return err
			}
			return nil
		}
		return client.ErrStop
	})
	if err != nil || len(ids) != 2 || ids[0] >= ids[1] {
		t.Errorf("events %v, %v", ids, err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(lastIDs) < 2 || lastIDs[len(lastIDs)-1] == "" {
		t.Errorf("it did not tell where it was: %q", lastIDs)
	}
}

func TestErrorsCarryTheServersCode(t *testing.T) {
	r, token := start(t, func(c *web.Config) { c.MaxUpload = 100 })
	ctx := t.Context()
	c := client.New(r.URL, token, client.WithLanguage("nn"), client.Quick(10))
	m, err := c.Create(ctx, &referent.Meeting{})
	if err != nil {
		t.Fatal(err)
	}
	big := file(t, "hemmelig navn.wav", make([]byte, 101))
	small := file(t, "x.wav", []byte("x"))
	refused := httptest.NewServer(nil)
	refused.Close()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) }))
	defer elsewhere.Close()
	cases := []struct {
		name string
		do   func() error
		want referent.Code
	}{
		{"wrong token", func() error { _, err := client.New(r.URL, "rft_feil").Get(ctx, m.ID); return err }, referent.CodeUnauthorized},
		{"no token", func() error { _, err := client.New(r.URL, "").Get(ctx, m.ID); return err }, referent.CodeUnauthorized},
		{"no such meeting", func() error { _, err := c.Get(ctx, "nope"); return err }, referent.CodeNotFound},
		{"nothing to retry", func() error { _, err := c.Retry(ctx, m.ID, ""); return err }, referent.CodeConflict},
		{"nothing to remake", func() error { _, err := c.Remake(ctx, m.ID); return err }, referent.CodeConflict},
		{"too large", func() error { return c.UploadFile(ctx, m.ID, big, nil) }, referent.CodeTooLarge},
		{"no such file", func() error { return c.UploadFile(ctx, m.ID, big+".nei", nil) }, referent.CodeNotFound},
		{"a folder", func() error { return c.UploadFile(ctx, m.ID, t.TempDir(), nil) }, referent.CodeInvalid},
		{"upload to no meeting", func() error { return c.UploadFile(ctx, "nope", small, nil) }, referent.CodeNotFound},
		{"watch no meeting", func() error { return c.Watch(ctx, "nope", nil) }, referent.CodeNotFound},
		{"no such result", func() error { return c.Result(ctx, m.ID, "minutes.exe", io.Discard) }, referent.CodeInvalid},
		{"result not there yet", func() error { return c.Result(ctx, m.ID, "minutes.docx", io.Discard) }, referent.CodeNotFound},
		{"nobody there", func() error { _, err := client.New(refused.URL, token).Get(ctx, m.ID); return err }, referent.CodeUnavailable},
		{"upload with nobody there", func() error {
			return client.New(refused.URL, token, client.Quick(10)).UploadFile(ctx, m.ID, small, nil)
		}, referent.CodeUnavailable},
		{"another server", func() error { _, err := client.New(elsewhere.URL, token).Get(ctx, m.ID); return err }, referent.CodeUnavailable},
		{"an address that is none", func() error { _, err := client.New("http://a b", token).Get(ctx, m.ID); return err }, referent.CodeInvalid},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.do()
			if got := referent.CodeOf(err); got != tc.want {
				t.Errorf("code %q, want %q: %v", got, tc.want, err)
			}
			if err != nil && (strings.Contains(err.Error(), "hemmelig") || strings.Contains(err.Error(), token)) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
	_, err = c.Get(ctx, "nope")
	if p, ok := errors.AsType[*client.Problem](err); !ok || !strings.Contains(p.Detail, "finst ikkje") {
		t.Errorf("not in nynorsk: %v", err)
	}
}

func TestCancelledUpload(t *testing.T) {
	r, token := start(t, nil)
	c := client.New(r.URL, token, client.Quick(10))
	m, err := c.Create(t.Context(), &referent.Meeting{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = c.UploadFile(ctx, m.ID, file(t, "x", make([]byte, 1000)), func(sent, _ int64) {
		if sent >= 500 {
			cancel()
		}
	})
	if referent.CodeOf(err) != referent.CodeCancelled {
		t.Errorf("got %v", err)
	}
}

func FuzzEventStream(f *testing.F) {
	for _, seed := range []string{"", "id: 1\nevent: state\ndata: {}\n\n", ": x\n\n", "data: a\ndata: b\n\n", "id: \x00\ndata\n\n", "data:" + strings.Repeat("x", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, stream string) {
		events := 0
		err := client.ReadEvents(strings.NewReader(stream), func() {}, func(id string, data []byte) error {
			events++
			if strings.ContainsAny(id, "\n\x00") {
				t.Fatalf("id %q", id)
			}
			var e store.Event
			_ = json.Unmarshal(data, &e) // must not panic; what is not JSON is refused further up
			return nil
		})
		if err == nil && events > strings.Count(stream, "\n") {
			t.Fatalf("%d events of %q", events, stream)
		}
	})
}
