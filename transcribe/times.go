package transcribe

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/whispercpp"
)

// Times of words. whisper.cpp spreads a segment's time over its tokens by their letters, and looks for
// pauses at the wrong place of the window in all segments but the first. Here the words of a window are
// laid along its sound anew, all at once, in the way that costs least of those that
//
//   - begin words where Whisper would have put a time itself, as far as it was sure of it,
//   - give each word about the time that its letters take at the segment's pace, and more at its end,
//   - cover what sounds, leave out what is silent, and part words where it is quiet.
//
// It needs no network and takes one or two hundredths of the time that hearing takes. whisper.cpp's alignment by
// attention was tried: it needs a second decoding, without flash attention, and loses its way for a
// second and more where sentences meet. The costs were chosen on read English (TestTimesOfWords) and
// are logarithms of likelihoods, so that they can be added up.
const (
	step        = 20 * time.Millisecond // the grid of times is Whisper's own
	stepSamples = referent.SampleRate / 50

	mostSteps = 100 // of a word
	reach     = 50  // steps that a word may lie outside the time of its segment

	lengthSpread = 0.4 // of the logarithm of a word's length about what is expected
	silentInside = 0.2 // for each silent step within a word
	soundOutside = 0.3 // for each sounding step outside all words
	loudStart    = 0.5 // for beginning a word where it is loud
	pauseCost    = 1.5 // for parting two words
	markedPause  = 0.5 // the same after punctuation, and half of it between segments
	overJoin     = 3.0 // for saying a word across a pause that was cut out

	usualSegment = 20  // letters: the pace of a segment with fewer is drawn to that of the window
	lastLonger   = 1.7 // the word before a pause takes so much longer
)

// belief is where something is expected: with so much trust, give or take so many steps, and otherwise
// anywhere as likely as elsewhere.
type belief struct{ trust, blur, elsewhere float64 }

var (
	segmentStart = belief{0.25, 6.5, 0.01}
	segmentEnd   = belief{0.33, 7.5, 0.01}
)

const (
	markBlur  = 2.2
	markOther = 0.007
	// Whisper's marks are trusted so many times their likelihood, and at most so far. Those it hardly
	// thought of are none.
	markTrust, markMost   = 5, 0.95
	leastMark, leastMarks = 0.02, 0.0002
)

// cost is that of lying x steps away; 0 is the least.
func (b belief) cost(x float64) float64 {
	at := func(x float64) float64 {
		return b.trust*math.Exp(-math.Abs(x)/b.blur)/(2*b.blur) + (1-b.trust)*b.elsewhere
	}
	return math.Log(at(0) / at(x))
}

// mark is where Whisper would have put a time before the token, in steps, as a belief. Without trust there
// is none.
func mark(t whispercpp.Token, s whispercpp.Segment) (at float64, b belief) {
	if t.Mark < s.Start || t.Mark > s.End || t.MarkProbability < leastMark || t.MarksProbability < leastMarks {
		return 0, belief{}
	}
	return float64(t.Mark) / float64(step), belief{min(markTrust*float64(t.MarkProbability), markMost), markBlur, markOther}
}

// sound is what there is to hear in a window, step by step.
type sound struct {
	steps int
	level []float64 // 0: quiet, 1: loud
	// Costs summed up to a step, so that those of a stretch are a difference.
	silent, sounding, joins []float64
	voice                   []float64 // 0: silent, 1: sounding
}

// listen takes the measure of samples. joins are the positions at which stretches of speech were put
// together.
func listen(samples []float32, joins []int64) sound {
	n := (len(samples) + stepSamples - 1) / stepSamples
	s := sound{steps: n, level: make([]float64, n), voice: make([]float64, n),
		silent: make([]float64, n+1), sounding: make([]float64, n+1), joins: make([]float64, n+1)}
	if n == 0 {
		return s
	}
	for i := range s.level {
		part := samples[i*stepSamples : min((i+1)*stepSamples, len(samples))]
		sum, before := 1e-9, float32(0)
		for _, v := range part {
			x := v - 0.9*before // less of the hum, more of the consonants
			before = v
			sum += float64(x * x)
		}
		s.level[i] = 10 * math.Log10(sum/float64(len(part)))
	}
	// The quiet and the loud of this very window are the scale.
	sorted := slices.Sorted(slices.Values(s.level))
	quiet, loud := sorted[n/20], sorted[n*9/10]
	quiet = max(quiet, loud-45)
	for i, l := range s.level {
		if loud-quiet < 3 { // all the same: it says nothing
			s.level[i], s.voice[i] = 0, 1
			continue
		}
		s.level[i] = min(max((l-quiet)/(loud-quiet), 0), 1.2)
		s.voice[i] = min(max((s.level[i]-0.12)/(0.66-0.12), 0), 1)
	}
	for _, j := range joins {
		if at := j / stepSamples; at > 0 && at < int64(n) {
			s.joins[at] += overJoin
		}
	}
	for i, v := range s.voice {
		s.silent[i+1] = s.silent[i] + silentInside*(1-v)
		s.sounding[i+1] = s.sounding[i] + soundOutside*v
		s.joins[i+1] += s.joins[i]
	}
	return s
}

// paces is how many steps a letter takes in each segment.
func paces(words []spelt, segments []whispercpp.Segment, s sound) []float64 {
	letters := make([]float64, len(segments))
	var all, total float64
	for _, w := range words {
		letters[w.segment] += w.letters
		all += w.letters
	}
	for _, v := range s.voice {
		total += v
	}
	usual := total / max(all, 1)
	pace := make([]float64, len(segments))
	for i, x := range segments {
		sounding := 0.0
		for t := max(0, int(x.Start/step)); t < min(s.steps, int(x.End/step)); t++ {
			sounding += s.voice[t]
		}
		pace[i] = (sounding + usual*usualSegment) / (letters[i] + usualSegment)
	}
	return pace
}

// lettersOf is how long a word takes to say, in letters: figures are words themselves, and every word
// takes a little.
func lettersOf(text string) float64 {
	n := 0.42
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			n += 3.5
		case unicode.IsLetter(r):
			n++
		case r == '%':
			n += 6
		}
	}
	return n
}

// endsPhrase reports whether a pause may follow text.
func endsPhrase(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(".,;:?!–…", r)
}

// align gives every word its time, start and end in samples of the window: in order, without overlap.
func align(words []spelt, segments []whispercpp.Segment, samples []float32, joins []int64) {
	s := listen(samples, joins)
	a := aligner{sound: s, words: words, segments: segments, ends: make([]float64, s.steps+1), starts: make([]float64, s.steps+1)}
	for t := range a.ends {
		a.ends[t] = s.sounding[t]
	}
	pace := paces(words, segments, s)
	for i := range words {
		a.next(i, pace[words[i].segment])
	}
	a.back()
}

// aligner finds the cheapest way step by step, word by word.
type aligner struct {
	sound
	words    []spelt
	segments []whispercpp.Segment

	// starts and ends are the least costs of all words so far when the last of them starts, or ends, at a
	// step. what led there is kept for each word: its start by its end, and by its start the end of the
	// word before.
	starts, ends []float64
	startOf      [][]int16
	endBefore    [][]int16
}

// impossible is more than any way costs.
const impossible = math.MaxFloat64 / 4

func (a *aligner) next(i int, pace float64) {
	w := &a.words[i]
	seg := a.segments[w.segment]
	first := i == 0 || a.words[i-1].segment != w.segment
	last := i == len(a.words)-1 || a.words[i+1].segment != w.segment
	low, high := max(0, int(seg.Start/step)-reach), min(a.steps, int(seg.End/step)+reach)

	open := pauseCost
	switch {
	case i == 0:
		open = 0
	case first:
		open = markedPause / 2
	case endsPhrase(a.words[i-1].text):
		open = markedPause
	}
	endBefore, startOf := make([]int16, a.steps+1), make([]int16, a.steps+1)
	gap, gapFrom := impossible, 0 // the best of all earlier ends, less what sounds before it
	for t := range a.starts {
		a.starts[t] = impossible
		if t > 0 && a.ends[t-1] < impossible && a.ends[t-1]-a.sounding[t-1] < gap {
			gap, gapFrom = a.ends[t-1]-a.sounding[t-1], t-1
		}
		if t < low || t > high {
			continue
		}
		c, from := a.ends[t], t
		if g := gap + a.sounding[t] + open; gap < impossible && g < c {
			c, from = g, gapFrom
		}
		if c >= impossible {
			continue
		}
		if t < a.steps {
			c += loudStart * a.level[t]
		}
		if w.trust.trust > 0 {
			c += w.trust.cost(float64(t) - w.mark)
		}
		if first {
			c += segmentStart.cost(float64(t) - float64(seg.Start)/float64(step))
		}
		a.starts[t], endBefore[t] = c, int16(from)
	}

	expected := w.letters * pace
	if last || endsPhrase(w.text) {
		expected *= lastLonger
	}
	longest := min(mostSteps, 8+int(4*expected)) // what takes longer costs too much in any case
	var length [mostSteps + 1]float64
	for d := 1; d <= longest; d++ {
		x := math.Log(float64(d)/max(expected, 1.5)) / lengthSpread
		length[d] = x * x / 2
	}
	for t := range a.ends {
		a.ends[t] = impossible
		if t <= low || t > high+longest {
			continue
		}
		for d := 1; d <= min(longest, t-low); d++ {
			from := t - d
			if a.starts[from] >= impossible {
				continue
			}
			c := a.starts[from] + length[d] + a.silent[t] - a.silent[from] + a.joins[t-1] - a.joins[from]
			if c < a.ends[t] {
				a.ends[t], startOf[t] = c, int16(from)
			}
		}
		if last && a.ends[t] < impossible {
			a.ends[t] += segmentEnd.cost(float64(t) - float64(seg.End)/float64(step))
		}
	}
	a.startOf, a.endBefore = append(a.startOf, startOf), append(a.endBefore, endBefore)
}

// back reads the cheapest way from its end.
func (a *aligner) back() {
	end, best := 0, impossible
	for t, c := range a.ends {
		if rest := a.sounding[a.steps] - a.sounding[t]; c < impossible && c+rest < best {
			end, best = t, c+rest
		}
	}
	if best >= impossible {
		return // more words than there is time for: they keep whisper.cpp's times
	}
	for i := len(a.words) - 1; i >= 0; i-- {
		start := int(a.startOf[i][end])
		a.words[i].start, a.words[i].end = int64(start)*stepSamples, int64(end)*stepSamples
		end = int(a.endBefore[i][start])
	}
}
