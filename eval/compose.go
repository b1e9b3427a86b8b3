package eval

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Voice is what one person says, as stretches of samples in which nobody else speaks.
type Voice struct {
	Speaker string
	Clips   [][]int16
}

// Composition is how a meeting is made from voices.
type Composition struct {
	Rate    int     // samples a second
	Seconds float64 // the least that it lasts
	Seed    uint64
}

// How a meeting is made. A pause is what NIST's rules for marking speech take for one: 0.3 s or more.
const (
	frame        = 0.02 // seconds; loudness is measured frame by frame
	pause        = 0.3  // seconds
	click        = 0.1  // seconds; what is shorter and stands alone is no speech
	quiet        = 28.0 // decibels below the loud frames of a clip (the 95th percentile): nobody speaks
	room         = 8.0  // decibels above the quiet frames (the 5th percentile): nor here, where the room is loud
	nearest      = 15.0 // decibels below the loud frames: here somebody does, whatever the room
	loud         = 0.1  // loudness that a clip's loud frames are brought to; full scale is 1
	spread       = 3.0  // decibels by which speakers differ from it
	hum          = 0.0005
	shortTurn    = 2.0 // seconds
	longTurn     = 20.0
	shortSilence = 0.3 // seconds between turns
	longSilence  = 1.2
)

// Compose makes a meeting: it lets the voices speak in turns, without overlap, until it is long enough, and
// tells who speaks when. It is the same each time for the same voices and seed.
//
// Who is next is drawn among all others than the last. A turn lasts 2 to 20 s, begins where the person's
// clips were left, begins and ends at pauses, and keeps the pauses inside, which the reference does not
// count as speech; clips begin anew when they are used up. Silences of 0.3 to 1.2 s stand between the
// turns; all are equally loud to within 3 dB; a faint hiss lies under the whole.
func Compose(voices []Voice, c Composition) ([]int16, []Turn) {
	draw := rand.New(rand.NewPCG(c.Seed, uint64(len(voices))))
	between := func(low, high float64) float64 { return low + draw.Float64()*(high-low) }
	var people []*person
	for _, v := range voices {
		gain := times(between(-spread, spread))
		p := &person{name: v.Speaker}
		for _, clip := range v.Clips {
			_, high := loudness(clip, c.Rate)
			p.clips = append(p.clips, passage{clip, phrases(clip, c.Rate), gain * loud / high})
		}
		p.clips = slices.DeleteFunc(p.clips, func(s passage) bool { return len(s.phrases) == 0 })
		if len(p.clips) > 0 {
			people = append(people, p)
		}
	}
	if len(people) == 0 {
		return nil, nil
	}
	var samples []int16
	var turns []Turn
	silence := func() {
		samples = append(samples, make([]int16, int(between(shortSilence, longSilence)*float64(c.Rate)))...)
	}
	last := -1
	for float64(len(samples)) < c.Seconds*float64(c.Rate) {
		silence()
		next := 0
		if others := len(people) - 1; last < 0 {
			next = draw.IntN(len(people))
		} else if others > 0 {
			next = (last + 1 + draw.IntN(others)) % len(people)
		}
		last = next
		sound, spoken := people[next].speak(between(shortTurn, longTurn), c.Rate)
		for _, s := range spoken {
			at := float64(len(samples)) / float64(c.Rate)
			turns = append(turns, Turn{Speaker: people[next].name, Start: at + s.Start, End: at + s.End})
		}
		samples = append(samples, sound...)
	}
	silence()
	for i, s := range samples {
		samples[i] = clip16(float64(s)/math.MaxInt16 + hum*(2*draw.Float64()-1))
	}
	return samples, turns
}

// passage is a clip with what is known of it.
type passage struct {
	samples []int16
	phrases []Region // seconds; what is said between pauses
	gain    float64
}

// person is a voice and how far it has spoken.
type person struct {
	name         string
	clips        []passage
	clip, phrase int
}

// speak goes on where the person stopped, for the given seconds or to the end of the clip. It returns
// the sound, and where in it there is speech.
func (p *person) speak(length float64, rate int) ([]int16, []Region) {
	c := p.clips[p.clip]
	start := c.phrases[p.phrase].Start
	var spoken []Region
	end := start
	for p.phrase < len(c.phrases) && (end == start || c.phrases[p.phrase].End-start <= length) {
		s := c.phrases[p.phrase]
		spoken = append(spoken, Region{s.Start - start, s.End - start})
		end = s.End
		p.phrase++
	}
	if p.phrase == len(c.phrases) {
		p.phrase, p.clip = 0, (p.clip+1)%len(p.clips)
	}
	from, to := int(start*float64(rate)), min(int(end*float64(rate)), len(c.samples))
	sound := make([]int16, to-from)
	for i, s := range c.samples[from:to] {
		sound[i] = clip16(float64(s) / math.MaxInt16 * c.gain)
	}
	return sound, spoken
}

func clip16(v float64) int16 { return int16(math.Round(max(-1, min(1, v)) * math.MaxInt16)) }

// frames is the loudness (root mean square, full scale 1) of each whole frame.
func frames(samples []int16, rate int) []float64 {
	size := int(frame * float64(rate))
	levels := make([]float64, 0, len(samples)/size)
	for block := range slices.Chunk(samples, size) {
		if len(block) < size {
			break
		}
		sum := 0.0
		for _, s := range block {
			v := float64(s) / math.MaxInt16
			sum += v * v
		}
		levels = append(levels, math.Sqrt(sum/float64(size)))
	}
	return levels
}

// loudness is that of a clip's quiet frames, and of its loud ones: the 5th and the 95th percentile. Neither
// is zero.
func loudness(samples []int16, rate int) (low, high float64) {
	levels := slices.SortedFunc(slices.Values(frames(samples, rate)), cmp.Compare[float64])
	if len(levels) == 0 {
		return 1, 1
	}
	return max(quantile(levels, 0.05), 1e-6), max(quantile(levels, 0.95), 1e-6)
}

// times is a ratio of loudness given in decibels.
func times(decibels float64) float64 { return math.Pow(10, decibels/20) }

// phrases is where somebody speaks in a clip, in seconds: what lies between pauses.
func phrases(samples []int16, rate int) (spoken []Region) {
	low, high := loudness(samples, rate)
	floor := max(high*times(-quiet), min(low*times(room), high*times(-nearest)))
	for i, level := range frames(samples, rate) {
		if level < floor {
			continue
		}
		start := float64(i) * frame
		if last := len(spoken) - 1; last >= 0 && start-spoken[last].End < pause-1e-9 {
			spoken[last].End = start + frame
			continue
		}
		spoken = append(spoken, Region{start, start + frame})
	}
	return slices.DeleteFunc(spoken, func(r Region) bool { return r.Len() < click })
}
