package web

import (
	"strings"
	"testing"

	"github.com/referent/referent"
)

// What was heard in a segment that has been joined and split since stands in each part of it, once.
func TestEvidenceOfWhatWasSplit(t *testing.T) {
	r := newRower("nb", &referent.Minutes{}, &referent.Transcript{Segments: []referent.Segment{
		{ID: "s1"}, {ID: "s2", Joined: []string{"s3"}}, {ID: "s4-1", Joined: []string{"s2", "s3"}}, {ID: "s5"}}})
	for cites, want := range map[string]string{"s1": "s1", "s2": "s2 s4-1", "s3": "s2 s4-1", "s2 s3 s5": "s2 s4-1 s5", "s9": ""} {
		got := ""
		for _, x := range r.evidence(strings.Fields(cites)) {
			got += " " + x.Segment
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("%s leads to%s, want %s", cites, got, want)
		}
	}
}
