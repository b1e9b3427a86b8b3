package transcribe

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/referent/referent"
)

const voiceFrames = 500

// heardVoice is a stretch from start on in which one person speaks for the first nine seconds, with a
// voiceprint of every three of them.
func heardVoice(start int64, who int) referent.VoiceWindow {
	w := referent.VoiceWindow{Start: start * referent.SampleRate, Activity: make([]byte, voiceFrames*referent.LocalVoices)}
	for f := range voiceFrames * 9 / 10 {
		w.Activity[f*referent.LocalVoices] = 255
	}
	for i := range 3 {
		p := referent.Voiceprint{From: i * 150, To: (i + 1) * 150, Seconds: 3}
		for n := range 8 {
			v := float32(0.05 * float64(i))
			if n == who {
				v = 1
			}
			p.Vector = binary.LittleEndian.AppendUint32(p.Vector, math.Float32bits(v))
		}
		w.Prints = append(w.Prints, p)
	}
	return w
}

// twoPeople is a recording of 20 s in two chunks, each with one person and one sentence.
func twoPeople() referent.Assembly {
	plan := &referent.Plan{Samples: 20 * referent.SampleRate}
	a := referent.Assembly{Prepared: &referent.PrepareResult{Plan: plan, Duration: 20}}
	for i := range 2 {
		at := int64(i) * 10
		span := referent.Span{Start: at * referent.SampleRate, End: (at + 10) * referent.SampleRate}
		plan.Chunks = append(plan.Chunks, referent.Chunk{Windows: []referent.Window{{Spans: []referent.Span{span}}}, Voices: []referent.Span{span}})
		word := referent.Word{Text: "Hei.", Start: float64(at) + 1, End: float64(at) + 2, Probability: 0.9}
		a.Chunks = append(a.Chunks, referent.ChunkResult{
			Chunk: i, Language: "no", Voices: []referent.VoiceWindow{heardVoice(at, i)},
			Segments: []referent.Segment{{Start: word.Start, End: word.End, Text: word.Text, Words: []referent.Word{word}, Quality: referent.Quality{OK: true}}},
		})
	}
	return a
}

// Speakers are told apart as well as it goes, and the transcript says how; no way costs a word.
func TestAssembleSpeakers(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(a *referent.Assembly)
		by     referent.SpeakerMethod
		want   []string // each segment's speaker
		voices int
	}{
		{"by voice", func(*referent.Assembly) {}, referent.SpeakersByVoice, []string{"S1", "S2"}, 2},
		{"chunks in another order", func(a *referent.Assembly) { slices.Reverse(a.Chunks) }, referent.SpeakersByVoice, []string{"S1", "S2"}, 2},
		{"exactly one", func(a *referent.Assembly) { a.Speakers = referent.SpeakerCount{Min: 1, Max: 1} }, referent.SpeakersByVoice, []string{"S1", "S1"}, 2},
		{"not asked for", func(a *referent.Assembly) { a.Speakers.Off = true }, referent.SpeakersOff, []string{"", ""}, 0},
		{"a worker could not hear them", func(a *referent.Assembly) {
			a.Chunks[1].Voices, a.Chunks[1].Warnings = nil, []referent.Code{referent.CodeSpeakers}
		}, referent.SpeakersFailed, []string{"", ""}, 0},
		{"some were not listened to", func(a *referent.Assembly) { a.Chunks[0].Voices = nil }, referent.SpeakersFailed, []string{"", ""}, 0},
		{"what came is broken", func(a *referent.Assembly) { a.Chunks[0].Voices[0].Activity = []byte{1} }, referent.SpeakersFailed, []string{"", ""}, 0},
		{"a channel each", func(a *referent.Assembly) {
			a.Prepared.Plan.Channels = 2
			a.Chunks[0].Segments[0].Speaker, a.Chunks[1].Segments[0].Speaker = "c2", "c1"
		}, referent.SpeakersByChannel, []string{"S1", "S2"}, 0},
		{"a channel each, not asked for", func(a *referent.Assembly) {
			a.Prepared.Plan.Channels, a.Speakers.Off = 2, true
			a.Chunks[0].Segments[0].Speaker, a.Chunks[1].Segments[0].Speaker = "c2", "c1"
		}, referent.SpeakersOff, []string{"", ""}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := twoPeople()
			c.change(&a)
			got, voices := Assemble(a)
			var speakers, known []string
			for i, s := range got.Segments {
				speakers = append(speakers, s.Speaker)
				if s.Text != "Hei." || len(s.Words) != 1 || s.ID != []string{"s1", "s2"}[i] {
					t.Errorf("segment %+v", s)
				}
			}
			for _, s := range got.Speakers {
				known = append(known, s.ID)
			}
			if got.SpeakersBy != c.by || !slices.Equal(speakers, c.want) {
				t.Errorf("%q gives %q, want %q and %q", got.SpeakersBy, speakers, c.by, c.want)
			}
			for _, s := range speakers {
				if s != "" && !slices.Contains(known, s) {
					t.Errorf("segments of %q, speakers %q", s, known)
				}
			}
			if (len(known) > 0) != (len(got.Turns) > 0) {
				t.Errorf("speakers %q, turns %v", known, got.Turns)
			}
			n := 0
			if voices != nil {
				n = len(voices.Segments)
			}
			if n != c.voices {
				t.Errorf("%d voices of segments, want %d", n, c.voices)
			}
		})
	}
}
