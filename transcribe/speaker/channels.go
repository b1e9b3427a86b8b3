package speaker

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/referent/referent"
)

// channelPrefix marks the speaker of a segment that was heard in one channel, before it has an id: "c2"
// is whoever has the second channel.
const channelPrefix = "c"

// ByChannel gives the segments of a recording in which each person has a channel to speakers "S1", "S2",
// ... in order of their first words, and brings them in order of time. It says false, and changes nothing,
// when some segment was heard in no channel of its own.
func ByChannel(segments []referent.Segment) (*Separation, []referent.Segment, bool) {
	for _, s := range segments {
		if !strings.HasPrefix(s.Speaker, channelPrefix) {
			return nil, segments, false
		}
	}
	ordered := slices.SortedStableFunc(slices.Values(segments), func(a, b referent.Segment) int { return cmp.Compare(a.Start, b.Start) })
	s := &Separation{Speakers: []string{}, Turns: []referent.Turn{}}
	ids := map[string]string{}
	for i := range ordered {
		channel := ordered[i].Speaker
		if ids[channel] == "" {
			ids[channel] = fmt.Sprintf("S%d", len(ids)+1)
			s.Speakers = append(s.Speakers, ids[channel])
		}
		ordered[i].Speaker = ids[channel]
	}
	s.Turns = spoken(ordered)
	for i := range ordered {
		ordered[i].Others = s.others(ordered[i])
	}
	return s, ordered, true
}

// spoken makes turns from words: a pause longer than a breath between two ends a turn.
func spoken(segments []referent.Segment) []referent.Turn {
	turns := []referent.Turn{}
	latest := map[string]int{} // each speaker's turn
	say := func(speaker string, start, end float64) {
		if i, ok := latest[speaker]; ok && start-turns[i].End <= pause {
			turns[i].End = max(turns[i].End, end)
			return
		}
		latest[speaker] = len(turns)
		turns = append(turns, referent.Turn{Speaker: speaker, Start: start, End: end})
	}
	for _, s := range segments {
		if len(s.Words) == 0 {
			say(s.Speaker, s.Start, s.End)
		}
		for _, w := range s.Words {
			say(s.Speaker, w.Start, w.End)
		}
	}
	slices.SortStableFunc(turns, func(a, b referent.Turn) int { return cmp.Compare(a.Start, b.Start) })
	return turns
}
