package transcribe

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/vad"
)

const framesPerSecond = referent.SampleRate / vad.FrameSamples

// talk is what a person's microphone gives who speaks in the seconds given, pairs of from and to: levels
// that rise and fall as syllables do, and a noise floor 60 decibels under full scale.
func talk(seed uint64, seconds int, when ...int) track {
	r := rand.New(rand.NewPCG(seed, 1))
	n := seconds * framesPerSecond
	t := track{voice: make([]float32, n), power: make([]float32, n)}
	for f := range n {
		t.power[f] = 1e-6
	}
	for i := 0; i < len(when); i += 2 {
		level := -25.0
		for f := when[i] * framesPerSecond; f < min(when[i+1]*framesPerSecond, n); f++ {
			if f%5 == 0 {
				level = -25 + 6*r.NormFloat64()
			}
			t.voice[f], t.power[f] = 0.95, float32(math.Pow(10, level/10))
		}
	}
	return t
}

// heardBy is a microphone that hears others at so many decibels beside its own: their voices too.
func heardBy(own track, decibels float64, others ...track) track {
	t := track{voice: slices.Clone(own.voice), power: slices.Clone(own.power)}
	for _, o := range others {
		for f := range t.power {
			t.power[f] += o.power[f] * float32(math.Pow(10, decibels/10))
			t.voice[f] = max(t.voice[f], o.voice[f])
		}
	}
	return t
}

// silence is a channel without anybody.
func silence(seconds int) track { return talk(0, seconds) }

func TestWhichChannelsArePeople(t *testing.T) {
	a, b, c := talk(1, 60, 0, 12, 20, 33, 45, 50), talk(2, 60, 12, 20, 31, 45), talk(3, 60, 50, 58)
	busyA, busyB := talk(4, 60, 0, 45), talk(5, 60, 15, 60)
	hiss := silence(60)
	for f := range hiss.power {
		hiss.power[f] = 1e-4
	}
	for _, tt := range []struct {
		name   string
		tracks []track
		want   []int
	}{
		{"nobody anywhere", []track{silence(60), silence(60)}, nil},
		{"a telephone", []track{a, b}, []int{0, 1}},
		{"headsets in one room", []track{heardBy(a, -20, b), heardBy(b, -20, a)}, []int{0, 1}},
		{"one microphone is set ten times fainter", []track{heardBy(a, -20, b), heardBy(silence(60), -20, heardBy(b, -20, a))}, []int{0, 1}},
		{"both talk half of the time", []track{busyA, busyB}, []int{0, 1}},
		{"three people", []track{heardBy(a, -15, b, c), heardBy(b, -15, a, c), heardBy(c, -15, a, b)}, []int{0, 1, 2}},
		{"an empty seat", []track{heardBy(a, -20, b), heardBy(silence(60), -20, a, b), heardBy(b, -20, a)}, []int{0, 2}},
		{"one channel dead", []track{silence(60), heardBy(a, 0, b)}, []int{1}},
		{"one channel hisses", []track{heardBy(a, 0, b), hiss}, []int{0}},
		{"a copy", []track{heardBy(a, 0, b), heardBy(a, 0, b)}, nil},
		{"a fainter copy", []track{heardBy(a, 0, b), heardBy(silence(60), -6, a, b)}, nil},
		{"a room", []track{heardBy(a, -6, b), heardBy(b, -6, a)}, nil},
		{"two rooms that never pause", []track{talk(6, 60, 0, 60), talk(7, 60, 0, 60)}, nil},
		{"one says next to nothing", []track{a, talk(8, 60, 14, 15)}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tell(tt.tracks)
			if !slices.Equal(got.keep, tt.want) {
				t.Fatalf("kept %v, alone %.2f, shared %.2f; want %v", got.keep, got.alone, got.shared, tt.want)
			}
			if len(got.keep) > 1 && len(got.voice) != len(got.keep) || len(got.keep) < 2 && got.voice != nil {
				t.Errorf("%d channels with %d voices", len(got.keep), len(got.voice))
			}
		})
	}
}

// However loud each copy is, and in whatever order they stand, they are never people.
func TestCopiesAreNeverPeople(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		room := talk(rapid.Uint64().Draw(t, "talk"), 40, 0, 15, 18, 35)
		tracks := make([]track, rapid.IntRange(2, 8).Draw(t, "channels"))
		for i := range tracks {
			gain := float32(math.Pow(10, rapid.Float64Range(-40, 20).Draw(t, "decibels")/10))
			tracks[i] = track{voice: room.voice, power: slices.Clone(room.power)}
			for f := range room.power {
				tracks[i].power[f] *= gain
			}
		}
		if got := tell(tracks); len(got.keep) > 1 {
			t.Fatalf("%d people", len(got.keep))
		}
	})
}

// People are found whatever the order of their channels.
func TestOrderOfChannelsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []track
		for i := range rapid.IntRange(2, 4).Draw(t, "people") {
			all = append(all, talk(uint64(i+1), 60, rapid.SampledFrom([][]int{{0, 10}, {8, 25}, {30, 50, 52, 55}, {55, 59}}).Draw(t, "when")...))
		}
		order := rapid.Permutation([]int{0, 1, 2, 3}[:len(all)]).Draw(t, "order")
		turned := make([]track, len(all))
		for to, from := range order {
			turned[to] = all[from]
		}
		a, b := tell(all), tell(turned)
		var led []int
		for _, k := range b.keep {
			led = append(led, order[k])
		}
		slices.Sort(led)
		if !slices.Equal(a.keep, led) {
			t.Fatalf("%v in one order, %v in another", a.keep, led)
		}
	})
}

// What a microphone hears of another's person is no speech of its own; what both say at once is both's.
func TestCrosstalkIsNobodysSpeech(t *testing.T) {
	a, b := talk(1, 40, 0, 15, 25, 30), talk(2, 40, 10, 25)
	got := tell([]track{heardBy(a, -20, b), heardBy(b, -20, a)})
	if len(got.voice) != 2 {
		t.Fatalf("%+v", got.keep)
	}
	for c, when := range [][2][]int{{{0, 15, 25, 30}, {15, 25, 30, 40}}, {{10, 25}, {0, 10, 25, 40}}} {
		share := func(times []int) float64 {
			n, voiced := 0, 0
			for i := 0; i < len(times); i += 2 {
				// Levels are taken over two tenths of a second; at a change of turns both are heard.
				for f := times[i]*framesPerSecond + nearFrames; f < times[i+1]*framesPerSecond-nearFrames; f++ {
					n++
					if got.voice[c][f] > 0.5 {
						voiced++
					}
				}
			}
			return float64(voiced) / float64(n)
		}
		if own, others := share(when[0]), share(when[1]); own < 0.9 || others > 0.02 {
			t.Errorf("channel %d: %.2f of its own speech counts, and %.2f of others'", c, own, others)
		}
	}
}

func TestSmooth(t *testing.T) {
	for _, c := range []struct {
		in, want []float32
		near     int
	}{
		{nil, []float32{}, 3},
		{[]float32{4}, []float32{4}, 3},
		{[]float32{0, 3, 0, 3}, []float32{1.5, 1, 2, 1.5}, 1},
		{[]float32{1, 2, 3}, []float32{2, 2, 2}, 5},
	} {
		if got := smooth(c.in, c.near); !slices.Equal(got, c.want) {
			t.Errorf("smooth(%v, %d) = %v, want %v", c.in, c.near, got, c.want)
		}
	}
}
