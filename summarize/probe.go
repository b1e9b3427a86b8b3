package summarize

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/referent/referent"
)

// The servers that are told apart.
const (
	serverLlama  = "llama.cpp"
	serverOllama = "ollama"
	serverVLLM   = "vllm"
	serverAzure  = "azure"
)

// EndpointInfo is what a server tells of itself.
type EndpointInfo struct {
	Models      []string `json:"models"`            // names it can be asked for
	ContextSize int      `json:"context_size"`      // tokens of one request; 0: it does not tell
	Server      string   `json:"server"`            // "llama.cpp", "ollama", "vllm", "azure" or "" when not known
	Version     string   `json:"version,omitempty"` // of the server, as it names it
	HasModel    bool     `json:"has_model"`         // the configured model is among them, or none is configured

	tokenizer string // address that counts tokens for nothing; empty: there is none
}

// probeTimeout bounds each question of a probe.
const probeTimeout = 10 * time.Second

// Probe asks an endpoint which models it has and how much text it takes in. It sends no text of any
// meeting. Errors: CodeLLMForbidden, CodeLLMUnreachable, CodeLLMAnswer when it does not speak the API.
func Probe(ctx context.Context, e *referent.Endpoint, apiKey string) (EndpointInfo, error) {
	return New(Config{APIKey: apiKey}).probe(ctx, e)
}

func (w *Writer) probe(ctx context.Context, e *referent.Endpoint) (EndpointInfo, error) {
	if err := Allowed(e); err != nil {
		return EndpointInfo{}, err
	}
	l := w.connect(e, w.local(ctx, e), nil)
	defer l.close()
	return l.probe(ctx)
}

func (l *connection) probe(ctx context.Context) (EndpointInfo, error) {
	base := strings.TrimSuffix(l.e.BaseURL, "/")
	if l.e.API == referent.APIAzure {
		// Azure lists the models it could run, not the deployments there are: this only tells whether
		// address and key are right.
		err := l.ask(ctx, purposeProbe, http.MethodGet, base+"/openai/models?api-version="+url.QueryEscape(azureVersion(l.e)), nil, new(struct{}))
		return EndpointInfo{Server: serverAzure, Version: azureVersion(l.e), Models: named(l.e.Model), HasModel: err == nil}, err
	}
	var list struct {
		Data []struct {
			ID          string `json:"id"`
			OwnedBy     string `json:"owned_by"`
			MaxModelLen int    `json:"max_model_len"` // vLLM
			Meta        struct {
				NCtx      int `json:"n_ctx"`       // llama.cpp: in use
				NCtxTrain int `json:"n_ctx_train"` // llama.cpp: as trained, not what a request may hold
			} `json:"meta"`
		} `json:"data"`
	}
	if err := l.ask(ctx, purposeProbe, http.MethodGet, base+"/models", nil, &list); err != nil {
		return EndpointInfo{}, err
	}
	info := EndpointInfo{Models: []string{}}
	for _, m := range list.Data {
		info.Models = append(info.Models, m.ID)
		switch m.OwnedBy {
		case "llamacpp":
			info.Server = serverLlama
		case "vllm":
			info.Server = serverVLLM
		}
		if l.e.Model == "" || m.ID == l.e.Model {
			info.HasModel = true
			info.ContextSize = max(info.ContextSize, m.MaxModelLen, m.Meta.NCtx)
		}
	}
	root, versioned := strings.CutSuffix(base, "/v1")
	switch {
	case info.Server == serverVLLM:
		l.probeVLLM(ctx, root, &info)
	case info.Server == "" && info.ContextSize > 0: // a server that is not known and has told
	case l.probeLlama(ctx, root, &info):
	case info.Server == "" && l.e.Model != "" && versioned:
		l.probeOllama(ctx, root, &info)
	}
	return info, nil
}

func named(model string) []string {
	if model == "" {
		return []string{}
	}
	return []string{model}
}

// Below, that a server lacks an address is not an error: it then has nothing to tell.

// probeLlama reports whether llama.cpp answers.
func (l *connection) probeLlama(ctx context.Context, root string, info *EndpointInfo) bool {
	var props struct {
		Settings struct {
			NCtx int `json:"n_ctx"`
		} `json:"default_generation_settings"`
		BuildInfo string `json:"build_info"`
	}
	if l.ask(ctx, purposeProbe, http.MethodGet, root+"/props", nil, &props) != nil || props.Settings.NCtx <= 0 {
		return false
	}
	info.Server, info.Version, info.ContextSize = serverLlama, props.BuildInfo, props.Settings.NCtx // of one slot: what one request may hold
	info.tokenizer = root + "/tokenize"
	return true
}

func (l *connection) probeVLLM(ctx context.Context, root string, info *EndpointInfo) {
	var v struct {
		Version string `json:"version"`
	}
	if l.ask(ctx, purposeProbe, http.MethodGet, root+"/version", nil, &v) == nil {
		info.Version = v.Version
	}
	info.tokenizer = root + "/tokenize"
}

func (l *connection) probeOllama(ctx context.Context, root string, info *EndpointInfo) {
	var show struct {
		Parameters string         `json:"parameters"`
		ModelInfo  map[string]any `json:"model_info"`
	}
	if l.ask(ctx, purposeProbe, http.MethodPost, root+"/api/show", map[string]string{"model": l.e.Model}, &show) != nil || show.ModelInfo == nil {
		return
	}
	info.Server = serverOllama
	// What the model was trained for is in model_info; what Ollama really gives it is num_ctx, or what it has
	// loaded it with.
	for line := range strings.Lines(show.Parameters) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == "num_ctx" {
			fmt.Sscan(f[1], &info.ContextSize)
		}
	}
	var v struct {
		Version string `json:"version"`
	}
	if l.ask(ctx, purposeProbe, http.MethodGet, root+"/api/version", nil, &v) == nil {
		info.Version = v.Version
	}
	var ps struct {
		Models []struct {
			Name          string `json:"name"`
			ContextLength int    `json:"context_length"`
		} `json:"models"`
	}
	if l.ask(ctx, purposeProbe, http.MethodGet, root+"/api/ps", nil, &ps) != nil {
		return
	}
	for _, m := range ps.Models {
		if strings.TrimSuffix(m.Name, ":latest") == strings.TrimSuffix(l.e.Model, ":latest") && m.ContextLength > 0 {
			info.ContextSize = m.ContextLength
		}
	}
}

// ask sends one question, a JSON body or none, and reads the JSON answer into to.
func (l *connection) ask(ctx context.Context, purpose, method, addr string, body, to any) error {
	const op = "summarize: probe endpoint"
	ctx, cancel := context.WithTimeout(withOutcall(ctx, &outcall{purpose: purpose}), min(probeTimeout, l.e.CallTimeout()))
	defer cancel()
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return referent.E(referent.CodeInternal, op, err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, addr, bytes.NewReader(data))
	if err != nil {
		return referent.E(referent.CodeLLMForbidden, op, errors.New("not an address"))
	}
	switch {
	case l.key == "":
	case l.e.API == referent.APIAzure:
		req.Header.Set("Api-Key", l.key)
	default:
		req.Header.Set("Authorization", "Bearer "+l.key)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := l.http.Do(req)
	if err != nil {
		return callError(op, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return statusError(op, res.StatusCode)
	}
	if err := json.NewDecoder(res.Body).Decode(to); err != nil {
		return referent.E(referent.CodeLLMAnswer, op, errors.New("the answer is not the expected JSON")).
			WithHint("is the address that of an OpenAI-compatible API, with /v1 at its end?")
	}
	return nil
}
