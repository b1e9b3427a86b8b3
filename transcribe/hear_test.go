package transcribe

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/whispercpp"
)

func TestWaysOfHearing(t *testing.T) {
	for _, tt := range []struct {
		mode   referent.Mode
		first  int // beam width
		unsure float64
	}{
		{"", 0, minLogProb},
		{referent.ModeFast, 0, minLogProb},
		{referent.ModeThorough, 0, thoroughBelow},
		{referent.ModeBeam, 5, minLogProb},
	} {
		w := waysFor(referent.Recognition{Mode: tt.mode, Names: []string{"Kari Nordtun"}})
		if w.first.Beam != tt.first || w.again.Beam != 5 || w.unsure != tt.unsure || w.first.TemperatureStep != 0 {
			t.Errorf("%q: %+v", tt.mode, w)
		}
		if w.first.Language != "no" || !strings.Contains(w.first.Prompt, "Kari Nordtun") {
			t.Errorf("%q: %+v", tt.mode, w.first)
		}
		if again := restless(w.again); again.Prompt != "" || again.TemperatureStep == 0 {
			t.Errorf("%q: %+v", tt.mode, again)
		}
	}
}

func TestCut(t *testing.T) {
	const second = referent.SampleRate
	samples := make([]float32, 20*second)
	for i := range samples {
		samples[i] = float32(math.Sin(float64(i)))
	}
	clear(samples[9*second : 9*second+second/2]) // the only pause
	clear(samples[2*second : 4*second])          // but for one near the edge
	whole := referent.Window{Spans: []referent.Span{{Start: 0, End: 20 * second}}}
	if cut := cutOf(samples, whole); cut < 9*second || cut > 9*second+second/2 {
		t.Errorf("cut at %.2f s, want the pause at 9 s", float64(cut)/second)
	}
	joined := referent.Window{Spans: []referent.Span{{Start: 0, End: 3 * second}, {Start: 50 * second, End: 58 * second}, {Start: 70 * second, End: 79 * second}}}
	if cut := cutOf(samples, joined); cut != 11*second {
		t.Errorf("cut at %.2f s, want the join at 11 s", float64(cut)/second)
	}
	edge := referent.Window{Spans: []referent.Span{{Start: 0, End: second}, {Start: 50 * second, End: 69 * second}}}
	if cut := cutOf(samples, edge); cut < 9*second || cut > 9*second+second/2 {
		t.Errorf("cut at %.2f s, want the pause, not the join at the edge", float64(cut)/second)
	}
}

// What is heard of the second half is led back to where it was said.
func TestHalvesKeepTheirTimes(t *testing.T) {
	w := referent.Window{Spans: []referent.Span{{Start: 0, End: 48000}, {Start: 160000, End: 208000}}}
	second := said("dette ble sagt", 500*ms, 400*ms, 0.9, 0)
	moved := later([]whispercpp.Segment{second}, duration(48000))
	c := &call{}
	h := c.write(attempt{result: whispercpp.Result{Segments: moved}, verdict: verdict{reasons: [][]string{nil}, held: []bool{false}}}, make([]float32, w.Samples()), w)
	if len(h.segments) != 1 || h.segments[0].Start < 10 || h.segments[0].End > 13 {
		t.Errorf("segments %+v", h.segments)
	}
	if second.Start != 500*ms || second.Tokens[0].Start != 500*ms {
		t.Error("the segment itself was moved")
	}
}

func TestWriteTellsWhatIsHeldBack(t *testing.T) {
	w := referent.Window{Channel: 2, Spans: []referent.Span{{Start: 16000, End: 64000}, {Start: 160000, End: 208000}}}
	a := attempt{
		result: whispercpp.Result{Language: "no", Segments: []whispercpp.Segment{
			said("takk for at du så på", 2*time.Second, 300*ms, 0.5, 0.9), said("det er vedtatt", 4*time.Second, 300*ms, 0.9, 0)}},
		verdict: verdict{
			reasons: [][]string{{ReasonStockPhrase}, {ReasonStrangeWords}}, held: []bool{true, false},
			holes: []hole{{0, time.Second}},
		},
	}
	h := (&call{}).write(a, make([]float32, w.Samples()), w)
	want := []referent.Gap{ // the text that is held back reached over the join
		{Start: 1, End: 2, Reason: ReasonMissingText}, {Start: 3, End: 4, Reason: ReasonNoSpeech}, {Start: 10, End: 10.8, Reason: ReasonNoSpeech},
	}
	if !slices.Equal(h.gaps, want) {
		t.Errorf("gaps %+v", h.gaps)
	}
	if len(h.segments) != 1 || h.segments[0].Text != "det er vedtatt" || h.segments[0].Speaker != "c2" || h.segments[0].Quality.OK ||
		!slices.Equal(h.segments[0].Quality.Reasons, []string{ReasonStrangeWords}) || h.language != "no" {
		t.Errorf("window %+v", h)
	}
}
