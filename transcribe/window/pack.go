package window

import (
	"math"

	"github.com/referent/referent"
)

// Plan cuts a recording of so many samples: speech packed in windows, windows grouped in chunks of
// about the same size, each with its part of the stretches in which who speaks is heard. No speech
// gives no chunks.
func Plan(probabilities []float32, samples int64, opt Options) referent.Plan {
	speech := Speech(probabilities, samples, opt)
	windows := Pack(speech, probabilities)
	plan := chunked(windows, samples, opt)
	share(Voices(speech, samples), plan.Chunks)
	return plan
}

// lastInPairs is how many windows at the end come in chunks of half the size. With as large ones to the end,
// most of many workers wait for the last few.
const lastInPairs = 16

// chunked groups windows, in their order, in chunks of about the same size, the last ones smaller.
func chunked(windows []referent.Window, samples int64, opt Options) referent.Plan {
	plan := referent.Plan{Samples: samples, Chunks: []referent.Chunk{}}
	for _, w := range windows {
		plan.Speech += w.Samples()
	}
	group := func(windows []referent.Window, per int) {
		chunks := (len(windows) + per - 1) / per
		for i := range chunks {
			from, to := i*len(windows)/chunks, (i+1)*len(windows)/chunks
			plan.Chunks = append(plan.Chunks, referent.Chunk{Windows: windows[from:to]})
		}
	}
	last := max(len(windows)-lastInPairs, 0)
	group(windows[:last], max(opt.PerChunk, 1))
	group(windows[last:], max(opt.PerChunk/2, 1))
	return plan
}

// Pack fills windows with speech in order, without the silence between the stretches: with half a second
// or a second of it kept, more words were misheard. A window ends where the next stretch does not fit; a stretch
// too long for any window is cut where a voice is least likely.
func Pack(speech []referent.Span, probabilities []float32) []referent.Window {
	var windows []referent.Window
	var current referent.Window
	var room int64 = MaxSamples
	flush := func() {
		if len(current.Spans) > 0 {
			current.Voice = voice(current.Spans, probabilities)
			windows = append(windows, current)
		}
		current, room = referent.Window{}, MaxSamples
	}
	for _, s := range speech {
		for _, piece := range divide(s, probabilities) {
			if piece.Len() > room {
				flush()
			}
			room -= piece.Len()
			if n := len(current.Spans); n > 0 && current.Spans[n-1].End == piece.Start {
				current.Spans[n-1].End = piece.End // nothing was left out between them
				continue
			}
			current.Spans = append(current.Spans, piece)
		}
	}
	flush()
	return windows
}

// sureFrames is over how many frames a voice must be sure of itself: a quarter of a second.
const sureFrames = 8

// voice is the highest mean probability over sureFrames in each span, to two decimals. Music and noise
// that pass for speech hardly reach 0.7; the faintest speaker at the far end of a table does.
func voice(spans []referent.Span, probabilities []float32) []float64 {
	peaks := make([]float64, len(spans))
	for i, s := range spans {
		to := min((s.End+frame-1)/frame, int64(len(probabilities)))
		in := probabilities[min(s.Start/frame, to):to]
		n := min(sureFrames, len(in))
		sum := 0.0
		for j, p := range in {
			if sum += float64(p); j >= n {
				sum -= float64(in[j-n])
			}
			if j >= n-1 {
				peaks[i] = max(peaks[i], math.Round(100*sum/float64(n))/100)
			}
		}
	}
	return peaks
}

// divide cuts s into pieces of at most MaxSamples, each as long as the quietest place allows.
func divide(s referent.Span, probabilities []float32) []referent.Span {
	var pieces []referent.Span
	for s.Len() > MaxSamples {
		cut := quietest(s.Start+MaxSamples/2, s.Start+MaxSamples, probabilities)
		pieces = append(pieces, referent.Span{Start: s.Start, End: cut})
		s.Start = cut
	}
	return append(pieces, s)
}

// quietest is the middle of the frame in [from, to) where a voice is least likely, its neighbours
// counted: a single low frame may be a consonant, three of them are a breath. The latest of equals
// wins, for fuller windows.
func quietest(from, to int64, probabilities []float32) int64 {
	best, lowest := to, float32(4)
	at := func(i int64) float32 {
		if i < 0 || i >= int64(len(probabilities)) {
			return 0
		}
		return probabilities[i]
	}
	for i := from/frame + 1; (i+1)*frame <= to; i++ {
		if p := at(i-1) + at(i) + at(i+1); p <= lowest {
			lowest, best = p, i*frame+frame/2
		}
	}
	return best
}
