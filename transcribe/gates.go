package transcribe

import (
	"bytes"
	"compress/zlib"
	_ "embed"
	"slices"
	"strings"
	"unicode"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/whispercpp"
)

// The reasons for doubt, as they stand in Quality.Reasons.
const (
	ReasonLoop           = "loop"            // the same words over and over
	ReasonLowProbability = "low_probability" // the model itself did not believe it
	ReasonNoSpeech       = "no_speech"       // text where the model heard no voice
	ReasonStockPhrase    = "stock_phrase"    // a line from subtitles, which models say in silence
)

const (
	maxCompression  = 2.4  // above it, text is repetition
	minLogProb      = -1.0 // mean of a segment's tokens
	maxNoSpeech     = 0.6
	unsureLogProb   = -0.5 // stock phrases and silence need more certainty than this
	repeatedGrams   = 3    // in a row
	longestGram     = 8    // words
	compressionFrom = 60   // bytes; shorter texts do not compress
)

//go:embed stockphrases.txt
var stockFile string

var stockPhrases = func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(stockFile) {
		if line = bare(line); line != "" {
			set[line] = true
		}
	}
	return set
}()

// qualityOf judges one segment by itself.
func qualityOf(s whispercpp.Segment) referent.Quality {
	var reasons []string
	text := textOf(s)
	logProb := meanLogProb(s)
	if looped(text) {
		reasons = append(reasons, ReasonLoop)
	}
	if logProb < minLogProb {
		reasons = append(reasons, ReasonLowProbability)
	}
	if s.NoSpeech > maxNoSpeech && logProb < unsureLogProb {
		reasons = append(reasons, ReasonNoSpeech)
	}
	if stockPhrases[bare(text)] && (logProb < unsureLogProb || s.NoSpeech > maxNoSpeech/2) {
		reasons = append(reasons, ReasonStockPhrase)
	}
	return referent.Quality{OK: len(reasons) == 0, Reasons: reasons}
}

// doubt measures how bad a window came out.
type doubt struct {
	share   float64 // of the tokens that stand in doubtful segments; a window that loops as a whole: 1
	logProb float64 // mean over all tokens
	// mendable: another way of hearing may help. It does against loops and against text where nobody
	// speaks. What merely came out improbable has been through all temperatures and stays improbable.
	mendable bool
}

func (d doubt) less(other doubt) bool {
	if d.share != other.share {
		return d.share < other.share
	}
	return d.logProb > other.logProb
}

// doubtAbout judges a window: each segment, and all of it together, since a loop may give each round a
// segment of its own.
func doubtAbout(r whispercpp.Result) doubt {
	var all strings.Builder
	var d doubt
	var tokens, bad int
	for _, s := range r.Segments {
		all.WriteString(textOf(s))
		n := len(s.Tokens)
		tokens += n
		d.logProb += meanLogProb(s) * float64(n)
		if q := qualityOf(s); !q.OK {
			bad += n
			d.mendable = d.mendable || !slices.Equal(q.Reasons, []string{ReasonLowProbability})
		}
	}
	if tokens == 0 {
		return doubt{share: 1, logProb: -100, mendable: true} // there is speech in every window, so no text is a failure
	}
	d.logProb /= float64(tokens)
	d.share = float64(bad) / float64(tokens)
	if looped(all.String()) {
		d.share, d.mendable = 1, true
	}
	return d
}

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

// looped reports whether text goes round in circles: it compresses too well, or some words come three
// times in a row. One word alone may ("nei, nei, nei"); six of it may not.
func looped(text string) bool {
	if len(text) >= compressionFrom && compression(text) > maxCompression {
		return true
	}
	words := strings.Fields(bare(text))
	for n := 1; n <= longestGram; n++ {
		limit := repeatedGrams
		if n == 1 {
			limit = 2 * repeatedGrams
		}
		run := 0 // words in a row that equal the one n before
		for i := n; i < len(words); i++ {
			if words[i] != words[i-n] {
				run = 0
				continue
			}
			if run++; run >= n*(limit-1) {
				return true
			}
		}
	}
	return false
}

func compression(text string) float64 {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(text)) // a Buffer never fails
	w.Close()
	return float64(len(text)) / float64(b.Len())
}

// bare is text in lower case without anything but letters, digits and single spaces.
func bare(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}
