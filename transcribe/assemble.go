package transcribe

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/names"
	"github.com/referent/referent/transcribe/speaker"
)

// Assemble joins the results of all chunks to a transcript, and gives the voices of its segments beside
// it: nil when nobody was told apart by voice. It depends on its argument alone. When preparing gave a
// transcript, that is the one. That speakers could not be told apart costs no words: SpeakersBy says so.
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
	if t.Language = most(languages); t.Language == "" && a.Language != referent.LanguageAuto {
		t.Language = a.Language
	}
	separation := tellApart(t, prepared.Plan, chunks, a.Speakers)
	for i := range t.Segments {
		t.Segments[i].ID = fmt.Sprintf("s%d", i+1)
	}
	t.Quality = Quality(prepared.Plan, t.Segments, t.Gaps)
	t.Coverage = 1 // nothing was said, and nothing of it is missing
	if t.Quality.Speech > 0 {
		t.Coverage = t.Quality.Covered / t.Quality.Speech
	}
	t.Corrections = names.Correct(t.Segments, a.Terms)
	if separation == nil {
		return t, nil
	}
	return t, separation.Voices(t.Segments)
}

// tellApart gives the segments of t to speakers and says in t how. The separation comes back when it was
// made by voice.
func tellApart(t *referent.Transcript, plan *referent.Plan, chunks []referent.ChunkResult, wanted referent.SpeakerCount) *speaker.Separation {
	if by, segments, ok := speaker.ByChannel(t.Segments); ok && plan != nil && plan.Channels > 1 && !wanted.Off {
		t.SpeakersBy, t.Segments = referent.SpeakersByChannel, segments
		t.Speakers, t.Turns = speakersOf(by), by.Turns
		return nil
	}
	for i := range t.Segments {
		t.Segments[i].Speaker = "" // a channel is nobody's name
	}
	if plan != nil && plan.Channels > 1 {
		slices.SortStableFunc(t.Segments, func(a, b referent.Segment) int { return cmp.Compare(a.Start, b.Start) })
	}
	if wanted.Off {
		t.SpeakersBy = referent.SpeakersOff
		return nil
	}
	t.SpeakersBy = referent.SpeakersFailed
	var windows []referent.VoiceWindow
	for _, c := range chunks {
		if slices.Contains(c.Warnings, referent.CodeSpeakers) || plan == nil || c.Chunk < 0 || c.Chunk >= len(plan.Chunks) || len(c.Voices) < len(plan.Chunks[c.Chunk].Voices) {
			return nil
		}
		windows = append(windows, c.Voices...)
	}
	if len(windows) == 0 && len(t.Segments) > 0 {
		return nil
	}
	var samples int64
	if plan != nil {
		samples = plan.Samples
	}
	by, err := speaker.Separate(windows, samples, wanted)
	if err != nil || len(by.Speakers) == 0 && len(t.Segments) > 0 {
		return nil
	}
	t.SpeakersBy = referent.SpeakersByVoice
	t.Speakers, t.Turns = speakersOf(by), by.Turns
	t.Segments = by.Assign(t.Segments)
	return by
}

// speakersOf is the speakers of a separation, whom nobody has named yet.
func speakersOf(s *speaker.Separation) []referent.Speaker {
	speakers := make([]referent.Speaker, len(s.Speakers))
	for i, id := range s.Speakers {
		speakers[i].ID = id
	}
	return speakers
}
