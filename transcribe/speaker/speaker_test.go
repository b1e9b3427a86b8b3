package speaker_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/speaker"
)

// alike is noise with which two voiceprints of a person are about as far apart as real ones.
const alike = 0.65

// tester is what *testing.T and *rapid.T share.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkShape sees to what every separation promises.
func checkShape(t tester, s *speaker.Separation, samples int64) {
	t.Helper()
	var seen []string
	last := 0.0
	for _, turn := range s.Turns {
		if turn.Start < last || turn.End <= turn.Start || turn.End > float64(samples)/second+0.01 {
			t.Fatalf("turn %+v after one at %v", turn, last)
		}
		last = turn.Start
		if !slices.Contains(seen, turn.Speaker) {
			seen = append(seen, turn.Speaker)
		}
	}
	for i, id := range s.Speakers {
		if id != fmt.Sprintf("S%d", i+1) || i >= len(seen) || seen[i] != id {
			t.Fatalf("speakers %v, in their turns %v", s.Speakers, seen)
		}
	}
	if len(seen) != len(s.Speakers) {
		t.Fatalf("turns of %v, speakers %v", seen, s.Speakers)
	}
	end := 0.0
	for _, turn := range s.Exclusive {
		if turn.Start < end {
			t.Fatalf("exclusive turn %+v begins before %v", turn, end)
		}
		end = turn.End
		if !slices.Contains(s.Speakers, turn.Speaker) {
			t.Fatalf("exclusive turn %+v of nobody", turn)
		}
	}
}

func TestFindsThePeople(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		people := rapid.IntRange(1, 12).Draw(t, "people")
		m := newMeeting(r, people, 60+people*45)
		windows := m.windows(r, alike, nil)
		s, err := speaker.Separate(windows, m.samples(), referent.SpeakerCount{})
		if err != nil {
			t.Fatal(err)
		}
		checkShape(t, s, m.samples())
		if len(s.Speakers) != people {
			t.Fatalf("%d speakers of %d", len(s.Speakers), people)
		}
		if e := m.errors(s); wrong(e) > 0.04 {
			t.Fatalf("wrong %.3f: %+v", wrong(e), e)
		}
	})
}

// The result depends on what was heard, not on the order in which it came, nor on a chunk that came twice.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		m := newMeeting(r, rapid.IntRange(1, 5).Draw(t, "people"), 90)
		windows := m.windows(r, rapid.Float64Range(0, 3).Draw(t, "noise"), nil)
		want, err := speaker.Separate(windows, m.samples(), referent.SpeakerCount{})
		if err != nil {
			t.Fatal(err)
		}
		mixed := append(slices.Clone(windows), windows[0])
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		got, err := speaker.Separate(mixed, m.samples(), referent.SpeakerCount{})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("in another order:\n%+v\n%+v", got, want)
		}
	})
}

func TestNumberOfSpeakers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	m := newMeeting(r, 5, 300)
	windows := m.windows(r, alike, nil)
	for _, tt := range []struct {
		wanted    string
		low, high int
	}{
		{"auto", 5, 5}, {"1", 1, 1}, {"2", 2, 2}, {"4", 4, 4}, {"5", 5, 5}, {"7", 7, 7}, {"2-4", 4, 4}, {"6-9", 6, 6}, {"3-8", 5, 5},
		{"99", 6, 99}, // as many as there is speech for
	} {
		t.Run(tt.wanted, func(t *testing.T) {
			count, err := referent.ParseSpeakerCount(tt.wanted)
			if err != nil {
				t.Fatal(err)
			}
			s := separate(t, windows, m.samples(), count)
			checkShape(t, s, m.samples())
			if n := len(s.Speakers); n < tt.low || n > tt.high {
				t.Errorf("%d speakers, want %d to %d", n, tt.low, tt.high)
			}
		})
	}
}

// Two people whom the segmentation network hears as one voice in some stretches are still two.
func TestPartsAMergedVoice(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	m := newMeeting(r, 3, 240)
	m.turns = slices.DeleteFunc(m.turns, func(a turn) bool {
		return slices.ContainsFunc(m.turns, func(b turn) bool { return b.from < a.from && a.from < b.to }) // no overlaps
	})
	windows := m.windows(r, alike, func(stretch int) bool { return stretch%3 != 0 })
	s := separate(t, windows, m.samples(), referent.SpeakerCount{})
	if len(s.Speakers) != 3 {
		t.Fatalf("%d speakers of 3", len(s.Speakers))
	}
	if e := m.errors(s); wrong(e) > 0.06 {
		t.Errorf("wrong %.3f: %+v", wrong(e), e)
	}
}

// Two voices of one stretch are two people, even where their voiceprints are alike.
func TestVoicesOfAStretchAreApart(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	m := newMeeting(r, 2, 120)
	for i := range m.voices[1] {
		m.voices[1][i] = m.voices[0][i] + 0.75*m.voices[1][i]
	}
	s := separate(t, m.windows(r, 0.5, nil), m.samples(), referent.SpeakerCount{})
	if len(s.Speakers) != 2 {
		t.Errorf("%d speakers of 2", len(s.Speakers))
	}
}

// A voice that is never alone for long has only a mixed print, and is given to somebody who does not
// already speak at that moment.
func TestMixedPrints(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	m := newMeeting(r, 2, 40)
	m.turns = []turn{{0, 0, 10 * perSecond}, {1, 10 * perSecond, 20 * perSecond}, {0, 20 * perSecond, 30 * perSecond}, {1, 25 * perSecond, 28 * perSecond}}
	windows := m.windows(r, alike, nil)
	for i := range windows {
		if windows[i].Start != 20*second {
			continue
		}
		// It sounds more like the other one, who speaks louder.
		prints := windows[i].Prints
		mixed := prints[0]
		local := slices.IndexFunc([]int{0, 1, 2}, func(l int) bool {
			return l != prints[0].Local && windows[i].Activity[(5*perSecond+9)*referent.LocalVoices+l] > 0
		})
		mixed.Local, mixed.Mixed, mixed.From, mixed.To, mixed.Seconds = local, true, 5*perSecond, 8*perSecond, 3
		windows[i].Prints = append(prints, mixed)
	}
	s := separate(t, windows, m.samples(), referent.SpeakerCount{})
	if e := m.errors(s); len(s.Speakers) != 2 || wrong(e) > 0.03 {
		t.Errorf("%d speakers, wrong %.3f: %+v", len(s.Speakers), wrong(e), e)
	}
}

func TestHardlyAnything(t *testing.T) {
	quiet := referent.VoiceWindow{Activity: make([]byte, 600*referent.LocalVoices)}
	short := referent.VoiceWindow{Activity: slices.Clone(quiet.Activity)}
	for f := 100; f < 130; f++ {
		short.Activity[f*referent.LocalVoices+1] = 200
	}
	for _, tt := range []struct {
		name     string
		windows  []referent.VoiceWindow
		speakers int
	}{
		{"nothing heard", nil, 0},
		{"nobody speaks", []referent.VoiceWindow{quiet}, 0},
		{"one word, too short for a voiceprint", []referent.VoiceWindow{short}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := separate(t, tt.windows, 9*second, referent.SpeakerCount{})
			checkShape(t, s, 9*second)
			if len(s.Speakers) != tt.speakers {
				t.Errorf("%d speakers, want %d", len(s.Speakers), tt.speakers)
			}
		})
	}
}

func TestRefusesWhatCannotBe(t *testing.T) {
	good := func() referent.VoiceWindow {
		return referent.VoiceWindow{Activity: make([]byte, 600*referent.LocalVoices), Prints: []referent.Voiceprint{
			{Local: 1, From: 10, To: 130, Seconds: 2, Vector: make([]byte, 16)},
		}}
	}
	for name, spoil := range map[string]func(w *referent.VoiceWindow){
		"no frames":                    func(w *referent.VoiceWindow) { w.Activity = nil },
		"half a frame":                 func(w *referent.VoiceWindow) { w.Activity = w.Activity[1:] },
		"before the start":             func(w *referent.VoiceWindow) { w.Start = -1 },
		"after the end":                func(w *referent.VoiceWindow) { w.Start = 20 * second },
		"a fourth voice":               func(w *referent.VoiceWindow) { w.Prints[0].Local = referent.LocalVoices },
		"no such frames":               func(w *referent.VoiceWindow) { w.Prints[0].To = 601 },
		"from after to":                func(w *referent.VoiceWindow) { w.Prints[0].From = 200 },
		"no speech":                    func(w *referent.VoiceWindow) { w.Prints[0].Seconds = 0 },
		"a vector without direction":   func(w *referent.VoiceWindow) {},
		"a vector of bytes":            func(w *referent.VoiceWindow) { w.Prints[0].Vector = []byte{1, 2, 3} },
		"vectors of different lengths": func(w *referent.VoiceWindow) { w.Prints = append(w.Prints, voiceprint(2, 8), voiceprint(1, 12)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := good()
			if name != "a vector without direction" {
				w.Prints[0] = voiceprint(1, 16)
			}
			spoil(&w)
			if _, err := speaker.Separate([]referent.VoiceWindow{w}, 10*second, referent.SpeakerCount{}); referent.CodeOf(err) != referent.CodeSpeakers {
				t.Errorf("got %v", err)
			}
		})
	}
}

func voiceprint(local, bytes int) referent.Voiceprint {
	v := make([]byte, bytes)
	for i := 3; i < bytes; i += 4 {
		v[i] = 0x3f // 0.5
	}
	return referent.Voiceprint{Local: local, From: 10, To: 130, Seconds: 2, Vector: v}
}

// Clustering is the only step that one machine does for a whole meeting.
func BenchmarkThreeHours(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 7))
	m := newMeeting(r, 14, 3*3600)
	windows := m.windows(r, alike, nil)
	for b.Loop() {
		if s := separate(b, windows, m.samples(), referent.SpeakerCount{}); len(s.Speakers) != 14 {
			b.Fatalf("%d speakers of 14", len(s.Speakers))
		}
	}
}
