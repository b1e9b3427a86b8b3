package summarize

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
)

// The dialer holds the rule again after the name is resolved.
func TestGuardedDial(t *testing.T) {
	dial := system.guarded([]string{"192.0.2.7:81"})
	for _, addr := range []string{"192.0.2.1:80", "[2001:db8::1]:80", "0.0.0.0:80", "192.0.2.7:80"} {
		if _, err := dial(t.Context(), "tcp", addr); !errors.Is(err, errForbidden) {
			t.Errorf("%s: %v", addr, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := dial(ctx, "tcp", "192.0.2.7:81"); err == nil || errors.Is(err, errForbidden) {
		t.Errorf("a listed host and port is stopped by the rule: %v", err)
	}
}

// resolver resolves names by a table, one answer after the other and then the last for good, and brings every
// connection to one server while it notes where it would have gone.
type resolver struct {
	of     map[string][]string
	to     string
	dialed []string
}

func (n *resolver) network() network {
	return network{
		lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
			if ip, err := netip.ParseAddr(host); err == nil {
				return []netip.Addr{ip}, nil
			}
			answers := n.of[host]
			if len(answers) == 0 {
				return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
			}
			if len(answers) > 1 {
				n.of[host] = answers[1:]
			}
			var ips []netip.Addr
			for s := range strings.SplitSeq(answers[0], " ") {
				ips = append(ips, netip.MustParseAddr(s))
			}
			return ips, nil
		},
		dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			n.dialed = append(n.dialed, addr)
			return (&net.Dialer{}).DialContext(ctx, network, n.to)
		},
	}
}

const nothing = `{"items":[],"decisions":[],"actions":[],"votes":[],"next_meeting":null}`

// listening answers every question with nothing, and keeps what it was sent.
func listening(t *testing.T) (addr string, sent *bytes.Buffer) {
	t.Helper()
	sent = new(bytes.Buffer)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(sent, r.Body); err != nil {
			t.Error(err)
		}
		if !strings.HasSuffix(r.URL.Path, "/chat/completions") {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, `{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":%q}}]}`, nothing)
	}))
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String(), sent
}

func withNames(t *testing.T, m *referent.Meeting) *referent.Transcript {
	t.Helper()
	m.Participants = []referent.Participant{{Name: "Torbjørg Fnatthode"}}
	return &referent.Transcript{
		Speakers: []referent.Speaker{{ID: "S1", Name: "Torbjørg Fnatthode"}},
		Segments: []referent.Segment{{ID: "s1", Speaker: "S1", Text: "Fnatthode her. Vi vedtar budsjettet for 2027."}},
	}
}

// A name that leads to this machine is this machine for as long as it does; what goes to a listed host
// elsewhere is masked, and nothing goes anywhere else, whatever the name server says and when.
func TestNamesThatMove(t *testing.T) {
	for name, c := range map[string]struct {
		url     string
		allowed []string
		answers []string
		masked  bool
		code    referent.Code
		dialed  string
	}{
		"this machine":               {"http://localhost:81/v1", nil, []string{"127.0.0.1"}, false, "", "127.0.0.1:81"},
		"not this machine":           {"http://localhost:81/v1", nil, []string{"203.0.113.5"}, false, referent.CodeLLMForbidden, ""},
		"one of both":                {"http://localhost:81/v1", nil, []string{"127.0.0.1 203.0.113.5"}, false, referent.CodeLLMForbidden, ""},
		"this machine, then another": {"http://localhost:81/v1", nil, []string{"127.0.0.1", "203.0.113.5"}, false, referent.CodeLLMForbidden, ""},
		"listed, elsewhere":          {"http://llm.example:81/v1", []string{"llm.example"}, []string{"203.0.113.5"}, true, "", "llm.example:81"},
		"listed, this machine":       {"http://llm.example:81/v1", []string{"llm.example"}, []string{"127.0.0.1"}, false, "", "127.0.0.1:81"},
		"listed, moves away":         {"http://llm.example:81/v1", []string{"llm.example"}, []string{"127.0.0.1", "203.0.113.5"}, false, referent.CodeLLMForbidden, ""},
		"listed, not found":          {"http://llm.example:81/v1", []string{"llm.example"}, nil, true, "", "llm.example:81"},
	} {
		t.Run(name, func(t *testing.T) {
			addr, sent := listening(t)
			n := &resolver{of: map[string][]string{"localhost": c.answers, "llm.example": c.answers}, to: addr}
			w := New(Config{Retries: -1, Backoff: time.Millisecond})
			w.net = n.network()
			m := &referent.Meeting{}
			got, err := w.Write(t.Context(), m, withNames(t, m), &referent.Endpoint{BaseURL: c.url, Model: "m", Allowed: c.allowed, Timeout: 5 * time.Second}, nil)
			if referent.CodeOf(err) != c.code {
				t.Fatalf("%v, want %q", err, c.code)
			}
			for _, d := range n.dialed {
				if d != c.dialed {
					t.Errorf("connected to %s", d)
				}
			}
			if err != nil {
				if sent.Len() > 0 || len(n.dialed) > 0 {
					t.Errorf("sent %d bytes to %v", sent.Len(), n.dialed)
				}
				return
			}
			if got.Provenance.Masked != c.masked || strings.Contains(sent.String(), "Fnatthode") == c.masked {
				t.Errorf("masked %v, want %v; sent %s", got.Provenance.Masked, c.masked, sent)
			}
			if c.masked && got.Provenance.Masks["person"] != 1 {
				t.Errorf("masks %v", got.Provenance.Masks)
			}
		})
	}
}

// The last look is at the very bytes, whoever made them.
func TestLeakIsStopped(t *testing.T) {
	addr, sent := listening(t)
	var logged bytes.Buffer
	w := New(Config{Retries: 2, Backoff: time.Millisecond, Log: slog.New(slog.NewTextHandler(&logged, nil))})
	w.net = (&resolver{of: map[string][]string{"llm.example": {"203.0.113.5"}}, to: addr}).network()
	m := &referent.Meeting{}
	tr := withNames(t, m)
	e := &referent.Endpoint{BaseURL: "http://llm.example:81/v1", Model: "m", Allowed: []string{"llm.example"}, Timeout: 5 * time.Second}
	v := newVeil(m, tr)
	if s := v.mask("Fnatthode"); s == "Fnatthode" {
		t.Fatal("nothing is masked")
	}
	l := w.connect(e, false, v)
	defer l.close()
	err := l.ask(t.Context(), purposeCount, http.MethodPost, "http://llm.example:81/v1/tokenize", map[string]string{"content": "Fnatthode sier ja"}, new(struct{}))
	if referent.CodeOf(err) != referent.CodeLLMLeak || sent.Len() > 0 || referent.HintOf(err) == "" {
		t.Errorf("%v after %d bytes", err, sent.Len())
	}
	c := &conversation{w: w, e: e, line: l, veil: v, moved: func() {}, budget: newBudget(4096, 0)}
	_, err = c.answered(t.Context(), "Fnatthode sier ja", 1)
	if referent.CodeOf(err) != referent.CodeLLMLeak || sent.Len() > 0 {
		t.Errorf("%v after %d bytes", err, sent.Len())
	}
	if s := logged.String(); strings.Contains(s, "Fnatthode") || strings.Count(s, "level=ERROR") != 2 {
		t.Errorf("logged %s", s)
	}
}

// A connection that nobody needs any more is closed, not kept until it times out.
func TestConnectionsAreClosed(t *testing.T) {
	states := make(chan http.ConnState, 10)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) { states <- s }
	srv.Start()
	defer srv.Close()
	l := New(Config{}).connect(&referent.Endpoint{BaseURL: srv.URL, Timeout: 5 * time.Second}, true, newVeil(&referent.Meeting{}, &referent.Transcript{}))
	if err := l.ask(t.Context(), purposeCount, http.MethodGet, srv.URL, nil, new(struct{})); err != nil {
		t.Fatal(err)
	}
	l.close()
	for limit := time.After(10 * time.Second); ; {
		select {
		case s := <-states:
			if s == http.StateClosed {
				return
			}
		case <-limit:
			t.Fatal("it is open")
		}
	}
}

// Each call is logged with where it went, how much and what for, and nothing of what it said.
func TestCallsAreLogged(t *testing.T) {
	addr, sent := listening(t)
	var logged bytes.Buffer
	w := New(Config{Retries: -1, APIKey: "nøkkelen", Log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	m := &referent.Meeting{}
	if _, err := w.Write(t.Context(), m, withNames(t, m), &referent.Endpoint{BaseURL: "http://" + addr + "/v1", Model: "m"}, nil); err != nil {
		t.Fatal(err)
	}
	s := logged.String()
	for _, want := range []string{"host=" + addr, "purpose=probe", "purpose=minutes", fmt.Sprintf("bytes=%d", sent.Len()), "status=200"} {
		if !strings.Contains(s, want) {
			t.Errorf("not logged: %s\n%s", want, s)
		}
	}
	for _, secret := range []string{"Fnatthode", "budsjett", "nøkkelen"} {
		if strings.Contains(s, secret) {
			t.Errorf("logged: %s", secret)
		}
	}
}

func TestRetryAfterHeader(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "0.5": 500 * time.Millisecond, "-3": 0, "86400": maxWait, "soon": 0, "NaN": 0, "Inf": 0,
		"Sun, 22 Nov 2026 12:00:20 GMT": 20 * time.Second, "Sun, 22 Nov 2026 11:00:20 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

// Somebody may be called like a word of the instructions or of the schema, which then goes out as ever; the
// person does not. A server that counts gets instructions and transcript in one text.
func TestNamedLikeTheInstructions(t *testing.T) {
	for _, counts := range []bool{false, true} {
		addr, sent := listening(t)
		asked := 0
		if counts {
			addr = counting(t, addr, &asked)
		}
		w := New(Config{Retries: -1, Backoff: time.Millisecond})
		w.net = (&resolver{of: map[string][]string{"llm.example": {"203.0.113.5"}}, to: addr}).network()
		m := &referent.Meeting{Participants: []referent.Participant{{Name: "Svar Gjett"}, {Name: "Items Heading"}}}
		tr := &referent.Transcript{
			Speakers: []referent.Speaker{{ID: "S1", Name: "Svar Gjett"}},
			Segments: []referent.Segment{{ID: "s1", Speaker: "S1", Text: "Gjett her. Vi vedtar budsjettet for 2027."}},
		}
		e := &referent.Endpoint{BaseURL: "http://llm.example:81/v1", Model: "m", Allowed: []string{"llm.example"}, Timeout: 5 * time.Second}
		if _, err := w.Write(t.Context(), m, tr, e, nil); err != nil {
			t.Fatal(err)
		}
		if s := sent.String(); !strings.Contains(s, "Gjett aldri") || strings.Contains(s, "Gjett her") || strings.Contains(s, "Svar Gjett") {
			t.Errorf("sent %s", s)
		}
		if counts != (asked > 0) {
			t.Errorf("asked to count %d times", asked)
		}
	}
}

// counting stands before a server and counts tokens as llama.cpp does.
func counting(t *testing.T, behind string, asked *int) (addr string) {
	t.Helper()
	next := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: behind})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/models":
			fmt.Fprint(w, `{"data":[{"id":"m","owned_by":"llamacpp"}]}`)
		case "/props":
			fmt.Fprint(w, `{"default_generation_settings":{"n_ctx":8192}}`)
		case "/tokenize":
			*asked++
			n, err := io.Copy(io.Discard, r.Body)
			if err != nil {
				t.Error(err)
			}
			fmt.Fprintf(w, `{"tokens":[0%s]}`, strings.Repeat(",0", int(n/4)))
		default:
			next.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

// A template is written for many meetings and can name people all the same: they go out masked.
func TestTemplateIsMasked(t *testing.T) {
	addr, sent := listening(t)
	w := New(Config{Retries: -1, Backoff: time.Millisecond})
	w.net = (&resolver{of: map[string][]string{"llm.example": {"203.0.113.5"}}, to: addr}).network()
	m := &referent.Meeting{Language: referent.Bokmal}
	tr := withNames(t, m)
	m.Template = &referent.Template{Name: referent.Forms{NB: "Vaktrapport"}, Base: referent.KindReferat,
		Sections: []referent.TemplateSection{{Source: referent.SectionText, Heading: referent.Forms{NB: "Fnatthodes punkt"},
			Instruction: referent.Forms{NB: "Det som Torbjørg Fnatthode tok opp."}}},
		Instructions: referent.Forms{NB: "Skriv kort.\nSpørsmål går til Gurine Vassbotten på 91 23 45 67."}}
	e := &referent.Endpoint{BaseURL: "http://llm.example:81/v1", Model: "m", Allowed: []string{"llm.example"}, Timeout: 5 * time.Second}
	if _, err := w.Write(t.Context(), m, tr, e, nil); err != nil {
		t.Fatal(err)
	}
	s := sent.String()
	for _, secret := range []string{"Fnatthode", "Gurine", "Vassbotten", "91 23"} {
		if strings.Contains(s, secret) {
			t.Errorf("%q goes out: %s", secret, s)
		}
	}
	for _, want := range []string{"s punkt: Det som [PERSON_", "Skriv kort."} {
		if !strings.Contains(s, want) {
			t.Errorf("%q does not go out: %s", want, s)
		}
	}
}
