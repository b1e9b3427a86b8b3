package speaker_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/transcribe/speaker"
)

const (
	second    = referent.SampleRate
	perSecond = 60 // frames, here; the networks have about as many
	size      = 64 // numbers of a voiceprint, here
)

// meeting is who speaks when, by number, in frames; a made one, so that the truth is known.
type meeting struct {
	frames int
	turns  []turn
	voices [][]float64
}

type turn struct{ speaker, from, to int }

// newMeeting has people speak in turn for between two and nine seconds, with pauses, and now and then
// into each other.
func newMeeting(r *rand.Rand, people int, seconds int) *meeting {
	m := &meeting{frames: seconds * perSecond}
	for range people {
		m.voices = append(m.voices, direction(r))
	}
	at, last := 0, -1
	for n := 0; ; n++ {
		who := n // everybody is heard once, in order
		if n >= people {
			who = r.IntN(people)
		}
		if who == last && people > 1 {
			continue
		}
		last = who
		to := at + perSecond*(2+r.IntN(8))
		if to > m.frames {
			return m
		}
		m.turns = append(m.turns, turn{who, at, to})
		at = to + r.IntN(perSecond)
		if r.IntN(6) == 0 {
			at = to - perSecond/2
		}
	}
}

func direction(r *rand.Rand) []float64 {
	v := make([]float64, size)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}

// windows is what perfect networks would hear of it, but for the noise in the voiceprints. Local voices
// are in an order of their own in each stretch. Where merge says so, all are taken for one voice.
func (m *meeting) windows(r *rand.Rand, noise float64, merge func(stretch int) bool) []referent.VoiceWindow {
	const length = referent.VoiceSeconds * perSecond
	var windows []referent.VoiceWindow
	for n, start := 0, 0; start < m.frames; n, start = n+1, start+length/2 {
		w := referent.VoiceWindow{
			Start: int64(start) * second / perSecond, Activity: make([]byte, length*referent.LocalVoices), Prints: []referent.Voiceprint{},
		}
		order := r.Perm(referent.LocalVoices)
		locals := map[int]int{}
		sets := make([][]int, length) // who speaks in each frame
		for _, t := range m.turns {
			for f := max(t.from, start); f < min(t.to, start+length); f++ {
				if _, ok := locals[t.speaker]; !ok {
					local := order[len(locals)%len(order)]
					if merge != nil && merge(n) {
						local = order[0]
					}
					locals[t.speaker] = local
				}
				sets[f-start] = append(sets[f-start], t.speaker)
			}
		}
		for f, set := range sets {
			for _, who := range set {
				w.Activity[f*referent.LocalVoices+locals[who]] = 255
			}
		}
		if n%2 == 0 {
			w.Prints = m.prints(r, sets, locals, noise)
		}
		windows = append(windows, w)
	}
	return windows
}

// prints takes a voiceprint from every two seconds in which somebody speaks alone.
func (m *meeting) prints(r *rand.Rand, sets [][]int, locals map[int]int, noise float64) []referent.Voiceprint {
	prints := []referent.Voiceprint{}
	for f := 0; f < len(sets); {
		if len(sets[f]) != 1 {
			f++
			continue
		}
		who, from := sets[f][0], f
		for f < len(sets) && f < from+2*perSecond && len(sets[f]) == 1 && sets[f][0] == who {
			f++
		}
		if f-from < perSecond/2 {
			continue
		}
		p := referent.Voiceprint{Local: locals[who], From: from, To: f, Seconds: float64(f-from) / perSecond}
		sum := 0.0
		v := make([]float64, size)
		for i := range v {
			v[i] = m.voices[who][i] + noise*r.NormFloat64()/math.Sqrt(p.Seconds/2)
			sum += v[i] * v[i]
		}
		for _, x := range v {
			p.Vector = binary.LittleEndian.AppendUint32(p.Vector, math.Float32bits(float32(x/math.Sqrt(sum))))
		}
		prints = append(prints, p)
	}
	return prints
}

func (m *meeting) samples() int64 { return int64(m.frames) * second / perSecond }

// errors scores a separation against the truth.
func (m *meeting) errors(s *speaker.Separation) eval.SpeakerErrors {
	var reference, hypothesis []eval.Turn
	for _, t := range m.turns {
		reference = append(reference, eval.Turn{Speaker: string(rune('a' + t.speaker)), Start: float64(t.from) / perSecond, End: float64(t.to) / perSecond})
	}
	for _, t := range s.Turns {
		hypothesis = append(hypothesis, eval.Turn{Speaker: t.Speaker, Start: t.Start, End: t.End})
	}
	return eval.DER(reference, hypothesis, eval.Scoring{})
}

func separate(t testing.TB, windows []referent.VoiceWindow, samples int64, wanted referent.SpeakerCount) *speaker.Separation {
	t.Helper()
	s, err := speaker.Separate(windows, samples, wanted)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wrong is the share of speech that was missed or given to somebody else. Pauses within what a person
// says are part of a turn, so they do not count against it here.
func wrong(e eval.SpeakerErrors) float64 { return (e.Missed + e.Confusion) / e.Reference }

// cosine is how alike two voiceprints are.
func cosine(a, b []byte) (sum float64) {
	for i := 0; i+4 <= len(a); i += 4 {
		at := func(v []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(v[i:]))) }
		sum += at(a) * at(b)
	}
	return sum
}
