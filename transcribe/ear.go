package transcribe

import (
	"io"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/window"
)

// ear cuts a stream of sound into windows while it arrives, where the speech pauses. It holds what is not
// settled yet, and no more than that. All positions are samples of the recording.
type ear struct {
	start int64     // of what is held; probabilities count from it
	pcm   []int16   // what is held
	voice []float32 // probability of a voice in each of its frames
}

const (
	earFrame = 512 // samples for one probability
	// A pause this long settles speech that has gone on for so long: after a word or two a person may be
	// looking for the next, and a window that is nearly full is better cut at a breath than by force.
	pauseShort, speechShort = referent.SampleRate, 3 * referent.SampleRate
	pauseUsual, speechUsual = referent.SampleRate * 7 / 10, 10 * referent.SampleRate
	pauseLong, speechLong   = referent.SampleRate * 45 / 100, 20 * referent.SampleRate
	pauseLast               = referent.SampleRate * 3 / 10
	// keepSilence is how much is held of sound without speech: a voice may just be beginning in it.
	keepSilence = referent.SampleRate
)

func pauseAfter(speech int64) int64 {
	switch {
	case speech < speechShort:
		return pauseShort
	case speech < speechUsual:
		return pauseUsual
	case speech < speechLong:
		return pauseLong
	}
	return pauseLast
}

// end is where what is held ends.
func (e *ear) end() int64 { return e.start + int64(len(e.pcm)) }

// hear adds sound, and the probabilities that belong to frames that are whole now.
func (e *ear) hear(pcm []int16, voice []float32) {
	e.pcm = append(e.pcm, pcm...)
	e.voice = append(e.voice, voice...)
}

// settled takes the next window out whose speech has paused, or all that there is when the sound has
// ended. ok is false when there is none yet.
func (e *ear) settled(ended bool) (w referent.Window, ok bool) {
	windows, speech := e.windows()
	if len(windows) == 0 {
		if quiet := e.end() - keepSilence; !ended {
			e.forget(quiet)
		}
		return referent.Window{}, false
	}
	if len(windows) == 1 && !ended && e.quiet() < pauseAfter(speech) {
		return referent.Window{}, false
	}
	return windows[0], true
}

// open is the speech that is not settled, in one window, and whether there is any.
func (e *ear) open() (w referent.Window, ok bool) {
	windows, _ := e.windows()
	if len(windows) == 0 {
		return referent.Window{}, false
	}
	return windows[0], true
}

// windows packs the speech in what is held, and says how long it lasts.
func (e *ear) windows() (windows []referent.Window, speech int64) {
	known := min(int64(len(e.pcm)), int64(len(e.voice))*earFrame)
	spans := window.Speech(e.voice, known, window.Default)
	windows = window.Pack(spans, e.voice)
	for i := range windows {
		for j := range windows[i].Spans {
			s := &windows[i].Spans[j]
			s.Start, s.End = s.Start+e.start, s.End+e.start
		}
	}
	for _, s := range spans {
		speech += s.Len()
	}
	return windows, speech
}

// quiet is for how long nobody has spoken.
func (e *ear) quiet() (n int64) {
	for i := len(e.voice) - 1; i >= 0 && e.voice[i] < window.Default.Low; i-- {
		n += earFrame
	}
	return n
}

// forget lets go of what comes before a position, to a whole frame.
func (e *ear) forget(before int64) {
	frames := min((before-e.start)/earFrame, int64(len(e.voice)))
	if frames <= 0 {
		return
	}
	e.pcm = e.pcm[:copy(e.pcm, e.pcm[frames*earFrame:])]
	e.voice = e.voice[:copy(e.voice, e.voice[frames:])]
	e.start += frames * earFrame
}

// ReadAt gives what is held as 16-bit little-endian PCM by its position in the recording.
func (e *ear) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for ; n < len(p); n++ {
		at := off + int64(n)
		i := at/2 - e.start
		if i < 0 || i >= int64(len(e.pcm)) {
			return n, io.EOF
		}
		p[n] = byte(uint16(e.pcm[i]) >> (8 * (at % 2)))
	}
	return n, nil
}
