// Package window decides what the recogniser hears: from the probability of a voice in each frame to
// stretches of speech, from those to windows of at most 30 s, and from those to chunks that are jobs.
// It also leads a time inside a window back to the recording.
//
// Everything here is a pure function of the audio's voice probabilities, never of who works or how many:
// that is what makes a transcript the same for one worker or twenty. What is not here: the
// probabilities (package vad) and the samples.
package window

import "github.com/referent/referent"

const (
	frame  = 512 // samples for one probability, as in package vad
	second = referent.SampleRate
	// MaxSamples is the most one window holds: a second under Whisper's 30, so that the last word ends
	// inside what the recogniser hears.
	MaxSamples = 29 * second
)

// Options are the thresholds. All lengths are in samples.
type Options struct {
	Threshold  float32 // a voice begins at this probability
	Low        float32 // and goes on until it falls below this one
	MinSpeech  int64   // shorter speech is a cough
	MinSilence int64   // shorter silence is a pause within speech
	Pad        int64   // kept on both sides of speech
	PerChunk   int     // most windows in a chunk
}

// Default is Silero's own thresholds with pauses that suit meetings.
var Default = Options{
	Threshold: 0.5, Low: 0.35,
	MinSpeech: second / 4, MinSilence: second * 3 / 10, Pad: second / 5,
	PerChunk: 4,
}
