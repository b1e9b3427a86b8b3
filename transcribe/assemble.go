package transcribe

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/referent/referent"
)

// Assemble joins the results of all chunks to a transcript. It depends on its arguments alone; chunks
// may come in any order. When preparing gave a transcript, that is the one.
func Assemble(prepared *referent.PrepareResult, rec referent.Recording, chunks []referent.ChunkResult) *referent.Transcript {
	if rec.Duration == 0 {
		rec.Duration = prepared.Duration
	}
	if prepared.Transcript != nil {
		t := *prepared.Transcript
		t.Recording = rec
		return &t
	}
	t := &referent.Transcript{
		Schema: referent.TranscriptSchema, Label: referent.DraftLabel, Recording: rec,
		Models: slices.Clone(prepared.Models), Speakers: []referent.Speaker{}, Segments: []referent.Segment{},
	}
	if t.Models == nil {
		t.Models = []referent.ModelUse{}
	}
	chunks = slices.SortedStableFunc(slices.Values(chunks), func(a, b referent.ChunkResult) int { return cmp.Compare(a.Chunk, b.Chunk) })
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
	return t
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
