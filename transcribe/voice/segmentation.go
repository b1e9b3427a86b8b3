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
	likely [networkFrames][referent.LocalVoices]float32 // that the voice is active
	class  [networkFrames]uint8                         // the likeliest class
}

// read takes the logarithms of the classes' probabilities.
func (v *voices) read(classesOf []float32) {
	for i := range networkFrames {
		p := classesOf[i*classes:][:classes]
		v.likely[i] = [referent.LocalVoices]float32{}
		best := 0
		for c, logarithm := range p {
			if logarithm > p[best] {
				best = c
			}
			for _, local := range members[c] {
				v.likely[i][local] += float32(math.Exp(float64(logarithm)))
			}
		}
		v.class[i] = uint8(best)
	}
}

// activityFrames is how many frames the activity is told in: 20 ms each, so that those of overlapping
// stretches fall together.
const activityFrames = stretch * 50 / referent.SampleRate

// The network's frames are 270 samples apart, and what it says of the first is about sample 495: its
// convolutions see 991 samples.
const (
	networkShift = 270
	networkFirst = 495
)

// networkFrame is the frame nearest to a sample.
func networkFrame(sample int) int {
	return min(max((sample-networkFirst+networkShift/2)/networkShift, 0), networkFrames-1)
}

// activity is how likely each voice is active, times 255, in frames that divide the stretch evenly.
// Between the network's own frames, which do not, it is interpolated.
func (v *voices) activity() []byte {
	out := make([]byte, 0, activityFrames*referent.LocalVoices)
	for i := range activityFrames {
		at := (float64(i)+0.5)*stretch/activityFrames - networkFirst
		at = min(max(at/networkShift, 0), networkFrames-1)
		left := int(at)
		right, share := min(left+1, networkFrames-1), float32(at)-float32(left)
		for local := range referent.LocalVoices {
			p := v.likely[left][local]*(1-share) + v.likely[right][local]*share
			out = append(out, byte(min(max(p, 0), 1)*255+0.5))
		}
	}
	return out
}
