package transcribe

import (
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/whispercpp"
	"github.com/referent/referent/transcribe/window"
)

// quiet is how much sound is compared when a window is cut inside a stretch of speech.
const quiet = referent.SampleRate / 20

// cutOf is where a window is cut in two, in samples as it is heard: at the join of two stretches of speech
// that lies nearest the middle, or, where none lies in the middle half, at its quietest place.
func cutOf(samples []float32, w referent.Window) int {
	n := len(samples)
	best, at := -1, 0
	for _, s := range w.Spans {
		at += int(s.Len())
		if at > n/4 && at < 3*n/4 && (best < 0 || abs(at-n/2) < abs(best-n/2)) {
			best = at
		}
	}
	if best >= 0 {
		return best
	}
	lowest := 0.0
	for at := n / 4; at+quiet <= 3*n/4; at += quiet / 2 {
		energy := 0.0
		for _, x := range samples[at : at+quiet] {
			energy += float64(x) * float64(x)
		}
		if best < 0 || energy < lowest {
			lowest, best = energy, at+quiet/2
		}
	}
	return max(best, 1)
}

func abs(n int) int { return max(n, -n) }

// later moves segments on in time.
func later(segments []whispercpp.Segment, by time.Duration) []whispercpp.Segment {
	moved := make([]whispercpp.Segment, len(segments))
	for i, s := range segments {
		tokens := make([]whispercpp.Token, len(s.Tokens))
		for j, t := range s.Tokens {
			t.Start += by
			t.End += by
			t.Mark += by
			tokens[j] = t
		}
		s.Start, s.End, s.Tokens = s.Start+by, s.End+by, tokens
		moved[i] = s
	}
	return moved
}

// gapsOf leads a stretch without text back to the recording.
func gapsOf(clock *window.Clock, start, end time.Duration, reason string) []referent.Gap {
	var gaps []referent.Gap
	for _, s := range clock.Parts(samplesAt(start), samplesAt(end)) {
		gaps = append(gaps, referent.Gap{Start: seconds(s.Start), End: seconds(s.End), Reason: reason})
	}
	return gaps
}
