package correct

import (
	"math"
	"reflect"
	"slices"

	"github.com/referent/referent"
)

// Changes is what is other in a transcript than in an earlier one. Whoever holds the earlier has the later after taking
// Removed away and then putting each of Segments, in order, after the one that it names.
type Changes struct {
	Segments    []Placed              `json:"segments" nullable:"false" doc:"Those that are new, other or elsewhere, in the order of the transcript."`
	Removed     []string              `json:"removed" nullable:"false" doc:"Ids of those that are gone."`
	Speakers    []referent.Speaker    `json:"speakers" nullable:"false" doc:"All of them, as they are now."`
	Corrections []referent.Correction `json:"corrections" nullable:"false" doc:"All of them, as they are now."`
}

// Placed is a segment and where it stands.
type Placed struct {
	After   string           `json:"after,omitempty" doc:"The id of the segment before it; absent for the first."`
	Segment referent.Segment `json:"segment"`
}

// Between tells what is other in b than in a.
func Between(a, b *referent.Transcript) Changes {
	c := Changes{Segments: []Placed{}, Removed: []string{}, Speakers: append([]referent.Speaker{}, b.Speakers...),
		Corrections: append([]referent.Correction{}, b.Corrections...)}
	before, now := byID(a), byID(b)
	last := "" // of those that are in both: who follows whom
	follows := map[string]string{}
	for _, s := range a.Segments {
		if now[s.ID] == nil {
			c.Removed = append(c.Removed, s.ID)
			continue
		}
		follows[s.ID] = last
		last = s.ID
	}
	last = ""
	after := ""
	for i := range b.Segments {
		s := &b.Segments[i]
		was := before[s.ID]
		if was == nil || !same(was, s) || follows[s.ID] != last {
			c.Segments = append(c.Segments, Placed{after, *s})
		}
		if was != nil {
			last = s.ID
		}
		after = s.ID
	}
	return c
}

// Edited are the ids of the segments that differ, whether there or gone.
func (c Changes) Edited() []string {
	ids := slices.Clone(c.Removed)
	for _, p := range c.Segments {
		ids = append(ids, p.Segment.ID)
	}
	return ids
}

// Difference is a segment that is not the same in two versions. Before or After is nil where it is not there.
type Difference struct {
	Segment string   `json:"segment"`
	Before  *Wording `json:"before,omitempty"`
	After   *Wording `json:"after,omitempty"`
}

// Wording is what a person reads of a segment.
type Wording struct {
	Start     float64 `json:"start"`
	Speaker   string  `json:"speaker,omitempty" doc:"The name, else the id."`
	Text      string  `json:"text"`
	Confirmed bool    `json:"confirmed,omitempty"`
}

// Compare lists the segments that a person reads otherwise in b than in a, in the order of the recording.
func Compare(a, b *referent.Transcript) []Difference {
	before, now := byID(a), byID(b)
	lines := []Difference{}
	i := 0
	gone := func(until float64) {
		for ; i < len(a.Segments) && a.Segments[i].Start <= until; i++ {
			if s := &a.Segments[i]; now[s.ID] == nil {
				lines = append(lines, Difference{Segment: s.ID, Before: told(a, s)})
			}
		}
	}
	for k := range b.Segments {
		s := &b.Segments[k]
		gone(s.Start)
		is, was := told(b, s), told(a, before[s.ID])
		if was == nil || *was != *is {
			lines = append(lines, Difference{s.ID, was, is})
		}
	}
	gone(math.Inf(1))
	return lines
}

func told(t *referent.Transcript, s *referent.Segment) *Wording {
	if s == nil {
		return nil
	}
	return &Wording{s.Start, t.SpeakerName(s.Speaker), s.Text, s.Confirmed}
}

func byID(t *referent.Transcript) map[string]*referent.Segment {
	m := make(map[string]*referent.Segment, len(t.Segments))
	for i := range t.Segments {
		m[t.Segments[i].ID] = &t.Segments[i]
	}
	return m
}

func same(a, b *referent.Segment) bool { return reflect.DeepEqual(a, b) }
