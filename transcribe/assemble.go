package transcribe

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/referent/referent"
)

// Assemble joins the results of all chunks to a transcript, and gives the voices of its segments beside
// it: nil when nobody was told apart by voice. It depends on its argument alone. When preparing gave a
// transcript, that is the one.
func Assemble(a referent.Assembly) (*referent.Transcript, *referent.Voices) {
	prepared, rec, chunks := a.Prepared, a.Recording, a.Chunks
	if rec.Duration == 0 {
		rec.Duration = prepared.Duration
	}
	if prepared.Transcript != nil {
		t := *prepared.Transcript
		t.Recording = rec
		return &t, nil
	}
	t := &referent.Transcript{
		Schema: referent.TranscriptSchema, Label: referent.DraftLabel, Recording: rec,
		Models: slices.Clone(prepared.Models), Speakers: []referent.Speaker{}, Segments: []referent.Segment{},
	}
	if t.Models == nil {
		t.Models = []referent.ModelUse{}
	}
	chunks = slices.SortedStableFunc(slices.Values(chunks), func(x, y referent.ChunkResult) int { return cmp.Compare(x.Chunk, y.Chunk) })
	languages := map[string]int{}
	for _, c := range chunks {
		for _, m := range c.Models {
			if !slices.Contains(t.Models, m) {
				t.Models = append(t.Models, m)
			}
		}
		languages[c.Language] += max(len(c.Segments), 1)
		t.Segments = append(t.Segments, c.Segments...)
	}
	t.Language = most(languages)
	for i := range t.Segments {
		t.Segments[i].ID = fmt.Sprintf("s%d", i+1)
	}
	t.Coverage = coverage(prepared.Plan, t.Segments)
	return t, nil
}

// coverage is the share of the plan's speech during which some segment runs. Both are in order of time
// and without overlap, so one pass is enough.
func coverage(plan *referent.Plan, segments []referent.Segment) float64 {
	if plan == nil || plan.Speech == 0 {
		return 1 // nothing was said, and nothing of it is missing
	}
	var covered, speech float64
	for _, c := range plan.Chunks {
		for _, w := range c.Windows {
			for _, span := range w.Spans {
				from, to := seconds(span.Start), seconds(span.End)
				speech += to - from
				for len(segments) > 0 && segments[0].End <= from {
					segments = segments[1:]
				}
				for _, s := range segments {
					if s.Start >= to {
						break
					}
					covered += min(s.End, to) - max(s.Start, from)
				}
			}
		}
	}
	return min(1, covered/speech)
}
