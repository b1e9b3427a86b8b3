package summarize

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strconv"

	"github.com/referent/referent"
)

// saved is what is kept of a call outside this process, so that another attempt need not make it.
type saved struct {
	Answer       string `json:"answer,omitempty"`  // as the model gave it: with masks, if what it was asked had them
	Cut          bool   `json:"cut,omitempty"`     // there is no answer: the part is too long
	Endless      bool   `json:"endless,omitempty"` // there is no answer: the model came to no end
	PromptTokens int    `json:"prompt_tokens,omitempty"`
	AnswerTokens int    `json:"answer_tokens,omitempty"`
	// Accepts is what the server was known to refuse by then. How large the next part is follows from it too.
	Accepts accepts `json:"accepts"`
}

// answer reads the model's answer. Errors: errCut, errEndless, errNonsense.
func (s *saved) answer() (*answer, error) {
	switch {
	case s == nil:
		return nil, errNonsense
	case s.Cut:
		return nil, errCut
	case s.Endless:
		return nil, errEndless
	}
	return parseAnswer(s.Answer)
}

// key names a call by all that its answer follows from.
func (c *conversation) key(what, text string) string {
	h := sha256.New()
	for _, s := range []string{"referent/answer/1", what, c.e.BaseURL, string(c.e.API), c.e.APIVersion, c.e.Model, c.server.Server, c.server.Version,
		c.prompt.system, string(answerSchema), strconv.Itoa(c.budget.answer), text} {
		io.WriteString(h, strconv.Itoa(len(s))+":"+s) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}

// recall returns what was saved under key, nil when there is nothing of use.
func (c *conversation) recall(ctx context.Context, key string) (*saved, error) {
	if c.done == nil {
		return nil, nil
	}
	data, err := c.done.Load(ctx, key)
	if err != nil {
		return nil, interrupted(ctx, err)
	}
	s := new(saved)
	if len(data) == 0 || json.Unmarshal(data, s) != nil {
		return nil, nil
	}
	c.accepts = s.Accepts
	c.refit()
	return s, nil
}

// save keeps s under key. What is too large to be kept is made again by the next attempt; it does not end
// this one.
func (c *conversation) save(ctx context.Context, key string, s *saved) error {
	if c.done == nil {
		return nil
	}
	s.Accepts = c.accepts
	data, err := json.Marshal(s)
	if err != nil {
		return referent.E(referent.CodeInternal, "summarize: save answer", err)
	}
	err = c.done.Save(ctx, key, data)
	if referent.CodeOf(err) == referent.CodeTooLarge {
		return nil
	}
	return interrupted(ctx, err)
}

// interrupted is err, or that the work was ended, when that is why.
func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && referent.CodeOf(err) == referent.CodeInternal {
		return referent.E(referent.CodeCancelled, "summarize: write minutes", ctx.Err())
	}
	return err
}
