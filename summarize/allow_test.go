package summarize_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize"
)

func TestAllowed(t *testing.T) {
	for _, c := range []struct {
		url     string
		allowed []string
		want    bool
	}{
		{"http://127.0.0.1:8080/v1", nil, true},
		{"http://127.8.9.10/v1", nil, true},
		{"http://[::1]:11434/v1", nil, true},
		{"http://[::ffff:127.0.0.1]/v1", nil, true},
		{"http://LOCALHOST:8080/v1", nil, true},
		{"http://localhost./v1", nil, true},
		{"https://llm.intern.example:8443/v1", []string{"llm.intern.example"}, true},
		{"https://LLM.intern.example/v1", []string{"llm.intern.example:443"}, true},
		{"https://llm.intern.example:8443/v1", []string{"llm.intern.example:443"}, false},
		{"http://10.0.0.5/v1", nil, false},
		{"http://10.0.0.5/v1", []string{"10.0.0.5"}, true},
		{"http://0.0.0.0:8080/v1", nil, false},
		{"http://127.0.0.1.example.com/v1", nil, false},
		{"http://localhost.example.com/v1", nil, false},
		{"http://127.0.0.1@example.com/v1", nil, false},
		{"http://2130706433/v1", nil, false},
		{"http://169.254.169.254/v1", nil, false},
		{"https://api.example.com/v1", []string{"example.com"}, false},
		{"file:///etc/passwd", nil, false},
		{"127.0.0.1:8080", nil, false},
		{"", nil, false},
	} {
		err := summarize.Allowed(&referent.Endpoint{BaseURL: c.url, Allowed: c.allowed})
		if (err == nil) != c.want || err != nil && referent.CodeOf(err) != referent.CodeLLMForbidden {
			t.Errorf("%s with %v: %v", c.url, c.allowed, err)
		}
		if err != nil && strings.Contains(err.Error(), "passwd") {
			t.Errorf("%s: the error repeats the address", c.url)
		}
	}
}

// A proxy from the environment would carry the transcript to a host that nobody listed.
func TestNoProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the proxy was used") }))
	defer proxy.Close()
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	e := &referent.Endpoint{BaseURL: "http://llm.invalid/v1", Allowed: []string{"llm.invalid"}}
	if _, err := summarize.Probe(t.Context(), e, ""); referent.CodeOf(err) != referent.CodeLLMUnreachable {
		t.Errorf("%v", err)
	}
}

func TestProbe(t *testing.T) {
	routes := map[string]map[string]string{
		"llama.cpp": {
			"/v1/models": `{"data":[{"id":"qwen","owned_by":"llamacpp","meta":{"n_ctx_train":32768}}]}`,
			"/props":     `{"default_generation_settings":{"n_ctx":8192},"build_info":"b1"}`,
		},
		"vllm":   {"/v1/models": `{"data":[{"id":"other","max_model_len":4},{"id":"qwen","owned_by":"vllm","max_model_len":16384}]}`},
		"ollama": {"/v1/models": `{"data":[{"id":"qwen","owned_by":"library"}]}`, "/api/show": `{"parameters":"stop \"x\"\nnum_ctx 12288","model_info":{"general.architecture":"qwen2"}}`},
		"":       {"/v1/models": `{"data":[{"id":"qwen"}]}`},
	}
	want := map[string]int{"llama.cpp": 8192, "vllm": 16384, "ollama": 12288, "": 0}
	for name, route := range routes {
		t.Run("server "+name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "Bearer k" {
					t.Error("the key is not sent")
				}
				body, ok := route[r.URL.Path]
				if !ok {
					http.NotFound(w, r)
					return
				}
				io.WriteString(w, body)
			}))
			defer srv.Close()
			info, err := summarize.Probe(t.Context(), &referent.Endpoint{BaseURL: srv.URL + "/v1/", Model: "qwen"}, "k")
			if err != nil || info.ContextSize != want[name] || info.Server != name || !info.HasModel || !slices.Contains(info.Models, "qwen") {
				t.Errorf("%+v, %v", info, err)
			}
		})
	}
}

func TestProbeFails(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hei") }))
	defer srv.Close()
	for url, want := range map[string]referent.Code{
		srv.URL + "/v1":               referent.CodeLLMAnswer,
		"http://127.0.0.1:1/v1":       referent.CodeLLMUnreachable,
		"https://api.example.com/v1":  referent.CodeLLMForbidden,
		"http://localhost.invalid/v1": referent.CodeLLMForbidden,
	} {
		if _, err := summarize.Probe(t.Context(), &referent.Endpoint{BaseURL: url}, ""); referent.CodeOf(err) != want {
			t.Errorf("%s: %v, want %s", url, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := summarize.Probe(ctx, &referent.Endpoint{BaseURL: srv.URL}, ""); referent.CodeOf(err) != referent.CodeCancelled {
		t.Errorf("cancelled: %v", err)
	}
}

func TestSchemaIsJSON(t *testing.T) {
	var v map[string]any
	if err := json.Unmarshal(summarize.Schema(), &v); err != nil || v["type"] != "object" {
		t.Error(err)
	}
}
