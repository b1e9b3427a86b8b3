package speakers_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/speakers"
)

// choir makes segments, each of one of some voices, that sound as CAM++ makes them sound: two of one
// voice have a cosine of about 0.7, two of different voices about 0.1.
type choir struct {
	r      *rand.Rand
	voices [][]float64
	t      *referent.Transcript
	v      *referent.Voices
	who    []int // which voice each segment is
}

const dimensions = 192

func newChoir(seed uint64, voices int) *choir {
	c := &choir{r: rand.New(rand.NewPCG(seed, 1)), t: &referent.Transcript{}, v: &referent.Voices{}}
	common := c.random()
	for range voices {
		x := c.random()
		for i := range x {
			x[i] = 0.38*common[i] + x[i]
		}
		c.voices = append(c.voices, x)
	}
	return c
}

// random is a direction.
func (c *choir) random() []float64 {
	x := make([]float64, dimensions)
	for i := range x {
		x[i] = c.r.NormFloat64() / math.Sqrt(dimensions)
	}
	return x
}

// sing adds a segment of a voice under a speaker's name; length 0 is one too short to have a print.
func (c *choir) sing(voice int, speaker string, length float64) string {
	id, at := fmt.Sprintf("s%d", len(c.t.Segments)+1), 10*float64(len(c.t.Segments))
	c.t.Segments = append(c.t.Segments, referent.Segment{ID: id, Speaker: speaker, Start: at, End: at + max(length, 0.3)})
	if !slices.ContainsFunc(c.t.Speakers, func(s referent.Speaker) bool { return s.ID == speaker }) {
		c.t.Speakers = append(c.t.Speakers, referent.Speaker{ID: speaker})
	}
	c.who = append(c.who, voice)
	if length > 0 {
		noise := c.random()
		x := make([]byte, 0, 4*dimensions)
		for i := range noise {
			x = binary.LittleEndian.AppendUint32(x, math.Float32bits(float32(c.voices[voice][i]+0.65*noise[i])))
		}
		c.v.Segments = append(c.v.Segments, referent.SegmentVoice{Segment: id, Vector: x})
	}
	return id
}

// of are the ids of a voice's segments.
func (c *choir) of(voice int) []string {
	var out []string
	for i, v := range c.who {
		if v == voice {
			out = append(out, c.t.Segments[i].ID)
		}
	}
	return out
}

// Whatever two voices were merged, splitting gives them back.
func TestMergeThenSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newChoir(rapid.Uint64().Draw(t, "seed"), 3)
		for i := range rapid.IntRange(3, 30).Draw(t, "more") {
			c.sing([]int{0, 0, 1, 2}[i%4], fmt.Sprintf("S%d", []int{1, 1, 2, 3}[i%4]), 3)
		}
		for range 2 {
			c.sing(1, "S2", 2)
		}
		for range 3 {
			c.sing(0, "S1", 2)
		}
		merged, err := speakers.Merge(c.t, "S2", "S1")
		if err != nil {
			t.Fatal(err)
		}
		split, id, err := speakers.Split(merged, c.v, "S1")
		if err != nil {
			t.Fatal(err)
		}
		whole(t, c.t, split)
		if got := speakers.Segments(split, id); !slices.Equal(got, c.of(1)) {
			t.Fatalf("%v went apart, want %v", got, c.of(1))
		}
		if got := speakers.Segments(split, "S1"); !slices.Equal(got, c.of(0)) {
			t.Fatalf("%v stayed, want %v", got, c.of(0))
		}
	})
}

func TestOneVoiceIsNotSplit(t *testing.T) {
	for seed := range uint64(50) {
		c := newChoir(seed, 2)
		for range 4 + seed {
			c.sing(0, "S1", 3)
		}
		c.sing(1, "S2", 3)
		if _, _, err := speakers.Split(c.t, c.v, "S1"); referent.CodeOf(err) != referent.CodeOneVoice {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	c := newChoir(1, 2)
	for _, v := range []int{0, 1, 0} {
		c.sing(v, "S1", 3)
	}
	for name, x := range map[string]struct {
		id   string
		v    *referent.Voices
		want referent.Code
	}{
		"nobody":            {"S9", c.v, referent.CodeNotFound},
		"audio is gone":     {"S1", nil, referent.CodeVoicesGone},
		"too few":           {"S1", c.v, referent.CodeOneVoice},
		"no prints":         {"S1", &referent.Voices{}, referent.CodeOneVoice},
		"prints that break": {"S1", &referent.Voices{Segments: []referent.SegmentVoice{{Segment: "s1", Vector: []byte{1, 2}}, {Segment: "s2", Vector: make([]byte, 8)}, {Segment: "s3", Vector: []byte{0, 0, 0xc0, 0x7f}}}}, referent.CodeOneVoice},
	} {
		if _, _, err := speakers.Split(c.t, x.v, x.id); referent.CodeOf(err) != x.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Segments too short to be compared go with the nearest in time.
func TestShortSegmentsFollow(t *testing.T) {
	c := newChoir(3, 2)
	for i := range 8 {
		c.sing(i/4, "S1", 3)
		if i == 6 {
			c.sing(1, "S1", 0)
		}
		if i == 0 {
			c.sing(0, "S1", 0)
		}
	}
	c.sing(1, "S1", 0)
	got, id, err := speakers.Split(c.t, c.v, "S1")
	if err != nil {
		t.Fatal(err)
	}
	a, b := speakers.Segments(got, "S1"), speakers.Segments(got, id)
	if slices.Equal(b, c.of(0)) {
		a, b = b, a
	}
	if !slices.Equal(a, c.of(0)) || !slices.Equal(b, c.of(1)) {
		t.Errorf("%v and %v, want %v and %v", a, b, c.of(0), c.of(1))
	}
}

// With one segment go all of its voice, and no other's.
func TestReassignAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newChoir(rapid.Uint64().Draw(t, "seed"), 3)
		c.sing(2, "S2", 3)
		for range rapid.IntRange(4, 20).Draw(t, "right") {
			c.sing(0, "S1", 3)
		}
		for range rapid.IntRange(1, 6).Draw(t, "wrong") {
			c.sing(1, "S1", 3)
		}
		seed := rapid.SampledFrom(c.of(1)).Draw(t, "segment")
		to := rapid.SampledFrom([]string{"S2", speakers.New}).Draw(t, "to")
		got, id, moved, err := speakers.ReassignAlike(c.t, c.v, seed, to)
		if err != nil {
			t.Fatal(err)
		}
		whole(t, c.t, got)
		if !slices.Equal(moved, c.of(1)) {
			t.Fatalf("%v moved, want %v", moved, c.of(1))
		}
		for _, s := range got.Segments {
			if want := c.t.Segments[slices.IndexFunc(c.t.Segments, func(x referent.Segment) bool { return x.ID == s.ID })].Speaker; !slices.Contains(moved, s.ID) && s.Speaker != want || slices.Contains(moved, s.ID) && s.Speaker != id {
				t.Fatalf("%s is %s's", s.ID, s.Speaker)
			}
		}
	})
}

// Where the speaker is one voice, only the segment itself goes: a person means that one.
func TestAlikeInOneVoiceMovesOne(t *testing.T) {
	for seed := range uint64(50) {
		c := newChoir(seed, 1)
		for range 3 + seed%20 {
			c.sing(0, "S1", 3)
		}
		_, _, moved, err := speakers.ReassignAlike(c.t, c.v, "s2", speakers.New)
		if err != nil || !slices.Equal(moved, []string{"s2"}) {
			t.Errorf("seed %d: %v moved, %v", seed, moved, err)
		}
	}
	// A segment without a print moves alone too; without any voices nothing does.
	c := newChoir(1, 1)
	short := c.sing(0, "S1", 0)
	c.sing(0, "S1", 3)
	if _, _, moved, err := speakers.ReassignAlike(c.t, c.v, short, speakers.New); err != nil || !slices.Equal(moved, []string{short}) {
		t.Errorf("%v, %v", moved, err)
	}
	if _, _, _, err := speakers.ReassignAlike(c.t, nil, short, speakers.New); referent.CodeOf(err) != referent.CodeVoicesGone {
		t.Error(err)
	}
	if _, _, _, err := speakers.ReassignAlike(c.t, c.v, "s77", speakers.New); referent.CodeOf(err) != referent.CodeNotFound {
		t.Error(err)
	}
}

func BenchmarkSplit(b *testing.B) {
	c := newChoir(1, 2)
	for i := range 3000 {
		c.sing(i%2, "S1", 3)
	}
	for b.Loop() {
		if _, _, err := speakers.Split(c.t, c.v, "S1"); err != nil {
			b.Fatal(err)
		}
	}
}
