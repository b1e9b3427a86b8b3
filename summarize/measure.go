package summarize

import (
	"context"
	"errors"
	"net/http"

	"github.com/referent/referent"
)

// How much text is counted to learn how many tokens a byte of this meeting is, in bytes.
const (
	sampleCounted = 24 << 10 // by a server that counts for nothing
	sampleAsked   = 2400     // by asking the model, which must fit the smallest context
)

// measure learns how the endpoint counts, so that parts can be as large as its context and no larger. A
// meeting that fits any context is not worth a call.
func (c *conversation) measure(ctx context.Context) error {
	total := 0
	for _, l := range c.lines {
		total += len(l.String()) + 1
	}
	if c.counts() {
		text := c.prompt.system + "\n\n" + c.prompt.message(c.head, c.sample(sampleCounted))
		n, err := c.count(ctx, text)
		if err != nil {
			return err
		}
		c.budget.learn(n, len(text))
		return nil
	}
	if total <= sampleAsked {
		return nil
	}
	text := c.prompt.message(c.head, c.sample(sampleAsked))
	key := c.key("measure", text)
	s, err := c.recall(ctx, key)
	if err != nil {
		return err
	}
	if s == nil {
		s = new(saved)
		err := c.insist(ctx, func(ctx context.Context, _ int) error {
			res, err := c.call(ctx, purposeCount, text, 0)
			if err == nil {
				s.PromptTokens = res.promptTokens
			}
			return err
		})
		// A server that refuses the question is asked with care, not given up: it may take the next.
		if err != nil && !errors.Is(err, errCut) && referent.CodeOf(err) != referent.CodeLLMAnswer {
			return err
		}
		if err := c.save(ctx, key, s); err != nil {
			return err
		}
	}
	c.budget.learn(s.PromptTokens, len(c.system())+len(text))
	return nil
}

// sample is the lines from the beginning that hold so many bytes.
func (c *conversation) sample(bytes int) []line {
	size := 0
	for i, l := range c.lines {
		if size += len(l.String()) + 1; size > bytes && i > 0 {
			return c.lines[:i]
		}
	}
	return c.lines
}

// counts reports whether the server counts tokens for whoever asks.
func (c *conversation) counts() bool { return c.server.tokenizer != "" }

// count asks the server for the tokens of a text; 0 when it does not tell after all.
func (c *conversation) count(ctx context.Context, text string) (int, error) {
	var got struct {
		Count  int   `json:"count"`  // vLLM
		Tokens []int `json:"tokens"` // both
	}
	body := map[string]any{"content": text}
	if c.server.Server == serverVLLM {
		body = map[string]any{"model": c.e.Model, "prompt": text}
	}
	err := c.line.ask(ctx, purposeCount, http.MethodPost, c.server.tokenizer, body, &got)
	c.moved()
	switch code := referent.CodeOf(err); {
	case code == referent.CodeCancelled || code == referent.CodeLLMForbidden || code == referent.CodeLLMLeak:
		return 0, err
	case err != nil:
		c.server.tokenizer = "" // it does not count after all; what was learnt stays
		return 0, nil
	}
	return max(got.Count, len(got.Tokens)), nil
}

// fits reports whether a message and the answer go into the context together. A server that counts is
// asked; else what was measured must do.
func (c *conversation) fits(ctx context.Context, text string) (bool, error) {
	all := c.system() + "\n\n" + text
	n := 0
	if c.counts() {
		var err error
		if n, err = c.count(ctx, all); err != nil {
			return false, err
		}
	}
	if n == 0 {
		n = c.budget.tokens(len(all))
	}
	return n+overhead+c.budget.answer <= c.budget.context, nil
}
