package transcribe

import (
	"context"
	"errors"
	"io"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/decode"
	"github.com/referent/referent/transcribe/vad"
)

// hearing is which channels of a recording are heard.
type hearing struct {
	decoded int         // channels as they are decoded; 1: a mix of all
	keep    []int       // of those, the ones that are heard, counted from 0
	voice   [][]float32 // of each when there are several: probability of a voice, by frame
}

// mixed is how a recording is heard whose channels do not tell people apart.
var mixed = hearing{decoded: 1, keep: []int{0}}

// hear finds out how to hear a recording. One with several channels is listened to for that from its
// start, until it is clear that they are one room, which is soon, or to its end.
func (p *Preparer) hear(ctx context.Context, src io.ReaderAt, size int64, task referent.Preparation, progress func(float64)) (hearing, error) {
	opt := decode.Options{FFmpeg: p.cfg.FFmpeg, Confine: p.cfg.Confine, MaxDuration: task.MaxDuration, Progress: progress}
	channels, err := decode.Channels(ctx, src, size, opt)
	if err != nil || channels < 2 || channels > decode.MaxChannels {
		return mixed, err
	}
	s := &survey{next: firstLook}
	defer s.close()
	for range channels {
		d, _, err := p.detector()
		if err != nil {
			return mixed, err
		}
		s.ears = append(s.ears, &channelEar{detector: d})
	}
	opt.Channels = channels
	if _, err := decode.Decode(ctx, src, size, opt, s.write); errors.Is(err, errOneRoom) {
		return mixed, nil
	} else if err != nil {
		return mixed, err
	}
	t, err := s.finish()
	if err != nil || len(t.keep) == 0 {
		return mixed, err
	}
	return hearing{decoded: channels, keep: t.keep, voice: t.voice}, nil
}

var errOneRoom = errors.New("the channels are one room")

// firstLook is after how many samples the channels are looked at first; then each time as many have come
// again.
const firstLook = 5 * 60 * referent.SampleRate

// survey listens to the channels of a recording while it is decoded.
type survey struct {
	ears []*channelEar
	at   int64 // samples so far
	next int64
}

func (s *survey) close() {
	for _, e := range s.ears {
		e.detector.Close()
	}
}

// write takes a block of interleaved samples. errOneRoom: no more are needed.
func (s *survey) write(block []int16) error {
	for i, e := range s.ears {
		if err := e.write(block, i, len(s.ears)); err != nil {
			return err
		}
	}
	if s.at += int64(len(block) / len(s.ears)); s.at < s.next {
		return nil
	}
	s.next *= 2
	tracks := s.tracks()
	enough := spokenFrames(tracks) > len(tracks[0].voice)/4
	if t := tell(tracks); enough && len(t.keep) == 0 && t.alone < roomShare {
		return errOneRoom
	}
	return nil
}

func (s *survey) tracks() []track {
	tracks := make([]track, len(s.ears))
	for i, e := range s.ears {
		e.voice = append(e.voice, e.detector.Take()...)
		tracks[i] = track{e.voice, e.power}
	}
	return tracks
}

func (s *survey) finish() (told, error) {
	for _, e := range s.ears {
		e.endFrame()
		rest, err := e.detector.Finish()
		if err != nil {
			return told{}, err
		}
		e.voice = append(e.voice, rest...)
	}
	return tell(s.tracks()), nil
}

// channelEar listens to one channel.
type channelEar struct {
	detector *vad.Detector
	samples  []float32 // of the block that is being heard
	voice    []float32
	power    []float32
	sum      float64 // of the frame that is not whole yet
	n        int
	before   float32 // the last sample
}

// emphasis is how much of a sample is taken from the next, so that what is loud is speech and not hum.
const emphasis = 0.97

// write takes one of so many channels from a block of interleaved samples.
func (e *channelEar) write(block []int16, channel, channels int) error {
	e.samples = e.samples[:0]
	for i := channel; i < len(block); i += channels {
		x := float32(block[i]) / (1 << 15)
		e.samples = append(e.samples, x)
		d := float64(x - emphasis*e.before)
		e.before = x
		e.sum += d * d
		if e.n++; e.n == vad.FrameSamples {
			e.endFrame()
		}
	}
	return e.detector.Write(e.samples)
}

// endFrame ends the frame, whole or not.
func (e *channelEar) endFrame() {
	if e.n > 0 {
		e.power = append(e.power, float32(e.sum/float64(e.n)))
		e.sum, e.n = 0, 0
	}
}
