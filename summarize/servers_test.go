package summarize_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize"
)

// aServer behaves as one of the servers that people run, as far as a client can tell: what it says of
// itself, how it counts, what it does with a prompt that is too long, and which parameters it refuses.
type aServer struct {
	t       *testing.T
	kind    string // "llama.cpp", "vllm", "ollama", "openai", "azure"
	context int    // tokens of a prompt and its answer
	perByte float64
	refuses string // a parameter that it does not know
	reply   func(lines []string) string
	told    bool // ollama: num_ctx stands among the model's parameters
	// refusesCount: a question for one token is refused, without a reason.
	refusesCount bool

	mu    sync.Mutex
	asked []map[string]any // bodies of the requests for minutes that were answered
	count int              // of tokens, for whoever asked
	paths []string
}

// start returns the endpoint that leads to the server.
func (s *aServer) start() *referent.Endpoint {
	s.t.Helper()
	if s.perByte == 0 {
		s.perByte = 0.29
	}
	if s.reply == nil {
		s.reply = func([]string) string { return emptyAnswer }
	}
	srv := httptest.NewServer(s)
	s.t.Cleanup(srv.Close)
	e := &referent.Endpoint{BaseURL: srv.URL + "/v1", Model: "qwen", Timeout: 20 * time.Second}
	if s.kind == "azure" {
		e.BaseURL, e.API, e.Model = srv.URL, referent.APIAzure, "referat-4.1:mini"
	}
	return e
}

// requests returns the bodies that were answered, also one whose asker has left by now.
func (s *aServer) requests() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// forget makes the next request the first.
func (s *aServer) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = nil
}

func (s *aServer) tokens(text string) int { return int(float64(len(text))*s.perByte) + 1 }

func (s *aServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paths = append(s.paths, r.URL.RequestURI())
	header, want := "Authorization", "Bearer hemmelig"
	if s.kind == "azure" {
		header, want = "Api-Key", "hemmelig"
	}
	if r.Header.Get(header) != want {
		s.t.Errorf("%s: %s is %q", r.URL.Path, header, r.Header.Get(header))
	}
	w.Header().Set("Content-Type", "application/json")
	var body map[string]any
	if data, err := io.ReadAll(r.Body); err != nil {
		s.t.Error(err)
	} else if len(data) > 0 && json.Unmarshal(data, &body) != nil {
		s.t.Errorf("%s: the request is not JSON", r.URL.Path)
	}
	say := func(v any) {
		if err := json.NewEncoder(w).Encode(v); err != nil {
			s.t.Error(err)
		}
	}
	type object = map[string]any
	switch path := s.kind + r.URL.Path; path {
	case "llama.cpp/v1/models":
		say(object{"data": []object{{"id": "qwen", "owned_by": "llamacpp", "meta": object{"n_ctx_train": 32768}}}})
	case "llama.cpp/props":
		say(object{"default_generation_settings": object{"n_ctx": s.context}, "build_info": "b6423"})
	case "llama.cpp/tokenize":
		s.count++
		say(object{"tokens": make([]int, s.tokens(body["content"].(string)))})
	case "vllm/v1/models":
		say(object{"data": []object{{"id": "qwen", "owned_by": "vllm", "max_model_len": s.context}}})
	case "vllm/version":
		say(object{"version": "0.9.1"})
	case "vllm/tokenize":
		s.count++
		say(object{"count": s.tokens(body["prompt"].(string)), "max_model_len": s.context})
	case "ollama/v1/models":
		say(object{"data": []object{{"id": "qwen", "owned_by": "library"}}})
	case "ollama/api/show":
		parameters := `stop "x"`
		if s.told {
			parameters += fmt.Sprintf("\nnum_ctx %d", s.context)
		}
		say(object{"parameters": parameters, "model_info": object{"qwen2.context_length": 32768}})
	case "ollama/api/version":
		say(object{"version": "0.11.4"})
	case "ollama/api/ps":
		say(object{"models": []object{}})
	case "openai/v1/models":
		say(object{"data": []object{{"id": "qwen", "owned_by": "organization"}}})
	case "azure/openai/models":
		say(object{"data": []object{}})
	case "llama.cpp/v1/chat/completions", "vllm/v1/chat/completions", "ollama/v1/chat/completions", "openai/v1/chat/completions",
		"azure/openai/deployments/referat-4.1:mini/chat/completions":
		s.chat(w, body, say)
	default:
		http.NotFound(w, r)
	}
}

func (s *aServer) chat(w http.ResponseWriter, body map[string]any, say func(any)) {
	refuse := func(code, message, param string) {
		w.WriteHeader(http.StatusBadRequest)
		say(map[string]any{"error": map[string]any{"message": message, "type": "invalid_request_error", "code": code, "param": param}})
	}
	if s.refuses != "" && body[s.refuses] != nil {
		refuse("unsupported_parameter", "Unsupported parameter: '"+s.refuses+"' is not supported with this model.", s.refuses)
		return
	}
	answer := number(body["max_tokens"]) + number(body["max_completion_tokens"])
	if s.refusesCount && answer == 1 {
		refuse("invalid_request", "The request is not valid.", "")
		return
	}
	text := ""
	for _, m := range body["messages"].([]any) {
		text += m.(map[string]any)["content"].(string)
	}
	prompt := s.tokens(text) + 12 // the chat template
	lines := shown(s.t, body)
	if prompt+answer > s.context {
		switch s.kind {
		case "llama.cpp":
			w.WriteHeader(http.StatusBadRequest)
			say(map[string]any{"error": map[string]any{"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": prompt, "n_ctx": s.context,
				"message": "the request exceeds the available context size, try increasing it"}})
			return
		case "vllm", "openai", "azure":
			refuse("context_length_exceeded", fmt.Sprintf("This model's maximum context length is %d tokens. However, you requested %d tokens.", s.context, prompt+answer), "messages")
			return
		}
		// Ollama reads what it has room for, from the end, and says nothing.
		for prompt > s.context && len(lines) > 0 {
			prompt -= s.tokens(lines[0])
			lines = lines[1:]
		}
	}
	content, finish := "{", "length"
	if answer > 1 {
		content, finish = s.reply(lines), "stop"
		s.asked = append(s.asked, body)
	}
	say(map[string]any{"choices": []any{map[string]any{"finish_reason": finish, "message": map[string]any{"role": "assistant", "content": content}}},
		"usage": map[string]any{"prompt_tokens": prompt, "completion_tokens": s.tokens(content)}})
}

// keyed is a writer with a key and no patience.
func keyed() *summarize.Writer {
	return summarize.New(summarize.Config{APIKey: "hemmelig", Retries: 2, Backoff: time.Millisecond, Now: fixedNow})
}

// lengthy is a meeting of n segments, each of its own words.
func lengthy(n int) *referent.Transcript {
	var lines []string
	for i := range n {
		lines = append(lines, fmt.Sprintf("%s: Innlegg %d handler om budsjettet for neste år, om skolene i bygda og om hva vi har råd til å gjøre.",
			[]string{"Kari Nordmann", "Ola Lunde", "Per Strand"}[i%3], i+1))
	}
	return talk(lines...)
}

// reader collects which lines were answered for, and fails when one is read twice or out of order.
type reader struct {
	t    *testing.T
	seen []int
}

func (r *reader) read(lines []string) string {
	for _, l := range lines {
		var n int
		if _, err := fmt.Sscan(l, &n); err != nil {
			r.t.Errorf("a line without a number: %q", l)
		}
		r.seen = append(r.seen, n)
	}
	return emptyAnswer
}

// all fails unless every segment of n was read once, in order; one that is longer than a line comes in
// several of the same number.
func (r *reader) all(n int) {
	r.t.Helper()
	if got := slices.Compact(slices.Clone(r.seen)); len(got) != n || !slices.IsSorted(got) || got[0] != 1 || got[n-1] != n {
		r.t.Errorf("%d segments were read in their order, of %d", len(got), n)
	}
}

// Every server is spoken to in its own way, gets parts that fit, and is named in the provenance.
func TestServers(t *testing.T) {
	for name, c := range map[string]struct {
		server  *aServer
		refused string // the parameter that is left out in the end
		named   string
		counts  bool
	}{
		"llama.cpp":                 {&aServer{kind: "llama.cpp", context: 4096}, "", "llama.cpp b6423", true},
		"llama.cpp, sparse":         {&aServer{kind: "llama.cpp", context: 8192, perByte: 0.2}, "", "llama.cpp b6423", true},
		"llama.cpp, dense":          {&aServer{kind: "llama.cpp", context: 8192, perByte: 0.55}, "", "llama.cpp b6423", true},
		"vllm":                      {&aServer{kind: "vllm", context: 4096}, "", "vllm 0.9.1", true},
		"ollama":                    {&aServer{kind: "ollama", context: 4096, told: true}, "", "ollama 0.11.4", false},
		"openai":                    {&aServer{kind: "openai", context: 16384}, "", "", false},
		"openai, new limit":         {&aServer{kind: "openai", context: 16384, refuses: "max_tokens"}, "max_tokens", "", false},
		"openai, fixed temperature": {&aServer{kind: "openai", context: 16384, refuses: "temperature"}, "temperature", "", false},
		"openai, no seed":           {&aServer{kind: "openai", context: 16384, refuses: "seed"}, "seed", "", false},
		"openai, no format":         {&aServer{kind: "openai", context: 16384, refuses: "response_format"}, "response_format", "", false},
		"azure":                     {&aServer{kind: "azure", context: 16384}, "", "azure 2024-10-21", false},
	} {
		t.Run(name, func(t *testing.T) {
			s, r := c.server, &reader{t: t}
			s.t, s.reply = t, r.read
			e := s.start()
			m, _ := shortMeeting()
			tr := lengthy(300)
			got, err := keyed().Write(t.Context(), m, tr, e, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.all(300)
			p := got.Provenance
			if p.Server != c.named || p.Parts != len(s.requests()) || p.PromptTokens == 0 || p.AnswerTokens == 0 || p.Seconds <= 0 || p.Masked || p.Masks != nil {
				t.Errorf("provenance %+v after %d answers", p, len(s.requests()))
			}
			if (s.count > 0) != c.counts {
				t.Errorf("tokens were asked for %d times", s.count)
			}
			for i, body := range s.requests() {
				if c.refused != "" && body[c.refused] != nil {
					t.Errorf("request %d still has %s", i, c.refused)
				}
			}
			if s.kind == "azure" && !slices.ContainsFunc(s.paths, func(p string) bool { return strings.HasSuffix(p, "/chat/completions?api-version=2024-10-21") }) {
				t.Errorf("asked %q", s.paths)
			}
			// A part is as large as the context lets it be: what a server counts is known by then.
			most := 300*120/(s.context*2/10) + 2
			if c.refused == "response_format" {
				most *= 2 // the schema takes its place in each
			}
			if len(s.requests()) > most {
				t.Errorf("%d parts, %d are enough", len(s.requests()), most)
			}
		})
	}
}

// A server with less room than it tells, or than was configured, drops the beginning of what it gets. That
// is seen by what it counts, and asked for again in smaller parts.
func TestSilentlyDropped(t *testing.T) {
	for name, configured := range map[string]int{"not told": 0, "configured too large": 16384} {
		t.Run(name, func(t *testing.T) {
			s := &aServer{t: t, kind: "ollama", context: 3072}
			whole := map[int]bool{}
			s.reply = func(lines []string) string {
				for _, l := range lines {
					var n int
					fmt.Sscan(l, &n)
					whole[n] = true
				}
				return fmt.Sprintf(`{"items":[{"heading":"","points":[{"text":"Innlegg %s","evidence":[%s]}]}],"decisions":[],"actions":[],"votes":[],"next_meeting":null}`,
					strings.Fields(lines[0])[0], strings.Fields(lines[0])[0])
			}
			e := s.start()
			e.ContextSize = configured
			m, _ := shortMeeting()
			got, err := keyed().Write(t.Context(), m, lengthy(200), e, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(whole) != 200 {
				t.Errorf("the server has read %d lines of 200", len(whole))
			}
			if got.Provenance.Parts >= len(s.requests()) && configured > 0 {
				t.Errorf("all %d answers were used, though the server dropped text", len(s.requests()))
			}
		})
	}
}

// A long agenda before a short last part is no sign that the server has dropped something.
func TestShortPartAfterLongAgenda(t *testing.T) {
	for _, kind := range []string{"llama.cpp", "vllm", "openai"} {
		t.Run(kind, func(t *testing.T) {
			r := &reader{t: t}
			s := &aServer{t: t, kind: kind, context: 16384, reply: r.read}
			e := s.start()
			m, _ := shortMeeting()
			for i := range 20 {
				m.Agenda = append(m.Agenda, referent.AgendaItem{Number: fmt.Sprintf("PS %d/26", i+1),
					Title: fmt.Sprintf("Sak %d om tilskudd til lag og foreninger og hvordan det skal fordeles mellom bygdene i kommunen", i+1)})
			}
			tr := lengthy(300)
			got, err := keyed().Write(t.Context(), m, tr, e, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.all(len(tr.Segments))
			if got.Provenance.Parts != len(s.requests()) {
				t.Errorf("%d answers, %d of them used", len(s.requests()), got.Provenance.Parts)
			}
			short, err := keyed().Write(t.Context(), m, talk("Kari Nordmann: Takk for i dag."), e, nil)
			if err != nil || short.Provenance.Parts != 1 {
				t.Errorf("a short meeting: %v", err)
			}
		})
	}
}

// A server that answers the question that only counts with a refusal has said nothing of formats.
func TestCountQuestionRefused(t *testing.T) {
	s := &aServer{t: t, kind: "openai", context: 16384, refusesCount: true}
	m, _ := shortMeeting()
	if _, err := keyed().Write(t.Context(), m, lengthy(60), s.start(), nil); err != nil {
		t.Fatal(err)
	}
	if len(s.requests()) == 0 {
		t.Fatal("nothing was asked")
	}
	for _, body := range s.requests() {
		if f, _ := body["response_format"].(map[string]any); f["type"] != "json_schema" {
			t.Errorf("the format is %v", body["response_format"])
		}
	}
}

// A server can tell any size of its context.
func TestAbsurdContext(t *testing.T) {
	for _, size := range []int{1 << 62, -1 << 62, -1} {
		s := &aServer{t: t, kind: "vllm", context: size}
		m, _ := shortMeeting()
		got, err := keyed().Write(t.Context(), m, lengthy(60), s.start(), nil)
		if size > 0 && (err != nil || got.Provenance.Parts > 2) || size < 0 && err == nil {
			t.Errorf("%d: %v", size, err)
		}
	}
}

// A server that asks for a pause gets it.
func TestRetryAfter(t *testing.T) {
	m, tr := shortMeeting()
	var times []time.Time
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/chat/completions") {
			http.NotFound(w, r)
			return
		}
		if times = append(times, time.Now()); len(times) == 1 {
			w.Header().Set("Retry-After", "0.3")
			w.WriteHeader(http.StatusTooManyRequests)
			io.WriteString(w, `{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}`)
			return
		}
		content, _ := json.Marshal(goodAnswer)
		fmt.Fprintf(w, `{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":%s}}]}`, content)
	}))
	defer srv.Close()
	e := &referent.Endpoint{BaseURL: srv.URL + "/v1", Model: "m", Timeout: 5 * time.Second}
	if _, err := writer().Write(t.Context(), m, tr, e, nil); err != nil {
		t.Fatal(err)
	}
	if len(times) != 2 || times[1].Sub(times[0]) < 300*time.Millisecond {
		t.Errorf("asked %d times, %v apart", len(times), times[len(times)-1].Sub(times[0]))
	}
}

// What a provider's filter refuses is refused the next time too.
func TestContentFilter(t *testing.T) {
	m, tr := shortMeeting()
	calls := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/chat/completions") {
			calls++
		}
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}`)
	}))
	defer srv.Close()
	e := &referent.Endpoint{BaseURL: srv.URL, Model: "m", API: referent.APIAzure, Timeout: 5 * time.Second}
	_, err := writer().Write(t.Context(), m, tr, e, nil)
	if referent.CodeOf(err) != referent.CodeLLMAnswer || calls != 1 || !strings.Contains(referent.HintOf(err), "filter") {
		t.Errorf("%v after %d calls", err, calls)
	}
}
