package summarize

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
	openai "github.com/sashabaranov/go-openai"
	"github.com/sethvargo/go-retry"
)

// maxBackoff bounds the wait between two attempts.
const maxBackoff = 30 * time.Second

// conversation is one meeting's calls to one endpoint.
type conversation struct {
	w      *Writer
	client *openai.Client
	e      *referent.Endpoint
	m      *referent.Meeting
	prompt prompt
	budget budget
	host   string
	// format is how strictly the server lets the answer be bound, from the strictest down. It is
	// loosened for good when the server refuses one, so that a meeting asks at most twice in vain.
	format format
	// moved tells that a call came back, whatever it brought: no work hangs that is between two calls.
	moved func()
}

type format int

const (
	formatSchema format = iota
	formatObject
	formatPlain
)

func (w *Writer) writeLLM(ctx context.Context, m *referent.Meeting, t *referent.Transcript, e *referent.Endpoint,
	builtin *referent.Minutes, done referent.Checkpoints, progress func(float64)) (*referent.Minutes, error) {
	if err := Allowed(e); err != nil {
		return nil, err
	}
	c, closeIdle, err := w.converse(ctx, m, e)
	if err != nil {
		return nil, err
	}
	defer closeIdle()
	parts := partition(m, t, c.budget.part)
	merged := newMerger(m, t, builtin)
	share := 0.0
	c.moved = func() { progress(share) }
	for i, part := range parts {
		answers, err := c.write(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, a := range answers {
			merged.add(a)
		}
		share = float64(i+1) / float64(len(parts)+1)
		progress(share)
	}
	out := merged.minutes()
	out.Provenance = referent.Provenance{Writer: "llm", Model: e.Model, PromptSHA256: c.prompt.hash}
	return out, nil
}

// converse prepares the calls: the guarded client, the prompt and the budget. It asks the server for
// its context size when the configuration does not say.
func (w *Writer) converse(ctx context.Context, m *referent.Meeting, e *referent.Endpoint) (*conversation, func(), error) {
	p, err := newPrompt(m)
	if err != nil {
		return nil, nil, err
	}
	u, err := url.Parse(e.BaseURL)
	if err != nil {
		return nil, nil, referent.E(referent.CodeLLMForbidden, "summarize: check endpoint", errors.New("not an address"))
	}
	context := e.ContextSize
	if context <= 0 {
		info, err := w.probe(ctx, e)
		// A server that does not list its models may still answer: only what no later call could mend
		// ends here.
		if code := referent.CodeOf(err); code == referent.CodeLLMForbidden || code == referent.CodeCancelled {
			return nil, nil, err
		}
		context = cmp.Or(info.ContextSize, defaultContext)
	}
	client := w.client(e)
	cfg := openai.DefaultConfig(w.cfg.APIKey)
	cfg.BaseURL = strings.TrimSuffix(e.BaseURL, "/")
	cfg.HTTPClient = client
	return &conversation{
		w: w, client: openai.NewClientWithConfig(cfg), e: e, m: m, prompt: p, host: u.Host,
		budget: newBudget(max(context, minContext), tokens(p.system)+tokens(message(m, nil))),
	}, client.CloseIdleConnections, nil
}

// write gets the answers for one part. When the answer is cut off, because it or the part is too long
// for the context, the part is halved and each half asked for; nothing of it is left out unseen.
func (c *conversation) write(ctx context.Context, part []line) ([]*answer, error) {
	a, err := c.ask(ctx, part)
	if !errors.Is(err, errCut) {
		if err != nil {
			return nil, err
		}
		return []*answer{a}, nil
	}
	if len(part) < 2 {
		return nil, referent.E(referent.CodeLLMAnswer, "summarize: ask model", errCut).
			WithHint("give the model a larger context")
	}
	half := len(part) / 2
	first, err := c.write(ctx, part[:half])
	if err != nil {
		return nil, err
	}
	second, err := c.write(ctx, part[half:])
	return append(first, second...), err
}

// ask gets one part's answer, trying again on failures that can pass and on unusable answers. The
// attempts differ in seed and temperature in a fixed way, so that a repeated run gets the same.
func (c *conversation) ask(ctx context.Context, part []line) (*answer, error) {
	const op = "summarize: ask model"
	attempt := 0
	var out *answer
	backoff := retry.WithMaxRetries(uint64(c.w.cfg.Retries), retry.WithCappedDuration(maxBackoff, retry.NewExponential(c.w.cfg.Backoff)))
	err := retry.Do(ctx, backoff, func(ctx context.Context) error {
		n := attempt
		attempt++
		text, finish, err := c.call(ctx, part, n)
		if err != nil {
			if passing(err) {
				return retry.RetryableError(err)
			}
			return err
		}
		a, err := parseAnswer(text)
		if finish == openai.FinishReasonLength && err != nil || errors.Is(err, errCut) {
			return errCut
		}
		if err != nil {
			return retry.RetryableError(referent.E(referent.CodeLLMAnswer, op, err).
				WithHint("the model may be too small, or not made to follow instructions"))
		}
		out = a
		return nil
	})
	if ctx.Err() != nil {
		return nil, referent.E(referent.CodeCancelled, op, ctx.Err())
	}
	return out, err
}

// passing tells the failures that another attempt can mend: everything that CodeLLMUnreachable means
// except a refused key and a wrong address.
func passing(err error) bool {
	return referent.CodeOf(err) == referent.CodeLLMUnreachable && !errors.Is(err, errRefused)
}

// errRefused marks answers of a server that will be the same next time.
var errRefused = errors.New("the server refuses")

// call makes one call, loosening the answer's format when the server does not know the stricter one.
func (c *conversation) call(ctx context.Context, part []line, attempt int) (text string, finish openai.FinishReason, err error) {
	const op = "summarize: ask model"
	for {
		res, err := c.send(ctx, part, attempt)
		if err == nil {
			if len(res.Choices) == 0 {
				return "", "", referent.E(referent.CodeLLMAnswer, op, errNonsense)
			}
			return res.Choices[0].Message.Content, res.Choices[0].FinishReason, nil
		}
		status := statusOf(err)
		if (status == 400 || status == 422 || status == 501) && tooLong(err) {
			return "", "", errCut
		}
		if (status == 400 || status == 422 || status == 501) && c.format < formatPlain {
			c.format++
			c.w.cfg.Log.Info("the endpoint refuses the answer format; a looser one is used", "host", c.host, "format", int(c.format))
			continue
		}
		return "", "", classify(op, err, status)
	}
}

func (c *conversation) send(ctx context.Context, part []line, attempt int) (openai.ChatCompletionResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, c.e.CallTimeout())
	defer cancel()
	system, user := c.prompt.system, message(c.m, part)
	req := openai.ChatCompletionRequest{
		Model:     c.e.Model,
		MaxTokens: c.budget.answer,
		// The library leaves a zero out of the request, and servers then take their own default; this
		// is as good as zero for every sampler, and not so small that a division overflows.
		Temperature: max(1e-6, 0.2*float32(attempt)),
		Seed:        &attempt,
	}
	switch c.format {
	case formatSchema:
		req.ResponseFormat = &openai.ChatCompletionResponseFormat{
			Type:       openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: "minutes", Schema: json.RawMessage(answerSchema), Strict: true},
		}
	case formatObject:
		req.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject}
	}
	if c.format != formatSchema {
		system += "\n\nJSON Schema:\n" + string(answerSchema)
	}
	req.Messages = []openai.ChatCompletionMessage{
		{Role: openai.ChatMessageRoleSystem, Content: system},
		{Role: openai.ChatMessageRoleUser, Content: user},
	}
	start := time.Now()
	res, err := c.client.CreateChatCompletion(ctx, req)
	c.moved()
	c.w.cfg.Log.Info("called the language model", "host", c.host, "purpose", "minutes", "bytes", len(system)+len(user),
		"lines", len(part), "attempt", attempt, "seconds", time.Since(start).Seconds(), "ok", err == nil,
		"prompt_tokens", res.Usage.PromptTokens, "answer_tokens", res.Usage.CompletionTokens)
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
	s := strings.ToLower(err.Error())
	return slices.ContainsFunc([]string{"context_length_exceeded", "exceed_context_size", "context length", "context size", "maximum context"},
		func(w string) bool { return strings.Contains(s, w) })
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
	for _, known := range []error{errForbidden, errHuge} {
		if errors.Is(err, known) {
			return callError(op, known)
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return referent.E(referent.CodeLLMUnreachable, op, errors.New("no answer in time")).
			WithHint("raise the endpoint's timeout, or use a faster model or machine")
	}
	if errors.Is(err, context.Canceled) {
		return callError(op, context.Canceled)
	}
	if e, ok := errors.AsType[net.Error](err); ok {
		return callError(op, e)
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		return callError(op, e.Err)
	}
	return referent.E(referent.CodeLLMAnswer, op, errors.New("the answer is not that of an OpenAI-compatible API")).
		WithHint("is the address that of an OpenAI-compatible API, with /v1 at its end?")
}

// supplement adds to a model's minutes what the rules found and the model did not cover.
func supplement(out, builtin *referent.Minutes) {
	covered := map[string]bool{}
	mark := func(ids []string) {
		for _, id := range ids {
			covered[id] = true
		}
	}
	for _, d := range out.Decisions {
		mark(d.Evidence)
	}
	for _, a := range out.Actions {
		mark(a.Evidence)
	}
	for _, v := range out.Votes {
		mark(v.Evidence)
	}
	for _, r := range out.NeedsReview {
		mark(r.Evidence)
	}
	missed := func(text string, ids []string) {
		if len(ids) > 0 && !slices.ContainsFunc(ids, func(id string) bool { return covered[id] }) {
			out.PossiblyMissed = append(out.PossiblyMissed, referent.Point{Text: text, Evidence: ids})
			mark(ids)
		}
	}
	for _, v := range builtin.Votes {
		missed(strings.TrimRight(v.Proposal, ".")+" – "+extract.Count(v)+".", v.Evidence)
	}
	for _, d := range builtin.Decisions {
		missed(d.Text, d.Evidence)
	}
	for _, a := range builtin.Actions {
		missed(a.Owner+": "+a.Task, a.Evidence)
	}
	if out.NextMeeting == nil && builtin.NextMeeting != nil {
		missed(builtin.NextMeeting.Text, builtin.NextMeeting.Evidence)
	}
}
