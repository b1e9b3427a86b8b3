package transcribe

import (
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/whispercpp"
	"github.com/referent/referent/transcribe/window"
)

// spelt is a word as the tokens spell it, on its way to its time.
type spelt struct {
	text    string
	segment int     // index of the one it begins in
	logProb float64 // mean over its tokens
	letters float64 // how long it takes to say

	mark  float64 // where Whisper would have begun it, in steps,
	trust belief  // and how much that is worth

	start, end int64 // in samples of the window
}

// wordsOf gives the words of each segment of a window in the recording's times: in order, each within the
// speech that it was heard in. samples are what was heard of w.
func wordsOf(segments []whispercpp.Segment, samples []float32, w referent.Window) [][]referent.Word {
	words := spell(segments)
	var joins []int64
	var total int64
	for _, s := range w.Spans {
		total += s.Len()
		joins = append(joins, total)
	}
	align(words, segments, samples, joins)
	clock := window.NewClock(w)
	all := make([][]referent.Word, len(segments))
	var last int64
	for _, x := range words {
		at := clock.Stretch(x.start, x.end)
		from := max(at.Start, last)
		last = max(at.End, from)
		all[x.segment] = append(all[x.segment], referent.Word{
			Text: x.text, Start: seconds(from), End: seconds(last), Probability: math.Exp(x.logProb),
		})
	}
	return all
}

// spell joins tokens to words: a token that begins with a space begins a word. They are joined as bytes,
// since a letter such as å may be split between two tokens, and even between two segments: then the word
// goes on in the next segment, and belongs to the one it began in.
func spell(segments []whispercpp.Segment) []spelt {
	var words []spelt
	var raw []byte
	var word spelt
	var tokens int
	flush := func() {
		// An accent may come as a sign of its own.
		word.text = strings.TrimSpace(norm.NFC.String(strings.ToValidUTF8(string(raw), string(utf8.RuneError))))
		if word.text != "" {
			word.logProb /= float64(tokens)
			word.letters = lettersOf(word.text)
			words = append(words, word)
		}
		raw, tokens = nil, 0
	}
	for i, s := range segments {
		for j, t := range s.Tokens {
			begins := len(t.Bytes) > 0 && t.Bytes[0] == ' ' || j == 0 && !goesOn(raw, t.Bytes)
			if begins && tokens > 0 {
				flush()
			}
			if tokens == 0 {
				word = spelt{segment: i, start: samplesAt(t.Start)}
				word.mark, word.trust = mark(t, s)
			}
			raw = append(raw, t.Bytes...)
			word.logProb += math.Min(float64(t.LogProb), 0)
			word.end = samplesAt(t.End)
			tokens++
		}
	}
	if tokens > 0 {
		flush()
	}
	return words
}

// goesOn reports whether a letter that raw breaks off, or whose accent is missing, goes on in next.
func goesOn(raw, next []byte) bool {
	if len(raw) == 0 || len(next) == 0 {
		return false
	}
	r, _ := utf8.DecodeRune(next)
	return !utf8.RuneStart(next[0]) && !utf8.Valid(raw) || unicode.Is(unicode.Mn, r)
}
func samplesAt(t time.Duration) int64 {
	return int64(t) * referent.SampleRate / int64(time.Second)
}

// seconds is a position in samples as the domain writes it, to the millisecond.
func seconds(samples int64) float64 {
	return math.Round(float64(samples)*1000/referent.SampleRate) / 1000
}

const (
	longPause   = 2.0 // seconds that no sentence goes across
	enoughWords = 4   // before a full stop may end a segment
)

// segmentsOf parts words to segments of about a sentence each: at pauses that the recogniser did not
// hear because they were cut out, and after full stops.
func segmentsOf(words []referent.Word, q referent.Quality) []referent.Segment {
	var segments []referent.Segment
	from := 0
	for i := range words {
		last := i == len(words)-1
		if last || words[i+1].Start-words[i].End > longPause ||
			i+1-from >= enoughWords && endsSentence(words[i].Text, words[i+1].Text) {
			part := words[from : i+1 : i+1]
			text := make([]string, len(part))
			for j, w := range part {
				text[j] = w.Text
			}
			segments = append(segments, referent.Segment{
				Start: part[0].Start, End: words[i].End,
				Text: strings.Join(text, " "), Words: part, Quality: q,
			})
			from = i + 1
		}
	}
	return segments
}

// endsSentence tells a full stop from that of an abbreviation, as in "kl. 12" or "hr. Berg".
func endsSentence(word, next string) bool {
	if strings.HasSuffix(word, "?") || strings.HasSuffix(word, "!") {
		return true
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(next, "–-«\"("))
	return strings.HasSuffix(word, ".") && utf8.RuneCountInString(word) > 4 && unicode.IsUpper(first)
}
