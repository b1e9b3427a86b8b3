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
		t.Gaps = append(t.Gaps, c.Gaps...)
	}
	t.Language = most(languages)
	for i := range t.Segments {
		t.Segments[i].ID = fmt.Sprintf("s%d", i+1)
	}
	t.Quality = Quality(prepared.Plan, t.Segments, t.Gaps)
	t.Coverage = 1 // nothing was said, and nothing of it is missing
	if t.Quality.Speech > 0 {
		t.Coverage = t.Quality.Covered / t.Quality.Speech
	}
	return t, nil
}
