package transcribe

import (
	"math"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/vad"
	"github.com/referent/referent/transcribe/window"
)

// When the channels of a recording are people and when they are microphones. Most recordings with two
// channels are one room, or one channel copied: they are heard as a mix. To be heard by themselves,
// channels must be clearly apart; what is in doubt is a mix.
const (
	// apart is how much louder a channel is than another, in decibels, when its person speaks and the
	// other hears that only from afar. Made rooms with two microphones stay under it but where each stands
	// right before one person; headsets and lapel microphones are above, and so is a telephone.
	apart = 10
	// aloneShare is how much of the speech must be apart from all other channels. It was 0.98 or more where
	// each had a microphone, 0.53 where both spoke all the time, 0.35 or less in rooms.
	aloneShare = 0.5
	// sharedShare is how much of the speech may be the same sound in two channels, which shows in that they
	// grow louder and fainter together; two who interrupt each other do not. It was 0.11 or less where both
	// spoke all the time, 0.54 or more in rooms.
	sharedShare = 0.2
	// A channel with less speech of its own than the first holds nobody: two seconds of three hours may be
	// a chair. With as much as the second it holds somebody. Between the two is doubt, in which no word may
	// get lost, nor several people in the other channel become one.
	nobody, nobodyShare     = referent.SampleRate / 2, 0.0002
	somebody, somebodyShare = referent.SampleRate, 0.002
	// roomShare is how little may be apart in what has been heard so far for the rest not to matter.
	roomShare = 0.25

	nearFrames = 3     // on both sides over which levels are taken: two tenths of a second in all
	faintest   = -40   // decibels under a person's speech; what lies deeper is silence
	soundless  = 1e-10 // power of what has none: -100 decibels
)

// track is one channel of a recording as it was listened to, frame by frame of vad.FrameSamples.
type track struct {
	voice []float32 // probability of a voice
	power []float32 // mean square of the samples, -1 to 1, high tones raised: hum and rumble are no speech
}

// told is what the tracks say.
type told struct {
	keep  []int       // tracks that are heard, each by itself; none: a mix of all
	voice [][]float32 // of each of several: its probabilities, 0 where another track's voice is heard in it
	// Shares of the speech, 0 to 1: what one track has apart from all others, and what is the same in two.
	alone, shared float64
}

// tell finds out which tracks hold a person of their own.
func tell(tracks []track) told {
	tracks = even(tracks)
	levels := make([][]float32, len(tracks))
	all := make([]int, len(tracks))
	for i, t := range tracks {
		levels[i], all[i] = decibels(smooth(t.power, nearFrames)), i
	}
	// Whoever hears nothing, or nothing but others from afar, is left out.
	speech := int64(spokenFrames(tracks)) * vad.FrameSamples
	var people []int
	own := ownVoices(tracks, levels, all)
	for i := range tracks {
		if spoken(own[i]) >= atLeast(nobody, nobodyShare, speech) {
			people = append(people, i)
		}
	}
	switch len(people) {
	case 0:
		return told{}
	case 1:
		return told{keep: people}
	}
	// Microphones are not equally near or sensitive: each is measured by how loud its own person is.
	for _, i := range people {
		loud := loudness(levels[i], own[i])
		for j := range levels[i] {
			levels[i][j] = max(levels[i][j]-loud, faintest)
		}
	}
	own = ownVoices(tracks, levels, people)
	t := told{}
	t.alone, t.shared = separation(tracks, levels, people)
	for _, i := range people {
		if spoken(own[i]) < atLeast(somebody, somebodyShare, speech) {
			return t
		}
	}
	if t.alone < aloneShare || t.shared > sharedShare {
		return t
	}
	t.keep = people
	for _, i := range people {
		t.voice = append(t.voice, own[i])
	}
	return t
}

// even is the tracks as far as all are known: voices are found by the half second.
func even(tracks []track) []track {
	frames := math.MaxInt
	for _, t := range tracks {
		frames = min(frames, len(t.voice), len(t.power))
	}
	out := make([]track, len(tracks))
	for i, t := range tracks {
		out[i] = track{t.voice[:frames], t.power[:frames]}
	}
	return out
}

func atLeast(samples int64, share float64, of int64) int64 {
	return max(samples, int64(share*float64(of)))
}

// spokenFrames counts the frames in which any track has a voice.
func spokenFrames(tracks []track) (n int) {
	for f := range tracks[0].voice {
		if slices.ContainsFunc(tracks, func(t track) bool { return t.voice[f] >= window.Default.Threshold }) {
			n++
		}
	}
	return n
}

// ownVoices is the probabilities of a voice in each track, by their place in tracks, 0 where another one
// of those among is louder by what lies apart.
func ownVoices(tracks []track, levels [][]float32, among []int) [][]float32 {
	own := make([][]float32, len(tracks))
	for _, i := range among {
		own[i] = slices.Clone(tracks[i].voice)
		for f := range own[i] {
			if slices.ContainsFunc(among, func(j int) bool { return levels[j][f]-levels[i][f] >= apart }) {
				own[i][f] = 0
			}
		}
	}
	return own
}

// spoken is how many samples hold speech.
func spoken(voice []float32) (n int64) {
	opt := window.Default
	opt.Pad = 0
	for _, s := range window.Speech(voice, int64(len(voice))*vad.FrameSamples, opt) {
		n += s.Len()
	}
	return n
}

// loudness is the level that a voice reaches in a quarter of its frames.
func loudness(levels, voice []float32) float32 {
	var speaking []float32
	for f, p := range voice {
		if p >= window.Default.Threshold {
			speaking = append(speaking, levels[f])
		}
	}
	slices.Sort(speaking)
	return speaking[len(speaking)*3/4]
}

// separation says how much of the speech one track has alone, and how much is the same in two: both are
// shares of the frames with a voice.
func separation(tracks []track, levels [][]float32, among []int) (alone, shared float64) {
	beats := make([][]float32, len(tracks))
	for _, i := range among {
		beats[i] = beat(tracks[i].power)
	}
	var n, apartFrames, together float64
	var xy, xx, yy float64
	for f := range tracks[0].voice {
		if !slices.ContainsFunc(among, func(i int) bool { return tracks[i].voice[f] >= window.Default.Threshold }) {
			continue
		}
		n++
		first, second := among[0], among[1]
		if levels[second][f] > levels[first][f] {
			first, second = second, first
		}
		for _, i := range among[2:] {
			if levels[i][f] > levels[first][f] {
				first, second = i, first
			} else if levels[i][f] > levels[second][f] {
				second = i
			}
		}
		if levels[first][f]-levels[second][f] >= apart {
			apartFrames++
			continue
		}
		together++
		x, y := float64(beats[first][f]), float64(beats[second][f])
		xy, xx, yy = xy+x*y, xx+x*x, yy+y*y
	}
	if n == 0 {
		return 0, 0
	}
	alike := 0.0
	if xx > 0 && yy > 0 {
		alike = max(xy/math.Sqrt(xx*yy), 0)
	}
	return apartFrames / n, together / n * alike
}

// beat is by how many decibels each frame is louder than what is around it. That is independent of the
// levels that are compared, which are taken over the same frames.
func beat(power []float32) []float32 {
	beats := decibels(power)
	for f, around := range decibels(smooth(power, nearFrames)) {
		beats[f] = max(beats[f]-around, faintest)
	}
	return beats
}

// smooth is the mean over so many frames on both sides.
func smooth(power []float32, near int) []float32 {
	out := make([]float32, len(power))
	sum, n := 0.0, 0
	for f := -near; f < len(power); f++ {
		if f+near < len(power) {
			sum += float64(power[f+near])
			n++
		}
		if f-near-1 >= 0 {
			sum -= float64(power[f-near-1])
			n--
		}
		if f >= 0 {
			out[f] = float32(max(sum/float64(n), 0))
		}
	}
	return out
}

// decibels of powers.
func decibels(power []float32) []float32 {
	out := make([]float32, len(power))
	for f, p := range power {
		out[f] = float32(10 * math.Log10(max(float64(p), soundless)))
	}
	return out
}
