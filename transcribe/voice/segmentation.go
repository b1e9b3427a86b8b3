package voice

import (
	"math"

	"github.com/referent/referent"
)

// members are the voices of each class: nobody, one of three, two of three. The network does not know
// three at once.
var members = [classes][]int{{}, {0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}}

// voices is what the segmentation network said of a stretch, for each of its frames.
type voices struct {
	likely [networkFrames][referent.LocalVoices]float64 // that the voice is active
	class  [networkFrames]uint8                         // the likeliest class
}

// read takes the logarithms of the classes' probabilities, frame by frame.
func (v *voices) read(logarithms []float32) {
	for i := range networkFrames {
		v.likely[i] = [referent.LocalVoices]float64{}
		frame := logarithms[i*classes:][:classes]
		best := 0
		for c, l := range frame {
			if l > frame[best] {
				best = c
			}
			for _, local := range members[c] {
				v.likely[i][local] += math.Exp(float64(l))
			}
		}
		v.class[i] = uint8(best)
	}
}

// active reports whether a local voice speaks in a frame, and whether it speaks alone.
func (v *voices) active(local, frame int) (active, alone bool) {
	m := members[v.class[frame]]
	for _, voice := range m {
		if voice == local {
			return true, len(m) == 1
		}
	}
	return false, false
}

// activity is what referent.VoiceWindow tells: how likely each voice is active, times 255. A byte is 128
// or more just where the likeliest class holds the voice, so that half is the border for everybody: with
// the sum over classes alone, a frame that is torn between one voice and two would be nobody's.
func (v *voices) activity() []byte {
	out := make([]byte, 0, networkFrames*referent.LocalVoices)
	for i, likely := range v.likely {
		for local, p := range likely {
			b := byte(min(max(p, 0), 1)*255 + 0.5)
			if active, _ := v.active(local, i); active {
				b = max(b, 128)
			} else {
				b = min(b, 127)
			}
			out = append(out, b)
		}
	}
	return out
}
