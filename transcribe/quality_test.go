package transcribe

import (
	"reflect"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
)

func TestQuality(t *testing.T) {
	span := func(from, to int64) referent.Span {
		return referent.Span{Start: from * referent.SampleRate, End: to * referent.SampleRate}
	}
	plan := &referent.Plan{Chunks: []referent.Chunk{
		{Windows: []referent.Window{{Spans: []referent.Span{span(0, 10), span(20, 25)}, Channel: 1}}},
		{Windows: []referent.Window{{Spans: []referent.Span{span(8, 12)}, Channel: 2}, {Spans: []referent.Span{span(40, 50)}}}},
	}}
	good := referent.Quality{OK: true}
	segments := []referent.Segment{
		{Start: 41, End: 44, Quality: referent.Quality{Reasons: []string{ReasonLoop, ReasonTooFast}}},
		{Start: 0, End: 10, Quality: good},
		{Start: 9, End: 12.5, Quality: good},
		{Start: 24, End: 25, Quality: referent.Quality{Reasons: []string{ReasonLoop}}},
	}
	gaps := []referent.Gap{{Start: 44, End: 50, Reason: ReasonMissingText}, {Start: 20, End: 23, Reason: ReasonNoSpeech}}
	want := referent.QualitySummary{
		Speech: 27, Covered: 16.6, Doubtful: 4, Gaps: 9,
		Reasons: map[string]float64{ReasonLoop: 4, ReasonTooFast: 3, ReasonMissingText: 6, ReasonNoSpeech: 3},
	}
	if got := Quality(plan, segments, gaps); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if got := Quality(nil, segments[1:2], nil); !reflect.DeepEqual(got, referent.QualitySummary{}) {
		t.Errorf("a transcript without a plan: %+v", got)
	}
}

func TestEveryReasonHasASentence(t *testing.T) {
	for _, lang := range []string{"nb", "nn", "en"} {
		for _, reason := range append([]string{"summary"}, Reasons...) {
			if key := "quality." + reason; strings.Contains(locale.T(lang, key, "seconds", 22), key) {
				t.Errorf("%s has no sentence for %s", lang, reason)
			}
		}
	}
}
