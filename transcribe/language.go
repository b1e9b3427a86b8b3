package transcribe

import (
	"context"
	"fmt"
	"slices"

	"github.com/referent/referent"
)

// How the spoken language is found: by what Whisper thinks of several stretches spread over all of the
// recording, never of its first seconds only. They are kept while the recording streams past, since it is
// read once.
const (
	blockSamples = 30 * referent.SampleRate
	// maxBlocks bounds what is kept, 15 MB: when there are more, every other one goes, and from there on
	// only so many are kept as lie as far apart.
	maxBlocks = 16
	// maxVotes is how many blocks are asked at most. Each costs what encoding a window does.
	maxVotes = 7
	// enoughSpeech is what a block must hold to be asked while there are others. Of less than that in all
	// only what is quite clear is believed: three seconds of Norwegian are English to Whisper base.
	enoughSpeech = 5 * referent.SampleRate
	// enoughShare is how much of the likelihood the languages that are supported must have together. Speech
	// that Whisper has no name for, such as Sámi, is spread over many.
	enoughShare = 0.5
	quiteClear  = 0.9
)

// blocks keeps stretches of a stream of samples, evenly spread and bounded however long it is.
type blocks struct {
	kept   []block
	stride int64 // blocks from one that is kept to the next
	at     int64 // samples so far
}

type block struct {
	start   int64
	samples []int16
}

func newBlocks() *blocks { return &blocks{stride: 1} }

// write takes the next samples.
func (b *blocks) write(samples []int16) {
	for len(samples) > 0 {
		index, offset := b.at/blockSamples, b.at%blockSamples
		n := min(int64(len(samples)), blockSamples-offset)
		if index%b.stride == 0 && offset == 0 && len(b.kept) == maxBlocks {
			b.stride *= 2
			b.kept = slices.DeleteFunc(b.kept, func(k block) bool { return k.start/blockSamples%b.stride != 0 })
		}
		if index%b.stride == 0 {
			if offset == 0 {
				b.kept = append(b.kept, block{start: b.at})
			}
			last := &b.kept[len(b.kept)-1]
			last.samples = append(last.samples, samples[:n]...)
		}
		b.at += n
		samples = samples[n:]
	}
}

// speech gives what is spoken in the blocks, without what is not, for each block that holds enough; or
// for those that hold any when none holds enough. They come in an order in which the first few are
// spread over the recording as well as all.
func (b *blocks) speech(plan *referent.Plan) [][]float32 {
	var spans []referent.Span
	for _, c := range plan.Chunks {
		for _, w := range c.Windows {
			spans = append(spans, w.Spans...)
		}
	}
	spans = joinedSpans(spans)
	var enough, some [][]float32
	for _, k := range b.kept {
		var spoken []float32
		for _, s := range spans {
			from, to := max(s.Start-k.start, 0), min(s.End-k.start, int64(len(k.samples)))
			for i := from; i < to; i++ {
				spoken = append(spoken, float32(k.samples[i])/(1<<15))
			}
		}
		switch {
		case len(spoken) >= enoughSpeech:
			enough = append(enough, spoken)
		case len(spoken) > 0:
			some = append(some, spoken)
		}
	}
	if len(enough) == 0 {
		enough = some
	}
	if n := len(enough); n > maxVotes {
		picked := make([][]float32, maxVotes)
		for i := range picked {
			picked[i] = enough[(2*i+1)*n/(2*maxVotes)]
		}
		enough = picked
	}
	return spread(enough)
}

// joinedSpans is spans in order, those that overlap or touch joined: channels have windows of their own.
func joinedSpans(spans []referent.Span) []referent.Span {
	slices.SortFunc(spans, func(a, b referent.Span) int { return int(min(max(a.Start-b.Start, -1), 1)) })
	var all []referent.Span
	for _, s := range spans {
		if n := len(all); n > 0 && s.Start <= all[n-1].End {
			all[n-1].End = max(all[n-1].End, s.End)
			continue
		}
		all = append(all, s)
	}
	return all
}

// spread puts the middle first, then the middles of what is left on both sides, and so on.
func spread[T any](all []T) []T {
	out := make([]T, 0, len(all))
	parts := [][]T{all}
	for len(parts) > 0 {
		p := parts[0]
		parts = parts[1:]
		if len(p) == 0 {
			continue
		}
		m := len(p) / 2
		out = append(out, p[m])
		parts = append(parts, p[:m], p[m+1:])
	}
	return out
}

// tally adds up how likely each language is.
type tally struct {
	votes int
	sums  map[string]float64
}

func (t *tally) add(probabilities map[string]float32) {
	if t.sums == nil {
		t.sums = map[string]float64{}
	}
	t.votes++
	for code, p := range probabilities {
		if code == "nn" {
			// Both are Norwegian, and compete with other languages as one.
			t.sums["nn"] += float64(p)
			code = "no"
		}
		t.sums[code] += float64(p)
	}
}

// first gives the two most likely languages, nynorsk counted as Norwegian. Equals are in alphabetical
// order, so that the same recording always gives the same.
func (t *tally) first() (best, second string) {
	for code := range t.sums {
		if code == "nn" {
			continue
		}
		before := func(other string) bool {
			return other == "" || t.sums[code] > t.sums[other] || t.sums[code] == t.sums[other] && code < other
		}
		if before(best) {
			best, second = code, best
		} else if before(second) {
			second = code
		}
	}
	return best, second
}

// settled reports whether so many more votes cannot change which language it is.
func (t *tally) settled(more int) bool {
	best, second := t.first()
	return t.votes > 0 && t.sums[best]-t.sums[second] > float64(more)
}

// language is what was found in so many samples. CodeLanguage: it is none that is supported.
func (t *tally) language(samples int) (string, error) {
	best, _ := t.first()
	if samples < enoughSpeech && t.sums[best] < quiteClear*float64(t.votes) {
		return "no", nil
	}
	supported := 0.0
	for _, code := range referent.SpokenLanguages {
		if code != "nn" {
			supported += t.sums[code]
		}
	}
	switch {
	case !slices.Contains(referent.SpokenLanguages, best) || supported < enoughShare*float64(t.votes):
		return "", referent.E(referent.CodeLanguage, "transcribe: find language", fmt.Errorf("most likely %q, with %.2f of the likelihood", best, t.sums[best]/float64(t.votes))).
			WithHint("if this is wrong, set the spoken language")
	case best == "no" && 2*t.sums["nn"] > t.sums["no"]:
		return "nn", nil
	}
	return best, nil
}

// language finds what is spoken in stretches of speech, each at most 30 s, in the order in which they are
// asked. model names the weights. told is called after each stretch.
func (r *Recognizer) language(ctx context.Context, model string, speech [][]float32, told func()) (string, referent.ModelUse, error) {
	weights, err := r.room.enter(ctx, model)
	if err != nil {
		return "", referent.ModelUse{}, err
	}
	defer r.room.leave()
	use := weights.use
	use.Role = "language"
	// All of the recording's chunks wait for these few windows.
	c := &call{Recognizer: r, weights: weights, task: referent.Recognition{Priority: referent.PriorityInteractive}}
	var t tally
	asked := 0
	for i, samples := range speech {
		asked += len(samples)
		var probabilities map[string]float32
		if err := c.sit(ctx, func(seat int) error {
			var err error
			probabilities, err = weights.slots[seat].Languages(ctx, samples)
			return err
		}); err != nil {
			return "", use, err
		}
		t.add(probabilities)
		told()
		if t.settled(len(speech) - i - 1) {
			break
		}
	}
	found, err := t.language(asked)
	return found, use, err
}
