package summarize

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
)

// EndpointInfo is what a server tells of itself.
type EndpointInfo struct {
	Models      []string `json:"models"`       // names it can be asked for
	ContextSize int      `json:"context_size"` // tokens of one request; 0: it does not tell
	Server      string   `json:"server"`       // "llama.cpp", "ollama", "vllm" or "" when not known
	HasModel    bool     `json:"has_model"`    // the configured model is among them, or none is configured
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
	c := &prober{client: w.client(e), key: w.cfg.APIKey}
	defer c.client.CloseIdleConnections()
	base := strings.TrimSuffix(e.BaseURL, "/")

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
	if err := c.ask(ctx, http.MethodGet, base+"/models", nil, &list); err != nil {
		return EndpointInfo{}, err
	}
	info := EndpointInfo{Models: []string{}}
	for _, m := range list.Data {
		info.Models = append(info.Models, m.ID)
		switch m.OwnedBy {
		case "llamacpp":
			info.Server = "llama.cpp"
		case "vllm":
			info.Server = "vllm"
		}
		if e.Model == "" || m.ID == e.Model {
			info.HasModel = true
			info.ContextSize = max(info.ContextSize, m.MaxModelLen, m.Meta.NCtx)
		}
	}
	w.probeContext(ctx, c, base, e.Model, &info)
	return info, nil
}

// probeContext asks the servers that tell their context size elsewhere. That a server lacks these
// addresses is not an error: it then has nothing to tell.
func (w *Writer) probeContext(ctx context.Context, c *prober, base, model string, info *EndpointInfo) {
	u, err := url.Parse(base)
	if err != nil {
		return
	}
	root := strings.TrimSuffix(base, "/v1")
	var props struct {
		Settings struct {
			NCtx int `json:"n_ctx"`
		} `json:"default_generation_settings"`
		BuildInfo string `json:"build_info"`
	}
	if info.Server == "llama.cpp" || info.Server == "" {
		if c.ask(ctx, http.MethodGet, root+"/props", nil, &props) == nil && props.Settings.NCtx > 0 {
			info.Server, info.ContextSize = "llama.cpp", props.Settings.NCtx // of one slot: what one request may hold
			return
		}
	}
	if info.ContextSize > 0 || model == "" || !strings.HasSuffix(u.Path, "/v1") {
		return
	}
	var show struct {
		Parameters string         `json:"parameters"`
		ModelInfo  map[string]any `json:"model_info"`
	}
	body, err := json.Marshal(map[string]string{"model": model})
	if err != nil || c.ask(ctx, http.MethodPost, root+"/api/show", body, &show) != nil || show.ModelInfo == nil {
		return
	}
	info.Server = "ollama"
	// What the model was trained for is in model_info; what Ollama really gives it is num_ctx.
	for line := range strings.Lines(show.Parameters) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == "num_ctx" {
			fmt.Sscan(f[1], &info.ContextSize)
		}
	}
}

type prober struct {
	client *http.Client
	key    string
}

// ask sends one question and reads the JSON answer into to.
func (c *prober) ask(ctx context.Context, method, addr string, body []byte, to any) error {
	const op = "summarize: probe endpoint"
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, addr, bytes.NewReader(body))
	if err != nil {
		return referent.E(referent.CodeLLMForbidden, op, errors.New("not an address"))
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.client.Do(req)
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

// statusError turns an HTTP status into an error. The server's own words are left out: they can repeat
// what was sent.
func statusError(op string, status int) error {
	cause := fmt.Errorf("the server answered %d %s", status, http.StatusText(status))
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return referent.E(referent.CodeLLMUnreachable, op, cause).WithHint("check the API key")
	case status == http.StatusNotFound:
		return referent.E(referent.CodeLLMUnreachable, op, cause).WithHint("check the address (it usually ends in /v1) and the model's name")
	case slices.Contains([]int{408, 409, 425, 429}, status) || status >= 500:
		return referent.E(referent.CodeLLMUnreachable, op, cause)
	}
	return referent.E(referent.CodeLLMAnswer, op, cause)
}

// callError turns a transport failure into an error.
func callError(op string, err error) error {
	switch {
	case errors.Is(err, errForbidden):
		return referent.E(referent.CodeLLMForbidden, op, errForbidden)
	case errors.Is(err, errHuge):
		return referent.E(referent.CodeLLMAnswer, op, errHuge)
	case errors.Is(err, context.Canceled):
		return referent.E(referent.CodeCancelled, op, context.Canceled)
	}
	return referent.E(referent.CodeLLMUnreachable, op, err).WithHint("is the server running and the address right?")
}
