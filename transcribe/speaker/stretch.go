package speaker

import (
	"cmp"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/referent/referent"
)

// hearing is all that was heard of the voices, on frames counted from the recording's start.
type hearing struct {
	perStretch int // frames in a stretch of referent.VoiceSeconds
	frames     int // in the recording
	stretches  []stretch
	prints     []print // in order of their place
}

// stretch is one VoiceWindow.
type stretch struct {
	start  int     // frame
	active []uint8 // for each frame, the set of local voices that are active, as bits
}

// alone says that the local voice, and no other, is active in the stretch's frame i.
func (s *stretch) alone(local, i int) bool { return s.active[i] == 1<<local }

func (s *stretch) speaks(local, i int) bool { return s.active[i]&(1<<local) != 0 }

// read checks windows and brings them in order. The same stretch is taken once.
func read(windows []referent.VoiceWindow, samples int64) (*hearing, error) {
	windows = slices.SortedStableFunc(slices.Values(windows), func(a, b referent.VoiceWindow) int { return cmp.Compare(a.Start, b.Start) })
	windows = slices.CompactFunc(windows, func(a, b referent.VoiceWindow) bool { return a.Start == b.Start })
	h := &hearing{}
	size := 0
	for _, w := range windows {
		n := len(w.Activity) / referent.LocalVoices
		if h.perStretch == 0 {
			h.perStretch = n
			h.frames = h.frame(samples)
		}
		if n == 0 || n != h.perStretch || len(w.Activity)%referent.LocalVoices != 0 {
			return nil, fault(fmt.Errorf("a stretch of %d bytes of activity", len(w.Activity)))
		}
		if w.Start < 0 || w.Start >= samples {
			return nil, fault(errors.New("a stretch outside the recording"))
		}
		s := stretch{start: h.frame(w.Start)}
		s.active = make([]uint8, min(n, h.frames-s.start)) // what follows is the silence put behind the end
		for i := range s.active {
			for local := range referent.LocalVoices {
				if w.Activity[i*referent.LocalVoices+local] >= 128 {
					s.active[i] |= 1 << local
				}
			}
		}
		for _, p := range w.Prints {
			if p.Local < 0 || p.Local >= referent.LocalVoices || p.From < 0 || p.To > n || p.From >= p.To || !(p.Seconds > 0) {
				return nil, fault(errors.New("a voiceprint from nowhere"))
			}
			v, err := vector(p.Vector)
			if err != nil {
				return nil, fault(err)
			}
			if size == 0 {
				size = len(v)
			}
			if len(v) != size {
				return nil, fault(errors.New("voiceprints of several sizes"))
			}
			h.prints = append(h.prints, print{
				stretch: len(h.stretches), local: p.Local, from: s.start + p.From, to: min(s.start+p.To, h.frames),
				mixed: p.Mixed, seconds: min(p.Seconds, referent.VoiceSeconds), vector: v,
			})
		}
		h.stretches = append(h.stretches, s)
	}
	slices.SortStableFunc(h.prints, func(a, b print) int {
		return cmp.Or(cmp.Compare(a.stretch, b.stretch), cmp.Compare(a.from, b.from), cmp.Compare(a.local, b.local))
	})
	return h, nil
}

// frame is the frame nearest to a sample.
func (h *hearing) frame(sample int64) int {
	const n = referent.VoiceSeconds * referent.SampleRate
	return int((sample*int64(h.perStretch) + n/2) / n)
}

// at is where a frame begins, in seconds.
func (h *hearing) at(frame int) float64 {
	return float64(frame) * referent.VoiceSeconds / float64(h.perStretch)
}

// inFrames is how many frames so many seconds are.
func (h *hearing) inFrames(seconds float64) int {
	return int(seconds * float64(h.perStretch) / referent.VoiceSeconds)
}

// count is how many local voices are in a set.
func count(set uint8) int { return bits.OnesCount8(set) }
