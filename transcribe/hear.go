package transcribe

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/names"
	"github.com/referent/referent/transcribe/whispercpp"
	"github.com/referent/referent/transcribe/window"
)

// ways are how windows are heard: every window first, and those that need it again.
type ways struct {
	first, again whispercpp.Params
	// unsure is the mean log-probability of a window below which it is heard with beam search, though no
	// other gate found fault.
	unsure float64
}

func waysFor(task referent.Recognition) ways {
	language := task.Language
	if language == "" {
		language = "no"
	}
	p := whispercpp.DefaultParams(language)
	p.TemperatureStep = 0 // the gates decide whether to try again, and how
	p.Prompt = names.Prompt(task.Names, task.Vocabulary)
	w := ways{first: p, again: p, unsure: minLogProb}
	w.again.Beam = 5
	switch task.Mode {
	case referent.ModeThorough:
		w.unsure = thoroughBelow
	case referent.ModeBeam:
		w.first.Beam = 5
	}
	return w
}

// thoroughBelow is where ModeThorough starts to look for better words.
const thoroughBelow = -0.25

// heardWindow is what one window gave.
type heardWindow struct {
	language string
	segments []referent.Segment
	gaps     []referent.Gap
}

// attempt is what one way of hearing gave.
type attempt struct {
	result  whispercpp.Result
	verdict verdict
}

// window recognises one window. When the gates find a fault that another way of hearing may mend, it is
// heard again: with beam search and without the vocabulary, then in two halves. The best attempt is kept
// and its faults are marked: text is never dropped in silence.
func (c *call) window(ctx context.Context, w referent.Window) (heardWindow, error) {
	samples, err := c.audio.window(w)
	if err != nil {
		return heardWindow{}, err
	}
	began := time.Now()
	best, err := c.attempt(ctx, samples, w, c.ways.first)
	if err != nil {
		return heardWindow{}, err
	}
	tries := 1
	for _, again := range []func(context.Context, []float32, referent.Window, attempt) (attempt, bool, error){c.beam, c.halves} {
		other, tried, err := again(ctx, samples, w, best)
		if err != nil {
			return heardWindow{}, err
		}
		if tried {
			tries++
			best = better(best, other)
		}
	}
	if tries > 1 {
		c.cfg.Log.Debug("window heard again", "chunk", c.task.Chunk, "tries", tries, "seconds", time.Since(began).Seconds(), "doubt", best.verdict.share)
	}
	return c.write(best, samples, w), nil
}

// attempt hears samples in one way and judges what came.
func (c *call) attempt(ctx context.Context, samples []float32, w referent.Window, p whispercpp.Params) (a attempt, err error) {
	err = c.sit(ctx, func(seat int) error {
		a.result, err = c.slots[seat].Transcribe(ctx, samples, p)
		return err
	})
	a.verdict = judge(a.result, sceneOf(w, p.Prompt))
	return a, err
}

// beam hears a window again with beam search, when a gate or an unsure text asks for it.
func (c *call) beam(ctx context.Context, samples []float32, w referent.Window, best attempt) (attempt, bool, error) {
	if !best.verdict.mendable && (best.verdict.logProb >= c.ways.unsure || c.ways.first.Beam > 1) {
		return attempt{}, false, nil
	}
	p := c.ways.again
	if best.verdict.mendable {
		p = restless(p)
		if c.ways.first.Beam > 1 && c.ways.first.Prompt == "" {
			p.Temperature = 0.4 // without it this would be the first attempt over again
		}
	}
	a, err := c.attempt(ctx, samples, w, p)
	return a, true, err
}

// restless is p for windows in which a gate found fault: without the vocabulary, a common cause of loops
// and of its own echo, and with a guess or two at higher temperatures should beam search end in a loop too.
func restless(p whispercpp.Params) whispercpp.Params {
	p.Prompt, p.TemperatureStep, p.BestOf = "", 0.6, 2
	return p
}

// shortestCut is the length of a window below which its halves would be too short to be understood.
const shortestCut = 8 * referent.SampleRate

// halves hears the two halves of a window by themselves, when a fault is still there.
func (c *call) halves(ctx context.Context, samples []float32, w referent.Window, best attempt) (attempt, bool, error) {
	if !best.verdict.mendable || len(samples) < shortestCut {
		return attempt{}, false, nil
	}
	p := restless(c.ways.again)
	cut := cutOf(samples, w)
	first, err := c.attempt(ctx, samples[:cut], window.Part(w, 0, int64(cut)), p)
	if err != nil {
		return attempt{}, true, err
	}
	second, err := c.attempt(ctx, samples[cut:], window.Part(w, int64(cut), w.Samples()), p)
	if err != nil {
		return attempt{}, true, err
	}
	joined := whispercpp.Result{Language: first.result.Language, Sampled: first.result.Sampled || second.result.Sampled}
	joined.Segments = append(slices.Clone(first.result.Segments), later(second.result.Segments, duration(int64(cut)))...)
	return attempt{joined, judge(joined, sceneOf(w, ""))}, true, nil
}

// better is the one of two attempts with less to doubt. An echo of the vocabulary that comes again when
// nothing was put before the window was no echo: somebody reads the names out.
func better(first, other attempt) attempt {
	if first.verdict.has(ReasonPromptEcho) && confirms(other.result, first.result) {
		first.verdict.drop(ReasonPromptEcho)
	}
	if other.verdict.less(first.verdict) {
		return other
	}
	return first
}

// confirms reports whether most words of a text stand in another as well, in whatever spelling comes close:
// names that were not put before the window are seldom spelt as there.
func confirms(other, text whispercpp.Result) bool {
	heard := strings.Fields(bare(textOfAll(other)))
	words := strings.Fields(bare(textOfAll(text)))
	found := 0
	for _, w := range words {
		if slices.ContainsFunc(heard, func(h string) bool { return alike(w, h) }) {
			found++
		}
	}
	return 2*found > len(words)
}

// write leads an attempt back to the recording's times and to the words of the domain.
func (c *call) write(a attempt, samples []float32, w referent.Window) heardWindow {
	clock := window.NewClock(w)
	h := heardWindow{language: a.result.Language}
	words := wordsOf(a.result.Segments, samples, w)
	for i, s := range a.result.Segments {
		reasons := a.verdict.reasons[i]
		if a.verdict.held[i] {
			h.gaps = append(h.gaps, gapsOf(clock, s.Start, s.End, ReasonNoSpeech)...)
			continue
		}
		h.segments = append(h.segments, segmentsOf(words[i], referent.Quality{OK: len(reasons) == 0, Reasons: reasons})...)
	}
	for _, x := range a.verdict.holes {
		h.gaps = append(h.gaps, gapsOf(clock, x.start, x.end, ReasonMissingText)...)
	}
	slices.SortStableFunc(h.gaps, func(a, b referent.Gap) int { return int(a.Start*1000) - int(b.Start*1000) })
	if w.Channel > 0 {
		for i := range h.segments {
			h.segments[i].Speaker = fmt.Sprintf("c%d", w.Channel)
		}
	}
	return h
}

func textOfAll(r whispercpp.Result) string {
	var b strings.Builder
	for _, s := range r.Segments {
		b.WriteString(textOf(s))
	}
	return b.String()
}
