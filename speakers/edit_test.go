package speakers_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/speakers"
)

// meeting draws a transcript whose segments follow each other, some overlapped by others, with turns
// that do not quite agree with them; sometimes there are no turns, or segments without a speaker.
func meeting(t *rapid.T) *referent.Transcript {
	n := rapid.IntRange(1, 5).Draw(t, "speakers")
	tr := &referent.Transcript{Schema: referent.TranscriptSchema}
	id := func(i int) string { return fmt.Sprintf("S%d", i+1) }
	for i := range n {
		tr.Speakers = append(tr.Speakers, referent.Speaker{ID: id(i), Name: rapid.SampledFrom([]string{"", "Kari", "Ola"}).Draw(t, "name")})
	}
	turns := rapid.Bool().Draw(t, "turns")
	at := 0.0
	for i := range rapid.IntRange(1, 20).Draw(t, "segments") {
		at += rapid.Float64Range(0, 2).Draw(t, "pause")
		end := at + rapid.Float64Range(0.1, 5).Draw(t, "length")
		who := rapid.IntRange(-1, n-1).Draw(t, "who")
		s := referent.Segment{ID: fmt.Sprintf("s%d", i+1), Start: at, End: end, Text: fmt.Sprintf("ord nummer %d", i),
			Words: []referent.Word{{Text: "ord", Start: at, End: end, Probability: 0.5}}}
		if who >= 0 {
			s.Speaker = id(who)
			if other := rapid.IntRange(0, n-1).Draw(t, "other"); other != who && rapid.Bool().Draw(t, "overlap") {
				s.Others = []string{id(other)}
				if turns {
					tr.Turns = append(tr.Turns, referent.Turn{Speaker: id(other), Start: at, End: (at + end) / 2})
				}
			}
			if turns {
				early, late := rapid.Float64Range(-0.5, 0.5).Draw(t, "early"), rapid.Float64Range(-0.5, 0.5).Draw(t, "late")
				if at+early >= 0 && at+early < end+late {
					tr.Turns = append(tr.Turns, referent.Turn{Speaker: id(who), Start: at + early, End: end + late})
				}
			}
		}
		tr.Segments = append(tr.Segments, s)
		at = end
	}
	return tr
}

// whole checks what must hold of every transcript after an edit of before.
func whole(t *rapid.T, before, after *referent.Transcript) {
	if len(before.Segments) != len(after.Segments) {
		t.Fatalf("%d segments became %d", len(before.Segments), len(after.Segments))
	}
	known := map[string]bool{}
	for _, s := range after.Speakers {
		if known[s.ID] {
			t.Fatalf("%s stands twice", s.ID)
		}
		known[s.ID] = true
	}
	for i, s := range after.Segments {
		b := before.Segments[i]
		if s.ID != b.ID || s.Text != b.Text || s.Start != b.Start || s.End != b.End || !reflect.DeepEqual(s.Words, b.Words) || !reflect.DeepEqual(s.Quality, b.Quality) {
			t.Fatalf("segment %+v became %+v", b, s)
		}
		if s.Speaker != "" && !known[s.Speaker] || slices.Contains(s.Others, s.Speaker) && s.Speaker != "" {
			t.Fatalf("segment %+v of %v", s, known)
		}
		for _, o := range s.Others {
			if !known[o] {
				t.Fatalf("%s speaks in %s and is nobody", o, s.ID)
			}
		}
	}
	end := map[string]float64{}
	for i, x := range after.Turns {
		if !known[x.Speaker] || x.End <= x.Start || i > 0 && x.Start < after.Turns[i-1].Start {
			t.Fatalf("turn %+v of %v", x, after.Turns)
		}
		if last, ok := end[x.Speaker]; ok && x.Start <= last {
			t.Fatalf("%s has two turns at once: %v", x.Speaker, after.Turns)
		}
		end[x.Speaker] = x.End
	}
}

// activity is whether anybody is active at the times that matter.
func activity(t *referent.Transcript, at float64) bool {
	return slices.ContainsFunc(t.Turns, func(x referent.Turn) bool { return x.Start <= at && at < x.End })
}

func deep(t *referent.Transcript) *referent.Transcript {
	c := *t
	c.Speakers, c.Turns = slices.Clone(t.Speakers), slices.Clone(t.Turns)
	c.Segments = slices.Clone(t.Segments)
	for i := range c.Segments {
		c.Segments[i].Others = slices.Clone(t.Segments[i].Others)
		c.Segments[i].Words = slices.Clone(t.Segments[i].Words)
	}
	return &c
}

// tidied is the transcript with its turns in order, as every edit of segments leaves them.
func tidied(t *rapid.T, tr *referent.Transcript) *referent.Transcript {
	out, id, err := speakers.Reassign(tr, tr.Segments[0].ID, speakers.New)
	if err != nil {
		t.Fatal(err)
	}
	if from := tr.Segments[0].Speaker; from != "" && slices.ContainsFunc(out.Speakers, func(s referent.Speaker) bool { return s.ID == from }) {
		if out, err = speakers.Merge(out, id, from); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// Any row of edits leaves words, times and ids as they are, nobody unknown in the transcript, its
// argument untouched, and speech where there was speech.
func TestEditsCompose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := meeting(t)
		now := first
		for range rapid.IntRange(1, 8).Draw(t, "edits") {
			ids := []string{"S99", speakers.New}
			for _, s := range now.Speakers {
				ids = append(ids, s.ID)
			}
			a, b := rapid.SampledFrom(ids).Draw(t, "a"), rapid.SampledFrom(ids).Draw(t, "b")
			seg := rapid.SampledFrom(now.Segments).Draw(t, "segment").ID
			before := deep(now)
			var next *referent.Transcript
			var err error
			kind := rapid.IntRange(0, 2).Draw(t, "kind")
			switch kind {
			case 0:
				next, err = speakers.Rename(now, a, "Solveig  Å.\t")
			case 1:
				next, err = speakers.Merge(now, a, b)
			case 2:
				next, _, err = speakers.Reassign(now, seg, b)
			}
			if !reflect.DeepEqual(before, now) {
				t.Fatal("the edit changed its argument")
			}
			if err != nil {
				if code := referent.CodeOf(err); code != referent.CodeNotFound && code != referent.CodeInvalid {
					t.Fatalf("code %s", code)
				}
				continue
			}
			if kind > 0 { // renaming leaves the turns as they came
				whole(t, first, next)
				for _, x := range now.Turns {
					if mid := (x.Start + x.End) / 2; !activity(next, mid) {
						t.Fatalf("nobody is active at %v any more: %v, %v", mid, now.Turns, next.Turns)
					}
				}
			}
			now = next
		}
	})
}

// Merging takes apart again: what was one's goes back segment by segment.
func TestMergeIsUndoneByReassigning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := meeting(t)
		if len(before.Speakers) < 2 {
			t.Skip("one speaker")
		}
		from, into := before.Speakers[0].ID, before.Speakers[1].ID
		now, err := speakers.Merge(before, from, into)
		if err != nil {
			t.Fatal(err)
		}
		whole(t, before, now)
		if slices.ContainsFunc(now.Speakers, func(s referent.Speaker) bool { return s.ID == from }) || len(speakers.Segments(now, from)) > 0 {
			t.Fatal("the merged speaker is still there")
		}
		if got, want := len(speakers.Segments(now, into)), len(speakers.Segments(before, from))+len(speakers.Segments(before, into)); got != want {
			t.Fatalf("%d segments, want %d", got, want)
		}
		back := ""
		for _, s := range speakers.Segments(before, from) {
			to := back
			if to == "" {
				to = speakers.New
			}
			var id string
			if now, id, err = speakers.Reassign(now, s, to); err != nil {
				t.Fatal(err)
			}
			back = id
		}
		if back != "" && !slices.Equal(speakers.Segments(now, back), speakers.Segments(before, from)) {
			t.Fatalf("%v, want %v", speakers.Segments(now, back), speakers.Segments(before, from))
		}
	})
}

// A segment that goes to a new speaker and back leaves everything as it was.
func TestReassignAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := tidied(t, meeting(t))
		s := rapid.SampledFrom(before.Segments).Draw(t, "segment")
		there, id, err := speakers.Reassign(before, s.ID, speakers.New)
		if err != nil {
			t.Fatal(err)
		}
		whole(t, before, there)
		if s.Speaker == "" || !slices.ContainsFunc(there.Speakers, func(x referent.Speaker) bool { return x.ID == s.Speaker }) {
			return // nowhere to go back to
		}
		back, _, err := speakers.Reassign(there, s.ID, s.Speaker)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(back.Speakers, func(x referent.Speaker) bool { return x.ID == id }) {
			t.Fatal("the speaker without a segment is still there")
		}
		for i, x := range back.Segments {
			if x.Speaker != before.Segments[i].Speaker {
				t.Fatalf("%s is %s, was %s", x.ID, x.Speaker, before.Segments[i].Speaker)
			}
		}
	})
}

func sample() *referent.Transcript {
	seg := func(id, speaker string, start, end float64, others ...string) referent.Segment {
		return referent.Segment{ID: id, Speaker: speaker, Start: start, End: end, Others: others, Text: "x", Quality: referent.Quality{OK: true}}
	}
	return &referent.Transcript{
		Speakers: []referent.Speaker{{ID: "S1", Name: "Kari"}, {ID: "S2"}, {ID: "S7"}},
		Segments: []referent.Segment{seg("s1", "S1", 0, 4), seg("s2", "S2", 4, 6, "S1"), seg("s3", "S1", 6, 10), seg("s4", "S7", 11, 12)},
		Turns:    []referent.Turn{{Speaker: "S1", Start: 0, End: 10.1}, {Speaker: "S2", Start: 4, End: 6}, {Speaker: "S7", Start: 11, End: 12}},
	}
}

func TestTurnsGoAlong(t *testing.T) {
	got, id, err := speakers.Reassign(sample(), "s3", "S2")
	if err != nil || id != "S2" {
		t.Fatal(id, err)
	}
	want := []referent.Turn{{Speaker: "S1", Start: 0, End: 6}, {Speaker: "S2", Start: 4, End: 10.1}, {Speaker: "S7", Start: 11, End: 12}}
	if !reflect.DeepEqual(got.Turns, want) {
		t.Errorf("turns %v, want %v: what is left of the turn behind the segment is too short to be one", got.Turns, want)
	}
	// Somebody of whom nothing is left goes; an id that was in use is not used again.
	got, id, err = speakers.Reassign(sample(), "s4", speakers.New)
	if err != nil || id != "S8" {
		t.Fatal(id, err)
	}
	if want := []referent.Speaker{{ID: "S1", Name: "Kari"}, {ID: "S2"}, {ID: "S8"}}; !reflect.DeepEqual(got.Speakers, want) {
		t.Errorf("speakers %v, want %v", got.Speakers, want)
	}
	// One who was heard beside becomes the one who speaks.
	got, _, err = speakers.Reassign(sample(), "s2", "S1")
	if err != nil || len(got.Segments[1].Others) != 0 || got.Segments[1].Speaker != "S1" || len(got.Speakers) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestNameGoesAlong(t *testing.T) {
	got, err := speakers.Merge(sample(), "S1", "S2")
	if err != nil || got.SpeakerName("S2") != "Kari" || len(got.Segments[1].Others) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if want := []referent.Turn{{Speaker: "S2", Start: 0, End: 10.1}, {Speaker: "S7", Start: 11, End: 12}}; !reflect.DeepEqual(got.Turns, want) {
		t.Errorf("turns %v, want %v", got.Turns, want)
	}
}

func TestRename(t *testing.T) {
	long := string(slices.Repeat([]byte("å"), 201))
	for name, want := range map[string]referent.Code{"  Kari \t Nordmann ": "", "": "", "a\x00b": referent.CodeInvalid, "\xff": referent.CodeInvalid, long: referent.CodeInvalid} {
		got, err := speakers.Rename(sample(), "S2", name)
		if referent.CodeOf(err) != want {
			t.Errorf("%q: %v", name, err)
		}
		if err == nil && name != "" && got.SpeakerName("S2") != "Kari Nordmann" {
			t.Errorf("named %q", got.SpeakerName("S2"))
		}
	}
	if _, err := speakers.Rename(sample(), "S3", "x"); referent.CodeOf(err) != referent.CodeNotFound {
		t.Error(err)
	}
	if got, err := speakers.Rename(sample(), "S1", ""); err != nil || got.SpeakerName("S1") != "S1" {
		t.Errorf("the name is not taken back: %v", err)
	}
}

func TestList(t *testing.T) {
	got := speakers.List(sample())
	want := []speakers.Voice{{ID: "S1", Name: "Kari", Seconds: 10.1, Segments: 2, Samples: []string{"s1", "s3"}},
		{ID: "S2", Seconds: 2, Segments: 1, Samples: []string{"s2"}}, {ID: "S7", Seconds: 1, Segments: 1, Samples: []string{"s4"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	// Of many, those that are clear and alone, spread over the meeting; without turns the segments count.
	tr := &referent.Transcript{Speakers: []referent.Speaker{{ID: "S1"}, {ID: "S2"}}}
	for i := range 12 {
		s := referent.Segment{ID: fmt.Sprintf("s%d", i), Speaker: "S1", Start: float64(10 * i), End: float64(10*i + 9), Others: []string{"S2"}}
		if i%4 == 2 {
			s.Others, s.Quality.OK = nil, true
			s.End = s.Start + 3
		}
		tr.Segments = append(tr.Segments, s)
	}
	v := speakers.List(tr)[0]
	if !slices.Equal(v.Samples, []string{"s2", "s6", "s10"}) || v.Seconds != 9*9+3*3 {
		t.Errorf("%+v", v)
	}
}
