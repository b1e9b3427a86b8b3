package speakers_test

import (
	"reflect"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/speakers"
	"github.com/referent/referent/transcribe/names"
)

func TestRevert(t *testing.T) {
	tr := &referent.Transcript{Segments: []referent.Segment{{ID: "s1", Text: "ordet til Solvei Mikaelsen nå", Words: []referent.Word{
		{Text: "ordet", Probability: 0.9}, {Text: "til", Probability: 0.9}, {Text: "Solvei", Probability: 0.4}, {Text: "Mikaelsen", Probability: 0.4}, {Text: "nå", Probability: 0.9}}}}}
	heard := deep(tr)
	tr.Corrections = names.Correct(tr.Segments, []referent.Term{{Text: "Solveig Mikalsen", Source: "roster"}})
	if len(tr.Corrections) == 0 || tr.Segments[0].Text == heard.Segments[0].Text {
		t.Fatalf("nothing was corrected: %+v", tr)
	}
	corrected := deep(tr)
	now := tr
	for range len(tr.Corrections) {
		var err error
		if now, err = speakers.Revert(now, 0); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(now.Segments, heard.Segments) || len(now.Corrections) != 0 {
		t.Errorf("came back as %+v, want %+v", now.Segments, heard.Segments)
	}
	if !reflect.DeepEqual(tr.Segments, corrected.Segments) || len(tr.Corrections) == 0 {
		t.Error("the argument was changed")
	}
	for _, i := range []int{-1, len(tr.Corrections)} {
		if _, err := speakers.Revert(tr, i); referent.CodeOf(err) != referent.CodeNotFound {
			t.Errorf("%d: %v", i, err)
		}
	}
}
