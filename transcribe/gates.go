package transcribe

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/whispercpp"
)

// The reasons for doubt, as they stand in Quality.Reasons and Gap.Reason. Each has a sentence for people
// in locale/texts/quality.yaml.
const (
	ReasonLoop           = "loop"            // the same words over and over
	ReasonLowProbability = "low_probability" // the model itself did not believe it
	ReasonStrangeWords   = "strange_words"   // words too short, too long or too unlikely to have been heard
	ReasonNoSpeech       = "no_speech"       // text where the model heard nobody speak
	ReasonStockPhrase    = "stock_phrase"    // a line from subtitles, which models say in silence
	ReasonTooFast        = "too_fast"        // more text than a person can say in the time
	ReasonMissingText    = "missing_text"    // speech went on, text did not
	ReasonPromptEcho     = "prompt_echo"     // the vocabulary came back as if it had been said
)

// Reasons lists every reason once.
var Reasons = []string{ReasonLoop, ReasonLowProbability, ReasonStrangeWords, ReasonNoSpeech, ReasonStockPhrase,
	ReasonTooFast, ReasonMissingText, ReasonPromptEcho}

const (
	minLogProb    = -1.0 // mean of a segment's tokens
	maxNoSpeech   = 0.6
	unsureLogProb = -0.5 // stock phrases and silence need more certainty than this
	weakVoice     = 0.7  // Window.Voice, below which a stretch may be no voice at all
	noVoice       = 0.5  // below which it hardly is one
	doubtLogProb  = -0.7 // text less probable than this is held back where the voice is weak
	sureLogProb   = -0.3 // and less than this where there is hardly one
)

// scene is what is known of a window beside what was recognised in it.
type scene struct {
	length time.Duration
	voices []voiced
	prompt []string // the words of the vocabulary that was put before it, bare
}

// voiced is how sure the detector was of a voice in a part of the window, as it is heard.
type voiced struct {
	start, end time.Duration
	sure       float64
}

func sceneOf(w referent.Window, prompt string) scene {
	sc := scene{length: duration(w.Samples()), prompt: strings.Fields(bare(prompt))}
	if len(w.Voice) != len(w.Spans) {
		return sc
	}
	var at int64
	for i, s := range w.Spans {
		sc.voices = append(sc.voices, voiced{duration(at), duration(at + s.Len()), w.Voice[i]})
		at += s.Len()
	}
	return sc
}

func duration(samples int64) time.Duration {
	return time.Duration(samples) * time.Second / referent.SampleRate
}

// voice is how sure of a voice the detector was anywhere from start to end. Not known counts as certain:
// text is not doubted for what nobody measured.
func (sc scene) voice(start, end time.Duration) float64 {
	best, known := 0.0, false
	for _, v := range sc.voices {
		if n := min(v.end, end) - max(v.start, start); n > touching || n > 0 && n == end-start {
			best, known = max(best, v.sure), true
		}
	}
	if !known {
		return 1
	}
	return best
}

// touching is how far a segment may reach into the next stretch of speech without being said there:
// Whisper's times are no better.
const touching = 300 * time.Millisecond

// verdict is what the gates make of one attempt at a window.
type verdict struct {
	length  time.Duration
	times   []hole     // of each segment
	reasons [][]string // for each segment, none when it is good
	held    []bool     // for each segment, whether its text is held back: nobody speaks there
	holes   []hole     // stretches without text
	// share of the window's time in which another way of hearing may mend something, and the mean
	// log-probability of all tokens: the measure of two attempts.
	share, logProb float64
	mendable       bool // some of it
}

// hole is a stretch of a window, as it is heard, in which speech gave no text.
type hole struct{ start, end time.Duration }

// less reports whether v is the better of two attempts.
func (v verdict) less(other verdict) bool {
	if v.share != other.share {
		return v.share < other.share
	}
	return v.logProb > other.logProb
}

// judge doubts what was recognised: each segment by itself, and all of them together.
func judge(r whispercpp.Result, sc scene) verdict {
	n := len(r.Segments)
	v := verdict{length: sc.length, times: make([]hole, n), reasons: make([][]string, n), held: make([]bool, n)}
	add := func(i int, reason string) {
		if !slices.Contains(v.reasons[i], reason) {
			v.reasons[i] = append(v.reasons[i], reason)
		}
	}
	var words []string
	var owner []int // of each word, the segment
	var all strings.Builder
	tokens := 0
	for i, s := range r.Segments {
		text := textOf(s)
		v.times[i] = hole{s.Start, s.End}
		all.WriteString(text)
		for _, w := range strings.Fields(bare(text)) {
			words, owner = append(words, w), append(owner, i)
		}
		tokens += len(s.Tokens)
		v.logProb += meanLogProb(s) * float64(len(s.Tokens))

		logProb, voice := meanLogProb(s), sc.voice(s.Start, s.End)
		silent := s.NoSpeech > maxNoSpeech && logProb < unsureLogProb
		stock := stockPhrase(text) && (logProb < unsureLogProb || s.NoSpeech > maxNoSpeech/2 || voice < weakVoice)
		if squeezed(text) {
			add(i, ReasonLoop)
		}
		if logProb < minLogProb {
			add(i, ReasonLowProbability)
		}
		if strange(s) {
			add(i, ReasonStrangeWords)
		}
		if silent || annotation(text) {
			add(i, ReasonNoSpeech)
		}
		if stock {
			add(i, ReasonStockPhrase)
		}
		if hurried(letters(text), s.End-s.Start, segmentRate) {
			add(i, ReasonTooFast)
		}
		if sparse(letters(text), s.End-s.Start) {
			add(i, ReasonMissingText)
		}
		v.held[i] = annotation(text) ||
			voice < weakVoice && (stock || s.NoSpeech > maxNoSpeech || logProb < doubtLogProb) ||
			voice < noVoice && logProb < sureLogProb
	}
	whole := all.String()
	v.logProb /= float64(max(tokens, 1))
	for _, l := range loops(words) {
		for _, i := range owner[l.from:l.to] {
			add(i, ReasonLoop)
		}
	}
	for _, e := range echoes(words, sc.prompt) {
		for _, i := range owner[e.from:e.to] {
			add(i, ReasonPromptEcho)
		}
	}
	for i := range r.Segments {
		if squeezed(whole) {
			add(i, ReasonLoop)
		}
		if hurried(letters(whole), sc.length, windowRate) {
			add(i, ReasonTooFast)
		}
	}
	v.holes = holes(r, sc.length)
	v.weigh()
	return v
}

// weigh sums up how much of the window another way of hearing, or hearing it in parts, may mend. Text that
// merely came out improbable is no part of it: it mostly stays so.
func (v *verdict) weigh() {
	var bad time.Duration
	v.mendable = len(v.holes) > 0
	for i, reasons := range v.reasons {
		if slices.ContainsFunc(reasons, func(r string) bool { return mendable[r] }) {
			bad += max(v.times[i].end-v.times[i].start, 0)
			v.mendable = true
		}
	}
	for _, h := range v.holes {
		bad += h.end - h.start
	}
	if v.length > 0 {
		v.share = min(bad.Seconds()/v.length.Seconds(), 1)
	}
}

// drop takes a reason back.
func (v *verdict) drop(reason string) {
	for i := range v.reasons {
		v.reasons[i] = slices.DeleteFunc(v.reasons[i], func(r string) bool { return r == reason })
	}
	v.weigh()
}

func (v verdict) has(reason string) bool {
	return slices.ContainsFunc(v.reasons, func(rs []string) bool { return slices.Contains(rs, reason) })
}

// mendable are the reasons that make a window be heard again in every mode.
var mendable = map[string]bool{ReasonLoop: true, ReasonNoSpeech: true, ReasonStockPhrase: true,
	ReasonTooFast: true, ReasonMissingText: true, ReasonPromptEcho: true}

func textOf(s whispercpp.Segment) string {
	var b []byte
	for _, t := range s.Tokens {
		b = append(b, t.Bytes...)
	}
	return string(b)
}

func meanLogProb(s whispercpp.Segment) float64 {
	if len(s.Tokens) == 0 {
		return 0
	}
	sum := 0.0
	for _, t := range s.Tokens {
		sum += float64(t.LogProb)
	}
	return sum / float64(len(s.Tokens))
}

func letters(text string) int {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
