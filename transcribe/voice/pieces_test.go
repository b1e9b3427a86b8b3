package voice

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/referent/referent"
)

// say makes voices of runs: class, seconds, class, seconds ... until the stretch is full of silence.
func say(runs ...float64) *voices {
	v := &voices{}
	at := 0.0
	for i := 0; i < len(runs); i += 2 {
		from := int(math.Round(at / frameSeconds))
		at += runs[i+1]
		for k := from; k < min(int(math.Round(at/frameSeconds)), networkFrames); k++ {
			v.class[k] = uint8(runs[i])
		}
	}
	return v
}

const (
	nobody = iota
	zero
	one
	two
	zeroOne
	zeroTwo
)

func TestPieces(t *testing.T) {
	type want struct {
		from, to float64 // seconds
		mixed    bool
	}
	for name, c := range map[string]struct {
		v    *voices
		want []want // of voice 0
	}{
		"nobody speaks":           {say(), nil},
		"another speaks":          {say(one, 5), nil},
		"two seconds are one":     {say(nobody, 1, zero, 2), []want{{1, 3, false}}},
		"2.9 s are one":           {say(zero, 2.9), []want{{0, 2.9, false}}},
		"3.1 s are two":           {say(zero, 3.1), []want{{0, 1.55, false}, {1.55, 3.1, false}}},
		"ten seconds are five":    {say(zero, 10), []want{{0, 2, false}, {2, 4, false}, {4, 6, false}, {6, 8, false}, {8, 10, false}}},
		"short runs are joined":   {say(zero, 0.9, nobody, 0.5, zero, 0.9), []want{{0, 2.3, false}}},
		"not over a long gap":     {say(zero, 0.9, nobody, 1.2, zero, 0.9), []want{{0, 0.9, false}, {2.1, 3, false}}},
		"not past two seconds":    {say(zero, 1.2, nobody, 0.5, zero, 1.2), []want{{0, 1.2, false}, {1.7, 2.9, false}}},
		"over another's word":     {say(zero, 0.8, two, 0.6, zero, 0.8), []want{{0, 2.2, false}}},
		"short ones are dropped":  {say(zero, 0.3, nobody, 2, zero, 1), []want{{2.3, 3.3, false}}},
		"overlap does not count":  {say(zeroOne, 3, zero, 1), []want{{3, 4, false}}},
		"mixed when never alone":  {say(zeroOne, 1, one, 1, zeroTwo, 1), []want{{0, 3, true}}},
		"mixed when hardly alone": {say(zero, 0.3), []want{{0, 0.3, true}}},
		"nothing of a moment":     {say(zeroOne, 0.2), nil},
		"mixed are at most four":  {say(zeroOne, 9), []want{{0, 4, true}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.v.pieces(0, networkFrames)
			if len(got) != len(c.want) {
				t.Fatalf("%d pieces, want %d: %v", len(got), len(c.want), got)
			}
			for i, w := range c.want {
				from, to := float64(got[i].frames[0])*frameSeconds, float64(got[i].frames[len(got[i].frames)-1]+1)*frameSeconds
				if math.Abs(from-w.from) > 0.02 || math.Abs(to-w.to) > 0.02 || got[i].mixed != w.mixed {
					t.Errorf("piece %d is %.2f to %.2f s (mixed: %v), want %v", i, from, to, got[i].mixed, w)
				}
			}
		})
	}
}

// Whatever is said: pieces hold frames in which the voice speaks, each once and in order, and are neither
// short nor long.
func TestPiecesKeepTheirPromises(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		var runs []float64
		for range r.IntN(40) {
			runs = append(runs, float64(r.IntN(classes)), 2*r.Float64()*r.Float64())
		}
		v, heard := say(runs...), 1+r.IntN(networkFrames)
		for local := range referent.LocalVoices {
			last := -1
			for _, p := range v.pieces(local, heard) {
				for _, f := range p.frames {
					active, alone := v.active(local, f)
					if f <= last || f >= heard || !active || !alone && !p.mixed {
						t.Fatalf("frame %d after %d of %d: active %v, alone %v, mixed %v", f, last, heard, active, alone, p.mixed)
					}
					last = f
				}
				least, most := pieceLeast, 1.5*pieceSeconds
				if p.mixed {
					least, most = mixedLeast, mixedMost
				}
				if s := seconds(p.frames); s < least || s > most+frameSeconds {
					t.Fatalf("a piece of %.2f s (mixed: %v)", s, p.mixed)
				}
			}
		}
	}
}

func TestActivityAgreesWithTheLikeliestClass(t *testing.T) {
	logarithms := make([]float32, networkFrames*classes)
	put := func(frame int, p ...float64) {
		for c, x := range p {
			logarithms[frame*classes+c] = float32(math.Log(x))
		}
	}
	for i := range networkFrames {
		put(i, 0.94, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01)
	}
	put(1, 0.01, 0.9, 0.02, 0.02, 0.02, 0.02, 0.01)
	put(2, 0.01, 0.01, 0.01, 0.01, 0.02, 0.93, 0.01) // zero and two
	put(3, 0.36, 0.32, 0.01, 0.01, 0.28, 0.01, 0.01) // zero's sum is 0.61, yet silence is likeliest
	put(4, 0.10, 0.12, 0.30, 0.18, 0.10, 0.10, 0.10) // one is likeliest, with a sum of 0.5
	put(5, 0.20, 0.20, 0.24, 0.18, 0.06, 0.06, 0.06) // one is likeliest, with a sum of 0.36
	var v voices
	v.read(logarithms)
	activity := v.activity()
	for frame, want := range [][]byte{{8, 8, 8}, {240, 13, 13}, {245, 10, 242}, {127, 77, 8}, {82, 128, 97}, {82, 128, 77}} {
		for local, w := range want {
			got := activity[frame*referent.LocalVoices+local]
			if d := int(got) - int(w); d < -1 || d > 1 {
				t.Errorf("frame %d, voice %d: %d, want %d", frame, local, got, w)
			}
		}
	}
}

func TestCenter(t *testing.T) {
	frames := make([]float32, 3*bands)
	for i := range frames {
		frames[i] = float32(i%bands) + float32(i/bands)
	}
	center(frames)
	for i, f := range frames {
		if want := float32(i/bands - 1); math.Abs(float64(f-want)) > 1e-5 {
			t.Fatalf("number %d is %v, want %v", i, f, want)
		}
	}
}
