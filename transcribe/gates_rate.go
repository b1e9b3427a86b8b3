package transcribe

import (
	"math"
	"time"

	"github.com/referent/referent/transcribe/whispercpp"
)

// How much text belongs to how much speech. A quick speaker of Norwegian says some twenty letters a
// second, a slow one eight; pauses of up to a third of a second are part of it.
const (
	windowRate  = 26.0 // letters a second, over a whole window
	segmentRate = 45.0 // over one segment, whose times are rough
	slowest     = 2.5  // letters a second, below which text is missing

	shortHurry = 30              // letters; fewer say nothing about the rate
	longHole   = 5 * time.Second // shorter silence of the text may be the speaker's own

	// A word counts as strange by as much as it is unlikely, and by how short or long it is unless it is
	// likely enough: whisper.cpp's times are rough, and then more so than the word. Three such among eight,
	// or all of a segment, are one too many.
	strangelyUnlikely = 0.15
	likelyEnough      = 0.5
	strangelyShort    = 0.133 // seconds
	strangelyLong     = 2.0   // seconds
	strangeSpan       = 8     // words
	strangeScore      = 3.0
)

// hurried reports whether nobody can say so many letters in the time.
func hurried(letters int, d time.Duration, rate float64) bool {
	return letters >= shortHurry && float64(letters) > rate*d.Seconds()
}

// sparse reports whether so few letters leave most of the time unexplained.
func sparse(letters int, d time.Duration) bool {
	return d >= longHole && float64(letters) < slowest*d.Seconds()
}

// holes are the stretches at the window's ends and between segments that are long and without text. A
// window without any text is one hole, however short: a voice was detected in it.
func holes(r whispercpp.Result, length time.Duration) []hole {
	var found []hole
	at := time.Duration(0)
	for _, s := range r.Segments {
		if s.Start-at >= longHole {
			found = append(found, hole{at, s.Start})
		}
		at = max(at, s.End)
	}
	if len(r.Segments) == 0 && length > 0 || length-at >= longHole {
		found = append(found, hole{at, length})
	}
	return found
}

// strange reports whether a segment's words are such as are never heard: Whisper gives its inventions
// next to no probability, no time at all, or the time of a whole silence.
func strange(s whispercpp.Segment) bool {
	scores := strangeness(s)
	total, all := 0.0, 0.0
	for i, x := range scores {
		all += x
		if total += x; i >= strangeSpan {
			total -= scores[i-strangeSpan]
		}
		if total >= strangeScore {
			return true
		}
	}
	return len(scores) > 1 && all+0.01 >= float64(len(scores))
}

// strangeness scores each word of a segment.
func strangeness(s whispercpp.Segment) []float64 {
	var scores []float64
	var logProb float64
	var tokens int
	var start, end time.Duration
	flush := func() {
		if tokens == 0 {
			return
		}
		score, d := 0.0, (end - start).Seconds()
		p := math.Exp(logProb / float64(tokens))
		if p < strangelyUnlikely {
			score++
		}
		if p < likelyEnough {
			score += max(1-d/strangelyShort, 0) + max(d-strangelyLong, 0)
		}
		scores = append(scores, score)
		logProb, tokens = 0, 0
	}
	for _, t := range s.Tokens {
		if letters(string(t.Bytes)) == 0 && tokens > 0 && t.Bytes[0] != ' ' {
			continue // punctuation has neither time nor likelihood of its own
		}
		if len(t.Bytes) > 0 && t.Bytes[0] == ' ' {
			flush()
		}
		if tokens == 0 {
			start = t.Start
		}
		logProb += math.Min(float64(t.LogProb), 0)
		tokens++
		end = t.End
	}
	flush()
	return scores
}
