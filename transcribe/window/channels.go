package window

import (
	"cmp"
	"slices"

	"github.com/referent/referent"
)

// MaxReach is how far from a window's start its last stretch may begin when channels have windows of
// their own. Somebody who says a word every ten minutes would else have one window over the whole
// recording, and its text would come with the last.
const MaxReach = 3 * 60 * second

// PlanChannels cuts a recording in which each channel holds a person of its own: windows hear one channel
// each, and stand in the order in which they begin, so that a chunk is a stretch of the recording with all
// that was said in it. probabilities are of a voice in each frame of each channel. Nobody listens for who
// speaks: the channels tell. Speech counts in each channel.
func PlanChannels(probabilities [][]float32, samples int64, opt Options) referent.Plan {
	var windows []referent.Window
	for c, p := range probabilities {
		for _, speech := range reaches(Speech(p, samples, opt)) {
			for _, w := range Pack(speech, p) {
				w.Channel = c + 1
				windows = append(windows, w)
			}
		}
	}
	slices.SortStableFunc(windows, func(a, b referent.Window) int { return cmp.Compare(a.Spans[0].Start, b.Spans[0].Start) })
	plan := chunked(windows, samples, opt)
	plan.Channels = len(probabilities)
	return plan
}

// reaches divides speech, in order, where it is MaxReach from the first of its part.
func reaches(speech []referent.Span) [][]referent.Span {
	var parts [][]referent.Span
	first := 0
	for i, s := range speech {
		if s.Start-speech[first].Start > MaxReach {
			parts = append(parts, speech[first:i])
			first = i
		}
	}
	if first < len(speech) {
		parts = append(parts, speech[first:])
	}
	return parts
}
