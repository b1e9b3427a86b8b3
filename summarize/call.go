package summarize

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	openai "github.com/sashabaranov/go-openai"
	"github.com/sethvargo/go-retry"
)

// maxBackoff bounds the wait between two attempts.
const maxBackoff = 30 * time.Second

// accepts is what a server has refused so far. It only grows while a meeting is written, and is saved with
// each answer, so that each thing is asked for in vain at most once.
type accepts struct {
	Format        format `json:"format,omitempty"`
	NewMaxTokens  bool   `json:"new_max_tokens,omitempty"` // the limit is called max_completion_tokens
	NoTemperature bool   `json:"no_temperature,omitempty"`
	NoSeed        bool   `json:"no_seed,omitempty"`
}

// format is how strictly the server lets the answer be bound, from the strictest down.
type format int

const (
	formatSchema format = iota
	formatObject
	formatPlain
)

// reply is what came back of one call.
type reply struct {
	text                       string
	finish                     openai.FinishReason
	promptTokens, answerTokens int
}

// insist runs do until it succeeds, fails for good, or has been tried as often as is set. Waits grow, and
// are no shorter than the server asks for.
func (c *conversation) insist(ctx context.Context, do func(ctx context.Context, attempt int) error) error {
	attempt, call := 0, new(outcall)
	growing := retry.WithCappedDuration(maxBackoff, retry.NewExponential(c.w.cfg.Backoff))
	backoff := retry.WithMaxRetries(uint64(c.w.cfg.Retries), retry.BackoffFunc(func() (time.Duration, bool) {
		wait, stop := growing.Next()
		return max(wait, call.wait), stop
	}))
	err := retry.Do(ctx, backoff, func(ctx context.Context) error {
		n := attempt
		attempt++
		call.wait = 0
		err := do(withOutcall(ctx, call), n)
		if passing(err) {
			return retry.RetryableError(err)
		}
		return err
	})
	if ctx.Err() != nil && err != nil {
		return referent.E(referent.CodeCancelled, "summarize: ask model", ctx.Err())
	}
	return err
}

// errRefused marks answers of a server that will be the same next time.
var errRefused = errors.New("the server refuses")

// passing tells the failures that another attempt can mend: a server that is away, unless it refuses the
// key or the address, and an answer that cannot be used.
func passing(err error) bool {
	if errors.Is(err, errRefused) {
		return false
	}
	return referent.CodeOf(err) == referent.CodeLLMUnreachable || errors.Is(err, errNonsense)
}

// call makes one call, asking for less where the server knows less.
func (c *conversation) call(ctx context.Context, purpose, text string, attempt int) (*reply, error) {
	const op = "summarize: ask model"
	for {
		res, err := c.send(ctx, purpose, text, attempt)
		if err == nil {
			if len(res.Choices) == 0 {
				return nil, referent.E(referent.CodeLLMAnswer, op, errNonsense)
			}
			return &reply{text: res.Choices[0].Message.Content, finish: res.Choices[0].FinishReason,
				promptTokens: res.Usage.PromptTokens, answerTokens: res.Usage.CompletionTokens}, nil
		}
		status := statusOf(err)
		refused := slices.Contains([]int{400, 422, 501}, status)
		switch {
		case status == http.StatusRequestEntityTooLarge || refused && tooLong(err):
			return nil, errCut
		case refused && mentions(err, "content_filter", "content management policy"):
			return nil, errors.Join(referent.E(referent.CodeLLMAnswer, op, errors.New("the server's content filter refuses the text")).
				WithHint("let the provider's administrator lift the filter for this deployment, or use another endpoint"), errRefused)
		case (refused || status == 0) && c.askLess(purpose, err):
			c.w.cfg.Log.Info("the endpoint refuses a parameter and is asked without", "host", c.line.host)
			if c.accepts.Format != formatSchema {
				if fits, err := c.fits(ctx, text); err != nil {
					return nil, err
				} else if !fits { // the schema in words takes its place
					return nil, errCut
				}
			}
			continue
		}
		return nil, classify(op, err, status)
	}
}

// askLess takes out of the request what the server, or the client's own check of a model, has refused. It
// is false when nothing is left to take out. The question that only counts has no format: what is refused
// of it says nothing of formats.
func (c *conversation) askLess(purpose string, err error) bool {
	a := &c.accepts
	limit := errors.Is(err, openai.ErrReasoningModelMaxTokensDeprecated)
	fixed := errors.Is(err, openai.ErrReasoningModelLimitationsOther) || errors.Is(err, openai.ErrReasoningSamplingUnsupported)
	if statusOf(err) == 0 && !limit && !fixed {
		return false // no refusal
	}
	switch {
	case !a.NewMaxTokens && (limit || mentions(err, "max_tokens", "max_completion_tokens")):
		a.NewMaxTokens = true
	case !a.NoTemperature && (fixed || mentions(err, "temperature")):
		a.NoTemperature = true
	case !a.NoSeed && mentions(err, "seed"):
		a.NoSeed = true
	case purpose != purposeCount && a.Format < formatPlain:
		a.Format++
		c.refit()
	default:
		return false
	}
	return true
}

// refit makes room for the instructions as they now are: without a grammar, the schema stands there in words.
func (c *conversation) refit() {
	c.budget.fixed = len(c.system()) + len(c.prompt.message(c.head, nil))
	c.budget.share()
}

// system is the first message. Without a grammar, the schema is told in words.
func (c *conversation) system() string {
	if c.accepts.Format == formatSchema {
		return c.prompt.system
	}
	return c.prompt.system + "\n\nJSON Schema:\n" + string(boundSchema)
}

func (c *conversation) send(ctx context.Context, purpose, text string, attempt int) (openai.ChatCompletionResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, c.e.CallTimeout())
	defer cancel()
	call, ok := ctx.Value(outcallKey{}).(*outcall)
	if !ok {
		call = new(outcall)
		ctx = withOutcall(ctx, call)
	}
	call.purpose = purpose
	req := openai.ChatCompletionRequest{Model: c.e.Model}
	limit := c.budget.room(len(text))
	if purpose == purposeCount {
		limit = 1
	} else {
		switch c.accepts.Format {
		case formatSchema:
			req.ResponseFormat = &openai.ChatCompletionResponseFormat{
				Type:       openai.ChatCompletionResponseFormatTypeJSONSchema,
				JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: "minutes", Schema: json.RawMessage(boundSchema), Strict: true},
			}
		case formatObject:
			req.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject}
		}
	}
	if c.accepts.NewMaxTokens {
		req.MaxCompletionTokens = limit
	} else {
		req.MaxTokens = limit //lint:ignore SA1019 the name that all servers but the newest of OpenAI know
	}
	if !c.accepts.NoTemperature {
		// The library leaves a zero out of the request, and servers then take their own default; this is
		// as good as zero for every sampler, and not so small that a division overflows.
		req.Temperature = max(1e-6, 0.2*float32(attempt))
	}
	if !c.accepts.NoSeed {
		req.Seed = &attempt
	}
	req.Messages = []openai.ChatCompletionMessage{
		{Role: openai.ChatMessageRoleSystem, Content: c.system()},
		{Role: openai.ChatMessageRoleUser, Content: text},
	}
	res, err := c.line.chat.CreateChatCompletion(ctx, req)
	c.moved()
	return res, err
}

func statusOf(err error) int {
	if e, ok := errors.AsType[*openai.APIError](err); ok {
		return e.HTTPStatusCode
	}
	if e, ok := errors.AsType[*openai.RequestError](err); ok {
		return e.HTTPStatusCode
	}
	return 0
}

// tooLong reads whether a server refused a request for its length, which servers say in words only.
func tooLong(err error) bool {
	return mentions(err, "context_length_exceeded", "exceed_context_size", "context length", "context size", "maximum context", "context window")
}

// mentions looks for words in what a server said, its codes included.
func mentions(err error, words ...string) bool {
	s := strings.ToLower(err.Error())
	if e, ok := errors.AsType[*openai.APIError](err); ok {
		if code, ok := e.Code.(string); ok {
			s += " " + strings.ToLower(code)
		}
		s += " " + strings.ToLower(e.Type)
		if e.Param != nil {
			s += " " + strings.ToLower(*e.Param)
		}
	}
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// classify makes the error that a person reads. The server's own words are left out: they can repeat
// the transcript.
func classify(op string, err error, status int) error {
	if status != 0 && status != 200 {
		e := statusError(op, status)
		if status == 401 || status == 403 || status == 404 {
			return errors.Join(e, errRefused)
		}
		return e
	}
	for _, known := range []error{errForbidden, errLeak, errHuge} {
		if errors.Is(err, known) {
			return callError(op, known)
		}
	}
	_, transport := errors.AsType[*url.Error](err)
	if _, ok := errors.AsType[net.Error](err); ok || transport || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return callError(op, err)
	}
	return referent.E(referent.CodeLLMAnswer, op, errors.New("the answer is not that of an OpenAI-compatible API")).
		WithHint("is the address that of an OpenAI-compatible API, with /v1 at its end?")
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

// callError turns a transport failure into an error, in our own words.
func callError(op string, err error) error {
	switch {
	case errors.Is(err, errForbidden):
		return referent.E(referent.CodeLLMForbidden, op, errForbidden)
	case errors.Is(err, errLeak):
		return referent.E(referent.CodeLLMLeak, op, errLeak).
			WithHint("nothing of the request was sent; use a model on this machine or the built-in writer, and report the case")
	case errors.Is(err, errHuge):
		return referent.E(referent.CodeLLMAnswer, op, errHuge)
	case errors.Is(err, context.Canceled):
		return referent.E(referent.CodeCancelled, op, context.Canceled)
	}
	why := cause(err)
	if errors.Is(why, errTimeout) {
		return referent.E(referent.CodeLLMUnreachable, op, why).
			WithHint("raise the endpoint's timeout, or use a faster model or machine")
	}
	return referent.E(referent.CodeLLMUnreachable, op, why).WithHint("is the server running and the address right?")
}
