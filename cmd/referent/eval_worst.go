package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/eval/corpus"
	"github.com/referent/referent/eval/report"
)

const (
	mostConfusions = 25
	mostStretches  = 8   // shown of a set
	longestStretch = 30  // seconds
	around         = 0.3 // seconds of sound before and after a stretch
)

// confusions counts which words took whose place, most frequent first.
func confusions(all []*scored) []report.Confusion {
	type change struct{ from, to string }
	counts := map[change]int{}
	for _, s := range all {
		for _, e := range s.edits {
			switch e.Kind {
			case eval.Substitution:
				counts[change{s.said[e.Reference], s.written[e.Hypothesis]}]++
			case eval.Deletion:
				counts[change{from: s.said[e.Reference]}]++
			case eval.Insertion:
				counts[change{to: s.written[e.Hypothesis]}]++
			}
		}
	}
	var list []report.Confusion
	for c, n := range counts {
		list = append(list, report.Confusion{From: c.from, To: c.to, Count: n})
	}
	slices.SortFunc(list, func(a, b report.Confusion) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return list[:min(len(list), mostConfusions)]
}

// worst finds the stretches of a set that went worst: wrong words where there is a text, wrong speakers
// where there are turns, invented words where nobody speaks.
func worst(set string, all []*scored) (list []report.Stretch) {
	for _, s := range all {
		switch {
		case set == corpus.Noise:
			list = append(list, inventedStretches(s)...)
		case s.Turns != nil:
			list = append(list, turnStretches(s)...)
		case s.edits != nil:
			list = append(list, wordStretches(s)...)
		}
	}
	slices.SortStableFunc(list, func(a, b report.Stretch) int { return cmp.Compare(b.Wrong, a.Wrong) })
	return list[:min(len(list), mostStretches)]
}

// wordStretches are the transcript's segments with their share of the alignment. Words that were left out
// belong to the segment that follows, whose stretch then begins where the one before ended.
func wordStretches(s *scored) (list []report.Stretch) {
	var owner []int // the segment of each written word
	var segments []referent.Segment
	if s.transcript != nil {
		segments = s.transcript.Segments
	}
	for i := range segments {
		for range eval.Words(segments[i].Text) {
			owner = append(owner, i)
		}
	}
	if len(owner) == 0 { // nothing was written
		return []report.Stretch{{File: s.Name, End: min(s.seconds, longestStretch), Wrong: float64(s.words.Wrong()), Pieces: pieces(s, s.edits)}}
	}
	for from := 0; from < len(s.edits); {
		at := owner[min(s.edits[from].Hypothesis, len(owner)-1)]
		to := from
		for to < len(s.edits) && owner[min(s.edits[to].Hypothesis, len(owner)-1)] == at {
			to++
		}
		part := s.edits[from:to]
		stretch := report.Stretch{File: s.Name, Start: segments[at].Start, End: segments[at].End,
			Wrong: float64(eval.Count(part).Wrong()), Pieces: pieces(s, part)}
		if part[0].Kind == eval.Deletion && at > 0 {
			stretch.Start = min(stretch.Start, segments[at-1].End)
		}
		if part[len(part)-1].Kind == eval.Deletion && to == len(s.edits) {
			stretch.End = max(stretch.End, s.seconds)
		}
		if stretch.Wrong > 0 {
			stretch.Start = max(stretch.Start, stretch.End-longestStretch)
			list = append(list, stretch)
		}
		from = to
	}
	return list
}

// pieces shows an alignment: runs of words that are the same, and runs that are not.
func pieces(s *scored, edits []eval.Edit) (all []report.Piece) {
	for from := 0; from < len(edits); {
		same := edits[from].Kind == eval.Equal
		var said, written []string
		to := from
		for ; to < len(edits) && (edits[to].Kind == eval.Equal) == same; to++ {
			if edits[to].Kind != eval.Insertion {
				said = append(said, s.said[edits[to].Reference])
			}
			if edits[to].Kind != eval.Deletion {
				written = append(written, s.written[edits[to].Hypothesis])
			}
		}
		all = append(all, report.Piece{From: strings.Join(said, " "), To: strings.Join(written, " ")})
		from = to
	}
	return all
}

// turnStretches are parts of a recording with who spoke and who was found.
func turnStretches(s *scored) (list []report.Stretch) {
	var found []eval.Turn
	if s.transcript != nil {
		found = transcriptTurns(s.transcript)
	}
	for i, e := range s.parts {
		wrong := e.Missed + e.FalseAlarm + e.Confusion
		if wrong < 0.05 { // the edges of turns are never found to the frame
			continue
		}
		start := float64(i) * stretchSeconds
		stretch := report.Stretch{File: s.Name, Start: start, End: min(start+stretchSeconds, s.seconds), Wrong: wrong}
		stretch.Turns = append(tracks(true, s.Turns, stretch), tracks(false, found, stretch)...)
		list = append(list, stretch)
	}
	return list
}

// tracks are the turns within a stretch, speaker by speaker.
func tracks(reference bool, turns []eval.Turn, in report.Stretch) (all []report.Track) {
	for _, speaker := range eval.Speakers(turns) {
		var theirs []eval.Region
		for _, t := range turns {
			if t.Speaker == speaker {
				theirs = append(theirs, eval.Region{Start: t.Start, End: t.End})
			}
		}
		if inside := eval.Intersect(theirs, []eval.Region{{Start: in.Start, End: in.End}}); inside != nil {
			all = append(all, report.Track{Reference: reference, Speaker: speaker, Regions: inside})
		}
	}
	return all
}

// inventedStretches are the segments of a recording that have words where nobody speaks.
func inventedStretches(s *scored) (list []report.Stretch) {
	if s.transcript == nil {
		return nil
	}
	for i := range s.transcript.Segments {
		segment := &s.transcript.Segments[i]
		alone := &referent.Transcript{Segments: []referent.Segment{*segment}}
		n := eval.Hallucination(transcriptWords(alone), s.Speech, s.seconds, eval.Words).Words
		if n > 0 {
			list = append(list, report.Stretch{File: s.Name, Start: segment.Start, End: min(segment.End, segment.Start+longestStretch), Wrong: float64(n),
				Pieces: []report.Piece{{To: segment.Text}}})
		}
	}
	return list
}

// writeClips writes the sound of the set's worst stretches beside the report.
func writeClips(ctx context.Context, ffmpeg, out string, set *report.Set, path func(name string) string) error {
	decoded := map[string][]int16{}
	for i := range set.Worst {
		w := &set.Worst[i]
		all, ok := decoded[w.File]
		if !ok {
			var err error
			if all, err = samples(ctx, ffmpeg, path(w.File)); err != nil {
				return err
			}
			decoded[w.File] = all
		}
		at := func(seconds float64) int { return max(0, min(len(all), int(seconds*referent.SampleRate))) }
		start, end := at(w.Start-around), at(w.End+around)
		if start >= end {
			continue
		}
		w.Audio = fmt.Sprintf("audio/%s-%d.wav", set.Name, i+1)
		if err := writeWAV(filepath.Join(out, filepath.FromSlash(w.Audio)), all[start:end]); err != nil {
			return err
		}
	}
	return nil
}
