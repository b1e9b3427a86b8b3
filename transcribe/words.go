package transcribe

import (
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/whispercpp"
	"github.com/referent/referent/transcribe/window"
)

// wordsOf joins a segment's tokens to words: a token that begins with a space begins a word. They are
// joined as bytes, since a letter such as å may be split between two tokens. Times are led back to the
// recording, into the speech they were heard in, and never run backwards; last is where the words
// before ended, in samples, and is moved on.
func wordsOf(s whispercpp.Segment, clock *window.Clock, last *int64) []referent.Word {
	var words []referent.Word
	var raw []byte
	var logProb float64
	var tokens int
	var start, end time.Duration
	flush := func() {
		text := strings.TrimSpace(strings.ToValidUTF8(string(raw), string(utf8.RuneError)))
		if text != "" {
			at := clock.Stretch(samplesAt(start), samplesAt(end))
			from := max(at.Start, *last)
			to := max(at.End, from)
			*last = to
			words = append(words, referent.Word{
				Text: text, Start: seconds(from), End: seconds(to),
				Probability: math.Exp(logProb / float64(tokens)),
			})
		}
		raw, logProb, tokens = nil, 0, 0
	}
	for _, t := range s.Tokens {
		if len(t.Bytes) > 0 && t.Bytes[0] == ' ' && tokens > 0 {
			flush()
		}
		if tokens == 0 {
			start = t.Start
		}
		raw = append(raw, t.Bytes...)
		logProb += math.Min(float64(t.LogProb), 0)
		tokens++
		end = t.End
	}
	if tokens > 0 {
		flush()
	}
	return words
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
