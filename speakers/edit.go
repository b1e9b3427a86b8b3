package speakers

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/referent/referent"
)

// New stands for a speaker that the transcript does not have yet, where an edit asks for one.
const New = "new"

// maxName is the most runes of a name.
const maxName = 200

// Rename gives a speaker a name; an empty one takes the name back. CodeNotFound: there is no such
// speaker. CodeInvalid: the name is too long or no line of text.
func Rename(t *referent.Transcript, id, name string) (*referent.Transcript, error) {
	const op = "speakers: rename speaker"
	name = strings.Join(strings.Fields(name), " ")
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, unicode.IsControl) {
		return nil, referent.E(referent.CodeInvalid, op, errors.New("not a name")).WithHint("at most %d letters on one line", maxName)
	}
	at := index(t, id)
	if at < 0 {
		return nil, unknown(op)
	}
	c := clone(t)
	c.Speakers[at].Name = name
	return c, nil
}

// Merge makes two speakers one: all that from said is into's from now on. A name that only from has goes
// along. CodeNotFound: one of them does not exist. CodeInvalid: they are the same.
func Merge(t *referent.Transcript, from, into string) (*referent.Transcript, error) {
	const op = "speakers: merge speakers"
	if from == into {
		return nil, referent.E(referent.CodeInvalid, op, errors.New("a speaker cannot be merged with itself"))
	}
	a, b := index(t, from), index(t, into)
	if a < 0 || b < 0 {
		return nil, unknown(op)
	}
	c := clone(t)
	if c.Speakers[b].Name == "" {
		c.Speakers[b].Name = c.Speakers[a].Name
	}
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.Speaker == from {
			s.Speaker = into
		}
		if slices.Contains(s.Others, from) {
			s.Others = append(without(s.Others, from), into)
		}
		s.Others = tidyOthers(s)
	}
	for i := range c.Turns {
		if c.Turns[i].Speaker == from {
			c.Turns[i].Speaker = into
		}
	}
	c.Turns = joinTurns(c.Turns)
	c.Speakers = slices.Delete(c.Speakers, a, a+1)
	return c, nil
}

// Reassign gives one segment to another speaker, or to New. It returns the id of whom it belongs to now.
// A speaker of whom nothing is left goes. CodeNotFound: there is no such segment or speaker.
// CodeInvalid: the segment is that speaker's already.
func Reassign(t *referent.Transcript, segment, to string) (edited *referent.Transcript, id string, err error) {
	const op = "speakers: reassign segment"
	at := slices.IndexFunc(t.Segments, func(s referent.Segment) bool { return s.ID == segment })
	if at < 0 {
		return nil, "", referent.E(referent.CodeNotFound, op, errors.New("no such segment"))
	}
	return give(t, []int{at}, to, op)
}

// ReassignAll gives segments of one speaker to another, or to New. It returns the id of whom they belong to now. A
// speaker of whom nothing is left goes. CodeNotFound: there is no such segment or speaker. CodeInvalid: the segments
// are that speaker's already, or not all one speaker's.
func ReassignAll(t *referent.Transcript, segments []string, to string) (edited *referent.Transcript, id string, err error) {
	const op = "speakers: reassign segments"
	places := make(map[string]int, len(t.Segments))
	for i, s := range t.Segments {
		places[s.ID] = i
	}
	at := make([]int, len(segments))
	for k, id := range segments {
		i, ok := places[id]
		if !ok {
			return nil, "", referent.E(referent.CodeNotFound, op, errors.New("no such segment"))
		}
		at[k] = i
		if t.Segments[i].Speaker != t.Segments[at[0]].Speaker {
			return nil, "", referent.E(referent.CodeInvalid, op, errors.New("the segments are not all one speaker's"))
		}
	}
	if len(at) == 0 {
		return nil, "", referent.E(referent.CodeInvalid, op, errors.New("no segments"))
	}
	return give(t, at, to, op)
}

// give makes the segments to's, who may be New, and takes the turns within their times along. All of
// them are one speaker's.
func give(t *referent.Transcript, segments []int, to, op string) (*referent.Transcript, string, error) {
	from := t.Segments[segments[0]].Speaker
	if to == from {
		return nil, "", referent.E(referent.CodeInvalid, op, errors.New("it is that speaker's already"))
	}
	c := clone(t)
	if to == New {
		c.SpeakersMade++
		to = "S" + strconv.Itoa(c.SpeakersMade)
		c.Speakers = append(c.Speakers, referent.Speaker{ID: to})
	} else if index(t, to) < 0 {
		return nil, "", unknown(op)
	}
	for _, i := range segments {
		s := &c.Segments[i]
		s.Speaker = to
		s.Others = tidyOthers(s)
		c.Turns = giveTurns(c.Turns, from, to, s.Start, s.End)
	}
	c.Turns = joinTurns(c.Turns)
	if from != "" && !present(c, from) {
		c.Speakers = slices.DeleteFunc(c.Speakers, func(s referent.Speaker) bool { return s.ID == from })
	}
	return c, to, nil
}

// clone copies what edits change. Words are shared: none changes them.
func clone(t *referent.Transcript) *referent.Transcript {
	c := *t
	c.SpeakersMade = Made(t)
	c.Speakers = slices.Clone(t.Speakers)
	c.Segments = slices.Clone(t.Segments)
	c.Turns = slices.Clone(t.Turns)
	c.Corrections = slices.Clone(t.Corrections)
	return &c
}

func index(t *referent.Transcript, id string) int {
	return slices.IndexFunc(t.Speakers, func(s referent.Speaker) bool { return s.ID == id })
}

func unknown(op string) error {
	return referent.E(referent.CodeNotFound, op, errors.New("no such speaker"))
}

func without(ids []string, id string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(o string) bool { return o == id })
}

// tidyOthers are the segment's others, each once and without the speaker itself.
func tidyOthers(s *referent.Segment) []string {
	var out []string
	for _, o := range s.Others {
		if o != s.Speaker && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// present reports whether anything in the transcript is the speaker's.
func present(t *referent.Transcript, id string) bool {
	return slices.ContainsFunc(t.Segments, func(s referent.Segment) bool { return s.Speaker == id || slices.Contains(s.Others, id) }) ||
		slices.ContainsFunc(t.Turns, func(x referent.Turn) bool { return x.Speaker == id })
}

// Made is the highest number that a speaker of the transcript has, or had before it went: an id is never given to
// somebody else, so that what is restored from an earlier version goes to whom it was.
func Made(t *referent.Transcript) int {
	highest := t.SpeakersMade
	for _, s := range t.Speakers {
		if digits, ok := strings.CutPrefix(s.ID, "S"); ok {
			if n, err := strconv.Atoi(digits); err == nil && n < 1<<31 {
				highest = max(highest, n)
			}
		}
	}
	return highest
}
