package summarize

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/referent/referent"
	openai "github.com/sashabaranov/go-openai"
)

// conversation is one meeting's calls to one endpoint.
type conversation struct {
	w       *Writer
	e       *referent.Endpoint
	line    *connection
	server  EndpointInfo
	prompt  prompt
	veil    *veil
	head    string // of each user message: what is known of the meeting
	lines   []line
	budget  budget
	accepts accepts
	done    referent.Checkpoints // nil: nothing is kept
	// moved tells that a call came back, whatever it brought: no work hangs that is between two calls.
	moved func()
	spent usage
}

// usage is what the answers took, as the server counts.
type usage struct {
	parts, prompt, answer int
	answered              bool // a part has an answer that can be used
}

func (w *Writer) writeLLM(ctx context.Context, m *referent.Meeting, t *referent.Transcript, e *referent.Endpoint,
	builtin *referent.Minutes, done referent.Checkpoints, progress func(float64)) (*referent.Minutes, error) {
	began := time.Now()
	if err := Allowed(e); err != nil {
		return nil, err
	}
	share := 0.0
	c, err := w.converse(ctx, m, t, e, done, func() { progress(share) })
	if err != nil {
		return nil, err
	}
	defer c.line.close()
	merged := newMerger(m, t, builtin)
	all := len(c.lines)
	for rest := c.lines; len(rest) > 0; {
		n := c.budget.take(rest)
		answers, err := c.write(ctx, rest[:n])
		if err != nil {
			return nil, err
		}
		for _, a := range answers {
			if err := ctx.Err(); err != nil {
				return nil, referent.E(referent.CodeCancelled, "summarize: write minutes", err)
			}
			for _, d := range c.veil.lift(a) {
				merged.review(d.text, d.reason(merged.form), merged.ids(d.evidence))
			}
			merged.add(a)
		}
		rest = rest[n:]
		share = 0.95 * (float64(all-len(rest)) / float64(all))
		progress(share)
	}
	if !c.spent.answered && len(c.lines) > 0 {
		return nil, referent.E(referent.CodeLLMAnswer, "summarize: write minutes", errEndless).
			WithHint("the model may be too small, or not made to follow instructions")
	}
	out := merged.minutes()
	out.Provenance = referent.Provenance{Writer: "llm", Model: e.Model, PromptSHA256: c.prompt.hash,
		Server: strings.TrimSpace(c.server.Server + " " + c.server.Version), Seconds: time.Since(began).Seconds(),
		Parts: c.spent.parts, PromptTokens: c.spent.prompt, AnswerTokens: c.spent.answer,
		Masked: c.veil != nil, Masks: c.veil.counts()}
	return out, nil
}

// converse prepares the calls: the guarded connection, the masks, the prompt, and how much a part may hold
// by what the server tells of itself.
func (w *Writer) converse(ctx context.Context, m *referent.Meeting, t *referent.Transcript, e *referent.Endpoint,
	done referent.Checkpoints, moved func()) (*conversation, error) {
	c := &conversation{w: w, e: e, done: done, moved: moved}
	local := w.local(ctx, e)
	if !local || e.Mask {
		c.veil = newVeil(m, t)
	}
	c.lines = linesOf(m, t, c.veil)
	c.head = c.veil.mask(headOf(m))
	var err error
	if c.prompt, err = newPrompt(m, c.head, c.lines, c.veil); err != nil {
		return nil, err
	}
	c.veil.fix(append(c.prompt.own, string(boundSchema), sentSchema, c.prompt.message("", nil), e.Model)...)
	c.line = w.connect(e, local, c.veil)
	if c.server, err = c.line.probe(ctx); err != nil {
		// A server that does not list its models may still answer: only what no later call could mend
		// ends here.
		if code := referent.CodeOf(err); code == referent.CodeLLMForbidden || code == referent.CodeCancelled {
			c.line.close()
			return nil, err
		}
	}
	size := cmp.Or(c.server.ContextSize, e.ContextSize, defaultContext)
	if e.ContextSize > 0 {
		size = min(size, e.ContextSize)
	}
	c.budget = newBudget(min(max(size, minContext), maxContext), 0)
	c.refit()
	if err := c.measure(ctx); err != nil {
		c.line.close()
		return nil, err
	}
	return c, nil
}

// write gets the answers for one part. When the answer is cut off, because it or the part is too long
// for the context, the part is halved and each half asked for; so it is when the model comes to no end. What
// it comes to no end with by itself is left for a person to hear. Nothing of a part is left out unseen.
func (c *conversation) write(ctx context.Context, part []line) ([]*answer, error) {
	a, err := c.ask(ctx, part)
	endless := errors.Is(err, errEndless)
	if !errors.Is(err, errCut) && !endless {
		if err != nil {
			return nil, err
		}
		c.spent.answered = true
		return []*answer{a}, nil
	}
	one, other, ok := halves(part)
	switch {
	case !ok && endless: // the rest of the meeting does not wait for it
		a := &answer{}
		for _, l := range part {
			a.unanswered = append(a.unanswered, l.segment+1)
		}
		return []*answer{a}, nil
	case !ok:
		return nil, referent.E(referent.CodeLLMAnswer, "summarize: ask model", errCut).
			WithHint("give the model a larger context")
	}
	first, err := c.write(ctx, one)
	if err != nil {
		return nil, err
	}
	second, err := c.write(ctx, other)
	return append(first, second...), err
}

// ask gets one part's answer: the one an earlier attempt has saved, else the model's, which is saved
// before anything is made of it. errCut when the part is too long for the context.
func (c *conversation) ask(ctx context.Context, part []line) (*answer, error) {
	text := c.prompt.message(c.head, part)
	if fits, err := c.fits(ctx, text); err != nil {
		return nil, err
	} else if !fits {
		return nil, errCut
	}
	key := c.key("part", text)
	s, err := c.recall(ctx, key)
	if err != nil {
		return nil, err
	}
	if a, err := s.answer(); s != nil && !errors.Is(err, errNonsense) {
		return c.take(s, a, err, len(text))
	}
	if s, err = c.answered(ctx, text, len(part)); err != nil {
		return nil, err
	}
	if err := c.save(ctx, key, s); err != nil {
		return nil, err
	}
	a, err := s.answer()
	return c.take(s, a, err, len(text))
}

// take enters an answer, new or saved, in the books. What the server counted says whether it has read
// all that it was sent.
func (c *conversation) take(s *saved, a *answer, err error, sent int) (*answer, error) {
	c.moved()
	if err != nil {
		return nil, err
	}
	if sent := len(c.system()) + sent; c.budget.shortened(s.PromptTokens, sent) {
		c.w.cfg.Log.Warn("the server has dropped a part of what it was sent; less is sent from here on",
			"host", c.line.host, "prompt_tokens", s.PromptTokens, "bytes", sent)
		c.budget.shrink(s.PromptTokens)
		return nil, errCut
	}
	c.spent.parts++
	c.spent.prompt += s.PromptTokens
	c.spent.answer += s.AnswerTokens
	return a, nil
}

// answered asks the model until it gives a usable answer or one that is cut off. The attempts differ in
// seed and temperature in a fixed way, so that a repeated run gets the same.
func (c *conversation) answered(ctx context.Context, text string, lines int) (*saved, error) {
	var out *saved
	err := c.insist(ctx, func(ctx context.Context, attempt int) error {
		res, err := c.call(ctx, purposeMinutes, text, attempt)
		if errors.Is(err, errCut) {
			out = &saved{Cut: true}
			return nil
		}
		if err != nil {
			return err
		}
		s := &saved{Answer: res.text, PromptTokens: res.promptTokens, AnswerTokens: res.answerTokens}
		_, err = s.answer()
		stopped := err != nil && res.finish == openai.FinishReasonLength
		switch {
		case stopped && c.budget.room(len(text)) < c.budget.answer: // twice what was said, and not done
			s = &saved{Endless: true, PromptTokens: res.promptTokens, AnswerTokens: res.answerTokens}
		case stopped:
			s = &saved{Cut: true}
		case errors.Is(err, errNonsense):
			return referent.E(referent.CodeLLMAnswer, "summarize: ask model", err).
				WithHint("the model may be too small, or not made to follow instructions")
		}
		out = s
		c.w.cfg.Log.Info("the language model answered", "host", c.line.host, "lines", lines, "attempt", attempt,
			"prompt_tokens", res.promptTokens, "answer_tokens", res.answerTokens, "cut", s.Cut, "endless", s.Endless)
		return nil
	})
	return out, err
}
