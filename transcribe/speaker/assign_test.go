package speaker_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/speaker"
)

// said makes a segment of words that last 0.3 s each from start on; a word "|" is a pause of a second.
func said(start float64, text string) referent.Segment {
	s := referent.Segment{Start: start, Quality: referent.Quality{OK: true}}
	for _, w := range strings.Fields(text) {
		if w == "|" {
			start++
			continue
		}
		s.Words = append(s.Words, referent.Word{Text: w, Start: start, End: start + 0.3, Probability: 0.9})
		start += 0.3
	}
	s.Text = textOf(s.Words)
	s.End = start
	return s
}

func textOf(words []referent.Word) string {
	var texts []string
	for _, w := range words {
		texts = append(texts, w.Text)
	}
	return strings.Join(texts, " ")
}

// separation is one whose turns are known: pairs of speaker and end, from 0 on; "" is nobody.
func separation(turns ...any) *speaker.Separation {
	s := &speaker.Separation{}
	at := 0.0
	for i := 0; i < len(turns); i += 2 {
		id, end := turns[i].(string), turns[i+1].(float64)
		if id != "" {
			t := referent.Turn{Speaker: id, Start: at, End: end}
			s.Turns, s.Exclusive = append(s.Turns, t), append(s.Exclusive, t)
			if !slices.Contains(s.Speakers, id) {
				s.Speakers = append(s.Speakers, id)
			}
		}
		at = end
	}
	return s
}

func TestAssign(t *testing.T) {
	for _, tt := range []struct {
		name string
		s    *speaker.Separation
		in   []referent.Segment
		want []string // "speaker: text"
	}{
		{"one person", separation("S1", 9.0), []referent.Segment{said(0, "møtet er satt")}, []string{"S1: møtet er satt"}},
		{"a change between two words", separation("S1", 0.9, "S2", 3.0), []referent.Segment{said(0, "takk for det jeg har et spørsmål")},
			[]string{"S1: takk for det", "S2: jeg har et spørsmål"}},
		{"a word on the border stays with its sentence", separation("S1", 1.05, "S2", 3.0), []referent.Segment{said(0, "vi går videre. Da er det sak tre")},
			[]string{"S1: vi går videre.", "S2: Da er det sak tre"}},
		{"a slip of the networks inside a sentence", separation("S1", 0.9, "S2", 1.15, "S1", 3.0), []referent.Segment{said(0, "budsjettet for neste år er vedtatt")},
			[]string{"S1: budsjettet for neste år er vedtatt"}},
		{"a short answer is a sentence", separation("S1", 1.2, "S2", 1.7, "S1", 4.0), []referent.Segment{said(0, "er alle enige her? Ja. Da er det vedtatt")},
			[]string{"S1: er alle enige her?", "S2: Ja.", "S1: Da er det vedtatt"}},
		{"no turn near the word: the nearest", separation("S1", 1.0, "", 4.0, "S2", 6.0), []referent.Segment{said(0, "en to"), said(2.9, "tre fire")},
			[]string{"S1: en to", "S2: tre fire"}},
		{"a segment without words", separation("S1", 1.0, "S2", 4.0), []referent.Segment{{Start: 1.5, End: 3, Text: "hm"}}, []string{"S2: hm"}},
		{"nobody was heard", separation(), []referent.Segment{said(0, "hei")}, []string{": hei"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range tt.s.Assign(tt.in) {
				got = append(got, s.Speaker+": "+s.Text)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// However words and turns lie, each word has one speaker, and text, order and times stay.
func TestAssignLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 8))
		m := newMeeting(r, rapid.IntRange(1, 4).Draw(t, "people"), 60)
		s, err := speaker.Separate(m.windows(r, alike, nil), m.samples(), referent.SpeakerCount{})
		if err != nil {
			t.Fatal(err)
		}
		var segments []referent.Segment
		at := 0.0
		for range rapid.IntRange(0, 12).Draw(t, "segments") {
			at += 3 * r.Float64()
			words := make([]string, r.IntN(12))
			for i := range words {
				words[i] = []string{"ja", "nei.", "møtet", "|", "vedtatt!"}[r.IntN(5)]
			}
			segment := said(at, strings.Join(words, " "))
			at = segment.End
			segments = append(segments, segment)
		}
		got := s.Assign(segments)
		var before, after []referent.Word
		for _, x := range segments {
			before = append(before, x.Words...)
		}
		for i, x := range got {
			if len(s.Speakers) > 0 && !slices.Contains(s.Speakers, x.Speaker) {
				t.Fatalf("segment %d is of %q, speakers are %v", i, x.Speaker, s.Speakers)
			}
			if slices.Contains(x.Others, x.Speaker) {
				t.Fatalf("segment %d: %q speaks beside itself", i, x.Speaker)
			}
			if len(x.Words) > 0 && (x.Text != textOf(x.Words) || x.Start != x.Words[0].Start && x.Start > x.Words[0].Start) {
				t.Fatalf("segment %+v does not fit its words", x)
			}
			got[i].ID = string(rune('a' + i))
			after = append(after, x.Words...)
		}
		if !slices.Equal(before, after) {
			t.Fatalf("words were %v, are %v", before, after)
		}
		for _, v := range s.Voices(got).Segments {
			if len(v.Vector) != 4*size || !slices.ContainsFunc(got, func(x referent.Segment) bool { return x.ID == v.Segment }) {
				t.Fatalf("a voice of %q with %d bytes", v.Segment, len(v.Vector))
			}
		}
	})
}

// Two who speak at once for a while are named beside each other; a touch at the border is not enough.
func TestOthers(t *testing.T) {
	s := separation("S1", 5.0, "S2", 9.0)
	s.Turns[1].Start = 4.8 // into each other, but only just
	if got := s.Assign([]referent.Segment{said(3, "en to tre fire fem seks")})[0]; got.Others != nil {
		t.Errorf("others %v", got.Others)
	}
	s = separation("S1", 5.0, "S2", 9.0)
	s.Turns[1].Start = 4
	if got := s.Assign([]referent.Segment{said(3, "en to tre fire fem seks")})[0]; !slices.Equal(got.Others, []string{"S2"}) {
		t.Errorf("others %v", got.Others)
	}
}

// The voiceprint of a segment is of its own speaker, and of that time.
func TestVoices(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	m := newMeeting(r, 2, 40)
	m.turns = []turn{{0, 0, 10 * perSecond}, {1, 10 * perSecond, 20 * perSecond}, {0, 20 * perSecond, 40 * perSecond}}
	s := separate(t, m.windows(r, 0.3, nil), m.samples(), referent.SpeakerCount{})
	segments := s.Assign([]referent.Segment{said(1, "en to tre fire fem seks sju"), said(12, "en to tre fire fem seks sju"), said(30, "åtte ni ti elleve tolv")})
	for i := range segments {
		segments[i].ID = string(rune('a' + i))
	}
	voices := s.Voices(segments).Segments
	if len(voices) != 3 {
		t.Fatalf("%d voices", len(voices))
	}
	like := func(a, b int) float64 { return cosine(voices[a].Vector, voices[b].Vector) }
	if like(0, 2) < 0.8 || like(0, 1) > 0.5 || segments[0].Speaker != segments[2].Speaker {
		t.Errorf("alike %.2f and %.2f, speakers %s %s", like(0, 2), like(0, 1), segments[0].Speaker, segments[2].Speaker)
	}
}

func TestByChannel(t *testing.T) {
	one, two, three := said(0, "god morgen"), said(0.5, "hei"), said(4, "da begynner vi")
	one.Speaker, two.Speaker, three.Speaker = "c2", "c1", "c2"
	s, got, ok := speaker.ByChannel([]referent.Segment{two, one, three})
	if !ok || !slices.Equal(s.Speakers, []string{"S1", "S2"}) {
		t.Fatalf("%v %+v", ok, s)
	}
	var who []string
	for _, x := range got {
		who = append(who, x.Speaker+": "+x.Text)
	}
	if !slices.Equal(who, []string{"S1: god morgen", "S2: hei", "S1: da begynner vi"}) {
		t.Errorf("got %q", who)
	}
	if len(s.Turns) != 3 || s.Turns[1].Speaker != "S2" {
		t.Errorf("turns %v", s.Turns)
	}
	if _, _, ok := speaker.ByChannel([]referent.Segment{one, said(2, "hvem")}); ok {
		t.Error("a segment of no channel went by")
	}
}
