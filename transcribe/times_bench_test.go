package transcribe

import (
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/whispercpp"
)

// BenchmarkWordsOf lays a hundred words along a window of 28 s: what words cost beside hearing them.
func BenchmarkWordsOf(b *testing.B) {
	var segments []whispercpp.Segment
	for i := range 7 {
		s := whispercpp.Segment{Start: time.Duration(4*i) * time.Second, End: time.Duration(4*i+4) * time.Second}
		for range 14 {
			s.Tokens = append(s.Tokens, token(" ordet", s.Start, s.End, 0.9))
		}
		segments = append(segments, s)
	}
	samples := speech(28, [2]float64{0, 13}, [2]float64{14, 28})
	for b.Loop() {
		wordsOf(segments, samples, spanned(referent.Span{End: int64(len(samples))}))
	}
}
