package eval_test

import (
	"math"
	"slices"
	"testing"

	"github.com/referent/referent/eval"
)

const rate = 1000

// tone is a loud stretch of the given length with silence of the given length after it, repeated.
func tone(level float64, lengths ...float64) (samples []int16) {
	for i, seconds := range lengths {
		for n := range int(seconds * rate) {
			v := 0.0
			if i%2 == 0 {
				v = level * math.Sin(float64(n))
			}
			samples = append(samples, int16(v*math.MaxInt16))
		}
	}
	return samples
}

func TestCompose(t *testing.T) {
	voices := []eval.Voice{
		{Speaker: "A", Clips: [][]int16{tone(0.5, 3, 0.5, 2, 0.1, 1, 1, 4), tone(0.1, 2.5)}},
		{Speaker: "B", Clips: [][]int16{tone(0.05, 6, 0.4, 1)}},
		{Speaker: "C", Clips: [][]int16{tone(0.3, 2)}},
		{Speaker: "taus", Clips: [][]int16{make([]int16, 3*rate)}},
	}
	c := eval.Composition{Rate: rate, Seconds: 600, Seed: 8}
	samples, turns := eval.Compose(voices, c)
	if n := float64(len(samples)) / rate; n < 600 || n > 625 {
		t.Fatalf("lasts %v s", n)
	}
	if got := eval.Speakers(turns); !slices.Equal(got, []string{"A", "B", "C"}) {
		t.Errorf("speakers %v: whoever says nothing is no speaker", got)
	}
	again, sameTurns := eval.Compose(voices, c)
	if !slices.Equal(samples, again) || !slices.Equal(turns, sameTurns) {
		t.Error("not the same the second time")
	}
	if other, _ := eval.Compose(voices, eval.Composition{Rate: rate, Seconds: 600, Seed: 9}); slices.Equal(samples, other) {
		t.Error("another seed gives the same")
	}
	// The reference holds: where it says that somebody speaks it is loud, elsewhere there is only hiss.
	quietest, loudest := math.Inf(1), 0.0
	spoken := eval.Spoken(turns)
	level := func(regions []eval.Region, keep func(float64)) {
		for _, r := range regions {
			for at := r.Start + 0.02; at+0.05 < r.End; at += 0.05 {
				sum := 0.0
				for _, s := range samples[int(at*rate):int((at+0.05)*rate)] {
					sum += math.Abs(float64(s)) / math.MaxInt16 / 50
				}
				keep(sum)
			}
		}
	}
	level(eval.Without([]eval.Region{{Start: 0, End: float64(len(samples)) / rate}}, spoken), func(v float64) { loudest = max(loudest, v) })
	level(spoken, func(v float64) { quietest = min(quietest, v) })
	if loudest > 0.001 {
		t.Errorf("silence is as loud as %v", loudest)
	}
	// A's pause of a tenth of a second is within its turn; nothing else is quiet.
	if quietest > 0.001 {
		t.Errorf("the short pause is gone: %v", quietest)
	}
	// Nobody speaks at the same time, each turn has its pauses, and nobody speaks twice in a row for longer
	// than a turn.
	for i := range turns[1:] {
		if turns[i+1].Start < turns[i].End+0.29 {
			t.Fatalf("turns %+v and %+v", turns[i], turns[i+1])
		}
	}
	if samples, turns := eval.Compose(voices[3:], c); samples != nil || turns != nil {
		t.Error("a meeting of nobody")
	}
	if _, turns := eval.Compose(voices[2:3], eval.Composition{Rate: rate, Seconds: 10}); len(turns) < 3 {
		t.Errorf("one person alone: %v", turns)
	}
}
